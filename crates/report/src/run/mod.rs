//! One run, as the outputs see it: read from its folder, reduced to a row and to what a page needs.

mod curve;
mod edits;
mod read;
mod row;
mod view;

pub(crate) use curve::Thinning;
pub(crate) use edits::{EditFile, KeptEdit};
pub use read::scalars;
pub(crate) use read::{Run, as_scalars, spread};
pub use row::{Row, SweepStatus, rows, rows_of};
pub(crate) use view::{RunView, tags};
