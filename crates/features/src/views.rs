//! Samples as each kind of metric sees them.

use crate::extractor::{Extracted, Extractor, FeatureError, Rows, extract};
use burn::tensor::Device;
use metrics::{Features, ImageSize, View};
use models::ImageShape;

/// Samples: their own numbers, and what an extractor makes of them.
#[derive(Clone, Debug)]
pub struct Views {
    own: Rows,
    image: Option<ImageShape>,
    extracted: Option<Extracted>,
}

impl Views {
    /// Of images, `[count, channels, height, width]` in `[-1, 1]`, row-major.
    ///
    /// # Errors
    /// The extractor was not made for images of this shape.
    pub fn of_images(
        extractor: &dyn Extractor,
        images: Vec<f32>,
        shape: ImageShape,
        device: &Device,
    ) -> Result<Self, FeatureError> {
        let extracted = extract(extractor, &images, shape, device)?;
        Ok(Self::of_extracted(images, shape, extracted))
    }

    /// As [`of_images`](Self::of_images), on the CPU.
    ///
    /// # Errors
    /// The same.
    pub fn on_cpu(extractor: &dyn Extractor, images: Vec<f32>, shape: ImageShape) -> Result<Self, FeatureError> {
        Self::of_images(extractor, images, shape, &Device::flex())
    }

    /// Of images and what an extractor made of them before.
    pub fn of_extracted(images: Vec<f32>, shape: ImageShape, extracted: Extracted) -> Self {
        let own = Rows { values: images, width: shape.iter().product() };
        Self { own, image: Some(shape), extracted: Some(extracted) }
    }

    /// Of rows that somebody else made, whatever they are.
    pub fn given(rows: Rows) -> Self {
        Self { own: rows, image: None, extracted: None }
    }

    /// What a metric of this view sees; `None` if the samples have no such side.
    pub fn see(&self, view: View) -> Option<Features<'_>> {
        let Some(extracted) = &self.extracted else { return (view != View::Images).then(|| rows(&self.own)) };
        match view {
            View::Features | View::Training => Some(rows(&extracted.features)),
            View::Images => Some(rows(&self.own)),
            View::Probabilities => extracted.probabilities.as_ref().map(rows),
            View::Classes => extracted.classes.as_ref().map(rows),
            View::Points => (self.image == Some([2, 1, 1])).then(|| rows(&self.own)),
        }
    }

    /// The size of the images, if they are any.
    pub fn image(&self) -> Option<ImageSize> {
        self.image.map(|[channels, height, width]| ImageSize { channels, height, width })
    }

    /// The numbers that the samples came with.
    pub fn own(&self) -> Features<'_> {
        rows(&self.own)
    }
}

fn rows(rows: &Rows) -> Features<'_> {
    Features::single(&rows.values, rows.width)
}
