//! A sweep trains what is planned, leaves what is promised, and run again does only what is new.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tests::{Lab, Snapshot, Sweep};

const GRID: &str = "sweep: { grid: { train.*.lr: [1.0e-4, 1.0e-3] }, seeds: 2 }";

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

fn assert_holds(folder: &Path, expected: &[&str]) {
    let found = names(folder);
    let missing: Vec<_> = expected.iter().filter(|name| !found.contains(**name)).collect();
    assert!(missing.is_empty(), "{} lacks {missing:?}, has {found:?}", folder.display());
}

#[test]
fn the_plan_keeps_the_order_of_the_file_and_seeds_vary_fastest() {
    let lab = Lab::new();
    lab.tiny("grid", "sweep: { grid: { train.*.lr: [1.0e-3, 1.0e-4], train.batch_size: [4, 2] }, seeds: [7, 3] }");
    let plan = lab.run("plan grid.yaml --format json").exits(0).json();
    let of = |run: &Value| json!([run["overrides"]["train.*.lr"], run["overrides"]["train.batch_size"], run["seed"]]);
    let found: Vec<Value> = plan["runs"].as_array().unwrap().iter().map(of).collect();
    let mut expected = Vec::new();
    for lr in [1e-3, 1e-4] {
        for batch_size in [4, 2] {
            expected.extend([7, 3].map(|seed| json!([lr, batch_size, seed])));
        }
    }
    assert_eq!(found, expected);
    assert!(!lab.path("results").exists(), "a plan starts nothing");
}

#[test]
fn a_sweep_leaves_plan_runs_tensorboard_and_page() {
    let lab = Lab::new();
    lab.tiny("grid", GRID);
    lab.run("sweep grid.yaml").exits(0);
    let sweep = lab.sweep("grid");
    assert_holds(&sweep.path(), &["plan.json", "runs", "tensorboard", "report.html"]);

    let ids = sweep.ids();
    let slugs: Vec<_> = ids.iter().map(|id| id.rsplit_once('-').unwrap()).collect();
    let expected = ["mlp-lr1e-4-s0", "mlp-lr1e-4-s1", "mlp-lr1e-3-s0", "mlp-lr1e-3-s1"];
    assert_eq!(slugs.iter().map(|(slug, _)| *slug).collect::<Vec<_>>(), expected);
    assert!(slugs.iter().all(|(_, hash)| hash.len() == 8 && hash.bytes().all(|b| b.is_ascii_hexdigit())), "{ids:?}");
    assert_eq!(names(&sweep.path().join("runs")), ids.iter().cloned().collect());

    let page = fs::read_to_string(sweep.path().join("report.html")).unwrap();
    for id in &ids {
        let run = sweep.run(id);
        assert_holds(&run, &["config.yaml", "provenance.json", "events.jsonl", "samples", "checkpoints"]);
        assert!(fs::read_to_string(run.join("config.yaml")).unwrap().contains("batch_size: 4"));
        let provenance: Value = serde_json::from_slice(&fs::read(run.join("provenance.json")).unwrap()).unwrap();
        for key in ["version", "os", "host", "device", "numeric_class", "data", "data_fingerprint"] {
            assert!(provenance[key].is_string(), "{key} in {provenance:#}");
        }
        let kinds: Vec<_> = sweep.events(id).iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect();
        assert_eq!(kinds[..2], ["format", "started"]);
        assert_eq!(kinds.last().unwrap(), "ended");
        let pictures = ["interpolation.png", "real.png", "step-000003.png", "step-000006.png"];
        assert_eq!(sweep.grids(id).into_keys().collect::<Vec<_>>(), pictures);
        assert_eq!(sweep.checkpoints(id), [3, 6]);
        assert!(page.contains(id.as_str()), "the page has {id}");
        let mut events = names(&sweep.path().join("tensorboard").join(id)).into_iter();
        assert!(events.any(|name| name.contains("tfevents")), "TensorBoard has events of {id}");
    }
    assert_eq!(sweep.digests().len(), 4);
}

#[test]
fn status_has_the_shape_that_scripts_rely_on() {
    let lab = Lab::new();
    lab.tiny("grid", GRID);
    lab.run("sweep grid.yaml").exits(0);
    let whole = lab.run("status results/grid --format json").exits(0).json();
    assert_eq!(whole["sweep"], "grid");
    let runs = whole["runs"].as_array().unwrap();
    let of = |key: &str| runs.iter().map(|run| run[key].clone()).collect::<Vec<_>>();
    assert_eq!(of("status"), [json!("done"), json!("done"), json!("done"), json!("done")]);
    assert_eq!(of("seed"), [json!(0), json!(1), json!(0), json!(1)]);
    let overrides = |lr: f64| json!({ "train.*.lr": lr });
    assert_eq!(of("overrides"), [overrides(1e-4), overrides(1e-4), overrides(1e-3), overrides(1e-3)]);
    for run in runs {
        assert_eq!((&run["step"], &run["steps"], &run["attempts"]), (&json!(6), &json!(6), &json!(1)), "{run:#}");
        assert!(run["device"].as_str().unwrap().starts_with("cpu:") || run["device"] == "cuda:0", "{run:#}");
        assert!(run["wall_secs"].as_f64().unwrap() > 0.0, "{run:#}");
        assert!(run["weights_digest"].as_str().unwrap().starts_with("blake3:"), "{run:#}");
        for name in ["loss/generator", "loss/discriminator"] {
            assert!(run["metrics"][name]["last"].is_f64(), "{name} in {run:#}");
        }
    }
    let table = lab.run("status results/grid").exits(0).stdout;
    assert!(runs.iter().all(|run| table.contains(run["id"].as_str().unwrap())), "{table}");
    let newest = lab.run("status --format json").exits(0).json();
    assert_eq!(newest, whole, "without a folder, that of the newest sweep");
}

#[test]
fn the_summary_goes_to_standard_output_and_progress_to_standard_error() {
    let lab = Lab::new();
    lab.tiny("grid", GRID);
    let text = lab.run("sweep grid.yaml").exits(0);
    for word in ["grid: 4 done", "results/grid/report.html", "tensorboard --logdir results/grid/tensorboard"] {
        assert!(text.stdout.contains(word), "{word}: {}", text.stdout);
    }
    let ids = lab.sweep("grid").ids();
    for id in &ids {
        assert!(text.stderr.contains(id.as_str()) && !text.stdout.contains(id.as_str()), "{text:#?}");
    }
    let json = lab.run("sweep grid.yaml --fresh --format json").exits(0);
    assert!(ids.iter().all(|id| json.stderr.contains(id.as_str())), "{}", json.stderr);
    assert_eq!(json.json()["runs"], json!({ "done": 4 }));
    let quiet = lab.run("sweep grid.yaml --fresh --quiet").exits(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}

fn summary(lab: &Lab, line: &str) -> (u64, u64) {
    let summary = lab.run(line).exits(0).json();
    (summary["kept"].as_u64().unwrap(), summary["runs"]["done"].as_u64().unwrap())
}

fn run_snapshots(sweep: &Sweep, ids: &[String]) -> Vec<Snapshot> {
    ids.iter().map(|id| Snapshot::of(&sweep.run(id))).collect()
}

fn assert_untouched(before: &[Snapshot], after: &[Snapshot]) {
    let changed: Vec<_> = before.iter().zip(after).flat_map(|(before, after)| before.changed(after)).collect();
    assert!(changed.is_empty() && before.len() == after.len(), "written again: {changed:?}");
}

#[test]
fn run_again_it_retrains_nothing_and_a_new_value_trains_only_its_runs() {
    let lab = Lab::new();
    lab.tiny("grid", GRID);
    assert_eq!(summary(&lab, "sweep grid.yaml --format json"), (0, 4));
    let sweep = lab.sweep("grid");
    let (old, digests) = (sweep.ids(), sweep.digests());
    let first = run_snapshots(&sweep, &old);

    assert_eq!(summary(&lab, "sweep grid.yaml --format json"), (4, 4));
    assert_untouched(&first, &run_snapshots(&sweep, &old));

    lab.tiny("grid", &GRID.replace("1.0e-4,", "1.0e-4, 5.0e-4,"));
    assert_eq!(summary(&lab, "sweep grid.yaml --format json"), (4, 6));
    assert_untouched(&first, &run_snapshots(&sweep, &old));
    let new = sweep.digests();
    assert_eq!(new.len(), 6);
    assert!(digests.iter().all(|(id, digest)| new[id] == *digest));
    assert!(sweep.ids()[2].starts_with("mlp-lr5e-4-s0-"), "the plan follows the file: {:?}", sweep.ids());
    let page = fs::read_to_string(sweep.path().join("report.html")).unwrap();
    assert!(new.keys().all(|id| page.contains(id.as_str())), "the page has the new runs");

    lab.tiny("grid", GRID);
    assert_eq!(summary(&lab, "sweep grid.yaml --format json"), (4, 4));
    assert!(new.keys().all(|id| sweep.run(id).is_dir()), "what is no longer planned is kept");
}

#[test]
fn sixty_runs_share_two_workers() {
    let lab = Lab::new();
    lab.tiny("many", "sweep: { seeds: 60 }");
    let mut running = lab.start("sweep many.yaml --jobs 2 --set train.steps=1");
    let (mut workers, mut most) = (BTreeSet::new(), 0);
    while running.is_running() {
        let now = running.workers();
        most = most.max(now.len());
        workers.extend(now);
    }
    running.wait().exits(0);
    assert_eq!((most, workers.len()), (2, 2), "workers at once, workers in all");
    let sweep = lab.sweep("many");
    let ids: BTreeSet<_> = sweep.ids().into_iter().collect();
    assert_eq!((ids.len(), sweep.digests().len()), (60, 60));
}
