//! The experiment file: one strict YAML file, layered, expanded into resolved and typed points.
//!
//! Owns the path from text to points: places in the text, layers (defaults ◀ preset ◀ extends ◀ file ◀ environment ◀
//! `--set`), the sweep, and a report of every mistake in one pass. It knows the shape of the file but not of a run: what
//! `run` holds is defined by the type that implements [`Run`].
//!
//! In reading order: texts and problems; YAML; layers; types; the sweep; points; the schema.

mod draw;
mod names;
mod problem;
mod source;

mod builder;
mod node;
mod scalar;
mod yaml;

mod assign;
mod file;
mod layers;
mod merge;
mod path;

mod decode;
mod execution;
mod file_paths;
mod reader;
mod refusal;
mod slurm;
mod words;

mod axis;
mod sweep;
mod values;
mod when;

mod base;
mod combine;
mod compose;
mod expand;
mod load;

mod schema;

#[cfg(test)]
mod tests;

pub use execution::{Count, Execution, parse_duration};
pub use load::{Experiment, Request, Run, load};
pub use merge::Tags;
pub use problem::Problems;
pub use schema::schema;
pub use slurm::SlurmSettings;
