//! The moving average of the generator's weights.

use crate::Average;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::Tensor;
use models::Generator;
use std::any::Any;
use std::collections::HashMap;

/// Moves `average` towards `generator` after generator update number `step` (from 0). Running statistics of
/// normalisation layers are averaged like weights. Both are in validation mode.
pub(crate) fn update(average: Generator, generator: &Generator, config: Average, step: u64) -> Generator {
    let decay = config.decay.min((1 + step) as f64 / (10 + step) as f64);
    let mut weights = Collect(HashMap::new());
    generator.visit(&mut weights);
    average.map(&mut Blend { weights: weights.0, decay })
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
}

impl ModuleMapper for Blend {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let weight = self.weights.remove(&param.id).and_then(|weight| weight.downcast::<Tensor<D>>().ok());
        let weight = *weight.expect("the average was made from the generator and shares its parameter ids");
        param.map(|average| average * self.decay + weight * (1.0 - self.decay))
    }
}
