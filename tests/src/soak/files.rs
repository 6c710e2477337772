//! Mutated experiment files: a plan, or a message.

use super::{answered, any};
use crate::lab::Lab;
use crate::program::ROOT;
use std::fs;
use std::path::Path;
use testing::Mutator;

/// Files of one attack: each is a process.
const FILES: usize = 40;

const WORDS: [&str; 16] = [
    "extends: x.yaml",
    "preset: wgan-gp",
    "sweep: { grid: { train.*.lr: [1e-4, 2e-4] }, seeds: 3 }",
    "sweep: { random: { count: 5 } }",
    "steps: 18446744073709551615",
    "generator: { layers: [ { dense: 99999999999 } ] }",
    "loss: { discriminator: \"-real\", generator: \"fake\" }",
    "data: { name: image-folder, path: /dev }",
    ".nan",
    "1e400",
    "-1",
    "*x",
    "&x",
    "\u{a0}",
    "\u{202e}",
    "\u{1b}[2J",
];

pub(super) fn attack(random: &mut Mutator) {
    let seeds = experiments();
    let lab = Lab::new();
    for number in 0..FILES {
        let name = format!("{number}.yaml");
        lab.write(&name, random.mutated(&seeds, &WORDS));
        let line = any(random, &["plan", "plan --format json", "plan --all", "plan --set train.steps=5"]);
        let ended = answered(lab.run(&format!("{line} {name}")));
        assert!(ended.code == Some(0) || ended.stderr.starts_with("error"), "{ended:#?}");
        // A longer answer than this helps no one.
        assert!(ended.stderr.len() < 100_000, "{} bytes: {}", ended.stderr.len(), &ended.stderr[..2000]);
    }
}

fn experiments() -> Vec<Vec<u8>> {
    let entries =
        fs::read_dir(Path::new(ROOT).join("experiments")).expect("the experiments are part of the repository");
    let paths = entries.map(|entry| entry.expect("the experiments can be read").path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|ending| ending == "yaml")).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("the experiments can be read")).collect()
}
