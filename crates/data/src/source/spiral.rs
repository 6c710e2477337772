//! Two arms of a spiral of Archimedes, one and a half turns each. Arm `a` has its points at `r (cos φ, sin φ)` with
//! `r = 1.3 t`, `φ = 3π t + π a`, `t = sqrt(u)`, `u` uniform in `[0, 1)`, so that they lie evenly along the arm but for its
//! middle; then Gaussian noise of deviation 0.03. No published set has these constants.

use std::f64::consts::PI;

use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::points::{self, Points};
use crate::{DataError, Dataset, Entry, Source, Split};

const NAME: &str = "spiral";

const POINTS: Points = Points {
    name: NAME,
    about: "points in the plane, two arms of a spiral with noise of deviation 0.03: a curve instead of modes",
    extent: 1.5,
    classes: 2,
    deviation: 0.03,
    centre: |arm, uniform| {
        let along = libm::sqrt(uniform);
        let (sin, cos) = libm::sincos(PI * (3.0 * along + f64::from(arm)));
        [1.3 * along * cos, 1.3 * along * sin]
    },
};

/// Points in the plane: two arms of a spiral within [-1.5, 1.5]², one and a half turns, with noise.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spiral {
    /// Points to train on, up to a million; a tenth as many are held out.
    #[serde(default = "points::default_count")]
    pub count: usize,
}

impl Settings for Spiral {
    const NAME: &'static str = NAME;
}

impl Source for Spiral {
    fn entry() -> Entry {
        POINTS.entry()
    }

    fn check(&self) -> Vec<Problem> {
        points::check(self.count)
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        Ok(open(self.count, split))
    }
}

/// A point's class is its arm.
pub(crate) fn open(count: usize, split: Split) -> Dataset {
    POINTS.open(count, split)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On an arm the angle follows from the radius: what is left of it is noise.
    #[test]
    fn points_lie_on_the_arm_of_their_class() {
        let set = open(20_000, Split::Train);
        let mut values = Vec::new();
        set.read_into(&Vec::from_iter(0..set.len()), &mut values);
        let (points, _) = values.as_chunks::<2>();
        let (mut outer, mut squares) = (0.0, 0.0);
        for (point, arm) in points.iter().zip(set.labels().unwrap()) {
            let [x, y] = point.map(f64::from);
            let radius = x.hypot(y);
            if radius < 0.5 {
                continue;
            }
            let (sin, cos) = libm::sincos(PI * (3.0 * radius / 1.3 + f64::from(*arm)));
            // Distance from the arm, to first order: the turn that is missing, across the arm's slope.
            let slope = 3.0 * PI * radius / 1.3;
            squares += ((y * cos - x * sin) / (1.0 + slope * slope).sqrt() / 0.03).powi(2);
            outer += 1.0;
        }
        // Radii above 0.5 are 1 - (0.5 / 1.3)² of all.
        assert!((outer / 20_000.0 - 0.852f64).abs() < 0.015, "{outer}");
        assert!((squares / outer - 1.0f64).abs() < 0.05, "{}", squares / outer);
    }
}
