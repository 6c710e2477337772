//! Style networks: two latent vectors a sample, styles near their mean, a mapping network at a part of the rate.

use crate::common::read;
use burn::tensor::{Device, Tensor, TensorData};
use models::task::{AnyNetworks, Gan};
use models::{GeneratorInput, ModelConfig, Stream};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const IMAGE: [usize; 3] = [1, 8, 8];
const LATENT: usize = 6;

fn config(settings: Value) -> ModelConfig {
    let mut generator = json!({"architecture": "stylegan2", "channels": 4, "style": 8, "mapping": 2});
    settings.as_object().unwrap().iter().for_each(|(key, value)| generator[key] = value.clone());
    serde_json::from_value(json!({"generator": generator, "latent": {"dim": LATENT}})).unwrap()
}

fn gan(settings: Value) -> Gan {
    Gan::new(&config(settings), IMAGE, 0, &Device::flex())
}

/// Of two samples, with as many others that begin at these places.
fn input(others: Option<[f32; 2]>) -> GeneratorInput {
    let (model, device) = (config(json!({})), Device::flex());
    let plain = model.generator_input(IMAGE, 2, None, &mut Stream::new(1, "test", 0), &device);
    let latent =
        Tensor::from_data(TensorData::new(Stream::new(2, "test", 0).normals(2 * LATENT, 1.0), [2, LATENT]), &device);
    let mut mixed = plain.clone();
    mixed.mixing = others.map(|places| {
        Tensor::cat(vec![latent, Tensor::from_data(TensorData::new(places.to_vec(), [2, 1]), &device)], 1)
    });
    mixed
}

#[test]
fn styles_of_another_latent_vector_begin_at_a_layer() {
    let generator = gan(json!({})).generator;
    let images = |input: GeneratorInput| {
        let images = read(generator.forward(input));
        [images[..64].to_vec(), images[64..].to_vec()]
    };
    let [first, second] = images(input(None));
    // The place 1 is past the last layer, so that a sample keeps its bits beside one that is mixed.
    let [same, mixed] = images(input(Some([1.0, 0.0])));
    assert_eq!(same, first);
    assert_ne!(mixed, second);
    let [_, late] = images(input(Some([1.0, 0.99])));
    assert_ne!(late, mixed);
    let distance = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
    assert!(distance(&late, &second) < distance(&mixed, &second), "fewer layers, nearer");
    // Another latent vector that is the same one changes nothing, wherever it begins.
    let mut twice = input(Some([0.0, 0.5]));
    let places = twice.mixing.take().unwrap().narrow(1, LATENT, 1);
    twice.mixing = Some(Tensor::cat(vec![twice.latent.clone(), places], 1));
    assert_eq!(images(twice), [first, second]);
}

/// Of 1,000 samples, a share of 0.9 is known to 0.0095.
#[test]
fn updates_mix_a_share_of_their_samples() {
    let draw = |share: f64| {
        let model = config(json!({ "style_mixing": share }));
        model.update_input(IMAGE, 1000, None, &mut Stream::new(1, "test", 0), &Device::flex())
    };
    let plain = draw(0.0);
    assert!(plain.mixing.is_none());
    let mixed = draw(0.9);
    assert_eq!(read(plain.latent), read(mixed.latent), "what else is drawn is the same");
    let places = read(mixed.mixing.unwrap().narrow(1, LATENT, 1));
    let count = places.iter().filter(|place| **place < 1.0).count();
    assert!((860..=940).contains(&count), "{count}");
}

#[test]
fn truncated_styles_go_to_their_mean() {
    let generator = gan(json!({})).generator;
    let inputs =
        || config(json!({})).generator_input(IMAGE, 500, None, &mut Stream::new(3, "test", 0), &Device::flex());
    let images = |share: f64| read(generator.clone().truncated(share, inputs()).unwrap().forward(input(None)));
    let whole = read(generator.forward(input(None)));
    assert!(images(1.0).iter().zip(&whole).all(|(a, b)| (a - b).abs() < 1e-5));
    // Noise has no part in it yet: its strength starts at 0.
    let mean = images(0.0);
    assert_eq!(mean[..64], mean[64..]);
    assert_ne!(images(0.5), whole);
    let other: ModelConfig = serde_json::from_value(json!({"generator": {"architecture": "dcgan"}})).unwrap();
    let other = Gan::new(&other, [1, 28, 28], 0, &Device::flex()).generator;
    assert!(other.truncated(0.5, GeneratorInput::from(Tensor::zeros([1, 100], &Device::flex()))).is_none());
}

/// A weight that is 100 times as large and acts by a hundredth makes the same images; a step of Adam has one length whatever
/// the weight.
#[test]
fn a_mapping_network_at_a_part_of_the_rate_starts_as_it_did() {
    let [whole, part] = [json!({}), json!({"mapping_rate": 0.01})].map(gan);
    let images = |gan: &Gan| read(gan.generator.forward(input(None)));
    assert!(images(&whole).iter().zip(images(&part)).all(|(a, b)| (a - b).abs() < 1e-5));
    let weights = |gan: Gan| {
        let mut found = BTreeMap::new();
        <dyn AnyNetworks>::of(gan).visit(&mut |path, read| {
            found.insert(path.join("."), read().iter::<f32>().collect::<Vec<_>>());
        });
        found
    };
    let (whole, part) = (weights(whole), weights(part));
    for (path, of_part) in &part {
        let factor = if path.contains(".mapping.") && path.ends_with(".weight") { 100.0 } else { 1.0 };
        assert!(whole[path].iter().zip(of_part).all(|(a, b)| (a * factor - b).abs() <= 1e-4 * b.abs()), "{path}");
    }
    assert!(part.keys().any(|path| path.contains(".mapping.")));
}

#[test]
fn settings_out_of_range_are_reported() {
    let check = |settings: Value, path: &str| {
        let found = config(settings).check(models::Domain::images(IMAGE, None));
        assert!(found.iter().any(|problem| problem.path == path), "{found:?}");
    };
    check(json!({"mapping_rate": 0.0}), "generator.mapping_rate");
    check(json!({"mapping_rate": 1e-50}), "generator.mapping_rate");
    check(json!({"style_mixing": 1.5}), "generator.style_mixing");
    let written = serde_json::to_value(config(json!({})).generator).unwrap();
    assert_eq!(written.get("style_mixing"), None, "ids are what they were");
    assert_eq!(written.get("mapping_rate"), None, "ids are what they were");
}
