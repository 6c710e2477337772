//! Checkpoints of a run in the folder of another one, which goes on from them.

use super::manifest::{Files, MANIFEST, Manifest, check_checkpoint};
use super::{CheckpointError, optimizer_file};
use record::{Identity, RunFolder, link_own};
use std::fs;
use std::path::Path;

/// Whether a longer run can go on from the checkpoint, as far as its manifest says.
pub fn holds_optimizers(run: &RunFolder, step: u64) -> bool {
    Files::open(run, step).is_ok_and(|Files { manifest: Manifest { networks, files, .. }, .. }| {
        networks.phases.iter().all(|phase| files.contains_key(&optimizer_file(phase)))
    })
}

/// Gives a run whose log is there the checkpoint of another one, which keeps it. Its files are shared where the file system
/// can; its manifest says of which run it is now, and of which it was.
///
/// # Errors
/// It is damaged or of another run than the one in whose folder it lies, or cannot be read or written.
pub fn inherit_checkpoint(from: &RunFolder, to: &RunFolder, step: u64) -> Result<(), CheckpointError> {
    check_checkpoint(from, step)?;
    let Files { folder, manifest } = Files::open(from, step)?;
    let target = to.checkpoint(step);
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| CheckpointError::Io { path, source }
    };
    fs::create_dir_all(&target).map_err(io(&target))?;
    for name in manifest.files.keys() {
        let path = folder.join(name);
        if Path::new(name).file_name() != Some(name.as_ref()) {
            return Err(CheckpointError::Damaged { path, what: "is no file of the checkpoint".to_owned() });
        }
        link_own(&path, &target.join(name)).map_err(io(&path))?;
    }
    let run = Identity::of_folder(to).map_err(io(to.path()))?;
    let manifest = Manifest { from: manifest.run, run, ..manifest };
    let bytes = serde_json::to_vec_pretty(&manifest).expect("a manifest is plain data");
    let path = target.join(MANIFEST);
    record::write_atomic(&path, &bytes).map_err(io(&path))
}
