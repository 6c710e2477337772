//! Whole training steps of the tasks that translate against PyTorch in float64 (`scripts/translation_fixtures.py`): losses of each
//! step, and all weights after the last.
use crate::golden_steps::common::{check, read};
use crate::{DeviceKind, OptimizerConfig, optimizer};
use burn::tensor::{Device, Tensor, TensorData};
use burn::train::TrainOutput;
use models::task::Batch;
use models::{Domain, GeneratorInput, ModelConfig, Samples};
use samples::Format;
use serde_json::{Value, json};

const IMAGE: [usize; 3] = [3, 16, 24];
const BATCH: usize = 3;
const LR: f64 = 2e-3;

fn wave(count: usize, phase: f64, frequency: f64) -> Vec<f32> {
    (0..count).map(|at| (at as f64 * frequency + phase).sin() as f32).collect()
}

fn images(step: usize, which: usize, device: &Device) -> Tensor<4> {
    let [channels, height, width] = IMAGE;
    let values = wave(BATCH * 3 * 16 * 24, 1.7 * step as f64 + which as f64 + 0.5, 0.11 + 0.05 * which as f64);
    Tensor::from_data(TensorData::new(values, [BATCH, channels, height, width]), device)
}

fn is_weight(path: &[String]) -> bool {
    path.last().is_some_and(|name| !name.starts_with("running_"))
}

fn compare(name: &str, paired: bool, model: Value) {
    let fixtures: Value = serde_json::from_str(include_str!("../tests/fixtures/translation.json")).unwrap();
    let fixture = &fixtures[name];
    let device = Device::flex().autodiff();
    let model: ModelConfig = serde_json::from_value(model).unwrap();
    let format = Format::Image(IMAGE);
    let domain = Domain { output: format, input: Some(format), paired, classes: None };
    assert_eq!(model.check(domain), []);
    let mut networks = model.init(domain, 0, &device);
    let mut index = 0;
    networks.replace(&mut |path, shape| {
        if !is_weight(path) {
            return None;
        }
        let is_gain = path.last().is_some_and(|name| name == "gamma");
        let wave = wave(shape.iter().product(), f64::from(index), 0.37);
        index += 1;
        let values: Vec<f32> = wave.into_iter().map(|x| if is_gain { 1.0 + 0.1 * x } else { 0.25 * x }).collect();
        Some(TensorData::new(values, shape.to_vec()))
    });
    let adam = json!({"optimizer": "adam", "lr": LR, "beta1": 0.5, "beta2": 0.999, "epsilon": 1e-4});
    let adam: OptimizerConfig = serde_json::from_value(adam).unwrap();
    let phases = networks.phases(1).len();
    let mut optimizers: Vec<_> = (0..phases).map(|_| optimizer::init(&adam, DeviceKind::Flex)).collect();
    for (step, expected) in fixture["losses"].as_array().unwrap().iter().enumerate() {
        let mut found = Vec::new();
        for (phase, optimizer) in optimizers.iter_mut().enumerate() {
            let latent = GeneratorInput::from(Tensor::zeros([BATCH, 1], &device));
            let input = latent.with_source(Some(images(step, 0, &device)));
            let real = Samples::from(images(step, 1, &device));
            let TrainOutput { grads, item } =
                networks.step(Batch { phase, update: step as u64, is_last: true, real, input });
            networks.update(phase, optimizer, LR, grads);
            found.extend(item.scalars);
        }
        for (loss, expected) in expected.as_object().unwrap() {
            let (_, value) = found.iter().find(|(name, _)| name == loss).unwrap();
            check(&format!("{name}, step {step}: {loss}"), &[expected.as_f64().unwrap() as f32], &read(value.clone()));
        }
    }
    let mut expected = fixture["weights"].as_array().unwrap().iter();
    networks.visit(&mut |path, numbers| {
        if is_weight(path) {
            let expected = expected.next().unwrap().as_array().unwrap();
            let expected: Vec<f32> = expected.iter().map(|value| value.as_f64().unwrap() as f32).collect();
            check(&format!("{name}: {}", path.join(".")), &expected, &numbers().iter::<f32>().collect::<Vec<_>>());
        }
    });
    assert!(expected.next().is_none(), "all weights were compared");
}

#[test]
fn pix2pix_learns_as_in_pytorch() {
    let model = json!({
        "task": {"kind": "translation"},
        "generator": {"architecture": "unet", "channels": 2, "dropout": 0.0},
        "discriminator": {"architecture": "patchgan", "channels": 3},
        "loss": "non_saturating",
    });
    compare("pix2pix", true, model);
}

#[test]
fn cyclegan_learns_as_in_pytorch() {
    let model = json!({
        "task": {"kind": "unpaired", "adversarial": 2.0},
        "generator": {"architecture": "residual", "channels": 2, "blocks": 1},
        "discriminator": {"architecture": "patchgan", "channels": 3, "norm": "instance"},
        "loss": "least_squares",
    });
    compare("cyclegan", false, model);
}

#[test]
fn cut_learns_as_in_pytorch() {
    let model = json!({
        // All places of each map: which are drawn does not matter.
        "task": {"kind": "mapping", "adversarial": 2.0, "contrast": 1.5, "identity": 0.5, "temperature": 0.01,
            "patches": 400, "features": 5},
        "generator": {"architecture": "residual", "channels": 2, "blocks": 1},
        "discriminator": {"architecture": "patchgan", "channels": 3, "norm": "instance"},
        "loss": "least_squares",
    });
    compare("cut", false, model);
}
