//! The presets for sounds with all else that a model can have: every loss, penalty, conditioning, packing and minibatch layer.

use burn::tensor::{Device, Tensor, TensorData};
use models::conditioning::CONDITIONINGS;
use models::loss::LOSSES;
use models::penalty::PENALTIES;
use models::task::{Batch, Gan};
use models::{Domain, ModelConfig, Samples, Stream, one_hot, preset};
use samples::Format;
use serde_json::{Value, json};

const BATCH: usize = 4;
const LENGTH: usize = 600;
const SOUNDS: Domain = Domain {
    output: Format::Audio { channels: 1, length: LENGTH, rate: 8000 },
    input: None,
    paired: false,
    classes: Some(3),
};

/// An update of each network: what it came to is finite.
fn learns(preset: &str, settings: &Value) {
    let mut model = preset::find(preset).unwrap().settings()["model"].take();
    for network in ["generator", "discriminator"] {
        model[network]["channels"] = 2.into();
    }
    for (key, value) in settings.as_object().unwrap() {
        model[key] = value.clone();
    }
    let config: ModelConfig = serde_json::from_value(model).unwrap();
    assert_eq!(config.check(SOUNDS), [], "{preset}: {settings}");
    let device = Device::flex().autodiff();
    let gan = Gan::new(&config, SOUNDS, 1, &device);
    let count = BATCH * config.packing;
    let real = Stream::new(1, "real", 0).uniforms(count * LENGTH, -1.0, 1.0);
    let real = Tensor::<4>::from_data(TensorData::new(real, [count, 1, 1, LENGTH]), &device);
    let classes: Vec<usize> = (0..count).map(|sample| sample % 3).collect();
    let labels = config.conditioning.is_by_class().then(|| one_hot(&classes, 3, &device));
    for phase in [Gan::DISCRIMINATOR, Gan::GENERATOR] {
        let mut stream = Stream::new(1, "latent", 0);
        let input = config.generator_input(SOUNDS.output.shape(), count, labels.clone(), &mut stream, &device);
        let real = Samples::from(real.clone()).with_labels(labels.clone());
        let output = burn::train::TrainStep::step(&gan, Batch { phase, update: 0, is_last: true, real, input }).item;
        for (name, value) in output.scalars {
            assert!(value.into_scalar::<f32>().is_finite(), "{preset}, {name}: {settings}");
        }
    }
}

#[test]
fn sounds_go_with_all_that_is_legal() {
    let losses = LOSSES.defaults().filter(|loss| !["energy", "boundary_equilibrium"].contains(&loss.name()));
    let losses = losses.map(|loss| json!({"loss": loss.name()}));
    let penalties = PENALTIES.names().iter().map(|penalty| json!({"penalty": penalty}));
    let conditionings = CONDITIONINGS.names().iter().map(|conditioning| json!({"conditioning": conditioning}));
    let others = [
        json!({"packing": 2}),
        json!({"minibatch": "standard_deviation"}),
        json!({"minibatch": "discrimination"}),
        json!({"augmentation": {"kind": "diff_augment", "operations": ["brightness", "translation"]}}),
    ];
    for settings in losses.chain(penalties).chain(conditionings).chain(others) {
        for preset in ["wavegan", "specgan"] {
            learns(preset, &settings);
        }
    }
}
