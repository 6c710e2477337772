//! Networks that translate: of any size, and refused with a reason where they cannot be.

use burn::tensor::{Device, Tensor, TensorData};
use models::task::{Batch, Made};
use models::{Domain, GeneratorInput, ModelConfig, Samples, Stream};
use samples::Format;
use serde_json::{Value, json};

fn domain(input: Format, output: Format, paired: bool) -> Domain {
    Domain { output, input: Some(input), paired, classes: None }
}

fn model(settings: Value) -> ModelConfig {
    serde_json::from_value(settings).unwrap()
}

fn images(shape: [usize; 4], index: u64, device: &Device) -> Tensor<4> {
    let values = Stream::new(0, "images", index).uniforms(shape.iter().product(), -1.0, 1.0);
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn source(images: Tensor<4>) -> GeneratorInput {
    let [batch, ..] = images.dims();
    GeneratorInput::from(Tensor::zeros([batch, 1], &images.device())).with_source(Some(images))
}

/// Depths follow from the size: an update of each phase and a sample, at every size and also of colours from grey.
#[test]
fn images_of_any_size_are_translated() {
    let device = Device::flex().autodiff();
    for [height, width] in [[16, 16], [17, 31], [28, 28], [32, 48], [64, 24], [100, 36], [256, 16]] {
        for (generator, upsampling) in
            [("unet", "transposed"), ("unet", "resize"), ("residual", "transposed"), ("residual", "resize")]
        {
            let what = format!("{generator} {upsampling} {height} {width}");
            let model = model(json!({
                "task": {"kind": "translation"},
                "generator": {"architecture": generator, "channels": 2, "upsampling": upsampling},
                "discriminator": {"architecture": "patchgan", "channels": 2},
            }));
            let [input, output] = [1, 3].map(|channels| Format::Image([channels, height, width]));
            assert_eq!(model.check(domain(input, output, true)), [], "{what}");
            let mut networks = model.init(domain(input, output, true), 1, &device);
            let batch = |phase| Batch {
                phase,
                update: 0,
                is_last: true,
                real: Samples::from(images([2, 3, height, width], 1, &device)),
                input: source(images([2, 1, height, width], 0, &device)),
            };
            for phase in 0..networks.phases(1).len() {
                let scalars = networks.step(batch(phase)).item.scalars;
                assert!(scalars.iter().all(|(_, value)| value.clone().into_scalar::<f32>().is_finite()), "{what}");
            }
            let plain = Device::flex();
            let Made(made) = networks.sampler().sample(source(images([2, 1, height, width], 0, &plain)));
            let (role, values) = &made[0];
            assert_eq!((*role, values.dims()), ("output", [2, 3, height, width]), "{what}");
            assert!(values.clone().into_data().iter::<f32>().all(|value| value.abs() <= 1.0), "{what}");
        }
    }
}

#[test]
fn up_to_256_pixels_the_depth_is_that_of_the_paper() {
    let device = Device::flex();
    let image = Format::Image([3, 256, 256]);
    let model = model(json!({
        "task": {"kind": "translation"},
        "generator": {"architecture": "unet", "channels": 1},
        "discriminator": {"architecture": "patchgan", "channels": 1},
    }));
    let networks = model.init(domain(image, image, true), 1, &device);
    let mut convolutions = std::collections::BTreeMap::new();
    networks.visit(&mut |path, read| {
        let is_kernel = path.last().is_some_and(|name| name == "weight") && read().shape().to_vec().len() == 4;
        *convolutions.entry(path[0].clone()).or_insert(0) += usize::from(is_kernel);
    });
    assert_eq!(convolutions, [("generator".to_owned(), 16), ("discriminator".to_owned(), 5)].into());
}

#[test]
fn what_cannot_be_translated_is_told_by_key() {
    let colour = Format::Image([3, 16, 16]);
    let check = |settings: Value, domain: Domain, expected: &[&str]| {
        let model = model(settings.clone());
        let found: Vec<_> = model.check(domain).into_iter().map(|problem| problem.path).collect();
        assert_eq!(found, expected, "{settings}");
    };
    let with = |changes: Value| {
        let mut settings = json!({
            "task": {"kind": "translation"},
            "generator": {"architecture": "unet"},
            "discriminator": {"architecture": "patchgan"},
        });
        changes.as_object().unwrap().iter().for_each(|(key, value)| settings[key] = value.clone());
        settings
    };
    let (pairs, two_kinds) = (domain(colour, colour, true), domain(colour, colour, false));
    let alone = Domain::from(colour);
    check(with(json!({})), pairs, &[]);
    check(with(json!({})), two_kinds, &["task"]);
    check(with(json!({})), alone, &["task"]);
    check(with(json!({"task": "unpaired"})), pairs, &[]);
    check(with(json!({"task": "unpaired"})), two_kinds, &[]);
    check(with(json!({"task": "unpaired"})), alone, &["task"]);
    check(with(json!({"task": "unpaired"})), domain(Format::Image([1, 16, 16]), colour, false), &["task.identity"]);
    let grey = json!({"task": {"kind": "unpaired", "identity": 0.0}});
    check(with(grey), domain(Format::Image([1, 16, 16]), colour, false), &[]);
    check(with(json!({})), domain(Format::Image([3, 8, 16]), colour, true), &["generator", "task"]);
    check(with(json!({"task": {"kind": "translation", "l1": 0.0, "adversarial": 0.0}})), pairs, &["task"]);
    check(with(json!({"task": {"kind": "translation", "l1": -1.0}})), pairs, &["task.l1"]);
    check(with(json!({"task": {"kind": "unpaired", "pool": 20_000}})), pairs, &["task.pool"]);
    check(with(json!({"task": "mapping"})), two_kinds, &[]);
    check(with(json!({"task": "mapping"})), alone, &["task"]);
    check(with(json!({"task": "mapping"})), domain(Format::Image([1, 16, 16]), colour, false), &["task"]);
    let points = Format::Points { dims: 2, extent: 1.5 };
    let mlp = json!({"architecture": "mlp", "output": "linear"});
    let of_points = json!({"task": "mapping", "generator": mlp, "discriminator": {"architecture": "mlp"}});
    check(of_points, domain(points, points, false), &["task"]);
    let extremes = json!({"kind": "mapping", "temperature": 0.0, "patches": 1, "features": 0, "contrast": -1.0});
    let keys = ["task.contrast", "task.temperature", "task.patches", "task.features"];
    check(with(json!({"task": extremes})), pairs, &keys);
    check(with(json!({"generator": {"architecture": "dcgan"}})), pairs, &["generator"]);
    check(with(json!({"generator": {"architecture": "mlp"}})), pairs, &[]);
    check(with(json!({"generator": {"architecture": "unet", "halvings": 5}})), pairs, &["generator.halvings"]);
    check(with(json!({"generator": {"architecture": "unet", "dropout": 1.0}})), pairs, &["generator.dropout"]);
    check(with(json!({"generator": {"architecture": "residual", "blocks": 99}})), pairs, &["generator.blocks"]);
    check(
        with(json!({"discriminator": {"architecture": "patchgan", "halvings": 4}})),
        pairs,
        &["discriminator.halvings"],
    );
    check(with(json!({"discriminator": {"architecture": "dcgan"}})), pairs, &[]);
    check(with(json!({"minibatch": "standard_deviation"})), pairs, &["minibatch"]);
    check(with(json!({"conditioning": {"kind": "info", "categorical": 3}})), pairs, &["conditioning"]);
    check(with(json!({"penalty": "gradient_norm"})), pairs, &["penalty"]);
    let plain = json!({"penalty": "gradient_norm", "discriminator": {"architecture": "patchgan", "norm": "instance"}});
    check(with(plain), pairs, &[]);
    check(with(json!({"task": "generation"})), pairs, &["generator"]);
    check(json!({"discriminator": {"architecture": "patchgan"}}), alone, &[]);
}

/// Everything that is an axis elsewhere is one here: an update of each phase with all of it.
#[test]
fn losses_penalties_and_augmentation_go_with_translation() {
    let device = Device::flex().autodiff();
    let image = Format::Image([3, 16, 16]);
    for task in [json!("translation"), json!("unpaired"), json!({"kind": "mapping", "features": 8, "patches": 20})] {
        for loss in ["non_saturating", "least_squares", "wasserstein", "hinge", "relativistic", "relativistic_average"]
        {
            let model = model(json!({
                "task": task,
                "generator": {"architecture": "residual", "channels": 2, "spectral_norm": true},
                "discriminator": {"architecture": "patchgan", "channels": 2, "norm": "instance", "spectral_norm": true},
                "loss": loss,
                "penalty": [{"kind": "gradient_norm"}, {"kind": "r1", "every": 2}, "orthogonal"],
                "augmentation": "diff_augment",
                "packing": 2,
            }));
            let domain = domain(image, image, true);
            assert_eq!(model.check(domain), [], "{task} {loss}");
            let mut networks = model.init(domain, 1, &device);
            for phase in 0..networks.phases(1).len() {
                let batch = Batch {
                    phase,
                    update: 0,
                    is_last: true,
                    real: Samples::from(images([4, 3, 16, 16], 1, &device)),
                    input: source(images([4, 3, 16, 16], 0, &device)),
                };
                let output = networks.step(batch);
                let norm = networks.gradient_norm(&output.grads).into_scalar::<f32>();
                assert!(norm.is_finite() && norm > 0.0, "{task} {loss} {phase}: {norm}");
            }
        }
    }
}

/// What dropout leaves out for the discriminator is left out of what the generator learns from.
#[test]
fn generators_learn_from_what_they_made_for_the_discriminators() {
    let device = Device::flex().autodiff();
    let image = Format::Image([3, 16, 16]);
    for (task, loss) in [("translation", "loss/l1"), ("unpaired", "loss/cycle"), ("mapping", "loss/contrast")] {
        let learned = |update_of_discriminators: u64| {
            let model = model(json!({
                "task": {"kind": task},
                "generator": {"architecture": "unet", "channels": 4},
                "discriminator": {"architecture": "patchgan", "channels": 2},
            }));
            let mut networks = model.init(domain(image, image, task == "translation"), 1, &device);
            let last = networks.phases(1).len() - 1;
            let mut step = |phase| {
                let batch = Batch {
                    phase,
                    update: if phase == last { 0 } else { update_of_discriminators },
                    is_last: true,
                    real: Samples::from(images([2, 3, 16, 16], 1, &device)),
                    input: source(images([2, 3, 16, 16], 0, &device)),
                };
                networks.step(batch).item.scalars
            };
            (0..last).for_each(|phase| drop(step(phase)));
            step(last).into_iter().find(|(name, _)| *name == loss).unwrap().1.into_scalar::<f32>()
        };
        let (first, again, other) = (learned(0), learned(0), learned(1));
        assert!(first == again && first != other, "{task}: {first} {again} {other}");
    }
}

/// At a temperature at which all patches are alike, one of n is found by a chance of one in n: the loss is ln n for each map. At a low
/// one it depends on which are drawn, and these are others in each update.
#[test]
fn patches_are_drawn_anew_in_each_update() {
    let device = Device::flex().autodiff();
    let image = Format::Image([3, 16, 16]);
    for (generator, maps) in [("residual", [256, 64, 64].as_slice()), ("unet", &[256, 64, 16, 4, 1])] {
        let contrast = |temperature: f64, update: u64| {
            let model = model(json!({
                "task": {"kind": "mapping", "features": 8, "patches": 20, "temperature": temperature, "identity": 0.0},
                "generator": {"architecture": generator, "channels": 4, "norm": "instance"},
                "discriminator": {"architecture": "patchgan", "channels": 2},
            }));
            let mut networks = model.init(domain(image, image, false), 1, &device);
            let mut step = |phase| {
                let input = source(images([2, 3, 16, 16], 0, &device));
                let real = Samples::from(images([2, 3, 16, 16], 1, &device));
                networks.step(Batch { phase, update, is_last: true, real, input }).item.scalars
            };
            step(0);
            let scalars = step(1);
            scalars.iter().find(|(name, _)| *name == "loss/contrast").unwrap().1.clone().into_scalar::<f32>()
        };
        let chance = maps.iter().map(|pixels| f32::ln(*pixels.min(&20) as f32)).sum::<f32>() / maps.len() as f32;
        let alike = contrast(1e6, 0);
        assert!((alike - chance).abs() < 1e-4, "{generator}: {alike} instead of {chance}");
        let (first, again, second) = (contrast(0.07, 0), contrast(0.07, 0), contrast(0.07, 1));
        assert!(first == again && first != second, "{generator}: {first} {again} {second}");
    }
}
