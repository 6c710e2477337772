//! What a discriminator makes of packs of images.

use crate::common::{load, read, weights};
use burn::tensor::{Device, Tensor, TensorData};
use burn::train::TrainStep;
use models::ModelConfig;
use models::task::{Batch, Gan};
use serde_json::json;

fn numbers(values: impl IntoIterator<Item = f32>, shape: [usize; 4]) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values.into_iter().collect(), shape), &Device::flex().autodiff())
}

/// A linear critic of packs of two images of two pixels.
fn gan() -> Gan {
    let config: ModelConfig = serde_json::from_value(json!({
        "generator": {"architecture": "mlp", "hidden": []},
        "discriminator": {"architecture": "mlp", "hidden": []},
        "latent": {"dim": 1},
        "loss": "wasserstein",
        "penalty": {"kind": "r1", "weight": 1.0},
        "packing": 2,
    }))
    .unwrap();
    assert_eq!(config.check([1, 1, 2]), []);
    let gan = Gan::new(&config, [1, 1, 2], 0, &Device::flex().autodiff());
    assert_eq!(weights(&gan.discriminator)["head/weight"].0, [4, 1]);
    let linear = [("head/weight", (vec![4, 1], vec![1.0, 10.0, 100.0, 1000.0])), ("head/bias", (vec![1], vec![0.0]))];
    let linear = linear.map(|(path, numbers)| (path.to_owned(), numbers)).into();
    Gan { discriminator: load(gan.discriminator.clone(), linear), ..gan }
}

#[test]
fn neighbours_in_the_batch_are_judged_together() {
    let gan = gan();
    // Images (1, 2), (3, 4) and (5, 6), (7, 8).
    let real = numbers((1..=8).map(|x| x as f32), [4, 1, 1, 2]);
    let latent = Tensor::from_data([[0.0f32]; 4], &real.device());
    let output = TrainStep::step(
        &gan,
        Batch { phase: Gan::DISCRIMINATOR, update: 0, is_last: true, real: real.into(), input: latent.into() },
    );
    let scalar = |name| output.item.scalars.iter().find(|(found, _)| *found == name).map(|(_, x)| read(x.clone())[0]);
    assert_eq!(scalar("output/real"), Some(f32::midpoint(4321.0, 8765.0)));
    // Of the whole pack's gradient.
    assert_eq!(scalar("penalty/discriminator"), Some(0.5 * (1.0 + 1e2 + 1e4 + 1e6)));
}

#[test]
fn packs_of_no_or_too_many_images_are_reported() {
    for packing in [0, 65] {
        let config: ModelConfig = serde_json::from_value(json!({ "packing": packing })).unwrap();
        let problems = config.check([1, 28, 28]);
        assert_eq!(
            problems.iter().map(|problem| problem.path.as_str()).collect::<Vec<_>>(),
            ["packing"],
            "{problems:?}"
        );
    }
}
