//! Pictures and what each is to become, in folders: side by side in one file, as published sets have them, or in two folders
//! under equal names.

use std::path::{Path, PathBuf};

use family::{Problem, Settings};

use crate::source::DataConfig;
use crate::translation::Side;
use crate::translation::options::translation_source;
use crate::translation::pairs::Pairs;
use crate::{DataError, Dataset, Entry, Source, Split};

const NAME: &str = "paired-folder";

const HOW_TO_GET: &str = "set `path` to a folder of pictures that are two side by side, or to one of inputs and `target` to one of \
    outputs with the same names";

translation_source! {
    /// Pictures and what each is to become: side by side in each file, or of equal names in two folders. Folders `train` and
    /// `test` are the splits.
    pub struct PairedFolder {
        /// A folder of pictures that are two side by side, or with the folders `A` and `B`; with `target`, the folder of inputs.
        path,
        /// The folder of outputs, whose names are those of the inputs.
        target,
    }
}

impl PairedFolder {
    fn pairs(&self) -> Result<Pairs, DataError> {
        let list = |folder: &Path, domain| Side::named(folder, domain, NAME, HOW_TO_GET);
        let [a, b] = ["A", "B"].map(|name| self.path.join(name));
        let folders = match &self.target {
            Some(target) => Some([self.path.clone(), target.clone()]),
            None => (a.is_dir() && b.is_dir()).then_some([a, b]),
        };
        match folders {
            Some([a, b]) => Pairs::by_name([list(&a, "input")?, list(&b, "output")?], self.on_error),
            None => Ok(Pairs::halves(list(&self.path, "input")?)),
        }
    }
}

impl Settings for PairedFolder {
    const NAME: &'static str = NAME;
}

impl Source for PairedFolder {
    fn entry() -> Entry {
        Entry::of_own_files(
            NAME,
            "pairs of your own pictures: side by side in each file, or of equal names in two folders",
            HOW_TO_GET,
        )
    }

    fn absolute(&self) -> Option<DataConfig> {
        Some(DataConfig::of(self.with_absolute_paths()))
    }

    fn files(&self) -> Vec<PathBuf> {
        self.paths()
    }

    fn check(&self) -> Vec<Problem> {
        self.options().check()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let pairs = self.pairs()?;
        let pairs = if self.is_reversed() { pairs.reversed() } else { pairs };
        pairs.open(NAME, &self.path, &self.options(), split)
    }
}
