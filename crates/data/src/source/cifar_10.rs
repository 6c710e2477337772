//! CIFAR-10 (Krizhevsky 2009): 50,000 + 10,000 pictures of 10 kinds of things, from the files that its page offers.

use std::path::{Path, PathBuf};

use family::Settings;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::Labels;
use crate::file::content::find;
use crate::file::pickle::{self, Value};
use crate::file::tar_file::TarFile;
use crate::source::{DataConfig, absolute};
use crate::{DataError, Dataset, Entry, Source, Split, Values};

const NAME: &str = "cifar-10";

const HOW_TO_GET: &str = "`runner data fetch cifar-10`, or set `path` to cifar-10-binary.tar.gz or cifar-10-python.tar.gz of \
    https://www.cs.toronto.edu/~kriz/cifar.html, or to the folder that one of them unpacks to";

/// What the folders within the archives are called.
const FOLDERS: [&str; 2] = ["cifar-10-batches-bin", "cifar-10-batches-py"];

const CLASSES: [&str; 10] = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

const SHAPE: [usize; 3] = [3, 32, 32];
const VALUES: usize = 3 * 32 * 32;

/// A batch has 31 MB.
const MAX_BYTES: u64 = 1 << 30;

/// CIFAR-10 (Krizhevsky 2009): 50,000 pictures of 10 kinds of things to train on, 10,000 held out.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cifar10 {
    /// The archive of its binary or Python version, or the folder that it unpacks to.
    pub path: PathBuf,
}

impl Settings for Cifar10 {
    const NAME: &'static str = NAME;
}

impl Source for Cifar10 {
    fn entry() -> Entry {
        Entry {
            name: NAME,
            about: "60,000 pictures of things, 3 x 32 x 32, 10 classes: 50,000 to train on, 10,000 held out",
            licence: "none stated (Alex Krizhevsky, Vinod Nair, Geoffrey Hinton)",
            how_to_get: HOW_TO_GET,
            looked_in: Vec::new(),
            available: true,
        }
    }

    fn absolute(&self) -> Option<DataConfig> {
        Some(DataConfig::of(Self { path: absolute(&self.path) }))
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.path.clone()]
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let files = Files::open(&self.path)?;
        let mut all = Batch::default();
        for name in batches(split) {
            let (place, bytes, is_pickle) = files.read(&name)?;
            let added = if is_pickle { all.add_pickle(&bytes) } else { all.add_records(&bytes) };
            added.map_err(|reason| DataError::Unusable { path: place, reason })?;
        }
        let names = CLASSES.map(str::to_owned).to_vec();
        let labels = Labels { of_samples: all.labels, names };
        Ok(Dataset::new(NAME, Format::Image(SHAPE), Values::Bytes(all.pixels), Some(labels)))
    }
}

/// Names of the files of a split in the Python version; those of the binary version end in `.bin`.
fn batches(split: Split) -> Vec<String> {
    match split {
        Split::Train => (1..=5).map(|number| format!("data_batch_{number}")).collect(),
        Split::Test => vec!["test_batch".to_owned()],
    }
}

/// Where the batches are.
enum Files {
    Folder(PathBuf),
    Archive(PathBuf, TarFile),
}

impl Files {
    fn open(path: &Path) -> Result<Files, DataError> {
        if path.is_dir() {
            let inner = FOLDERS.map(|name| path.join(name)).into_iter().find(|folder| folder.is_dir());
            return Ok(Files::Folder(inner.unwrap_or(path.to_owned())));
        }
        if find(&[path.to_owned()]).is_none() {
            return Err(missing(vec![path.to_owned()]));
        }
        Ok(Files::Archive(path.to_owned(), TarFile::open(path)?))
    }

    /// Where a batch is, its bytes, and whether it is a pickle.
    fn read(&self, name: &str) -> Result<(PathBuf, Vec<u8>, bool), DataError> {
        let names = [(format!("{name}.bin"), false), (name.to_owned(), true)];
        match self {
            Files::Folder(folder) => {
                let candidates = names.map(|(name, is_pickle)| (folder.join(name), is_pickle));
                let found = candidates.iter().find(|(path, _)| find(std::slice::from_ref(path)).is_some());
                let Some((path, is_pickle)) = found else {
                    return Err(missing(candidates.map(|(path, _)| path).to_vec()));
                };
                let bytes = files::read(path, MAX_BYTES);
                let bytes = bytes.map_err(|source| DataError::Io { path: path.clone(), source })?;
                Ok((path.clone(), bytes, *is_pickle))
            }
            Files::Archive(path, archive) => {
                let is_named = |index: &usize, name: &str| archive.name(*index).rsplit('/').next() == Some(name);
                let found = names.iter().find_map(|(name, is_pickle)| {
                    (0..archive.len()).find(|index| is_named(index, name)).map(|index| (index, *is_pickle))
                });
                let Some((index, is_pickle)) = found else {
                    return Err(missing(names.map(|(name, _)| path.join(name)).to_vec()));
                };
                Ok((archive.place(index), archive.read(index, MAX_BYTES)?, is_pickle))
            }
        }
    }
}

fn missing(looked_for: Vec<PathBuf>) -> DataError {
    DataError::Missing { name: NAME, looked_for, how_to_get: HOW_TO_GET }
}

/// Images `[sample][channel][row][column]` with a label each.
#[derive(Default)]
struct Batch {
    pixels: Vec<u8>,
    labels: Vec<u16>,
}

impl Batch {
    /// The binary version: a byte of label before each image.
    fn add_records(&mut self, bytes: &[u8]) -> Result<(), String> {
        let (records, rest) = bytes.as_chunks::<{ VALUES + 1 }>();
        if records.is_empty() || !rest.is_empty() {
            return Err(format!("its {} bytes are not records of {} bytes", bytes.len(), VALUES + 1));
        }
        for [label, pixels @ ..] in records {
            self.add_label((*label).into())?;
            self.pixels.extend_from_slice(pixels);
        }
        Ok(())
    }

    /// The Python version: a dictionary of `data` and `labels`.
    fn add_pickle(&mut self, bytes: &[u8]) -> Result<(), String> {
        let batch = pickle::read(bytes)?;
        let Some(Value::Array(data)) = batch.get("data") else {
            return Err("it has no array `data`".to_owned());
        };
        let labels = batch.get("labels").and_then(Value::whole_numbers).ok_or("it has no list `labels`")?;
        let pixels = data.bytes.bytes().unwrap_or_default();
        if data.shape != [labels.len(), VALUES] || pixels.len() != labels.len() * VALUES {
            let (shape, bytes) = (&data.shape, pixels.len());
            return Err(format!("its array `data` has shape {shape:?} and {bytes} bytes, for {} labels", labels.len()));
        }
        if labels.is_empty() {
            return Err("it holds no images".to_owned());
        }
        labels.into_iter().try_for_each(|label| self.add_label(label))?;
        self.pixels.extend_from_slice(pixels);
        Ok(())
    }

    fn add_label(&mut self, label: i64) -> Result<(), String> {
        let label = u16::try_from(label).ok().filter(|label| usize::from(*label) < CLASSES.len());
        self.labels.push(label.ok_or_else(|| format!("a label is not below {}", CLASSES.len()))?);
        Ok(())
    }
}
