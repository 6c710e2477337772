//! A folder of images of any size, made square and equally large. Holds nothing out.

use std::path::{Path, PathBuf};

use family::{Problem, Settings};
use image::imageops::{self, FilterType};
use rayon::prelude::*;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::content::find;
use crate::dataset::Labels;
use crate::error;
use crate::listing::{self, Listing};
use crate::picture::decode;
use crate::source::{DataConfig, absolute};
use crate::{DataError, Dataset, Entry, Source, Split, Values};

const NAME: &str = "image-folder";

/// Sides, in pixels.
const SIDES: std::ops::RangeInclusive<u32> = 4..=1024;

const HOW_TO_GET: &str =
    "set `path` to a folder of PNG, JPEG or WebP images, or with a subfolder of them for each class";

/// Channels of the images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Color {
    /// Red, green, blue.
    #[default]
    Rgb,
    /// One channel: the luminance.
    Grey,
}

/// PNG, JPEG and WebP images of any size: the square centre of each, resized. Subfolders are classes. Nothing is held out.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageFolder {
    /// The folder.
    pub path: PathBuf,
    /// Side of the images in pixels, 4 to 1024.
    #[serde(default = "default_size")]
    pub size: u32,
    /// `rgb` or `grey`.
    #[serde(default)]
    pub color: Color,
}

impl Settings for ImageFolder {
    const NAME: &'static str = NAME;
}

impl Source for ImageFolder {
    fn entry() -> Entry {
        Entry {
            name: NAME,
            about: "PNG, JPEG and WebP images of your own: square centre, resized; classes from subfolders",
            licence: "that of the files",
            how_to_get: HOW_TO_GET,
            looked_in: Vec::new(),
            available: true,
        }
    }

    fn absolute(&self) -> Option<DataConfig> {
        Some(DataConfig::of(Self { path: absolute(&self.path), ..self.clone() }))
    }

    fn check(&self) -> Vec<Problem> {
        let (size, least, most) = (self.size, SIDES.start(), SIDES.end());
        let message = format!("a side of {size} pixels is not within {least} and {most}");
        Problem::unless(SIDES.contains(&size), "size", message).into_iter().collect()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        open(&self.path, self.size, self.color, split)
    }
}

/// Images and classes as [`listing`] has them.
pub(crate) fn open(folder: &Path, side: u32, color: Color, split: Split) -> Result<Dataset, DataError> {
    let channels = if color == Color::Rgb { 3 } else { 1 };
    let format = Format::Image([channels, side as usize, side as usize]);
    let missing = || DataError::Missing { name: NAME, looked_for: vec![folder.to_owned()], how_to_get: HOW_TO_GET };
    if find(&[folder.to_owned()]).is_none() {
        return Err(missing());
    }
    let Listing { paths, labels, passed_over } = listing::list(folder)?.ok_or_else(missing)?;
    if split == Split::Test {
        return Ok(Dataset::new(NAME, format, Values::Bytes(vec![]), labels.map(Labels::without_samples)));
    }
    let mut pixels = vec![0; paths.len() * format.values()];
    let images = pixels.par_chunks_mut(format.values()).zip(&paths);
    let errors = images.filter_map(|(pixels, path)| read(path, side, color, pixels).err()).collect();
    error::all_sound(folder, paths.len(), errors)?;
    Ok(Dataset::new(NAME, format, Values::Bytes(pixels), labels).with_passed_over(passed_over))
}

fn default_size() -> u32 {
    32
}

/// Writes `[channel][row][column]` into `out`.
fn read(path: &Path, side: u32, color: Color, out: &mut [u8]) -> Result<(), DataError> {
    let image = decode(path)?;
    let (width, height) = (image.width(), image.height());
    let square = width.min(height);
    let square = image.crop_imm((width - square) / 2, (height - square) / 2, square, square);
    // Smoothed where it shrinks, so that fine patterns leave no false coarse ones.
    match color {
        Color::Grey => out.copy_from_slice(&imageops::resize(&square.into_luma8(), side, side, FilterType::Lanczos3)),
        Color::Rgb => {
            let image = imageops::resize(&square.into_rgb8(), side, side, FilterType::Lanczos3);
            let plane = out.len() / 3;
            for (index, pixel) in image.pixels().enumerate() {
                (0..3).for_each(|channel| out[channel * plane + index] = pixel.0[channel]);
            }
        }
    }
    Ok(())
}
