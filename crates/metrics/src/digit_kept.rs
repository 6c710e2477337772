//! Whether a digit stays what it is while it moves.

use crate::features::check_one;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError, Side};
use family::Settings;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const NAME: &str = "digit_kept";
const NOTHING: &str = "there is nothing to look at";

/// Share of frames that show the digit that most frames of their clip show, as a classifier sees them.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DigitKept {}

impl Settings for DigitKept {
    const NAME: &'static str = NAME;
}

impl Metric for DigitKept {
    fn entry() -> Entry {
        Entry {
            about: "share of frames that show the digit that most frames of their clip show",
            paper: "",
            samples: "the digit that a classifier sees in each frame, of the fake samples",
            view: View::Classes,
            smallest: Smallest::Samples(1),
            settings: "",
            quantities: vec![Quantity::higher("digit_kept", "share").in_tables()],
        }
    }

    fn takes(&self, format: Format) -> bool {
        matches!(format, Format::Video { .. })
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        Ok(vec![digit_kept(input.fake)?.into()])
    }
}

/// Rows are classes, a column for each frame: the mean over rows of the share of their commonest class. Higher is better; frames of
/// ten digits in any order have about 0.28 of 16.
///
/// # Errors
/// No samples.
pub fn digit_kept(classes: Features) -> Result<f64, MetricError> {
    check_one(NAME, Side::Fake, classes, 1, NOTHING)?;
    let matrix = classes.matrix();
    let kept = |row: ndarray::ArrayView1<f64>| {
        let mut counts = BTreeMap::<u64, usize>::new();
        row.iter().for_each(|class| *counts.entry(class.to_bits()).or_default() += 1);
        counts.values().copied().max().unwrap_or(0) as f64 / row.len() as f64
    };
    Ok(matrix.rows().into_iter().map(kept).sum::<f64>() / matrix.nrows() as f64)
}
