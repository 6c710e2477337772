//! What every preset promises.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use models::loss::LOSSES;
use models::task::{Batch, Gan};
use models::{Domain, GeneratorInput, ModelConfig, Samples, Stream, Variables, one_hot, preset};
use samples::Format;

const IMAGE: [usize; 3] = [1, 28, 28];
const DIGITS: Domain = Domain::images(IMAGE, Some(10));
const SOUNDS: Domain = Domain {
    output: Format::Audio { channels: 1, length: 1024, rate: 8000 },
    input: None,
    paired: false,
    classes: Some(10),
};
const VIDEOS: Domain = Domain {
    output: Format::Video { frames: 6, image: [1, 16, 16], fps: 8 },
    input: None,
    paired: false,
    classes: Some(10),
};
const POINTS: Format = Format::Points { dims: 2, extent: 1.5 };

/// Classes of so many images, for networks that take them.
fn labels(config: &ModelConfig, count: usize, device: &Device) -> Option<Tensor<2>> {
    config.conditioning.is_by_class().then(|| one_hot(&Vec::from_iter(0..count), 10, device))
}

fn code(config: &ModelConfig, domain: &Domain, count: usize, device: &Device) -> GeneratorInput {
    let labels = labels(config, count, device);
    config.generator_input(domain.output.shape(), count, labels, &mut Stream::new(1, "test", 0), device)
}

/// What a preset is for.
fn domain(preset: &preset::Preset) -> Domain {
    match (preset.is_for_sounds(), preset.is_for_videos()) {
        (true, _) => SOUNDS,
        (_, true) => VIDEOS,
        _ => DIGITS,
    }
}

/// Presets that start from latent vectors.
fn of_generation() -> impl Iterator<Item = &'static preset::Preset> {
    preset::ALL.iter().filter(|preset| !preset.translates())
}

fn config(preset: &preset::Preset) -> ModelConfig {
    serde_json::from_value(preset.settings()["model"].clone()).unwrap()
}

struct Weights(Vec<f32>);

impl ModuleVisitor for Weights {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.extend(param.val().into_data().iter::<f32>());
    }
}

fn weights(gan: &Gan) -> Vec<f32> {
    let mut weights = Weights(Vec::new());
    gan.visit(&mut weights);
    weights.0
}

#[test]
fn networks_have_the_shapes_and_ranges_that_they_promise() {
    let device = Device::flex();
    for preset in of_generation() {
        let (config, domain) = (config(preset), domain(preset));
        assert_eq!(config.check(domain), [], "{}", preset.name);
        let gan = Gan::new(&config, domain, 1, &device);
        let [channels, height, width] = domain.output.shape();
        let samples = gan.generator.samples(code(&config, &domain, 4, &device));
        assert_eq!(samples.dims(), [4, channels, height, width], "{}", preset.name);
        let images = gan.generator.forward(code(&config, &domain, 4, &device));
        let [_, channels, height, width] = images.dims();
        let pixels: Vec<f32> = images.clone().into_data().iter().collect();
        assert!(pixels.iter().all(|pixel| pixel.abs() <= 1.0), "{}", preset.name);
        assert!(pixels.iter().any(|pixel| *pixel != pixels[0]), "{}: one colour", preset.name);
        let packs = 4 / config.packing;
        let images = images.reshape([packs, config.packing * channels, height, width]);
        let images = Samples::from(images).with_labels(labels(&config, packs, &device));
        // Of a video there are two of each frame: its own, and that of the moment of the clip.
        let logits = packs * if preset.is_for_videos() { 2 * domain.output.frames() } else { 1 };
        assert_eq!(gan.discriminator.forward(images).dims(), [logits], "{}", preset.name);
    }
}

/// A turn of each network gives gradients to all of its weights and to nothing else, the same ones each time.
#[test]
fn both_networks_learn_from_their_turns() {
    let device = Device::flex().autodiff();
    for preset in of_generation() {
        let (config, domain) = (config(preset), domain(preset));
        let gan = Gan::new(&config, domain, 1, &device);
        let [channels, height, width] = domain.output.shape();
        let real = Stream::new(1, "real", 0).uniforms(4 * domain.output.values(), -1.0, 1.0);
        let real = Tensor::<4>::from_data(TensorData::new(real, [4, channels, height, width]), &device);
        let real = Samples::from(real).with_labels(labels(&config, 4, &device));
        let code = || code(&config, &domain, 4, &device);
        let turns = || {
            [
                Batch { phase: Gan::DISCRIMINATOR, update: 0, is_last: true, real: real.clone(), input: code() },
                Batch { phase: Gan::GENERATOR, update: 0, is_last: true, real: real.clone(), input: code() },
            ]
        };
        for (at, turn) in turns().into_iter().enumerate() {
            let play = |turn| burn::train::TrainStep::step(&gan, turn).grads;
            let (grads, again) = (play(turn), play(turns()[at].clone()));
            let of = |grads: &GradientsParams| [reach(&gan.discriminator, grads), reach(&gan.generator, grads)];
            let found = of(&grads);
            assert_eq!(found, of(&again), "{}", preset.name);
            let [own, other] = if at == 0 { found } else { [found[1], found[0]] };
            assert!(own.total.is_finite() && own.total > 0.0, "{}: {own:?}", preset.name);
            assert_eq!((own.missing, other.reached), (0, 0), "{}", preset.name);
        }
    }
}

/// What a turn's gradients come to in one network.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Reach {
    /// Sum of magnitudes.
    total: f64,
    /// Tensors with a gradient.
    reached: usize,
    /// Weights without one: all tensors but statistics and singular vectors.
    missing: usize,
}

fn reach<M: Module>(network: &M, grads: &GradientsParams) -> Reach {
    let mut visitor = Reaching { grads, path: Vec::new(), reach: Reach::default() };
    network.visit(&mut visitor);
    visitor.reach
}

struct Reaching<'a> {
    grads: &'a GradientsParams,
    path: Vec<String>,
    reach: Reach,
}

impl ModuleVisitor for Reaching<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        match self.grads.get::<D>(param.id) {
            Some(gradient) => {
                self.reach.total += gradient.into_data().iter::<f64>().map(f64::abs).sum::<f64>();
                self.reach.reached += 1;
            }
            None => {
                let name = self.path.last().unwrap();
                let is_statistic = name.starts_with("running_") || self.path.contains(&"spectrogram".to_owned());
                self.reach.missing += usize::from(!is_statistic && !name.ends_with("_singular"));
            }
        }
    }
}

#[test]
fn the_seed_decides_the_weights_whatever_else_draws_in_the_process() {
    let device = Device::flex();
    for preset in of_generation() {
        let (config, domain) = (config(preset), domain(preset));
        let first = weights(&Gan::new(&config, domain, 1, &device));
        let _foreign = Tensor::<1>::random([100], burn::tensor::Distribution::Default, &device);
        assert_eq!(first, weights(&Gan::new(&config, domain, 1, &device)), "{}", preset.name);
        assert_ne!(first, weights(&Gan::new(&config, domain, 2, &device)), "{}", preset.name);
    }
}

#[test]
fn settings_that_cannot_work_are_told_by_key() {
    let check = |model: &str, format, expected: &[&str]| {
        let config: ModelConfig = serde_json::from_str(model).unwrap();
        let keys: Vec<_> = config.check(format).into_iter().map(|problem| problem.path).collect();
        assert_eq!(keys, expected, "{model}");
    };
    let image = Format::Image(IMAGE);
    check(r#"{"latent": {"dim": 0}}"#, image, &["latent.dim"]);
    check(r#"{"generator": {"architecture": "guide"}}"#, Format::Image([1, 3, 28]), &["generator"]);
    check(r#"{"discriminator": {"architecture": "dcgan", "channels": 0}}"#, image, &["discriminator.channels"]);
    check(
        r#"{"generator": {"architecture": "mlp", "hidden": [4, 0]}}"#,
        Format::Image([3, 31, 17]),
        &["generator.hidden"],
    );
    let mlp = |output: &str, discriminator: &str| {
        let generator = format!(r#"{{"architecture": "mlp", "output": "{output}"}}"#);
        format!(r#"{{"generator": {generator}, "discriminator": {{"architecture": "{discriminator}"}}}}"#)
    };
    check(&mlp("linear", "mlp"), POINTS, &[]);
    check(&mlp("tanh", "mlp"), POINTS, &["generator"]);
    check(&mlp("tanh", "mlp"), image, &[]);
    check(&mlp("linear", "mlp"), image, &["generator"]);
    check(&mlp("linear", "dcgan"), POINTS, &["discriminator"]);
    for architecture in ["guide", "dcgan", "resnet"] {
        let model = format!(r#"{{"generator": {{"architecture": "{architecture}"}}}}"#);
        check(&model, POINTS, &["generator", "discriminator"]);
    }
}

/// The same weights: one generator's points are the other's after tanh.
#[test]
fn output_decides_about_tanh_alone() {
    let device = Device::flex();
    let made = ["linear", "tanh"].map(|output| {
        let generator = serde_json::json!({ "architecture": "mlp", "output": output });
        let config: ModelConfig = serde_json::from_value(serde_json::json!({ "generator": generator })).unwrap();
        let latent = Stream::new(1, "test", 0).normals(9 * 100, 3.0);
        let latent = Tensor::from_data(TensorData::new(latent, [9, 100]), &device);
        let points = Gan::new(&config, POINTS, 1, &device).generator.forward(latent);
        assert_eq!(points.dims(), [9, 2, 1, 1]);
        points.into_data().iter::<f32>().collect::<Vec<_>>()
    });
    assert!(made[0].iter().any(|value| value.abs() > 1.0), "{made:?}");
    assert!(made[0].iter().zip(&made[1]).all(|(linear, tanh)| (linear.tanh() - tanh).abs() < 1e-5), "{made:?}");
}

/// Batch normalisation is the one layer with state: training must use the batch, sampling the running statistics.
#[test]
fn batch_normalisation_learns_its_statistics_in_training_only() {
    let device = Device::flex().autodiff();
    let config = config(preset::find("dcgan").unwrap());
    let gan = Gan::new(&config, IMAGE, 1, &device);
    let latent = TensorData::new(Stream::new(1, "test", 0).normals(8 * 100, 1.0), [8, 100]);
    let before = weights(&gan.valid());
    gan.generator.valid().forward(Tensor::from_data(latent.clone(), &Device::flex()));
    assert_eq!(before, weights(&gan.valid()));
    gan.generator.forward(Tensor::from_data(latent, &device));
    assert_ne!(before, weights(&gan.valid()));
}

/// Shares of the logits on the right side of the threshold, which the loss must pull them to.
#[test]
fn accuracies_are_those_of_the_logits() {
    let device = Device::flex().autodiff();
    let none = Variables::new([], &device);
    for loss in LOSSES.defaults().filter(|loss| !["energy", "boundary_equilibrium"].contains(&loss.name())) {
        let config = ModelConfig { loss: loss.clone(), ..config(preset::find("mlp").unwrap()) };
        let real = Stream::new(1, "real", 0).uniforms(64 * 784, -1.0, 1.0);
        let real = Tensor::<4>::from_data(TensorData::new(real, [64, 1, 28, 28]), &device);
        let turn = Batch {
            phase: Gan::DISCRIMINATOR,
            update: 0,
            is_last: true,
            real: real.into(),
            input: code(&config, &DIGITS, 64, &device),
        };
        let output = burn::train::TrainStep::step(&Gan::new(&config, DIGITS, 1, &device), turn).item;
        let logits = output.logits.into_iter().map(|(_, logits)| logits.into_data().iter::<f32>().collect::<Vec<_>>());
        let logits: [Vec<f32>; 2] = logits.collect::<Vec<_>>().try_into().unwrap();
        let found = ["accuracy/real", "accuracy/fake"].map(|name| {
            let scalar = output.scalars.iter().find(|(found, _)| *found == name)?;
            Some(scalar.1.clone().into_scalar::<f32>())
        });
        let name = loss.name();
        let Some(threshold) = loss.threshold() else {
            assert_eq!(found, [None, None], "{name}");
            continue;
        };
        let above = logits.map(|logits| logits.iter().filter(|logit| **logit > threshold).count() as f32 / 64.0);
        assert_eq!(found, [Some(above[0]), Some(1.0 - above[1])], "{name}");
        assert!(
            above.iter().any(|share| (0.05..0.95).contains(share)),
            "{name}: {above:?} would hide a wrong threshold"
        );
        // Where logits of both kinds are equal, the loss of both together is least at the threshold.
        let loss_at = |logit: f32| {
            let logits = || Tensor::<1>::from_floats([logit], &device);
            loss.discriminator(logits(), logits(), &none).into_scalar::<f32>()
        };
        assert!([-0.1, 0.1].iter().all(|away| loss_at(threshold + away) >= loss_at(threshold)), "{name}");
    }
}
