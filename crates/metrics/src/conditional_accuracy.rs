//! Whether a sample that was made as one of a class is taken for one, by a classifier of real samples.

use crate::label_kept::share_right;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError};
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const NEEDED: &str = "images of 8 pixels a side or more, or sounds, with their classes, and 64 real ones to learn from";

/// Share of generated samples that a classifier of real ones takes for the class that they were made as (Shmelkov et al. 2018).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionalAccuracy {}

impl Settings for ConditionalAccuracy {
    const NAME: &'static str = "conditional_accuracy";
}

impl Metric for ConditionalAccuracy {
    fn entry() -> Entry {
        Entry {
            about: "how often a classifier of real samples takes a generated one for the class that it was made as",
            paper: "GAN-test of Shmelkov et al. 2018, arXiv 1807.09499",
            samples: NEEDED,
            view: View::Judged,
            smallest: Smallest::Samples(1),
            settings: "20 passes of a small classifier over real samples, of sounds 100 batches or more",
            quantities: vec![Quantity::higher("conditional_accuracy", "share").in_tables()],
        }
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        Ok(vec![conditional_accuracy(input.fake, input.predicted)?])
    }
}

/// The share of `made` samples whose class, that which they were made as, is the `predicted` one; by class, too.
///
/// Unit: share, 0 to 1. Higher is better, up to the accuracy of the classifier on real samples; of k classes that take turns
/// 1 / k is chance. Says nothing of variety: one good sample of each class, made again and again, gets 1. Cost: none beside
/// the classifier's.
///
/// # Errors
/// No sample, classes that are not known, or no predictions.
pub fn conditional_accuracy(made: Features, predicted: Option<&[u16]>) -> Result<Measured, MetricError> {
    share_right(ConditionalAccuracy::NAME, NEEDED, made, predicted)
}
