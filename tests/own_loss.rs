//! A program with a loss from its own crate, as `docs/own-members.md` shows it, is the whole program.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tests::Lab;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn example(name: &str) -> String {
    fs::read_to_string(root().join("examples/own-loss").join(name)).unwrap()
}

/// The example in an empty folder, with its experiment.
fn lab() -> Lab {
    let lab = Lab::of("own-loss");
    lab.write("smoothed.yaml", example("smoothed.yaml"));
    lab
}

/// At the first update all runs have the same networks and logits, and losses that differ by the smoothing.
#[test]
fn its_loss_is_swept_beside_the_built_in_ones() {
    let lab = lab();
    lab.run("sweep smoothed.yaml --set train.steps=6 --set log.every=1 --set sample.every=0").exits(0);
    let sweep = lab.sweep("smoothed");
    let first: Vec<_> = sweep.ids().iter().map(|id| first_scalars(&sweep.events(id))).collect();
    let [plain, tenth, three_tenths] = &first[..] else { panic!("{first:?}") };
    for (smoothed, smoothing) in [(tenth, 0.1), (three_tenths, 0.3)] {
        let number = |run: &Value, name: &str| run[name].as_f64().unwrap();
        assert_eq!(number(smoothed, "output/real"), number(plain, "output/real"));
        assert_eq!(number(smoothed, "accuracy/real"), number(plain, "accuracy/real"));
        let expected = number(plain, "loss/discriminator") + smoothing * number(plain, "output/real");
        assert!((number(smoothed, "loss/discriminator") - expected).abs() < 1e-6, "{smoothed}, {plain}");
    }
    assert!(fs::read_to_string(sweep.path().join("report.html")).unwrap().contains("smoothed"));
}

fn first_scalars(events: &[Value]) -> Value {
    let is_of_first = |event: &&Value| event["event"] == "scalars" && event["step"] == 1;
    events.iter().find(is_of_first).unwrap_or_else(|| panic!("{events:?}"))["values"].clone()
}

#[test]
fn its_loss_is_in_the_schema_and_in_messages() {
    let lab = lab();
    let schema = lab.run("schema").exits(0).json();
    let losses = schema["$defs"]["Loss"]["anyOf"].as_array().unwrap();
    let smoothed = losses.iter().find(|loss| loss["properties"]["kind"]["const"] == "smoothed").unwrap();
    assert_eq!(smoothed["properties"]["smoothing"]["default"], 0.1);
    assert!(schema["$defs"]["ModelConfig"]["properties"]["loss"].to_string().contains("\"smoothed\""));
    assert!(lab.run("models").exits(0).stdout.contains("Salimans et al. 2016"));
    for (loss, expected) in [
        ("smothed", "did you mean `smoothed`?"),
        ("{ kind: smoothed, smoothin: 0.2 }", "unknown key `smoothin`"),
        ("{ kind: smoothed, smoothing: 0.5 }", "`run.model.loss.smoothing`: must be in [0, 0.5)"),
    ] {
        lab.write("slip.yaml", format!("run: {{ model: {{ loss: {loss} }} }}"));
        let stderr = lab.run("plan slip.yaml").exits(2).stderr;
        assert!(stderr.contains(expected), "{loss}: {stderr}");
    }
}

#[test]
fn the_program_itself_knows_nothing_of_it() {
    let lab = Lab::new();
    lab.write("smoothed.yaml", example("smoothed.yaml"));
    let stderr = lab.run("plan smoothed.yaml").exits(2).stderr;
    assert!(stderr.contains("`smoothed` is not a valid value of `run.model.loss`"), "{stderr}");
}

#[test]
fn the_page_shows_the_example_as_it_is() {
    let page = fs::read_to_string(root().join("docs/own-members.md")).unwrap();
    for name in ["src/main.rs", "smoothed.yaml"] {
        assert!(page.contains(&example(name)), "{name}");
    }
}
