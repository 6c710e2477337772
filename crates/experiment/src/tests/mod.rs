//! The experiment file from end to end, with a toy in the place of the real run.

mod families;
mod hostile;
mod layers;
mod problems;
mod properties;
mod sweep;
mod toy;
