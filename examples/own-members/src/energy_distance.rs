//! A metric: the energy distance of two samples (Székely and Rizzo 2013, Journal of Statistical Planning and Inference 143).

use runner::family::Settings;
use runner::metrics::{Entry, Features, Input, Measured, Metric, MetricError, Quantity, Smallest, View, check};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Energy distance: `2 E|x - y| - E|x - x'| - E|y - y'|`, lower is better.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnergyDistance {}

impl Settings for EnergyDistance {
    const NAME: &'static str = "energy_distance";
}

impl Metric for EnergyDistance {
    fn entry() -> Entry {
        Entry {
            about: "twice the mean distance between the sets less those within them",
            paper: "Székely and Rizzo 2013",
            samples: "features",
            view: View::Features,
            smallest: Smallest::Samples(2),
            settings: "",
            quantities: vec![Quantity::lower("energy_distance", "features").in_tables()],
        }
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        let (real, fake) = (input.real, input.fake);
        check(Self::NAME, real, fake, 2, "distances are those of pairs")?;
        let distance = 2.0 * mean_distance(real, fake) - mean_distance(real, real) - mean_distance(fake, fake);
        Ok(vec![distance.into()])
    }
}

fn mean_distance(left: Features, right: Features) -> f64 {
    let rows = |set: Features| (0..set.len()).map(|row| set.row(row)).collect::<Vec<_>>();
    let (left, right) = (rows(left), rows(right));
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    let sum: f64 = left.iter().flat_map(|a| right.iter().map(|b| distance(a, b))).sum();
    sum / (left.len() * right.len()) as f64
}
