//! Checkpoints: complete or absent, checksummed, and passed over when damaged.
//!
//! A checkpoint is a folder with four burnpack files and a manifest of their digests. It is written under a temporary
//! name, synced, and renamed.

use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::store::{ModuleRecord, RecordError};
use burn::tensor::Bytes;
use models::{Gan, Generator};
use record::RunFolder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
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
    /// Weights or optimizer state cannot be packed, or do not fit the networks of the configuration.
    #[error("checkpoint of step {step}: {source}")]
    Record {
        /// Its step.
        step: u64,
        /// Why.
        source: RecordError,
    },
}

/// Everything that a run's next step follows from, besides its configuration.
pub(crate) struct State {
    /// Steps done.
    pub step: u64,
    /// The networks, in training mode.
    pub gan: Gan,
    /// The generator for samples, in validation mode.
    pub average: Generator,
    pub generator_optimizer: ModuleOptimizer,
    pub discriminator_optimizer: ModuleOptimizer,
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
    fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u64, blake3: blake3::hash(bytes).to_hex().to_string() }
    }
}

impl State {
    /// Writes the checkpoint of the state's step, then deletes all but the newest `keep`.
    pub fn save(&self, folder: &RunFolder, keep: usize) -> Result<(), CheckpointError> {
        let record = |source| CheckpointError::Record { step: self.step, source };
        // `valid` also settles running statistics that wait for the next forward pass.
        let files = [
            (GAN, self.gan.valid().into_record().into_bytes().map_err(record)?),
            (AVERAGE, self.average.clone().into_record().into_bytes().map_err(record)?),
            (GENERATOR_OPTIMIZER, self.generator_optimizer.into_bytes().map_err(record)?),
            (DISCRIMINATOR_OPTIMIZER, self.discriminator_optimizer.into_bytes().map_err(record)?),
        ];
        let path = folder.checkpoint(self.step);
        let temporary = record::temporary_sibling(&path);
        let written = write(&temporary, self.step, &files).and_then(|()| publish(&temporary, &path));
        if let Err(source) = written {
            let _ = fs::remove_dir_all(&temporary);
            return Err(CheckpointError::Io { path, source });
        }
        for old in folder.checkpoint_steps().into_iter().skip(keep) {
            let _ = fs::remove_dir_all(folder.checkpoint(old));
        }
        Ok(())
    }

    /// Replaces the state by that of the newest sound checkpoint, if there is one; the ones that are passed over on
    /// the way are told.
    pub fn restore(self, folder: &RunFolder) -> (Self, Vec<CheckpointError>) {
        let mut passed_over = Vec::new();
        for step in folder.checkpoint_steps() {
            match read(&folder.checkpoint(step), step).and_then(|files| self.load(step, files)) {
                Ok(state) => return (state, passed_over),
                Err(error) => passed_over.push(error),
            }
        }
        (self, passed_over)
    }

    fn load(&self, step: u64, mut files: BTreeMap<String, Vec<u8>>) -> Result<Self, CheckpointError> {
        let mut take = |name: &str| Bytes::from_bytes_vec(files.remove(name).unwrap_or_default());
        let record = |source| CheckpointError::Record { step, source };
        let module = |bytes| ModuleRecord::from_bytes(bytes).map_err(record);
        // Loading writes running statistics in place and clones share them: load into copies of their own.
        let (gan, average) = (self.gan.valid().train(), self.average.valid());
        Ok(Self {
            step,
            gan: gan.try_load_record(module(take(GAN))?).map_err(record)?,
            average: average.try_load_record(module(take(AVERAGE))?).map_err(record)?,
            generator_optimizer: load_optimizer(&self.generator_optimizer, take(GENERATOR_OPTIMIZER))
                .map_err(record)?,
            discriminator_optimizer: load_optimizer(&self.discriminator_optimizer, take(DISCRIMINATOR_OPTIMIZER))
                .map_err(record)?,
        })
    }
}

fn load_optimizer(fresh: &ModuleOptimizer, bytes: Bytes) -> Result<ModuleOptimizer, RecordError> {
    fresh.clone().from_bytes(bytes)
}

/// Loads the averaged generator of the newest sound checkpoint into `fresh`; `None` where there is none.
pub(crate) fn restore_average(fresh: &Generator, folder: &RunFolder) -> Option<(u64, Generator)> {
    folder.checkpoint_steps().into_iter().find_map(|step| {
        let mut files = read(&folder.checkpoint(step), step).ok()?;
        let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(files.remove(AVERAGE)?)).ok()?;
        Some((step, fresh.valid().try_load_record(record).ok()?))
    })
}

fn write(folder: &Path, step: u64, files: &[(&str, Bytes)]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let put = |name: &str, bytes: &[u8]| {
        let mut file = File::create_new(folder.join(name))?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    for (name, bytes) in files {
        put(name, bytes)?;
    }
    let entries = files.iter().map(|(name, bytes)| ((*name).to_owned(), Entry::of(bytes))).collect();
    let manifest = Manifest { format: record::FORMAT_VERSION, step, files: entries };
    put(MANIFEST, &serde_json::to_vec_pretty(&manifest)?)?;
    record::fsync_dir(folder)
}

fn publish(temporary: &Path, path: &Path) -> io::Result<()> {
    if path.exists() {
        fs::remove_dir_all(path)?;
    }
    fs::rename(temporary, path)?;
    record::fsync_dir(path.parent().unwrap_or(Path::new(".")))
}

fn read(folder: &Path, step: u64) -> Result<BTreeMap<String, Vec<u8>>, CheckpointError> {
    let get = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map_err(|source| CheckpointError::Io { path, source })
    };
    let damaged = |name: &str, what: String| CheckpointError::Damaged { path: folder.join(name), what };
    let manifest: Manifest =
        serde_json::from_slice(&get(MANIFEST)?).map_err(|error| damaged(MANIFEST, error.to_string()))?;
    if manifest.step != step || manifest.format > record::FORMAT_VERSION {
        return Err(damaged(MANIFEST, format!("is of step {}, format {}", manifest.step, manifest.format)));
    }
    let mut files = BTreeMap::new();
    for name in [GAN, AVERAGE, GENERATOR_OPTIMIZER, DISCRIMINATOR_OPTIMIZER] {
        let bytes = get(name)?;
        if manifest.files.get(name) != Some(&Entry::of(&bytes)) {
            return Err(damaged(name, "is not the file that was written".to_owned()));
        }
        files.insert(name.to_owned(), bytes);
    }
    Ok(files)
}
