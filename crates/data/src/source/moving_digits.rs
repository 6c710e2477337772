//! Digits that move, of which everything is known: which digit, how fast, where it turns.
//!
//! A clip shows one digit of `mnist-10k`, cut to its ink (pixels of at least a quarter of white), on black. Its corner starts
//! anywhere in the frame and moves with one speed, uniform in [1, 3] pixels a frame at 32 pixels (twice that at 64), in a direction
//! that is uniform over the circle; at the borders it is thrown back without loss, as a ball is. It stands between pixels: what it
//! covers of each is its light (bilinear), so the middle of the ink moves exactly as the digit does.
//!
//! Clips to train on show the 9,000 digits that `mnist-10k` trains on, held-out clips its 1,000 held-out ones. The idea is that of
//! moving MNIST (Srivastava et al. 2015, arXiv 1502.04681), whose digits are two, whole images and on whole pixels.

use std::f64::consts::TAU;

use family::{Problem, Settings};
use rayon::prelude::*;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::Labels;
use crate::source::mnist_10k;
use crate::{DataError, Dataset, Entry, Source, Split, Values};

const NAME: &str = "moving-digits";
const MAX_COUNT: usize = 50_000;
const MAX_BYTES: usize = 4 << 30;
/// Side of the digits' images in their own data set.
const SIDE: usize = 28;
/// The least value of ink.
const INK: u8 = 64;
/// Pixels a frame at 32 pixels.
const SPEEDS: [f64; 2] = [1.0, 3.0];

/// Clips of a digit that moves steadily and bounces off the borders; classes are the digits.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MovingDigits {
    /// Clips to train on, up to 50,000; a tenth as many, of other digits, are held out.
    #[serde(default = "default_count")]
    pub count: usize,
    /// Side of the frames in pixels: 32, with digits of half their size, or 64, with digits as they are.
    #[serde(default = "default_size")]
    pub size: u32,
    /// Frames of a clip, 2 to 64.
    #[serde(default = "default_frames")]
    pub frames: usize,
    /// Frames a second at which clips are shown, 1 to 60.
    #[serde(default = "default_fps")]
    pub fps: u32,
}

fn default_count() -> usize {
    5000
}

fn default_size() -> u32 {
    32
}

fn default_frames() -> usize {
    16
}

fn default_fps() -> u32 {
    8
}

impl Settings for MovingDigits {
    const NAME: &'static str = NAME;
}

impl Source for MovingDigits {
    fn entry() -> Entry {
        Entry {
            name: NAME,
            about: "clips of a digit of `mnist-10k` that moves steadily and bounces off the borders, 16 frames of 32 x 32, 10 classes",
            licence: "CC BY-SA 3.0, as the digits of `mnist-10k`",
            how_to_get: "nothing to do: it is made by this program",
            looked_in: Vec::new(),
            available: true,
        }
    }

    fn check(&self) -> Vec<Problem> {
        let Self { count, size, frames, fps } = *self;
        let bytes = count.saturating_mul(frames).saturating_mul((size as usize).pow(2));
        let problems = [
            Problem::unless(
                (1..=MAX_COUNT).contains(&count),
                "count",
                format!("{count} clips are not within 1 and {MAX_COUNT}"),
            ),
            Problem::unless([32, 64].contains(&size), "size", format!("frames of {size} pixels: set 32 or 64")),
            Problem::unless((2..=64).contains(&frames), "frames", format!("{frames} frames are not within 2 and 64")),
            Problem::unless((1..=60).contains(&fps), "fps", format!("{fps} frames a second are not within 1 and 60")),
            Problem::unless(bytes <= MAX_BYTES, "count", "so many clips of that length take more than 4 GiB"),
        ];
        problems.into_iter().flatten().collect()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let digits = mnist_10k::open(split)?;
        let (purpose, count) = match split {
            Split::Train => ("train", self.count),
            Split::Test => ("test", self.count / 10),
        };
        let (size, frames) = (self.size as usize, self.frames);
        let motions: Vec<Motion> = (0..count).map(|number| Motion::draw(purpose, number, digits.len())).collect();
        let mut pixels = vec![0; count * frames * size * size];
        pixels.par_chunks_mut(frames * size * size).zip(&motions).for_each(|(clip, motion)| {
            let ink = Ink::of(digits.image(motion.digit), size);
            clip.chunks_mut(size * size).enumerate().for_each(|(frame, pixels)| {
                ink.draw(motion.corner(frame, ink.room(size), size), pixels, size);
            });
        });
        let labels = digits.labels().expect("digits have classes");
        let labels = motions.iter().map(|motion| labels[motion.digit]).collect();
        let labels = Labels { of_samples: labels, names: digits.class_names().unwrap_or_default().to_vec() };
        let format = Format::Video { frames, image: [1, size, size], fps: self.fps };
        Ok(Dataset::new(NAME, format, Values::Bytes(pixels), Some(labels)))
    }
}

/// What a clip shows.
struct Motion {
    /// Its place in the split of `mnist-10k`.
    digit: usize,
    /// Where the corner starts, in parts of the room that there is, to the right and downwards.
    start: [f64; 2],
    /// Pixels a frame at 32 pixels, to the right and downwards.
    velocity: [f64; 2],
}

impl Motion {
    /// Numbers come from a hash of what they are for.
    fn draw(purpose: &str, number: usize, digits: usize) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(NAME.as_bytes()).update(purpose.as_bytes()).update(&(number as u64).to_le_bytes());
        let mut bytes = [0; 40];
        hasher.finalize_xof().fill(&mut bytes);
        let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[8 * at + byte]));
        let uniform = |at: usize| (word(at) >> 11) as f64 / (1u64 << 53) as f64;
        let (speed, angle) = (SPEEDS[0] + (SPEEDS[1] - SPEEDS[0]) * uniform(3), TAU * uniform(4));
        Self {
            digit: (word(0) % digits as u64) as usize,
            start: [uniform(1), uniform(2)],
            velocity: [speed * libm::cos(angle), speed * libm::sin(angle)],
        }
    }

    /// Where the corner is, in pixels to the right and downwards, if it has so much room each way.
    fn corner(&self, frame: usize, room: [f64; 2], size: usize) -> [f64; 2] {
        std::array::from_fn(|axis| {
            let velocity = self.velocity[axis] * size as f64 / 32.0;
            reflected(self.start[axis] * room[axis] + velocity * frame as f64, room[axis])
        })
    }
}

/// Where a ball is between walls at 0 and `room` that would have come to `place` without them.
fn reflected(place: f64, room: f64) -> f64 {
    let round = place.rem_euclid(2.0 * room);
    if round <= room { round } else { 2.0 * room - round }
}

/// A digit without the black around it.
struct Ink {
    width: usize,
    height: usize,
    /// `[row][column]`
    pixels: Vec<f64>,
}

impl Ink {
    /// Of an image of 28 x 28, at half its size in frames of 32 pixels.
    fn of(image: &[u8], size: usize) -> Self {
        let (step, side) = if size == 32 { (2, SIDE / 2) } else { (1, SIDE) };
        let mean = |row: usize, column: usize| {
            let block = (0..step * step).map(|at| (step * row + at / step) * SIDE + step * column + at % step);
            block.map(|at| f64::from(image[at])).sum::<f64>() / (step * step) as f64
        };
        let light: Vec<f64> = (0..side * side).map(|at| mean(at / side, at % side)).collect();
        // A digit that is faint everywhere is all of its image.
        let brightest = light.iter().fold(0.0, |a: f64, b| a.max(*b));
        let ink = f64::from(INK).min(brightest);
        let range = |place: fn(usize, usize) -> usize| {
            let inked = || (0..side * side).filter(|at| light[*at] >= ink).map(|at| place(at, side));
            [inked().min().unwrap_or(0), inked().max().unwrap_or(side - 1)]
        };
        let ([left, right], [top, bottom]) = (range(|at, side| at % side), range(|at, side| at / side));
        let (width, height) = (right - left + 1, bottom - top + 1);
        let pixels = (0..width * height).map(|at| light[(top + at / width) * side + left + at % width]).collect();
        Self { width, height, pixels }
    }

    /// How far the corner can go, to the right and downwards.
    fn room(&self, size: usize) -> [f64; 2] {
        [self.width, self.height].map(|side| (size - side) as f64)
    }

    /// Draws it on a black frame.
    fn draw(&self, corner: [f64; 2], frame: &mut [u8], size: usize) {
        let [(left, across), (top, down)] = corner.map(|place| (place.floor() as usize, place - place.floor()));
        let at = |row: usize, column: usize| match (row.checked_sub(1), column.checked_sub(1)) {
            (Some(row), Some(column)) if row < self.height && column < self.width => {
                self.pixels[row * self.width + column]
            }
            _ => 0.0,
        };
        for row in 0..(self.height + 1).min(size - top) {
            for column in 0..(self.width + 1).min(size - left) {
                // A pixel of the frame is covered by four of the digit.
                let below = (1.0 - across) * at(row + 1, column + 1) + across * at(row + 1, column);
                let above = (1.0 - across) * at(row, column + 1) + across * at(row, column);
                let light = (1.0 - down) * below + down * above;
                frame[(top + row) * size + left + column] = light.round() as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(count: usize, size: u32, split: Split) -> Dataset {
        MovingDigits { count, size, frames: 16, fps: 8 }.open(split).unwrap()
    }

    /// Middle of the light of a frame, to the right and downwards.
    fn middle(frame: &[u8], size: usize) -> [f64; 2] {
        let light = |at: usize| f64::from(frame[at]);
        let all: f64 = (0..frame.len()).map(light).sum();
        [1, size].map(|step| (0..frame.len()).map(|at| light(at) * (at / step % size) as f64).sum::<f64>() / all)
    }

    #[test]
    fn the_middle_of_the_ink_moves_as_the_digit_does() {
        for size in [32, 64] {
            let clips = open(30, size as u32, Split::Train);
            let digits = mnist_10k::open(Split::Train).unwrap();
            let mut turns = 0;
            for index in 0..clips.len() {
                let motion = Motion::draw("train", index, 9_000);
                let room = Ink::of(digits.image(motion.digit), size).room(size);
                let frames: Vec<&[u8]> = clips.image(index).chunks(size * size).collect();
                for at in 1..frames.len() {
                    let [from, to] = [at - 1, at].map(|at| middle(frames[at], size));
                    let [before, after] = [at - 1, at].map(|at| motion.corner(at, room, size));
                    for axis in 0..2 {
                        let (found, expected) = (to[axis] - from[axis], after[axis] - before[axis]);
                        assert!((found - expected).abs() < 0.05, "clip {index}, frame {at}: {found}, not {expected}");
                        let whole = motion.velocity[axis] * size as f64 / 32.0;
                        turns += usize::from((expected.abs() - whole.abs()).abs() > 1e-9);
                        assert!(expected.abs() <= whole.abs() + 1e-9, "never faster");
                    }
                }
            }
            assert!(turns > 20, "{turns} turns within a frame at {size} pixels");
        }
    }

    #[test]
    fn walls_throw_back_without_loss() {
        let places = [0.0, 3.0, 9.0, 10.0, 12.0, 20.0, 23.0, -1.0, -10.5, 40.0].map(|place| reflected(place, 10.0));
        assert_eq!(places, [0.0, 3.0, 9.0, 10.0, 8.0, 0.0, 3.0, 1.0, 9.5, 0.0]);
    }

    #[test]
    fn held_out_clips_show_other_digits() {
        let (train, test) = (open(40, 32, Split::Train), open(40, 32, Split::Test));
        assert_eq!((train.len(), test.len(), train.classes()), (40, 4, Some(10)));
        let held_out = mnist_10k::open(Split::Test).unwrap();
        let digit = Motion::draw("test", 2, 1_000).digit;
        assert_eq!(test.labels().unwrap()[2], held_out.labels().unwrap()[digit]);
        // More clips are the same ones first.
        assert_eq!(open(60, 32, Split::Train).image(39), train.image(39));
    }

    #[test]
    fn settings_out_of_range_are_told() {
        let check = |count, size, frames, fps, keys: &[&str]| {
            let found = MovingDigits { count, size, frames, fps }.check();
            assert_eq!(found.into_iter().map(|problem| problem.path).collect::<Vec<_>>(), keys);
        };
        check(1, 32, 2, 1, &[]);
        check(0, 48, 1, 0, &["count", "size", "frames", "fps"]);
        check(50_000, 64, 64, 8, &["count"]);
    }

    /// Runs' ids hold them: another machine must not draw others.
    #[test]
    fn the_clips_are_pinned() {
        let found = [Split::Train, Split::Test].map(|split| open(40, 32, split).fingerprint().to_owned());
        insta::assert_snapshot!(found.join("\n"), @r"
        blake3:afe8fb1a9f5cc204fe15de43081d7d4e12f62e9360b778c7250391a081fdaad0
        blake3:8636b6e03e2fcbf64b34b1fce90d34234074c95479943ed9ec41fa7c35139806
        ");
    }
}
