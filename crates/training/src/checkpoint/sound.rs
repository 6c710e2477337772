//! Whether checkpoints are what was written, for those who do not train.

use super::{CheckpointError, Files};
use record::RunFolder;

/// Reads all files of a checkpoint and compares them with its manifest.
///
/// # Errors
/// One is missing or not what was written.
pub fn check_checkpoint(folder: &RunFolder, step: u64) -> Result<(), CheckpointError> {
    let path = folder.checkpoint(step);
    let files = Files::open(&path, step)?;
    files.manifest.files.keys().try_for_each(|name| files.read(name).map(drop))
}
