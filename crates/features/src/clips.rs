//! Videos made small: what is bright where, and when.

use crate::extractor::{Extracted, Extractor, FeatureError, Rows};
use burn::tensor::Tensor;
use rayon::prelude::*;
use samples::{Format, shrunk_clip};

const DEFINITION: &str = "clips 1: mean brightness of 4 x 4 blocks at 8 moments";

/// Blocks of a frame along each side.
const SIDE: usize = 4;
const MOMENTS: usize = 8;

pub(crate) struct Clips;

impl Extractor for Clips {
    fn name(&self) -> &'static str {
        "clips"
    }

    fn about(&self) -> &'static str {
        "videos: brightness of 4 x 4 blocks at 8 moments"
    }

    fn hash(&self) -> String {
        format!("blake3:{}", blake3::hash(DEFINITION.as_bytes()).to_hex())
    }

    fn width(&self, format: Format) -> Result<usize, FeatureError> {
        match format {
            Format::Video { frames, .. } => Ok(SIDE * SIDE * MOMENTS.min(frames)),
            found => Err(FeatureError::Format { extractor: self.name(), wanted: "videos", found }),
        }
    }

    fn extract(&self, videos: Tensor<4>, format: Format) -> Extracted {
        let Format::Video { frames, image, .. } = format else { unreachable!("only videos have a width") };
        let values: Vec<f32> = videos.into_data().iter().collect();
        let clip = |video: &[f32]| shrunk_clip(video, frames, image, SIDE, MOMENTS);
        let rows: Vec<Vec<f64>> = values.par_chunks_exact(format.values()).map(clip).collect();
        let (values, width) = (rows.concat().into_iter().map(|value| value as f32).collect(), rows[0].len());
        Extracted { features: Rows { values, width }, ..Extracted::default() }
    }
}
