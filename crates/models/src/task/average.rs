//! Moving averages of weights.

use crate::flex;
use crate::layer::spectral::{LEFT, RIGHT};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::Tensor;
use std::any::Any;
use std::collections::HashMap;

/// Moves `average` towards `networks`, of which it was made: `decay` of it stays. Running statistics of normalisation
/// layers are averaged like weights, as by BigGAN's program; StyleGAN2's copies them. Singular vectors are copied, as a start for those of the averaged weights. Both are in validation mode.
pub(super) fn approach<M: Module>(average: M, networks: &M, decay: f64) -> M {
    let mut weights = Collect(HashMap::new());
    networks.visit(&mut weights);
    average.map(&mut Blend { weights: weights.0, decay, is_singular: false })
}

struct Collect(HashMap<ParamId, Box<dyn Any>>);

impl ModuleVisitor for Collect {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.insert(param.id, Box::new(param.val()));
    }
}

struct Blend {
    weights: HashMap<ParamId, Box<dyn Any>>,
    decay: f64,
    /// Whether the tensor that comes next is a singular vector.
    is_singular: bool,
}

impl ModuleMapper for Blend {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.is_singular = [LEFT, RIGHT].contains(&name);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let weight = self.weights.remove(&param.id).and_then(|weight| weight.downcast::<Tensor<D>>().ok());
        let weight = *weight.expect("the average was made of the networks and shares their parameter ids");
        param.map(|average| if self.is_singular { weight } else { blend(average, weight, self.decay) })
    }
}

/// `average * decay + weight * (1 - decay)`, in place on the CPU if nothing else holds the average.
fn blend<const D: usize>(average: Tensor<D>, weight: Tensor<D>, decay: f64) -> Tensor<D> {
    let Some(numbers) = flex::buffer(weight.clone()) else { return average * decay + weight * (1.0 - decay) };
    let mut average = flex::buffer(average).expect("the average is on the device of its networks");
    kernels::moving_average(average.storage_mut(), numbers.storage(), decay);
    flex::tensor(average)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    /// Longer than one task's share.
    const LENGTH: usize = 70_001;

    fn wave(frequency: f32) -> Tensor<1> {
        let values: Vec<f32> = (0..LENGTH).map(|index| (index as f32 * frequency).sin()).collect();
        Tensor::from_data(TensorData::new(values, [LENGTH]), &Device::flex())
    }

    #[test]
    fn bits_are_those_of_the_expression() {
        let expected = (wave(0.3) * 0.97 + wave(0.7) * (1.0 - 0.97)).into_data();
        let average = wave(0.3);
        let begin = flex::buffer(average.clone()).unwrap().storage::<f32>().as_ptr();
        let found = flex::buffer(blend(average, wave(0.7), 0.97)).unwrap();
        assert_eq!(found.storage::<f32>().as_ptr(), begin, "in place");
        assert_eq!(flex::tensor::<1>(found).into_data(), expected);
    }
}
