//! Eight Gaussians on a circle (Srivastava et al. 2017, VEEGAN, section 4.1), as in the code of PacGAN (Lin et al. 2018):
//! radius 1, deviation 0.01.

use std::f64::consts::TAU;

use crate::points::Points;
use crate::{Dataset, Entry, Split};

pub(crate) const NAME: &str = "ring-8";

const POINTS: Points = Points {
    name: NAME,
    about: "points in the plane, 8 Gaussians of deviation 0.01 on the unit circle: to count lost modes",
    extent: 1.5,
    classes: 8,
    deviation: 0.01,
    centre: |mode, _| {
        let (sin, cos) = libm::sincos(TAU * f64::from(mode) / 8.0);
        [cos, sin]
    },
};

pub(crate) fn entry() -> Entry {
    POINTS.entry()
}

/// A point's class is its mode, counted from (1, 0) against the clock.
pub(crate) fn open(count: usize, split: Split) -> Dataset {
    POINTS.open(count, split)
}
