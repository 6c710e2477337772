//! How much an answer to samples changes along directions, beside random ones.

use super::{Codes, Editor, Found};
use models::Stream;

/// Samples that are moved.
const MOVED: usize = 64;

/// Random directions beside each, and Student's t of a two-sided interval of 95 % for so many.
const RANDOM: usize = 10;
const STUDENT: f64 = 2.262_157;

/// Seed of samples and random directions.
const SEED: u64 = 1;

/// How much an answer changes along a direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Editability {
    /// From one end to the other.
    pub change: f64,
    /// Mean over random directions of the same length.
    pub random: f64,
    /// Where a further random direction would be in 95 of 100 cases: the mean and t √(1 + 1/n) standard deviations to each side.
    pub interval: [f64; 2],
}

impl Editability {
    /// Samples that it is measured on.
    pub const MOVED: usize = MOVED;

    fn of(change: f64, random: &[f64]) -> Self {
        let count = random.len() as f64;
        let mean = random.iter().sum::<f64>() / count;
        let variance = random.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        let half = STUDENT * (variance * (1.0 + 1.0 / count)).sqrt();
        Self { change, random: mean, interval: [mean - half, mean + half] }
    }

    /// Whether no random direction changes as much, as far as the interval tells.
    pub fn is_beyond(&self) -> bool {
        self.change > self.interval[1]
    }
}

impl Editor<'_> {
    /// For each direction how much an answer to samples changes when these go from `amount` of its deviations to one side to as many to
    /// the other, and how much when they go as far along each of ten random directions. `change` gets the samples at the two ends,
    /// `[count, channels, height, width]`. Samples are those of a class, if one is given; always the same.
    pub fn editability(
        &self,
        found: &Found,
        amount: f64,
        class: Option<usize>,
        change: impl Fn(&[f32], &[f32]) -> f64,
    ) -> Vec<Editability> {
        let codes = self.draw(MOVED, SEED, class);
        let width = found.directions.vectors.ncols();
        let random: Vec<Vec<f64>> = (0..RANDOM).map(|at| direction(width, at as u64)).collect();
        let across = |direction: &[f64], length: f64| self.across(&codes, direction, length, &change);
        let rows = found.directions.vectors.rows().into_iter().zip(&found.deviations);
        rows.map(|(row, deviation)| {
            let length = amount * deviation;
            let others: Vec<f64> = random.iter().map(|other| across(other, length)).collect();
            Editability::of(across(&row.to_vec(), length), &others)
        })
        .collect()
    }

    fn across(&self, codes: &Codes, direction: &[f64], length: f64, change: impl Fn(&[f32], &[f32]) -> f64) -> f64 {
        let [one, other] = [-length, length].map(|by| self.samples(&self.along(codes, direction, by)));
        change(&one, &other)
    }
}

/// Of length 1, uniform over all directions.
fn direction(width: usize, at: u64) -> Vec<f64> {
    let numbers = Stream::new(SEED, "edit/random direction", at).normals(width, 1.0);
    let length = numbers.iter().map(|number| f64::from(*number).powi(2)).sum::<f64>().sqrt();
    numbers.into_iter().map(|number| f64::from(number) / length.max(f64::MIN_POSITIVE)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RunConfig;
    use crate::averaged::Averaged;
    use burn::tensor::Device;
    use directions::{Directions, matrix};
    use models::{Domain, Editable};
    use samples::Format;

    /// Of a generator x = Wᵀz the answer "first coordinate" changes by 2 a ⟨n, w⟩ along n, w being W's first column: most along w
    /// itself, not at all across it, and along random directions by their share of w.
    #[test]
    fn of_a_linear_generator_changes_are_the_analytic_ones() {
        let model = r#"{"generator": {"architecture": "mlp", "hidden": [], "output": "linear"}, "latent": {"dim": 6}}"#;
        let config = RunConfig { model: serde_json::from_str(model).unwrap(), ..RunConfig::default() };
        let domain = Domain { output: Format::Points { dims: 2, extent: 1.0 }, ..Domain::images([1, 1, 1], None) };
        let device = Device::flex();
        let sampler = config.model.init(domain, 3, &device).sampler();
        let editable = Editable::new(sampler.folded().unwrap());
        let weight: Vec<f32> = editable.weight(6).unwrap().into_data().iter().collect();
        let editor = Editor { averaged: Averaged { step: 0, sampler, config: &config, domain, device }, editable };

        let w: Vec<f64> = weight.chunks(2).map(|row| f64::from(row[0])).collect();
        let norm = |of: &[f64]| of.iter().map(|number| number * number).sum::<f64>().sqrt();
        let along: Vec<f32> = w.iter().map(|number| (number / norm(&w)) as f32).collect();
        let mut across = [w[1], -w[0], 0.0, 0.0, 0.0, 0.0];
        let length = norm(&across);
        across.iter_mut().for_each(|number| *number /= length);
        let across = across.map(|number| number as f32);
        let vectors = matrix(&[along, across.to_vec()].concat(), 6);
        let found = Found { directions: Directions { vectors, strengths: vec![0.0; 2] }, deviations: vec![1.0, 0.5] };

        let first = |samples: &[f32]| samples.chunks(2).map(|point| f64::from(point[0])).sum::<f64>() / 64.0;
        let measured = editor.editability(&found, 3.0, None, |one, other| first(other) - first(one));
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");
        near(measured[0].change, 6.0 * norm(&w));
        near(measured[1].change, 0.0);
        let random: Vec<f64> = (0..RANDOM as u64)
            .map(|at| direction(6, at).iter().zip(&w).map(|(one, other)| one * other).sum::<f64>())
            .collect();
        let mean = random.iter().sum::<f64>() / RANDOM as f64;
        near(measured[0].random, 6.0 * mean);
        near(measured[1].random, 3.0 * mean);
        assert!(measured[0].is_beyond() && !measured[1].is_beyond(), "{measured:?}");
        // Student's interval of a further draw, by SciPy: stats.t.ppf(0.975, 9) is 2.2621571628.
        let measured = Editability::of(1.0, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]);
        near(measured.random, 5.5);
        near(measured.interval[1] - 5.5, 2.262_157 * (55.0f64 / 6.0 * 1.1).sqrt());
    }

    #[test]
    fn random_directions_have_length_one_and_are_not_the_same() {
        let [one, other] = [0, 1].map(|at| direction(100, at));
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        assert!((product(&one, &one) - 1.0).abs() < 1e-12 && product(&one, &other).abs() < 0.5);
    }
}
