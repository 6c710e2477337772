//! Fashion-MNIST (Xiao et al. 2017): 60,000 + 10,000 pictures of clothes in MNIST's files, from a folder.

use std::path::{Path, PathBuf};

use family::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::Labels;
use crate::file::content::{Content, find};
use crate::file::idx_file;
use crate::source::{DataConfig, absolute};
use crate::{DataError, Dataset, Entry, Source, Split, Values};

const NAME: &str = "fashion-mnist";

/// Where Debian's package puts the files.
const DEFAULT_FOLDER: &str = "/usr/share/datasets/fashion-mnist";

const HOW_TO_GET: &str = "`runner data fetch fashion-mnist`, `apt-get install dataset-fashion-mnist` on Debian or Ubuntu, \
    or set `path` to a folder with the four files of https://github.com/zalandoresearch/fashion-mnist, gzip or not";

const CLASSES: usize = 10;

/// Fashion-MNIST (Xiao et al. 2017): 60,000 pictures of clothes to train on, 10,000 held out.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FashionMnist {
    /// A folder with its four IDX files, gzip or not; by default where Debian's `dataset-fashion-mnist` puts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
}

impl Settings for FashionMnist {
    const NAME: &'static str = NAME;
}

impl Source for FashionMnist {
    fn entry() -> Entry {
        let folder = Path::new(DEFAULT_FOLDER);
        let files = [Split::Train, Split::Test].into_iter().flat_map(file_names);
        Entry {
            name: NAME,
            about: "70,000 pictures of clothes, 28 x 28, 10 classes: 60,000 to train on, 10,000 held out",
            licence: "MIT (Zalando SE)",
            how_to_get: HOW_TO_GET,
            looked_in: vec![folder.to_owned()],
            available: files.into_iter().all(|file| find(&candidates(folder, file)).is_some()),
        }
    }

    fn absolute(&self) -> Option<DataConfig> {
        Some(DataConfig::of(Self { path: Some(absolute(self.path.as_deref()?)) }))
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        open(self.path.as_deref(), split)
    }
}

/// `folder` defaults to where Debian's package puts the files.
pub(crate) fn open(folder: Option<&Path>, split: Split) -> Result<Dataset, DataError> {
    let folder = folder.unwrap_or(Path::new(DEFAULT_FOLDER));
    let [images_path, labels_path] = file_names(split).map(|file| locate(folder, file));
    let (images_path, labels_path) = (images_path?, labels_path?);
    let images = idx_file::read_images(Content::open(&images_path)?)?;
    let of_samples = idx_file::read_labels(Content::open(&labels_path)?, &images, &images_path, Some(CLASSES))?;
    let labels = Labels::numbered(of_samples, CLASSES);
    Ok(Dataset::new(NAME, images.format, Values::Bytes(images.pixels), Some(labels)))
}

/// Images and labels of a split.
fn file_names(split: Split) -> [&'static str; 2] {
    match split {
        Split::Train => ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"],
        Split::Test => ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"],
    }
}

fn candidates(folder: &Path, file: &str) -> [PathBuf; 2] {
    [folder.join(file), folder.join(format!("{file}.gz"))]
}

fn locate(folder: &Path, file: &str) -> Result<PathBuf, DataError> {
    let candidates = candidates(folder, file);
    match find(&candidates) {
        Some(path) => Ok(path.to_owned()),
        None => Err(DataError::Missing { name: NAME, looked_for: candidates.to_vec(), how_to_get: HOW_TO_GET }),
    }
}
