//! Two clouds of points without pairs.

use data::{DataError, Dataset, Entry, Set, Source, Split, Values};
use family::Settings;
use models::Stream;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const PLANE: Format = Format::Points { dims: 2, extent: 3.0 };

/// The output's cloud lies 2 to the right of the input's.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clouds {
    /// Points of each cloud to train on; a tenth as many are held out.
    pub count: usize,
}

impl Settings for Clouds {
    const NAME: &'static str = "clouds";
}

impl Source for Clouds {
    fn entry() -> Entry {
        Entry {
            name: Self::NAME,
            about: "two clouds of points in the plane",
            licence: "none: computed",
            how_to_get: "",
            looked_in: Vec::new(),
            available: true,
        }
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let (count, index) = match split {
            Split::Train => (self.count, 0),
            Split::Test => (self.count / 10, 1),
        };
        let cloud = |purpose, count, right| {
            let normals = Stream::new(0, purpose, index).normals(2 * count, 0.3);
            Values::Numbers(normals.chunks(2).flat_map(|point| [point[0] + right, point[1]]).collect())
        };
        // Another number of inputs, so that they cannot be taken for pairs.
        let input = Set::new(PLANE, cloud("input", count - count / 4, -1.0));
        Ok(Dataset::new(Self::NAME, PLANE, cloud("output", count, 1.0), None).with_input(input, false))
    }
}
