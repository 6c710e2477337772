//! TensorBoard's event files: one for each run, and one in the root that names the HParams columns.
//!
//! Of tensorboard-rs only the record framing is used: its writers panic on a full disk, overwrite
//! wall times and put the host and process into file names.

mod hparams;
mod layout;
mod live;
mod run;
mod value;
mod writer;

pub(crate) use hparams::{Columns, write_experiment};
pub use live::Live;
pub(crate) use run::write_run;
