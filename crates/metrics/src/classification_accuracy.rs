//! Classification accuracy score: does a classifier learn from samples what it would learn from real images? The classifier
//! is not here; this counts how often it was right.

use crate::features::check;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError};
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Accuracy on real images of a classifier that learned from the fake ones (Ravuri and Vinyals 2019).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassificationAccuracy {}

impl Settings for ClassificationAccuracy {
    const NAME: &'static str = "classification_accuracy";
}

impl Metric for ClassificationAccuracy {
    fn entry() -> Entry {
        Entry {
            about: "how well a classifier that learned from the fake samples classifies real ones",
            paper: "Ravuri and Vinyals 2019",
            samples: "images of 8 pixels a side or more, or sounds, with their classes",
            view: View::Trainable,
            smallest: Smallest::Samples(LEAST),
            settings: "20 passes of a small classifier, of sounds 100 batches or more",
            quantities: vec![Quantity::higher("classification_accuracy", "share")],
        }
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        Ok(vec![classification_accuracy(input.real, input.fake, input.predicted)?])
    }
}

/// Samples of a batch.
pub(crate) const LEAST: usize = 64;

/// Accuracy, on the real samples and their classes, of a classifier that was trained on the fake samples and theirs;
/// `predicted` are its classes of the real samples. By class, too: Ravuri and Vinyals 2019, section 3. Without a standard
/// error: that of a share, `√(p (1 - p) / n)`, leaves out what another training of the classifier would change.
///
/// Unit: share, 0 to 1. Higher is better, up to the accuracy after training on other real samples. Cost: that of
/// the training.
///
/// # Errors
/// Fewer samples than a batch, classes that are not known, or no predictions.
pub fn classification_accuracy(
    real: Features,
    fake: Features,
    predicted: Option<&[u16]>,
) -> Result<Measured, MetricError> {
    const NAME: &str = "classification_accuracy";
    check(NAME, real, fake, LEAST, "a classifier learns from batches of 64")?;
    let needed = || MetricError::Kind { metric: NAME, needed: "images with their classes, and a classifier" };
    let predicted = predicted.filter(|predicted| predicted.len() == real.len()).ok_or_else(needed)?;
    let classes = real.classes().ok_or_else(needed)?;
    let mut counts = vec![(0usize, 0usize); classes.iter().max().map_or(0, |last| usize::from(*last) + 1)];
    for (class, predicted) in classes.iter().zip(predicted) {
        let (right, all) = &mut counts[usize::from(*class)];
        *right += usize::from(class == predicted);
        *all += 1;
    }
    let share = |right: usize, all: usize| (all > 0).then(|| right as f64 / all as f64);
    let value = counts.iter().map(|(right, _)| right).sum::<usize>() as f64 / real.len() as f64;
    Ok(Measured {
        value,
        standard_error: None,
        by_class: counts.into_iter().map(|(right, all)| share(right, all)).collect(),
        settings: None,
    })
}
