//! What real samples get in place of the generated ones, by curve.

use crate::run::RunView;
use record::{Role, tag};

/// The floor of a curve such as `train/frechet` or `samples/spread`, if it is the same in all runs that have one.
pub(crate) fn floor(views: &[RunView], tag: &str) -> Option<f64> {
    let (group, part) = tag::split(tag);
    let evaluated = views.iter().flat_map(|view| &view.evaluations).filter(|evaluation| evaluation.split == group);
    let evaluated = evaluated.filter_map(|evaluation| evaluation.floors.get(part).copied());
    let files = views.iter().filter(|_| tag == tag::SPREAD).flat_map(|view| &view.files);
    let real = files.filter(|file| file.role == Role::REAL).filter_map(|file| file.spread);
    let mut found = evaluated.chain(real);
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}
