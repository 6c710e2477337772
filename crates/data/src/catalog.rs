//! What is said about a data set without, or before, handing out its samples.

use std::path::PathBuf;

use serde::{Serialize, Serializer};

use samples::Domain;

use crate::{Dataset, PassedOver, Recorded, Sizes};

/// What a data set turned out to hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Description {
    /// Its name in the experiment file.
    pub name: &'static str,
    /// Number of training samples.
    pub length: usize,
    /// Number of samples that are held out; known of one's own data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_out: Option<usize>,
    /// Formats and classes; written as the axes of a sample and the number of classes.
    #[serde(flatten, serialize_with = "axes")]
    pub domain: Domain,
    /// By class, in their order, if the data set is labelled.
    pub class_counts: Option<Vec<ClassCount>>,
    /// How large its pictures were, if they were made equally large.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sizes: Option<Sizes>,
    /// What its recordings were, if they were made equally long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Recorded>,
    /// What else lies where its files are.
    pub passed_over: PassedOver,
    /// [`Dataset::fingerprint`] of the training split.
    pub fingerprint: String,
}

/// A class and its training samples.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClassCount {
    /// What it is called.
    pub name: String,
    /// How many there are; none of a class that the data set only has by definition.
    pub samples: usize,
    /// How many are held out, where a share is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_out: Option<usize>,
}

impl Description {
    /// Of a training split.
    pub fn of(dataset: &Dataset) -> Description {
        let held_out = dataset.held_out();
        let parts = held_out.filter(|held_out| !held_out.is_empty()).map(|held_out| counts(held_out));
        let class = |(class, (name, samples)): (usize, (&String, usize))| ClassCount {
            name: name.clone(),
            samples,
            held_out: parts.as_ref().map(|counts| counts[class]),
        };
        let named = dataset.class_names().map(|names| names.iter().zip(counts(dataset)));
        Description {
            name: dataset.name(),
            length: dataset.len(),
            held_out: held_out.map(|held_out| held_out.len()),
            domain: dataset.domain(),
            class_counts: named.map(|named| named.enumerate().map(class).collect()),
            sizes: dataset.sizes(),
            recorded: dataset.recorded().cloned(),
            passed_over: dataset.passed_over().clone(),
            fingerprint: dataset.fingerprint().to_owned(),
        }
    }
}

/// Samples of each class.
fn counts(dataset: &Dataset) -> Vec<usize> {
    let mut counts = vec![0; dataset.classes().unwrap_or(0)];
    dataset.labels().into_iter().flatten().for_each(|label| counts[usize::from(*label)] += 1);
    counts
}

fn axes<S: Serializer>(domain: &Domain, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Axes {
        channels: usize,
        height: usize,
        width: usize,
    }
    #[derive(Serialize)]
    struct Written {
        shape: Axes,
        classes: Option<usize>,
    }
    let [channels, height, width] = domain.output.shape();
    Written { shape: Axes { channels, height, width }, classes: domain.classes }.serialize(serializer)
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

impl Entry {
    /// Of files that the experiment file names, wherever these are from.
    pub(crate) fn of_own_files(name: &'static str, about: &'static str, how_to_get: &'static str) -> Self {
        Self { name, about, licence: "that of the files", how_to_get, looked_in: Vec::new(), available: true }
    }
}
