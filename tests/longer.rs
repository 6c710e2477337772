//! A run that goes on from a shorter one is the run that was long from its start: weights, losses, grids, evaluations.

use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use tests::{Lab, Sweep, until};

/// A run of every kind of state. Five steps end between two records, two grids, two evaluations and two checkpoints.
const KINDS: &str = "\
name: longer
run:
  model: { preset: mlp, generator: { hidden: [8] }, discriminator: { hidden: [8] } }
  train: { steps: 5, batch_size: 4 }
  sample: { every: 2, count: 4 }
  evaluate: { every: 2, count: 16, metrics: [kid] }
  checkpoint: { every: 4 }
  log: { every: 2 }
sweep:
  runs:
    - { train.*.schedule: { kind: linear, warmup: 7 } }
    - { train.*.optimizer: rmsprop, model.augmentation: adaptive }
    - { model.packing: 2, model.minibatch: standard_deviation }
    - { model.conditioning: concat }
    - { model.loss: wasserstein, model.penalty: gradient_norm, train.critic_steps: 2, train.average: none }
    - { train.*.schedule: cosine }
execution: { jobs: 2, threads: 1 }
";

const LONG: &str = "sweep longer.yaml --set train.steps=9";

#[test]
fn longer_runs_go_on_from_shorter_ones_and_are_those_that_were_long_from_their_start() {
    let lab = Lab::new();
    lab.write("longer.yaml", KINDS);
    lab.run("sweep longer.yaml").exits(0);
    lab.run(&format!("{LONG} --results straight")).exits(0);
    let (sweep, straight) = (lab.sweep("longer"), lab.sweep_in("straight/longer"));
    let short = sweep.digests();

    let plan = lab.run("plan longer.yaml --set train.steps=9").exits(0).stdout;
    assert!(plan.contains("5 new runs go on from finished ones, which saves 25 steps"), "{plan}");
    assert!(plan.contains("`train.discriminator.schedule` depends on the number of steps"), "{plan}");
    // Killed while it takes steps over, and whenever else.
    for round in 0..5 {
        let mut running = lab.start(LONG);
        std::thread::sleep(Duration::from_millis(120 * round));
        running.kill();
        until("the end of all workers", || running.workers().is_empty().then_some(()));
    }
    lab.run(LONG).exits(0);

    assert_eq!(sweep.digests(), straight.digests());
    for id in sweep.ids() {
        assert_eq!(record(&sweep, &id), record(&straight, &id), "{id}");
        assert_eq!(sweep.grids(&id), straight.grids(&id), "{id}");
        let from = sweep.events_of(&id, "format")[0]["from"]["step"].as_u64();
        assert_eq!(from, (!id.contains("cosine")).then_some(5), "{id}");
        let provenance = std::fs::read_to_string(sweep.run(&id).join("provenance.json")).unwrap();
        assert_eq!(provenance.contains("\"from\""), from.is_some(), "{id}: {provenance}");
    }
    assert!(
        !sweep
            .path()
            .join("runs")
            .read_dir()
            .unwrap()
            .any(|entry| { entry.unwrap().file_name().to_string_lossy().starts_with('.') })
    );
    // The shorter ones are as they were.
    lab.run("sweep longer.yaml").exits(0);
    assert_eq!(sweep.digests(), short);
    extends(&lab, &sweep);
    records_otherwise(&lab, &sweep);
}

/// One run, without a change of the file.
fn extends(lab: &Lab, sweep: &Sweep) {
    let id = |kind: &str| sweep.ids().into_iter().find(|id| id.contains(kind)).unwrap();
    let refused = lab.run(&format!("extend {} --steps 7", id("cosine"))).exits(2).stderr;
    assert!(refused.contains("`train.discriminator.schedule` depends on the number of steps"), "{refused}");
    let refused = lab.run(&format!("extend {} --steps 5", id("packing"))).exits(2).stderr;
    assert!(refused.contains("has 5 steps already"), "{refused}");

    let before = sweep.ids();
    let ended = lab.run(&format!("extend {} --steps 7", id("packing"))).exits(0);
    assert!(ended.stderr.contains("5 of 7 steps"), "{}", ended.stderr);
    let longer = sweep.ids().into_iter().find(|id| !before.contains(id)).unwrap();
    lab.run("sweep longer.yaml --set train.steps=7 --only model.packing=2 --results straight-7").exits(0);
    let straight = lab.sweep_in("straight-7/longer");
    let same = straight.words().into_iter().find(|(_, word)| word == "done").unwrap().0;
    assert_eq!(record(sweep, &longer), record(&straight, &same));
    let digest = |sweep: &Sweep, id: &str| sweep.events_of(id, "ended").pop().unwrap()["weights_digest"].clone();
    assert_eq!(digest(sweep, &longer), digest(&straight, &same));
    // It stays in the sweep, although no file names it.
    lab.run("sweep longer.yaml").exits(0);
    assert_eq!(sweep.words()[&longer], "done");
    let again = lab.run(&format!("extend {} --steps 7", id("packing"))).exits(0).stderr;
    assert!(again.contains("1 finished before, 0 to train"), "{again}");
}

/// Other grids and losses of the same weights.
fn records_otherwise(lab: &Lab, sweep: &Sweep) {
    let line = "sweep longer.yaml --set sample.every=1 --set log.every=1 --only model.packing=2";
    let first = lab.run(line).exits(0).stderr;
    assert!(first.contains("5 of 5 steps") && first.contains("without sample grids of steps 1, 3; losses"), "{first}");
    let id = sweep.words().into_iter().find(|(id, word)| id.contains("packing") && word == "done").unwrap().0;
    let started: Vec<Value> = sweep.events_of(&id, "started").iter().map(|event| event["step"].clone()).collect();
    assert_eq!(started, [0, 5], "nothing was trained");
    let grids = |id: &str| sweep.grids(id).keys().filter(|name| name.starts_with("step-")).cloned().collect::<Vec<_>>();
    assert_eq!(grids(&id), ["step-000002.png", "step-000004.png", "step-000005.png"]);
    let digest = |id: &str| sweep.events_of(id, "ended").pop().unwrap()["weights_digest"].clone();
    let (before, grid) = (digest(&id), sweep.grids(&id)["step-000002.png"].clone());

    let again = lab.run(&format!("{line} --retrain")).exits(0).stderr;
    assert!(again.contains("1 run to train again"), "{again}");
    assert_eq!((grids(&id).len(), digest(&id)), (5, before));
    assert_eq!(sweep.grids(&id)["step-000002.png"], grid);
    assert_eq!(sweep.path().join("replaced").read_dir().unwrap().count(), 1);
    let kept = lab.run(&format!("{line} --retrain")).exits(0).stderr;
    assert!(kept.contains("1 finished before, 0 to train"), "{kept}");
}

/// What a run has recorded in the end: scalars, histograms and evaluations by kind and step, without times.
fn record(sweep: &Sweep, id: &str) -> BTreeMap<(String, u64), Vec<Value>> {
    let mut record = BTreeMap::<(String, u64), Vec<Value>>::new();
    for mut event in sweep.events(id) {
        let kind = event["event"].as_str().unwrap_or_default().to_owned();
        let step = event["step"].as_u64().unwrap_or(0);
        if kind == "started" {
            record.retain(|(_, at), _| *at <= step);
        }
        if !["scalars", "histograms", "evaluation", "artifact"].contains(&kind.as_str()) {
            continue;
        }
        let fields = event.as_object_mut().unwrap();
        fields.remove("at");
        if let Some(values) = fields.get_mut("values").and_then(Value::as_object_mut) {
            values.remove("speed/images_per_second");
        }
        let events = record.entry((kind, step)).or_default();
        // A picture that is made again, as real samples are by each attempt, is the same.
        if !events.contains(&event) {
            events.push(event);
        }
    }
    record
}
