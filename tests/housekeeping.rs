//! `rm`, `gc --unplanned`, `note`, `tag`: runs that go, and what a person says of those that stay.

use serde_json::{Value, json};
use std::fs;
use tests::Lab;

#[test]
fn runs_are_annotated_and_deleted() {
    let lab = Lab::new();
    lab.tiny("one", "sweep: { seeds: 3 }");
    lab.run("sweep one.yaml").exits(0);
    let sweep = lab.sweep("one");
    let ids = sweep.ids();

    // A note with two words does not pass through a line of words.
    let mut note = lab.command("note mlp-s0");
    assert!(note.arg("sharp digits").status().unwrap().success());
    lab.run("tag mlp-s0 best paper").exits(0);
    assert!(lab.run("tag mlp-s0 paper --remove").exits(0).says(": best"));
    lab.run("tag mlp-s0 two,words").exits(2);
    lab.run("note mlp-s9 text").exits(2);
    assert!(lab.run("note mlp-s0").exits(0).says("sharp digits"));
    let status = sweep.status();
    assert_eq!((&status[0]["note"], &status[0]["tags"]), (&json!("sharp digits"), &json!(["best"])));
    assert_eq!(status[1].get("note"), None);
    assert!(lab.run("status results/one").says("sharp digits; #best"));
    let exported = lab.run("export results/one").exits(0).stdout;
    assert!(exported.contains(",note,tags,") && exported.contains("sharp digits,\"[\"\"best\"\"]\""), "{exported}");
    lab.run("sweep one.yaml").exits(0);
    let page = fs::read_to_string(sweep.path().join("report.html")).unwrap();
    assert!(page.contains("sharp digits") && page.contains("#best"), "the sweep renews a page without the note");

    for line in ["rm results/one", "rm results --status done", "rm results/one --status running", "rm mlp-s"] {
        lab.run(line).exits(2);
    }
    let dry = lab.run("rm mlp-s1 --dry-run --format json").exits(0).json();
    assert!(sweep.run(&ids[1]).exists(), "a dry run deletes nothing");
    let by_path = format!("rm results/one/runs/{} mlp-s1 --format json", ids[1]);
    let wet = lab.run(&by_path).exits(0).json();
    assert_eq!((&wet["freed_bytes"], wet["runs"].as_array().unwrap().len()), (&dry["freed_bytes"], 1));
    assert!(wet["freed_bytes"].as_u64().unwrap() > 1000);
    assert_eq!((&wet["runs"][0]["id"], &wet["runs"][0]["planned"]), (&json!(ids[1]), &json!(true)));
    assert_eq!(sweep.words()[&ids[1]], "queued");

    // The second seed is trained anew, the third is no longer planned.
    lab.run("sweep one.yaml --set sweep.seeds=2").exits(0);
    assert_eq!(sweep.words().into_values().collect::<Vec<_>>(), ["done", "done"]);
    lab.write("results/one/runs/mine/notes.txt", "mine");
    let gc = |flags: &str| lab.run(&format!("gc results/one {flags} --format json")).exits(0).json();
    let whole = |found: &Value| {
        let runs = found["runs"].as_array().unwrap().clone();
        runs.into_iter().filter(|run| run["deleted"] == json!([format!("runs/{}", ids[2])])).count()
    };
    assert_eq!((whole(&gc("")), whole(&gc("--unplanned --dry-run"))), (0, 1));
    assert!(sweep.run(&ids[2]).exists());
    assert_eq!((whole(&gc("--unplanned")), sweep.run(&ids[2]).exists()), (1, false));
    assert!(lab.path("results/one/runs/mine/notes.txt").exists(), "a folder that is no run's");

    assert!(lab.run("rm results/one --status failed,diverged").exits(0).says("no run is failed or diverged"));
    lab.run("rm results/one --status done").exits(0);
    assert!(ids.iter().all(|id| !sweep.run(id).exists()));
}
