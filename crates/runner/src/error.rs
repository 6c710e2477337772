//! The one place where errors become exit codes.

use crate::{hints, limits, terminal};
use data::DataError;
use dispatch::launcher::slurm::{CanaryError, QueueError};
use experiment::Problems;
use fetch::FetchError;
use record::{LockError, with_causes};
use report::ReportError;
use std::fmt::Write;
use std::io;
use std::iter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use training::DeviceError;

/// Everything asked for is done.
pub(crate) const DONE: u8 = 0;
/// Some runs failed.
pub(crate) const RUNS_FAILED: u8 = 1;
/// The command line or a file is wrong; nothing was started.
pub(crate) const USAGE: u8 = 2;
/// The machine lacks something.
pub(crate) const MACHINE: u8 = 3;
/// `verify` found a difference.
pub(crate) const DIFFERENT: u8 = 4;
/// Stopped early and resumable.
pub(crate) const STOPPED: u8 = 75;
/// Stopped by the second Ctrl-C.
pub(crate) const KILLED: u8 = 130;

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The experiment file.
    #[error(transparent)]
    Experiment(#[from] Problems),
    /// The command line, or a file other than the experiment.
    #[error("{0}")]
    Usage(String),
    /// A file that the command line names cannot be used.
    #[error("{}{what}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What it is not, with a space in front; empty if the cause says all.
        what: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A data set.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A download.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A device.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The file of Inception's weights.
    #[error(transparent)]
    Inception(#[from] features::InceptionError),
    /// A checkpoint cannot be evaluated.
    #[error("{}", run)]
    Evaluate {
        /// Its run.
        run: String,
        /// Why.
        source: training::EvaluateError,
    },
    /// A sweep's plan.
    #[error(transparent)]
    Plan(#[from] record::PlanError),
    /// A sweep's folder is in use, or cannot be.
    #[error("{}", folder.display())]
    Lock {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: LockError,
    },
    /// The report.
    #[error(transparent)]
    Report(ReportError),
    /// A file or folder cannot be read or written.
    #[error("{}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A run's record cannot be read.
    #[error("cannot read the record in {}", folder.display())]
    Record {
        /// The run's folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Runs that must end did not.
    #[error("not all runs ended: {0}")]
    Unfinished(String),
    /// A signal came before the end, and there is nothing to resume.
    #[error("stopped before its end")]
    Stopped,
    /// Threads cannot be started.
    #[error("cannot start the threads that this command needs")]
    Threads {
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A cluster does not take the sweep, or its nodes cannot train.
    #[error(transparent)]
    Canary(#[from] CanaryError),
    /// A cluster cannot be asked.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Runs cannot be dispatched.
    #[error(transparent)]
    Dispatch(#[from] dispatch::DispatchError),
}

/// A report's lock is a lock like a sweep's.
impl From<ReportError> for Error {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Lock { folder, source } => Self::Lock { folder, source },
            error => Self::Report(error),
        }
    }
}

impl Error {
    /// For `map_err` on operations of one file.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { path: path.to_owned(), source }
    }

    /// For `map_err` on starting threads.
    pub(crate) fn threads(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Threads { source: Box::new(source) }
    }

    /// For `map_err` on reading a run's record.
    pub(crate) fn record(folder: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Record { folder: folder.to_owned(), source }
    }

    /// What a terminal may show: the message with its causes, the problems of a file as they are drawn, or a line for each
    /// of several files.
    pub(crate) fn report(&self) -> String {
        match self {
            Self::Experiment(problems) => {
                let problems = problems.to_string();
                let hints = hints::on_problems(&problems).into_iter().map(|hint| format!("hint: {hint}\n"));
                terminal::lines(&format!("{problems}\n{}", hints.collect::<String>())).into_owned()
            }
            Self::Data(error @ DataError::Several { count, source, others, .. }) => {
                let mut text = format!("error: {}:\n", terminal::line(&error.to_string()));
                for error in iter::once(&**source).chain(others) {
                    let _ = writeln!(text, "  {}", terminal::line(&with_causes(error)));
                }
                match count - 1 - others.len() {
                    0 => text,
                    more => text + &format!("  and {more} more\n"),
                }
            }
            _ => format!("error: {}\n", terminal::line(&self.message())),
        }
    }

    /// The message with its causes, in one line, and the limits that may be behind them.
    pub(crate) fn message(&self) -> String {
        with_causes(self) + &limits::hint(self)
    }

    /// The documented code.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Data(error) if error.is_missing() => MACHINE,
            Self::Experiment(_)
            | Self::Usage(_)
            | Self::File { .. }
            | Self::Data(_)
            | Self::Plan(_)
            | Self::Inception(_) => USAGE,
            Self::Report(
                ReportError::Plan(_) | ReportError::RunId { .. } | ReportError::NoPlace | ReportError::Foreign { .. },
            ) => USAGE,
            Self::Device(DeviceError::Unknown(_)) => USAGE,
            Self::Fetch(FetchError::Other { .. } | FetchError::Address { .. } | FetchError::Busy { .. }) => USAGE,
            Self::Lock { source: LockError::Held { .. } | LockError::Joined { .. } | LockError::Gone, .. } => USAGE,
            Self::Canary(CanaryError::Queue(error @ QueueError::Refused { .. })) if !error.is_transient() => USAGE,
            Self::Canary(_) | Self::Queue(_) => MACHINE,
            Self::Unfinished(_) | Self::Evaluate { .. } => RUNS_FAILED,
            Self::Stopped => KILLED,
            Self::Fetch(_) | Self::Lock { .. } | Self::Device(_) | Self::Report(_) | Self::Dispatch(_) => MACHINE,
            Self::Io { .. } | Self::Record { .. } | Self::Threads { .. } => MACHINE,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_file_reaches_the_terminal_as_a_command() {
        let source = io::Error::other("half an image");
        let error = Error::io(Path::new("cat\u{1b}]0;title\u{7}\nerror: none.png"))(source);
        assert_eq!(error.report(), "error: cat\\u{1b}]0;title\\u{7}\\nerror: none.png: half an image\n");
    }

    #[test]
    fn each_file_that_cannot_be_used_has_a_line() {
        let unusable = |path: &str| DataError::Unusable { path: path.into(), reason: "it is cut short".to_owned() };
        let (source, others) = (Box::new(unusable("a\nb.png")), vec![unusable("c.png")]);
        let (folder, noun, can_skip) = ("own".into(), "images", false);
        let error = Error::Data(DataError::Several { folder, noun, count: 5, of: 9, can_skip, source, others });
        let expected = "error: own: 5 of 9 images cannot be used:\n  a\\nb.png: it is cut short\n  c.png: it is cut short\n  \
            and 3 more\n";
        assert_eq!(error.report(), expected);
        assert_eq!(error.message(), "own: 5 of 9 images cannot be used: a\nb.png: it is cut short");
    }

    #[test]
    fn a_cause_that_names_the_file_again_is_shown_once() {
        let source = io::Error::other("log.txt is a symbolic link");
        assert_eq!(Error::io(Path::new("log.txt"))(source).message(), "log.txt is a symbolic link");
    }
}
