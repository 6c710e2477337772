//! A data set that another program adds: pairs of points, each to be generated from its input.

use data::{DataConfig, DataError, Dataset, Entry, SOURCES, Set, Source, Split, Values};
use family::Settings;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Points of the line, and twice of each as what is to be made of it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Doubled {
    count: u8,
}

impl Settings for Doubled {
    const NAME: &'static str = "doubled";
}

impl Source for Doubled {
    fn entry() -> Entry {
        Entry {
            name: Self::NAME,
            about: "numbers and their doubles",
            licence: "none needed: they are computed",
            how_to_get: "nothing to do",
            looked_in: Vec::new(),
            available: true,
        }
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let count = if split == Split::Train { self.count } else { 0 };
        let values = |factor: f32| Values::Numbers((0..count).map(|at| factor * f32::from(at)).collect());
        let format = Format::Points { dims: 1, extent: 10.0 };
        Ok(Dataset::new(Self::NAME, format, values(2.0), None).with_input(Set::new(format, values(1.0)), true))
    }
}

#[test]
fn it_is_named_in_files_and_listed_behind_the_others() {
    SOURCES.add::<Doubled>().unwrap();
    let config: DataConfig = serde_json::from_value(json!({ "name": "doubled", "count": 4 })).unwrap();
    let (dataset, described) = (config.open(Split::Train).unwrap(), config.describe().unwrap());
    assert_eq!((described.length, described.domain), (4, dataset.domain()));
    assert!(described.domain.paired && described.domain.input.is_some());
    let (mut output, mut input) = (Vec::new(), Vec::new());
    dataset.read_into(&[3, 1], &mut output);
    dataset.input().unwrap().read_into(&[3, 1], &mut input);
    assert_eq!((output, input), (vec![6.0, 2.0], vec![3.0, 1.0]));
    assert!(config.open(Split::Test).unwrap().is_empty());
    assert_eq!(data::catalog().last().unwrap().name, "doubled");
}
