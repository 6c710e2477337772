//! Numbers left out at random.

use super::Layer;
use super::draws::{Drawn, Draws};
use crate::ops::pointwise;
use burn::module::Module;
use burn::tensor::{Tensor, TensorData};

/// Each number of a sample is 0 with a probability and else divided by what is left of 1 (Srivastava et al. 2014, JMLR 15).
///
/// It acts in passes that [draw](super::Chain::drawing), and so never in samples of a record.
#[derive(Module, Debug)]
pub struct Dropout {
    /// That a number is left out.
    probability: f64,
    /// Of the pass.
    #[module(skip)]
    drawn: Option<Drawn>,
}

/// Leaves out numbers with a probability in [0, 1).
pub fn dropout(probability: f64) -> Layer {
    Layer::Dropout(Dropout { probability, drawn: None })
}

impl Dropout {
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let Some(drawn) = &self.drawn else { return x };
        let [samples, channels, height, width] = x.dims();
        let factor = (1.0 / (1.0 - self.probability)) as f32;
        let numbers = drawn.stream("dropout").uniforms(samples * channels * height * width, 0.0, 1.0);
        let factors = numbers.into_iter().map(|number| if f64::from(number) < self.probability { 0.0 } else { factor });
        // As numbers lie on the CPU.
        let mask = TensorData::new(factors.collect::<Vec<_>>(), [height, width, channels, samples]);
        let mask = Tensor::<4>::from_data(mask, &x.device()).permute([3, 2, 0, 1]);
        pointwise([x, mask], |[x, mask]| x * mask)
    }

    /// The same numbers are left out.
    pub fn pullback(&self, gradient: Tensor<4>) -> Tensor<4> {
        self.forward(gradient)
    }

    pub fn drawing(self, draws: &Draws, layer: usize) -> Self {
        Self { drawn: Some(Drawn { draws: draws.clone(), layer }), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Chain;
    use burn::tensor::Device;

    fn numbers(tensor: Tensor<4>) -> Vec<f32> {
        tensor.into_data().iter().collect()
    }

    #[test]
    fn a_share_of_the_numbers_is_left_out_the_same_in_passes_of_one_purpose_and_update() {
        let chain = Chain::new(vec![dropout(0.25), dropout(0.0)]);
        let device = Device::flex().autodiff();
        let x = Tensor::<4>::ones([8, 10, 10, 10], &device).require_grad();
        assert!(numbers(chain.forward(x.clone())).iter().all(|number| *number == 1.0), "none without draws");
        let pass = |purpose, update| chain.clone().drawing(&Draws { seed: 1, purpose, update }).forward(x.clone());
        let made = numbers(pass("a", 1));
        let left_out = made.iter().filter(|number| **number == 0.0).count() as f64 / made.len() as f64;
        // Five standard errors.
        assert!((left_out - 0.25).abs() < 0.025, "{left_out}");
        assert!(made.iter().all(|number| *number == 0.0 || (number - 4.0 / 3.0).abs() < 1e-6));
        assert_eq!(made, numbers(pass("a", 1)));
        assert_ne!(made, numbers(pass("b", 1)));
        assert_ne!(made, numbers(pass("a", 2)));
        assert_eq!(numbers(x.grad(&pass("a", 1).sum().backward()).unwrap()), made, "so is the gradient");
    }
}
