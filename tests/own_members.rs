//! A program with a data set, a generator and a metric from its own crate, as `docs/own-members.md` shows them: they are in its
//! lists, its schema, its messages, its records and its reports.

use crate::metrics::npy;
use std::fs;
use std::path::{Path, PathBuf};
use tests::Lab;

const FILES: [&str; 5] =
    ["src/main.rs", "src/ellipse.rs", "src/residual_mlp.rs", "src/energy_distance.rs", "ellipse.yaml"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn example(name: &str) -> String {
    fs::read_to_string(root().join("examples/own-members").join(name)).unwrap()
}

/// The example in an empty folder, with its experiment.
fn lab() -> Lab {
    let lab = Lab::of("own-members");
    lab.write("ellipse.yaml", example("ellipse.yaml"));
    lab
}

#[test]
fn its_members_are_trained_measured_and_reported() {
    let lab = lab();
    let few = "--set train.steps=20 --set evaluate.every=10 --set sample.every=0 --set evaluate.count=20";
    lab.run(&format!("sweep ellipse.yaml {few}")).exits(0);
    let sweep = lab.sweep("ellipse");
    assert_eq!(sweep.ids().len(), 2);
    for id in sweep.ids() {
        for evaluation in sweep.events_of(&id, "evaluation") {
            let found = &evaluation["values"]["energy_distance"];
            assert!(found["value"].as_f64().unwrap() > 0.0, "{evaluation}");
            assert_eq!(found["direction"], "lower");
            assert!(evaluation["floors"]["energy_distance"].is_number(), "{evaluation}");
        }
    }
    assert!(sweep.status()[0]["metrics"]["energy_distance"]["floor"].is_number());
    assert!(lab.run("status results/ellipse").exits(0).says("energy_distance"));
    let page = fs::read_to_string(sweep.path().join("report.html")).unwrap();
    for words in ["energy distance ↓", "test/energy_distance"] {
        assert!(page.contains(words), "{words}");
    }
    let holds = |folder: &str, words: &str| {
        let files = fs::read_dir(sweep.path().join("tensorboard").join(folder)).unwrap();
        let files = files.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
        let holds = |bytes: Vec<u8>| bytes.windows(words.len()).any(|window| window == words.as_bytes());
        files.map(|path| fs::read(path).unwrap()).any(holds)
    };
    assert!(holds(&sweep.ids()[0], "test/energy_distance"), "its curve");
    assert!(holds("", "test/energy_distance ↓"), "the name of its column, with its direction");
    let again = lab.run("evaluate results/ellipse --count 20 --metrics energy_distance --format json").exits(0).json();
    assert!(again["runs"].is_array(), "{again}");
}

/// Two points 3 and 4 apart along the axes, against themselves moved by (30, 40).
#[test]
fn its_metric_measures_any_samples() {
    let lab = lab();
    let write = |name: &str, points: [f32; 4]| {
        let bytes: Vec<u8> = points.iter().flat_map(|number| number.to_le_bytes()).collect();
        lab.write(name, npy("<f4", &[2, 2], &bytes));
    };
    write("near.npy", [0.0, 0.0, 3.0, 4.0]);
    write("far.npy", [30.0, 40.0, 33.0, 44.0]);
    let measured = |real: &str, fake: &str| {
        let json = lab.run(&format!("metrics {real} {fake} --metrics energy_distance --format json")).exits(0).json();
        json["values"][0]["value"].as_f64().unwrap()
    };
    assert_eq!(measured("near.npy", "near.npy"), 0.0);
    // Distances between: 50, 55, 45, 50; within: 0, 5, 5, 0.
    assert_eq!(measured("near.npy", "far.npy"), 2.0 * 50.0 - 2.5 - 2.5);
    assert!(lab.run("help metrics").exits(0).says("energy_distance"));
}

#[test]
fn its_members_are_in_the_schema_in_lists_and_in_messages() {
    let lab = lab();
    let schema = lab.run("schema").exits(0).json();
    let metrics = schema["$defs"]["Metric"]["anyOf"].to_string();
    assert!(metrics.contains("\"energy_distance\"") && metrics.contains("\"prdc\""), "{metrics}");
    let stop = schema["$defs"]["Patience"]["properties"]["metric"].to_string();
    assert!(stop.contains("\"energy_distance\""), "{stop}");
    assert!(lab.run("models").exits(0).says("residual_mlp"));
    assert!(lab.run("data list").exits(0).says("ellipse"));
    for (run, expected) in [
        ("evaluate: { metrics: [energy_distanc] }", "did you mean `energy_distance`?"),
        ("data: elipse", "did you mean `ellipse`?"),
        ("data: { name: ellipse, count: 3 }", "`run.data.count`: must be within 10 and 1000000"),
        ("model: { generator: { architecture: residual_mpl } }", "did you mean `residual_mlp`?"),
        ("model: { generator: { architecture: residual_mlp } }", "makes points, but the data set holds other samples"),
    ] {
        lab.write("slip.yaml", format!("run: {{ {run} }}"));
        let stderr = lab.run("plan slip.yaml").exits(2).stderr;
        assert!(stderr.contains(expected), "{run}: {stderr}");
    }
}

#[test]
fn the_page_shows_the_example_as_it_is() {
    let page = fs::read_to_string(root().join("docs/own-members.md")).unwrap();
    for name in FILES {
        assert!(page.contains(&example(name)), "{name}");
    }
}
