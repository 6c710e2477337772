//! Twenty-five Gaussians on a grid (Srivastava et al. 2017, VEEGAN, section 4.1), as in the code of PacGAN (Lin et al.
//! 2018): {-4, -2, 0, 2, 4}², deviation 0.05.

use crate::points::Points;
use crate::{Dataset, Entry, Split};

pub(crate) const NAME: &str = "grid-25";

const POINTS: Points = Points {
    name: NAME,
    about: "points in the plane, 25 Gaussians of deviation 0.05 at {-4, -2, 0, 2, 4}²: to count lost modes",
    extent: 5.0,
    classes: 25,
    deviation: 0.05,
    centre: |mode, _| [mode / 5, mode % 5].map(|at| -4.0 + 2.0 * f64::from(at)),
};

pub(crate) fn entry() -> Entry {
    POINTS.entry()
}

/// A point's class is its mode: five times the column plus the row, both counted from (-4, -4).
pub(crate) fn open(count: usize, split: Split) -> Dataset {
    POINTS.open(count, split)
}
