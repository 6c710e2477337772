//! Whole training steps against PyTorch in float64: alternating updates, one Adam for each network, its state kept.
#[path = "../../models/tests/common/mod.rs"]
pub(crate) mod common;

use crate::{DeviceKind, OptimizerConfig, optimizer};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use burn::train::TrainStep;
use common::{Numbers, check, load, numbers, read, transposed, weights};
use models::task::{Batch, Gan};
use models::{GeneratorInput, ModelConfig, PenaltyConfig, Samples, Variables};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// PyTorch's names and paths here.
const GENERATOR: [(&str, &str); 2] = [("g.fc1", "network/layers/0/Dense"), ("g.fc2", "network/layers/2/Dense")];
const DISCRIMINATOR: [(&str, &str); 2] = [("d.fc1", "body/layers/0/Dense"), ("d.fc2", "head")];

fn device() -> Device {
    Device::flex().autodiff()
}

fn of(parameters: &Value, layers: [(&str, &str); 2]) -> BTreeMap<String, Numbers> {
    let part = |theirs: &str, part: &str| numbers(&parameters[format!("{theirs}.{part}")]);
    let named = layers.into_iter().flat_map(|(theirs, ours)| {
        let weight = transposed(part(theirs, "weight"));
        [(format!("{ours}/weight"), weight), (format!("{ours}/bias"), part(theirs, "bias"))]
    });
    named.collect()
}

fn compare(what: &str, expected: &BTreeMap<String, Numbers>, found: &BTreeMap<String, Numbers>) {
    assert_eq!(expected.keys().collect::<Vec<_>>(), found.keys().collect::<Vec<_>>(), "{what}");
    for (path, (_, values)) in expected {
        check(&format!("{what}: {path}"), values, &found[path].1);
    }
}

fn images(value: &Value) -> Tensor<4> {
    let (shape, values) = numbers(value);
    Tensor::from_data(TensorData::new(values, [shape[0], 1, 1, shape[1]]), &device())
}

fn code(value: &Value) -> GeneratorInput {
    let (shape, values) = numbers(value);
    Tensor::<2>::from_data(TensorData::new(values, [shape[0], shape[1]]), &device()).into()
}

fn number(value: &Value) -> [f32; 1] {
    [value.as_f64().unwrap() as f32]
}

fn scalar(scalars: &[(&'static str, Tensor<1>)], name: &str) -> Vec<f32> {
    read(scalars.iter().find(|(found, _)| *found == name).unwrap().1.clone())
}

/// A discriminator update with the fixture's own points between real and generated images.
fn penalised(gan: &Gan, update: &Value, expected: &Value) -> GradientsParams {
    let real = images(&update["x_real"]);
    let fake = gan.generator.clone().no_grad().forward(code(&update["z"]));
    let (shape, alpha) = numbers(&update["alpha"]);
    let alpha = Tensor::<4>::from_data(TensorData::new(alpha, [shape[0], 1, 1, 1]), &device());
    let points = alpha.clone() * real.clone() + (alpha.neg() + 1.0) * fake.clone();
    let penalty: PenaltyConfig = serde_json::from_value(json!({"kind": "gradient_norm"})).unwrap();
    let penalty = penalty.on_gradient().unwrap().value(gan.discriminator.input_gradient(points));
    let (real, fake) = (gan.discriminator.forward(real), gan.discriminator.forward(fake));
    let loss = gan.config.loss.discriminator(real, fake, &Variables::new([], &device()));
    check("loss", &number(&expected["loss_without_penalty"]), &read(loss.clone()));
    check("penalty", &number(&expected["penalty"]), &read(penalty.clone()));
    GradientsParams::from_grads((loss + penalty).backward(), &gan.discriminator)
}

#[test]
fn weights_after_each_update_are_those_of_pytorch() {
    let fixtures: Value = serde_json::from_str(include_str!("../tests/fixtures/train.json")).unwrap();
    for (run, loss) in [("non_saturating", "non_saturating"), ("wgan_gp", "wasserstein"), ("hinge", "hinge")] {
        let fixture = &fixtures["runs"][run];
        let config: ModelConfig = serde_json::from_value(json!({
            "generator": {"architecture": "mlp", "hidden": [8], "output": "linear"},
            "discriminator": {"architecture": "mlp", "hidden": [8]},
            "latent": {"dim": 4},
            "loss": loss,
        }))
        .unwrap();
        let mut gan = Gan::new(&config, [1, 1, 6], 0, &device());
        gan.generator = load(gan.generator, of(&fixture["initial_params"], GENERATOR));
        gan.discriminator = load(gan.discriminator, of(&fixture["initial_params"], DISCRIMINATOR));
        let theirs = &fixture["optimizer"];
        let adam: OptimizerConfig = serde_json::from_value(json!({
            "optimizer": "adam", "lr": theirs["lr"], "beta1": theirs["beta1"], "beta2": theirs["beta2"],
            "epsilon": theirs["eps"],
        }))
        .unwrap();
        let lr = theirs["lr"].as_f64().unwrap();
        let [mut of_generator, mut of_discriminator] = [(); 2].map(|()| optimizer::init(&adam, DeviceKind::Flex));
        for (at, step) in fixture["steps"].as_array().unwrap().iter().enumerate() {
            for update in step["d_updates"].as_array().unwrap() {
                let (what, expected) = (format!("{run}, discriminator in step {at}"), &update["expected"]);
                let grads = if run == "wgan_gp" {
                    penalised(&gan, update, expected)
                } else {
                    let real = Samples::from(images(&update["x_real"]));
                    let output = TrainStep::step(
                        &gan,
                        Batch { phase: Gan::DISCRIMINATOR, update: 0, is_last: true, real, input: code(&update["z"]) },
                    );
                    let found = scalar(&output.item.scalars, "loss/discriminator");
                    check(&format!("{what}: loss"), &number(&expected["loss"]), &found);
                    output.grads
                };
                gan.discriminator = of_discriminator.step(lr, gan.discriminator.clone(), grads);
                compare(&what, &of(&expected["d_params_after"], DISCRIMINATOR), &weights(&gan.discriminator));
            }
            let (what, update) = (format!("{run}, generator in step {at}"), &step["g_update"]);
            // No loss here compares with real images.
            let real = images(&step["d_updates"][0]["x_real"]).into();
            let output = TrainStep::step(
                &gan,
                Batch { phase: Gan::GENERATOR, update: 0, is_last: true, real, input: code(&update["z"]) },
            );
            let expected = &update["expected"];
            let found = scalar(&output.item.scalars, "loss/generator");
            check(&format!("{what}: loss"), &number(&expected["loss"]), &found);
            gan.generator = of_generator.step(lr, gan.generator.clone(), output.grads);
            compare(&what, &of(&expected["g_params_after"], GENERATOR), &weights(&gan.generator));
        }
    }
}
