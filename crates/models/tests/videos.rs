//! Networks of videos: critics against PyTorch (`scripts/video_fixtures.py`), sizes, what is refused.

use crate::common::{check, gradients, load, numbers, read};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use models::task::Gan;
use models::{Discriminator, ModelConfig, Stream};
use samples::Format;
use serde_json::{Value, json};

fn video(frames: usize, image: [usize; 3]) -> Format {
    Format::Video { frames, image, fps: 8 }
}

fn config(generator: Value, discriminator: Value) -> ModelConfig {
    let of = |mut settings: Value| {
        settings["architecture"] = "tgan".into();
        settings
    };
    let model = json!({"generator": of(generator), "discriminator": of(discriminator), "latent": {"dim": 5}});
    serde_json::from_value(model).unwrap()
}

/// The paths of the fixture's weights in the discriminator.
fn path(theirs: &str) -> String {
    let (layer, name) = theirs.rsplit_once('.').unwrap();
    let image = |branch: usize, at: usize| {
        format!("body/layers/0/Beside/branches/{branch}/chain/layers/0/PerFrame/chain/layers/{at}")
    };
    let head = |branch: usize| format!("patches/network/layers/0/Beside/branches/{branch}/chain/layers/1");
    let place = match layer {
        "frames.0" => image(0, 1),
        "frames.1" => image(0, 3),
        "clips.0" => image(1, 1),
        "clips.1" => image(1, 3),
        "time.0" => "body/layers/0/Beside/branches/1/chain/layers/2".to_owned(),
        "time.1" => "body/layers/0/Beside/branches/1/chain/layers/4".to_owned(),
        "frames.head" => head(0),
        "clips.head" => head(1),
        other => panic!("{other}"),
    };
    format!("{place}/Convolution/{name}")
}

fn case() -> Value {
    let file: Value = serde_json::from_str(include_str!("fixtures/video.json")).unwrap();
    file["critics"].clone()
}

/// Weights of convolutions have four axes here: those over time are `[out, in, time, 1]`, those over places `[out, in, 1, places]`.
fn critics(case: &Value, device: &Device) -> Discriminator {
    let network = config(json!({}), json!({"channels": 2, "spectral_norm": false}));
    let network = network.init_discriminator(video(6, [1, 8, 8]), 1, device);
    let weights = case["params"].as_object().unwrap().iter().map(|(name, tensor)| {
        let (mut shape, values) = numbers(tensor);
        match (name.as_str(), shape.len()) {
            (name, 3) if name.starts_with("time") => shape.push(1),
            ("clips.head.weight", _) => shape.insert(2, 1),
            ("frames.head.weight", _) => shape.extend([1, 1]),
            _ => {}
        }
        (path(name), (shape, values))
    });
    load(network, weights.collect())
}

fn samples(case: &Value, device: &Device) -> Tensor<4> {
    let (shape, values) = numbers(&case["x"]);
    Tensor::from_data(TensorData::new(values, TryInto::<[usize; 4]>::try_into(shape).unwrap()), device)
}

#[test]
fn critics_are_those_of_pytorch() {
    let (device, case) = (Device::flex().autodiff(), case());
    let network = critics(&case, &device);
    let logits = network.forward(samples(&case, &device));
    check("logits", &numbers(&case["logits"]).1, &read(logits.clone()));
    let (_, weight) = numbers(&case["weight"]);
    let weight = Tensor::from_data(TensorData::new(weight, [36]), &device);
    let found = (logits * weight).sum().backward();
    let found = gradients(&network, &GradientsParams::from_grads(found, &network));
    for (name, expected) in case["grads"].as_object().unwrap() {
        check(name, &numbers(expected).1, &found[&path(name)]);
    }
}

/// The gradient at a video is exact, and so is that of a penalty on it at the weights.
#[test]
fn penalties_see_the_gradient_of_both_critics() {
    let (device, case) = (Device::flex().autodiff(), case());
    let network = critics(&case, &device);
    let gradient = network.input_gradient(samples(&case, &device));
    check("gradient", &numbers(&case["input_grad"]).1, &read(gradient.clone()));
    let penalty = gradient.square().sum();
    let expected = case["penalty"].as_f64().unwrap() as f32;
    check("penalty", &[expected], &read(penalty.clone()));
    let found = gradients(&network, &GradientsParams::from_grads(penalty.backward(), &network));
    for (name, expected) in case["penalty_grads"].as_object().unwrap() {
        let (found, expected) = (&found[&path(name)], numbers(expected).1);
        // A bias moves no slope.
        if expected.iter().all(|value| *value == 0.0) {
            assert!(found.iter().all(|value| *value == 0.0), "{name}: {found:?}");
        } else {
            check(name, &expected, found);
        }
    }
}

#[test]
fn videos_of_any_length_and_size() {
    let device = Device::flex();
    for (frames, image) in [(2, [1, 16, 16]), (5, [3, 12, 20]), (16, [1, 32, 32]), (9, [1, 17, 8]), (33, [1, 8, 8])] {
        for (motion, critics) in [("convolutions", "both"), ("recurrent", "frames"), ("recurrent", "clips")] {
            let config = config(
                json!({"channels": 2, "motion": motion, "motion_dim": 3}),
                json!({"channels": 2, "critics": critics}),
            );
            let format = video(frames, image);
            assert_eq!(config.check(format), [], "{format}");
            let gan = Gan::new(&config, format, 1, &device);
            let [channels, rows, width] = format.shape();
            let code = config.generator_input(format.shape(), 2, None, &mut Stream::new(1, "test", 0), &device);
            let made = gan.generator.forward(code);
            assert_eq!(made.dims(), [2, channels, rows, width], "{format}");
            let logits = gan.discriminator.forward(made);
            assert_eq!(logits.dims(), [2 * frames * if critics == "both" { 2 } else { 1 }], "{format}");
            assert!(read(logits).iter().all(|logit| logit.is_finite()));
        }
    }
}

/// The same latent vector and the same numbers of motion make the same frame, whichever frame it is.
#[test]
fn frames_differ_by_their_motion_alone() {
    let (device, format) = (Device::flex(), video(6, [1, 8, 8]));
    let config = config(json!({"channels": 2, "motion_dim": 1}), json!({"channels": 2}));
    let code = || config.generator_input(format.shape(), 3, None, &mut Stream::new(1, "test", 0), &device);
    let made = |generator: &models::Generator| read(generator.forward(code()));
    let generator = config.init_generator(format, 1, &device);
    let differ = |made: &[f32]| made.chunks(6 * 64).all(|video| video.chunks(64).any(|frame| frame != &video[..64]));
    assert!(differ(&made(&generator)));
    // Without weights the path gives every frame the same numbers.
    let mut weights = crate::common::weights(&generator);
    for (path, (_, values)) in &mut weights {
        if path.contains("Skip") && path.ends_with("weight") {
            values.fill(0.0);
        }
    }
    let still = made(&load(generator, weights));
    for video in still.chunks(6 * 64) {
        assert!(video.chunks(64).all(|frame| frame == &video[..64]), "another frame");
    }
    assert!(still[..64] != still[6 * 64..7 * 64], "another latent vector");
}

#[test]
fn what_cannot_be_is_told_by_key() {
    let check = |model: &ModelConfig, format, expected: &[(&str, &str)]| {
        let problems = model.check(format);
        let found: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(found, expected.iter().map(|(path, _)| *path).collect::<Vec<_>>(), "{problems:?}");
        for (problem, (_, words)) in problems.iter().zip(expected) {
            assert!(problem.message.contains(words), "{}", problem.message);
        }
    };
    let (film, image) = (video(8, [1, 16, 16]), Format::Image([1, 16, 16]));
    let tgan = config(json!({}), json!({}));
    let only = "is for videos, but the data set holds images";
    check(&tgan, image, &[("generator", only), ("discriminator", only)]);
    let dcgan = json!({"generator": {"architecture": "dcgan"}, "discriminator": {"architecture": "dcgan"}});
    let dcgan: ModelConfig = serde_json::from_value(dcgan).unwrap();
    let why = "but the data set holds videos: set";
    check(&dcgan, film, &[("generator", why), ("discriminator", why)]);
    check(
        &config(json!({"motion_dim": 0}), json!({"channels": 0})),
        film,
        &[("generator.motion_dim", "within 1 and"), ("discriminator.channels", "within 1 and")],
    );
    let augmented = ModelConfig { augmentation: serde_json::from_value("diff_augment".into()).unwrap(), ..tgan };
    check(&augmented, film, &[("augmentation", "would move what one frame shows to another")]);
    let mlp = json!({"generator": {"architecture": "mlp"}, "discriminator": {"architecture": "mlp"}});
    check(&serde_json::from_value(mlp).unwrap(), film, &[]);
}
