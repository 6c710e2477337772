//! Points that PyTorch drew and made, for the tests of this folder.

use burn::tensor::{Device, Tensor, TensorData};
use serde_json::Value;

/// A tensor of the convolutional critic's case; one number an image becomes `[batch, 1, 1, 1]`.
pub(super) fn tensor(part: &str, name: &str) -> Tensor<4> {
    let fixtures: Value = serde_json::from_str(include_str!("../../tests/fixtures/penalties.json")).unwrap();
    let tensor = &fixtures["critics"]["conv"][part][name];
    let list = |key: &str| tensor[key].as_array().unwrap().iter().map(|x| x.as_f64().unwrap());
    let mut shape: Vec<usize> = list("shape").map(|x| x as usize).collect();
    shape.resize(4, 1);
    let values: Vec<f32> = list("data").map(|x| x as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

pub(super) fn check(expected: Tensor<4>, found: Tensor<4>) {
    assert_eq!(expected.dims(), found.dims());
    let distance = (expected - found).abs().max().into_scalar::<f32>();
    assert!(distance < 1e-5, "{distance}");
}
