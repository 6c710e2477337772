//! Losses between two readings: kept on the device, read in one go.

use burn::tensor::Tensor;
use models::Played;
use std::collections::BTreeMap;

/// What was played since the last reading.
#[derive(Default)]
pub(crate) struct Window {
    generator: Vec<Tensor<1>>,
    discriminator: Vec<Tensor<1>>,
    penalty: Vec<Tensor<1>>,
    real: Vec<Tensor<1>>,
    fake: Vec<Tensor<1>>,
    generator_steps: Vec<u64>,
    discriminator_steps: Vec<u64>,
    penalty_steps: Vec<u64>,
}

/// Means over a window.
pub(crate) struct Reading {
    /// By name.
    pub values: BTreeMap<String, f64>,
    /// The first step (from 0) and network with a loss that is not finite.
    pub diverged: Option<(u64, &'static str)>,
}

impl Window {
    /// Takes the discriminator's turn of step `step` (from 0).
    pub fn discriminator(&mut self, step: u64, played: Played) {
        self.discriminator.push(played.loss);
        if let Some(penalty) = played.penalty {
            self.penalty.push(penalty);
            self.penalty_steps.push(step);
        }
        self.real.extend(played.real);
        self.fake.push(played.fake);
        self.discriminator_steps.push(step);
    }

    /// Takes the generator's turn of step `step` (from 0).
    pub fn generator(&mut self, step: u64, played: Played) {
        self.generator.push(played.loss);
        self.generator_steps.push(step);
    }

    /// Reads and empties the window; waits for the device.
    pub fn read(&mut self) -> Reading {
        let window = std::mem::take(self);
        let (generator, discriminator) = (read(window.generator), read(window.discriminator));
        let penalty = read(window.penalty);
        let first = |losses: &[f64], steps: &[u64]| losses.iter().position(|x| !x.is_finite()).map(|at| steps[at]);
        let diverged = [
            first(&discriminator, &window.discriminator_steps).map(|step| (step, "discriminator")),
            first(&penalty, &window.penalty_steps).map(|step| (step, "discriminator")),
            first(&generator, &window.generator_steps).map(|step| (step, "generator")),
        ];
        let means = [
            ("loss/generator", generator),
            ("loss/discriminator", discriminator),
            ("penalty/discriminator", penalty),
            ("output/real", read(window.real)),
            ("output/fake", read(window.fake)),
        ];
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        Reading {
            values: means
                .into_iter()
                .filter(|(_, values)| !values.is_empty())
                .map(|(name, values)| (name.to_owned(), mean(values)))
                .collect(),
            diverged: diverged.into_iter().flatten().min_by_key(|(step, _)| *step),
        }
    }
}

fn read(scalars: Vec<Tensor<1>>) -> Vec<f64> {
    if scalars.is_empty() {
        return Vec::new();
    }
    Tensor::cat(scalars, 0).into_data().iter().collect()
}
