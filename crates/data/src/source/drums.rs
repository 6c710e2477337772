//! Hits of drums, embedded in the program. Origin and licences are in `drums/README.md`.

use std::io::{Cursor, Read};
use std::path::PathBuf;

use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zip::ZipArchive;

use crate::classes::classes;
use crate::options::OnError;
use crate::sound::clip::{self, ClipOptions, Crop};
use crate::sound::recordings::Recordings;
use crate::{DataError, Dataset, Entry, PassedOver, Source, Split};

const NAME: &str = "drums";

const HITS: &[u8] = include_bytes!("../../drums/drums.zip");

/// Of each class, one hit in so many is held out.
const HELD_OUT: usize = 4;

/// Hits of drums from four free kits, part of the program: kick, snare, hat, tom, cymbal, hand drum.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drums {
    /// Samples a second; the hits were recorded at 16,000 and more, and are kept at that.
    #[serde(default = "default_rate")]
    pub rate: u32,
    /// Samples of each hit, which begins with its first; no hit is longer than half a second.
    #[serde(default = "default_length")]
    pub length: usize,
}

fn default_rate() -> u32 {
    8_000
}

fn default_length() -> usize {
    4_096
}

impl Settings for Drums {
    const NAME: &'static str = NAME;
}

impl Source for Drums {
    fn entry() -> Entry {
        Entry {
            name: NAME,
            about: "187 hits of drums in six classes, half a second at 8 or 16 kHz: 143 to train on, 44 held out",
            licence: "CC0, CC BY 3.0 and CC BY-SA 3.0, by kit (drums/README.md)",
            how_to_get: "nothing to do: it is part of this program",
            looked_in: Vec::new(),
            available: true,
        }
    }

    fn check(&self) -> Vec<Problem> {
        clip::check(self.rate, self.length).collect()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let Self { rate, length } = *self;
        let options = ClipOptions { rate, length, crop: Crop::First, pieces: 1 };
        let (all, _) = hits()?.samples(&options, OnError::Fail)?;
        let mut seen = vec![0; all.classes().unwrap_or(0)];
        let mut is_held_out = |index: &usize| {
            let seen: &mut usize = &mut seen[all.class(*index)];
            *seen += 1;
            seen.is_multiple_of(HELD_OUT)
        };
        let (held_out, training): (Vec<_>, Vec<_>) = (0..all.len()).partition(|index| is_held_out(index));
        Ok(all.only(if split == Split::Train { &training } else { &held_out }))
    }
}

/// In the order of their names, whose folders are the classes.
fn hits() -> Result<Recordings, DataError> {
    let place = PathBuf::from("drums.zip");
    let unusable =
        |error: &dyn std::fmt::Display| DataError::Unusable { path: place.clone(), reason: error.to_string() };
    let mut archive = ZipArchive::new(Cursor::new(HITS)).map_err(|error| unusable(&error))?;
    let (mut names, mut hits) = (Vec::new(), Vec::new());
    for index in 0..archive.len() {
        let mut hit = archive.by_index(index).map_err(|error| unusable(&error))?;
        let mut bytes = Vec::new();
        hit.read_to_end(&mut bytes).map_err(|error| unusable(&error))?;
        names.push(hit.name().map_err(|error| unusable(&error))?.into_owned());
        hits.push(bytes);
    }
    let folders: Vec<String> = names.iter().filter_map(|name| Some(name.split_once('/')?.0.to_owned())).collect();
    let labels = Some(classes(&folders).map_err(|error| unusable(&error))?);
    let places = names.iter().map(|name| place.join(name)).collect();
    let read = Box::new(move |index: usize| Ok(hits[index].clone()));
    Ok(Recordings { name: NAME, place, places, read, labels, passed_over: PassedOver::default() })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const DRUMS: Drums = Drums { rate: 16_000, length: 8_192 };

    #[test]
    fn every_fourth_hit_of_a_class_is_held_out_and_none_is_twice() {
        let splits = [Split::Train, Split::Test].map(|split| DRUMS.open(split).unwrap());
        assert_eq!(splits.each_ref().map(Dataset::len), [143, 44]);
        assert_eq!(splits[0].class_names().unwrap().join(" "), "cymbal hand hat kick snare tom");
        let counts = |class: u16| splits[1].labels().unwrap().iter().filter(|label| **label == class).count();
        assert_eq!([0, 1, 2, 3, 4, 5].map(counts), [7, 11, 6, 7, 7, 6]);
        let hashes = splits.iter().flat_map(|split| (0..split.len()).map(|hit| split.sample_hash(hit)));
        assert_eq!(HashSet::<blake3::Hash>::from_iter(hashes).len(), 187);
    }

    /// A kick is low, a hat is high: by how often a sound crosses zero while it is loud.
    #[test]
    fn hits_sound_like_their_class() {
        let drums = DRUMS.open(Split::Train).unwrap();
        let mut values = Vec::new();
        drums.read_into(&Vec::from_iter(0..drums.len()), &mut values);
        let names = drums.class_names().unwrap();
        let crossings = |class: &str| {
            let hits = values.chunks(DRUMS.length).zip(drums.labels().unwrap());
            let own = hits.filter(|(_, label)| names[usize::from(**label)] == class);
            let counts = own.map(|(hit, _)| hit[..2_000].windows(2).filter(|pair| pair[0] * pair[1] < 0.0).count());
            let mut counts = Vec::from_iter(counts);
            counts.sort_unstable();
            counts[counts.len() / 2]
        };
        let [kick, tom, hat] = ["kick", "tom", "hat"].map(crossings);
        assert!(kick < 60 && tom < 200 && hat > 400, "{kick} {tom} {hat}");
        let peaks =
            values.chunks(DRUMS.length).map(|hit| hit.iter().fold(0.0, |peak: f32, value| peak.max(value.abs())));
        assert!(peaks.into_iter().all(|peak| (peak - 0.9).abs() < 1e-3));
    }

    /// Runs' ids hold them: another machine must not resample to others.
    #[test]
    fn the_hits_are_pinned() {
        let found = [16_000, 8_000]
            .map(|rate| Drums { rate, length: 4_096 }.open(Split::Train).unwrap().fingerprint().to_owned());
        insta::assert_snapshot!(found.join("\n"), @r"
        blake3:721183cc1d27553ff93d8e3e7398c1f02ac135c321669ddfbf3917f9b78ac917
        blake3:1dccf59e10cfd10cd791c79c40d8a59a8ee23ef9a193a4e333eba29a7a4cbab5
        ");
    }
}
