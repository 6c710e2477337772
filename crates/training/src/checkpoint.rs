//! Checkpoints: complete or absent, checksummed, and passed over when damaged.
//!
//! A checkpoint is a folder of burnpack files and a manifest of their digests: both networks, the averaged generator and
//! both optimizers. After the last step no update follows, so the last checkpoint does without the optimizers, which are
//! more than half of the bytes. It is written under a temporary name, synced, and renamed.

use crate::state::State;
use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::store::{ModuleRecord, RecordError};
use burn::tensor::Bytes;
use models::{Gan, Generator};
use record::RunFolder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

const GAN: &str = "gan.bpk";
const AVERAGE: &str = "average.bpk";
const GENERATOR_OPTIMIZER: &str = "generator-optimizer.bpk";
const DISCRIMINATOR_OPTIMIZER: &str = "discriminator-optimizer.bpk";
const MANIFEST: &str = "manifest.json";

/// Why a checkpoint was not written or read.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// A file or folder cannot be written or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what its manifest says.
    #[error("{}: {what}", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// How.
        what: String,
    },
    /// Weights or optimizer state do not fit the networks of the configuration.
    #[error("checkpoint of step {step}: {source}")]
    Record {
        /// Its step.
        step: u64,
        /// Why.
        source: RecordError,
    },
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    step: u64,
    files: BTreeMap<String, Entry>,
}

#[derive(Serialize, Deserialize, PartialEq)]
struct Entry {
    bytes: u64,
    blake3: String,
}

impl Entry {
    fn of(bytes: impl Read) -> io::Result<Self> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(bytes)?;
        Ok(Self { bytes: hasher.count(), blake3: hasher.finalize().to_hex().to_string() })
    }
}

impl State {
    /// Writes the checkpoint of the state's step, then deletes all but the newest `keep` and the `best` of those that are
    /// there. `last` says that no update follows.
    pub fn save(
        &self,
        folder: &RunFolder,
        keep: usize,
        best: impl FnOnce(&[u64]) -> Option<u64>,
        last: bool,
    ) -> Result<(), CheckpointError> {
        let path = folder.checkpoint(self.step);
        let temporary = record::temporary_sibling(&path);
        let written = self.write(&temporary, last).and_then(|()| publish(&temporary, &path, self.step));
        let _ = fs::remove_dir_all(&temporary);
        written.map_err(|source| CheckpointError::Io { path, source })?;
        // What claims a later step was passed over as damaged; it must not count among those to keep.
        let (later, mut standing): (Vec<u64>, Vec<u64>) =
            folder.checkpoint_steps().into_iter().partition(|step| *step > self.step);
        let best = best(&standing);
        let old = standing.split_off(keep.min(standing.len())).into_iter().filter(|step| Some(*step) != best);
        for step in later.into_iter().chain(old) {
            let _ = fs::remove_dir_all(folder.checkpoint(step));
        }
        Ok(())
    }

    /// One file after another: while one is written, a copy of what it holds lies in memory.
    fn write(&self, folder: &Path, last: bool) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut files = BTreeMap::new();
        let mut put = |name: &str, save: &dyn Fn(&Path) -> Result<(), RecordError>| {
            let path = folder.join(name);
            save(&path).map_err(io::Error::other)?;
            files.insert(name.to_owned(), Entry::of(File::open(path)?)?);
            io::Result::Ok(())
        };
        // `valid` also settles running statistics that wait for the next forward pass.
        put(GAN, &|path| self.gan.valid().into_record().save(path))?;
        put(AVERAGE, &|path| self.sampled().into_record().save(path))?;
        if !last {
            put(GENERATOR_OPTIMIZER, &|path| self.generator_optimizer.save(path))?;
            put(DISCRIMINATOR_OPTIMIZER, &|path| self.discriminator_optimizer.save(path))?;
        }
        let manifest = Manifest { format: record::FORMAT_VERSION, step: self.step, files };
        record::write_atomic(&folder.join(MANIFEST), &serde_json::to_vec_pretty(&manifest)?)
    }

    /// Replaces the state by that of the newest sound checkpoint, if there is one; the ones that are passed over on
    /// the way are told. `steps` is the run's last step.
    pub fn restore(self, folder: &RunFolder, steps: u64) -> (Self, Vec<CheckpointError>) {
        let mut passed_over = Vec::new();
        for step in folder.checkpoint_steps() {
            match self.load(&folder.checkpoint(step), step, step == steps) {
                Ok(state) => return (state, passed_over),
                Err(error) => passed_over.push(error),
            }
        }
        (self, passed_over)
    }

    fn load(&self, folder: &Path, step: u64, last: bool) -> Result<Self, CheckpointError> {
        let files = Files::open(folder, step)?;
        let record = |source| CheckpointError::Record { step, source };
        let module = |name: &str| ModuleRecord::from_bytes(files.read(name)?).map_err(record);
        let optimizer = |fresh: &ModuleOptimizer, name: &str| match last {
            true => Ok(fresh.clone()),
            false => fresh.clone().from_bytes(files.read(name)?).map_err(record),
        };
        // Loading writes running statistics in place and clones share them: load into copies of their own.
        let (gan, average) = (self.gan.valid().train(), self.sampled().valid());
        let average = average.try_load_record(module(AVERAGE)?).map_err(record)?;
        Ok(Self {
            step,
            gan: gan.try_load_record(module(GAN)?).map_err(record)?,
            average: self.average.is_some().then_some(average),
            generator_optimizer: optimizer(&self.generator_optimizer, GENERATOR_OPTIMIZER)?,
            discriminator_optimizer: optimizer(&self.discriminator_optimizer, DISCRIMINATOR_OPTIMIZER)?,
        })
    }
}

/// Loads the averaged generator of the newest sound checkpoint, or of that of a step, into `fresh`; `None` where there is
/// none.
pub(crate) fn restore_average(fresh: &Generator, folder: &RunFolder, of: Option<u64>) -> Option<(u64, Generator)> {
    steps(folder, of).find_map(|step| Some((step, load_average(fresh, folder, step).ok()?)))
}

/// Those of the checkpoints that are there, newest first, or only the one asked for.
fn steps(folder: &RunFolder, of: Option<u64>) -> impl Iterator<Item = u64> {
    folder.checkpoint_steps().into_iter().filter(move |step| of.is_none_or(|of| of == *step))
}

/// Loads the averaged generator of a checkpoint into `fresh`.
pub(crate) fn load_average(fresh: &Generator, folder: &RunFolder, step: u64) -> Result<Generator, CheckpointError> {
    let record = |source| CheckpointError::Record { step, source };
    let bytes = Files::open(&folder.checkpoint(step), step)?.read(AVERAGE)?;
    fresh.valid().try_load_record(ModuleRecord::from_bytes(bytes).map_err(record)?).map_err(record)
}

/// Loads the networks and the averaged generator of the newest sound checkpoint, or of that of a step, into those of
/// `fresh`; `None` where there is none.
pub(crate) fn restore_networks(fresh: &Gan, folder: &RunFolder, of: Option<u64>) -> Option<(u64, Gan, Generator)> {
    steps(folder, of).find_map(|step| {
        let bytes = Files::open(&folder.checkpoint(step), step).ok()?.read(GAN).ok()?;
        let gan = fresh.valid().try_load_record(ModuleRecord::from_bytes(bytes).ok()?).ok()?;
        Some((step, gan, load_average(&fresh.generator, folder, step).ok()?))
    })
}

/// Where two live copies of a run meet, the first checkpoint of a step stays: both continue the run alike.
fn publish(temporary: &Path, path: &Path, step: u64) -> io::Result<()> {
    if check(path, step).is_ok() {
        return Ok(());
    }
    if path.exists() {
        fs::remove_dir_all(path)?;
    }
    match fs::rename(temporary, path) {
        Err(error) if check(path, step).is_err() => Err(error),
        _ => record::fsync_dir(path.parent().unwrap_or(Path::new("."))),
    }
}

/// Reads all files of a run's checkpoint and compares them with its manifest.
///
/// # Errors
/// One is missing or not what was written.
pub fn check_checkpoint(folder: &RunFolder, step: u64) -> Result<(), CheckpointError> {
    check(&folder.checkpoint(step), step)
}

fn check(folder: &Path, step: u64) -> Result<(), CheckpointError> {
    let files = Files::open(folder, step)?;
    files.manifest.files.keys().try_for_each(|name| {
        let path = folder.join(name);
        let found = File::open(&path).and_then(Entry::of);
        files.compare(name, found.map_err(|source| CheckpointError::Io { path, source })?)
    })
}

/// The files of a checkpoint, checked against its manifest as they are read.
struct Files<'a> {
    folder: &'a Path,
    manifest: Manifest,
}

impl<'a> Files<'a> {
    fn open(folder: &'a Path, step: u64) -> Result<Self, CheckpointError> {
        let damaged = |what| CheckpointError::Damaged { path: folder.join(MANIFEST), what };
        let bytes = bytes(&folder.join(MANIFEST))?;
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if manifest.step != step || manifest.format > record::FORMAT_VERSION {
            return Err(damaged(format!("is of step {}, format {}", manifest.step, manifest.format)));
        }
        Ok(Self { folder, manifest })
    }

    fn read(&self, name: &str) -> Result<Bytes, CheckpointError> {
        let bytes = bytes(&self.folder.join(name))?;
        self.compare(name, Entry::of(&bytes[..]).expect("memory can be read"))?;
        Ok(Bytes::from_bytes_vec(bytes))
    }

    fn compare(&self, name: &str, found: Entry) -> Result<(), CheckpointError> {
        if self.manifest.files.get(name) != Some(&found) {
            let what = "is not the file that was written".to_owned();
            return Err(CheckpointError::Damaged { path: self.folder.join(name), what });
        }
        Ok(())
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, CheckpointError> {
    fs::read(path).map_err(|source| CheckpointError::Io { path: path.to_owned(), source })
}
