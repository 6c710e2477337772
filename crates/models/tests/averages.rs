//! Moving averages of networks: what follows the averaged weights is theirs.

use burn::tensor::{Device, TensorData};
use models::task::{AnyNetworks, AnySampler, Gan, Networks};
use models::{Domain, ModelConfig, Stream};
use nalgebra::DMatrix;
use samples::Format;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const GENERATOR: usize = Gan::GENERATOR;

/// A generator whose weights wander far, and its average.
fn wandered(generator: Value) -> (Gan, Box<dyn AnySampler>) {
    let config: ModelConfig = serde_json::from_value(json!({ "generator": generator })).unwrap();
    let mut gan = Gan::new(&config, [1, 16, 16], 0, &Device::flex().autodiff());
    let sampler = |gan: &Gan| <dyn AnyNetworks>::of(gan.clone()).sampler();
    let mut average = sampler(&gan);
    for step in 0..8 {
        let mut stream = Stream::new(0, "wander", step);
        let mut networks = <dyn AnyNetworks>::of(gan);
        networks.replace(&mut |path, shape| {
            let is_weight = path.last().is_some_and(|name| name == "weight");
            let count = shape.iter().product();
            is_weight.then(|| TensorData::new(stream.normals(count, 0.1), shape.to_vec()))
        });
        gan = networks.downcast_ref::<Gan>().unwrap().clone().before_update(GENERATOR);
        average.approach(&*sampler(&gan), 0.9);
    }
    (gan, average)
}

/// Tensors by path.
fn tensors(module: &dyn AnySampler) -> BTreeMap<String, TensorData> {
    let mut found = BTreeMap::new();
    module.visit(&mut |path, read| drop(found.insert(path.join("."), read())));
    found
}

/// By the SVD, of each layer's weight as it acts, with the layer's path.
fn largest_singular_values(tensors: &BTreeMap<String, TensorData>) -> Vec<(String, f64)> {
    let vector = |path: &str| tensors[path].iter::<f64>().collect::<Vec<f64>>();
    let layers = tensors.keys().filter_map(|path| path.strip_suffix(".spectral.left_singular"));
    let value = |layer: &str| {
        let [left, right] = ["left", "right"].map(|side| vector(&format!("{layer}.spectral.{side}_singular")));
        let weight = &tensors[&format!("{layer}.weight")];
        let (shape, values) = (weight.shape().to_vec(), weight.iter::<f64>().collect::<Vec<f64>>());
        // Where the outputs are, and what lies behind them.
        let outputs_second = shape.len() == 2 || layer.contains("TransposedConvolution");
        let behind: usize = shape[2..].iter().product();
        let at = |row: usize, column: usize| match outputs_second {
            true => values[(column / behind * shape[1] + row) * behind + column % behind],
            false => values[row * right.len() + column],
        };
        let matrix = DMatrix::from_fn(left.len(), right.len(), at);
        let sigma =
            (DMatrix::from_row_slice(1, left.len(), &left) * &matrix * DMatrix::from_vec(right.len(), 1, right))[0];
        (layer.to_owned(), matrix.singular_values().max() / sigma)
    };
    layers.map(value).collect()
}

#[test]
fn averaged_layers_have_the_largest_singular_value_1() {
    for (generator, layers) in [
        (json!({ "architecture": "dcgan", "channels": 4, "spectral_norm": true }), 3),
        (json!({ "architecture": "resnet", "channels": 4, "attention": true, "spectral_norm": true }), 12),
    ] {
        let (gan, average) = wandered(generator);
        let settled = average.settled();
        let values = largest_singular_values(&tensors(&*settled));
        assert!(values.len() >= layers, "{values:?}");
        for (layer, value) in values {
            assert!((value - 1.0).abs() < 1e-3, "{layer}: {value}");
        }
        // What has been settled stays, so a restored average has the bits of the one that was saved.
        assert_eq!(tensors(&*settled.settled()), tensors(&*settled));
        // The start is the networks' vectors, not the average's.
        let networks = <dyn AnyNetworks>::of(gan);
        let [mut one, mut other] = [average, settled];
        for average in [&mut one, &mut other] {
            average.approach(&*networks.sampler(), 0.5);
        }
        assert_eq!(tensors(&*one.settled()), tensors(&*other.settled()));
    }
}

/// Nothing but weights and running statistics moves where there is nothing to settle, and these by the decay.
#[test]
fn without_spectral_normalisation_an_average_is_the_mean_alone() {
    let (_, average) = wandered(json!({ "architecture": "dcgan", "channels": 4 }));
    assert_eq!(tensors(&*average.settled()), tensors(&*average));
}

/// All generators of tasks that translate have one, with batch normalisation's statistics; what only judges or compares is not in it.
#[test]
fn averages_of_what_translates_move_by_the_decay() {
    let image = Format::Image([3, 16, 16]);
    for (task, parts) in
        [("translation", vec!["generator"]), ("unpaired", vec!["there", "back"]), ("mapping", vec!["generator"])]
    {
        let model: ModelConfig = serde_json::from_value(json!({
            "task": {"kind": task},
            "generator": {"architecture": "unet", "channels": 2},
            "discriminator": {"architecture": "patchgan", "channels": 2},
        }))
        .unwrap();
        let domain = Domain { output: image, input: Some(image), paired: true, classes: None };
        let mut networks = model.init(domain, 0, &Device::flex().autodiff());
        let mut average = networks.sampler();
        let before = tensors(&*average);
        networks.replace(&mut |path, shape| {
            let mut stream = Stream::new(1, &path.join("."), 0);
            Some(TensorData::new(stream.normals(shape.iter().product(), 1.0), shape.to_vec()))
        });
        average.approach(&*networks.sampler(), 0.75);
        let (now, found) = (tensors(&*networks.sampler()), tensors(&*average));
        let first: BTreeSet<_> = found.keys().map(|path| path.split('.').next().unwrap()).collect();
        assert_eq!(first, BTreeSet::from_iter(parts), "{task}");
        assert!(found.keys().any(|path| path.contains("running_")), "{task}");
        for (path, found) in &found {
            let numbers = |of: &BTreeMap<String, TensorData>| of[path].iter::<f64>().collect::<Vec<_>>();
            for ((found, before), now) in found.iter::<f64>().zip(numbers(&before)).zip(numbers(&now)) {
                let expected = 0.75 * before + 0.25 * now;
                assert!((found - expected).abs() < 1e-6, "{task} {path}: {found} instead of {expected}");
            }
        }
    }
}
