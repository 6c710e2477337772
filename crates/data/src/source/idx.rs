//! Any pair of IDX files, named by path.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::classes::classes;
use crate::file::content::{Content, find};
use crate::file::idx_file::{self, Images};
use crate::options::is_default;
use crate::source::{DataConfig, absolute};
use crate::{DataError, Dataset, Entry, HoldOut, Labels, Source, Split, Values};

const NAME: &str = "idx";

const HOW_TO_GET: &str = "set `images`, and `labels` if there are any, to IDX files, gzip or not";

/// Images and, if there are any, labels.
type Pair<'a> = (&'a Path, Option<&'a Path>);

/// Grey images of any size from an IDX file, gzip or not.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Idx {
    /// The IDX file of images.
    pub images: PathBuf,
    /// The IDX file of their labels; unlabelled by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<PathBuf>,
    /// The IDX file of images that are held out for metrics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_images: Option<PathBuf>,
    /// The IDX file of their labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_labels: Option<PathBuf>,
    /// Share of the images to hold out for metrics, such as 0.1.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hold_out: HoldOut,
}

impl Settings for Idx {
    const NAME: &'static str = NAME;
}

impl Source for Idx {
    fn entry() -> Entry {
        Entry::of_own_files(
            NAME,
            "grey images of any size, and optionally their labels, from IDX files of your own",
            HOW_TO_GET,
        )
    }

    fn absolute(&self) -> Option<DataConfig> {
        let file = |path: &Option<PathBuf>| path.as_deref().map(absolute);
        let (labels, test_images, test_labels) = (file(&self.labels), file(&self.test_images), file(&self.test_labels));
        Some(DataConfig::of(Self { images: absolute(&self.images), labels, test_images, test_labels, ..self.clone() }))
    }

    fn files(&self) -> Vec<PathBuf> {
        [&self.images]
            .into_iter()
            .chain(&self.labels)
            .chain(&self.test_images)
            .chain(&self.test_labels)
            .cloned()
            .collect()
    }

    fn check(&self) -> Vec<Problem> {
        let (has_test, is_labelled) = (self.test_images.is_some(), self.labels.is_some());
        let twice = Problem::unless(
            !has_test || self.hold_out.is_none(),
            "hold_out",
            "`test_images` are held out already: leave `hold_out` away",
        );
        let labels = match (has_test && is_labelled, self.test_labels.is_some()) {
            (true, false) => Some("`test_images` need labels, as `images` have"),
            (false, true) => Some("has no use without `test_images` and `labels`"),
            _ => None,
        };
        let labels = labels.map(|message| Problem::at("test_labels", message));
        self.hold_out.check().into_iter().chain(twice).chain(labels).collect()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let training = (self.images.as_path(), self.labels.as_deref());
        let Some(test_images) = &self.test_images else {
            let (all, labels) = read(training)?;
            let labels = labels.map(|labels| classes(&labels)).transpose().map_err(unusable(training.0))?;
            return self.hold_out.split(dataset(all, labels), split, &self.images);
        };
        let (train, test) = open_both(training, (test_images, self.test_labels.as_deref()))?;
        Ok(match split {
            Split::Train => train.with_test_files(Arc::new(test)),
            Split::Test => test,
        })
    }
}

/// Both splits, which have the same classes.
fn open_both(training: Pair<'_>, testing: Pair<'_>) -> Result<(Dataset, Dataset), DataError> {
    let ((train, train_labels), (test, test_labels)) = (read(training)?, read(testing)?);
    if test.format != train.format {
        let reason = format!("it has {}, and {} has {}", test.format, training.0.display(), train.format);
        return Err(unusable(testing.0)(reason));
    }
    let Some((train_labels, test_labels)) = train_labels.zip(test_labels) else {
        return Ok((dataset(train, None), dataset(test, None)));
    };
    let labels = classes(&train_labels).map_err(unusable(training.0))?;
    let of_samples = test_labels.iter().map(|label| {
        let position = labels.names.iter().position(|name| *name == label.to_string());
        position.map(|class| class as u16).ok_or_else(|| format!("no training image has its label {label}"))
    });
    let of_samples = of_samples.collect::<Result<_, _>>().map_err(unusable(testing.1.unwrap_or(testing.0)))?;
    let of_test = Labels { of_samples, names: labels.names.clone() };
    Ok((dataset(train, Some(labels)), dataset(test, Some(of_test))))
}

fn read((images_path, labels_path): Pair<'_>) -> Result<(Images, Option<Vec<u16>>), DataError> {
    let images = idx_file::read_images(open_file(images_path)?)?;
    let labels = labels_path.map(|path| idx_file::read_labels(open_file(path)?, &images, images_path, None));
    Ok((images, labels.transpose()?))
}

fn dataset(images: Images, labels: Option<Labels>) -> Dataset {
    Dataset::new(NAME, images.format, Values::Bytes(images.pixels), labels)
}

fn unusable(path: &Path) -> impl Fn(String) -> DataError {
    move |reason| DataError::Unusable { path: path.to_owned(), reason }
}

fn open_file(path: &Path) -> Result<Content<'_>, DataError> {
    let looked_for = vec![path.to_owned()];
    if find(&looked_for).is_none() {
        return Err(DataError::Missing { name: NAME, looked_for, how_to_get: HOW_TO_GET });
    }
    Content::open(path)
}
