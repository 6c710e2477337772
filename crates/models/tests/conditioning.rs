//! How networks use classes, against what can be worked out by hand.

use crate::common::{check, gradients, load, read, weights};
use burn::tensor::{Device, Tensor, TensorData};
use burn::train::TrainStep;
use models::task::{Batch, Gan};
use models::{Domain, GeneratorInput, ModelConfig, Samples, Stream, one_hot};
use serde_json::{Value, json};

const IMAGE: [usize; 3] = [1, 2, 2];

fn model(settings: Value) -> ModelConfig {
    serde_json::from_value(settings).unwrap()
}

/// Linear networks for images of four pixels and three classes, all weights 0 but those given.
fn linear(conditioning: Value, given: &[(&str, &[f32])]) -> Gan {
    let config = model(json!({
        "generator": {"architecture": "mlp", "hidden": []},
        "discriminator": {"architecture": "mlp", "hidden": []},
        "latent": {"dim": 2},
        "conditioning": conditioning,
    }));
    let domain = Domain::images(IMAGE, Some(3));
    assert_eq!(config.check(domain), []);
    let gan = Gan::new(&config, domain, 1, &Device::flex().autodiff());
    let mut all = weights(&gan);
    all.values_mut().for_each(|(_, values)| values.fill(0.0));
    for (path, values) in given {
        all.get_mut(*path).unwrap_or_else(|| panic!("no {path}")).1 = values.to_vec();
    }
    load(gan, all)
}

fn images(values: &[f32]) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len() / 4, 1, 2, 2]), &Device::flex().autodiff())
}

fn labels(classes: &[usize]) -> Option<Tensor<2>> {
    Some(one_hot(classes, 3, &Device::flex().autodiff()))
}

fn latent(values: &[f32]) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len() / 2, 2]), &Device::flex().autodiff())
}

const FIVE: &[f32] = &[1.0, 2.0, 3.0, 4.0, 5.0];

/// tanh of the row of the generator's weight that belongs to the class.
#[test]
fn the_generator_is_told_the_class_behind_the_latent() {
    let weight: Vec<f32> = FIVE.iter().flat_map(|row| [row * 0.1; 4]).collect();
    for kind in ["concat", "projection", "auxiliary_classifier"] {
        let gan = linear(json!(kind), &[("generator/network/layers/0/Dense/weight", &weight)]);
        let code = GeneratorInput::from(latent(&[1.0, 0.0, 0.0, -1.0])).with_labels(labels(&[2, 0]));
        let expected = [0.1_f32 + 0.5, -0.2 + 0.3].map(|x| [x.tanh(); 4]).concat();
        check(kind, &expected, &read(gan.generator.forward(code)));
    }
}

#[test]
fn the_discriminator_sees_a_plane_for_each_class() {
    // Pixels weigh 1, the planes 10, 100 and 1000 a pixel.
    let weight: Vec<f32> = [1.0, 10.0, 100.0, 1000.0].iter().flat_map(|row| [*row; 4]).collect();
    let gan = linear(json!("concat"), &[("discriminator/head/weight", &weight)]);
    let examples = Samples::from(images(&[1.0, 2.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.5])).with_labels(labels(&[1, 2]));
    check("logits", &[410.0, 4000.5], &read(gan.discriminator.forward(examples.clone())));
    let gradient = gan.discriminator.input_gradient(examples);
    assert_eq!(gradient.dims(), [2, 1, 2, 2]);
    check("gradient", &[1.0; 8], &read(gradient));
}

/// One turn of each network: by name its scalars, and the gradients of both networks.
fn scalar(output: &burn::train::TrainOutput<models::task::StepOutput>, name: &str) -> f32 {
    let found = output.item.scalars.iter().find(|(found, _)| *found == name);
    read(found.unwrap_or_else(|| panic!("no {name}")).1.clone())[0]
}

/// With features x the logits of the classes are V x; a uniform guess costs ln 3 a batch.
#[test]
fn the_auxiliary_classifier_pays_cross_entropy_in_both_turns() {
    // Class 0 has the logit ln 2 times the first pixel, the others 0.
    let mut weight = [0.0; 12];
    weight[0] = std::f32::consts::LN_2;
    let of = |weight_of_loss: f64| {
        let conditioning = json!({"kind": "auxiliary_classifier", "weight": weight_of_loss});
        linear(conditioning, &[("discriminator/classifier/weight", &weight)])
    };
    let real = Samples::from(images(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])).with_labels(labels(&[0, 1]));
    let code = GeneratorInput::from(latent(&[0.0; 4])).with_labels(labels(&[0, 1]));
    let gan = of(1.0);
    let output = gan.step(Batch {
        phase: Gan::DISCRIMINATOR,
        update: 0,
        is_last: true,
        real: real.clone(),
        input: code.clone(),
    });
    // Real: p = (1/2, 1/4, 1/4), costs ln 2 and ln 4. Generated: grey, costs ln 3.
    let expected = 1.5 * std::f32::consts::LN_2 + 3.0_f32.ln();
    check("loss", &[expected], &[scalar(&output, "loss/classifier")]);
    // The first is of class 0 and predicted as such, the second is not.
    check("accuracy", &[0.5], &[scalar(&output, "accuracy/classifier")]);
    check("adversarial loss", &[2.0 * std::f32::consts::LN_2], &[scalar(&output, "loss/discriminator")]);

    let turn = || Batch { phase: Gan::GENERATOR, update: 0, is_last: true, real: real.clone(), input: code.clone() };
    let path = "network/layers/0/Dense/bias";
    let found = [1.0, 3.0].map(|weight| {
        let gan = of(weight);
        let output = gan.step(turn());
        gradients(&gan.generator, &output.grads)[path].clone()
    });
    // d/dx of -ln p(class) at p = 1/3: (p_0 - [class is 0]) ln 2, over two images; the adversarial head is 0.
    let slope = std::f32::consts::LN_2 * ((1.0 / 3.0 - 1.0) + 1.0 / 3.0) / 2.0;
    check("generator", &[slope, 0.0, 0.0, 0.0], &found[0]);
    check("three times", &[3.0 * slope, 0.0, 0.0, 0.0], &found[1]);
}

/// Codes come with the latents from the stream, and cost what the head misses of them.
#[test]
fn info_draws_its_codes_and_pays_for_those_that_are_missed() {
    let settings = json!({"kind": "info", "categorical": 4, "continuous": 2, "continuous_weight": 0.5});
    let gan = linear(settings, &[("discriminator/codes/bias", &[0.0, 0.0, 0.0, 0.0, 0.5, -0.5])]);
    let device = Device::flex();
    let draw = |index| gan.config.generator_input(IMAGE, 1000, None, &mut Stream::new(1, "test", index), &device);
    let code = draw(0);
    let (labels, factors) = (read(code.labels.clone().unwrap()), read(code.factors.clone().unwrap()));
    assert_eq!(read(draw(0).labels.unwrap()), labels);
    assert_ne!(read(draw(1).labels.unwrap()), labels);
    assert_eq!(read(code.latent.clone()), read(gan.config.latent.draw(1000, &mut Stream::new(1, "test", 0), &device)));
    for category in 0..4 {
        let share = labels.chunks(4).filter(|row| row[category] == 1.0 && row.iter().sum::<f32>() == 1.0).count();
        assert!((190..=310).contains(&share), "category {category}: {share} of 1000");
    }
    assert!(factors.iter().all(|factor| (-1.0..1.0).contains(factor)));

    let real = images(&[0.0; 4000]).into();
    let output = gan.step(Batch { phase: Gan::DISCRIMINATOR, update: 0, is_last: true, real, input: code.clone() });
    let missed = |at: usize, guess: f32| factors.iter().skip(at).step_by(2).map(|c| (c - guess).powi(2)).sum::<f32>();
    let expected = 4.0_f32.ln() + 0.5 / 2.0 * (missed(0, 0.5) + missed(1, -0.5)) / 1000.0;
    check("loss", &[expected], &[scalar(&output, "loss/code")]);
    let found = gradients(&gan.discriminator, &output.grads);
    assert!(found["codes/bias"].iter().all(|gradient| *gradient != 0.0), "{found:?}");
    // The generator's turn teaches the generator alone.
    let output = gan.step(Batch {
        phase: Gan::GENERATOR,
        update: 0,
        is_last: true,
        real: images(&[0.0; 4000]).into(),
        input: code,
    });
    assert!(gradients(&gan.discriminator, &output.grads).values().flatten().all(|gradient| *gradient == 0.0));
}

#[test]
fn words_and_maps_read_and_write() {
    let write = |conditioning: Value| {
        let config = model(json!({"conditioning": conditioning}));
        serde_json::to_value(&config).unwrap().get("conditioning").cloned()
    };
    for (read, written) in [
        (json!("none"), None),
        (json!("concat"), Some(json!("concat"))),
        (json!({"kind": "projection"}), Some(json!("projection"))),
        (json!("auxiliary_classifier"), Some(json!({"kind": "auxiliary_classifier", "weight": 1.0}))),
        (
            json!({"kind": "info", "categorical": 5}),
            Some(json!({"kind": "info", "categorical": 5, "continuous": 2, "weight": 1.0, "continuous_weight": 0.1})),
        ),
    ] {
        assert_eq!(write(read.clone()), written, "{read}");
    }
    for wrong in [json!("projektion"), json!({"kind": "concat", "weight": 1}), json!({"weight": 1}), json!(3)] {
        assert!(serde_json::from_value::<ModelConfig>(json!({"conditioning": wrong})).is_err(), "{wrong}");
    }
}

#[test]
fn illegal_mixes_are_refused_with_the_way_out() {
    let check = |settings: Value, classes: Option<usize>, words: Option<&str>| {
        let problems = model(settings.clone()).check(Domain::images([1, 28, 28], classes));
        match (words, &problems[..]) {
            (None, []) => {}
            (Some(words), [problem]) if problem.path.starts_with("conditioning") && problem.message.contains(words) => {
            }
            _ => panic!("{settings}: {problems:?}, expected {words:?}"),
        }
    };
    for kind in ["concat", "projection", "auxiliary_classifier"] {
        check(json!({"conditioning": kind}), Some(10), None);
        check(json!({"conditioning": kind}), None, Some("set `model.conditioning: none`"));
        check(json!({"conditioning": kind, "penalty": {"kind": "r1"}}), Some(10), None);
        check(json!({"conditioning": kind, "packing": 2}), Some(10), Some("`model.packing: 1`"));
    }
    check(json!({"conditioning": "info"}), None, None);
    check(json!({"conditioning": {"kind": "info", "categorical": 1}}), None, Some("must be within 2 and 1000"));
    check(json!({"conditioning": {"kind": "info", "weight": 0.0}}), None, Some("must be above 0"));
    check(json!({"conditioning": {"kind": "auxiliary_classifier", "weight": -1.0}}), Some(2), Some("must be above 0"));
}
