//! How logits and weights are distributed at a step.

use crate::weights::each;
use crate::window::Logits;
use models::task::AnyNetworks;
use record::{Histogram, tag};
use std::collections::BTreeMap;

/// Of the logits in the updates of a step, by what was judged, and of each matrix and kernel of all networks. Waits for the
/// device.
pub(crate) fn histograms(networks: &dyn AnyNetworks, logits: &Logits) -> BTreeMap<String, Histogram> {
    let mut found = BTreeMap::new();
    let mut take = |name: String, numbers: &[f32]| {
        found.extend(Histogram::of(numbers).map(|histogram| (name, histogram)));
    };
    for (name, updates) in logits {
        let numbers = updates.iter().flat_map(|logits| logits.clone().into_data().iter::<f32>().collect::<Vec<_>>());
        take(tag::logits(name), &numbers.collect::<Vec<_>>());
    }
    each(None, networks, |name, (shape, numbers)| {
        // What has one axis is a bias, a gain or a statistic.
        if shape.len() > 1 {
            take(tag::weights(&name), &numbers);
        }
    });
    found
}
