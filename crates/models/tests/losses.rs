//! Losses and their gradients against PyTorch's in float64. Tolerance: 1e-4 of the largest magnitude of the tensor.
#![allow(clippy::unwrap_used)]

use burn::tensor::{Device, Tensor, TensorData};
use models::Loss;
use serde_json::Value;

fn numbers(tensor: &Value) -> Vec<f32> {
    tensor["data"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
}

fn leaf(values: &[f32], device: &Device) -> Tensor<1> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), device).require_grad()
}

fn check(what: &str, expected: &[f32], found: &[f32]) {
    assert_eq!(expected.len(), found.len(), "{what}");
    let largest = expected.iter().fold(1e-3f32, |a, x| a.max(x.abs()));
    for (e, f) in expected.iter().zip(found) {
        assert!((e - f).abs() <= 1e-4 * largest, "{what}: expected {expected:?}, found {found:?}");
    }
}

fn read(tensor: Tensor<1>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

#[test]
fn values_and_gradients_are_those_of_pytorch() {
    let fixtures: Value = serde_json::from_str(include_str!("fixtures/losses.json")).unwrap();
    let device = Device::flex().autodiff();
    for (case, data) in fixtures["cases"].as_object().unwrap() {
        let (real_values, fake_values) = (numbers(&data["real"]), numbers(&data["fake"]));
        for loss in Loss::ALL {
            let name = loss.entry().name;
            let golden = &data["losses"][name];
            let what = |part| format!("{name} {part}, {case}");
            let golden_value = |key: &str| vec![golden[key].as_f64().unwrap() as f32];

            let (real, fake) = (leaf(&real_values, &device), leaf(&fake_values, &device));
            let value = loss.discriminator(real.clone(), fake.clone());
            check(&what("discriminator"), &golden_value("d_loss"), &read(value.clone()));
            let gradients = value.backward();
            check(&what("gradient at real"), &numbers(&golden["d_grad_real"]), &read(real.grad(&gradients).unwrap()));
            check(&what("gradient at fake"), &numbers(&golden["d_grad_fake"]), &read(fake.grad(&gradients).unwrap()));

            let fake = leaf(&fake_values, &device);
            let value = loss.generator(fake.clone());
            check(&what("generator"), &golden_value("g_loss"), &read(value.clone()));
            let gradients = value.backward();
            check(&what("gradient"), &numbers(&golden["g_grad_fake"]), &read(fake.grad(&gradients).unwrap()));
        }
    }
}
