//! `runner sweep` between the plan and the report: [`execute`] gives pending runs to the crate `dispatch`, on so many
//! [`workers`], while a person sees the [`progress`] and `tensorboard` keeps its files growing.

mod bars;
mod cancel;
mod execute;
mod folder;
mod inherit;
mod joined;
mod local;
mod measure;
mod progress;
mod slurm;
mod state;
mod tensorboard;

pub(crate) mod display;
pub(crate) mod workers;

pub(crate) use measure::{Kind, Measured, measure};

pub(crate) use execute::{Options, Summary, execute};
