//! A data set: points on an ellipse.

use runner::data::{DataError, Dataset, Entry, Source, Split, Values};
use runner::family::{Problem, Settings};
use runner::models::Stream;
use runner::samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::f32::consts::TAU;

/// Points in the plane on an ellipse, 2 wide and 1 high, with a little noise.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Ellipse {
    /// Points to train on; a tenth as many are held out.
    count: usize,
}

impl Default for Ellipse {
    fn default() -> Self {
        Self { count: 2000 }
    }
}

impl Settings for Ellipse {
    const NAME: &'static str = "ellipse";
}

impl Source for Ellipse {
    fn entry() -> Entry {
        Entry {
            name: Self::NAME,
            about: "points in the plane, on an ellipse",
            licence: "none needed: they are computed",
            how_to_get: "nothing to do: it is made by this program",
            looked_in: Vec::new(),
            available: true,
        }
    }

    fn check(&self) -> Vec<Problem> {
        let holds = (10..=1_000_000).contains(&self.count);
        Problem::unless(holds, "count", "must be within 10 and 1000000").into_iter().collect()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let (purpose, count) = match split {
            Split::Train => ("ellipse/train", self.count),
            Split::Test => ("ellipse/test", self.count / 10),
        };
        let angles = Stream::new(0, purpose, 0).uniforms(count, 0.0, TAU);
        let noise = Stream::new(0, purpose, 1).normals(2 * count, 0.02);
        let point = |(angle, noise): (&f32, &[f32])| [angle.cos() + noise[0], 0.5 * angle.sin() + noise[1]];
        let points = angles.iter().zip(noise.chunks(2)).flat_map(point).collect();
        let format = Format::Points { dims: 2, extent: 1.5 };
        Ok(Dataset::new(Self::NAME, format, Values::Numbers(points), None))
    }
}
