//! Line drawings of emoji and their colour pictures, embedded in the program. Origin, split and licence are in
//! `emoji-pairs/README.md`.

use std::path::Path;

use family::Settings;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{DataError, Dataset, Entry, Set, Source, Split, Values, picture};

const NAME: &str = "emoji-pairs";

const DRAWINGS: &[u8] = include_bytes!("../../emoji-pairs/drawings.webp");
const PICTURES: &[u8] = include_bytes!("../../emoji-pairs/pictures.webp");

const SIDE: usize = 32;
const COLUMNS: usize = 48;
const TRAINING_PAIRS: usize = 1_149;
const PAIRS: usize = 1_344;

/// Line drawings of 1,344 emoji to be turned into their colour pictures: 1,149 to train on, 195 held out.
// Braces make `deny_unknown_fields` hold: serde lets a unit struct take any key.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmojiPairs {}

impl Settings for EmojiPairs {
    const NAME: &'static str = NAME;
}

impl Source for EmojiPairs {
    fn entry() -> Entry {
        Entry {
            name: NAME,
            about: "line drawings of emoji with their colour pictures, 32 x 32: 1,149 pairs to train on, 195 held out",
            licence: "CC BY-SA 4.0 (OpenMoji)",
            how_to_get: "nothing to do: it is part of this program",
            looked_in: Vec::new(),
            available: true,
        }
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let format = Format::Image([3, SIDE, SIDE]);
        let pairs = match split {
            Split::Train => 0..TRAINING_PAIRS,
            Split::Test => TRAINING_PAIRS..PAIRS,
        };
        let read = |file: &str, bytes| {
            let sheet = picture::decode(bytes, Path::new(file))?.into_rgb8();
            Ok(Values::Bytes(pairs.clone().flat_map(|index| tile(&sheet, index)).collect()))
        };
        let [drawings, pictures] = [read("drawings.webp", DRAWINGS), read("pictures.webp", PICTURES)];
        Ok(Dataset::new(NAME, format, pictures?, None).with_input(Set::new(format, drawings?), true))
    }
}

/// `[channel][row][column]` of a picture of the sheet.
fn tile(sheet: &image::RgbImage, index: usize) -> Vec<u8> {
    let (top, left) = (index / COLUMNS * SIDE, index % COLUMNS * SIDE);
    let pixel = |channel: usize, row: usize, column: usize| {
        sheet.get_pixel((left + column) as u32, (top + row) as u32).0[channel]
    };
    let places = (0..3).flat_map(|channel| (0..SIDE).map(move |row| (channel, row)));
    places.flat_map(|(channel, row)| (0..SIDE).map(move |column| pixel(channel, row, column))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(split: Split) -> Dataset {
        EmojiPairs {}.open(split).unwrap()
    }

    #[test]
    fn the_pairs_are_the_known_ones() {
        let [train, test] = [Split::Train, Split::Test].map(open);
        assert_eq!((train.len(), test.len()), (1_149, 195));
        assert!(train.is_paired() && test.is_paired());
        assert_eq!(train.fingerprint(), "blake3:62058150246a924bf8dab8e1036cf77e335e07dcb16b16b39ad717e2c2395910");
        assert_eq!(test.fingerprint(), "blake3:fb35fbb86b4cdbd559c657118c197c82fb55e65a8d328efbcd452726d157cf27");
    }

    /// A picture has its drawing's lines: where the drawing is black, the picture is dark; another picture is not, but for a few whose
    /// lines are in colour.
    #[test]
    fn a_drawing_is_of_its_picture() {
        let test = open(Split::Test);
        let (mut drawings, mut pictures) = (Vec::new(), Vec::new());
        let all = Vec::from_iter(0..test.len());
        test.input().unwrap().read_into(&all, &mut drawings);
        test.read_into(&all, &mut pictures);
        let size = test.format().values();
        let darkness = |drawing: usize, picture: usize| {
            let [drawing, picture] =
                [(&drawings, drawing), (&pictures, picture)].map(|(all, at)| &all[at * size..][..size]);
            let lines = drawing.iter().zip(picture).filter(|(line, _)| **line < -0.5).map(|(_, pixel)| *pixel);
            let (sum, count) = lines.fold((0.0, 0), |(sum, count), pixel| (sum + pixel, count + 1));
            sum / count.max(1) as f32
        };
        let of_own = (0..test.len()).filter(|at| darkness(*at, *at) < darkness(*at, (at + 50) % test.len()));
        assert!(of_own.count() > 175);
    }

    #[test]
    fn no_base_is_on_both_sides() {
        let codes = include_str!("../../emoji-pairs/codes.txt");
        let of = |split: &str| codes.lines().filter_map(|line| line.strip_suffix(split)).map(str::trim).count();
        assert_eq!((of("train"), of("test")), (TRAINING_PAIRS, PAIRS - TRAINING_PAIRS));
        // A woman, a man and a person with the same thing in their hands.
        let split_of = |code: &str| {
            let mut found = codes.lines().filter_map(|line| line.split_once(' ')).filter(|(own, _)| *own == code);
            found.next().map(|(_, split)| split)
        };
        for (woman, man) in [("1F469-200D-1F680", "1F468-200D-1F680"), ("1F469-200D-1F373", "1F468-200D-1F373")] {
            assert!(split_of(woman).is_some());
            assert_eq!(split_of(woman), split_of(man));
        }
    }
}
