//! Classes of samples from what each is called.

use std::collections::BTreeSet;

use crate::Labels;

/// The most classes that there can be.
pub(crate) const MAX_CLASSES: usize = u16::MAX as usize;

/// The classes are the values that occur, in their order.
///
/// # Errors
/// There are too many of them; a sentence without a full stop.
pub(crate) fn classes<T: Ord + Clone + ToString>(of_samples: &[T]) -> Result<Labels, String> {
    let occurring = Vec::from_iter(BTreeSet::from_iter(of_samples));
    if occurring.len() > MAX_CLASSES {
        return Err(format!("its {} different labels are more than classes can be", occurring.len()));
    }
    let position = |label: &T| occurring.partition_point(|other| *other < label) as u16;
    let names = occurring.iter().map(|label| label.to_string()).collect();
    Ok(Labels { of_samples: of_samples.iter().map(position).collect(), names })
}
