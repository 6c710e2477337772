//! Samples as each kind of metric sees them.

use crate::CasClassifier;
use crate::extractor::{Extracted, Extractor, FeatureError, Rows, extract};
use burn::tensor::Device;
use metrics::{Features, MetricConfig, View};
use samples::Format;
use std::sync::OnceLock;

/// Samples: their own numbers, their classes where these are known, and what an extractor makes of them.
#[derive(Clone, Debug)]
pub struct Views {
    own: Rows,
    format: Option<Format>,
    classes: Option<Vec<u16>>,
    /// Sample i was made of the input of the other set's sample i, or is the partner of what was made of it.
    is_paired: bool,
    extracted: Option<Extracted>,
    /// Made when it is first asked for.
    classifier: OnceLock<Option<CasClassifier>>,
}

impl Views {
    /// Of images, `[count, channels, height, width]` in `[-1, 1]`, row-major.
    ///
    /// # Errors
    /// The extractor was not made for samples of this format.
    pub fn of_images(
        extractor: &dyn Extractor,
        images: Vec<f32>,
        format: Format,
        device: &Device,
    ) -> Result<Self, FeatureError> {
        let extracted = extract(extractor, &images, format, device)?;
        Ok(Self::of_extracted(images, format, extracted))
    }

    /// As [`of_images`](Self::of_images), on the CPU.
    ///
    /// # Errors
    /// The same.
    pub fn on_cpu(extractor: &dyn Extractor, images: Vec<f32>, format: Format) -> Result<Self, FeatureError> {
        Self::of_images(extractor, images, format, &Device::flex())
    }

    /// Of images and what an extractor made of them before.
    pub fn of_extracted(images: Vec<f32>, format: Format, extracted: Extracted) -> Self {
        let own = Rows { values: images, width: format.values() };
        let (format, extracted) = (Some(format), Some(extracted));
        Self { own, format, classes: None, is_paired: false, extracted, classifier: OnceLock::new() }
    }

    /// Features that are given as such, of samples that are not at hand.
    pub fn given(rows: Rows) -> Self {
        let classifier = OnceLock::new();
        Self { own: rows, format: None, classes: None, is_paired: false, extracted: None, classifier }
    }

    /// The same samples of these classes, one for each, where these are known.
    pub fn with_classes(self, classes: Option<Vec<u16>>) -> Self {
        Self { classes, classifier: OnceLock::new(), ..self }
    }

    /// The same samples, each with its partner at its place in the other set, if `is_paired`.
    pub fn paired(self, is_paired: bool) -> Self {
        Self { is_paired, ..self }
    }

    /// What the metric sees; `None` if it takes no such samples, or they have no such side.
    pub fn seen_by(&self, metric: &MetricConfig) -> Option<Features<'_>> {
        let format = self.format.unwrap_or(Format::Points { dims: self.own.width, extent: 1.0 });
        metric.takes(format).then(|| self.see(metric.entry().view)).flatten()
    }

    /// The samples in this view; `None` if they have no such side.
    pub fn see(&self, view: View) -> Option<Features<'_>> {
        let labelled = || Some(rows(&self.own).with_classes(self.classes.as_deref()?));
        let Some(extracted) = &self.extracted else {
            let needs_more = view.is_of_classes() || view.is_of_translations();
            return (!needs_more).then(|| rows(&self.own));
        };
        match view {
            View::Features | View::Training => Some(rows(&extracted.features)),
            View::Samples => Some(rows(&self.own)),
            View::LabelledSamples => labelled(),
            View::Pairs => self.is_paired.then(|| rows(&self.own)),
            View::PairFeatures => self.is_paired.then(|| rows(&extracted.features)),
            View::Trainable | View::Kept | View::Judged => {
                labelled().filter(|_| self.format.is_some_and(CasClassifier::can_learn))
            }
            View::Probabilities => extracted.probabilities.as_ref().map(rows),
            View::Classes => extracted.classes.as_ref().map(rows),
        }
    }

    /// A classifier that was trained on these samples, once, on a device without autodiff; `None` if they have no classes or
    /// are too small.
    pub fn classifier(&self, device: &Device) -> Option<&CasClassifier> {
        let learn = || CasClassifier::of(self.see(View::Trainable)?, self.format?, device);
        self.classifier.get_or_init(learn).as_ref()
    }

    /// Of the samples; `None` for features that are given as such.
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// The numbers that the samples came with.
    pub fn own(&self) -> Features<'_> {
        rows(&self.own)
    }
}

fn rows(rows: &Rows) -> Features<'_> {
    Features::single(&rows.values, rows.width)
}
