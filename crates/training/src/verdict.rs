//! Verdicts on a run while it goes on: its samples are all the same, a metric no longer improves. They follow from what the
//! run has recorded, so that a run which was stopped and resumed ends where it would have ended.

use crate::config::StopConfig;
use data::Dataset;
use record::{Evaluation, RunRecord, Status};
use std::cell::OnceCell;
use std::sync::Arc;

/// Training images whose spread samples are compared with.
const IMAGES: usize = 1000;

/// Watches what a run records.
pub(crate) struct Verdict {
    rules: StopConfig,
    dataset: Arc<Dataset>,
    /// Of the training images; found when there are grids enough to ask for it.
    spread: OnceCell<f64>,
    /// Of the sample grids so far.
    spreads: Vec<f64>,
    /// Against training images.
    evaluations: Vec<Evaluation>,
}

impl Verdict {
    /// Takes up what the run has recorded so far.
    pub(crate) fn new(rules: StopConfig, dataset: Arc<Dataset>, record: &RunRecord) -> Self {
        let mut verdict = Self {
            rules,
            dataset,
            spread: OnceCell::new(),
            spreads: record
                .artifacts
                .iter()
                .filter(|artifact| !artifact.role.is_data())
                .filter_map(|artifact| artifact.spread)
                .collect(),
            evaluations: Vec::new(),
        };
        record.evaluations.iter().for_each(|evaluation| verdict.evaluated(evaluation));
        verdict
    }

    /// A grid was recorded.
    pub(crate) fn sampled(&mut self, spread: f64) {
        self.spreads.push(spread);
    }

    /// An evaluation was recorded.
    pub(crate) fn evaluated(&mut self, evaluation: &Evaluation) {
        if evaluation.split == Evaluation::TRAIN {
            self.evaluations.push(evaluation.clone());
        }
    }

    /// The best of these steps so far.
    pub(crate) fn best(&self, steps: &[u64]) -> Option<u64> {
        record::best_step(&self.evaluations, steps)
    }

    /// How the run ends now, if it does, and why.
    pub(crate) fn ending(&self) -> Option<(Status, String)> {
        self.collapsed().map(|reason| (Status::Collapsed, reason)).or_else(|| {
            let evaluations = || self.evaluations.iter();
            let rules = &self.rules.metrics;
            let reason = rules.iter().find_map(|rule| exhausted(evaluations(), &rule.metric, rule.patience))?;
            Some((Status::Done, reason))
        })
    }

    fn collapsed(&self) -> Option<String> {
        let rule = self.rules.collapsed.as_ref()?;
        let last = &self.spreads[self.spreads.len().checked_sub(rule.grids)?..];
        let bound = rule.below * self.spread.get_or_init(|| spread_of(&self.dataset));
        last.iter().all(|spread| *spread < bound).then(|| {
            let grids =
                if rule.grids == 1 { "a sample grid".to_owned() } else { format!("{} sample grids", rule.grids) };
            format!("the samples of {grids} are all the same: their spread is below {bound:.2e}")
        })
    }
}

/// Why a run ends whose evaluations against training images are these, if it does.
pub(crate) fn exhausted<'a>(
    evaluations: impl Iterator<Item = &'a Evaluation>,
    metric: &str,
    patience: usize,
) -> Option<String> {
    let distances: Vec<_> = evaluations.filter_map(|e| Some((e, e.distance(metric)?))).collect();
    let best = distances.iter().enumerate().min_by(|a, b| a.1.1.total_cmp(&b.1.1))?;
    let (index, (evaluation, _)) = best;
    (distances.len() - 1 - index >= patience).then(|| {
        let value = evaluation.values[metric].value;
        format!("`{metric}` has not improved in {patience} evaluations since step {}: {value:.4}", evaluation.step)
    })
}

/// Of some training images, the same ones each time.
fn spread_of(dataset: &Dataset) -> f64 {
    let mut images = Vec::new();
    let order = metrics::permutation(dataset.len(), 0);
    dataset.read_into(&order[..IMAGES.min(order.len())], &mut images);
    spread(&images, dataset.format().values())
}

/// Root of the mean variance of samples of `size` numbers, a number at a time; 0 for copies of one sample.
pub(crate) fn spread(samples: &[f32], size: usize) -> f64 {
    let count = (samples.len() / size) as f64;
    let (mut sums, mut squares) = (vec![0.0; size], vec![0.0; size]);
    // Around the first sample, so that copies of it leave exactly nothing.
    for sample in samples.chunks_exact(size) {
        for (index, (value, first)) in sample.iter().zip(samples).enumerate() {
            let value = f64::from(*value) - f64::from(*first);
            sums[index] += value;
            squares[index] += value * value;
        }
    }
    let variances = sums.iter().zip(squares).map(|(sum, square)| square / count - (sum / count) * (sum / count));
    let mean = variances.sum::<f64>() / size as f64;
    // Rounding may leave a little less than nothing; what is not a number stays that.
    if mean < 0.0 { 0.0 } else { mean.sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Collapse, Patience};
    use record::{Direction, Measurement};
    use std::collections::BTreeMap;

    fn verdict(rules: StopConfig) -> Verdict {
        let dataset = Arc::new(data::DataConfig::default().open(data::Split::Train).unwrap());
        Verdict { rules, dataset, spread: OnceCell::from(0.5), spreads: Vec::new(), evaluations: Vec::new() }
    }

    #[test]
    fn the_spread_is_the_root_of_the_mean_variance() {
        assert_eq!(spread(&[0.1, -0.7, 0.1, -0.7, 0.1, -0.7], 2), 0.0);
        // Variances 1 and 9 around the means 2 and -1.
        assert!((spread(&[1.0, 2.0, 3.0, -4.0], 2) - 5.0f64.sqrt()).abs() < 1e-12);
        assert!(spread(&[1.0, f32::NAN], 1).is_nan());
    }

    #[test]
    fn samples_that_stay_the_same_are_a_collapse() {
        let check = |spreads: &[f64], grids, expected: bool| {
            let collapsed = Some(Collapse { below: 0.01, grids });
            let mut verdict = verdict(StopConfig { collapsed, ..StopConfig::default() });
            spreads.iter().for_each(|spread| verdict.sampled(*spread));
            let is_collapse = matches!(verdict.ending(), Some((Status::Collapsed, _)));
            assert_eq!(is_collapse, expected, "{spreads:?}, {grids} in a row");
        };
        check(&[], 1, false);
        check(&[0.0], 1, true);
        check(&[0.004, 0.0], 3, false);
        check(&[0.2, 0.004, 0.0, 0.004], 3, true);
        check(&[0.004, 0.2, 0.004, 0.004], 3, false);
        check(&[0.006, 0.006], 2, false);
        check(&[f64::NAN, f64::NAN], 2, false);
    }

    #[test]
    fn patience_ends_where_the_best_value_is_old() {
        let check = |values: &[f64], direction, patience, expected: Option<&str>| {
            let metrics = vec![Patience { metric: "m".into(), patience }];
            let mut verdict = verdict(StopConfig { metrics, ..StopConfig::default() });
            for (index, value) in values.iter().enumerate() {
                let measurement = Measurement { value: *value, standard_error: None, direction };
                for split in [Evaluation::TRAIN, Evaluation::TEST] {
                    verdict.evaluated(&Evaluation {
                        step: 10 * (index as u64 + 1),
                        at: 0.0,
                        count: 1,
                        features: String::new(),
                        features_hash: String::new(),
                        split: split.to_owned(),
                        values: [("m".to_owned(), measurement)].into(),
                        floors: BTreeMap::new(),
                        baselines: BTreeMap::new(),
                        problems: BTreeMap::new(),
                        by_class: BTreeMap::new(),
                        settings: BTreeMap::new(),
                    });
                }
            }
            let found = verdict.ending().map(|(status, reason)| (status, reason.contains(expected.unwrap_or("?"))));
            assert_eq!(found, expected.map(|_| (Status::Done, true)), "{values:?}");
        };
        use Direction::{Higher, Lower};
        check(&[3.0, 2.0, 2.5], Lower, 2, None);
        check(&[3.0, 2.0, 2.5, 2.0], Lower, 2, Some("since step 20: 2.0000"));
        check(&[3.0, 2.0, 2.5], Higher, 2, Some("since step 10: 3.0000"));
        check(&[1.0, 2.0, 3.0, 4.0], Higher, 1, None);
        check(&[], Lower, 1, None);
    }
}
