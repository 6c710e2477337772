//! Whether a translated sample still shows what its input showed, as a classifier of the target domain sees it.

use crate::features::check_one;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError, Side};
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const NEEDED: &str = "images of 8 pixels a side or more that were made of inputs whose classes are known, and 64 real ones to learn from";

/// Share of translated images that a classifier of real images of the target domain takes for the class of their input.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelKept {}

impl Settings for LabelKept {
    const NAME: &'static str = "label_kept";
}

impl Metric for LabelKept {
    fn entry() -> Entry {
        Entry {
            about: "how often a classifier of real images takes a translated one for the class of its input",
            paper: "as domain transfer is judged in Hoffman et al. 2018, arXiv 1711.03213",
            samples: NEEDED,
            view: View::Kept,
            smallest: Smallest::Samples(1),
            settings: "20 passes of a small classifier over real images of the training split",
            quantities: vec![Quantity::higher("label_kept", "share").in_tables()],
        }
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        Ok(vec![label_kept(input.fake, input.predicted)?])
    }
}

/// The share of `made` samples whose class, that of the inputs that they were made of, is the `predicted` one; by class, too.
///
/// Unit: share, 0 to 1. Higher is better, up to the accuracy of the classifier on real samples. Cost: none beside the
/// classifier's.
///
/// # Errors
/// No sample, classes that are not known, or no predictions.
pub fn label_kept(made: Features, predicted: Option<&[u16]>) -> Result<Measured, MetricError> {
    share_right(LabelKept::NAME, NEEDED, made, predicted)
}

/// The share of `made` samples whose class is the `predicted` one; by class, too.
pub(crate) fn share_right(
    metric: &'static str,
    needed: &'static str,
    made: Features,
    predicted: Option<&[u16]>,
) -> Result<Measured, MetricError> {
    check_one(metric, Side::Fake, made, 1, "there is nothing to classify")?;
    let lacking = || MetricError::Kind { metric, needed };
    let predicted = predicted.filter(|predicted| predicted.len() == made.len()).ok_or_else(lacking)?;
    let classes = made.classes().ok_or_else(lacking)?;
    let mut counts = vec![(0usize, 0usize); classes.iter().max().map_or(0, |last| usize::from(*last) + 1)];
    for (class, predicted) in classes.iter().zip(predicted) {
        let (right, all) = &mut counts[usize::from(*class)];
        *right += usize::from(class == predicted);
        *all += 1;
    }
    let by_class = counts.iter().map(|(right, all)| (*all > 0).then(|| *right as f64 / *all as f64)).collect();
    let value = counts.iter().map(|(right, _)| right).sum::<usize>() as f64 / made.len() as f64;
    Ok(Measured { value, standard_error: None, by_class, settings: None })
}
