//! What metrics see of an image. Raw pixels, or the last layer of a classifier: there, images of the same thing are near to
//! each other however they are drawn.
//!
//! Nothing here knows of data sets in files or of terminals. The small classifiers' weights are embedded; those of
//! [`Inception`] are in a file that the user names. To add an extractor, write its file and add it to [`ALL`].

mod cas_classifier;
mod classifier;
mod clips;
mod extractor;
mod inception;
mod moving_digits;
mod network_input;
mod pixels;
mod spectrum;
mod teach;
mod views;
mod weights;

pub use cas_classifier::CasClassifier;
pub use classifier::Classifier;
pub use extractor::{ALL, Extracted, Extractor, FeatureError, Rows, extract, find, usual};
pub use inception::{Inception, InceptionError};
pub use teach::{Course, Labelled};
pub use views::Views;
