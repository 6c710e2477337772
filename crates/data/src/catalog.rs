//! What is said about a data set without, or before, handing out its samples.

use std::path::PathBuf;

use serde::Serialize;

use crate::{Dataset, Shape};

/// What a data set turned out to hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Description {
    /// Its name in the experiment file.
    pub name: &'static str,
    /// Number of training samples.
    pub length: usize,
    /// Size of each image, or that of a point.
    pub shape: Shape,
    /// Number of classes, if it is labelled.
    pub classes: Option<usize>,
    /// [`Dataset::fingerprint`] of the training split.
    pub fingerprint: String,
}

impl Description {
    pub(crate) fn of(dataset: &Dataset) -> Description {
        Description {
            name: dataset.name(),
            length: dataset.len(),
            shape: dataset.shape(),
            classes: dataset.classes(),
            fingerprint: dataset.fingerprint().to_owned(),
        }
    }
}

/// A data set that the program knows, whether or not it is on this machine. The texts are fragments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its name in the experiment file.
    pub name: &'static str,
    /// What it shows, how many, how large.
    pub about: &'static str,
    /// Licence of the samples.
    pub licence: &'static str,
    /// What to install or to set.
    pub how_to_get: &'static str,
    /// Folders in which it is looked for when the experiment file names none; empty if there are none to look in.
    pub looked_in: Vec<PathBuf>,
    /// It opens when the experiment file gives its name and what it requires, as far as a look at the folders tells.
    pub available: bool,
}
