//! Ways to get a worker. Each only ever starts `runner worker`; what it shares with the sweep is the results folder and
//! the lines of the [`protocol`].

pub mod local;
pub mod protocol;
