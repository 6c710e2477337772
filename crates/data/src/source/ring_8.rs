//! Eight Gaussians on a circle (Srivastava et al. 2017, VEEGAN, section 4.1), as in the code of PacGAN (Lin et al. 2018):
//! radius 1, deviation 0.01.

use std::f64::consts::TAU;

use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::points::{self, Points};
use crate::{DataError, Dataset, Entry, Source, Split};

const NAME: &str = "ring-8";

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

/// Points in the plane: eight Gaussians on the unit circle, deviation 0.01, as in PacGAN (Lin et al. 2018).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ring8 {
    /// Points to train on, up to a million; a tenth as many are held out.
    #[serde(default = "points::default_count")]
    pub count: usize,
}

impl Settings for Ring8 {
    const NAME: &'static str = NAME;
}

impl Source for Ring8 {
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

/// A point's class is its mode, counted from (1, 0) against the clock.
pub(crate) fn open(count: usize, split: Split) -> Dataset {
    POINTS.open(count, split)
}
