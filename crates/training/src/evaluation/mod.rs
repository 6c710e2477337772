//! Metrics of a run's samples: generated ones against real ones, with what other real ones get beside them.

mod after;
mod evaluator;

pub use after::{EvaluateError, Kept, evaluate};
pub(crate) use evaluator::Evaluator;
