//! Inception score: does a classifier see one class in each sample, and all classes among them?

use crate::features::{check_one, check_probabilities};
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError, Side};
use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether a classifier is sure of each sample's class and all classes occur, higher is better (Salimans et al. 2016).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InceptionScore {}

impl Settings for InceptionScore {
    const NAME: &'static str = "inception_score";
}

impl Metric for InceptionScore {
    fn entry() -> Entry {
        Entry {
            about: "sure of each sample's class, and all classes there",
            paper: "Salimans et al. 2016",
            samples: "class probabilities, of the fake samples",
            view: View::Probabilities,
            smallest: Smallest::Samples(1),
            settings: "1 split",
            quantities: vec![Quantity::higher("inception_score", "classes")],
        }
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        Ok(vec![inception_score(input.fake, 1)?.0.into()])
    }
}

/// `exp(mean KL(p(y|x) ‖ p(y)))` of class probabilities, `0 ln 0 = 0`: Salimans et al. 2016, section 4. Mean and
/// deviation (divided by their number) over `splits` consecutive, equal parts.
///
/// Unit: classes, 1 to the number of classes. Higher is better. Sees neither copies nor missing variety within a class
/// (Barratt and Sharma 2018). Cost: `samples · classes`.
///
/// # Errors
/// Fewer samples than splits; rows that are no probabilities.
pub fn inception_score(probabilities: Features, splits: usize) -> Result<(f64, f64), MetricError> {
    let splits = splits.max(1);
    check_one("inception_score", Side::Fake, probabilities, splits, "each split needs one")?;
    let rows = check_probabilities("inception_score", probabilities)?;
    let count = probabilities.len();
    let scores: Vec<f64> = (0..splits)
        .map(|split| {
            let part = rows.slice(ndarray::s![split * count / splits..(split + 1) * count / splits, ..]);
            let mean = part.mean_axis(ndarray::Axis(0)).unwrap_or_default();
            let divergence = |row: ndarray::ArrayView1<f64>| {
                let terms = row.iter().zip(&mean).filter(|(p, _)| **p > 0.0);
                terms.map(|(p, q)| p * libm::log(p / q)).sum::<f64>()
            };
            libm::exp(part.rows().into_iter().map(divergence).sum::<f64>() / part.nrows() as f64)
        })
        .collect();
    let mean = scores.iter().sum::<f64>() / splits as f64;
    let variance = scores.iter().map(|score| (score - mean) * (score - mean)).sum::<f64>() / splits as f64;
    Ok((mean, variance.sqrt()))
}
