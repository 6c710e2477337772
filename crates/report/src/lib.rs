//! Run records to TensorBoard files, one HTML page and the rows of `runner status`.
//!
//! Everything here is derived from a sweep's folder and can be thrown away and built again: from a live sweep, a killed
//! one, or a half-copied one. The same records give the same bytes. Nothing inside a run's folder is ever written, and
//! there is no tensor and no network here.

mod compare;
mod current;
mod error;
mod leaderboard;
mod media;
mod ours;
mod output;
mod page;
mod run;
mod settings;
mod statistics;
mod study;
mod tensorboard;

pub use current::is_current;
pub use error::ReportError;
pub use leaderboard::{Leader, Leaderboard};
pub use output::{Built, EMBED_BUDGET, Options, build, build_under, claim, leaderboard, markdown};
pub use run::{Row, SweepStatus, rows, rows_of, scalars};
pub use tensorboard::Live;
