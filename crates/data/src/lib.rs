//! Data sets and their readers: what `run.data` of an experiment file names becomes 8-bit pixels, or points in the plane,
//! in memory.
//! Arrays and folders of images that somebody made become [`Samples`].
//!
//! Nothing here knows of tensors, of training or of terminals, and nothing is ever downloaded. A data set that is not on
//! the machine is a [`DataError::Missing`], which says where it was looked for and how to get it.
//!
//! To add a data set, write its file and add it to each match of this one.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod catalog;
mod content;
mod dataset;
mod error;
mod fashion_mnist;
mod grid_25;
mod idx;
mod idx_file;
mod image_folder;
mod mnist_10k;
mod npy;
mod picture;
mod pictures;
mod points;
mod ring_8;
mod samples;
mod set;
mod spiral;
mod stacked_mnist;

use std::path::PathBuf;

use family::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::samples::{Classes, Samples};
pub use catalog::{Description, Entry};
pub use dataset::{Dataset, Labels, Split};
pub use error::DataError;
pub use image_folder::Color;
pub use set::{Set, Values};

/// `run.data` of the experiment file: which data set, and what it needs to be found. Relative paths start at the
/// working directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub enum DataConfig {
    /// 10,000 digits of MNIST, embedded in the program: 9,000 to train on, 1,000 held out.
    // Braces make `deny_unknown_fields` hold: serde lets a unit variant of a tagged enum take any key.
    #[serde(rename = "mnist-10k")]
    Mnist10k {},
    /// Grey images of any size from an IDX file, gzip or not. Nothing is held out.
    Idx {
        /// The IDX file of images.
        images: PathBuf,
        /// The IDX file of their labels; unlabelled by default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        labels: Option<PathBuf>,
    },
    /// Fashion-MNIST (Xiao et al. 2017): 60,000 pictures of clothes to train on, 10,000 held out.
    FashionMnist {
        /// A folder with its four IDX files, gzip or not; by default where Debian's `dataset-fashion-mnist` puts them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<PathBuf>,
    },
    /// PNG and JPEG files of any size: the square centre of each, resized. Subfolders are classes. Nothing is held out.
    ImageFolder {
        /// The folder.
        path: PathBuf,
        /// Side of the images in pixels, 4 to 1024.
        #[serde(default = "default_size")]
        size: u32,
        /// `rgb` or `grey`.
        #[serde(default)]
        color: Color,
    },
    /// Three digits in the channels of an image (Metz et al. 2017): 1,000 modes, made of `mnist-10k`.
    StackedMnist {
        /// Images to train on, up to a million; a tenth as many are held out.
        #[serde(default = "default_count")]
        count: usize,
    },
    /// Points in the plane: eight Gaussians on the unit circle, deviation 0.01, as in PacGAN (Lin et al. 2018).
    #[serde(rename = "ring-8")]
    Ring8 {
        /// Points to train on, up to a million; a tenth as many are held out.
        #[serde(default = "points::default_count")]
        count: usize,
    },
    /// Points in the plane: 25 Gaussians at {-4, -2, 0, 2, 4}², deviation 0.05, as in PacGAN (Lin et al. 2018).
    #[serde(rename = "grid-25")]
    Grid25 {
        /// Points to train on, up to a million; a tenth as many are held out.
        #[serde(default = "points::default_count")]
        count: usize,
    },
    /// Points in the plane: two arms of a spiral within [-1.5, 1.5]², one and a half turns, with noise.
    Spiral {
        /// Points to train on, up to a million; a tenth as many are held out.
        #[serde(default = "points::default_count")]
        count: usize,
    },
}

fn default_size() -> u32 {
    32
}

/// As many as PacGAN has (Lin et al. 2018).
fn default_count() -> usize {
    128_000
}

impl Default for DataConfig {
    fn default() -> DataConfig {
        DataConfig::Mnist10k {}
    }
}

impl DataConfig {
    /// The same with absolute paths, good for any working directory.
    pub fn absolute(self) -> DataConfig {
        let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        match self {
            DataConfig::Mnist10k {}
            | DataConfig::StackedMnist { .. }
            | DataConfig::Ring8 { .. }
            | DataConfig::Grid25 { .. }
            | DataConfig::Spiral { .. } => self,
            DataConfig::Idx { images, labels } => {
                DataConfig::Idx { images: absolute(images), labels: labels.map(absolute) }
            }
            DataConfig::FashionMnist { path } => DataConfig::FashionMnist { path: path.map(absolute) },
            DataConfig::ImageFolder { path, size, color } => {
                DataConfig::ImageFolder { path: absolute(path), size, color }
            }
        }
    }

    /// Settings out of range; paths are below `run.data`.
    pub fn check(&self) -> Vec<Problem> {
        match self {
            DataConfig::ImageFolder { size, .. } if !image_folder::SIDES.contains(size) => {
                let (least, most) = (image_folder::SIDES.start(), image_folder::SIDES.end());
                vec![Problem::at("size", format!("a side of {size} pixels is not within {least} and {most}"))]
            }
            DataConfig::StackedMnist { count } if !(1..=stacked_mnist::MOST_IMAGES).contains(count) => {
                vec![Problem::at(
                    "count",
                    format!("{count} images are not within 1 and {}", stacked_mnist::MOST_IMAGES),
                )]
            }
            DataConfig::Ring8 { count } | DataConfig::Grid25 { count } | DataConfig::Spiral { count }
                if !(1..=points::MOST_POINTS).contains(count) =>
            {
                vec![Problem::at("count", format!("{count} points are not within 1 and {}", points::MOST_POINTS))]
            }
            _ => Vec::new(),
        }
    }

    /// The data set's name in the experiment file.
    pub fn name(&self) -> &'static str {
        match self {
            DataConfig::Mnist10k {} => mnist_10k::NAME,
            DataConfig::Idx { .. } => idx::NAME,
            DataConfig::FashionMnist { .. } => fashion_mnist::NAME,
            DataConfig::ImageFolder { .. } => image_folder::NAME,
            DataConfig::StackedMnist { .. } => stacked_mnist::NAME,
            DataConfig::Ring8 { .. } => ring_8::NAME,
            DataConfig::Grid25 { .. } => grid_25::NAME,
            DataConfig::Spiral { .. } => spiral::NAME,
        }
    }
}

/// Every data set, in the order in which to show them.
pub fn catalog() -> Vec<Entry> {
    vec![
        mnist_10k::entry(),
        stacked_mnist::entry(),
        fashion_mnist::entry(),
        image_folder::entry(),
        idx::entry(),
        ring_8::entry(),
        grid_25::entry(),
        spiral::entry(),
    ]
}

/// Opens a data set's training split.
///
/// # Errors
/// A file is missing, unreadable or malformed. `Ok` holds at least one sample.
pub fn open(config: &DataConfig) -> Result<Dataset, DataError> {
    open_split(config, Split::Train)
}

/// Opens one split of a data set.
///
/// # Errors
/// A file is missing, unreadable or malformed. Having no test split is not an error: it is empty then.
pub fn open_split(config: &DataConfig, split: Split) -> Result<Dataset, DataError> {
    match config {
        DataConfig::Mnist10k {} => mnist_10k::open(split),
        DataConfig::Idx { images, labels } => idx::open(images, labels.as_deref(), split),
        DataConfig::FashionMnist { path } => fashion_mnist::open(path.as_deref(), split),
        DataConfig::ImageFolder { path, size, color } => image_folder::open(path, *size, *color, split),
        DataConfig::StackedMnist { count } => stacked_mnist::open(*count, split),
        DataConfig::Ring8 { count } => Ok(ring_8::open(*count, split)),
        DataConfig::Grid25 { count } => Ok(grid_25::open(*count, split)),
        DataConfig::Spiral { count } => Ok(spiral::open(*count, split)),
    }
}

/// Length, shape, classes and fingerprint of a data set's training split. At once for an embedded data set; others are
/// read.
///
/// # Errors
/// As [`open`].
pub fn describe(config: &DataConfig) -> Result<Description, DataError> {
    match config {
        DataConfig::Mnist10k {} => Ok(mnist_10k::describe()),
        _ => Ok(Description::of(&open(config)?)),
    }
}
