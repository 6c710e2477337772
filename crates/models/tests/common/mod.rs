//! Weights by path, and JSON tensors. Not every test needs all of it.
#![allow(dead_code, reason = "shared by tests that need parts of it")]

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Tensor, TensorData};
use serde_json::Value;
use std::collections::BTreeMap;

/// Shape and values of a tensor.
pub(crate) type Numbers = (Vec<usize>, Vec<f32>);

pub(crate) fn numbers(tensor: &Value) -> Numbers {
    let list = |key: &str| tensor[key].as_array().unwrap().iter().map(|x| x.as_f64().unwrap());
    (list("shape").map(|x| x as usize).collect(), list("data").map(|x| x as f32).collect())
}

pub(crate) fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// PyTorch keeps dense weights as [out, in], Burn as [in, out].
pub(crate) fn transposed((shape, values): Numbers) -> Numbers {
    let (rows, columns) = (shape[0], shape[1]);
    (vec![columns, rows], (0..rows * columns).map(|at| values[at % rows * columns + at / rows]).collect())
}

/// Tolerance: 1e-4 of the largest magnitude of the tensor, but at least of 1e-3.
pub(crate) fn check(what: &str, expected: &[f32], found: &[f32]) {
    assert_eq!(expected.len(), found.len(), "{what}");
    let largest = expected.iter().fold(1e-3f32, |a, x| a.max(x.abs()));
    for (e, f) in expected.iter().zip(found) {
        assert!((e - f).abs() <= 1e-4 * largest, "{what}: expected {expected:?}, found {found:?}");
    }
}

/// Replaces every tensor by the one of its path, whatever its shape was.
pub(crate) fn load<M: Module>(module: M, weights: BTreeMap<String, Numbers>) -> M {
    let mut load = Load { weights, path: Vec::new() };
    let module = module.map(&mut load);
    assert!(load.weights.is_empty(), "no such weights: {:?}", load.weights.keys());
    module
}

struct Load {
    weights: BTreeMap<String, Numbers>,
    path: Vec<String>,
}

impl ModuleMapper for Load {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (shape, values) = self.weights.remove(&key(&self.path)).unwrap_or_else(|| panic!("{:?}", self.path));
        param.map(|old| {
            let new = Tensor::from_data(TensorData::new(values, shape), &old.device());
            if old.is_require_grad() { new.require_grad() } else { new }
        })
    }
}

/// Gradients of all weights by path; 0 where there is none.
pub(crate) fn gradients<M: Module>(module: &M, gradients: &GradientsParams) -> BTreeMap<String, Vec<f32>> {
    let mut collect = Collect { gradients, found: BTreeMap::new(), path: Vec::new() };
    module.visit(&mut collect);
    collect.found
}

struct Collect<'a> {
    gradients: &'a GradientsParams,
    found: BTreeMap<String, Vec<f32>>,
    path: Vec<String>,
}

impl ModuleVisitor for Collect<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let values = match self.gradients.get::<D>(param.id) {
            Some(gradient) => read(gradient),
            None => vec![0.0; param.val().shape().num_elements()],
        };
        self.found.insert(key(&self.path), values);
    }
}

/// All weights by path.
pub(crate) fn weights<M: Module>(module: &M) -> BTreeMap<String, Numbers> {
    let mut weights = Weights { found: BTreeMap::new(), path: Vec::new() };
    module.visit(&mut weights);
    weights.found
}

struct Weights {
    found: BTreeMap<String, Numbers>,
    path: Vec<String>,
}

impl ModuleVisitor for Weights {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        self.found.insert(key(&self.path), (tensor.dims().to_vec(), read(tensor)));
    }
}

fn key(path: &[String]) -> String {
    path.join("/")
}
