//! Phase shuffle.

use super::Layer;
use super::draws::{Drawn, Draws};
use crate::ops::{shift, shift_back};
use burn::module::Module;
use burn::tensor::Tensor;
use std::sync::Arc;

/// Moves each sample along its last axis by a whole number of places, up to `radius` either way, all as likely; what moves in
/// at an end is the mirror image of what stands there. So a discriminator cannot tell generated sounds by the phase that
/// strided transposed convolutions leave in them (Donahue et al. 2019, arXiv 1802.04208, section 3.2).
///
/// It acts in passes that [draw](super::Chain::drawing); in all others it passes on what comes in.
#[derive(Module, Debug)]
pub struct PhaseShuffle {
    radius: usize,
    /// Of the pass.
    #[module(skip)]
    drawn: Option<Drawn>,
}

/// Up to so many places either way; samples are wider than that.
pub fn phase_shuffle(radius: usize) -> Layer {
    Layer::PhaseShuffle(PhaseShuffle { radius, drawn: None })
}

impl PhaseShuffle {
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match self.distances(x.dims()[0]) {
            Some(distances) => shift(x, distances),
            None => x,
        }
    }

    pub fn pullback(&self, gradient: Tensor<4>) -> Tensor<4> {
        match self.distances(gradient.dims()[0]) {
            Some(distances) => shift_back(gradient, distances),
            None => gradient,
        }
    }

    pub fn drawing(self, draws: &Draws, layer: usize) -> Self {
        Self { drawn: Some(Drawn { draws: draws.clone(), layer }), ..self }
    }

    /// The same ones each time.
    fn distances(&self, batch: usize) -> Option<Arc<[isize]>> {
        let mut stream = self.drawn.as_ref()?.stream("phase_shuffle");
        let most = 2 * self.radius;
        let distance = |_| ((stream.uniform() * (most + 1) as f32) as usize).min(most).cast_signed();
        Some((0..batch).map(distance).map(|distance| distance - self.radius.cast_signed()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PenaltyConfig;
    use crate::layer::fixture::common::{self, Numbers, gradients, load, numbers, read, transposed};
    use crate::layer::fixture::{same, sounds, tensor, value};
    use crate::layer::{Chain, LEAKY_RELU, Layers};
    use burn::optim::GradientsParams;
    use burn::tensor::Device;

    fn draws(update: u64) -> Draws {
        Draws { seed: 1, purpose: "test", update }
    }

    #[test]
    fn a_pass_has_its_own_distances_and_the_same_ones_again() {
        let device = Device::flex();
        let x = tensor((0..64 * 9).map(|at| at as f32).collect(), [64, 1, 1, 9], &device);
        let chain = || Chain::new(vec![phase_shuffle(2), phase_shuffle(2)]);
        assert_eq!(read(chain().forward(x.clone())), read(x.clone()), "nothing is drawn");
        let drawn = |update| read(chain().drawing(&draws(update)).forward(x.clone()));
        assert_eq!(drawn(3), drawn(3));
        assert_ne!(drawn(3), drawn(4));
    }

    fn distances(batch: usize) -> Vec<isize> {
        let Layer::PhaseShuffle(layer) = phase_shuffle(2) else { unreachable!("it was just made") };
        layer.drawing(&draws(0), 0).distances(batch).unwrap().to_vec()
    }

    /// 5 distances, 20,000 draws: the standard error of a share of a fifth is 0.0028.
    #[test]
    fn distances_are_uniform() {
        let distances = distances(20_000);
        for distance in -2..=2 {
            let share = distances.iter().filter(|found| **found == distance).count() as f64 / 20_000.0;
            assert!((share - 0.2).abs() < 0.012, "{distance}: {share}");
        }
        assert!(distances.iter().all(|distance| distance.abs() <= 2));
    }

    #[test]
    fn values_and_gradients_are_those_of_numpy_and_pytorch() {
        let expected: Vec<isize> = serde_json::from_value(sounds("distances")).unwrap();
        assert_eq!(distances(expected.len()), expected);
        let (device, case) = (Device::flex().autodiff(), sounds("phase_shuffle"));
        let chain = Chain::new(vec![phase_shuffle(2)]).drawing(&draws(0));
        let x = value(&case, "x", &device).require_grad();
        let by = value(&case, "grad_output", &device);
        let (y, traces) = chain.trace(x.clone());
        same("y", value(&case, "y", &device), y.clone());
        let gradient = x.grad(&(y * by.clone()).sum().backward()).unwrap();
        same("gradient", value(&case, "grad_x", &device), Tensor::from_inner(gradient));
        same("pullback", value(&case, "grad_x", &device), chain.pullback(traces, by));
    }

    /// WGAN-GP's penalty on a critic of 1-D convolutions with phase shuffle between them, beside PyTorch's double backward.
    #[test]
    fn the_penalty_of_a_critic_of_sounds_is_that_of_double_backward() {
        let (device, case) = (Device::flex().autodiff(), sounds("critic"));
        let make = Layers { device: &device, spectral_norm: false, equalized: false, frames: 1 };
        let convolution = |channels| make.convolution(channels, [1, 25], [1, 4]);
        let layers =
            vec![convolution([1, 3]), LEAKY_RELU, phase_shuffle(2), convolution([3, 4]), LEAKY_RELU, make.dense(20, 1)];
        let places = ["0/Convolution", "3/Convolution", "5/Dense"].into_iter().enumerate();
        let paths: Vec<_> = places
            .flat_map(|(theirs, ours)| {
                ["weight", "bias"].map(|part| (format!("{theirs}.{part}"), format!("layers/{ours}/{part}")))
            })
            .collect();
        // Rows of PyTorch's convolutions have no height.
        let burns = |(mut shape, values): Numbers| match shape[..] {
            [_, _, _] => {
                shape.insert(2, 1);
                (shape, values)
            }
            [_, _] => transposed((shape, values)),
            _ => (shape, values),
        };
        let weights = paths.iter().map(|(theirs, ours)| (ours.clone(), burns(numbers(&case["params"][theirs]))));
        let chain = load(Chain::new(layers), weights.collect()).drawing(&draws(0));

        let (d, traces) = chain.trace(value(&case, "x", &device));
        common::check("d", &numbers(&case["d"]).1, &read(d.clone()));
        let gradient = chain.pullback(traces, d.ones_like());
        same("input gradient", value(&case, "input_grad", &device), gradient.clone());
        let penalty: PenaltyConfig = serde_json::from_str(r#""gradient_norm""#).unwrap();
        let penalty = penalty.on_gradient().unwrap().value(gradient);
        common::check("penalty", &[case["penalty"].as_f64().unwrap() as f32], &read(penalty.clone()));
        let found = gradients(&chain, &GradientsParams::from_grads(penalty.backward(), &chain));
        for (theirs, ours) in &paths {
            common::check(theirs, &burns(numbers(&case["param_grads"][theirs])).1, &found[ours]);
        }
    }
}
