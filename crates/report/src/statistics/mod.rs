//! What can be said about settings from few runs: arrays in, numbers out, the same on every machine.

mod budget;
mod forest;
mod importance;
mod interval;
mod paired;
mod random;
mod rank;

pub(crate) use budget::expected_best;
pub(crate) use importance::{Factor, importance};
pub(crate) use interval::{Mean, half_width, mean};
pub(crate) use paired::{Paired, paired};
