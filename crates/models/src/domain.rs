//! What a GAN is told of its data before it sees any.

use crate::ImageShape;

/// What the samples are like. Networks are built for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Shape of one image.
    pub image: ImageShape,
    /// Number of classes; `None` where the data have no labels.
    pub classes: Option<usize>,
}

impl From<ImageShape> for Domain {
    fn from(image: ImageShape) -> Self {
        Self { image, classes: None }
    }
}
