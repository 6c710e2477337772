//! Any pair of IDX files, named by path.

use std::path::{Path, PathBuf};

use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::classes::classes;
use crate::file::content::{Content, find};
use crate::file::idx_file;
use crate::options::is_default;
use crate::source::{DataConfig, absolute};
use crate::{DataError, Dataset, Entry, HoldOut, Source, Split, Values};

const NAME: &str = "idx";

const HOW_TO_GET: &str = "set `images`, and `labels` if there are any, to IDX files, gzip or not";

/// Grey images of any size from an IDX file, gzip or not.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Idx {
    /// The IDX file of images.
    pub images: PathBuf,
    /// The IDX file of their labels; unlabelled by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<PathBuf>,
    /// Share of the images to hold out for metrics, such as 0.1.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hold_out: HoldOut,
}

impl Settings for Idx {
    const NAME: &'static str = NAME;
}

impl Source for Idx {
    fn entry() -> Entry {
        Entry {
            name: NAME,
            about: "grey images of any size, and optionally their labels, from IDX files of your own",
            licence: "that of the files",
            how_to_get: HOW_TO_GET,
            looked_in: Vec::new(),
            available: true,
        }
    }

    fn absolute(&self) -> Option<DataConfig> {
        let labels = self.labels.as_deref().map(absolute);
        Some(DataConfig::of(Self { images: absolute(&self.images), labels, ..self.clone() }))
    }

    fn files(&self) -> Vec<PathBuf> {
        [&self.images].into_iter().chain(&self.labels).cloned().collect()
    }

    fn check(&self) -> Vec<Problem> {
        self.hold_out.check().into_iter().collect()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let all = open(&self.images, self.labels.as_deref())?;
        self.hold_out.split(all, split, &self.images)
    }
}

fn open(images_path: &Path, labels_path: Option<&Path>) -> Result<Dataset, DataError> {
    let images = idx_file::read_images(open_file(images_path)?)?;
    let labels = labels_path
        .map(|path| idx_file::read_labels(open_file(path)?, &images, images_path, None))
        .transpose()?
        .map(|labels| classes(&labels))
        .transpose()
        .map_err(|reason| DataError::Unusable { path: images_path.to_owned(), reason })?;
    Ok(Dataset::new(NAME, images.format, Values::Bytes(images.pixels), labels))
}

fn open_file(path: &Path) -> Result<Content<'_>, DataError> {
    let looked_for = vec![path.to_owned()];
    if find(&looked_for).is_none() {
        return Err(DataError::Missing { name: NAME, looked_for, how_to_get: HOW_TO_GET });
    }
    Content::open(path)
}
