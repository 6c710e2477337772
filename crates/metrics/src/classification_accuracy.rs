//! Classification accuracy score: do samples teach a classifier what real images would? The classifier is not here; this
//! counts how often it was right.

use crate::features::check;
use crate::{Features, Measured, MetricError};

/// Samples of a batch.
pub(crate) const LEAST: usize = 64;

/// Share of the real samples, whose classes are known, that a classifier which learned from the fake samples and their
/// classes told right (`told`, one for each real sample); by class, too: Ravuri and Vinyals 2019, section 3. Standard error
/// of a share: `√(p (1 - p) / n)`.
///
/// Unit: share, 0 to 1. Higher is better; what other real samples teach is the measure of it. Cost: that of the lesson.
///
/// # Errors
/// Fewer samples than a batch, classes that are not known, or nobody who was taught.
pub fn classification_accuracy(real: Features, fake: Features, told: Option<&[u16]>) -> Result<Measured, MetricError> {
    const NAME: &str = "classification_accuracy";
    check(NAME, real, fake, LEAST, "a classifier learns from batches of 64")?;
    let needed = || MetricError::Kind { metric: NAME, needed: "images with their classes, and a classifier" };
    let told = told.filter(|told| told.len() == real.len()).ok_or_else(needed)?;
    let classes = real.classes().ok_or_else(needed)?;
    let mut counts = vec![(0usize, 0usize); classes.iter().max().map_or(0, |last| usize::from(*last) + 1)];
    for (class, told) in classes.iter().zip(told) {
        let (right, all) = &mut counts[usize::from(*class)];
        *right += usize::from(class == told);
        *all += 1;
    }
    let share = |right: usize, all: usize| (all > 0).then(|| right as f64 / all as f64);
    let value = counts.iter().map(|(right, _)| right).sum::<usize>() as f64 / real.len() as f64;
    Ok(Measured {
        value,
        standard_error: Some((value * (1.0 - value) / real.len() as f64).sqrt()),
        by_class: counts.into_iter().map(|(right, all)| share(right, all)).collect(),
    })
}
