//! Fréchet distances of videos: of what single frames show, of what changes from one to the next, and of whole clips.

use crate::features::check;
use crate::frechet::{Moments, distance};
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError, Side};
use family::Settings;
use rayon::prelude::*;
use samples::{Format, shrunk_clip, shrunk_frame};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const NAME: &str = "video_frechet";
/// Blocks of a frame along each side, where it stands for itself.
const FINE: usize = 8;
/// The same in a clip.
const COARSE: usize = 4;
const FULL_RANK: &str = "a covariance of full rank takes one more than features";
/// Moments of a clip.
const MOMENTS: usize = 8;

/// Distances of the Gaussians of frames, of differences between frames, and of clips, made small: what moves wrongly has right
/// frames.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VideoFrechet {}

impl Settings for VideoFrechet {
    const NAME: &'static str = NAME;
}

impl Metric for VideoFrechet {
    fn entry() -> Entry {
        Entry {
            about: "Fréchet distances of small frames, of their differences over time, and of small clips",
            paper: "Heusel et al. 2017; Unterthiner et al. 2018",
            samples: "videos",
            view: View::Samples,
            smallest: Smallest::Samples(COARSE * COARSE * MOMENTS + 1),
            settings: "brightness of 8 x 8 blocks of frames, of 4 x 4 blocks at 8 moments of clips",
            quantities: vec![
                Quantity::lower("frames_frechet", "brightness²").in_tables(),
                Quantity::lower("differences_frechet", "brightness²").in_tables(),
                Quantity::lower("clips_frechet", "brightness²").in_tables(),
            ],
        }
    }

    fn takes(&self, format: Format) -> bool {
        matches!(format, Format::Video { .. })
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        check(NAME, input.real, input.fake, 2, FULL_RANK)?;
        let needed = MetricError::Kind { metric: NAME, needed: "videos whose frames are known" };
        let Some(Format::Video { frames, image, .. }) = input.format else { return Err(needed) };
        let found = video_frechet(input.real, input.fake, frames, image)?;
        Ok([found.frames, found.differences, found.clips].map(Measured::from).to_vec())
    }
}

/// Fréchet distances, 0 for equal moments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VideoDistances {
    /// Of single frames, in whatever order.
    pub frames: f64,
    /// Of the change from each frame to the next.
    pub differences: f64,
    /// Of clips: what shows where, and when.
    pub clips: f64,
}

/// The [Fréchet distance](crate::frechet) (Heusel et al. 2017, eq. 6) of three kinds of rows that samples `[channels, frames height,
/// width]` are made into: the mean brightness of 8 x 8 blocks of each frame, its change from each frame to the next, and that of 4 x 4
/// blocks at 8 moments of each clip. The last is the idea of the Fréchet video distance (Unterthiner et al. 2018, arXiv
/// 1812.01717) without its network: values are not comparable with that.
///
/// Unit: squared brightness, which is in [-1, 1]. Lower is better. Cost: `samples · values`.
///
/// # Errors
/// Fewer than 129 clips in a set, or of two sizes.
pub fn video_frechet(
    real: Features,
    fake: Features,
    frames: usize,
    image: [usize; 3],
) -> Result<VideoDistances, MetricError> {
    let least = COARSE * COARSE * MOMENTS + 1;
    check(NAME, real, fake, least, FULL_RANK)?;
    let small = |videos: Features| -> Vec<[Vec<f64>; 3]> {
        let (values, width) = (videos.to_single(), videos.width());
        let of = |video: &[f32]| {
            let small: Vec<Vec<f64>> = (0..frames).map(|at| shrunk_frame(video, frames, image, FINE, at)).collect();
            let change =
                small.windows(2).flat_map(|two| two[1].iter().zip(&two[0]).map(|(after, before)| after - before));
            [small.concat(), change.collect(), shrunk_clip(video, frames, image, COARSE, MOMENTS)]
        };
        values.par_chunks_exact(width).map(of).collect()
    };
    let (real, fake) = (small(real), small(fake));
    let of = |kind: usize, width: usize| {
        let moments = |of: &[[Vec<f64>; 3]], side| {
            let rows: Vec<f64> = of.iter().flat_map(|rows| rows[kind].iter().copied()).collect();
            Moments::of(Features::double(&rows, width), side)
        };
        distance(&moments(&real, Side::Real)?, &moments(&fake, Side::Fake)?)
    };
    let fine = FINE * FINE;
    Ok(VideoDistances {
        frames: of(0, fine)?,
        differences: if frames > 1 { of(1, fine)? } else { 0.0 },
        clips: of(2, COARSE * COARSE * MOMENTS.min(frames))?,
    })
}
