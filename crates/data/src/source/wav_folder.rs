//! A folder of recordings of any length and rate. Sounds and classes as `file/listing.rs` has them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::options::{OnError, is_default};
use crate::sound::clip::{self, ClipOptions, Crop};
use crate::sound::folder;
use crate::source::{DataConfig, absolute};
use crate::{DataError, Dataset, Entry, HoldOut, Source, Split};

const NAME: &str = "wav-folder";

const HOW_TO_GET: &str =
    "set `path` to a folder of sounds (WAV, FLAC, Ogg Vorbis, MP3), or with a subfolder of them for each class";

const MAX_PIECES: usize = 10_000;

/// WAV, FLAC, Ogg Vorbis and MP3 files of any rate, depth and length, made mono and equally long. Subfolders are classes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WavFolder {
    /// The folder.
    pub path: PathBuf,
    /// Samples a second; recordings of other rates are resampled.
    #[serde(default = "default_rate")]
    pub rate: u32,
    /// Samples of each sound; what is shorter ends in silence.
    #[serde(default = "default_length")]
    pub length: usize,
    /// Which part of a longer recording: `first`, `random` or `loud`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub crop: Crop,
    /// With `crop: random`, how many parts of a longer recording.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub pieces: usize,
    /// What happens when a file cannot be used: `fail`, or `skip` it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_error: OnError,
    /// Share of the recordings to hold out for metrics, such as 0.1.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hold_out: HoldOut,
    /// A folder of recordings that are held out, instead of a share of those in `path`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<PathBuf>,
}

fn default_rate() -> u32 {
    16_000
}

fn default_length() -> usize {
    16_384
}

fn one() -> usize {
    1
}

fn is_one(pieces: &usize) -> bool {
    *pieces == 1
}

impl Settings for WavFolder {
    const NAME: &'static str = NAME;
}

impl Source for WavFolder {
    fn entry() -> Entry {
        Entry::of_own_files(
            NAME,
            "sounds of your own in a folder, of any rate, depth and length; classes from subfolders",
            HOW_TO_GET,
        )
    }

    fn absolute(&self) -> Option<DataConfig> {
        let test = self.test.as_deref().map(absolute);
        Some(DataConfig::of(Self { path: absolute(&self.path), test, ..self.clone() }))
    }

    fn files(&self) -> Vec<PathBuf> {
        [Some(self.path.clone()), self.test.clone()].into_iter().flatten().collect()
    }

    fn check(&self) -> Vec<Problem> {
        let Self { rate, length, crop, pieces, .. } = *self;
        let range = format!("{pieces} pieces are not within 1 and {MAX_PIECES}");
        let both = "either `test` names what is held out, or `hold_out` says which share".to_owned();
        let problems = [
            Problem::unless((1..=MAX_PIECES).contains(&pieces), "pieces", range),
            Problem::unless(
                pieces == 1 || crop == Crop::Random,
                "pieces",
                "several pieces of a recording need `crop: random`: the others take one".to_owned(),
            ),
            Problem::unless(self.test.is_none() || self.hold_out.is_none(), "test", both),
            self.hold_out.check(),
        ];
        clip::check(rate, length).chain(problems.into_iter().flatten()).collect()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let recordings = |folder: &Path| {
            let missing =
                || DataError::Missing { name: NAME, looked_for: vec![folder.to_owned()], how_to_get: HOW_TO_GET };
            folder::recordings(NAME, folder)?.ok_or_else(missing)
        };
        let Some(test) = &self.test else {
            return recordings(&self.path)?.open(&self.options(), self.on_error, self.hold_out, split);
        };
        let all = |folder: &Path| Ok(recordings(folder)?.samples(&self.options(), self.on_error)?.0);
        let (train, held_out): (Dataset, Dataset) = (all(&self.path)?, all(test)?);
        if train.class_names() != held_out.class_names() {
            let names = |dataset: &Dataset| dataset.class_names().map_or("none".to_owned(), |names| names.join(", "));
            let (own, others) = (names(&held_out), names(&train));
            let reason = format!("its classes are {own}; those of {} are {others}", self.path.display());
            return Err(DataError::Unusable { path: test.clone(), reason });
        }
        Ok(match split {
            Split::Train => train.with_held_out(Arc::new(held_out)),
            Split::Test => held_out,
        })
    }
}

impl WavFolder {
    /// With the defaults of all settings but the folder.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            rate: default_rate(),
            length: default_length(),
            crop: Crop::default(),
            pieces: 1,
            on_error: OnError::default(),
            hold_out: HoldOut::default(),
            test: None,
        }
    }

    fn options(&self) -> ClipOptions {
        let Self { rate, length, crop, pieces, .. } = *self;
        ClipOptions { rate, length, crop, pieces }
    }
}
