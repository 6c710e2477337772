//! What REAL and FAKE of `runner metrics` name: a data set of the program, a run's data, a folder of images, an array, saved
//! statistics.

use crate::error::Error;
use crate::inspect::find;
use crate::plan::planning;
use data::{DataConfig, PixelRange, Samples, Split};
use evaluation::{NamedSamples, Set, Statistics};
use record::RunFolder;
use samples::Format;
use std::path::Path;

/// Samples with what they were called.
pub(crate) struct Source {
    /// As it was written on the command line.
    pub name: String,
    /// The data set, if it is one or a run's.
    pub dataset: Option<String>,
    /// What is there.
    pub content: Content,
    /// Of its contents; the name is not part of it.
    pub fingerprint: String,
}

/// What a source holds.
pub(crate) enum Content {
    Samples(Samples),
    Statistics(Box<Statistics>),
}

/// How a source is read.
pub(crate) struct Reading<'a> {
    /// Of an array's pixels, if they are floats.
    pub range: Option<PixelRange>,
    /// Side of the squares that images are made.
    pub side: Option<u32>,
    /// Format of the sounds that those of a folder are compared with.
    pub like: Option<Format>,
    /// Where to look for runs that are named by their ids.
    pub results: &'a Path,
}

impl Source {
    /// The samples for a comparison.
    pub(crate) fn named(&self) -> NamedSamples<'_> {
        let samples = match &self.content {
            Content::Samples(samples) => Set::Samples(samples),
            Content::Statistics(statistics) => Set::Statistics(statistics),
        };
        NamedSamples { name: &self.name, samples }
    }

    /// The samples, unless they are saved statistics.
    pub(crate) fn samples(&self) -> Option<&Samples> {
        match &self.content {
            Content::Samples(samples) => Some(samples),
            Content::Statistics(_) => None,
        }
    }

    /// The statistics, if it is a file of them.
    pub(crate) fn statistics(&self) -> Option<&Statistics> {
        match &self.content {
            Content::Samples(_) => None,
            Content::Statistics(statistics) => Some(statistics),
        }
    }

    /// How many samples there are.
    pub(crate) fn len(&self) -> usize {
        match &self.content {
            Content::Samples(samples) => samples.len(),
            Content::Statistics(statistics) => statistics.header.count,
        }
    }

    /// The format of images; none of features.
    pub(crate) fn format(&self) -> Option<Format> {
        match &self.content {
            Content::Samples(samples) => samples.format(),
            Content::Statistics(statistics) => Some(statistics.format()),
        }
    }

    /// Opens `mnist-10k`, `mnist-10k:test`, `x.npy`, a folder, a run (its folder or its id: the data that it was trained on),
    /// or `RUN:test`. A data set's name comes before a folder's, and that before a run's id.
    pub(crate) fn open(name: &str, reading: &Reading) -> Result<Self, Error> {
        let resized = |samples: Samples| match reading.side {
            Some(side) => samples.resized(side),
            None => samples,
        };
        if let Some(statistics) = statistics(Path::new(name))? {
            let (name, fingerprint) = (name.to_owned(), statistics.header.fingerprint.clone());
            return Ok(Self { name, dataset: None, fingerprint, content: Content::Statistics(Box::new(statistics)) });
        }
        let (dataset, samples) = match config(name, reading.results)? {
            Some((config, split)) => (Some(config.name().to_owned()), resized(open(name, &config, split)?)),
            None if Path::new(name).exists() => (None, read(Path::new(name), reading)?),
            None => {
                let names: Vec<_> = data::catalog().iter().map(|entry| entry.name).collect();
                return Err(Error::Usage(format!(
                    "{name}: no such file or folder, nor a run in {}, nor a data set ({})",
                    reading.results.display(),
                    names.join(", ")
                )));
            }
        };
        let (name, fingerprint) = (name.to_owned(), samples.fingerprint());
        Ok(Self { name, dataset, fingerprint, content: Content::Samples(samples) })
    }

    /// Opens both sets of a comparison. A folder of sounds is read in the format of the other set.
    pub(crate) fn pair(real: &str, fake: &str, reading: &Reading) -> Result<[Self; 2], Error> {
        let is_folder = |name: &str| Samples::are_sounds(Path::new(name));
        if is_folder(real) && !is_folder(fake) {
            let fake = Self::open(fake, reading)?;
            let real = Self::open(real, &Reading { like: fake.format(), ..*reading })?;
            return Ok([real, fake]);
        }
        let real = Self::open(real, reading)?;
        let fake = Self::open(fake, &Reading { like: real.format(), ..*reading })?;
        Ok([real, fake])
    }

    /// Makes one of two sets colour if the other one is; says which.
    pub(crate) fn match_channels(first: &mut Self, second: &mut Self) -> Option<String> {
        let channels = |source: &Self| match source.format() {
            Some(Format::Image([channels, ..])) => channels,
            _ => 0,
        };
        let grey = match (channels(first), channels(second)) {
            (1, 3) => first,
            (3, 1) => second,
            _ => return None,
        };
        grey.content = Content::Samples(grey.samples()?.clone().in_colour());
        Some(format!("{}: grey images, compared as colour ones with three equal channels", grey.name))
    }
}

/// The statistics in a file of that kind; `None` of any other.
fn statistics(path: &Path) -> Result<Option<Statistics>, Error> {
    // Longer than the mark of any version.
    const START: u64 = 32;
    /// Of a hundred thousand images by Inception, and more.
    const LARGEST: u64 = 8 << 30;
    if !path.is_file() || !Statistics::begins(&files::start(path, START).map_err(Error::io(path))?) {
        return Ok(None);
    }
    let bytes = files::read(path, LARGEST).map_err(Error::io(path))?;
    let read = Statistics::read(&bytes);
    Ok(Some(read.map_err(|error| Error::File { path: path.to_owned(), what: "", source: Box::new(error) })?))
}

/// What a data set of the program or a run is read from.
fn config(source: &str, results: &Path) -> Result<Option<(DataConfig, Split)>, Error> {
    let (name, split) = source.rsplit_once(':').unwrap_or((source, "train"));
    let config = if data::catalog().iter().any(|entry| entry.name == name) {
        serde_json::from_value(serde_json::json!({ "name": name })).map_err(|error| {
            Error::Usage(format!("{source}: {error}; a data set that needs files has no name alone"))
        })?
    } else if let Some(run) = run(source, name, results)? {
        planning::resolved(&run.config())?.data
    } else {
        return Ok(None);
    };
    match split {
        "train" => Ok(Some((config, Split::Train))),
        "test" => Ok(Some((config, Split::Test))),
        other => Err(Error::Usage(format!("{source}: a split is `train` or `test`, not `{other}`"))),
    }
}

/// A run, unless a file or a folder of another kind has this name.
fn run(source: &str, name: &str, results: &Path) -> Result<Option<RunFolder>, Error> {
    let path = Path::new(name);
    if path.exists() || Path::new(source).exists() {
        let folder = RunFolder::new(path);
        return Ok(folder.config().is_file().then_some(folder));
    }
    let found = find::started(name, results);
    // What is ambiguous is said; what is no run may be a name that is spelled wrong.
    match found {
        Err(Error::Usage(message)) if message.contains("could be any of") => Err(Error::Usage(message)),
        found => Ok(found.ok()),
    }
}

fn read(path: &Path, reading: &Reading) -> Result<Samples, Error> {
    if Samples::are_sounds(path) {
        return Ok(Samples::read_sounds(path, reading.like)?);
    }
    Ok(match reading.side {
        Some(side) => Samples::read_squares(path, reading.range, side)?,
        None => Samples::read(path, reading.range)?,
    })
}

fn open(source: &str, config: &DataConfig, split: Split) -> Result<Samples, Error> {
    let dataset = config.open(split)?;
    if dataset.is_empty() {
        return Err(Error::Usage(format!("{source}: nothing of this data set is held out")));
    }
    Ok(Samples::of(&dataset))
}
