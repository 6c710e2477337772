//! The part of one's own data that is held out: metrics are measured against it, and no network sees it.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use family::Problem;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{DataError, Dataset, Split};

/// A share of the samples, from 0 (nothing, the default) to less than 1. A sample's side follows from its values alone: it
/// stays there when others are added, and equal samples are on the same side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HoldOut(pub f64);

impl HoldOut {
    /// A share out of range.
    pub(crate) fn check(self) -> Option<Problem> {
        let message = format!("{} is no share to hold out: from 0 (nothing) to less than 1, such as 0.1", self.0);
        Problem::unless((0.0..1.0).contains(&self.0), "hold_out", message)
    }

    /// Nothing is held out.
    pub(crate) fn is_none(self) -> bool {
        self.0 == 0.0
    }

    /// One split of all samples, which are from `place`. That for training holds the other one, too.
    ///
    /// # Errors
    /// A side would have no sample, or none of a class.
    pub(crate) fn split(self, all: Dataset, split: Split, place: &Path) -> Result<Dataset, DataError> {
        let hashes = |all: &Dataset| (0..all.len()).map(|index| all.sample_hash(index)).collect();
        self.split_by(all, hashes, split, place)
    }

    /// The same for samples whose side follows from these hashes instead of from their own values.
    pub(crate) fn split_by(
        self,
        all: Dataset,
        hashes: impl Fn(&Dataset) -> Vec<blake3::Hash>,
        split: Split,
        place: &Path,
    ) -> Result<Dataset, DataError> {
        match (self.is_none(), split) {
            (true, Split::Train) => {
                let nothing = Arc::new(all.only(&[]));
                return Ok(all.with_held_out(nothing));
            }
            (true, Split::Test) => return Ok(all.only(&[])),
            (false, _) => {}
        }
        let shares: Vec<f64> = hashes(&all).iter().map(share).collect();
        self.check_sides(&all, &shares).map_err(|reason| DataError::Unusable { path: place.to_owned(), reason })?;
        let (held_out, training): (Vec<_>, Vec<_>) = (0..all.len()).partition(|index| shares[*index] < self.0);
        let held_out = all.only(&held_out);
        Ok(match split {
            Split::Train => all.only(&training).with_held_out(Arc::new(held_out)),
            Split::Test => held_out,
        })
    }

    fn check_sides(self, all: &Dataset, shares: &[f64]) -> Result<(), String> {
        let names = all.class_names().unwrap_or_default();
        let mut classes = vec![Class::default(); names.len().max(1)];
        for (index, share) in shares.iter().enumerate() {
            classes[all.class(index)].add(*share);
        }
        let occurring = || classes.iter().filter(|class| class.samples > 0);
        let empty = |class: &&Class| class.samples > 0 && !(class.least < self.0 && self.0 <= class.most);
        let Some((number, class)) = classes.iter().enumerate().find(|(_, class)| empty(class)) else { return Ok(()) };
        let of = names.get(number).map_or(String::new(), |name| format!(" of class `{name}`"));
        let which = if class.least < self.0 { "leaves nothing to train on" } else { "holds nothing out" };
        // Between these every class has samples on both sides.
        let from = occurring().map(|class| class.least).fold(0.0, f64::max);
        let to = occurring().map(|class| class.most).fold(1.0, f64::min);
        let [least, most] = [(from * 1000.0).floor() + 1.0, (to * 1000.0).floor()].map(|share| share / 1000.0);
        let advice = match least <= most {
            true if names.is_empty() => format!("from {least:.3} to {most:.3} would do"),
            true => format!("from {least:.3} to {most:.3} would do for every class"),
            false => "add samples that differ, or hold nothing out".to_owned(),
        };
        Err(format!("`hold_out: {}` {which} of {} samples{of}; {advice}", self.0, class.samples))
    }
}

/// The ends of the shares of its samples.
#[derive(Clone)]
struct Class {
    samples: usize,
    least: f64,
    most: f64,
}

impl Default for Class {
    fn default() -> Self {
        Self { samples: 0, least: 1.0, most: 0.0 }
    }
}

impl Class {
    fn add(&mut self, share: f64) {
        *self = Self { samples: self.samples + 1, least: self.least.min(share), most: self.most.max(share) };
    }
}

/// Uniform in `[0, 1)`: below the share to hold out, a sample is held out.
pub(crate) fn share(hash: &blake3::Hash) -> f64 {
    let (word, _) = hash.as_bytes().split_first_chunk().expect("a hash has 32 bytes");
    (u64::from_le_bytes(*word) >> 11) as f64 / (1u64 << 53) as f64
}

impl JsonSchema for HoldOut {
    fn schema_name() -> Cow<'static, str> {
        "HoldOut".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "exclusiveMaximum": 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Labels, Values};
    use samples::Format;

    /// Points whose value is their number; `classes` in turn.
    fn numbered(numbers: impl IntoIterator<Item = usize>, classes: usize) -> Dataset {
        let numbers = Vec::from_iter(numbers);
        let labels = numbers.iter().map(|number| (number % classes) as u16).collect();
        let values = numbers.iter().flat_map(|number| [*number as f32, 0.0]).collect();
        let format = Format::Points { dims: 2, extent: 1.0 };
        Dataset::new("tiny", format, Values::Numbers(values), Some(Labels::numbered(labels, classes)))
    }

    fn split(all: Dataset, hold_out: f64) -> Result<[Vec<f32>; 2], String> {
        let part = |split| {
            let part = HoldOut(hold_out).split(all.clone(), split, Path::new("here")).map_err(|e| e.to_string())?;
            let mut values = Vec::new();
            part.read_into(&Vec::from_iter(0..part.len()), &mut values);
            Ok::<Vec<f32>, String>(values.into_iter().step_by(2).collect())
        };
        Ok([part(Split::Train)?, part(Split::Test)?])
    }

    #[test]
    fn a_sample_stays_on_its_side_and_equal_ones_share_it() {
        let [few, few_out] = split(numbered(0..1000, 2), 0.1).unwrap();
        let [many, many_out] = split(numbered((0..1500).chain(0..1000), 2), 0.1).unwrap();
        assert!(few.iter().all(|sample| many.contains(sample)) && few_out.iter().all(|s| many_out.contains(s)));
        assert!(many.iter().all(|sample| !many_out.contains(sample)));
        // Five standard errors of a binomial distribution.
        assert!((few_out.len() as f64 - 100.0).abs() < 5.0 * 9.5, "{}", few_out.len());
        assert_eq!(few.len() + few_out.len(), 1000);
        assert!(few_out.is_sorted(), "their order is that of all samples");
    }

    #[test]
    fn the_training_split_holds_the_other() {
        let all = numbered(0..200, 1);
        let train = HoldOut(0.2).split(all.clone(), Split::Train, Path::new("here")).unwrap();
        let test = HoldOut(0.2).split(all.clone(), Split::Test, Path::new("here")).unwrap();
        assert_eq!(train.held_out().unwrap().fingerprint(), test.fingerprint());
        let whole = HoldOut(0.0).split(all.clone(), Split::Train, Path::new("here")).unwrap();
        assert_eq!((whole.fingerprint(), whole.held_out().unwrap().is_empty()), (all.fingerprint(), true));
        assert!(HoldOut(0.0).split(all, Split::Test, Path::new("here")).unwrap().is_empty());
    }

    #[test]
    fn an_empty_side_says_which_shares_would_do() {
        let error = split(numbered(0..80, 4), 0.01).unwrap_err();
        let (_, advice) =
            error.split_once("`hold_out: 0.01` holds nothing out of 20 samples of class `0`; from ").unwrap();
        let [least, most] = [0, 2].map(|word| advice.split(' ').nth(word).unwrap().parse::<f64>().unwrap());
        assert!([least, most].iter().all(|share| split(numbered(0..80, 4), *share).is_ok()), "{error}");
        assert!(
            [least - 0.002, most + 0.002].iter().all(|share| split(numbered(0..80, 4), *share).is_err()),
            "{error}"
        );
        let error = split(numbered(0..3, 3), 0.5).unwrap_err();
        assert!(error.ends_with("add samples that differ, or hold nothing out"), "{error}");
        assert!(split(numbered([7, 7, 7], 1), 0.5).is_err(), "equal samples have one side");
    }

    #[test]
    fn shares_out_of_range_are_reported() {
        for wrong in [-0.1, 1.0, f64::NAN, f64::INFINITY] {
            assert!(HoldOut(wrong).check().is_some(), "{wrong}");
        }
        assert!([0.0, 0.1, 0.999].into_iter().all(|share| HoldOut(share).check().is_none()));
    }
}
