//! A person's own pictures: where they are looked for, what is held out, what is known of them before and after training.

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::process::Stdio;
use tests::{Lab, until};

/// Pictures of two classes, and an experiment in another folder.
fn lab() -> Lab {
    let lab = Lab::new();
    for shade in 0..40u8 {
        lab.write(&format!("pictures/{}/{shade}.png", ["cats", "dogs"][usize::from(shade % 2)]), png(shade));
    }
    lab.write("pictures/cats/damaged.png", "no image");
    let experiment = "
name: own
run:
  data: { name: image-folder, path: ../pictures, size: 8, on_error: skip, hold_out: 0.25 }
  model: { preset: mlp, conditioning: concat, generator: { hidden: [8] }, discriminator: { hidden: [8] } }
  train: { steps: 2, batch_size: 4 }
  sample: { every: 2, count: 4 }
  evaluate: { every: 2, count: 5, metrics: [kid] }
";
    lab.write("experiments/own.yaml", experiment);
    lab
}

fn png(shade: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 8, 9);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&[shade; 72]).unwrap();
    bytes
}

fn planned(lab: &Lab, rest: &str) -> Value {
    lab.run(&format!("plan experiments/own.yaml --format json {rest}")).exits(0).json()
}

#[test]
fn a_relative_path_starts_at_its_file_and_outside_of_files_at_the_working_directory() {
    let lab = lab();
    let path = |rest: &str| {
        let path = planned(&lab, rest)["runs"][0]["config"]["data"]["path"].as_str().unwrap().to_owned();
        fs::canonicalize(path).unwrap()
    };
    let pictures = fs::canonicalize(lab.path("pictures")).unwrap();
    assert_eq!(path(""), pictures);
    assert_eq!(path("--set data.path=pictures"), pictures);
    let mut command = lab.command("plan experiments/own.yaml --format json --set data.path=~/pictures");
    let output = command.env("HOME", lab.path("")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let unset = lab.run("plan experiments/own.yaml --set data.path=$NOT_SET_HERE/x").exits(2);
    assert!(unset.stderr.contains("environment variable `NOT_SET_HERE` is not set"), "{}", unset.stderr);
    let old = fs::read_to_string(lab.path("experiments/own.yaml")).unwrap().replace("../pictures", "pictures");
    lab.write("experiments/old.yaml", old);
    let moved = lab.run("plan experiments/old.yaml").exits(2);
    assert!(moved.stderr.contains("it is in the working directory: write `"), "{}", moved.stderr);
    assert!(moved.stderr.contains("experiments/old.yaml:4:"), "{}", moved.stderr);
}

#[test]
fn what_is_known_of_own_pictures_is_the_same_everywhere() {
    let lab = lab();
    let options = "--path pictures --set size=8 --set on_error=skip --set hold_out=0.25";
    let mut shown = lab.run(&format!("data show image-folder {options} --format json")).exits(0).json();
    assert_eq!(shown["length"].as_u64().unwrap() + shown["held_out"].as_u64().unwrap(), 40);
    assert_eq!(shown["passed_over"]["counts"]["images that cannot be used"], 1);
    assert_eq!(shown["sizes"]["largest"], serde_json::json!([8, 9]));
    assert!(lab.run("plan experiments/own.yaml --measure").exits(0).stdout.contains("ms a step"));
    let swept = lab.run("sweep experiments/own.yaml").exits(0);
    assert!(swept.stderr.contains("1 of 41 images cannot be used") && !swept.stderr.contains("training data"));
    let sweep = lab.sweep("own");
    let id = &sweep.ids()[0];
    let read = |path| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap();
    let provenance = read(sweep.run(id).join("provenance.json"));
    let mut facts = planned(&lab, "")["data"][0].clone();
    assert_eq!(facts, provenance["data_found"]);
    // The folder's name is in the warning as each was given it.
    for facts in [&mut shown, &mut facts] {
        facts["passed_over"]["warnings"].take();
    }
    assert_eq!(facts, shown);
    assert_eq!(provenance["column_classes"], serde_json::json!(["cats", "dogs"]));
    let evaluations = sweep.events_of(id, "evaluation");
    assert!(evaluations.iter().any(|evaluation| evaluation["split"] == "test"), "{evaluations:?}");
    let page = fs::read_to_string(lab.path("results/own/report.html")).unwrap();
    assert!(page.contains("Columns are classes, from the left: cats, dogs."));
    assert!(page.contains("against the test split"));
    // From disk, with nothing in memory: the same run.
    lab.run("sweep experiments/own.yaml --set data.memory=0 --results disk").exits(0);
    assert_eq!(lab.sweep_in("disk/own").digests(), sweep.digests());
    // Without it, all are trained on, and everything says so.
    let all = lab.run("sweep experiments/own.yaml --set data.hold_out=0 --results all").exits(0);
    assert!(all.stderr.contains("metrics compare with training data"), "{}", all.stderr);
    let page = fs::read_to_string(lab.path("all/own/report.html")).unwrap();
    assert!(page.contains("· against training data") && page.contains("40 samples, none held out"));
    // A picture that changes after the plan is noticed before a step is made.
    fs::remove_dir_all(sweep.run(id)).unwrap();
    lab.write("pictures/dogs/1.png", png(99));
    let mut worker = lab.worker_command(&sweep.path().display().to_string(), 1);
    let mut child = worker.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    writeln!(child.stdin.as_mut().unwrap(), "{{\"train\":\"{id}\"}}").unwrap();
    let log = || fs::read_to_string(sweep.log(id, 1)).unwrap_or_default();
    until("the run fails", || log().contains("the data are not those that were planned").then_some(()));
    drop(child.stdin.take());
    child.wait().unwrap();
    lab.run("sweep experiments/own.yaml").exits(0);
}
