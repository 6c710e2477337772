//! A folder that a program of record format 1 left (`fixtures/format-1`, made at version 0.1.0): two finished runs on points, one on
//! digits whose checkpoints are gone, and one on digits that was killed after step 15, with its checkpoint of step 10.

use std::fs;
use std::path::Path;
use tests::Lab;

const KILLED: &str = "mlp-mnist-10k-tanh-s1-6dfcf958";
const DONE: [&str; 3] =
    ["mlp-ring-8-linear-s0-2ea95c8d", "mlp-ring-8-linear-s1-eb40307a", "mlp-mnist-10k-tanh-s0-88e77649"];
/// Where the fixture was made, and what the killed run's weights became there without the kill.
const CLASS: &str = "flex-x86_64-amx-linux-libm.f52e13bd";
const DIGEST: &str = "blake3:9d0ee463b12d101373e44fb917c5db95ce0b4faa05014cb9f6425d823bd4244c";

fn old() -> Lab {
    let lab = Lab::new();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/format-1");
    tests::copy_folder(&fixture, &lab.path("results/format-1"));
    fs::rename(lab.path("results/format-1/format-1.yaml"), lab.path("format-1.yaml")).unwrap();
    lab
}

#[test]
fn it_is_read_by_every_command_that_looks() {
    let lab = old();
    let sweep = lab.sweep("format-1");
    let words = sweep.words();
    assert!(DONE.iter().all(|id| words[*id] == "done"), "{words:?}");
    assert_eq!(words[KILLED], "interrupted");

    let rows = lab.run("export results/format-1 --format json").exits(0).json();
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().any(|row| row["weights_digest"].as_str().is_some_and(|digest| digest.starts_with("blake3:"))));
    let why = lab.run(&format!("why {KILLED}")).exits(0);
    assert!(why.stdout.contains("step 15"), "{}", why.stdout);

    lab.run("report results/format-1").exits(0);
    let page = fs::read_to_string(sweep.path().join("report.html")).unwrap();
    let count = |text: &str| page.matches(text).count();
    assert_eq!(count("alt=\"Samples of "), 4, "each run's last samples");
    assert_eq!(count("<figcaption>Real samples of "), 2, "of digits and of points");
    for role in ["interpolation", "neighbours"] {
        assert_eq!(count(&format!("<option value=\"{role}\">")), 1);
    }
    assert_eq!(count("class=\"warnings\""), 0);
}

#[test]
fn its_killed_run_is_continued_to_the_same_weights() {
    let lab = old();
    let sweep = lab.sweep("format-1");
    let plan = lab.run("plan format-1.yaml").exits(0);
    assert!(DONE.iter().chain([&KILLED]).all(|id| plan.stdout.contains(id)), "ids are those of then: {}", plan.stdout);
    let ended = lab.run("sweep format-1.yaml --devices cpu --jobs 1 --threads 1 --mix").exits(0);
    assert!(ended.stderr.contains("3 finished before, 1 to train"), "{}", ended.stderr);
    let events = sweep.events(KILLED);
    let formats: Vec<_> =
        events.iter().filter(|event| event["event"] == "format").map(|event| &event["version"]).collect();
    assert_eq!(formats, [1, 2]);
    assert_eq!(sweep.events_of(KILLED, "started")[1]["step"], 10);
    assert!(sweep.events_of(KILLED, "warning").is_empty());
    let run = sweep.status().into_iter().find(|run| run["id"] == KILLED).unwrap();
    assert_eq!((&run["status"], &run["attempts"], &run["step"]), (&"done".into(), &2.into(), &20.into()));
    let class = fs::read_to_string(sweep.run(KILLED).join("provenance.json")).unwrap();
    if class.contains(CLASS) {
        assert_eq!(run["weights_digest"], DIGEST);
    }
    // All its samples are there: those of before the kill and those of after it.
    let page = fs::read_to_string(sweep.path().join("report.html")).unwrap();
    assert!(page.contains(&format!("alt=\"Samples of {KILLED} at step 20\"")));
    // Version 0.1.0 had numerics 1; that it was continued by a later arithmetic is all there is to warn of.
    let (_, warnings) = page.split_once("class=\"warnings\"").unwrap();
    let (warnings, _) = warnings.split_once("</ul>").unwrap();
    assert!(warnings.contains("with numerics 1, then ") && warnings.matches("<li>").count() == 1, "{warnings}");
}

#[test]
fn a_newer_format_is_refused_with_the_version_that_is_needed() {
    let lab = old();
    let run = lab.sweep("format-1").run(KILLED);
    let log = fs::read_to_string(run.join("events.jsonl")).unwrap();
    fs::write(run.join("events.jsonl"), log.replacen("\"version\":1", "\"version\":3", 1)).unwrap();
    let provenance = fs::read_to_string(run.join("provenance.json")).unwrap();
    fs::write(run.join("provenance.json"), provenance.replacen("0.1.0", "0.9.0", 1)).unwrap();
    let needed = "has record format 3, and this version reads 1 to 2: use version \"0.9.0\" or a later one";
    let status = lab.run("status results/format-1 --format json").exits(0).json();
    let row = status["runs"].as_array().unwrap().iter().find(|row| row["id"] == KILLED).unwrap().clone();
    assert!(row["reason"].as_str().unwrap().contains(needed), "{row}");
    let ended = lab.run("sweep format-1.yaml --devices cpu --jobs 1 --threads 1 --mix");
    assert_ne!(ended.code, Some(0));
    assert!(ended.stderr.contains(needed) || ended.stdout.contains(needed), "{ended:#?}");
    assert!(!run.join("events.2.jsonl").exists(), "nothing was begun");
}
