//! Why there is no report.

use record::{LockError, PlanError};
use std::io;
use std::path::{Path, PathBuf};

/// Why a report or its rows could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// No plan to be had.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A sample grid that was there cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The grid.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A part of the report cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The plan names a run whose id cannot be a folder name.
    #[error("run id `{id}` in {} does not name a folder", path.display())]
    RunId {
        /// The plan.
        path: PathBuf,
        /// The id.
        id: String,
    },
    /// Another command writes a report into the folder, and did not end in time; or it cannot be locked.
    #[error("{}", folder.display())]
    Lock {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: LockError,
    },
    /// In the place of a part of the report is something that this program has not made.
    #[error(
        "{} was not made by this program, and the report would take its place: move it away, or name another folder for \
         the report with `--out`",
        path.display()
    )]
    Foreign {
        /// What is in the way.
        path: PathBuf,
    },
    /// Several sweeps, and no folder for their report.
    #[error("the report of several sweeps needs a separate folder: name one with `--out`")]
    NoPlace,
    /// The page's templates failed.
    #[error("cannot render the page")]
    Render(#[from] askama::Error),
}

impl ReportError {
    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Read { path: path.to_owned(), source }
    }

    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Write { path: path.to_owned(), source }
    }
}
