//! 10,000 digits of MNIST, embedded in the program. Origin and licence are in `mnist-10k/README.md`.

use std::path::Path;

use family::{Problem, Settings};
use samples::Domain;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::Labels;
use crate::file::content::Content;
use crate::file::idx_file;
use crate::{ClassCount, DataError, Dataset, Description, Entry, PassedOver, Source, Split, Values};

const NAME: &str = "mnist-10k";

const IMAGES: &[u8] = include_bytes!("../../mnist-10k/mnist-10k-images-idx3-ubyte.gz");
const LABELS: &[u8] = include_bytes!("../../mnist-10k/mnist-10k-labels-idx1-ubyte.gz");

const CLASSES: usize = 10;
const TRAINING_IMAGES: usize = 9_000;
const TRAINING_COUNTS: [usize; CLASSES] = [899, 1001, 896, 933, 882, 778, 910, 965, 856, 880];
const TRAINING_FINGERPRINT: &str = "blake3:caceafc49dbf314c6378da1068dc227def354c3c68891ae72cd2d0785162f608";

/// 10,000 digits of MNIST, embedded in the program: 9,000 to train on, 1,000 held out.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mnist10k {
    /// Digits to train on, up to 9,000; all of them by default. As many are held out in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// Which ones, where `count` says how many: the same number draws the same digits, and a larger `count` these and more.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub draw: u64,
}

fn is_zero(draw: &u64) -> bool {
    *draw == 0
}

impl Mnist10k {
    /// The digits to train on that are drawn, in the order of the data set.
    fn drawn(&self, count: usize) -> Vec<usize> {
        let key = |digit: usize| {
            let mut hasher = blake3::Hasher::new();
            hasher.update(NAME.as_bytes()).update(&self.draw.to_le_bytes()).update(&(digit as u64).to_le_bytes());
            *hasher.finalize().as_bytes()
        };
        let mut digits: Vec<usize> = (0..TRAINING_IMAGES).collect();
        digits.sort_by_cached_key(|digit| key(*digit));
        digits.truncate(count);
        digits.sort_unstable();
        digits
    }
}

impl Settings for Mnist10k {
    const NAME: &'static str = NAME;
}

impl Source for Mnist10k {
    fn entry() -> Entry {
        Entry {
            name: NAME,
            about: "10,000 handwritten digits of MNIST, 28 x 28, 10 classes: 9,000 to train on, 1,000 held out",
            licence: "CC BY-SA 3.0 (Yann LeCun, Corinna Cortes, Christopher J. C. Burges)",
            how_to_get: "nothing to do: it is part of this program",
            looked_in: Vec::new(),
            available: true,
        }
    }

    fn check(&self) -> Vec<Problem> {
        let count = self.count.unwrap_or(TRAINING_IMAGES);
        let number = format!("{count} digits are not within 1 and {TRAINING_IMAGES}");
        let idle = "says which digits are drawn, and all are: set `count`, too";
        let problems = [
            Problem::unless((1..=TRAINING_IMAGES).contains(&count), "count", number),
            Problem::unless(self.draw == 0 || self.count.is_some(), "draw", idle.to_owned()),
        ];
        problems.into_iter().flatten().collect()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let all = open(split)?;
        match (split, self.count) {
            (Split::Train, Some(count)) if count < TRAINING_IMAGES => Ok(part(&all, &self.drawn(count))),
            _ => Ok(all),
        }
    }

    /// What opening the training split would find.
    fn describe(&self) -> Result<Description, DataError> {
        if self.count.is_some_and(|count| count < TRAINING_IMAGES) {
            return Ok(Description::of(&self.open(Split::Train)?));
        }
        let counts = TRAINING_COUNTS.into_iter().enumerate();
        let counts = counts.map(|(class, samples)| ClassCount { name: class.to_string(), samples, held_out: None });
        Ok(Description {
            name: NAME,
            length: TRAINING_IMAGES,
            held_out: None,
            domain: Domain::images([1, 28, 28], Some(CLASSES)),
            class_counts: Some(Vec::from_iter(counts)),
            sizes: None,
            recorded: None,
            passed_over: PassedOver::default(),
            fingerprint: TRAINING_FINGERPRINT.to_owned(),
        })
    }
}

pub(crate) fn open(split: Split) -> Result<Dataset, DataError> {
    let images_path = Path::new("mnist-10k-images-idx3-ubyte.gz");
    let labels_path = Path::new("mnist-10k-labels-idx1-ubyte.gz");
    let mut images = idx_file::read_images(Content::new(images_path, IMAGES)?)?;
    let mut labels = idx_file::read_labels(Content::new(labels_path, LABELS)?, &images, images_path, Some(CLASSES))?;
    let boundary = TRAINING_IMAGES * images.format.values();
    match split {
        Split::Train => {
            images.pixels.truncate(boundary);
            labels.truncate(TRAINING_IMAGES);
        }
        Split::Test => {
            images.pixels.drain(..boundary);
            labels.drain(..TRAINING_IMAGES);
        }
    }
    let labels = Labels::numbered(labels, CLASSES);
    Ok(Dataset::new(NAME, images.format, Values::Bytes(images.pixels), Some(labels)))
}

/// These digits of the data set, and their classes.
fn part(all: &Dataset, digits: &[usize]) -> Dataset {
    let pixels = digits.iter().flat_map(|digit| all.image(*digit)).copied().collect();
    let labels = all.labels().expect("digits have classes");
    let labels = Labels::numbered(digits.iter().map(|digit| labels[*digit]).collect(), CLASSES);
    Dataset::new(NAME, all.format(), Values::Bytes(pixels), Some(labels))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn description_is_what_opening_finds() {
        assert_eq!(Mnist10k::default().describe().unwrap(), Description::of(&open(Split::Train).unwrap()));
    }

    #[test]
    fn a_part_is_drawn_of_the_digits_to_train_on() {
        let part = |count, draw| Mnist10k { count: Some(count), draw };
        let digits = |count, draw| part(count, draw).drawn(count);
        assert!(digits(50, 3).iter().all(|digit| digits(60, 3).contains(digit)));
        assert_ne!(digits(50, 3), digits(50, 4));
        let (all, some) = (open(Split::Train).unwrap(), part(50, 3).open(Split::Train).unwrap());
        assert_eq!((some.len(), some.class_names().map(<[_]>::len)), (50, Some(10)));
        for (place, digit) in digits(50, 3).into_iter().enumerate() {
            assert_eq!(some.image(place), all.image(digit));
            assert_eq!(some.labels().unwrap()[place], all.labels().unwrap()[digit]);
        }
        assert_eq!(part(50, 3).describe().unwrap(), Description::of(&some));
        assert_eq!(part(50, 3).open(Split::Test).unwrap().len(), 1_000);
        assert_eq!(part(9_000, 3).open(Split::Train).unwrap().fingerprint(), TRAINING_FINGERPRINT);
    }

    /// Runs' ids hold them: another machine must not draw others.
    #[test]
    fn the_digits_of_a_part_are_pinned() {
        let part = Mnist10k { count: Some(50), draw: 1 }.open(Split::Train).unwrap();
        insta::assert_snapshot!(part.fingerprint(), @"blake3:40738d8656a5f76da3467acb544c411cf8b71490a506e3ce96106d65dea7ff0d");
    }

    #[test]
    fn a_part_out_of_range_is_told() {
        let keys =
            |count, draw| Mnist10k { count, draw }.check().into_iter().map(|problem| problem.path).collect::<Vec<_>>();
        assert_eq!(keys(Some(9_000), 1), Vec::<String>::new());
        assert_eq!(keys(Some(0), 0), ["count"]);
        assert_eq!(keys(Some(9_001), 0), ["count"]);
        assert_eq!(keys(None, 1), ["draw"]);
    }

    #[test]
    fn held_out_digits_are_the_known_ones() {
        let test = open(Split::Test).unwrap();
        assert_eq!(test.len(), 1_000);
        let known = "blake3:72a7f1d8a7c5fb77de5838d72a4b4245fcc91b3783b1f85445a20b66889189c2";
        assert_eq!(test.fingerprint(), known);
    }

    #[test]
    fn every_class_has_its_share() {
        for split in [Split::Train, Split::Test] {
            let dataset = open(split).unwrap();
            let mut counts = [0; CLASSES];
            for &label in dataset.labels().unwrap() {
                counts[usize::from(label)] += 1;
            }
            // MNIST's own shares are 9.0 % (fives) to 11.2 % (ones).
            let share = dataset.len() / 100;
            assert!(counts.iter().all(|count| (7 * share..13 * share).contains(count)), "{counts:?}");
        }
    }

    #[test]
    fn no_digit_occurs_twice_or_in_both_splits() {
        let splits = [open(Split::Train).unwrap(), open(Split::Test).unwrap()];
        let images = splits.iter().flat_map(|dataset| (0..dataset.len()).map(|index| dataset.image(index)));
        assert_eq!(HashSet::<&[u8]>::from_iter(images).len(), 10_000);
    }

    /// Mean and standard deviation of MNIST's 60,000 training images are 0.1307 and 0.3081, the values that PyTorch's
    /// example normalises with.
    #[test]
    fn pixels_have_the_statistics_of_mnist() {
        let dataset = open(Split::Train).unwrap();
        let mut values = Vec::new();
        dataset.read_into(&Vec::from_iter(0..dataset.len()), &mut values);
        let count = values.len() as f64;
        let values = values.iter().map(|&value| (f64::from(value) + 1.0) / 2.0);
        let mean = values.clone().sum::<f64>() / count;
        let deviation = (values.map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
        assert!((mean - 0.1307).abs() < 0.002, "{mean}");
        assert!((deviation - 0.3081).abs() < 0.002, "{deviation}");
    }

    /// A reader that mixed up rows, images or labels would still pass the statistics: look at one digit.
    #[test]
    fn first_digit_looks_like_its_label() {
        let dataset = open(Split::Train).unwrap();
        let rows = dataset.image(0).chunks(28).step_by(2);
        let picture: Vec<String> = rows
            .map(|row| row.iter().map(|pixel| [' ', '.', 'o', '#'][usize::from(pixel / 64)]).collect::<String>())
            .map(|row| format!("|{row}|"))
            .collect();
        let label = dataset.labels().unwrap()[0];
        insta::assert_snapshot!(format!("{label}\n{}", picture.join("\n")), @r"
        9
        |                            |
        |                            |
        |                            |
        |             o####o         |
        |           o########.       |
        |         .#########.        |
        |          o########         |
        |             .####          |
        |             ####           |
        |            ###o            |
        |           ####             |
        |         .####              |
        |         o###               |
        |                            |
        ");
    }
}
