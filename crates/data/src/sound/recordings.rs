//! The one place where recordings become samples, whatever they are from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rayon::prelude::*;
use samples::Format;
use serde::{Deserialize, Serialize};

use crate::dataset::Labels;
use crate::error;
use crate::options::OnError;
use crate::sound::clip::{ClipOptions, Crop, LENGTHS, MOST_NUMBERS, sixteen_bits};
use crate::sound::decode::{Recording, decode};
use crate::sound::resample::resampled;
use crate::{DataError, Dataset, HoldOut, PassedOver, Split, Values};

/// Below it, 60 dB under a full scale, a sample is silent.
const SILENCE: f32 = 0.001;

/// Files that are named as silent.
const MAX_NAMED: usize = 10;

/// What recordings were before they were made equal, and what was done to them: numbers of files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Seconds of the shortest.
    pub shortest: f64,
    /// Seconds of the longest.
    pub longest: f64,
    /// By samples a second of the file.
    pub rates: BTreeMap<u32, usize>,
    /// Of several channels, whose mean was taken.
    pub mixed_down: usize,
    /// Brought to the data set's rate.
    pub resampled: usize,
    /// Longer than a sample: cut.
    pub cut: usize,
    /// Shorter than a sample: silence follows.
    pub padded: usize,
}

/// The bytes of a file.
pub(crate) type Read = Box<dyn Fn(usize) -> Result<Vec<u8>, DataError> + Send + Sync>;

/// Recordings, and what is known of them before they are read.
pub(crate) struct Recordings {
    /// The source's, in the experiment file.
    pub(crate) name: &'static str,
    /// The file or folder that all are in.
    pub(crate) place: PathBuf,
    /// Where each is, for messages: at least one.
    pub(crate) places: Vec<PathBuf>,
    pub(crate) read: Read,
    /// A class for each, if there are classes.
    pub(crate) labels: Option<Labels>,
    /// What else is there.
    pub(crate) passed_over: PassedOver,
}

/// A recording at the rate of the data set.
struct Heard {
    /// Of 16 bits.
    samples: Vec<f32>,
    hash: blake3::Hash,
    /// Of the file.
    rate: u32,
    channels: usize,
    seconds: f64,
}

impl Recordings {
    /// The samples of one split. All samples of a recording are on one side.
    ///
    /// # Errors
    /// A recording cannot be used and is not to be skipped, or a class or a split would be empty.
    pub(crate) fn open(
        self,
        options: &ClipOptions,
        on_error: OnError,
        hold_out: HoldOut,
        split: Split,
    ) -> Result<Dataset, DataError> {
        let place = self.place.clone();
        let (all, hashes) = self.samples(options, on_error)?;
        hold_out.split_by(all, |_| hashes.clone(), split, &place)
    }

    /// All samples, and the hash of each one's recording.
    pub(crate) fn samples(
        self,
        options: &ClipOptions,
        on_error: OnError,
    ) -> Result<(Dataset, Vec<blake3::Hash>), DataError> {
        let heard = self.all(options.rate);
        self.clips(heard, options, on_error)
    }

    /// Samples as long as the longest recording, at the rate of the first.
    pub(crate) fn whole(self) -> Result<Dataset, DataError> {
        let first = decode((self.read)(0)?).map_err(|reason| self.unusable(0, reason))?;
        let heard = self.all(first.rate);
        let longest = heard.iter().flatten().map(|heard| heard.samples.len()).max().unwrap_or(0);
        let length = longest.clamp(*LENGTHS.start(), *LENGTHS.end());
        let options = ClipOptions { rate: first.rate, length, crop: Crop::First, pieces: 1 };
        Ok(self.clips(heard, &options, OnError::Fail)?.0)
    }

    fn all(&self, rate: u32) -> Vec<Result<Heard, DataError>> {
        (0..self.places.len()).into_par_iter().map(|index| self.heard(index, rate)).collect()
    }

    fn clips(
        self,
        heard: Vec<Result<Heard, DataError>>,
        options: &ClipOptions,
        on_error: OnError,
    ) -> Result<(Dataset, Vec<blake3::Hash>), DataError> {
        let Self { name, place, places, read: _, labels, mut passed_over } = self;
        let count = places.len();
        let unusable = |reason| DataError::Unusable { path: place.clone(), reason };
        let (mut recorded, mut values, mut hashes, mut of_samples) =
            (Recorded::default(), Vec::new(), Vec::new(), Vec::new());
        let (mut errors, mut silent) = (Vec::new(), Vec::new());
        for (index, heard) in heard.into_iter().enumerate() {
            let heard = match heard {
                Ok(heard) => heard,
                Err(error) => {
                    errors.push(error);
                    continue;
                }
            };
            recorded.add(&heard, options);
            if heard.samples.iter().all(|sample| sample.abs() < SILENCE) {
                silent.push(places[index].display().to_string());
            }
            for place in options.places(&heard.samples, &heard.hash) {
                options.cut(&heard.samples, place, &mut values);
                hashes.push(heard.hash);
                of_samples.extend(labels.iter().map(|labels| labels.of_samples[index]));
            }
            if values.len() > MOST_NUMBERS {
                let reason = "its samples take more than 4 GiB; lower `rate`, `length` or `pieces`, or leave files out";
                return Err(unusable(reason.to_owned()));
            }
        }
        match on_error {
            OnError::Fail => error::all_sound(&place, "sounds", count, errors)?,
            OnError::Skip => passed_over.skip(&place, "sounds", count, &errors),
        }
        if hashes.is_empty() {
            return Err(unusable(format!("no sound can be used: {}", passed_over.warnings.join("; "))));
        }
        let named = labels.as_ref().map(|labels| labels.names.iter().enumerate());
        let empty = named.into_iter().flatten().find(|(class, _)| !of_samples.contains(&(*class as u16)));
        if let Some((_, class)) = empty {
            let why = passed_over.warnings.join("; ");
            return Err(unusable(format!("no sound of class `{class}` can be used: {why}")));
        }
        let of = hashes.len();
        let warning = |text: String| format!("{}: {text}", place.display());
        passed_over.warnings.extend(silence(&silent, count).map(warning));
        passed_over
            .warnings
            .extend((of == 1).then(|| warning("one sound is all that a network can learn here".to_owned())));
        let format = Format::Audio { channels: 1, length: options.length, rate: options.rate };
        let labels = labels.map(|labels| Labels { of_samples, ..labels });
        let all = Dataset::new(name, format, Values::Numbers(values), labels)
            .with_passed_over(passed_over)
            .with_recorded(Some(recorded));
        Ok((all, hashes))
    }

    fn heard(&self, index: usize, rate: u32) -> Result<Heard, DataError> {
        let bytes = (self.read)(index)?;
        let unusable = |reason| self.unusable(index, reason);
        let Recording { samples, rate: own, channels } = decode(bytes).map_err(unusable)?;
        let seconds = samples.len() as f64 / f64::from(own);
        let samples: Vec<f32> = resampled(&samples, own, rate).into_iter().map(sixteen_bits).collect();
        let mut hasher = blake3::Hasher::new();
        samples.iter().for_each(|sample| {
            hasher.update(&sample.to_le_bytes());
        });
        Ok(Heard { samples, hash: hasher.finalize(), rate: own, channels, seconds })
    }

    fn unusable(&self, index: usize, reason: String) -> DataError {
        DataError::Unusable { path: self.places[index].clone(), reason }
    }
}

/// The warning of silent files.
fn silence(silent: &[String], of: usize) -> Option<String> {
    let named = silent.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = if silent.len() > MAX_NAMED { format!(" and {} more", silent.len() - MAX_NAMED) } else { String::new() };
    (!silent.is_empty()).then(|| format!("{} of {of} sounds are silent: {named}{more}", silent.len()))
}

impl Recorded {
    fn add(&mut self, heard: &Heard, options: &ClipOptions) {
        let is_first = self.rates.is_empty();
        *self.rates.entry(heard.rate).or_default() += 1;
        self.shortest = if is_first { heard.seconds } else { self.shortest.min(heard.seconds) };
        self.longest = self.longest.max(heard.seconds);
        self.mixed_down += usize::from(heard.channels > 1);
        self.resampled += usize::from(heard.rate != options.rate);
        self.cut += usize::from(heard.samples.len() > options.length);
        self.padded += usize::from(heard.samples.len() < options.length);
    }
}
