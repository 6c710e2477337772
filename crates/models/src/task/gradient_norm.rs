//! How large a gradient is.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// Norm of the gradient over all weights that have one, `[1]`, on the device.
pub(super) fn gradient_norm<M: Module>(networks: &M, gradients: &GradientsParams) -> Tensor<1> {
    let mut squares = Squares { gradients, parts: Vec::new() };
    networks.visit(&mut squares);
    let device = networks.devices().swap_remove(0).inner();
    let zero = Tensor::zeros([1], &device);
    squares.parts.into_iter().fold(zero, |sum, part| sum + part).sqrt()
}

struct Squares<'a> {
    gradients: &'a GradientsParams,
    parts: Vec<Tensor<1>>,
}

impl ModuleVisitor for Squares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = self.gradients.get::<D>(param.id);
        self.parts.extend(gradient.map(|gradient| (gradient.clone() * gradient).sum()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::nn::LinearConfig;
    use burn::tensor::Device;

    /// The gradient of 3 (x w + b) at x = [2, 6]: 6 and 18 for the weights, 3 for the bias.
    #[test]
    fn the_norm_is_over_weights_and_biases() {
        let device = Device::flex().autodiff();
        let line = LinearConfig::new(2, 1).init(&device);
        let x = Tensor::<2>::from_floats([[2.0, 6.0]], &device);
        let loss = line.forward(x).sum() * 3.0;
        let gradients = GradientsParams::from_grads(loss.backward(), &line);
        let norm: Vec<f32> = gradient_norm(&line, &gradients).into_data().iter().collect();
        assert!((norm[0] - (36.0f32 + 324.0 + 9.0).sqrt()).abs() < 1e-5, "{norm:?}");
    }
}
