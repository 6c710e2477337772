//! Pictures of two domains without pairs, in folders as published sets have them: `trainA`, `trainB`, `testA`, `testB`.

use std::path::{Path, PathBuf};

use family::{Problem, Settings};

use crate::source::DataConfig;
use crate::translation::Side;
use crate::translation::options::translation_source;
use crate::translation::unpaired::Domains;
use crate::{DataError, Dataset, Entry, Source, Split};

const NAME: &str = "unpaired-folder";

const HOW_TO_GET: &str = "set `path` to a folder with the folders `trainA` and `trainB`, perhaps `testA` and `testB`, or to one of \
    inputs and `target` to one of outputs";

translation_source! {
    /// Pictures of two domains, none of which belongs to another one. Held-out pictures of equal names are true partners, which
    /// metrics know and networks do not.
    pub struct UnpairedFolder {
        /// A folder with the folders `trainA` and `trainB`, perhaps `testA` and `testB`, or `A` and `B`; with `target`, the
        /// folder of inputs.
        path,
        /// The folder of outputs.
        target,
    }
}

impl UnpairedFolder {
    fn domains(&self) -> Result<Domains, DataError> {
        let list = |folder: &Path, domain| Side::named(folder, domain, NAME, HOW_TO_GET);
        let both = |[a, b]: [&Path; 2]| Ok::<_, DataError>([list(a, "input")?, list(b, "output")?]);
        let within = |names: [&str; 2]| names.map(|name| self.path.join(name));
        let [[train_a, train_b], [test_a, test_b], [a, b]] =
            [["trainA", "trainB"], ["testA", "testB"], ["A", "B"]].map(within);
        if let Some(target) = &self.target {
            return Ok(Domains { train: both([&self.path, target])?, test: None });
        }
        if !train_a.is_dir() && a.is_dir() && b.is_dir() {
            return Ok(Domains { train: both([&a, &b])?, test: None });
        }
        let train = both([&train_a, &train_b])?;
        let test = (test_a.is_dir() || test_b.is_dir()).then(|| both([&test_a, &test_b])).transpose()?;
        Ok(Domains { train, test })
    }
}

impl Settings for UnpairedFolder {
    const NAME: &'static str = NAME;
}

impl Source for UnpairedFolder {
    fn entry() -> Entry {
        Entry::of_own_files(
            NAME,
            "two domains of your own pictures without pairs: `trainA`, `trainB`, `testA`, `testB`, or two folders",
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
        let domains = self.domains()?;
        let domains = if self.is_reversed() { domains.reversed() } else { domains };
        domains.open(NAME, &self.path, &self.options(), split)
    }
}
