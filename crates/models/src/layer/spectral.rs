//! Spectral normalisation: a layer's weight divided by its largest singular value σ (Miyato et al. 2018, arXiv 1802.05957,
//! algorithm 1).
//!
//! σ = uᵀ W v with singular vectors that one power iteration before each update of the network carries on: they are
//! state like weights, in checkpoints and digests, but constants of the backward pass. W itself is not: the gradient
//! goes through σ.

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Tensor};

/// Below a vector's length before something is divided by it.
const LENGTH_EPSILON: f64 = 1e-12;

/// Power iterations on the initial weights, so that the first update already has a σ.
pub const FIRST_ITERATIONS: usize = 15;

/// Part of σ that one power iteration more may add to what counts as converged: ten times the rounding of σ.
const TOLERANCE: f32 = 1e-6;

/// Name of the field that starts at random.
pub(crate) const LEFT: &str = "left_singular";

/// Name of the other field.
pub(crate) const RIGHT: &str = "right_singular";

/// How far singular vectors are carried on.
#[derive(Clone, Copy, Debug)]
pub enum PowerIteration {
    /// By one iteration: beside a weight that moves a little with each update.
    Once,
    /// Until the next iteration would not make σ larger. What has converged stays as it is, bit for bit.
    Converged,
}

/// The state of one weight.
#[derive(Module, Debug)]
pub struct SpectralNorm {
    /// u: as long as the layer's outputs.
    left_singular: Param<Tensor<1>>,
    /// v: as long as what one output sees.
    right_singular: Param<Tensor<1>>,
}

impl SpectralNorm {
    /// For a weight of this shape, dense `[in, out]` or convolution `[out, in, k, k]`. All 0:
    /// [`Initialization`](crate::Initialization) draws u, the first iteration makes v.
    pub fn new<const D: usize>(weight: [usize; D], device: &Device) -> Self {
        let [rows, columns] = matrix_shape(weight);
        // Not `Param::from_tensor`, which would ask for gradients.
        let zeros = |length: usize| Param::initialized(ParamId::new(), Tensor::zeros([length], device));
        Self { left_singular: zeros(rows), right_singular: zeros(columns) }
    }

    /// Carries the vectors on towards those of the largest singular value.
    pub fn follow<const D: usize>(self, weight: Tensor<D>, power: PowerIteration) -> Self {
        match power {
            PowerIteration::Once => self.iterate(weight),
            PowerIteration::Converged => self.converge(weight),
        }
    }

    /// An iteration never makes σ smaller, but for rounding, and σ is bounded, so this comes to an end.
    fn converge<const D: usize>(self, weight: Tensor<D>) -> Self {
        let sigma = |norm: &Self| norm.sigma(weight.clone()).into_scalar::<f32>();
        let (mut norm, mut largest) = (self.clone(), sigma(&self));
        loop {
            let next = norm.clone().iterate(weight.clone());
            let larger = sigma(&next);
            if larger - largest > TOLERANCE * larger {
                (norm, largest) = (next, larger);
            } else {
                return norm;
            }
        }
    }

    fn iterate<const D: usize>(self, weight: Tensor<D>) -> Self {
        let weight = matrix(weight.detach());
        let [rows, columns] = weight.dims();
        let left = self.left_singular.val().detach().reshape([1, rows]);
        let right = unit(left.matmul(weight.clone()).reshape([columns]));
        let left = unit(weight.matmul(right.clone().reshape([columns, 1])).reshape([rows]));
        Self { left_singular: self.left_singular.map(|_| left), right_singular: self.right_singular.map(|_| right) }
    }

    /// σ, a scalar `[1]`; differentiable by the weight.
    pub fn sigma<const D: usize>(&self, weight: Tensor<D>) -> Tensor<1> {
        let weight = matrix(weight);
        let [rows, columns] = weight.dims();
        let left = self.left_singular.val().detach().reshape([1, rows]);
        let right = self.right_singular.val().detach().reshape([columns, 1]);
        left.matmul(weight).matmul(right).reshape([1])
    }

    /// W / σ.
    pub fn normalize<const D: usize>(&self, weight: Tensor<D>) -> Tensor<D> {
        let sigma = self.sigma(weight.clone());
        weight / sigma.reshape([1; D])
    }
}

/// A layer's weight as it acts: normalised if it has a norm, and scaled.
pub(super) fn effective<const D: usize>(weight: Tensor<D>, norm: Option<&SpectralNorm>, scale: f64) -> Tensor<D> {
    let weight = match norm {
        Some(norm) => norm.normalize(weight),
        None => weight,
    };
    if scale == 1.0 { weight } else { weight * scale }
}

/// Rows are the outputs: columns of a dense weight, the first axis of a convolution's.
pub(crate) fn matrix<const D: usize>(weight: Tensor<D>) -> Tensor<2> {
    let [rows, columns] = matrix_shape(weight.dims());
    if D == 2 { weight.reshape([columns, rows]).transpose() } else { weight.reshape([rows, columns]) }
}

fn matrix_shape<const D: usize>(weight: [usize; D]) -> [usize; 2] {
    let size: usize = weight.iter().product();
    let rows = if D == 2 { weight[1] } else { weight[0] };
    [rows, size / rows]
}

fn unit(vector: Tensor<1>) -> Tensor<1> {
    let length = vector.clone().square().sum().sqrt().clamp_min(LENGTH_EPSILON);
    vector / length
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::TensorData;
    use serde_json::Value;

    fn numbers(tensor: &Value) -> Vec<f32> {
        tensor["data"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
    }

    fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().iter::<f32>().collect()
    }

    fn close(what: &str, expected: &[f32], found: &[f32]) {
        let largest = expected.iter().fold(1e-3f32, |a, x| a.max(x.abs()));
        assert_eq!(expected.len(), found.len(), "{what}");
        for (e, f) in expected.iter().zip(found) {
            assert!((e - f).abs() <= 1e-4 * largest, "{what}: expected {expected:?}, found {found:?}");
        }
    }

    /// `view` takes PyTorch's layout to Burn's; it is its own inverse but for the shape.
    fn check<const D: usize>(case: &Value, shape: [usize; D], view: impl Fn(Tensor<D>) -> Tensor<D>) {
        let device = Device::flex().autodiff();
        let tensor = |key: &str| Tensor::<D>::from_data(TensorData::new(numbers(&case[key]), shape), &device);
        let weight = view(tensor("weight")).detach().require_grad();
        let mut norm = SpectralNorm::new(weight.dims(), &device);
        let start = numbers(&case["u0"]);
        norm.left_singular = norm.left_singular.map(|_| {
            let length = start.len();
            Tensor::from_data(TensorData::new(start, [length]), &device)
        });
        for done in 1..=50 {
            norm = norm.iterate(weight.clone());
            let Some(after) = case["after"].get(done.to_string()) else { continue };
            close("sigma", &[after["sigma"].as_f64().unwrap() as f32], &read(norm.sigma(weight.clone())));
            // The vectors' signs follow from the start, so they are comparable.
            close("u", &numbers(&after["u"]), &read(norm.left_singular.val()));
            close("v", &numbers(&after["v"]), &read(norm.right_singular.val()));
            if done == 1 {
                let normal = norm.normalize(weight.clone());
                close("W / sigma", &numbers(&case["normalized_weight_after_1"]), &read(view(normal.clone())));
                let gradients = (normal * view(tensor("grad_output"))).sum().backward();
                let gradient = Tensor::from_inner(weight.grad(&gradients).unwrap());
                close("gradient", &numbers(&case["grad_weight_after_1"]), &read(view(gradient)));
            }
        }
        close("svd", &[case["svd_sigma"].as_f64().unwrap() as f32], &read(norm.sigma(weight.clone())));
        // What has been normalised has the largest singular value 1.
        close("1", &[1.0], &read(norm.sigma(norm.normalize(weight))));
    }

    #[test]
    fn values_and_gradients_are_those_of_pytorch_and_of_the_svd() {
        let fixtures: Value = serde_json::from_str(include_str!("../../tests/fixtures/spectral.json")).unwrap();
        let shape = |case: &Value| -> Vec<usize> {
            case["weight"]["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect()
        };
        let linear = &fixtures["cases"]["linear"];
        check::<2>(linear, shape(linear).try_into().unwrap(), Tensor::transpose);
        let conv = &fixtures["cases"]["conv"];
        check::<4>(conv, shape(conv).try_into().unwrap(), |weight| weight);
    }
}
