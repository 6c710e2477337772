//! Why a run failed.

use crate::checkpoint::CheckpointError;
use crate::device::DeviceError;
use crate::weights::WeightsError;
use features::InceptionError;
use record::{Cause, Numerics, Outcome, with_causes};
use std::io;
use std::path::{Path, PathBuf};

/// Why an attempt at a run did not end by itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrainError {
    /// A file of the run cannot be written or read.
    #[error("{}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// See [`CheckpointError`].
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// See [`DeviceError`].
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// See [`WeightsError`].
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// See [`InceptionError`].
    #[error(transparent)]
    Inception(#[from] InceptionError),
    /// The split that evaluations are reported on cannot be read.
    #[error(transparent)]
    Evaluate(#[from] data::DataError),
    /// Another machine or another version has trained the run so far, whose bits are not those of here.
    #[error(
        "its checkpoint of step {step} was trained on {found}, and this is {here}: --mix goes on from it and marks the run, \
         --fresh trains anew"
    )]
    Numerics {
        /// The checkpoint's step.
        step: u64,
        /// What trained it last.
        found: Numerics,
        /// What would train now.
        here: Numerics,
    },
    /// No arithmetic gives such a number.
    #[error("`{name}` is {value} at step {step}, which cannot be: the device computes wrong numbers")]
    Impossible {
        /// Of the last record, as a scalar's name.
        name: String,
        /// As recorded.
        value: f64,
        /// Steps done.
        step: u64,
    },
    /// The run belongs to a later attempt, which a sweep that took this one for dead has started.
    #[error("superseded by attempt {0}")]
    Superseded(u32),
}

impl TrainError {
    /// At this file or folder.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |source| Self::Io { path: path.to_owned(), source }
    }

    /// The run's outcome by it.
    pub(crate) fn outcome(&self) -> Outcome {
        let cause = match self {
            Self::Superseded(attempt) => return Outcome::superseded(*attempt),
            Self::Io { source, .. } | Self::Checkpoint(CheckpointError::Io { source, .. }) => match source.kind() {
                io::ErrorKind::OutOfMemory => Cause::OutOfMemory,
                _ => Cause::Io,
            },
            Self::Checkpoint(_) | Self::Numerics { .. } => Cause::Config,
            Self::Device(_) | Self::Impossible { .. } => Cause::Device,
            Self::Evaluate(data::DataError::Io { .. }) => Cause::Io,
            Self::Weights(_) | Self::Inception(_) | Self::Evaluate(_) => Cause::Data,
        };
        Outcome::failed(cause, with_causes(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_run_says_why_a_file_cannot_be_read() {
        let source = || io::Error::other("permission denied");
        let data = data::DataError::Io { path: "x.idx".into(), source: source() };
        let reason = |error: TrainError| error.outcome().reason.unwrap();
        assert_eq!(reason(data.into()), "cannot read x.idx: permission denied");
        assert_eq!(reason(TrainError::io(Path::new("events.jsonl"))(source())), "events.jsonl: permission denied");
    }
}
