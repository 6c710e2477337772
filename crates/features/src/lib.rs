//! What metrics see of an image. Raw pixels, or the last layer of a small classifier: there, images of the same thing are
//! near to each other however they are drawn.
//!
//! Nothing here knows of files, of data sets in files or of terminals; the classifiers' weights are embedded. To add an
//! extractor, write its file and add it to [`ALL`].
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod classifier;
mod extractor;
mod pixels;
mod pupil;
mod teach;
mod views;
mod weights;

pub use classifier::Classifier;
pub use extractor::{ALL, Extracted, Extractor, FeatureError, Rows, extract, find, usual};
pub use pupil::Pupil;
pub use teach::{Labelled, accuracy, teach};
pub use views::Views;
