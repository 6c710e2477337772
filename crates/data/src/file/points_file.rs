//! Points of a file as a data set.

use samples::Format;

use crate::dataset::Labels;
use crate::{Dataset, Values};

/// Of the largest coordinate: room around the points in their picture.
const MARGIN: f32 = 1.1;

/// Points `[count, dims]` as they are. They are drawn in a square around 0 that has room for all.
///
/// # Errors
/// There is no point, it has fewer than two coordinates, or one of them is not finite; a sentence without a full stop.
pub(crate) fn dataset(
    name: &'static str,
    dims: usize,
    values: Vec<f32>,
    labels: Option<Labels>,
) -> Result<Dataset, String> {
    if dims < 2 {
        return Err(format!("its points have {dims} coordinates; two or more are needed"));
    }
    if values.is_empty() {
        return Err("it holds no points".to_owned());
    }
    if let Some(at) = values.iter().position(|value| !value.is_finite()) {
        return Err(format!("a coordinate of point {} is {}", at / dims, values[at]));
    }
    let largest = values.iter().fold(0.0, |largest: f32, value| largest.max(value.abs()));
    let extent = if largest > 0.0 { largest.min(f32::MAX / MARGIN) * MARGIN } else { 1.0 };
    Ok(Dataset::new(name, Format::Points { dims, extent }, Values::Numbers(values), labels))
}
