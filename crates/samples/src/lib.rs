//! What a sample is. Numbers only: nothing here knows of tensors, of data sets or of networks.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod domain;
mod format;

pub use domain::Domain;
pub use format::Format;
