//! Metrics of a run's samples: generated ones against real ones, with what other real ones get beside them.

mod after;
mod cache;
mod evaluator;
mod real;

pub use after::{EvaluateError, Kept, evaluate};
pub(crate) use cache::Cache;
pub(crate) use evaluator::Evaluator;
