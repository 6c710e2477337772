//! Pictures of two domains in folders: what is to be translated, and what it is to become.

mod color;
pub(crate) mod options;
pub(crate) mod pairs;
mod side;
pub(crate) mod unpaired;

pub(crate) use side::Side;
