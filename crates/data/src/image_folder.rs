//! A folder of PNG and JPEG images of any size, made square and equally large. Holds nothing out.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use family::{Problem, Settings};
use image::imageops::{self, FilterType};
use rayon::prelude::*;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::Labels;
use crate::picture::{self, decode};
use crate::source::{DataConfig, absolute};
use crate::{DataError, Dataset, Entry, Source, Split, Values};

const NAME: &str = "image-folder";

/// Sides, in pixels.
const SIDES: std::ops::RangeInclusive<u32> = 4..=1024;

const HOW_TO_GET: &str = "set `path` to a folder with PNG or JPEG files, or with a subfolder of them for each class";
/// Deeper folders are a circle of links.
const MAX_DEPTH: usize = 32;

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

/// PNG and JPEG files of any size: the square centre of each, resized. Subfolders are classes. Nothing is held out.
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
            about: "PNG and JPEG files of your own: square centre, resized; classes from subfolders",
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

/// Images in the order of their paths below `folder`. If all lie in subfolders, the subfolders are the classes, in
/// alphabetical order.
pub(crate) fn open(folder: &Path, side: u32, color: Color, split: Split) -> Result<Dataset, DataError> {
    let channels = if color == Color::Rgb { 3 } else { 1 };
    let format = Format::Image([channels, side as usize, side as usize]);
    let mut paths = Vec::new();
    list(folder, 0, &mut paths)?;
    paths.sort();
    if paths.is_empty() {
        return Err(DataError::Missing { name: NAME, looked_for: vec![folder.to_owned()], how_to_get: HOW_TO_GET });
    }
    let labels = labels(folder, &paths)?;
    if split == Split::Test {
        let labels = labels.map(|labels| Labels { of_samples: vec![], ..labels });
        return Ok(Dataset::new(NAME, format, Values::Bytes(vec![]), labels));
    }
    let mut pixels = vec![0; paths.len() * format.values()];
    let images = pixels.par_chunks_mut(format.values()).zip(&paths);
    // The first in order, whichever was met first.
    let errors: Vec<DataError> = images.filter_map(|(pixels, path)| read(path, side, color, pixels).err()).collect();
    match errors.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(Dataset::new(NAME, format, Values::Bytes(pixels), labels)),
    }
}

fn list(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> Result<(), DataError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound if depth == 0 => {
            DataError::Missing { name: NAME, looked_for: vec![folder.to_owned()], how_to_get: HOW_TO_GET }
        }
        _ => DataError::Io { path: folder.to_owned(), source },
    };
    if depth > MAX_DEPTH {
        return Err(failed(io::Error::other("more folders in one another than a folder of images has")));
    }
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if hidden {
            continue;
        }
        if path.is_dir() {
            list(&path, depth + 1, paths)?;
        } else if picture::is_one(&path) {
            paths.push(path);
        }
    }
    Ok(())
}

fn labels(folder: &Path, paths: &[PathBuf]) -> Result<Option<Labels>, DataError> {
    let class = |path: &PathBuf| {
        let mut parts = path.strip_prefix(folder).ok()?.components();
        let first = parts.next()?;
        parts.next().map(|_| first.as_os_str().to_owned())
    };
    let Some(classes) = paths.iter().map(class).collect::<Option<Vec<_>>>() else { return Ok(None) };
    let mut names = classes.clone();
    names.sort();
    names.dedup();
    if names.len() > usize::from(u16::MAX) {
        let source = io::Error::other(format!("{} subfolders are more than classes can be", names.len()));
        return Err(DataError::Io { path: folder.to_owned(), source });
    }
    let number = |class| names.binary_search(class).expect("it is one of them") as u16;
    Ok(Some(Labels { of_samples: classes.iter().map(number).collect(), classes: names.len() }))
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
