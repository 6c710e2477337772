//! How a run stands, and how it ended.

use serde::{Deserialize, Serialize};

/// Where a run stands. The last five carry a step and a reason; [`is_finished`](Status::is_finished) tells which of
/// them a later sweep takes up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Planned, never started.
    Queued,
    /// A worker trains it now.
    Running,
    /// All steps are done, or a rule of the run's own ended it.
    Done,
    /// A loss or a weight became infinite or not a number: a result, not an error.
    Diverged,
    /// The samples lost their diversity: a result, not an error.
    Collapsed,
    /// It could not be trained.
    Failed,
    /// Stopped before its end; it resumes from its last checkpoint.
    Interrupted,
    /// Stopped by its time limit.
    TimedOut,
}

impl Status {
    /// How a run can have ended.
    pub const ENDS: [Self; 6] =
        [Self::Done, Self::Diverged, Self::Collapsed, Self::Failed, Self::Interrupted, Self::TimedOut];

    /// Whether a sweep that is run again leaves the run alone.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Done | Self::Diverged | Self::Collapsed)
    }

    /// Whether it ranks after all others, for any values measured before: it diverged or collapsed.
    pub fn is_degenerate(self) -> bool {
        matches!(self, Self::Diverged | Self::Collapsed)
    }

    /// The word in files, tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Diverged => "diverged",
            Self::Collapsed => "collapsed",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::TimedOut => "timed-out",
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// What kept a run from being trained, as far as it matters for trying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Its worker ended or fell silent.
    LostWorker,
    /// Memory of the machine or the device ran out.
    OutOfMemory,
    /// A signal killed its worker. The system's own way to get memory back is SIGKILL.
    Signal,
    /// Its time limit passed.
    Timeout,
    /// A file of the run could not be written or read.
    Io,
    /// The device does not answer.
    Device,
    /// Its configuration cannot be trained.
    Config,
    /// Its data set is missing or wrong.
    Data,
}

impl Cause {
    /// Whether the same run may well succeed when it is tried again.
    pub fn is_transient(self) -> bool {
        !matches!(self, Self::Config | Self::Data)
    }
}

/// How the reason of an attempt begins whose run belongs to a later one.
const SUPERSEDED: &str = "superseded by attempt ";

/// How the reason of a run begins that a person ended.
const CANCELLED: &str = "cancelled";

/// How an attempt at a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Any status but `queued` and `running`.
    pub status: Status,
    /// The last finished step.
    pub step: u64,
    /// Why it ended before its last step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What class of reason that is, where it was not the run's own mathematics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// Digest of the final weights, `blake3:<hex>`; absent where there are none worth comparing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights_digest: Option<String>,
}

impl Outcome {
    /// An end before the last step.
    pub fn early(status: Status, step: u64, reason: impl Into<String>) -> Self {
        Self { status, step, reason: Some(reason.into()), cause: None, weights_digest: None }
    }

    /// An attempt whose run belongs to a later one.
    pub fn superseded(by: u32) -> Self {
        Self::early(Status::Interrupted, 0, format!("{SUPERSEDED}{by}"))
    }

    /// Whether it is of such an attempt.
    pub fn is_superseded(&self) -> bool {
        self.status == Status::Interrupted && self.reason.as_ref().is_some_and(|reason| reason.starts_with(SUPERSEDED))
    }

    /// A run that a person ended, and why.
    pub fn cancelled(why: Option<&str>) -> String {
        why.map_or_else(|| CANCELLED.to_owned(), |why| format!("{CANCELLED}: {why}"))
    }

    /// Whether a person ended it.
    pub fn is_cancelled(&self) -> bool {
        self.status == Status::Interrupted && Self::is_of_cancelled(self.reason.as_deref())
    }

    /// Whether that is the reason of a run that a person ended.
    pub fn is_of_cancelled(reason: Option<&str>) -> bool {
        reason.is_some_and(|reason| reason.starts_with(CANCELLED))
    }

    /// An attempt that could not train.
    pub fn failed(cause: Cause, reason: impl Into<String>) -> Self {
        Self { cause: Some(cause), ..Self::early(Status::Failed, 0, reason) }
    }
}
