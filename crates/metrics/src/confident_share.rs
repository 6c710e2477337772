//! How many samples a classifier of real ones is sure of.

use crate::features::{check_one, check_probabilities};
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError, Side};
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The smallest probability of the likeliest class that counts as sure.
const SURE: f64 = 0.95;

/// Share of samples whose likeliest class has a probability of at least 0.95: digits that can be read, not scribbles between them.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfidentShare {}

impl Settings for ConfidentShare {
    const NAME: &'static str = "confident_share";
}

impl Metric for ConfidentShare {
    fn entry() -> Entry {
        Entry {
            about: "how many samples a classifier of real ones is sure of",
            paper: "",
            samples: "class probabilities, of the fake samples",
            view: View::Probabilities,
            smallest: Smallest::Samples(1),
            settings: "a probability of 0.95 or more",
            quantities: vec![Quantity::higher("confident_share", "share")],
        }
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        Ok(vec![confident_share(input.fake)?.into()])
    }
}

/// The share of rows of class probabilities whose largest is at least 0.95.
///
/// Unit: share, 0 to 1. Higher is better, up to that of real samples. Sees neither copies nor missing variety: one good sample, made
/// again and again, gets 1. Cost: `samples · classes`.
///
/// # Errors
/// No sample; rows that are no probabilities.
pub fn confident_share(probabilities: Features) -> Result<f64, MetricError> {
    check_one(ConfidentShare::NAME, Side::Fake, probabilities, 1, "a share needs one")?;
    let rows = check_probabilities(ConfidentShare::NAME, probabilities)?;
    let sure = rows.rows().into_iter().filter(|row| row.iter().any(|p| *p >= SURE)).count();
    Ok(sure as f64 / rows.nrows() as f64)
}
