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
            if golden.is_null() {
                assert_eq!((name, case.as_str()), ("relativistic", "unequal")); // It compares in pairs.
                continue;
            }
            let what = |part| format!("{name} {part}, {case}");
            let golden_value = |key: &str| vec![golden[key].as_f64().unwrap() as f32];

            let (real, fake) = (leaf(&real_values, &device), leaf(&fake_values, &device));
            let value = loss.discriminator(real.clone(), fake.clone());
            check(&what("discriminator"), &golden_value("d_loss"), &read(value.clone()));
            let gradients = value.backward();
            check(&what("gradient at real"), &numbers(&golden["d_grad_real"]), &read(real.grad(&gradients).unwrap()));
            check(&what("gradient at fake"), &numbers(&golden["d_grad_fake"]), &read(fake.grad(&gradients).unwrap()));

            let (real, fake) = (leaf(&real_values, &device), leaf(&fake_values, &device));
            let value = loss.generator(fake.clone(), || real.clone());
            check(&what("generator"), &golden_value("g_loss"), &read(value.clone()));
            let gradients = value.backward();
            check(&what("gradient"), &numbers(&golden["g_grad_fake"]), &read(fake.grad(&gradients).unwrap()));
            let at_real = real.grad(&gradients).map_or_else(|| vec![0.0; real_values.len()], read);
            check(&what("generator's gradient at real"), &numbers(&golden["g_grad_real"]), &at_real);
        }
    }
}

/// Turns of the losses that were there before must cost no more than they did.
#[test]
fn only_losses_that_compare_ask_for_real_logits() {
    let device = Device::flex();
    let asks = |loss: Loss| {
        let mut asked = false;
        loss.generator(Tensor::ones([2], &device), || {
            asked = true;
            Tensor::zeros([2], &device)
        });
        asked
    };
    let compare: Vec<_> = Loss::ALL.into_iter().filter(|loss| asks(*loss)).collect();
    assert_eq!(compare, [Loss::Relativistic, Loss::RelativisticAverage, Loss::Softmax]);
}
