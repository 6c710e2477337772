//! Directions as a command line asks for them.

use super::{Context, refused};
use crate::cli::{Directions, MethodArgs};
use crate::error::Error;
use crate::inspect::judge::Judge;
use crate::inspect::singles::class_folder;
use training::{Found, Method};

/// Directions, and what they are called in the names of files.
pub(super) struct Named {
    pub found: Found,
    pub name: String,
    /// What says how editable samples are, where that was asked for.
    pub judged: Option<Judged>,
}

/// A classifier that says what an edit changes.
pub(super) struct Judged {
    pub judge: Judge,
    /// Of which its probability counts; without one all do.
    pub class: Option<usize>,
}

impl Judged {
    /// How much its answer changes from samples to others.
    pub(super) fn change(&self, one: &[f32], other: &[f32]) -> f64 {
        match self.class {
            Some(class) => self.judge.rise(one, other, class),
            None => self.judge.apart(one, other),
        }
    }
}

impl Named {
    /// At most `count` of them; of principal components those of samples of a class.
    pub(super) fn of(context: &Context, arguments: &MethodArgs, count: usize, class: usize) -> Result<Self, Error> {
        let refused = |error| refused(error, context.folder);
        if let Some(attribute) = &arguments.attribute {
            return by_attribute(context, attribute);
        }
        let (method, name) = match arguments.method {
            Directions::Sefa => (Method::Sefa, "sefa"),
            Directions::Pca => (Method::Pca, "pca"),
        };
        let found = context.editor.directions(method, count, class).map_err(refused)?;
        Ok(Self { found, name: name.to_owned(), judged: None })
    }
}

/// The direction towards samples that a classifier of the run's data takes for a class.
fn by_attribute(context: &Context, attribute: &str) -> Result<Named, Error> {
    const OPTION: &str = "--attribute";
    let classes = context.domain.classes.unwrap_or_default();
    let class = crate::command::sample::find_class(OPTION, attribute, classes, &context.names)?;
    let wanted = class as u16;
    let judge = Judge::of(context.config, &context.domain, OPTION)?;
    let size = context.domain.output.values();
    let has = |values: &[f32]| {
        let found = judge.classifier.classify(metrics::Features::single(values, size));
        found.into_iter().map(|class| class == wanted).collect()
    };
    let found = context.editor.attribute(None, has).map_err(|error| refused(error, context.folder))?;
    let name = format!("attribute-{}", class_folder(class, &context.names));
    Ok(Named { found, name, judged: Some(Judged { judge, class: Some(class) }) })
}
