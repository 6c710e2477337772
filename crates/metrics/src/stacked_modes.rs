//! Modes of stacked MNIST: which of the 1,000 numbers of three digits does the generator draw?

use crate::features::check_one;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError, Side};
use family::Settings;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const DIGITS: usize = 10;
const MODES: usize = DIGITS * DIGITS * DIGITS;

/// Modes of three digits in the channels of an image (Metz et al. 2017, Lin et al. 2018).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModesStackedMnist {}

impl Settings for ModesStackedMnist {
    const NAME: &'static str = "modes_stacked_mnist";
}

impl Metric for ModesStackedMnist {
    fn entry() -> Entry {
        Entry {
            about: "modes of three digits in the channels of an image",
            paper: "Metz et al. 2017, Srivastava et al. 2017, Lin et al. 2018",
            samples: "digits that a classifier sees in three channels, of the fake samples",
            view: View::Classes,
            smallest: Smallest::Samples(1),
            settings: "1000 modes",
            quantities: vec![
                Quantity::higher("stacked_mnist_modes", "modes").in_tables(),
                Quantity::lower("stacked_mnist_kl", "nats"),
            ],
        }
    }

    fn takes(&self, format: Format) -> bool {
        format.frames() == 1
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        let found = stacked_modes(input.fake)?;
        Ok(vec![(found.covered as f64).into(), found.kl.into()])
    }
}

/// What the samples make of the modes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StackedModes {
    /// Modes with at least one sample. Higher is better; samples of `n` draws from the data have
    /// `1000 (1 - 0.999ⁿ)` of them, which is 999.95 of 10,000.
    pub covered: usize,
    /// `KL(p ‖ uniform)` in nats of the shares p of the modes. Lower is better, about `999 / 2n` for `n` draws from
    /// uniform data.
    pub kl: f64,
}

/// Modes of triples of digits, as a classifier sees them in the three channels of each image: Metz et al. 2017, section
/// 3.3.1; Srivastava et al. 2017 (VEEGAN), section 4.1; Lin et al. 2018 (PacGAN), section 4.2, who take 26,000 samples.
///
/// Units: modes, nats. Cost: `samples`.
///
/// # Errors
/// No samples, or samples that are not three digits.
pub fn stacked_modes(triples: Features) -> Result<StackedModes, MetricError> {
    const NAME: &str = "modes_stacked_mnist";
    let needed = MetricError::Kind { metric: NAME, needed: "the digits in three channels" };
    check_one(NAME, Side::Fake, triples, 1, "there is nothing to count")?;
    if triples.width() != 3 {
        return Err(needed);
    }
    let mut counts = vec![0usize; MODES];
    for triple in triples.matrix().rows() {
        if !triple.iter().all(|digit| digit.fract() == 0.0 && (0.0..DIGITS as f64).contains(digit)) {
            return Err(needed);
        }
        counts[triple.iter().fold(0, |mode, digit| DIGITS * mode + *digit as usize)] += 1;
    }
    let shares = counts.iter().filter(|count| **count > 0).map(|count| *count as f64 / triples.len() as f64);
    let kl = shares.map(|share| share * libm::log(share * MODES as f64)).sum();
    Ok(StackedModes { covered: counts.iter().filter(|count| **count > 0).count(), kl })
}
