//! One metric of two sets of samples.

use features::{CasClassifier, Views};
use metrics::{Features, Input, Measured, Metric, MetricError};
use samples::Format;

/// Two sets as a metric sees them.
#[derive(Clone, Copy)]
pub(crate) struct Sets<'a> {
    pub real: Features<'a>,
    pub fake: Features<'a>,
    /// Everything that copies could be of.
    pub training: Features<'a>,
    /// Of the samples, unless they are features that somebody else made.
    pub format: Option<Format>,
    /// Decides subsets, pairs and projections.
    pub seed: u64,
}

impl Sets<'_> {
    /// A value for each quantity of the metric. `classifier` has learned from generated samples, if the metric asks for one.
    pub(crate) fn measure(
        self,
        metric: &Metric,
        classifier: Option<&CasClassifier>,
    ) -> Result<Vec<Measured>, MetricError> {
        let Self { real, fake, training, format, seed } = self;
        let predicted = classifier.map(|classifier| classifier.classify(real));
        let image = format.map(Format::shape);
        metric.measure(&Input { real, fake, training, image, predicted: predicted.as_deref(), seed })
    }
}

/// What a metric sees of samples.
///
/// # Errors
/// The samples have no such side.
pub(crate) fn see<'a>(metric: &Metric, views: &'a Views) -> Result<Features<'a>, MetricError> {
    views.see(metric.view).ok_or(MetricError::Kind { metric: metric.name, needed: metric.samples })
}
