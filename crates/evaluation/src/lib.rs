//! Metrics of sets of samples, with what real samples get beside them. `run.evaluate` and `runner evaluate` compare
//! generated samples with a [`Reference`]; `runner metrics` compares any two sets ([`Comparison`]). Both measure in the
//! same way.
//!
//! A *floor* is what real samples get against other real samples: the value that a perfect generator would have. A *baseline*
//! is what a translation gets that needs no network, such as a copy of its input.

mod baseline;
mod cache;
mod comparison;
mod inputs;
mod measure;
mod reference;
mod statistics;

pub use cache::Cache;
pub use comparison::{ClassValue, Comparison, ComparisonError, NamedSamples, Outcome, Request, Set, Value};
pub use inputs::Inputs;
pub use reference::{FeatureContext, Reference};
pub use statistics::{NoStatistics, Statistics, StatisticsError, StatisticsHeader};
