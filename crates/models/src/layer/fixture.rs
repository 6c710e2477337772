//! Layers as PyTorch computes them, for the tests of this folder.

#[path = "../../tests/common/mod.rs"]
pub(super) mod common;

use super::{Chain, Layer};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use common::{Numbers, read};

pub(super) use common::numbers;
use serde_json::Value;

pub(super) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

pub(super) fn same<const D: usize>(what: &str, expected: Tensor<D>, found: Tensor<D>) {
    assert_eq!(expected.dims(), found.dims(), "{what}");
    common::check(what, &read(expected), &read(found));
}

/// A case of `layers.json`.
pub(super) fn case(name: &str) -> Value {
    let fixtures: Value = serde_json::from_str(include_str!("../../tests/fixtures/layers.json")).unwrap();
    fixtures["cases"][name].clone()
}

/// A part of `video.json`.
pub(super) fn video(name: &str) -> Value {
    let fixtures: Value = serde_json::from_str(include_str!("../../tests/fixtures/video.json")).unwrap();
    fixtures[name].clone()
}

/// A part of `sounds.json`.
pub(super) fn sounds(name: &str) -> Value {
    let fixtures: Value = serde_json::from_str(include_str!("../../tests/fixtures/sounds.json")).unwrap();
    fixtures[name].clone()
}

/// A value of a case of `layers.json`; vectors become `[batch, length, 1, 1]`.
pub(super) fn value(case: &Value, name: &str, device: &Device) -> Tensor<4> {
    let (mut shape, values) = numbers(&case[name]);
    shape.resize(4, 1);
    tensor(values, shape.try_into().unwrap(), device)
}

/// Output, gradients at the input and at the weights, and the pullback of a layer whose weights are replaced by those of
/// the case: `weights` pairs their names with paths in the layer. Dense weights are transposed.
pub(super) fn check(case: &str, layer: Layer, weights: &[(&str, &str)]) {
    let (what, case) = (case, &self::case(case));
    let device = Device::flex().autodiff();
    let path = |path: &str| format!("layers/0/{path}");
    let loaded = weights.iter().map(|(theirs, ours)| (path(ours), numbers(&case["params"][theirs])));
    let chain = common::load(Chain::new(vec![layer]), loaded.collect());

    let x = value(case, "x", &device).require_grad();
    let gradient = value(case, "grad_output", &device);
    let y = chain.forward(x.clone());
    same(&format!("{what}: y"), value(case, "y", &device), y.clone());
    let mut gradients = (y * gradient.clone()).sum().backward();
    let by_input = Tensor::from_inner(x.grad_remove(&mut gradients).unwrap());
    same(&format!("{what}: gradient at x"), value(case, "grad_x", &device), by_input);
    let found = common::gradients(&chain, &GradientsParams::from_grads(gradients, &chain));
    for (theirs, ours) in weights {
        let (_, expected): Numbers = numbers(&case["grad_params"][theirs]);
        let found = &found[&path(ours)];
        if expected.iter().all(|exact| exact.abs() < 1e-12) {
            // 0 but for rounding, there and here.
            assert!(found.iter().all(|gradient| gradient.abs() < 1e-5), "{what}: gradient at {theirs}: {found:?}");
            continue;
        }
        common::check(&format!("{what}: gradient at {theirs}"), &expected, found);
    }
    let (_, traces) = chain.trace(x);
    same(&format!("{what}: pullback"), value(case, "grad_x", &device), chain.pullback(traces, gradient));
}
