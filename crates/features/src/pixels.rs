//! Pixels as they are: for data whose coordinates mean something by themselves, such as points in the plane.

use crate::extractor::{Extracted, Extractor, FeatureError, Rows};
use burn::tensor::Tensor;
use samples::Format;

const DEFINITION: &str = "pixels 1: [channel][row][column], 0 is -1 and 255 is 1";

pub(crate) struct Pixels;

impl Extractor for Pixels {
    fn name(&self) -> &'static str {
        "pixels"
    }

    fn about(&self) -> &'static str {
        "the images' own numbers"
    }

    fn hash(&self) -> String {
        format!("blake3:{}", blake3::hash(DEFINITION.as_bytes()).to_hex())
    }

    fn width(&self, format: Format) -> Result<usize, FeatureError> {
        Ok(format.values())
    }

    fn extract(&self, images: Tensor<4>, _: Format) -> Extracted {
        Extracted { features: Rows::of(images.flatten(1, 3)), ..Extracted::default() }
    }
}
