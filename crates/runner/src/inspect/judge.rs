//! A small classifier of the classes of a run's data, which judges generated samples.

use crate::error::Error;
use data::{Dataset, Split};
use features::CasClassifier;
use metrics::Features;
use models::Domain;
use training::RunConfig;

/// Samples that it learns from, and as many that it is tested on.
const TAUGHT: usize = 4096;

/// A classifier that learned from a run's training data.
pub(crate) struct Judge {
    pub classifier: CasClassifier,
    /// Samples that it learned from.
    pub learned: usize,
    /// Its accuracy on what is held out, if anything is.
    pub accuracy: Option<f64>,
    /// Of all training data.
    pub fingerprint: String,
    /// Values of a sample.
    size: usize,
}

impl Judge {
    /// Whether there can be one for such samples.
    pub(crate) fn can_judge(domain: &Domain) -> bool {
        matches!(domain.output, samples::Format::Image(_)) && CasClassifier::can_learn(domain.output)
    }

    /// Learns; `option` is what asked for it.
    ///
    /// # Errors
    /// The data cannot be read, have no labels or hardly any sample.
    pub(crate) fn of(config: &RunConfig, domain: &Domain, option: &str) -> Result<Self, Error> {
        if !Self::can_judge(domain) {
            let message = format!("{option} is for images of 8 pixels a side or more, not for {}", domain.output);
            return Err(Error::Usage(message));
        }
        let dataset = config.data.open(Split::Train)?;
        let needed = || {
            let found = if dataset.labels().is_some() { dataset.len() } else { 0 };
            Error::Usage(format!(
                "{option}: a classifier learns from at least 64 labelled images, and the run's data have {found}"
            ))
        };
        let (values, labels) = numbers(&dataset);
        if labels.is_empty() {
            return Err(needed());
        }
        let size = domain.output.values();
        let images = Features::single(&values, size).with_classes(&labels);
        let classifier = CasClassifier::on_cpu(images, domain.output).ok_or_else(needed)?;
        let test = config.data.open(Split::Test)?;
        let accuracy = (!test.is_empty()).then(|| {
            let (values, labels) = numbers(&test);
            let found = classifier.classify(Features::single(&values, size));
            found.iter().zip(&labels).filter(|(found, label)| found == label).count() as f64 / labels.len() as f64
        });
        Ok(Self { classifier, learned: labels.len(), accuracy, fingerprint: dataset.fingerprint().to_owned(), size })
    }

    /// How far apart its answers to two sets of samples are, sample by sample: the mean of their total variation, half the sum of the
    /// differences of their probabilities, in `[0, 1]`.
    pub(crate) fn apart(&self, one: &[f32], other: &[f32]) -> f64 {
        let count = (one.len() / self.size).max(1);
        let [one, other] = [one, other].map(|samples| self.classifier.probabilities(samples));
        let sum: f64 = one.iter().zip(&other).map(|(one, other)| f64::from((one - other).abs())).sum();
        sum / 2.0 / count as f64
    }

    /// By how much likelier it takes the second of two sets of samples to be of a class, in the mean.
    pub(crate) fn rise(&self, one: &[f32], other: &[f32], class: usize) -> f64 {
        let mean = |samples: &[f32]| {
            let confidence = self.classifier.confidence(samples, class);
            confidence.iter().map(|share| f64::from(*share)).sum::<f64>() / confidence.len().max(1) as f64
        };
        mean(other) - mean(one)
    }
}

/// The first samples in a fixed random order, and their labels.
fn numbers(dataset: &Dataset) -> (Vec<f32>, Vec<u16>) {
    let chosen: Vec<usize> = metrics::permutation(dataset.len(), 0).into_iter().take(TAUGHT).collect();
    let (mut values, labels) = (Vec::new(), dataset.labels().unwrap_or_default());
    dataset.read_into(&chosen, &mut values);
    (values, chosen.into_iter().filter_map(|index| labels.get(index).copied()).collect())
}
