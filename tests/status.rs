//! `status`, also while the sweep runs.

use serde_json::Value;
use tests::{Lab, until};

/// Little that waits for the disk.
const SPARSE: &str = "--set checkpoint.every=500 --set sample.every=2000";

/// Long enough to be watched.
const LONG: &str = "sweep: { seeds: 2 }\nexecution: { jobs: 1, threads: 1 }";

#[test]
fn a_table_ends_with_totals() {
    let lab = Lab::new();
    lab.tiny("lr", "sweep: { grid: { train.*.lr: [1.0e-4, 1.0e+30] } }");
    lab.run("sweep lr.yaml").exits(0);
    let table = lab.run("status results/lr").exits(0).stdout;
    assert_eq!(table.lines().last().unwrap(), "lr, 2 runs: 1 done, 1 diverged");
    let sweep = lab.sweep("lr");
    std::fs::remove_dir_all(sweep.run(&sweep.ids()[0])).unwrap();
    assert!(lab.run("status").exits(0).says("2 runs: 1 diverged, 1 queued"));
    lab.run("status --interval 2s").exits(2);
}

#[test]
fn a_watch_tells_each_change_and_ends_with_the_sweep() {
    let lab = Lab::new();
    lab.tiny("two", LONG);
    let sweep = lab.sweep("two");
    let running = lab.start(&format!("sweep two.yaml --set train.steps=4000 --set log.every=100 {SPARSE}"));
    until("a sweep that runs", || sweep.newest_checkpoint());
    let (text, json) = (lab.start("status results/two --watch"), lab.start("status --watch --format json"));
    running.wait().exits(0);

    let json = json.wait().exits(0).stdout;
    let lines: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let statuses = |line: &Value| -> Vec<String> {
        line["runs"].as_array().unwrap().iter().map(|run| run["status"].as_str().unwrap().to_owned()).collect()
    };
    assert!(lines.len() >= 2 && lines.windows(2).all(|pair| pair[0] != pair[1]), "{json}");
    assert_eq!(statuses(&lines[0]), ["running", "queued"]);
    assert_eq!(statuses(lines.last().unwrap()), ["done", "done"]);

    let text = text.wait().exits(0).stdout;
    let tables: Vec<&str> = text.split("\n\n").collect();
    assert!(tables.len() >= 2 && tables[0].ends_with("2 runs: 1 running, 1 queued"), "{text}");
    assert_eq!(tables.last().unwrap().trim_end(), lab.run("status").exits(0).stdout.trim_end());
    assert!(!text.contains('\x1b'), "no drawing outside a terminal");
}

#[test]
fn without_a_sweep_at_work_a_watch_ends_at_once() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    assert_eq!(lab.run("status --watch").exits(0).stdout, lab.run("status").exits(0).stdout);
    lab.run("status nowhere --watch").exits(2);
}

#[test]
fn a_signal_ends_a_watch_and_not_the_sweep() {
    let lab = Lab::new();
    lab.tiny("two", LONG);
    let mut sweep = lab.start(&format!("sweep two.yaml --set train.steps=100000 {SPARSE}"));
    until("a sweep that runs", || lab.sweep("two").newest_checkpoint());
    for signal in ["INT", "TERM"] {
        let watch = lab.start("status results/two --watch --interval 1h");
        until("the first table", || (!watch.stdout().is_empty()).then_some(()));
        watch.signal(signal);
        watch.wait().exits(130);
    }
    assert!(sweep.is_running());
}
