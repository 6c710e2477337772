//! The data sets that an experiment file can name: an open family, with its one list.

pub(crate) mod array;
pub(crate) mod cifar_10;
pub(crate) mod drums;
pub(crate) mod emoji_pairs;
pub(crate) mod fashion_mnist;
pub(crate) mod frames_folder;
pub(crate) mod grid_25;
pub(crate) mod idx;
pub(crate) mod image_folder;
pub(crate) mod image_parquet;
pub(crate) mod image_zip;
pub(crate) mod mnist_10k;
pub(crate) mod moving_digits;
pub(crate) mod notes;
pub(crate) mod paired_folder;
pub(crate) mod points_csv;
pub(crate) mod ring_8;
pub(crate) mod shapes;
pub(crate) mod spiral;
pub(crate) mod stacked_mnist;
pub(crate) mod two_hands;
pub(crate) mod unpaired_folder;
pub(crate) mod wav_folder;
pub(crate) mod web_dataset;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use family::{Choice, DefaultMember, Family, Holds, Member, Problem, Registry, Settings};

use crate::source::array::Array;
use crate::source::cifar_10::Cifar10;
use crate::source::drums::Drums;
use crate::source::emoji_pairs::EmojiPairs;
use crate::source::fashion_mnist::FashionMnist;
use crate::source::frames_folder::FramesFolder;
use crate::source::grid_25::Grid25;
use crate::source::idx::Idx;
use crate::source::image_folder::ImageFolder;
use crate::source::image_parquet::ImageParquet;
use crate::source::image_zip::ImageZip;
use crate::source::mnist_10k::Mnist10k;
use crate::source::moving_digits::MovingDigits;
use crate::source::notes::Notes;
use crate::source::paired_folder::PairedFolder;
use crate::source::points_csv::PointsCsv;
use crate::source::ring_8::Ring8;
use crate::source::shapes::Shapes;
use crate::source::spiral::Spiral;
use crate::source::stacked_mnist::StackedMnist;
use crate::source::two_hands::TwoHands;
use crate::source::unpaired_folder::UnpairedFolder;
use crate::source::wav_folder::WavFolder;
use crate::source::web_dataset::WebDataset;
use crate::{DataError, Dataset, Description, Entry, Split};

/// Every built-in data set, in the order in which to show them.
const ALL: &[Member<dyn Source>] = &[
    Member::of::<Mnist10k>(),
    Member::of::<StackedMnist>(),
    Member::of::<FashionMnist>(),
    Member::of::<Cifar10>(),
    Member::of::<EmojiPairs>(),
    Member::of::<TwoHands>(),
    Member::of::<ImageFolder>(),
    Member::of::<ImageZip>(),
    Member::of::<WebDataset>(),
    Member::of::<ImageParquet>(),
    Member::of::<Array>(),
    Member::of::<Idx>(),
    Member::of::<PairedFolder>(),
    Member::of::<UnpairedFolder>(),
    Member::of::<PointsCsv>(),
    Member::of::<Ring8>(),
    Member::of::<Grid25>(),
    Member::of::<Spiral>(),
    Member::of::<Shapes>(),
    Member::of::<Drums>(),
    Member::of::<Notes>(),
    Member::of::<WavFolder>(),
    Member::of::<MovingDigits>(),
    Member::of::<FramesFolder>(),
];

/// Every data set.
pub static SOURCES: Registry<dyn Source> = Registry::new(ALL);

/// `run.data`: a data set with its settings.
pub type DataConfig = Choice<dyn Source>;

/// A data set that can be opened, with what it needs to be found.
pub trait Source: Send + Sync {
    /// Its description in lists, and whether it is on this machine.
    fn entry() -> Entry
    where
        Self: Sized;

    /// The same with absolute paths, good for any working directory; nothing if it has no paths.
    fn absolute(&self) -> Option<DataConfig> {
        None
    }

    /// The files and folders that its samples are read from: as long as these do not change, neither does its
    /// description.
    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// Settings out of range.
    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    /// Opens one split. The same settings give the same samples, on every machine and in the same order.
    ///
    /// # Errors
    /// A file is missing, unreadable or malformed, or there is no sample to train on. Having no test split is not an error:
    /// it is empty then.
    fn open(&self, split: Split) -> Result<Dataset, DataError>;

    /// Length, format, classes and fingerprint of the training split. By default it is opened.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    fn describe(&self) -> Result<Description, DataError> {
        Ok(Description::of(&self.open(Split::Train)?))
    }
}

impl Family for dyn Source {
    const NAME: &'static str = "DataConfig";
    const ABOUT: &'static str = "`run.data` of the experiment file: which data set, and what it needs to be found. Relative paths start at the\nfile that they stand in.";
    const TAG: &'static str = "name";
    const WRITES_WORDS: bool = false;
    type Entry = Entry;

    fn registry() -> &'static Registry<Self> {
        &SOURCES
    }
}

impl<S: Settings + Source> Holds<S> for dyn Source {
    fn hold(settings: S) -> Arc<Self> {
        Arc::new(settings)
    }

    fn entry() -> Entry {
        S::entry()
    }
}

impl DefaultMember for dyn Source {
    fn default_member() -> DataConfig {
        Choice::of(Mnist10k::default())
    }
}

/// The description of every data set, in display order.
pub fn catalog() -> Vec<Entry> {
    SOURCES.members().iter().map(Member::entry).collect()
}

/// A path good for any working directory.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
