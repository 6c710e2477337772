//! The format of a sample: what its numbers mean, and how they lie in a tensor.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The format of each sample of a data set. Values are numbers in `[-1, 1]`, coordinates of points any numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// `[channels, height, width]`; one channel is grey, three are red, green, blue.
    Image([usize; 3]),
    /// A point.
    Points {
        /// Number of coordinates.
        dims: usize,
        /// Half the side of the square around 0 in which to draw points.
        extent: f32,
    },
    /// A sound of fixed length.
    Audio {
        /// 1 for mono, 2 for stereo.
        channels: usize,
        /// Samples of each channel.
        length: usize,
        /// Samples a second.
        rate: u32,
    },
    /// A sequence of images.
    Video {
        /// Number of images.
        frames: usize,
        /// `[channels, height, width]` of each.
        image: [usize; 3],
        /// Images a second.
        fps: u32,
    },
}

impl Format {
    /// Axes of a sample in a tensor, `[channels, height, width]`: a point is `[dims, 1, 1]`, a sound one row,
    /// `[channels, 1, length]`, and the frames of a video lie one below the other, `[channels, frames * height, width]`.
    pub fn shape(self) -> [usize; 3] {
        match self {
            Self::Image(shape) => shape,
            Self::Points { dims, .. } => [dims, 1, 1],
            Self::Audio { channels, length, .. } => [channels, 1, length],
            Self::Video { frames, image: [channels, height, width], .. } => [channels, frames * height, width],
        }
    }

    /// Frames of a video, which lie one below the other; 1 of anything else.
    pub fn frames(self) -> usize {
        if let Self::Video { frames, .. } = self { frames } else { 1 }
    }

    /// Numbers of one sample.
    pub fn values(self) -> usize {
        self.shape().iter().product()
    }

    /// Whether samples are points.
    pub fn is_points(self) -> bool {
        matches!(self, Self::Points { .. })
    }

    /// What samples are called: `images`, `points`, `sounds`, `videos`.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Image(_) => "images",
            Self::Points { .. } => "points",
            Self::Audio { .. } => "sounds",
            Self::Video { .. } => "videos",
        }
    }
}

/// `images of 1 x 28 x 28 (channels, height, width)`.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Image([channels, height, width]) => {
                write!(f, "images of {channels} x {height} x {width} (channels, height, width)")
            }
            Self::Points { dims, .. } => write!(f, "points of {dims} coordinates"),
            Self::Audio { channels, length, rate } => {
                write!(f, "sounds of {channels} x {length} samples (channels, length) at {rate} Hz")
            }
            Self::Video { frames, image: [channels, height, width], fps } => {
                write!(
                    f,
                    "videos of {frames} frames of {channels} x {height} x {width} (channels, height, width) at {fps} a second"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ALL: [Format; 4] = [
        Format::Image([3, 4, 5]),
        Format::Points { dims: 2, extent: 1.5 },
        Format::Audio { channels: 2, length: 30, rate: 8000 },
        Format::Video { frames: 6, image: [3, 4, 5], fps: 8 },
    ];

    #[test]
    fn the_axes_hold_every_number_of_a_sample() {
        assert_eq!(ALL.map(Format::shape), [[3, 4, 5], [2, 1, 1], [2, 1, 30], [3, 24, 5]]);
        assert_eq!(ALL.map(Format::values), [60, 2, 60, 360]);
        assert_eq!(ALL.map(Format::frames), [1, 1, 1, 6]);
        assert_eq!(ALL.map(Format::is_points), [false, true, false, false]);
    }

    /// Records hold it.
    #[test]
    fn it_is_written_as_a_map_of_its_kind() {
        let written = [
            json!({ "image": [3, 4, 5] }),
            json!({ "points": { "dims": 2, "extent": 1.5 } }),
            json!({ "audio": { "channels": 2, "length": 30, "rate": 8000 } }),
            json!({ "video": { "frames": 6, "image": [3, 4, 5], "fps": 8 } }),
        ];
        for (format, written) in ALL.into_iter().zip(written) {
            assert_eq!(serde_json::to_value(format).unwrap(), written);
            assert_eq!(serde_json::from_value::<Format>(written).unwrap(), format);
        }
    }
}
