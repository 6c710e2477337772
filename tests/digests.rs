//! The same run has the same weights: beside any other runs, with any threads, in any folder.

use std::collections::BTreeMap;
use std::fs;
use tests::{Lab, Snapshot, Sweep};

type Grids = BTreeMap<String, BTreeMap<String, Vec<u8>>>;

/// Digests and grids by run, and the threads that the runs say they had.
fn outcome(sweep: &Sweep) -> (BTreeMap<String, String>, Grids, Vec<u64>) {
    let ids = sweep.ids();
    let grids = ids.iter().map(|id| (id.clone(), sweep.grids(id))).collect();
    let threads = ids.iter().map(|id| sweep.events_of(id, "started")[0]["threads"].as_u64().unwrap()).collect();
    (sweep.digests(), grids, threads)
}

#[test]
fn weights_and_grids_do_not_depend_on_jobs_threads_order_or_folder() {
    let lab = Lab::new();
    let sizes = "run: { train: { steps: 2, batch_size: 4 }, sample: { every: 1, count: 4 } }";
    let write = |presets| {
        lab.write(
            "both.yaml",
            format!("name: both\n{sizes}\nsweep: {{ grid: {{ model.preset: {presets} }}, seeds: 2 }}"),
        );
    };
    write("[mlp, dcgan]");
    let first = "sweep both.yaml --jobs 1 --threads 1 --results first";
    lab.run(first).exits(0);
    let (digests, grids, threads) = outcome(&lab.sweep_in("first/both"));
    assert_eq!((digests.len(), threads), (4, vec![1; 4]));

    for (presets, arguments, threads) in [
        ("[mlp, dcgan]", "--jobs 2 --threads 1", 1),
        ("[mlp, dcgan]", "--jobs 1 --threads 2", 2),
        ("[dcgan, mlp]", "--jobs 2 --threads 3", 3),
    ] {
        write(presets);
        let _ = fs::remove_dir_all(lab.path("results"));
        lab.run(&format!("sweep both.yaml {arguments}")).exits(0);
        assert_eq!(outcome(&lab.sweep("both")), (digests.clone(), grids.clone(), vec![threads; 4]), "{arguments}");
    }
}

/// Adam's steps are at most as long as its learning rate: at this one no weight changes, so the grids of two runs from
/// the same checkpoint differ only if their latents do.
#[test]
fn all_runs_are_sampled_from_the_same_latents() {
    let lab = Lab::new();
    lab.tiny("still", "sweep: { grid: { train.*.lr: [1.0e-30] }, seeds: 2 }");
    lab.run("sweep still.yaml").exits(0);
    let sweep = lab.sweep("still");
    let [first, second] = &sweep.ids()[..] else { panic!("two seeds") };
    let own = sweep.grids(second);
    assert_eq!(sweep.grids(first)["step-000003.png"], sweep.grids(first)["step-000006.png"], "no weight changes");
    assert_ne!(sweep.grids(first), own);

    // A run with another seed that starts from the first one's weights.
    lab.run(&format!("export {first} --weights first.safetensors")).exits(0);
    lab.tiny("again", "sweep: { grid: { train.*.lr: [1.0e-30], seed: [1] } }");
    lab.run("sweep again.yaml --set model.weights=first.safetensors").exits(0);
    let again = lab.sweep("again");
    assert_eq!(again.grids(&again.ids()[0])["step-000006.png"], sweep.grids(first)["step-000006.png"]);
}

#[test]
fn the_same_sweep_twice_leaves_the_same_samples_and_settings() {
    let lab = Lab::new();
    lab.tiny("twice", "sweep: { seeds: 2 }");
    lab.run("sweep twice.yaml --results one").exits(0);
    lab.run("sweep twice.yaml --results other").exits(0);
    let (one, other) = (lab.sweep_in("one/twice"), lab.sweep_in("other/twice"));
    assert_eq!(one.digests(), other.digests());
    for id in one.ids() {
        let [one, other] = [&one, &other].map(|sweep| Snapshot::of(&sweep.run(&id)));
        // Times are recorded in the first two; a checkpoint's files name tensors anew each time.
        let may = ["events.jsonl", "log.txt", "checkpoints"];
        let differs: Vec<_> =
            one.differs(&other).into_iter().filter(|path| !may.iter().any(|may| path.starts_with(may))).collect();
        assert!(differs.is_empty(), "{differs:?}");
    }
}

/// The same layers in the same places have the same initial weights and the same steps.
#[test]
fn the_guide_written_layer_by_layer_has_the_weights_of_its_preset() {
    let lab = Lab::new();
    let sizes = "--set train.steps=2 --set train.epochs=null --set train.batch_size=4 --set sample.every=2 --set sample.count=4 --set checkpoint.every=2";
    let written = concat!(env!("CARGO_MANIFEST_DIR"), "/../experiments/guide-layers.yaml");
    lab.run(&format!("sweep {written} {sizes}")).exits(0);
    lab.write(
        "guide.yaml",
        "name: guide\nrun: { data: { name: mnist-10k }, model: { preset: guide }, log: { every: 28 } }",
    );
    lab.run(&format!("sweep guide.yaml {sizes}")).exits(0);
    let digests = |name| Vec::from_iter(lab.sweep(name).digests().into_values());
    assert_eq!(digests("guide-layers"), digests("guide"));
    assert_eq!(digests("guide").len(), 1);
    // A run's own configuration is an experiment file, and trains to the same weights.
    let sweep = lab.sweep("guide-layers");
    let config = sweep.run(&sweep.ids()[0]).join("config.yaml");
    lab.run(&format!("sweep {} --results again", config.display())).exits(0);
    let again = lab.sweep_in("again/config");
    assert_eq!(again.digests().into_values().collect::<Vec<_>>(), digests("guide"));
}
