//! The experiments that come with the program, each as it is but for its length: whatever they name works together.

use std::collections::BTreeSet;
use std::fs;
use tests::Lab;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../experiments");

/// An experiment, which of its runs are tried, and what makes them short beside [`SHORT`].
struct Quick(&'static str, &'static str, &'static [&'static str]);

const QUICK: [Quick; 14] = [
    Quick("augmentation", "--only data.count=50 --only data.draw=0", &[STEPS]),
    Quick("cyclegan", ONE_SEED, &[STEPS, EVALUATE, "data.count=100", "evaluate.count=10"]),
    // Classifiers of real samples take half a minute to train.
    Quick("digits-transfer", ONE_SEED, &[STEPS, EVALUATE, "evaluate.count=70", "evaluate.metrics=[kid]"]),
    Quick("drums", ONE_SEED, &[STEPS, EVALUATE, "evaluate.metrics=[spectral_distance]"]),
    Quick("few-images", "--only data.count=100 --only seed=0", &[STEPS]),
    Quick("guide-layers", "", &["train.epochs=1", "data.count=64"]),
    Quick("guide", ONE_SEED, &["train.epochs=1", "data.count=150", EVALUATE, "evaluate.count=70"]),
    // Its other metrics train classifiers, too.
    Quick("judges", ONE_SEED, &[STEPS, EVALUATE, "evaluate.count=70", "evaluate.metrics=[frechet]"]),
    Quick("losses", ONE_SEED, &[STEPS]),
    Quick("lr", "", &[STEPS, EVALUATE, "evaluate.count=70"]),
    // Its other metrics need clips by the hundred, and are those of `video`.
    Quick(
        "moving-digits",
        "",
        &[
            STEPS,
            EVALUATE,
            "data.count=100",
            "data.frames=4",
            "model.generator.channels=4",
            "model.discriminator.channels=4",
            "evaluate.count=30",
            "evaluate.metrics=[moving_digits]",
        ],
    ),
    Quick("notes", ONE_SEED, &[STEPS, EVALUATE, "data.count=300", "evaluate.count=130"]),
    Quick("pix2pix", ONE_SEED, &[STEPS, EVALUATE, "evaluate.count=20"]),
    Quick("rates", ONE_SEED, &[STEPS, EVALUATE, "evaluate.count=70"]),
];
const SHORT: [&str; 4] = ["sample.every=1", "sample.count=4", "checkpoint.every=2", "log.every=1"];
const STEPS: &str = "train.steps=2";
const EVALUATE: &str = "evaluate.every=2";
const ONE_SEED: &str = "--only seed=0";
/// Tried elsewhere, or of files that a script brings.
const OTHERS: [&str; 4] = ["quick", "ring", "smoke", "speech"];

#[test]
fn each_experiment_runs_from_its_file_to_its_page() {
    let names = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let there: BTreeSet<String> = names.filter_map(|name| name.strip_suffix(".yaml").map(str::to_owned)).collect();
    let known = QUICK.iter().map(|Quick(name, ..)| *name).chain(OTHERS).map(str::to_owned);
    assert_eq!(there, known.collect(), "an experiment that is added is tried here");
    let lab = Lab::new();
    for Quick(name, part, settings) in QUICK {
        let sets: Vec<String> = SHORT.iter().chain(settings).map(|setting| format!("--set {setting}")).collect();
        lab.run(&format!("sweep {FOLDER}/{name}.yaml {part} {}", sets.join(" "))).exits(0);
        let sweep = lab.sweep(name);
        assert!(sweep.path().join("report.html").is_file(), "{name}");
        let runs: Vec<String> = sweep.ids().into_iter().filter(|id| sweep.run(id).is_dir()).collect();
        assert!(!runs.is_empty(), "{name}");
        for id in runs {
            assert_eq!(sweep.events_of(&id, "evaluation").is_empty(), !settings.contains(&EVALUATE), "{id}");
        }
    }
}
