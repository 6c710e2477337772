//! Metrics of a run's samples: generated ones against real ones, with what other real ones get beside them.

mod cache;
mod evaluator;
mod real;

pub(crate) use cache::Cache;
pub(crate) use evaluator::Evaluator;
