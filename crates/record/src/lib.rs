//! What a sweep and its runs leave behind on disk: folder layout, file formats, and how to read them back.
//!
//! Only this crate knows names and formats of the files in a results folder. Everything that anyone knows about a run
//! can be read from its folder: while it runs, after it, and after a crash at any byte. There is no tensor, no
//! terminal and no process here.

mod annotation;
mod artifact;
mod atomic;
mod cancel;
mod causes;
mod claim;
mod date;
mod edit;
mod evaluation;
mod event;
mod failures;
mod folder;
mod format;
mod histogram;
mod identity;
mod lease;
mod link;
mod lock;
mod log;
mod mark;
mod number;
mod numerics;
mod origin;
mod own_file;
mod plan;
mod provenance;
mod run;
mod scalar_json;
mod selection;
mod status;
pub mod tag;
mod temporary;

pub use annotation::{Annotation, AnnotationError};
pub use artifact::{Artifact, MediaType, Role};
pub use atomic::{fsync_dir, write_atomic, write_derived};
pub use cancel::CancelRequest;
pub use causes::with_causes;
pub use claim::{Claim, Glance};
pub use date::{date, moment};
pub use edit::{Edit, EditError, EditFile, EditPicture, KeptEdit};
pub use evaluation::{
    ByClass, Direction, Evaluation, FAVOURITE, LaterEvaluation, Measurement, append_evaluations, read_evaluations,
};
pub use event::{Event, Histograms, Scalars};
pub use failures::{FailureCount, Failures};
pub use folder::{RunFolder, SweepFolder};
pub use format::{FORMAT_VERSION, OtherFormat};
pub use histogram::Histogram;
pub use identity::{Foreign, Identity};
pub use lease::{Joined, Lease, Leased, Live, SILENCE, TaskStart};
pub use link::link_own;
pub use lock::{Holder, LOCK_SWITCH, LOCK_VALUES, LockError, ReportLock, SweepLock};
pub use log::{EventLog, parse_event, read_events};
pub use mark::{MARK, mark, marked};
pub use number::{PLAIN, number, short};
pub use numerics::{Numerics, several};
pub use origin::{Origin, hand_on};
pub use own_file::{open_own, read_own};
pub use plan::{Plan, PlanError, PlannedRun};
pub use provenance::Provenance;
pub use run::{Attempt, MetricSummary, RunRecord};
pub use samples::Media;
pub use selection::{Selection, best_step, select};
pub use status::{Cause, Outcome, Status};
pub use temporary::{remove_folder, remove_stale, remove_stale_of, stale, temporary_sibling};

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The name of this machine in the network.
pub fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Seconds since 1970-01-01 UTC, by a clock that was set when this process first asked and is never set again:
/// differences within a process are durations.
pub fn now() -> f64 {
    static BEGAN: OnceLock<(f64, Instant)> = OnceLock::new();
    seconds(&BEGAN, || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |elapsed| elapsed.as_secs_f64()))
}

/// The system's time is asked for once.
fn seconds(began: &OnceLock<(f64, Instant)>, system: impl FnOnce() -> f64) -> f64 {
    let (wall, began) = began.get_or_init(|| (system(), Instant::now()));
    wall + began.elapsed().as_secs_f64()
}
