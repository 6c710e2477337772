//! Twenty-five Gaussians on a grid (Srivastava et al. 2017, VEEGAN, section 4.1), as in the code of PacGAN (Lin et al.
//! 2018): {-4, -2, 0, 2, 4}², deviation 0.05.

use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::points::{self, Points};
use crate::{DataError, Dataset, Entry, Source, Split};

const NAME: &str = "grid-25";

const POINTS: Points = Points {
    name: NAME,
    about: "points in the plane, 25 Gaussians of deviation 0.05 at {-4, -2, 0, 2, 4}²: to count lost modes",
    extent: 5.0,
    classes: 25,
    deviation: 0.05,
    centre: |mode, _| [mode / 5, mode % 5].map(|at| -4.0 + 2.0 * f64::from(at)),
};

/// Points in the plane: 25 Gaussians at {-4, -2, 0, 2, 4}², deviation 0.05, as in PacGAN (Lin et al. 2018).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grid25 {
    /// Points to train on, up to a million; a tenth as many are held out.
    #[serde(default = "points::default_count")]
    pub count: usize,
}

impl Settings for Grid25 {
    const NAME: &'static str = NAME;
}

impl Source for Grid25 {
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

/// A point's class is its mode: five times the column plus the row, both counted from (-4, -4).
pub(crate) fn open(count: usize, split: Split) -> Dataset {
    POINTS.open(count, split)
}
