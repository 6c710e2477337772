//! Penalties against PyTorch's double backward in float64, against autodiff, and against what can be worked out by hand.

use crate::common::{Numbers, check, gradients, load, numbers, read, transposed, weights};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use family::Problem;
use models::layer::Draws;
use models::penalty::PENALTIES;
use models::task::{Batch, Gan};
use models::{Discriminator, Domain, ModelConfig, PenaltyConfig, Samples, Stream, architecture, one_hot};
use samples::Format;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn device() -> Device {
    Device::flex().autodiff()
}

fn discriminator(config: Value, image: [usize; 3], seed: u64) -> Discriminator {
    critic(json!({"discriminator": config}), image.into(), seed)
}

fn critic(settings: Value, domain: Domain, seed: u64) -> Discriminator {
    model(settings).init_discriminator(domain, seed, &device())
}

fn model(settings: Value) -> ModelConfig {
    serde_json::from_value(settings).unwrap()
}

fn penalty(settings: Value) -> PenaltyConfig {
    serde_json::from_value(settings).unwrap()
}

fn images(shape: [usize; 4], purpose: &str) -> Tensor<4> {
    let values = Stream::new(7, purpose, 0).uniforms(shape.iter().product(), -1.0, 1.0);
    Tensor::from_data(TensorData::new(values, shape), &device())
}

/// The critic of a fixture and the path of each of its weights.
fn golden(name: &str, fixture: &Value) -> (Discriminator, Vec<(String, String)>) {
    let mlp = |hidden: Value| (json!({"architecture": "mlp", "hidden": hidden}), [1, 1, 6]);
    let conv = || {
        (
            json!({"architecture": "dcgan", "channels": 3, "norm": "none", "spectral_norm": name == "conv_sn_uv"}),
            [1, 8, 8],
        )
    };
    let (config, image) = match name {
        "linear" => mlp(json!([])),
        "mlp" | "projection" => mlp(json!([8, 8])),
        "conv" | "conv_sn_uv" => conv(),
        _ => panic!("{name}"),
    };
    let theirs = match name {
        "linear" => vec!["fc"],
        "mlp" => vec!["fc1", "fc2", "fc3"],
        "projection" => vec!["fc1", "fc2", "fc3", "embed"],
        _ => vec!["conv1", "conv2", "fc"],
    };
    let conditioning = if name == "projection" { name } else { "none" };
    let domain = Domain::images(image, Some(3));
    let fresh = critic(json!({"discriminator": config, "conditioning": conditioning}), domain, 0);
    let ours = weights(&fresh).into_keys().filter_map(|path| Some(path.strip_suffix("/weight")?.to_owned()));
    let layers: Vec<(&str, String)> = theirs.into_iter().zip(ours).collect();
    let paths = |part: &str| {
        layers.iter().map(|(theirs, ours)| (format!("{theirs}.{part}"), format!("{ours}/{part}"))).collect::<Vec<_>>()
    };
    let paths = [paths("weight"), paths("bias")].concat();
    let paths: Vec<_> = paths.into_iter().filter(|(theirs, _)| !fixture["params"][theirs].is_null()).collect();
    let weight = |(theirs, ours): &(String, String)| {
        let found = numbers(&fixture["params"][theirs]);
        (ours.clone(), if found.0.len() == 2 { transposed(found) } else { found })
    };
    let singular = |(theirs, ours): &(&str, String)| {
        [("u", "left"), ("v", "right")].map(|(vector, side)| {
            (format!("{ours}/spectral/{side}_singular"), numbers(&fixture["aux"][format!("{theirs}.{vector}")]))
        })
    };
    let mut loaded: BTreeMap<_, _> = paths.iter().map(weight).collect();
    if name == "conv_sn_uv" {
        loaded.extend(layers.iter().flat_map(singular));
    }
    (load(fresh, loaded), paths)
}

/// With their classes, where the fixture has them.
fn point(fixture: &Value, name: &str) -> Samples {
    let (shape, values) = numbers(&fixture["points"][name]);
    let shape = match shape[..] {
        [batch, features] => [batch, 1, 1, features],
        [batch, channels, height, width] => [batch, channels, height, width],
        _ => panic!("{shape:?}"),
    };
    let labels = fixture["aux"].get("labels").map(|labels| {
        let labels: Vec<usize> = numbers(labels).1.into_iter().map(|label| label as usize).collect();
        one_hot(&labels, 3, &device())
    });
    Samples::from(Tensor::<4>::from_data(TensorData::new(values, shape), &device())).with_labels(labels)
}

#[test]
fn values_and_gradients_are_those_of_double_backward() {
    let fixtures: Value = serde_json::from_str(include_str!("fixtures/penalties.json")).unwrap();
    for name in ["linear", "mlp", "conv", "conv_sn_uv", "projection"] {
        let fixture = &fixtures["critics"][name];
        let (critic, paths) = golden(name, fixture);
        // The normalised critic's output is multiplied, so that its gradients are not all below 1.
        let gain = fixture["aux"]["gain"].as_f64().unwrap_or(1.0);
        for at in ["x_real", "x_fake", "x_hat", "x_dragan"] {
            let logits = read(critic.forward(point(fixture, at)) * gain);
            check(&format!("{name} at {at}"), &numbers(&fixture["d"][at]).1, &logits);
            let gradient = read(critic.input_gradient(point(fixture, at)) * gain);
            check(&format!("{name}'s gradient at {at}"), &numbers(&fixture["input_grad"][at]).1, &gradient);
        }
        for (kind, expected) in fixture["penalties"].as_object().unwrap() {
            let penalty = penalty(match kind.as_str() {
                "gradient_norm_one_sided" => json!({"kind": "gradient_norm", "one_sided": true}),
                kind => json!({"kind": kind}),
            });
            let what = format!("{kind} of {name}");
            let gradient = critic.input_gradient(point(fixture, expected["point"].as_str().unwrap()));
            let value = penalty.on_gradient().unwrap().value(gradient * gain);
            check(&what, &[expected["value"].as_f64().unwrap() as f32], &read(value.clone()));
            let found = gradients(&critic, &GradientsParams::from_grads(value.backward(), &critic));
            for (theirs, ours) in &paths {
                let expected = numbers(&expected["param_grads"][theirs]);
                let expected = if expected.0.len() == 2 { transposed(expected) } else { expected };
                check(&format!("{what}, {theirs}"), &expected.1, &found[ours]);
            }
        }
    }
}

#[test]
fn the_input_gradient_is_that_of_autodiff_for_every_discriminator() {
    let hidden = [json!([]), json!([5]), json!([16, 8, 4])];
    let mut configs: Vec<_> = hidden.iter().map(|hidden| json!({"architecture": "mlp", "hidden": hidden})).collect();
    configs.push(json!({"architecture": "guide"}));
    configs.push(json!({"architecture": "dcgan", "channels": 4, "norm": "none"}));
    configs.push(json!({"architecture": "dcgan", "channels": 4, "norm": "layer"}));
    configs.push(json!({"architecture": "dcgan", "channels": 2, "norm": "none", "kernel": 5, "halvings": 4}));
    configs.push(json!({"architecture": "resnet", "channels": 4}));
    configs.push(json!({"architecture": "resnet", "channels": 4, "attention": true}));
    configs.push(json!({"architecture": "infogan", "channels": 4, "norm": "none"}));
    configs.push(json!({"architecture": "infogan", "channels": 4, "norm": "layer"}));
    configs.push(json!({"architecture": "stacked", "norm": "none"}));
    configs.push(json!({"architecture": "stacked", "norm": "layer"}));
    configs.push(json!({"architecture": "wavegan", "channels": 4}));
    configs.push(json!({"architecture": "patchgan", "channels": 4, "norm": "none"}));
    configs.push(json!({"architecture": "patchgan", "channels": 4, "norm": "instance"}));
    configs.push(json!({"architecture": "tgan", "channels": 2}));
    configs.push(json!({"architecture": "maxout", "hidden": [6, 4], "pieces": 3}));
    configs.push(json!({"layers": every_layer()}));
    for distance in ["squared", "absolute"] {
        configs.push(json!({"architecture": "autoencoder", "channels": 4, "code": 5, "distance": distance}));
    }
    let normalised: Vec<_> = configs
        .clone()
        .into_iter()
        .map(|mut config| {
            config["spectral_norm"] = json!(true);
            config
        })
        .collect();
    configs.push(json!({"architecture": "stylegan2", "channels": 4}));
    let names = configs.iter().map(|config| config["architecture"].as_str().unwrap_or("layers"));
    let discriminators = architecture::DISCRIMINATORS.names();
    let missing: Vec<_> = discriminators.iter().filter(|known| !names.clone().any(|name| name == **known)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let models = configs.clone().into_iter().chain(normalised).map(|config| json!({"discriminator": config}));
    let of_batches = ["standard_deviation", "discrimination"].into_iter().flat_map(|minibatch| {
        configs.iter().map(move |config| json!({"discriminator": config, "minibatch": minibatch}))
    });
    let conditioned = ["concat", "projection", "auxiliary_classifier", "info"].into_iter().flat_map(|conditioning| {
        configs.iter().map(move |config| json!({"discriminator": config, "conditioning": conditioning}))
    });
    for config in models.chain(of_batches).chain(conditioned) {
        let is_of = |architecture: &str| config["discriminator"]["architecture"] == architecture;
        let video = |image| Format::Video { frames: 5, image, fps: 8 };
        let formats = match is_of("tgan") {
            true => vec![video([1, 8, 8]), video([3, 16, 8])],
            false => [[1, 28, 28], [3, 8, 8], [2, 13, 21], [2, 1, 40], [1, 1, 80]].map(Format::Image).to_vec(),
        };
        for format in formats {
            let [channels, height, width] = format.shape();
            if is_of("wavegan") && height > 1 {
                continue;
            }
            let domain = Domain { classes: Some(4), ..format.into() };
            // An energy has no place for a class, nor for more features; logits of patches and of frames have neither.
            let has_no_head = ["autoencoder", "patchgan", "tgan"].iter().any(|name| is_of(name));
            if has_no_head && (config["conditioning"] == "projection" || !config["minibatch"].is_null()) {
                assert_ne!(model(config.clone()).check(domain), []);
                continue;
            }
            let critic = lively(critic(config.clone(), domain, 3)).before_update();
            let critic = critic.drawing(&Draws { seed: 1, purpose: "test", update: 0 });
            let image = images([3, channels, height, width], "image").require_grad();
            let examples = Samples::from(image.clone()).with_labels(Some(one_hot(&[3, 0, 2], 4, &device())));
            // The logit of a sample is the mean over its patches.
            let logits = critic.forward(examples.clone()).mean() * 3.0;
            let expected = image.grad(&logits.backward()).unwrap();
            let found = critic.input_gradient(examples);
            check(&format!("{config} {channels}x{height}x{width}"), &read(expected), &read(found));
        }
    }
}

/// Every layer that has an input gradient, for samples of any size.
fn every_layer() -> Value {
    let conv = |channels: usize, kernel: Value, stride: Value| json!({"conv": {"channels": channels, "kernel": kernel, "stride": stride}});
    let up =
        |kernel: Value, stride: Value| json!({"conv_transpose": {"channels": 3, "kernel": kernel, "stride": stride}});
    json!([
        {"fit": [6, 20]},
        {"phase_shuffle": 3},
        conv(4, json!([1, 5]), json!([1, 2])),
        {"leaky_relu": 0.3},
        {"skip": [conv(2, json!([3, 2]), json!(1)), "tanh", {"skip": ["sigmoid"]}]},
        {"residual": [conv(8, json!(3), json!(1)), "layer_norm", {"scale": 0.5}]},
        up(json!([2, 5]), json!([1, 2])),
        {"leaky_relu": {"slope": 0.1, "gain": 1.5}},
        {"residual": {
            "main": [conv(4, json!([4, 1]), json!([2, 1])), {"smooth_pool": [1, 2]}],
            "skip": [{"average_pool": 2}, {"conv": {"channels": 4, "kernel": 1, "bias": false}}],
        }},
        "self_attention",
        {"upsample": [2, 1]},
        "minibatch_deviation",
        {"conv": {"channels": 4, "kernel": [3, 1], "padding": [0, 0]}},
        {"reshape": [2, 8, 10]},
        {"conv_transpose": {"channels": 2, "kernel": 3, "stride": 2, "padding": 1, "bias": false}},
        "relu",
        "flatten",
        {"maxout": 3},
        {"dense": {"outputs": 12, "bias": false}},
        "minibatch_discrimination",
        {"reshape": [2, 31, 1]},
        "sum_pool",
        {"dense": 1},
    ])
}

/// With attention that acts: its share starts at 0.
fn lively(critic: Discriminator) -> Discriminator {
    let mut weights = weights(&critic);
    for (path, (_, values)) in &mut weights {
        if path.ends_with("share") {
            *values = vec![0.7];
        }
    }
    load(critic, weights)
}

/// The gradient of w · x + b is w everywhere.
#[test]
fn a_linear_critic_pays_for_the_length_of_its_weights() {
    let weights = vec![0.5, -1.0, 2.0, 0.25, 0.0, 1.5];
    let squared: f32 = weights.iter().map(|w| w * w).sum();
    let critic = discriminator(json!({"architecture": "mlp", "hidden": []}), [1, 2, 3], 0);
    let numbers = [("head/weight", (vec![6, 1], weights)), ("head/bias", (vec![1], vec![3.0]))];
    let critic = load(critic, numbers.map(|(path, numbers)| (path.to_owned(), numbers)).into());
    let of = |settings: Value| {
        let gradient = critic.input_gradient(images([5, 1, 2, 3], "image"));
        read(penalty(settings).on_gradient().unwrap().value(gradient))[0]
    };
    for (settings, expected) in [
        (json!({"kind": "gradient_norm"}), 10.0 * (squared.sqrt() - 1.0).powi(2)),
        (json!({"kind": "gradient_norm", "weight": 2.0, "target": 0.5}), 2.0 * (squared.sqrt() - 0.5).powi(2)),
        (json!({"kind": "gradient_norm", "target": 10.0}), 10.0 * (squared.sqrt() - 10.0).powi(2)),
        (json!({"kind": "gradient_norm", "target": 10.0, "one_sided": true}), 0.0),
        (json!({"kind": "dragan", "target": 2.0}), 10.0 * (squared.sqrt() - 2.0).powi(2)),
        (json!({"kind": "r1", "weight": 3.0}), 1.5 * squared),
        (json!({"kind": "r2"}), 5.0 * squared),
    ] {
        let found = of(settings.clone());
        assert!((found - expected).abs() <= 1e-5 * expected.max(1.0), "{settings}: {found}, expected {expected}");
    }
}

#[test]
fn a_gradient_of_zero_is_no_trap() {
    let critic = discriminator(json!({"architecture": "mlp", "hidden": []}), [1, 2, 3], 0);
    let numbers = [("head/weight", (vec![6, 1], vec![0.0; 6])), ("head/bias", (vec![1], vec![0.0]))];
    let critic = load(critic, numbers.map(|(path, numbers)| (path.to_owned(), numbers)).into());
    let value = penalty(json!({"kind": "gradient_norm"}))
        .on_gradient()
        .unwrap()
        .value(critic.input_gradient(images([4, 1, 2, 3], "image")));
    check("value", &[9.99998], &read(value.clone()));
    let found = gradients(&critic, &GradientsParams::from_grads(value.backward(), &critic));
    assert_eq!(found["head/weight"], [0.0; 6]);
}

/// Along random directions in the space of all weights, away from kinks: central differences in float32.
#[test]
fn gradients_by_the_weights_are_those_of_differences() {
    for config in [
        json!({"architecture": "mlp", "hidden": [16, 8]}),
        json!({"architecture": "dcgan", "channels": 3, "norm": "none"}),
        json!({"architecture": "dcgan", "channels": 3, "norm": "layer"}),
        json!({"architecture": "resnet", "channels": 3}),
        json!({"architecture": "resnet", "channels": 3, "attention": true}),
        json!({"architecture": "maxout", "hidden": [8, 4], "pieces": 3}),
        json!({"architecture": "autoencoder", "channels": 3, "code": 6}),
        json!({"layers": [
            {"skip": [{"conv": {"channels": 2, "kernel": [3, 1], "stride": 1}}, "tanh"]},
            {"conv": {"channels": 3, "kernel": [2, 3], "stride": [1, 2]}},
            {"skip": [{"average_pool": 2}, {"upsample": 2}, {"conv": {"channels": 3, "kernel": 3}}, "sigmoid"]},
            {"dense": 1},
        ]}),
    ] {
        let image = [1, 8, 8];
        let (real, critic) = (images([2, 1, 8, 8], "image"), lively(discriminator(config.clone(), image, 5)));
        // Initial weights of 0.02 make tiny gradients; these make gradients of about 1.
        let scale = match config["architecture"].as_str() {
            Some("dcgan" | "maxout") => 12.0,
            Some("autoencoder") => 1.5,
            _ => 2.0,
        };
        let at = |distance: f32, direction: u64| {
            let [critic, direction] =
                [(critic.clone(), scale), (discriminator(config.clone(), image, direction), scale)].map(
                    |(network, scale)| {
                        weights(&network)
                            .into_iter()
                            .map(|(path, (shape, values))| {
                                (path, (shape, values.into_iter().map(|w| w * scale).collect::<Vec<_>>()))
                            })
                            .collect::<BTreeMap<_, _>>()
                    },
                );
            let moved = critic.into_iter().map(|(path, (shape, values))| {
                let along = &direction[&path].1;
                (path, (shape, values.iter().zip(along).map(|(w, d)| w + distance * d).collect()))
            });
            (load(discriminator(config.clone(), image, 0), moved.collect()), direction)
        };
        for kind in ["gradient_norm", "r1"] {
            let penalty = penalty(json!({"kind": kind, "weight": 1.0}));
            let value =
                |critic: &Discriminator| penalty.on_gradient().unwrap().value(critic.input_gradient(real.clone()));
            for seed in 100..103 {
                let (critic, direction) = at(0.0, seed);
                let exact = gradients(&critic, &GradientsParams::from_grads(value(&critic).backward(), &critic));
                let exact: f32 = exact
                    .iter()
                    .map(|(path, values)| values.iter().zip(&direction[path].1).map(|(g, d)| g * d).sum::<f32>())
                    .sum();
                // An energy's gradient jumps where a pixel's reconstruction has a kink.
                let step = if config["architecture"] == "autoencoder" { 1e-4 } else { 1e-3 };
                let [above, below] = [step, -step].map(|step| f64::from(read(value(&at(step, seed).0))[0]));
                let difference = ((above - below) / (2.0 * f64::from(step))) as f32;
                let bound = 0.02 * exact.abs().max(0.05);
                assert!((exact - difference).abs() < bound, "{kind} of {config}: {exact}, differences {difference}");
            }
        }
    }
}

/// One update of a critic with each penalty; what the turn reports, and what is added to the gradient.
#[test]
fn a_turn_reports_its_penalty_and_repeats_bit_for_bit() {
    let play = |penalty: Value, update: u64, seed: u64| {
        let model = json!({
            "generator": {"architecture": "mlp", "hidden": [8]},
            "discriminator": {"architecture": "mlp", "hidden": [64, 64]},
            "penalty": penalty,
        });
        let config: ModelConfig = serde_json::from_value(model).unwrap();
        assert_eq!(config.check([1, 4, 4]), []);
        let gan = Gan::new(&config, [1, 4, 4], 1, &device());
        let gan = Gan { seed, ..gan };
        let code = config.generator_input([1, 4, 4], 4, None, &mut Stream::new(1, "test", 0), &device());
        let turn = Batch {
            phase: Gan::DISCRIMINATOR,
            update,
            is_last: true,
            real: images([4, 1, 4, 4], "real").into(),
            input: code,
        };
        let output = burn::train::TrainStep::step(&gan, turn);
        let found = gradients(&gan.discriminator, &output.grads);
        let scalar = |name| output.item.scalars.iter().find(|(found, _)| *found == name).map(|(_, x)| read(x.clone()));
        (scalar("penalty/discriminator"), found, scalar("loss/discriminator").unwrap())
    };
    let (none, plain, loss) = play(json!("none"), 0, 1);
    assert_eq!(none, None);
    let kinds: Vec<_> =
        PENALTIES.names().iter().copied().filter(|name| !["clip", "orthogonal"].contains(name)).collect();
    for kind in kinds {
        let (value, found, same_loss) = play(json!({"kind": kind}), 3, 1);
        let value = value.unwrap();
        assert!(value[0] > 0.0 && value[0].is_finite(), "{kind}: {value:?}");
        assert_ne!(plain, found, "{kind}");
        assert_eq!(loss, same_loss, "{kind}: the adversarial loss stands alone");
        let again = play(json!({"kind": kind}), 3, 1);
        assert_eq!((Some(value.clone()), &found), (again.0, &again.1), "{kind}");
        // Points that are drawn follow the update and the seed; those at images do not.
        let drawn = ["gradient_norm", "dragan"].contains(&kind);
        assert_eq!(drawn, play(json!({"kind": kind}), 4, 1).1 != found, "{kind}");
        assert_eq!(drawn, play(json!({"kind": kind}), 3, 2).1 != found, "{kind}");

        // Lazily: four times as strong at every fourth update, nothing between them.
        let lazy = json!({"kind": kind, "every": 4});
        assert_eq!(play(lazy.clone(), 3, 1), (None, plain.clone(), loss.clone()), "{kind}");
        let (due, eager) = (play(lazy, 4, 1), play(json!({"kind": kind}), 4, 1));
        assert_eq!(due.0, eager.0, "{kind}: the value is recorded without the factor");
        for (path, gradient) in &due.1 {
            let expected = plain[path].iter().zip(&eager.1[path]).map(|(p, e)| p + 4.0 * (e - p)).collect::<Vec<_>>();
            check(&format!("{kind} {path}"), &expected, gradient);
        }
    }
    // A list adds up.
    let sum = play(json!([{"kind": "r1"}, {"kind": "r2"}]), 0, 1).0.unwrap()[0];
    let [r1, r2] = ["r1", "r2"].map(|kind| play(json!({"kind": kind}), 0, 1).0.unwrap()[0]);
    assert!((sum - r1 - r2).abs() <= 1e-5 * sum);
}

/// Products of all pairs of different outputs' weights, squared, by loops.
#[test]
fn orthogonal_regularisation_is_reported_and_learnt_by_the_network_that_it_is_on() {
    let products = |network: BTreeMap<String, Numbers>| {
        let weights = network.into_iter().filter(|(_, (shape, _))| shape.len() > 1);
        let each = weights.map(|(path, (shape, values))| {
            let outputs = usize::from(shape.len() == 2 || path.contains("TransposedConvolution"));
            let inner: usize = shape[outputs + 1..].iter().product();
            let row = |output: usize| -> Vec<f32> {
                let of = |at: &usize| at / inner % shape[outputs] == output;
                (0..values.len()).filter(of).map(|at| values[at]).collect()
            };
            let product = |a: usize, b: usize| row(a).iter().zip(row(b)).map(|(x, y)| x * y).sum::<f32>().powi(2);
            let pairs = (0..shape[outputs]).flat_map(|a| (0..a).map(move |b| (a, b)));
            2.0 * pairs.map(|(a, b)| product(a, b)).sum::<f32>()
        });
        each.sum::<f32>()
    };
    let play = |on: Option<&str>| {
        let config = model(json!({
            "generator": {"architecture": "dcgan", "channels": 2},
            "discriminator": {"architecture": "dcgan", "channels": 2},
            "latent": {"dim": 3},
            "initialization": {"kind": "normal", "deviation": 0.5},
            "penalty": on.map(|on| json!({"kind": "orthogonal", "weight": 0.1, "on": on})),
        }));
        assert_eq!(config.check([1, 8, 8]), []);
        let gan = Gan::new(&config, [1, 8, 8], 1, &device());
        let code = || config.generator_input([1, 8, 8], 4, None, &mut Stream::new(1, "test", 0), &device());
        let real = || Samples::from(images([4, 1, 8, 8], "real"));
        let outputs = [
            Batch { phase: Gan::DISCRIMINATOR, update: 0, is_last: true, real: real(), input: code() },
            Batch { phase: Gan::GENERATOR, update: 0, is_last: true, real: real(), input: code() },
        ]
        .map(|turn| burn::train::TrainStep::step(&gan, turn));
        let value = |turn: usize, name: &str| {
            let scalars = &outputs[turn].item.scalars;
            scalars.iter().find(|(found, _)| *found == name).map(|(_, value)| read(value.clone())[0])
        };
        let values = [value(0, "penalty/discriminator"), value(1, "penalty/generator")];
        let learnt = [gradients(&gan.discriminator, &outputs[0].grads), gradients(&gan.generator, &outputs[1].grads)];
        let expected = [weights(&gan.discriminator), weights(&gan.generator)].map(|weights| 0.1 * products(weights));
        (values, learnt, expected)
    };
    let (none, plain, expected) = play(None);
    assert_eq!(none, [None, None]);
    for (on, networks) in [("discriminator", [true, false]), ("generator", [false, true]), ("both", [true, true])] {
        let (values, learnt, _) = play(Some(on));
        for network in 0..2 {
            assert_eq!(learnt[network] != plain[network], networks[network], "{on}");
            match values[network] {
                Some(value) => check(on, &[expected[network]], &[value]),
                None => assert!(!networks[network], "{on}"),
            }
        }
    }
}

#[test]
fn clipping_leaves_no_weight_outside_the_box_and_running_statistics_alone() {
    let critic = discriminator(json!({"architecture": "dcgan", "channels": 4}), [1, 8, 8], 1);
    let penalties: models::Penalties = serde_json::from_value(json!({"kind": "clip", "bound": 0.015})).unwrap();
    let before = weights(&critic);
    let after = weights(&penalties.after_update(critic.clone()));
    for (path, (_, values)) in &after {
        if path.contains("running") {
            assert_eq!(values, &before[path].1, "{path}");
        } else {
            let clipped: Vec<f32> = before[path].1.iter().map(|w| w.clamp(-0.015, 0.015)).collect();
            assert_eq!(values, &clipped, "{path}");
        }
    }
    assert!(after.keys().any(|path| path.contains("running")), "{:?}", after.keys());
    assert!(after["head/weight"].1 != before["head/weight"].1, "nothing was clipped");
    let none: models::Penalties = serde_json::from_value(json!("none")).unwrap();
    assert_eq!(weights(&none.after_update(critic)), before);
}

#[test]
fn illegal_mixes_are_refused_with_the_way_out() {
    let check = |discriminator: Value, penalty: Value| {
        let config: ModelConfig =
            serde_json::from_value(json!({"discriminator": discriminator, "penalty": penalty})).unwrap();
        config.check([1, 28, 28])
    };
    let normalised = json!({"architecture": "mlp", "spectral_norm": true});
    assert_eq!(check(normalised, json!({"kind": "orthogonal", "on": "both"})), []);
    for kind in PENALTIES.names().iter().copied().filter(|name| *name != "orthogonal") {
        let problems = check(json!({"architecture": "dcgan"}), json!([{"kind": kind}]));
        if kind == "clip" {
            assert_eq!(problems, []);
            let problems = check(json!({"architecture": "mlp", "spectral_norm": true}), json!({"kind": kind}));
            assert!(problems[0].message.contains("`model.discriminator.spectral_norm: false`"), "{problems:?}");
            continue;
        }
        let [Problem { path, message }] = &problems[..] else { panic!("{problems:?}") };
        assert_eq!(path, "penalty");
        assert!(message.contains(kind) && message.contains("`model.discriminator.norm: none`"), "{message}");
        let normalised = json!({"architecture": "dcgan", "norm": "none", "spectral_norm": true});
        assert_eq!(check(normalised, json!({"kind": kind})), []);
        for legal in [json!({"architecture": "dcgan", "norm": "none"}), json!({"architecture": "guide"})] {
            assert_eq!(check(legal, json!({"kind": kind})), []);
        }
    }
}
