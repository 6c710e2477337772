//! What translation gets without a network, and videos without their motion: the values that a generator has to beat before its
//! numbers say anything.

use crate::inputs::Inputs;
use data::Dataset;
use metrics::Features;
use samples::Format;
use std::collections::HashSet;

/// Samples whose pixels are held at once.
const CHUNK: usize = 2048;

/// A translation that needs no network, or real videos with other motion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Baseline {
    /// The input itself: grey as three equal channels, colour as its luminance.
    Copy,
    /// The input with the values of each channel moved to where those of the training targets are.
    Histogram,
    /// The mean of all training targets.
    Mean,
    /// The target of the nearest training input; without pairs, the training target nearest to the input.
    Nearest,
    /// Real videos with their frames in a random order: what they show is right, how it moves is not.
    Shuffled,
    /// Real videos that show their first frame all the time.
    Still,
}

impl Baseline {
    pub(crate) const ALL: [Self; 6] =
        [Self::Copy, Self::Histogram, Self::Mean, Self::Nearest, Self::Shuffled, Self::Still];

    /// Its name in records.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Histogram => "histogram",
            Self::Mean => "mean",
            Self::Nearest => "nearest",
            Self::Shuffled => "shuffled",
            Self::Still => "still",
        }
    }

    /// Whether it makes something of inputs, or else of real videos.
    pub(crate) fn translates(self) -> bool {
        !matches!(self, Self::Shuffled | Self::Still)
    }

    /// Real videos `[channels, frames height, width]` with other motion.
    pub(crate) fn of_videos(self, videos: &[f32], format: Format) -> Vec<f32> {
        let ([channels, rows, width], frames) = (format.shape(), format.frames());
        let frame = rows / frames * width;
        let of_video = |(number, video): (usize, &[f32])| {
            let order = match self {
                Self::Still => vec![0; frames],
                _ => metrics::permutation(frames, number as u64),
            };
            let planes = (0..channels).flat_map(|channel| order.iter().map(move |at| (channel * frames + at) * frame));
            planes.flat_map(|first| video[first..first + frame].iter().copied()).collect::<Vec<f32>>()
        };
        videos.chunks_exact(format.values()).enumerate().flat_map(of_video).collect()
    }

    /// What it makes of the inputs, in the format of the training samples; `None` where it makes nothing of such samples.
    /// Training samples in `own` are those of the inputs themselves.
    pub(crate) fn make(self, inputs: &Inputs, training: &Dataset, own: &[usize]) -> Option<Vec<f32>> {
        let copied = || copied(&inputs.values, inputs.format, training.format());
        match self {
            Self::Copy => copied(),
            Self::Histogram => Some(matched(&copied()?, training)),
            Self::Mean => Some(mean(training).repeat(inputs.len())),
            Self::Nearest => {
                let own: HashSet<&usize> = own.iter().collect();
                let others: Vec<usize> = (0..training.len()).filter(|index| !own.contains(index)).collect();
                let source = training.input().filter(|_| training.is_paired());
                let nearest = match source {
                    Some(source) => nearest(&inputs.values, source, &others)?,
                    None => nearest(&copied()?, training.output(), &others)?,
                };
                let mut found = Vec::new();
                training.read_into(&nearest, &mut found);
                Some(found)
            }
            Self::Shuffled | Self::Still => None,
        }
    }
}

/// The samples in another format that has as many pixels.
fn copied(values: &[f32], from: Format, to: Format) -> Option<Vec<f32>> {
    let ([channels, height, width], [wanted, other_height, other_width]) = (from.shape(), to.shape());
    if from == to {
        return Some(values.to_vec());
    }
    let (Format::Image(_), Format::Image(_)) = (from, to) else { return None };
    if [height, width] != [other_height, other_width] {
        return None;
    }
    let area = height * width;
    match (channels, wanted) {
        (1, _) => Some(values.chunks_exact(area).flat_map(|plane| plane.repeat(wanted)).collect()),
        // The luminance of ITU-R BT.709, as grey pictures are read.
        (3, 1) => {
            let grey = |image: &[f32], at: usize| {
                0.2126 * image[at] + 0.7152 * image[area + at] + 0.0722 * image[2 * area + at]
            };
            Some(values.chunks_exact(3 * area).flat_map(|image| (0..area).map(move |at| grey(image, at))).collect())
        }
        _ => None,
    }
}

/// Gives the training targets some at a time.
fn each_chunk(training: &Dataset, mut give: impl FnMut(&[f32])) {
    for indices in Vec::from_iter(0..training.len()).chunks(CHUNK) {
        let mut values = Vec::new();
        training.read_into(indices, &mut values);
        give(&values);
    }
}

fn mean(training: &Dataset) -> Vec<f32> {
    let mut sums = vec![0.0f64; training.format().values()];
    each_chunk(training, |values| {
        for sample in values.chunks_exact(sums.len()) {
            sums.iter_mut().zip(sample).for_each(|(sum, value)| *sum += f64::from(*value));
        }
    });
    sums.into_iter().map(|sum| (sum / training.len() as f64) as f32).collect()
}

/// Levels of a pixel.
const LEVELS: usize = 256;

fn level(value: f32) -> usize {
    ((value + 1.0) * 127.5).round().clamp(0.0, 255.0) as usize
}

/// Each channel of each sample with the histogram of that channel of all training targets, as scikit-image's
/// `match_histograms` does it: levels go to the value at which the targets have the same share of darker pixels.
fn matched(values: &[f32], training: &Dataset) -> Vec<f32> {
    let [channels, height, width] = training.format().shape();
    let area = height * width;
    let mut counts = vec![[0u64; LEVELS]; channels];
    each_chunk(training, |values| {
        for (at, plane) in values.chunks_exact(area).enumerate() {
            plane.iter().for_each(|value| counts[at % channels][level(*value)] += 1);
        }
    });
    let targets: Vec<Vec<(f64, f64)>> = counts.iter().map(quantiles).collect();
    let of_plane = |(at, plane): (usize, &[f32])| {
        let mut counts = [0u64; LEVELS];
        plane.iter().for_each(|value| counts[level(*value)] += 1);
        let mut table = [0.0f32; LEVELS];
        for (quantile, own) in quantiles(&counts) {
            table[own as usize] = (interpolated(&targets[at % channels], quantile) / 127.5 - 1.0) as f32;
        }
        plane.iter().map(|value| table[level(*value)]).collect::<Vec<f32>>()
    };
    values.chunks_exact(area).enumerate().flat_map(of_plane).collect()
}

/// For each level that occurs the share of pixels that are no lighter, and the level.
fn quantiles(counts: &[u64; LEVELS]) -> Vec<(f64, f64)> {
    let all = counts.iter().sum::<u64>().max(1) as f64;
    let mut sum = 0;
    let mut of_level = |(level, count): (usize, &u64)| {
        sum += count;
        (*count > 0).then_some((sum as f64 / all, level as f64))
    };
    counts.iter().enumerate().filter_map(&mut of_level).collect()
}

/// The level at a share, on straight lines between those that occur; the first and the last beyond.
fn interpolated(quantiles: &[(f64, f64)], share: f64) -> f64 {
    let after = quantiles.partition_point(|(quantile, _)| *quantile < share);
    match (after.checked_sub(1).map(|before| quantiles[before]), quantiles.get(after)) {
        (Some((from, low)), Some((to, high))) => low + (high - low) * (share - from) / (to - from),
        (None, Some((_, level))) => *level,
        (Some((_, level)), None) => level,
        (None, None) => 0.0,
    }
}

/// For each sample the nearest of these of a set, by the distance of pixels.
fn nearest(samples: &[f32], set: &data::Set, among: &[usize]) -> Option<Vec<usize>> {
    let size = set.format().values();
    let mut nearest = vec![(0, f64::INFINITY); samples.len() / size];
    for chunk in among.chunks(CHUNK) {
        let mut values = Vec::new();
        set.read_into(chunk, &mut values);
        let found = metrics::neighbours(Features::single(&values, size), Features::single(samples, size)).ok()?;
        for (nearest, found) in nearest.iter_mut().zip(found) {
            if found.distance < nearest.1 {
                *nearest = (chunk[found.index], found.distance);
            }
        }
    }
    nearest
        .iter()
        .all(|(_, distance)| distance.is_finite())
        .then(|| nearest.into_iter().map(|(index, _)| index).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::{Set, Values};

    const FORMAT: Format = Format::Image([1, 1, 4]);

    fn set(pixels: &[u8]) -> Set {
        Set::new(FORMAT, Values::Bytes(pixels.to_vec()))
    }

    /// Three pairs: black to white, grey to dark, white to a ramp.
    fn training(paired: bool) -> Dataset {
        let outputs = [[255; 4], [51; 4], [0, 51, 102, 153]].concat();
        let inputs = set(&[[0; 4], [128; 4], [255; 4]].concat());
        Dataset::new("tiny", FORMAT, Values::Bytes(outputs), None).with_input(inputs, paired)
    }

    fn inputs(pixels: &[u8]) -> Inputs {
        let mut values = Vec::new();
        set(pixels).read_into(&Vec::from_iter(0..pixels.len() / 4), &mut values);
        Inputs { values, format: FORMAT, classes: None, is_paired: true }
    }

    fn levels(values: Option<Vec<f32>>) -> Vec<f32> {
        values.unwrap().into_iter().map(|value| (value + 1.0) * 127.5).collect()
    }

    fn check(found: &[f32], expected: &[f32]) {
        let is_near = found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-3);
        assert!(is_near, "{found:?}, expected {expected:?}");
    }

    #[test]
    fn each_makes_what_it_says() {
        let input = inputs(&[120, 130, 120, 130]);
        check(&levels(Baseline::Copy.make(&input, &training(true), &[])), &[120.0, 130.0, 120.0, 130.0]);
        check(&levels(Baseline::Mean.make(&input, &training(true), &[])), &[102.0, 119.0, 136.0, 153.0]);
        check(&levels(Baseline::Nearest.make(&input, &training(true), &[])), &[51.0; 4]);
        check(&levels(Baseline::Nearest.make(&input, &training(true), &[1])), &[255.0; 4]);
        check(&levels(Baseline::Nearest.make(&input, &training(false), &[])), &[0.0, 51.0, 102.0, 153.0]);
    }

    /// Of the targets' 12 pixels one is 0, five are 51, and one each 102 and 153, four 255: half are at most 51, all at
    /// most 255.
    #[test]
    fn histograms_are_matched_level_by_level() {
        let found = levels(Baseline::Histogram.make(&inputs(&[9, 9, 200, 200]), &training(true), &[]));
        check(&found, &[51.0, 51.0, 255.0, 255.0]);
    }

    /// `scripts/pair_fixtures.py` has the same formula, and every fifth value.
    #[test]
    fn matched_histograms_are_those_of_scikit_image() {
        let file: serde_json::Value = serde_json::from_str(include_str!("baseline/histograms.json")).unwrap();
        let levels = |i: usize, at: usize| {
            let (c, y, x) = (at / 63, at % 63 / 7, at % 7);
            let target = (37 * i + 11 * y + 7 * x + 61 * c + x * y % 23 * 5) % 256;
            (target, (7 * i + 3 * y + 5 * x + 11 * c) % 41)
        };
        let of = |count: usize| (0..count).flat_map(|i| (0..189).map(move |at| (i, at)));
        let targets: Vec<u8> = of(4).map(|(i, at)| levels(i, at).0 as u8).collect();
        let made = of(2).map(|(i, at)| {
            let (target, shift) = levels(i, at);
            (target as f32 / 2.0).floor() + shift as f32 - 20.0
        });
        let made: Vec<f32> = made.map(|level| level.clamp(0.0, 255.0) / 127.5 - 1.0).collect();
        let training = Dataset::new("tiny", Format::Image([3, 9, 7]), Values::Bytes(targets), None);
        let found = matched(&made, &training);
        let found: Vec<f64> = found.iter().step_by(5).map(|value| (f64::from(*value) + 1.0) * 127.5).collect();
        let expected: Vec<f64> = file["matched"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-3), "{found:?} {expected:?}");
    }

    #[test]
    fn videos_keep_their_frames_and_lose_their_motion() {
        // Two channels, four frames of 1 x 2: frame f is f, and 10 + f in the second channel.
        let format = Format::Video { frames: 4, image: [2, 1, 2], fps: 8 };
        let video: Vec<f32> = (0..16).map(|at| (at / 2 % 4 + 10 * (at / 8)) as f32).collect();
        let still = Baseline::Still.of_videos(&video, format);
        assert_eq!(still, [[0.0; 8], [10.0; 8]].concat());
        let two = [video.clone(), video.clone()].concat();
        let shuffled = Baseline::Shuffled.of_videos(&two, format);
        for video in shuffled.chunks(16) {
            let frames: Vec<f32> = video[..8].iter().step_by(2).copied().collect();
            let mut sorted = frames.clone();
            sorted.sort_by(f32::total_cmp);
            assert_eq!(sorted, [0.0, 1.0, 2.0, 3.0]);
            assert!(video[8..].iter().step_by(2).zip(&frames).all(|(second, first)| second - first == 10.0));
        }
        assert_ne!(shuffled[..16], shuffled[16..], "each in another order");
    }

    #[test]
    fn formats_of_one_size_are_copied_into_each_other() {
        let (grey, rgb) = (Format::Image([1, 1, 2]), Format::Image([3, 1, 2]));
        check(&copied(&[0.5, -0.5], grey, rgb).unwrap(), &[0.5, -0.5, 0.5, -0.5, 0.5, -0.5]);
        check(&copied(&[1.0, 0.0, 0.0, 1.0, 0.0, 0.0], rgb, grey).unwrap(), &[0.2126, 0.7152]);
        assert!(copied(&[0.0; 2], grey, Format::Image([1, 2, 1])).is_none());
        let points = Format::Points { dims: 2, extent: 1.0 };
        assert!(copied(&[0.0; 2], points, grey).is_none());
    }
}
