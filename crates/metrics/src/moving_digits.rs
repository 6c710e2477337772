//! The laws of the data set `moving-digits`: one speed for a clip, and turns at the borders alone.

use crate::features::check;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError};
use family::Settings;
use rayon::prelude::*;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const NAME: &str = "moving_digits";
/// Light that counts, of white: what a network leaves of the black does not draw the middle.
const LIGHT: f64 = 0.1;
/// Light that is ink, of white.
const INK: f64 = 0.25;
/// A step is as long as the clip's median one if it differs by no more than this part of it, and this many pixels at 32 pixels.
const STEADY: [f64; 2] = [0.25, 0.25];
/// Pixels at 32 pixels along an axis that a digit must move before and after a turn.
const TURNED: f64 = 0.3;
/// Pixels at 32 pixels by which ink may seem to be further from a border than it is, beside a step.
const BLURRED: f64 = 1.5;

/// Speeds of digits, how steady they are, and where they turn.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MovingDigits {}

impl Settings for MovingDigits {
    const NAME: &'static str = NAME;
}

impl Metric for MovingDigits {
    fn entry() -> Entry {
        Entry {
            about: "the laws of `moving-digits`: the speeds of clips, how steady they are, turns at the borders alone",
            paper: "",
            samples: "videos of one thing on black",
            view: View::Samples,
            smallest: Smallest::Samples(1),
            settings: "middles of light above 0.1 of white",
            quantities: vec![
                Quantity::lower("speed_distance", "pixels/frame").in_tables(),
                Quantity::higher("steady_steps", "share").in_tables(),
                Quantity::floor("turns", "turns/clip"),
                Quantity::higher("turns_at_borders", "share").in_tables(),
            ],
        }
    }

    fn takes(&self, format: Format) -> bool {
        matches!(format, Format::Video { frames, .. } if frames > 2)
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        check(NAME, input.real, input.fake, 1, "there is nothing that moves")?;
        let needed = MetricError::Kind { metric: NAME, needed: "videos whose frames are known" };
        let Some(Format::Video { frames, image, .. }) = input.format else { return Err(needed) };
        let [real, fake] = [input.real, input.fake].map(|videos| motions(videos, frames, image));
        let moved = Moved::of(&fake);
        let speeds = |of: &[Motion]| of.iter().map(|motion| motion.speed).collect::<Vec<_>>();
        let apart = transport(speeds(&real), speeds(&fake));
        Ok([apart, moved.steady, moved.turns, moved.at_borders].map(Measured::from).to_vec())
    }
}

/// How the thing in a clip moves.
#[derive(Clone, Debug, PartialEq)]
pub struct Motion {
    /// Pixels a frame: the median length of the steps of the middle of the light.
    pub speed: f64,
    /// Steps that are as long as that one, and all steps.
    pub steady: [usize; 2],
    /// Turns at a border, and all turns: the direction along an axis is reversed.
    pub turns: [usize; 2],
}

/// How the things in a set of clips move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moved {
    /// Share of steps that are as long as the clip's median one. Higher is better; a digit that bounces within a step makes a
    /// shorter one.
    pub steady: f64,
    /// Turns of a clip. Best as many as real clips have.
    pub turns: f64,
    /// Share of turns that are at a border. Higher is better; 0 without turns.
    pub at_borders: f64,
}

impl Moved {
    /// Of all clips together.
    pub fn of(motions: &[Motion]) -> Self {
        let sum = |of: fn(&Motion) -> usize| motions.iter().map(of).sum::<usize>() as f64;
        let share = |part: f64, all: f64| if all > 0.0 { part / all } else { 0.0 };
        let turns = sum(|motion| motion.turns[1]);
        Self {
            steady: share(sum(|motion| motion.steady[0]), sum(|motion| motion.steady[1])),
            turns: share(turns, motions.len() as f64),
            at_borders: share(sum(|motion| motion.turns[0]), turns),
        }
    }
}

/// How the thing in each video `[channels, frames height, width]` moves.
///
/// Units: pixels, frames. Cost: `samples · values`.
pub fn motions(videos: Features, frames: usize, image: [usize; 3]) -> Vec<Motion> {
    let (values, width) = (videos.to_single(), videos.width());
    values.par_chunks_exact(width).map(|video| motion(video, frames, image)).collect()
}

fn motion(video: &[f32], frames: usize, image: [usize; 3]) -> Motion {
    let [_, height, width] = image;
    let scale = height.min(width) as f64 / 32.0;
    let seen: Vec<Seen> = (0..frames).map(|frame| Seen::of(video, frames, image, frame)).collect();
    let steps: Vec<[f64; 2]> =
        seen.windows(2).map(|two| [0, 1].map(|axis| two[1].middle[axis] - two[0].middle[axis])).collect();
    let lengths: Vec<f64> = steps.iter().map(|[x, y]| libm::hypot(*x, *y)).collect();
    let mut sorted = lengths.clone();
    sorted.sort_by(f64::total_cmp);
    let speed = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let near = STEADY[0] * speed + STEADY[1] * scale;
    let steady = lengths.iter().filter(|length| (*length - speed).abs() <= near).count();
    let mut turns = [0, 0];
    for axis in 0..2 {
        let mut last: Option<(usize, f64)> = None;
        // A bounce in the middle of a step leaves one of no length.
        for (at, step) in
            steps.iter().map(|step| step[axis]).enumerate().filter(|(_, step)| step.abs() >= TURNED * scale)
        {
            if let Some((before, from)) = last.filter(|(_, from)| from * step < 0.0) {
                let side = [width, height][axis] as f64 - 1.0;
                let distance = |frame: usize| {
                    let [first, last] = seen[frame].ink[axis];
                    if from > 0.0 { side - last } else { first }
                };
                let nearest = (before + 1..=at).map(distance).fold(f64::INFINITY, f64::min);
                turns[1] += 1;
                turns[0] += usize::from(nearest <= from.abs().max(step.abs()) + BLURRED * scale);
            }
            last = Some((at, step));
        }
    }
    Motion { speed, steady: [steady, lengths.len()], turns }
}

/// What is seen of a frame, to the right and downwards.
struct Seen {
    /// Middle of the light; that of the frame, where it is dark.
    middle: [f64; 2],
    /// First and last pixel of the ink.
    ink: [[f64; 2]; 2],
}

impl Seen {
    fn of(video: &[f32], frames: usize, [channels, height, width]: [usize; 3], frame: usize) -> Self {
        let light = |row: usize, column: usize| {
            let at = |channel: usize| ((channel * frames + frame) * height + row) * width + column;
            let sum: f64 = (0..channels).map(|channel| f64::from(video[at(channel)])).sum();
            (sum / channels as f64 + 1.0) / 2.0
        };
        let (mut all, mut moments) = (0.0, [0.0; 2]);
        let mut ink = [width, height].map(|side| [side as f64, -1.0]);
        for row in 0..height {
            for column in 0..width {
                let (light, place) = (light(row, column), [column as f64, row as f64]);
                if light >= LIGHT {
                    all += light;
                    (0..2).for_each(|axis| moments[axis] += light * place[axis]);
                }
                if light >= INK {
                    (0..2).for_each(|axis| ink[axis] = [ink[axis][0].min(place[axis]), ink[axis][1].max(place[axis])]);
                }
            }
        }
        let centre = [width, height].map(|side| (side as f64 - 1.0) / 2.0);
        let middle = if all > 0.0 { moments.map(|moment| moment / all) } else { centre };
        Self { middle, ink }
    }
}

/// How far numbers of one set have to be moved on average to become those of the other (Wasserstein distance of order 1).
fn transport(mut a: Vec<f64>, mut b: Vec<f64>) -> f64 {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    // Shares of both sets at which one of the quantiles changes.
    let (n, m) = (a.len(), b.len());
    let (mut done, mut sum, mut i, mut j) = (0, 0.0, 0, 0);
    while i < n && j < m {
        let next = ((i + 1) * m).min((j + 1) * n);
        sum += (next - done) as f64 * (a[i] - b[j]).abs();
        done = next;
        i += usize::from((i + 1) * m == next);
        j += usize::from((j + 1) * n == next);
    }
    sum / (n * m) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_moved_to_those_of_as_many_or_more() {
        assert_eq!(transport(vec![3.0, 1.0, 2.0], vec![1.5, 2.5, 3.5]), 0.5);
        assert_eq!(transport(vec![0.0], vec![1.0, -1.0, 3.0, 0.0]), 1.25);
        assert_eq!(transport(vec![0.0, 1.0], vec![0.0, 0.0, 1.0, 1.0, 1.0, 0.0]), 0.0);
    }
}
