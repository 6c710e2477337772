//! What REAL and FAKE of `runner metrics` name: a data set of the program, a folder of images, an array.

use crate::error::Error;
use data::{DataConfig, PixelRange, Samples, Split};
use evaluation::NamedSamples;
use std::path::Path;

/// Samples with what they were called.
pub(crate) struct Source {
    /// As it was written on the command line.
    pub name: String,
    /// What is there.
    pub samples: Samples,
    /// Of its contents; the name is not part of it.
    pub fingerprint: String,
}

impl Source {
    /// The samples for a comparison.
    pub(crate) fn named(&self) -> NamedSamples<'_> {
        NamedSamples { name: &self.name, samples: &self.samples }
    }

    /// Opens `mnist-10k`, `mnist-10k:test`, `x.npy` or a folder. A data set's name comes before a folder's. `range` is that
    /// of an array's pixels, if they are floats.
    pub(crate) fn open(name: &str, range: Option<PixelRange>) -> Result<Self, Error> {
        let samples = match by_name(name)? {
            Some(samples) => samples,
            None if Path::new(name).exists() => Samples::read(Path::new(name), range)?,
            None => {
                let names: Vec<_> = data::catalog().iter().map(|entry| entry.name).collect();
                return Err(Error::Usage(format!(
                    "{name}: no such file or folder, nor a data set ({})",
                    names.join(", ")
                )));
            }
        };
        Ok(Self { name: name.to_owned(), fingerprint: samples.fingerprint(), samples })
    }
}

fn by_name(source: &str) -> Result<Option<Samples>, Error> {
    let (name, split) = source.split_once(':').unwrap_or((source, "train"));
    if !data::catalog().iter().any(|entry| entry.name == name) {
        return Ok(None);
    }
    let split = match split {
        "train" => Split::Train,
        "test" => Split::Test,
        other => return Err(Error::Usage(format!("{source}: a split is `train` or `test`, not `{other}`"))),
    };
    let config: DataConfig = serde_json::from_value(serde_json::json!({ "name": name }))
        .map_err(|error| Error::Usage(format!("{source}: {error}; a data set that needs files has no name alone")))?;
    let dataset = config.open(split)?;
    if dataset.is_empty() {
        return Err(Error::Usage(format!("{source}: nothing of this data set is held out")));
    }
    Ok(Some(Samples::of(&dataset)))
}
