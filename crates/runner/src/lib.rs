//! From an experiment file to trained runs: plan, scheduler, launchers, commands. No tensor passes through here.
//!
//! The program is a library, too: a crate of others adds losses and other members to it and gets the whole program with
//! them. `examples/own-loss` and `examples/own-members` are such crates; what members need is in [`family`], [`models`],
//! [`data`], [`samples`] and [`metrics`].

mod cli;
mod command;
mod error;
mod hints;
mod inspect;
mod join;
mod limits;
mod plan;
mod program;
mod sweep;
mod temporary;
mod terminal;
mod text;
mod work;

pub use data;
pub use family;
pub use metrics;
pub use models;
pub use program::Program;
pub use samples;
