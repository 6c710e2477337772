//! How the axes of an array of images lie.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Order of the axes of images: samples, channels, height, width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Channels last, as image libraries and TensorFlow have them.
    Nhwc,
    /// Channels first, as PyTorch has them.
    Nchw,
}

/// Where channels stand in an array of images of so many channels, and the channels, height and width of each. Of three
/// axes, images are grey; of four, channels are first if that can be, unless it is stated.
///
/// # Errors
/// The shape is none of images, or not that of the stated layout; a sentence without a full stop.
pub(crate) fn of(shape: &[usize], stated: Option<Layout>, channels: &[usize]) -> Result<(Layout, [usize; 3]), String> {
    let (first, last) = match *shape {
        [_, height, width] => return Ok((Layout::Nchw, [1, height, width])),
        [_, a, b, c] => ([a, b, c], [c, a, b]),
        _ => return Err(format!("its shape is {shape:?}; images have 3 or 4 axes, points 2")),
    };
    let possible = [(Layout::Nchw, first), (Layout::Nhwc, last)]
        .into_iter()
        .find(|(layout, [own, ..])| stated.is_none_or(|stated| stated == *layout) && channels.contains(own));
    possible.ok_or_else(|| {
        let (last, others) = channels.split_last().unwrap_or((&0, &[]));
        let others: Vec<String> = others.iter().map(usize::to_string).collect();
        let counts = format!("{} or {last}", others.join(", "));
        match stated {
            Some(Layout::Nchw) => format!("its shape {shape:?} has no {counts} channels as its second axis"),
            Some(Layout::Nhwc) => format!("its shape {shape:?} has no {counts} channels as its last axis"),
            None => format!("its shape {shape:?} is neither [samples, features] nor images of {counts} channels"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_follows_from_the_shape_unless_it_is_stated() {
        let check =
            |shape: &[usize], stated, expected| assert_eq!(of(shape, stated, &[1, 3]).ok(), expected, "{shape:?}");
        let (first, last) = (Some(Layout::Nchw), Some(Layout::Nhwc));
        check(&[9, 3, 8, 5], None, Some((Layout::Nchw, [3, 8, 5])));
        check(&[9, 8, 5, 3], None, Some((Layout::Nhwc, [3, 8, 5])));
        check(&[9, 8, 5], None, Some((Layout::Nchw, [1, 8, 5])));
        check(&[9, 3, 5, 1], None, Some((Layout::Nchw, [3, 5, 1])));
        check(&[9, 3, 5, 1], last, Some((Layout::Nhwc, [1, 3, 5])));
        check(&[9, 8, 5, 3], first, None);
        check(&[9, 3, 8, 5], last, None);
        check(&[9, 8, 5, 4], None, None);
        check(&[9, 8], None, None);
    }
}
