//! Writing checkpoints.

use super::manifest::{Entry, FORMAT, MANIFEST, Manifest, check_checkpoint};
use super::{AVERAGE, CheckpointError, NETWORKS, NetworkNames, WINDOW, optimizer_file};
use crate::state::State;
use crate::window::Sums;
use record::{Identity, RunFolder};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

impl State {
    /// Writes the checkpoint of the state's step, then deletes all but the newest `keep` and the `best` of those that are
    /// there. `with_optimizers` says whether an update may follow.
    pub(crate) fn save(
        &self,
        folder: &RunFolder,
        sums: &Sums,
        keep: usize,
        best: impl FnOnce(&[u64]) -> Option<u64>,
        with_optimizers: bool,
    ) -> Result<(), CheckpointError> {
        let path = folder.checkpoint(self.step);
        let temporary = record::temporary_sibling(&path);
        let written = self.write(folder, &temporary, sums, with_optimizers);
        let written = written.and_then(|()| publish(&temporary, folder, self.step));
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
    fn write(&self, run: &RunFolder, folder: &Path, sums: &Sums, with_optimizers: bool) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut files = BTreeMap::new();
        let mut put = |name: String, save: &dyn Fn(&Path) -> io::Result<()>| {
            let path = folder.join(&name);
            save(&path)?;
            files.insert(name, Entry::of(File::open(path)?)?);
            io::Result::Ok(())
        };
        put(NETWORKS.to_owned(), &|path| self.networks.record().save(path).map_err(io::Error::other))?;
        put(AVERAGE.to_owned(), &|path| self.sampler().record().save(path).map_err(io::Error::other))?;
        for of in self.phases.iter().filter(|_| with_optimizers) {
            put(optimizer_file(of.phase.name), &|path| of.optimizer.save(path).map_err(io::Error::other))?;
        }
        if !sums.is_empty() {
            let text = serde_json::to_vec(sums)?;
            put(WINDOW.to_owned(), &|path| {
                let mut file = File::create_new(path)?;
                file.write_all(&text)?;
                // Burn syncs the other files.
                file.sync_all()
            })?;
        }
        let manifest = Manifest {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            step: self.step,
            run: Identity::of_folder(run)?,
            from: None,
            networks: self.names(),
            numerics: self.numerics.clone(),
            files,
        };
        record::write_atomic(&folder.join(MANIFEST), &serde_json::to_vec_pretty(&manifest)?)
    }

    pub(super) fn names(&self) -> NetworkNames {
        NetworkNames {
            task: self.task.to_owned(),
            phases: self.phases.iter().map(|of| of.phase.name.to_owned()).collect(),
        }
    }
}

/// Where two live copies of a run meet, the first checkpoint of a step stays: both continue the run alike.
fn publish(temporary: &Path, run: &RunFolder, step: u64) -> io::Result<()> {
    let path = &run.checkpoint(step);
    if check_checkpoint(run, step).is_ok() {
        return Ok(());
    }
    if path.exists() {
        fs::remove_dir_all(path)?;
    }
    match fs::rename(temporary, path) {
        Err(error) if check_checkpoint(run, step).is_err() => Err(error),
        _ => record::fsync_dir(path.parent().unwrap_or(Path::new("."))),
    }
}
