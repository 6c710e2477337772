//! `export` and `compare`: what a notebook or a spreadsheet gets.

use serde_json::{Value, json};
use std::fs;
use tests::Lab;

fn trained() -> Lab {
    let lab = Lab::new();
    // The second learning rate is one that no network survives.
    lab.tiny("lr", "sweep: { grid: { train.*.lr: [1.0e-4, 1.0e+30] } }");
    lab.run("sweep lr.yaml").exits(0);
    lab
}

#[test]
fn json_rows_hold_outcome_settings_and_metrics() {
    let lab = trained();
    let rows = lab.run("export results/lr --format json").exits(0).json();
    let (ids, status) = (lab.sweep("lr").ids(), lab.sweep("lr").status());
    assert_eq!(rows.as_array().unwrap().len(), 2);
    for (number, lr) in [1e-4, 1e30].into_iter().enumerate() {
        let (row, status) = (&rows[number], &status[number]);
        assert_eq!((&row["id"], &row["sweep"], &row["seed"]), (&json!(ids[number]), &json!("lr"), &json!(0)));
        for key in ["status", "step", "steps", "attempts", "device", "wall_secs", "weights_digest"] {
            assert_eq!(row[key], status[key], "{key}");
        }
        assert_eq!((&row["train.generator.lr"], &row["train.batch_size"]), (&json!(lr), &json!(4)));
        assert_eq!(row["model.generator.hidden"], json!([8]));
    }
    assert_eq!(rows[1]["status"], "diverged");
    assert!(rows[1]["reason"].is_string() && rows[0]["reason"].is_null());
    let loss = |row: &Value| row["metrics.loss/generator"].clone();
    assert_eq!(loss(&rows[0]), status[0]["metrics"]["loss/generator"]["last"]);
    let last = loss(&rows[1]);
    assert!(last.is_f64() || ["NaN", "inf", "-inf"].contains(&last.as_str().unwrap_or_default()), "{last}");
}

/// A reader of RFC 4180, for what it is worth without a crate of the program's.
fn parse(csv: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = csv.chars().peekable();
    while let Some(char) = chars.next() {
        match (char, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => cell.push(chars.next().unwrap()),
            ('"', _) => quoted = !quoted,
            (',', false) => row.push(std::mem::take(&mut cell)),
            ('\n', false) => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ => cell.push(char),
        }
    }
    rows
}

#[test]
fn csv_has_the_columns_of_json_in_one_order() {
    let lab = trained();
    let rows = lab.run("export results/lr --format json").exits(0).json();
    let csv = lab.run("export results/lr").exits(0).stdout;
    let lines = parse(&csv);
    let columns: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    assert_eq!(lines[0].iter().collect::<Vec<_>>(), columns);
    assert_eq!(columns[..4], ["id", "sweep", "seed", "status"]);
    assert_eq!(lines.len(), 3);
    for (line, row) in lines[1..].iter().zip(rows.as_array().unwrap()) {
        for (cell, column) in line.iter().zip(&columns) {
            let expected = match &row[column.as_str()] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                value => value.to_string(),
            };
            assert_eq!(*cell, expected, "{column}");
        }
    }
    let stdout = lab.run("export results/lr --out table.csv").exits(0).stdout;
    assert_eq!((stdout.as_str(), fs::read_to_string(lab.path("table.csv")).unwrap()), ("table.csv: 2 runs\n", csv));

    lab.run("export results/lr --out table.json").exits(0);
    let json: Value = serde_json::from_slice(&fs::read(lab.path("table.json")).unwrap()).unwrap();
    assert_eq!(json, lab.run("export results/lr --format json").exits(0).json());
    lab.run("export results/lr --out table.json --format csv").exits(2);
    lab.run("export results/lr --out table.xlsx").exits(2);
    lab.run("export results/lr --out table.parquet").exits(0);
    lab.run("export results/lr --curves --out curves.parquet").exits(0);
    for file in ["table.parquet", "curves.parquet"] {
        let bytes = fs::read(lab.path(file)).unwrap();
        assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"), "{file}");
    }
    lab.run("export results/lr --out table.txt --format csv").exits(0);
}

#[test]
fn several_sweeps_are_one_table_and_their_curves_another() {
    let lab = trained();
    lab.tiny("one", "");
    lab.run("sweep one.yaml --set model.loss=hinge").exits(0);
    let rows = lab.run("export results/lr results/one --format json").exits(0).json();
    let rows = rows.as_array().unwrap();
    let sweeps: Vec<_> = rows.iter().map(|row| row["sweep"].as_str().unwrap()).collect();
    assert_eq!(sweeps, ["lr", "lr", "one"]);

    let curves = lab.run("export results/lr results/one --curves --format json").exits(0).json();
    for row in rows {
        let of_run = curves.as_array().unwrap().iter().filter(|value| value["run"] == row["id"]);
        let losses: Vec<_> = of_run.filter(|value| value["name"] == "loss/generator").collect();
        let last = losses.last().unwrap();
        assert_eq!((&last["value"], losses.len() > 1), (&row["metrics.loss/generator"], row["status"] == "done"));
    }
    lab.run("export results/lr results/one --curves --out curves.csv").exits(0);
    let lines = parse(&fs::read_to_string(lab.path("curves.csv")).unwrap());
    assert_eq!(
        (lines[0].join(","), lines.len()),
        ("run,step,name,value".to_owned(), curves.as_array().unwrap().len() + 1)
    );
    lab.run("export results/lr results/one --python out").exits(2);
    assert!(lab.run("export results/lr results/one/../lr").exits(2).says("named twice"));
    lab.run("export results/lr --curves --python out").exits(2);
    lab.run("export").exits(2);
}

#[test]
fn runs_that_never_started_have_rows() {
    let lab = trained();
    let sweep = lab.sweep("lr");
    fs::remove_dir_all(sweep.run(&sweep.ids()[0])).unwrap();
    let rows = lab.run("export results/lr --format json").exits(0).json();
    assert_eq!((&rows[0]["status"], &rows[0]["metrics.loss/generator"]), (&json!("queued"), &Value::Null));
    assert_eq!(rows[0]["train.generator.lr"], 1e-4);
    for dir in ["results", "nowhere", "lr.yaml"] {
        lab.run(&format!("export {dir}")).exits(2);
    }
}

#[test]
fn compare_puts_settings_outcome_and_metrics_side_by_side() {
    let lab = trained();
    let ids = lab.sweep("lr").ids();
    let line = format!("compare {} {}", ids[0], ids[1]);
    let json = lab.run(&format!("{line} --format json")).exits(0).json();
    assert_eq!(json["settings"], json!({ "train.generator.lr": [1e-4, 1e30], "train.discriminator.lr": [1e-4, 1e30] }));
    let status = lab.sweep("lr").status();
    for (run, status) in json["runs"].as_array().unwrap().iter().zip(&status) {
        for (key, value) in status.as_object().unwrap() {
            assert_eq!(&run[key], value, "{key}");
        }
        assert_eq!((&run["sweep"], &run["planned"]), (&json!("lr"), &json!(true)));
    }
    let text = lab.run(&line).exits(0).stdout;
    for words in ["train.*.lr", "1e+30", "diverged", "loss/generator", &ids[0], &ids[1]] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("batch_size"), "what is the same is left out: {text}");
    lab.run(&format!("compare {}", ids[0])).exits(2);
    lab.run(&format!("compare {} mlp-nothing", ids[0])).exits(2);
}

#[test]
fn compare_takes_runs_that_are_no_longer_planned_or_of_another_sweep() {
    let lab = trained();
    let old = lab.sweep("lr").ids();
    lab.tiny("lr", "sweep: { grid: { train.*.lr: [1.0e-4] } }");
    lab.run("sweep lr.yaml").exits(0);
    lab.tiny("other", "");
    lab.run("sweep other.yaml --set train.batch_size=2").exits(0);
    let line = format!("compare {} {} {} --format json", old[0], old[1], lab.sweep("other").ids()[0]);
    let json = lab.run(&line).exits(0).json();
    let planned: Vec<_> = json["runs"].as_array().unwrap().iter().map(|run| &run["planned"]).collect();
    assert_eq!(planned, [true, false, true]);
    assert_eq!(json["settings"]["train.batch_size"], json!([4, 4, 2]));
}
