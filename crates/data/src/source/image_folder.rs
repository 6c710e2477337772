//! A folder of images of any size. Images and classes as [`listing`] has them.

use std::path::PathBuf;

use family::{Problem, Settings};
use image::DynamicImage;

use crate::album::{Album, Pictures};
use crate::file::content::find;
use crate::file::listing::{self, Listing};
use crate::options::picture_source;
use crate::picture;
use crate::source::{DataConfig, absolute};
use crate::{DataError, Dataset, Entry, Source, Split};

const NAME: &str = "image-folder";

const HOW_TO_GET: &str =
    "set `path` to a folder of images (PNG, JPEG, WebP, BMP, TIFF, GIF), or with a subfolder of them for each class";

picture_source! {
    /// PNG, JPEG, WebP, BMP, TIFF and GIF images of any size, made square and equally large. Subfolders are classes.
    pub struct ImageFolder {
        /// The folder.
        pub path: PathBuf,
    }
}

impl Settings for ImageFolder {
    const NAME: &'static str = NAME;
}

impl Source for ImageFolder {
    fn entry() -> Entry {
        Entry::of_own_files(
            NAME,
            "images of your own in a folder, of any size and format; classes from subfolders",
            HOW_TO_GET,
        )
    }

    fn absolute(&self) -> Option<DataConfig> {
        Some(DataConfig::of(Self { path: absolute(&self.path), ..self.clone() }))
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.path.clone()]
    }

    fn check(&self) -> Vec<Problem> {
        self.options().check()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let folder = &self.path;
        let missing = || DataError::Missing { name: NAME, looked_for: vec![folder.clone()], how_to_get: HOW_TO_GET };
        if find(std::slice::from_ref(folder)).is_none() {
            return Err(missing());
        }
        let Listing { paths, labels, passed_over } = listing::list(folder, &picture::KINDS)?.ok_or_else(missing)?;
        let pictures = Files(paths);
        Album { name: NAME, place: folder.clone(), pictures, labels, passed_over }.open(&self.options(), split)
    }
}

/// A file for each picture.
struct Files(Vec<PathBuf>);

impl Pictures for Files {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn place(&self, index: usize) -> PathBuf {
        self.0[index].clone()
    }

    fn read(&self, index: usize) -> Result<DynamicImage, DataError> {
        picture::read(&self.0[index])
    }
}
