//! A task that the program does not know is trained, resumed and reported as the built-in one is: `tests/point-translation` has
//! two generators, two discriminators and three phases.

use std::fs;
use tests::{Lab, until};

const TRANSLATION: &str = "\
name: translation
run:
  data: { name: clouds, count: 400 }
  model:
    task: { kind: point_translation, cycle: 5.0 }
  train: { steps: 200, batch_size: 16, generator: { lr: 0.01 }, discriminator: { lr: 0.01 } }
  checkpoint: { every: 5 }
  sample: { every: 100, count: 64 }
  evaluate: { every: 0, count: 100, metrics: [frechet] }
";

fn lab() -> Lab {
    let lab = Lab::of("point-translation");
    lab.write("translation.yaml", TRANSLATION);
    lab
}

#[test]
fn it_is_killed_resumed_and_reported() {
    let lab = lab();
    lab.run("sweep translation.yaml").exits(0);
    let sweep = lab.sweep("translation");
    let undisturbed = sweep.digests();
    assert_eq!(undisturbed.len(), 1);
    let id = &sweep.ids()[0];
    let scalars = sweep.events_of(id, "scalars");
    for curve in ["loss/cycle", "loss/generators", "gradient/input-discriminator", "learning_rate/output-discriminator"]
    {
        assert!(scalars.last().unwrap()["values"][curve].is_number(), "{curve}");
    }
    assert!(sweep.events_of(id, "evaluation").last().unwrap()["values"]["frechet"]["value"].is_number());
    assert_eq!(sweep.status()[0]["status"], "done");
    let report = fs::read_to_string(sweep.path().join("report.html")).unwrap();
    assert!(report.contains("loss/cycle") && report.contains("input-discriminator"));
    lab.run(&format!("sample {id} --count 5 --out points.npy")).exits(0);
    assert!(
        lab.run(&format!("sample {id} --interpolate 3 --out points.npy"))
            .exits(2)
            .stderr
            .contains("translates samples")
    );
    for file in ["real.png", "input.png", "output-000100.png", "cycle-000200.png"] {
        assert!(sweep.run(id).join("samples").join(file).is_file(), "{file}");
    }
    assert!(sweep.path().join("tensorboard").join(id).is_dir());
    lab.run(&format!("export {id} --weights weights.safetensors")).exits(0);
    let weights = fs::read(lab.path("weights.safetensors")).unwrap();
    let name = b"generators.there.first.weight";
    assert!(weights.windows(name.len()).any(|window| window == name));

    let killed = self::lab();
    let sweep = killed.sweep("translation");
    let mut running = killed.start("sweep translation.yaml");
    until("a checkpoint", || {
        assert!(running.is_running(), "it ended too soon: {}", running.stderr());
        sweep.newest_checkpoint()
    });
    running.kill();
    killed.run("sweep translation.yaml").exits(0);
    assert!(sweep.events_of(id, "started").len() >= 2, "it went on");
    assert_eq!(sweep.digests(), undisturbed);
}

#[test]
fn its_settings_are_in_the_schema_and_in_messages() {
    let lab = lab();
    let schema = lab.run("schema").exits(0).stdout;
    assert!(schema.contains("\"point_translation\"") && schema.contains("\"generation\""));
    for (task, expected) in [
        ("point_translatoin", "did you mean `point_translation`?"),
        ("{ kind: point_translation, cycl: 1 }", "unknown key `cycl`"),
        ("point_translation", "`point_translation` is of points in the plane"),
    ] {
        lab.write("slip.yaml", format!("run: {{ model: {{ task: {task} }} }}"));
        let stderr = lab.run("plan slip.yaml").exits(2).stderr;
        assert!(stderr.contains(expected), "{task}: {stderr}");
    }
}
