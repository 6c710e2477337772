//! One metric of two sets of samples.

use features::{CasClassifier, Views};
use metrics::{Features, Input, Measured, MetricConfig, MetricError};
use samples::Format;

/// Two sets as a metric sees them.
#[derive(Clone, Copy)]
pub(crate) struct Sets<'a> {
    pub real: Features<'a>,
    pub fake: Features<'a>,
    /// Everything that copies could be of.
    pub training: Features<'a>,
    /// Of the samples; `None` for features that are given as such.
    pub format: Option<Format>,
    /// Decides subsets, pairs and projections.
    pub seed: u64,
}

impl Sets<'_> {
    /// A value for each quantity of the metric. `classifier`, if the metric asks for one, has learned from generated samples and
    /// is asked for the classes of real ones; or the other way round, where [`View::asks_judge`].
    pub(crate) fn measure(
        self,
        metric: &MetricConfig,
        classifier: Option<&CasClassifier>,
    ) -> Result<Vec<Measured>, MetricError> {
        let Self { real, fake, training, format, seed } = self;
        let asked = if metric.entry().view.asks_judge() { fake } else { real };
        let predicted = classifier.map(|classifier| classifier.classify(asked));
        let found = metric.measure(&Input { real, fake, training, format, predicted: predicted.as_deref(), seed })?;
        assert_eq!(found.len(), metric.entry().quantities.len(), "`{}` has a value for each quantity", metric.name());
        Ok(found)
    }
}

/// What a metric sees of samples.
///
/// # Errors
/// The metric takes no such samples, or they have no such side.
pub(crate) fn see<'a>(metric: &MetricConfig, views: &'a Views) -> Result<Features<'a>, MetricError> {
    let needed = || MetricError::Kind { metric: metric.name(), needed: metric.entry().samples };
    views.seen_by(metric).ok_or_else(needed)
}
