//! How logits and weights are distributed at a step.

use crate::weights::{DISCRIMINATOR, GENERATOR, each};
use burn::tensor::Tensor;
use models::Gan;
use record::Histogram;
use std::collections::BTreeMap;

/// Of the logits that the discriminator gave real and generated images in the turns of a step, and of each matrix and
/// kernel of both networks. Waits for the device.
pub(crate) fn histograms(gan: &Gan, logits: &[[Tensor<1>; 2]]) -> BTreeMap<String, Histogram> {
    let mut found = BTreeMap::new();
    let mut take = |name: String, numbers: &[f32]| {
        found.extend(Histogram::of(numbers).map(|histogram| (name, histogram)));
    };
    for (at, name) in ["real", "fake"].into_iter().enumerate() {
        let parts = logits.iter().flat_map(|turn| turn[at].clone().into_data().iter::<f32>().collect::<Vec<_>>());
        take(format!("logits/{name}"), &parts.collect::<Vec<_>>());
    }
    let mut weights = |name: String, (shape, numbers): (Vec<usize>, Vec<f32>)| {
        // What has one axis is a bias, a gain or a statistic.
        if shape.len() > 1 {
            take(format!("weights/{name}"), &numbers);
        }
    };
    each(GENERATOR, &gan.generator, &mut weights);
    each(DISCRIMINATOR, &gan.discriminator, &mut weights);
    found
}
