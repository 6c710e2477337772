//! From a plan to trained runs: what is to be trained, where, what is tried again, who does it.
//!
//! In reading order: the sweep as a whole; the scheduler, which decides and touches nothing; the drive, which acts; what
//! it needs for that.

mod conduct;

pub mod scheduler;

pub mod drive;
pub mod launcher;
mod live;
pub mod places;
pub mod progress;
pub mod signals;
pub mod timers;

pub use conduct::{Options, Summary, conduct};
