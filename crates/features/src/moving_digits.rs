//! Digits that move, as the classifier of digits sees them frame by frame: wherever a digit is, it is looked at from its middle.

use crate::classifier::{DIGITS, SIDE};
use crate::extractor::{Extracted, Extractor, FeatureError, Rows};
use burn::tensor::{Tensor, TensorData};
use rayon::prelude::*;
use samples::Format;

const DEFINITION: &str = "moving digits 1: each frame around the middle of its light (above 0.1 of white), 28 x 28 pixels at the \
    size of the classifier's digits, bilinear; mean and deviation over the frames of the classifier's features";

/// Light that counts, of white.
const LIGHT: f32 = 0.1;

pub(crate) struct MovingDigits;

impl Extractor for MovingDigits {
    fn name(&self) -> &'static str {
        "moving-digits"
    }

    fn about(&self) -> &'static str {
        "videos: mean and deviation over time of a digit classifier's features, which follows the digit"
    }

    fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(DEFINITION.as_bytes()).update(DIGITS.hash().as_bytes());
        format!("blake3:{}", hasher.finalize().to_hex())
    }

    fn width(&self, format: Format) -> Result<usize, FeatureError> {
        let single = |side| Format::Image([1, side, side]);
        match format {
            Format::Video { image: [1, 32, 32] | [1, 64, 64], .. } => Ok(2 * DIGITS.width(single(SIDE))?),
            found => {
                let wanted = "videos of 1 x 32 x 32 or 1 x 64 x 64";
                Err(FeatureError::Format { extractor: self.name(), wanted, found })
            }
        }
    }

    fn extract(&self, videos: Tensor<4>, format: Format) -> Extracted {
        let Format::Video { frames, image: [_, side, _], .. } = format else {
            unreachable!("only videos have a width")
        };
        let ([count, ..], device) = (videos.dims(), videos.device());
        let values: Vec<f32> = videos.into_data().iter().collect();
        // One channel: frames follow one another.
        let followed: Vec<Vec<f32>> = values.par_chunks_exact(side * side).map(|frame| followed(frame, side)).collect();
        let followed = TensorData::new(followed.concat(), [count * frames, 1, SIDE, SIDE]);
        let single = Format::Image([1, SIDE, SIDE]);
        let Extracted { features, probabilities, classes } =
            DIGITS.extract(Tensor::from_data(followed, &device), single);
        let over_time = |rows: &Rows| {
            let width = rows.width;
            let of_clip = |clip: &[f32]| {
                let mean = |column: usize| clip.iter().skip(column).step_by(width).sum::<f32>() / frames as f32;
                (0..width).map(mean).collect::<Vec<f32>>()
            };
            rows.values.chunks_exact(width * frames).map(of_clip).collect::<Vec<_>>()
        };
        let means = over_time(&features);
        let squares =
            Rows { values: features.values.iter().map(|value| value * value).collect(), width: features.width };
        let deviations = over_time(&squares).into_iter().zip(&means).map(|(squares, means)| {
            let deviation = |(square, mean): (f32, &f32)| (square - mean * mean).max(0.0).sqrt();
            squares.into_iter().zip(means).map(deviation).collect::<Vec<f32>>()
        });
        let rows: Vec<f32> =
            means.iter().zip(deviations).flat_map(|(mean, deviation)| [mean.clone(), deviation]).flatten().collect();
        Extracted {
            features: Rows { values: rows, width: 2 * features.width },
            probabilities: probabilities.map(|rows| Rows { values: over_time(&rows).concat(), width: rows.width }),
            classes: classes.map(|rows| Rows { values: rows.values, width: frames }),
        }
    }
}

/// A frame around the middle of its light, as large as the classifier's images and as black around the ink.
fn followed(frame: &[f32], side: usize) -> Vec<f32> {
    let light = |at: usize| Some((frame[at] + 1.0) / 2.0).filter(|light| *light >= LIGHT).unwrap_or(0.0);
    let all: f32 = (0..frame.len()).map(light).sum();
    let middle = |step: usize| {
        let moment: f32 = (0..frame.len()).map(|at| light(at) * (at / step % side) as f32).sum();
        if all > 0.0 { moment / all } else { (side as f32 - 1.0) / 2.0 }
    };
    let (across, down) = (middle(1), middle(side));
    // Digits have half their size in frames of 32 pixels.
    let pixels = if side == 32 { 0.5 } else { 1.0 };
    let pixel = |row: i64, column: i64| {
        let inside = |at: i64| usize::try_from(at).ok().filter(|at| *at < side);
        inside(row).zip(inside(column)).map_or(-1.0, |(row, column)| frame[row * side + column])
    };
    let half = (SIDE as f32 - 1.0) / 2.0;
    let seen = |at: usize| {
        let (y, x) = (down + pixels * ((at / SIDE) as f32 - half), across + pixels * ((at % SIDE) as f32 - half));
        let (top, left) = (y.floor(), x.floor());
        let (below, right) = (y - top, x - left);
        let at = |row: i64, column: i64| pixel(top as i64 + row, left as i64 + column);
        let upper = (1.0 - right) * at(0, 0) + right * at(0, 1);
        let lower = (1.0 - right) * at(1, 0) + right * at(1, 1);
        (1.0 - below) * upper + below * lower
    };
    (0..SIDE * SIDE).map(seen).collect()
}
