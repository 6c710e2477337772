//! Digits of two hands, embedded in the program: those of MNIST and those of OpenCV's example, as domains without pairs whose classes
//! are known. Origin, split and licence are in `mnist-10k/README.md` and `opencv-digits/README.md`.

use std::path::Path;

use family::Settings;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::mnist_10k;
use crate::dataset::Labels;
use crate::translation::options::Direction;
use crate::{DataError, Dataset, Entry, Set, Source, Split, Values, picture};

const NAME: &str = "two-hands";

const DIGITS: &[u8] = include_bytes!("../../opencv-digits/digits.png");

const CLASSES: usize = 10;
/// Of OpenCV's digits: the side of one, digits of a class, and those of them to train on.
const SIDE: usize = 20;
const OF_CLASS: usize = 500;
const TRAINING: usize = 400;
const COLUMNS: usize = 100;
/// Of the samples: MNIST's.
const FULL: usize = 28;
const BORDER: usize = (FULL - SIDE) / 2;

/// Handwritten digits of MNIST to be translated to the hand of OpenCV's digits, without pairs: 9,000 and 4,000 to train on, 1,000
/// of each held out.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TwoHands {
    /// From MNIST's digits to OpenCV's (`a_to_b`), or the other way round.
    pub direction: Direction,
}

impl Settings for TwoHands {
    const NAME: &'static str = NAME;
}

/// A domain: samples with their classes.
struct Hand {
    samples: Set,
    labels: Vec<u16>,
}

impl Source for TwoHands {
    fn entry() -> Entry {
        Entry {
            name: NAME,
            about: "digits of MNIST and of OpenCV's example as domains, 28 x 28, 10 classes: 9,000 and 4,000 to train on, 2,000 held out",
            licence: "CC BY-SA 3.0 (Yann LeCun, Corinna Cortes, Christopher J. C. Burges); Apache-2.0 (OpenCV)",
            how_to_get: "nothing to do: it is part of this program",
            looked_in: Vec::new(),
            available: true,
        }
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let (mnist, opencv) = (mnist(split)?, opencv(split)?);
        let (from, to) = match self.direction {
            Direction::AToB => (mnist, opencv),
            Direction::BToA => (opencv, mnist),
        };
        let labels = Labels::numbered(to.labels, CLASSES);
        Ok(Dataset::of(NAME, to.samples, Some(labels)).with_input(from.samples, false).with_input_labels(from.labels))
    }
}

fn mnist(split: Split) -> Result<Hand, DataError> {
    let digits = mnist_10k::open(split)?;
    let labels = digits.labels().map(<[u16]>::to_vec).unwrap_or_default();
    Ok(Hand { samples: digits.output().clone(), labels })
}

/// With a border of black.
fn opencv(split: Split) -> Result<Hand, DataError> {
    let sheet = picture::decode(DIGITS, Path::new("digits.png"))?.into_luma8();
    let numbers = match split {
        Split::Train => 0..TRAINING,
        Split::Test => TRAINING..OF_CLASS,
    };
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for class in 0..CLASSES {
        for digit in numbers.clone() {
            let place = class * OF_CLASS + digit;
            let (top, left) = (place / COLUMNS * SIDE, place % COLUMNS * SIDE);
            let pixel = |at: usize| {
                let inside = |at: usize| at.checked_sub(BORDER).filter(|at| *at < SIDE);
                let (row, column) = (inside(at / FULL)?, inside(at % FULL)?);
                Some(sheet.get_pixel((left + column) as u32, (top + row) as u32).0[0])
            };
            pixels.extend((0..FULL * FULL).map(|at| pixel(at).unwrap_or(0)));
            labels.push(class as u16);
        }
    }
    Ok(Hand { samples: Set::new(Format::Image([1, FULL, FULL]), Values::Bytes(pixels)), labels })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(direction: Direction, split: Split) -> Dataset {
        TwoHands { direction }.open(split).unwrap()
    }

    #[test]
    fn the_digits_are_the_known_ones() {
        let found = [Split::Train, Split::Test].map(|split| {
            let set = open(Direction::AToB, split);
            format!("{} {} {}", set.len(), set.input().unwrap().len(), set.fingerprint())
        });
        insta::assert_snapshot!(found.join("\n"), @r"
        4000 9000 blake3:54667339956c6dae443dc5839d6a7d8e05d84e0e75e25700f47cc530fd68ed02
        1000 1000 blake3:1db9a1f31e2a12acd4a4cd513395c910eab1980d555f9a257cda8696df91a30a
        ");
    }

    #[test]
    fn directions_differ_in_what_is_input() {
        let [there, back] = [Direction::AToB, Direction::BToA].map(|direction| open(direction, Split::Test));
        let (mut input, mut output) = (Vec::new(), Vec::new());
        there.input().unwrap().read_into(&[7], &mut input);
        back.read_into(&[7], &mut output);
        assert_eq!(input, output);
        assert_eq!(there.input_labels(), back.labels());
        assert!(!there.is_paired() && there.labels() != back.labels());
    }

    /// Held-out digits are nearest to digits of the same class, but for a few: labels, rows and columns are not mixed up.
    #[test]
    fn labels_are_those_of_the_digits() {
        let [train, test] = [Split::Train, Split::Test].map(|split| open(Direction::AToB, split));
        let read = |set: &Dataset, at: usize| {
            let mut values = Vec::new();
            set.read_into(&[at], &mut values);
            values
        };
        let known: Vec<_> =
            (0..train.len()).step_by(4).map(|at| (read(&train, at), train.labels().unwrap()[at])).collect();
        let asked: Vec<_> = (0..test.len()).step_by(20).collect();
        let right = asked.iter().filter(|at| {
            let digit = read(&test, **at);
            let distance =
                |(other, _): &&(Vec<f32>, u16)| -> f32 { digit.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum() };
            let nearest = known.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap();
            nearest.1 == test.labels().unwrap()[**at]
        });
        assert!(right.count() * 10 >= asked.len() * 8);
    }
}
