//! How large pictures were before they were made equal.

use serde::{Deserialize, Serialize};

/// Widths and heights of pictures, in pixels, turned as they are meant to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Width and height of the picture with the fewest pixels.
    pub smallest: [u32; 2],
    /// Width and height of that with the most.
    pub largest: [u32; 2],
    /// How many are no squares.
    pub not_square: usize,
}

impl Sizes {
    /// Of some pictures; nothing if there are none.
    pub(crate) fn of(sizes: impl Iterator<Item = [u32; 2]> + Clone) -> Option<Sizes> {
        let area = |[width, height]: &[u32; 2]| u64::from(*width) * u64::from(*height);
        Some(Sizes {
            smallest: sizes.clone().min_by_key(area)?,
            largest: sizes.clone().max_by_key(area)?,
            not_square: sizes.filter(|[width, height]| width != height).count(),
        })
    }
}
