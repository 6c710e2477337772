//! What the whole-program tests share: the built program, a folder to use it in, and eyes for what it leaves there.
//!
//! The tests know what a user knows: commands, exit codes, files and JSON. No crate of the program is linked here, so
//! that a change that breaks a script breaks a test. Processes are found through `/proc`: Linux.

mod case;
mod json_schema;
mod lab;
mod process;
mod program;
mod snapshot;
pub mod soak;
mod sweep;
mod wait;

pub use case::Case;
pub use json_schema::misfit;
pub use lab::Lab;
pub use process::{Ended, Process, Running, signal};
pub use snapshot::{Snapshot, copy_folder};
pub use sweep::Sweep;
pub use wait::until;
