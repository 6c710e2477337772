//! The readers, and sound inputs for each.

mod checkpoint;
mod experiment;
mod films;
mod images;
mod records;
mod sounds;
mod statistics;
mod weights;

use std::fs;
use std::path::{Path, PathBuf};

/// A reader of foreign bytes.
#[derive(Debug)]
pub struct Target {
    /// Its name on the command line and in `corpus/`.
    pub name: &'static str,
    /// Inputs that it reads.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Words of its format.
    pub words: &'static [&'static str],
    /// Writes the bytes into the folder, over those before, and reads them as the program does. An error is an answer.
    pub read: fn(&Path, &[u8]),
}

/// Every target.
pub const ALL: [Target; 24] = [
    experiment::EXPERIMENT,
    images::IDX,
    images::NPY,
    images::ARRAY,
    images::ZIP,
    images::TAR,
    images::PARQUET,
    images::PICKLE,
    images::CSV,
    images::BMP,
    images::GIF,
    images::TIFF,
    images::PNG,
    images::JPEG,
    images::WEBP,
    sounds::SOUND,
    films::FILM,
    checkpoint::MANIFEST,
    checkpoint::CHECKPOINT,
    records::EVENTS,
    records::PLAN,
    statistics::STATISTICS,
    weights::SAFETENSORS,
    weights::PYTORCH,
];

/// The target of a name.
pub fn find(name: &str) -> Option<&'static Target> {
    static TARGETS: [Target; ALL.len()] = ALL;
    TARGETS.iter().find(|target| target.name == name)
}

/// Their names, for messages.
pub fn names() -> String {
    ALL.map(|target| target.name).join(", ")
}

impl Target {
    /// Its seeds and what lies in its corpus.
    ///
    /// # Panics
    /// The corpus cannot be read.
    pub fn all_seeds(&self) -> Vec<Vec<u8>> {
        let corpus = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus")).join(self.name);
        let mut kept: Vec<PathBuf> = match fs::read_dir(corpus) {
            Ok(entries) => entries.map(|entry| entry.expect("the corpus can be read").path()).collect(),
            Err(_) => Vec::new(),
        };
        kept.sort();
        let kept = kept.iter().map(|path| fs::read(path).expect("the corpus can be read"));
        (self.seeds)().into_iter().chain(kept).collect()
    }
}

/// Writes a file of a target.
fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("the folder for temporary files can be written");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;

    /// What CI has time for; a long run is in CONTRIBUTING.md.
    #[test]
    fn no_reader_panics_or_hangs() {
        let seed = testing::seed();
        let keep = std::env::temp_dir().join("fuzz-findings");
        for target in &ALL {
            let target = find(target.name).unwrap();
            // One of these makes and runs a network.
            let inputs = if target.name == "checkpoint" { 20 } else { 200 };
            let broken = Session { seed, inputs }.run(target, &keep).err();
            assert!(broken.is_none(), "{}: {broken:?}", target.name);
        }
    }

    #[test]
    fn a_target_of_cargo_fuzz_for_each() {
        for target in &ALL {
            let path = format!("{}/fuzz_targets/{}.rs", env!("CARGO_MANIFEST_DIR"), target.name);
            assert!(fs::read_to_string(&path).unwrap().contains(&format!("\"{}\"", target.name)), "{path}");
        }
    }
}
