//! Every architecture on two backends, Burn's flex and its ndarray: the same weights and images give the same logits and
//! gradients. Two implementations that share no kernel.

use crate::common::{Numbers, gradients, load, read, weights};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use models::layer::Draws;
use models::task::{Batch, Gan, Made};
use models::{Domain, GeneratorInput, ModelConfig, Samples, Stream, architecture};
use samples::Format;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Of odd sides.
const IMAGE: [usize; 3] = [3, 13, 17];
/// For `wavegan`, whose maps of more than 16 places are shuffled.
const SOUND: [usize; 3] = [2, 1, 81];
/// For `tgan`.
const VIDEO: Format = Format::Video { frames: 3, image: [2, 8, 8], fps: 8 };
/// For `guide`, whose layers have a fixed width: ndarray's convolutions are loops.
const SMALLEST: [usize; 3] = [1, 4, 4];
const BATCH: usize = 3;
/// Those that need inputs to translate.
const TRANSLATING: [&str; 3] = ["unet", "residual", "patchgan"];
/// Of a tensor's largest number.
const TOLERANCE: f32 = 1e-3;
/// Of the largest of all.
const NOTHING: f32 = 1e-3;

#[expect(deprecated, reason = "Burn deprecates it in favour of flex; a second implementation is what is wanted here")]
fn devices() -> [Device; 2] {
    [Device::flex(), Device::ndarray()].map(Device::autodiff)
}

/// What a pair of networks comes to, by name.
fn outcome(config: &ModelConfig, format: Format, device: &Device) -> BTreeMap<String, Vec<f32>> {
    let gan = Gan::new(config, format, 1, device);
    // Another start than 0 wherever one is 0, so that every weight matters.
    let lively = |weights: BTreeMap<String, Numbers>| {
        let mut stream = Stream::new(2, "backends", 0);
        let each = weights.into_iter().map(|(path, (shape, values))| {
            let noise = stream.uniforms(values.len(), 0.0, 0.3);
            let moves = !path.ends_with("_singular");
            let values = values.iter().zip(noise).map(|(w, noise)| if moves { w + noise } else { *w });
            (path, (shape, values.collect()))
        });
        each.collect()
    };
    let (of_generator, of_discriminator) = (lively(weights(&gan.generator)), lively(weights(&gan.discriminator)));
    let generator = load(gan.generator.clone(), of_generator).before_update();
    let discriminator = load(gan.discriminator.clone(), of_discriminator).before_update();
    let discriminator = discriminator.drawing(&Draws { seed: 3, purpose: "test", update: 0 });
    let gan = Gan { generator, discriminator, ..gan };

    let image = format.shape();
    let code = config.generator_input(image, BATCH, None, &mut Stream::new(1, "latent", 0), device);
    let images = gan.generator.forward(code);
    let [channels, height, width] = image;
    let shape = [BATCH, channels, height, width];
    let real = Stream::new(1, "real", 0).uniforms(shape.iter().product(), -1.0, 1.0);
    let real = Tensor::<4>::from_data(TensorData::new(real, shape), device).require_grad();
    let [of_real, of_images] = [real.clone(), images.clone()].map(|images| gan.discriminator.forward(images));
    let mut found = BTreeMap::from([
        ("images".to_owned(), read(images)),
        ("logits of images".to_owned(), read(of_images.clone())),
        ("logits of real images".to_owned(), read(of_real.clone())),
    ]);
    let grads = (of_real.sum() + of_images.square().sum()).backward();
    found.insert("gradient at real images".to_owned(), read(real.grad(&grads).unwrap()));
    let grads = GradientsParams::from_grads(grads, &gan);
    found.extend(gradients(&gan, &grads));
    let mut penalised = config.clone();
    penalised.penalty = serde_json::from_value(json!({"kind": "r1"})).unwrap();
    if penalised.check(format).is_empty() {
        let gradient = gan.discriminator.input_gradient(real);
        let grads = gradient.square().sum().backward();
        let found_here = gradients(&gan.discriminator, &GradientsParams::from_grads(grads, &gan.discriminator));
        found.extend(found_here.into_iter().map(|(path, values)| (format!("penalty's {path}"), values)));
    }
    found
}

/// Layers that no other architecture has, or not with axes of their own.
fn up() -> Value {
    json!([
        {"dense": 24},
        {"reshape": [4, 2, 3]},
        "batch_norm",
        "relu",
        {"conv_transpose": {"channels": 3, "kernel": [3, 5], "stride": [2, 3]}},
        {"skip": ["sigmoid"]},
        {"upsample": [3, 2]},
        {"conv_transpose": {"channels": 3, "kernel": 3, "stride": 2, "padding": 1, "bias": false}},
        {"conv": {"channels": 3, "kernel": [2, 4]}},
        {"fit": [13, 17]},
        "tanh",
    ])
}

fn down() -> Value {
    json!([
        {"conv": {"channels": 4, "kernel": [4, 3], "stride": [1, 2]}},
        {"skip": [{"conv": {"channels": 2, "kernel": [1, 2]}}, "tanh"]},
        {"conv": {"channels": 4, "kernel": [2, 1], "stride": [3, 1], "padding": [1, 0]}},
        {"fit": [4, 8]},
        {"smooth_pool": [1, 2]},
        {"average_pool": [2, 1]},
        {"leaky_relu": 0.1},
        {"dense": 1},
    ])
}

#[test]
fn networks_are_the_same_on_both() {
    let narrow: BTreeMap<&str, Vec<(Value, Value)>> = [
        ("guide", vec![(json!({}), json!({}))]),
        (
            "dcgan",
            vec![
                (json!({"channels": 2}), json!({"channels": 2})),
                (json!({"channels": 2, "spectral_norm": true}), json!({"channels": 2, "norm": "layer"})),
                (json!({"channels": 2, "kernel": 5}), json!({"channels": 2, "kernel": 5, "norm": "none"})),
            ],
        ),
        (
            "resnet",
            vec![
                (json!({"channels": 2}), json!({"channels": 2})),
                (
                    json!({"channels": 4, "attention": true, "spectral_norm": true}),
                    json!({"channels": 4, "attention": true, "spectral_norm": true}),
                ),
            ],
        ),
        ("infogan", vec![(json!({"channels": 1}), json!({"channels": 1, "norm": "layer"}))]),
        ("stacked", vec![(json!({"channels": 2}), json!({"channels": 2}))]),
        ("stylegan2", vec![(json!({"channels": 2, "style": 4, "mapping": 1}), json!({"channels": 2}))]),
        ("wavegan", vec![(json!({"channels": 2}), json!({"channels": 2}))]),
        ("mlp", vec![(json!({"hidden": [8, 8]}), json!({"hidden": [8, 8], "spectral_norm": true}))]),
        ("maxout", vec![(json!({"hidden": [8]}), json!({"hidden": [8, 8], "pieces": 3}))]),
        ("autoencoder", vec![(json!({"channels": 2}), json!({"channels": 2, "code": 3}))]),
        (
            "tgan",
            vec![
                (json!({"channels": 2, "motion_dim": 3}), json!({"channels": 2})),
                (json!({"channels": 2, "motion_dim": 3, "motion": "recurrent"}), json!({"channels": 2})),
            ],
        ),
        ("layers", vec![(json!({"layers": up()}), json!({"layers": down(), "spectral_norm": true}))]),
    ]
    .into();
    for entry in architecture::entries().into_iter().filter(|entry| !TRANSLATING.contains(&entry.name)) {
        for (mut generator, mut discriminator) in narrow[entry.name].clone() {
            for network in [&mut generator, &mut discriminator] {
                network["architecture"] = entry.name.into();
            }
            for minibatch in ["none", "standard_deviation", "discrimination"] {
                let model = json!({
                    "generator": generator, "discriminator": discriminator, "latent": {"dim": 3}, "minibatch": minibatch
                });
                let config: ModelConfig = serde_json::from_value(model.clone()).unwrap();
                if ["autoencoder", "tgan"].contains(&entry.name) && minibatch != "none" {
                    continue; // An energy has no place for more features, nor have logits of frames.
                }
                let format = match entry.name {
                    "guide" => Format::Image(SMALLEST),
                    "wavegan" => Format::Image(SOUND),
                    "tgan" => VIDEO,
                    _ => Format::Image(IMAGE),
                };
                assert_eq!(config.check(format), []);
                let [flex, ndarray] = devices().map(|device| outcome(&config, format, &device));
                assert_eq!(flex.keys().collect::<Vec<_>>(), ndarray.keys().collect::<Vec<_>>());
                let largest = flex.values().flatten().fold(1.0f32, |largest, value| largest.max(value.abs()));
                for (name, values) in &flex {
                    // What is small beside all else may be the rounding of 0: the gradient of a bias before a normalisation.
                    let scale = values.iter().fold(largest * NOTHING, |scale, value| scale.max(value.abs()));
                    let distance = values.iter().zip(&ndarray[name]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                    assert!(distance <= TOLERANCE * scale, "{name} of {model}: {values:?}, {:?}", ndarray[name]);
                }
            }
        }
    }
}

/// What a translation comes to: the scalars of each phase, and its samples.
fn translated(model: &ModelConfig, device: &Device) -> Vec<f32> {
    const SHAPE: [usize; 4] = [BATCH, 2, 17, 20];
    let image = Format::Image([SHAPE[1], SHAPE[2], SHAPE[3]]);
    let domain = Domain { output: image, input: Some(image), paired: true, classes: None };
    assert_eq!(model.check(domain), []);
    let images = |purpose: &str, device: &Device| {
        let values = Stream::new(1, purpose, 0).uniforms(SHAPE.iter().product(), -1.0, 1.0);
        Tensor::<4>::from_data(TensorData::new(values, SHAPE), device)
    };
    let input = |device: &Device| {
        GeneratorInput::from(Tensor::zeros([BATCH, 1], device)).with_source(Some(images("input", device)))
    };
    let differentiated = device.clone().autodiff();
    let mut networks = model.init(domain, 1, &differentiated);
    let mut found = Vec::new();
    for phase in 0..networks.phases(1).len() {
        let real = Samples::from(images("real", &differentiated));
        let step = networks.step(Batch { phase, update: 0, is_last: true, real, input: input(&differentiated) });
        found.extend(step.item.scalars.into_iter().map(|(_, value)| value.into_scalar::<f32>()));
    }
    let Made(made) = networks.sampler().sample(input(device));
    found.extend(made.into_iter().flat_map(|(_, samples)| read(samples)));
    found
}

#[test]
fn translations_are_the_same_on_both() {
    for (generator, upsampling) in [("unet", "transposed"), ("unet", "resize"), ("residual", "transposed")] {
        let model = json!({
            "task": "translation",
            "generator": {"architecture": generator, "channels": 2, "upsampling": upsampling},
            "discriminator": {"architecture": "patchgan", "channels": 2},
        });
        let config: ModelConfig = serde_json::from_value(model.clone()).unwrap();
        #[expect(deprecated, reason = "as in `devices`")]
        let [flex, ndarray] = [Device::flex(), Device::ndarray()].map(|device| translated(&config, &device));
        assert_eq!(flex.len(), ndarray.len());
        for (a, b) in flex.iter().zip(&ndarray) {
            assert!((a - b).abs() <= TOLERANCE * a.abs().max(1.0), "{model}: {a} {b}");
        }
    }
}
