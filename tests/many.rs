//! A thousand runs.

use std::fs;
use tests::{Lab, Snapshot, until};

#[test]
fn a_thousand_runs_killed_in_the_middle_are_done_in_the_end_and_each_is_trained_once() {
    let lab = Lab::new();
    lab.write(
        "many.yaml",
        "\
name: many
run:
  model: { preset: mlp, generator: { hidden: [1] }, discriminator: { hidden: [1] } }
  train: { steps: 1, batch_size: 1 }
  sample: { count: 1 }
sweep: { grid: { train.*.lr: { linspace: [0.001, 0.1, 20] } }, seeds: 50 }
",
    );
    let sweep = lab.sweep("many");
    let mut running = lab.start("sweep many.yaml");
    until("some hundred runs", || {
        let runs = fs::read_dir(sweep.path().join("runs")).ok()?.count();
        (runs > 300).then_some(())
    });
    running.kill();
    let done = sweep.words().values().filter(|word| *word == "done").count();
    assert!((200..1000).contains(&done), "{done} done before the kill");

    let ended = lab.run("sweep many.yaml").exits(0);
    assert!(ended.says("1000 runs") && ended.says("1000 done"), "{ended:#?}");
    assert_eq!(sweep.digests().len(), 1000);
    // What was done before the kill was left alone; what was under way on each of the slots was tried again.
    let again = sweep.status().iter().filter(|run| run["attempts"] != 1).count();
    assert!(again <= std::thread::available_parallelism().unwrap().get(), "{again} runs were trained again");

    let before = Snapshot::of(&sweep.path());
    lab.run("sweep many.yaml").exits(0);
    let changed = before.changed(&Snapshot::of(&sweep.path()));
    assert!(changed.iter().all(|path| path.starts_with(".lock")), "{changed:?}");
}
