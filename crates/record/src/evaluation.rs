//! What was measured of a run's samples at a step.

use crate::log::has_cut_line;
use crate::own_file::{open_own, read_own};
use crate::{Identity, RunFolder};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};

/// Metrics of samples of the averaged generator against real ones. Comparable with others only at the same count,
/// features and split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Generator updates done.
    pub step: u64,
    /// Unix time, seconds.
    pub at: f64,
    /// Generated samples, and real ones.
    pub count: usize,
    /// Name of the feature extractor.
    pub features: String,
    /// `blake3:<hex>` of the extractor: its definition and its weights.
    pub features_hash: String,
    /// Which real samples: [`TRAIN`](Self::TRAIN) or [`TEST`](Self::TEST).
    pub split: String,
    /// By quantity, such as `frechet`; finite numbers only.
    pub values: BTreeMap<String, Measurement>,
    /// What other real samples get in place of the generated ones, by quantity.
    pub floors: BTreeMap<String, f64>,
    /// What needs no network gets in place of the generated samples, by its name and by quantity: `copy` of the inputs ... Of
    /// tasks that translate.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub baselines: BTreeMap<String, BTreeMap<String, f64>>,
    /// Why a quantity has no value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub problems: BTreeMap<String, String>,
    /// The quantities that are measured of each class, too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_class: BTreeMap<String, ByClass>,
    /// How a quantity was measured, where that follows from the samples: `2 of 5 scales`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
}

/// A quantity of each class; null for a class with too few samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ByClass {
    /// What the classes are called; empty where they are called 0, 1 ...
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Of generated samples.
    pub values: Vec<Option<f64>>,
    /// Of other real samples in their place.
    pub floors: Vec<Option<f64>>,
}

/// An evaluation that was made after the run, or beside it, with who made it: a line of `evaluations.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaterEvaluation {
    /// What was measured.
    #[serde(flatten)]
    pub evaluation: Evaluation,
    /// Version of the program.
    pub version: String,
    /// Machine name.
    pub host: String,
    /// `cpu:flex`, `cuda:0` ...
    pub device: String,
    /// Whose samples were measured; absent in records of version 0.1.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Identity>,
}

/// Appends to `evaluations.jsonl`. The caller holds the sweep's lock: the file has one writer at a time.
pub fn append_evaluations(folder: &RunFolder, evaluations: &[LaterEvaluation]) -> io::Result<()> {
    let mut file = open_own(&folder.evaluations(), OpenOptions::new().create(true).read(true).append(true))?;
    // A line that was cut short is closed first.
    let mut bytes = if has_cut_line(&mut file)? { vec![b'\n'] } else { Vec::new() };
    for evaluation in evaluations {
        serde_json::to_writer(&mut bytes, evaluation)?;
        bytes.push(b'\n');
    }
    file.write_all(&bytes)?;
    file.sync_data()
}

/// The lines of `evaluations.jsonl` that can be read; none if there is no such file.
pub fn read_evaluations(folder: &RunFolder) -> io::Result<Vec<LaterEvaluation>> {
    match read_own(&folder.evaluations()) {
        Ok(bytes) => {
            let lines = bytes.split(|byte| *byte == b'\n');
            Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// A quantity's value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The number.
    pub value: f64,
    /// Its standard error, where the metric estimates one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    /// Where it should be.
    pub direction: Direction,
}

/// Where a value should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// As low as it gets.
    Lower,
    /// As high as it gets.
    Higher,
    /// At one half.
    Half,
    /// Where real samples have it.
    Floor,
}

impl Direction {
    /// How far a value is from where it should be; less is better. `floor` is what real samples get; without one there is no
    /// distance to it.
    pub fn distance(self, value: f64, floor: Option<f64>) -> Option<f64> {
        match self {
            Self::Lower => Some(value),
            Self::Higher => Some(-value),
            Self::Half => Some((value - 0.5).abs()),
            Self::Floor => floor.map(|floor| (value - floor).abs()),
        }
    }
}

impl Evaluation {
    /// Samples that the run trains on. The best step is chosen by them.
    pub const TRAIN: &str = "train";
    /// Samples that no run sees. Reported numbers are theirs, where the data set has any.
    pub const TEST: &str = "test";

    /// Whether values of both can be compared.
    pub fn is_comparable(&self, other: &Self) -> bool {
        (&self.split, self.count, &self.features_hash) == (&other.split, other.count, &other.features_hash)
    }

    /// Takes a quantity's value, or the reason why a number that is not finite is none.
    pub fn insert(&mut self, name: &str, measurement: Measurement) {
        if measurement.value.is_finite() {
            let standard_error = measurement.standard_error.filter(|error| error.is_finite());
            self.values.insert(name.to_owned(), Measurement { standard_error, ..measurement });
        } else {
            self.problems.insert(name.to_owned(), format!("is {}", measurement.value));
        }
    }

    /// How far a quantity is from where it should be; less is better. `None` if it has no value, or no floor to be at.
    pub fn distance(&self, name: &str) -> Option<f64> {
        let Measurement { value, direction, .. } = self.values.get(name)?;
        direction.distance(*value, self.floors.get(name).copied())
    }
}

/// The quantity by which samples are called better or worse, if it is measured; else the first by name.
pub const FAVOURITE: &str = "frechet";

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluation(values: &[(&str, f64, Direction)]) -> Evaluation {
        let mut evaluation = Evaluation {
            step: 10,
            at: 1.0,
            count: 100,
            features: "pixels".into(),
            features_hash: "blake3:0".into(),
            split: Evaluation::TRAIN.into(),
            values: BTreeMap::new(),
            floors: [("copies".to_owned(), 0.25)].into(),
            baselines: BTreeMap::new(),
            problems: BTreeMap::new(),
            by_class: BTreeMap::new(),
            settings: BTreeMap::new(),
        };
        for (name, value, direction) in values {
            evaluation.insert(name, Measurement { value: *value, standard_error: None, direction: *direction });
        }
        evaluation
    }

    #[test]
    fn what_is_not_finite_is_a_reason_and_json_holds_numbers_only() {
        let values = [("kid", f64::NAN, Direction::Lower), ("recall", 0.5, Direction::Higher)];
        let json = serde_json::to_string(&evaluation(&values)).unwrap();
        assert_eq!(
            json,
            r#"{"step":10,"at":1.0,"count":100,"features":"pixels","features_hash":"blake3:0","split":"train","values":{"recall":{"value":0.5,"direction":"higher"}},"floors":{"copies":0.25},"problems":{"kid":"is NaN"}}"#
        );
        assert_eq!(serde_json::from_str::<Evaluation>(&json).unwrap(), evaluation(&values[..2]));
    }

    #[test]
    fn distances_follow_directions() {
        let check = |name, value, direction, expected| {
            assert_eq!(evaluation(&[(name, value, direction)]).distance(name), expected, "{name} {direction:?}");
        };
        check("frechet", 3.0, Direction::Lower, Some(3.0));
        check("recall", 0.75, Direction::Higher, Some(-0.75));
        check("nearest_neighbour", 0.25, Direction::Half, Some(0.25));
        check("copies", 0.5, Direction::Floor, Some(0.25));
        check("ms_ssim", 0.5, Direction::Floor, None);
        check("kid", f64::INFINITY, Direction::Lower, None);
    }
}
