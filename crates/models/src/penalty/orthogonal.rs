//! Penalty on weights whose outputs resemble one another (Brock et al. 2019, arXiv 1809.11096, eq. 3): for a weight as a matrix
//! W with a row for each output, the products of all pairs of different rows, squared. It is on the weights themselves, so
//! it stands for either network; the paper's is on the generator.

use super::{Entry, Penalty};
use crate::check::above_zero;
use crate::layer::spectral::matrix;
use crate::{Discriminator, Generator};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// On the weights of either network.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Orthogonal {
    /// The paper's β.
    pub weight: f64,
    /// Whose weights.
    pub on: On,
}

/// The networks that a penalty is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// The generator alone.
    Generator,
    /// The discriminator alone.
    Discriminator,
    /// Both.
    Both,
}

impl Default for Orthogonal {
    fn default() -> Self {
        Self { weight: 1e-4, on: On::Generator }
    }
}

impl Settings for Orthogonal {
    const NAME: &'static str = "orthogonal";
}

impl Penalty for Orthogonal {
    fn entry() -> Entry {
        Entry {
            formula: "weight * sum |W W' (1 - I)|^2 over the weights of the network; W has a row for each output",
            settings: "weight (1e-4), on (generator)",
            paper: "Brock et al. 2019, arXiv 1809.11096",
        }
    }

    fn on_discriminator(&self, discriminator: &Discriminator) -> Option<Tensor<1>> {
        if self.on == On::Generator { None } else { self.of_weights(discriminator) }
    }

    fn on_generator(&self, generator: &Generator) -> Option<Tensor<1>> {
        if self.on == On::Discriminator { None } else { self.of_weights(generator) }
    }

    fn check(&self) -> Vec<Problem> {
        above_zero("weight", self.weight).into_iter().collect()
    }
}

impl Orthogonal {
    /// Over all weights of rank 2 and higher; a transposed convolution's outputs are in its second axis.
    fn of_weights<M: Module>(&self, network: &M) -> Option<Tensor<1>> {
        let mut collect = Collect { containers: Vec::new(), sum: None };
        network.visit(&mut collect);
        collect.sum.map(|sum| sum * self.weight)
    }
}

struct Collect {
    containers: Vec<String>,
    sum: Option<Tensor<1>>,
}

impl ModuleVisitor for Collect {
    fn enter_module(&mut self, _name: &str, container: &str) {
        self.containers.push(container.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.containers.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if D < 2 {
            return;
        }
        let transposed = self.containers.last().is_some_and(|container| container.ends_with("TransposedConvolution"));
        let weight = if transposed { param.val().swap_dims(0, 1) } else { param.val() };
        let products = products(matrix(weight));
        self.sum = Some(match self.sum.take() {
            Some(sum) => sum + products,
            None => products,
        });
    }
}

/// |W Wᵀ (1 - I)|², from the smaller of W Wᵀ and Wᵀ W: both have the same norm.
fn products(rows: Tensor<2>) -> Tensor<1> {
    let [count, length] = rows.dims();
    if count <= length {
        let others = Tensor::eye(count, &rows.device()).neg() + 1.0;
        return (rows.clone().matmul(rows.transpose()) * others).square().sum();
    }
    let own = rows.clone().square().sum_dim(1).square().sum();
    rows.clone().transpose().matmul(rows).square().sum() - own
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    fn check<const D: usize>(weight: Tensor<D>, value: f32, gradient: &[f32]) {
        let weight = weight.detach().require_grad();
        let found = products(matrix(weight.clone()));
        assert_eq!(found.clone().into_scalar::<f32>(), value);
        let found = weight.grad(&found.backward()).unwrap();
        assert_eq!(found.into_data().iter::<f32>().collect::<Vec<_>>(), gradient);
    }

    /// The gradient is 4 (W Wᵀ (1 - I)) W.
    #[test]
    fn values_and_gradients_at_small_weights() {
        let device = Device::flex().autodiff();
        let dense = |rows: usize, values: &[f32]| {
            let shape = [rows, values.len() / rows];
            Tensor::<2>::from_data(TensorData::new(values.to_vec(), shape), &device).transpose()
        };
        // One product, 1 3 + 2 4 = 11, twice. Dense weights have their outputs in columns.
        check(dense(2, &[1.0, 2.0, 3.0, 4.0]), 242.0, &[132.0, 44.0, 176.0, 88.0]);
        // Orthogonal rows of any length cost nothing.
        check(dense(2, &[3.0, 0.0, 0.0, 0.0, 5.0, 0.0]), 0.0, &[0.0; 6]);
        // More rows than columns: products 0, 1 and 2, each twice.
        check(dense(3, &[1.0, 0.0, 0.0, 2.0, 1.0, 1.0]), 10.0, &[4.0, 8.0, 4.0, 4.0, 8.0, 16.0]);
        // A convolution's rows are its output channels.
        let convolution = Tensor::<4>::from_data(TensorData::new(vec![1.0f32, 2.0, 3.0, 4.0], [2, 1, 1, 2]), &device);
        check(convolution, 242.0, &[132.0, 176.0, 44.0, 88.0]);
    }
}
