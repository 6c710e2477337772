//! Two domains without pairs. Held-out pictures of equal names are partners in truth, for metrics alone.

use std::path::Path;
use std::sync::Arc;

use super::Side;
use super::color::{Counted, warnings};
use super::options::TranslationOptions;
use super::pairs::at_least_two;
use super::side::Seen;
use crate::hold_out::share;
use crate::{DataError, Dataset, Labels, PassedOver, Set, Sizes, Split};

/// Inputs and outputs of each split.
pub(crate) struct Domains {
    pub(crate) train: [Side; 2],
    /// In separate folders.
    pub(crate) test: Option<[Side; 2]>,
}

impl Domains {
    /// The other way round.
    pub(crate) fn reversed(self) -> Domains {
        let turn =
            |[input, output]: [Side; 2]| [Side { domain: "input", ..output }, Side { domain: "output", ..input }];
        Domains { train: turn(self.train), test: self.test.map(turn) }
    }

    /// The samples of one split, of the data set `name`.
    ///
    /// # Errors
    /// A picture cannot be read, a domain has fewer than two pictures to train on, or a share to hold out leaves one empty.
    pub(crate) fn open(
        self,
        name: &'static str,
        place: &Path,
        options: &TranslationOptions,
        split: Split,
    ) -> Result<Dataset, DataError> {
        let unusable = |reason| DataError::Unusable { path: place.to_owned(), reason };
        let both = self.train.iter().flat_map(|side| (0..side.len()).map(move |index| (side, index)));
        let first = both.into_iter().find_map(|(side, index)| side.read(index, options).ok());
        let size = first.map_or([4; 2], |image| [image.width(), image.height()]);
        let (train, test) = match (self.test, options.hold_out.is_none()) {
            (test, true) => (self.train, test),
            (None, false) => {
                let [train, test] = held_out(&self.train, options.hold_out.0);
                let empty = [&train, &test].iter().flat_map(|sides| sides.iter()).any(|side| side.len() == 0);
                if empty {
                    let reason =
                        format!("`hold_out: {}` leaves a domain without a picture in one split", options.hold_out.0);
                    return Err(unusable(reason));
                }
                (train, Some(test))
            }
            (Some(_), false) => {
                return Err(unusable("`testA` and `testB` are held out: `hold_out` cannot be set".to_owned()));
            }
        };
        let test = test.map(|sides| opened(name, sides, size, options, Split::Test)).transpose()?;
        match (split, test) {
            (Split::Test, Some(test)) => Ok(test),
            (Split::Test, None) => Ok(opened(name, train, size, options, Split::Train)?.only(&[])),
            (Split::Train, test) => {
                let train = opened(name, train, size, options, Split::Train)?;
                let nothing = Arc::new(train.only(&[]));
                Ok(match test {
                    Some(test) => train.with_test_files(Arc::new(test)),
                    None => train.with_held_out(nothing),
                })
            }
        }
    }
}

/// The training part and the other one. The side follows from a picture's name, so partners are on the same.
fn held_out(sides: &[Side; 2], hold_out: f64) -> [[Side; 2]; 2] {
    [false, true].map(|wanted| {
        sides.each_ref().map(|side| {
            let is_wanted = |name: &String| (share(&blake3::hash(name.as_bytes())) < hold_out) == wanted;
            let chosen = side.names.iter().enumerate().filter(|(_, name)| is_wanted(name)).map(|(index, _)| index);
            side.only(&Vec::from_iter(chosen))
        })
    })
}

/// A domain as far as it can be used.
struct Loaded {
    samples: Set,
    side: Side,
    seen: Vec<Seen>,
}

impl Loaded {
    fn of(side: &Side, at: usize, size: [u32; 2], options: &TranslationOptions) -> Result<Loaded, DataError> {
        let (samples, found) = side.load(options.colors[at], size, options);
        let (mut used, mut seen, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for (index, found) in found.into_iter().enumerate() {
            match found {
                Ok(found) => {
                    used.push(index);
                    seen.push(found);
                }
                Err(error) => errors.push(error),
            }
        }
        let mut side = side.clone();
        let (place, of) = (side.place.clone(), side.len());
        options.on_error.decide(errors, &place, "images", of, &mut side.passed_over)?;
        if used.len() < side.len() {
            return Ok(Loaded { samples: samples.only(&used), side: side.only(&used), seen });
        }
        Ok(Loaded { samples, side, seen })
    }
}

fn opened(
    name: &'static str,
    sides: [Side; 2],
    size: [u32; 2],
    options: &TranslationOptions,
    split: Split,
) -> Result<Dataset, DataError> {
    let [input, output] = [Loaded::of(&sides[0], 0, size, options)?, Loaded::of(&sides[1], 1, size, options)?];
    let mut passed_over = PassedOver::default();
    [&input, &output].into_iter().for_each(|loaded| passed_over.merge(&loaded.side.passed_over));
    if split == Split::Train {
        for loaded in [&input, &output] {
            at_least_two(loaded.side.len(), &loaded.side.place)?;
        }
        let names = [&input, &output].map(|loaded| move |index: usize| loaded.side.files[index].display().to_string());
        let counted = |loaded: &Loaded, at: usize| Counted {
            domain: loaded.side.domain,
            is_grey: loaded.seen.iter().map(|seen| seen.is_grey).collect(),
            name: &names[at],
            color: options.colors[at],
            setting: if at == 0 { "input_color" } else { "color" },
        };
        passed_over.warnings.extend(warnings([counted(&input, 0), counted(&output, 1)]));
    }
    let are_partners = split == Split::Test && input.side.names == output.side.names;
    let labels = classes(&input.side, &output.side, &mut passed_over);
    let sizes = Sizes::of(input.seen.iter().chain(&output.seen).map(|seen| seen.size));
    let [of_input, of_output] = labels.map_or([None, None], |[input, output]| [Some(input), Some(output)]);
    let dataset = Dataset::of(name, output.samples, of_output)
        .with_input(input.samples, are_partners)
        .with_passed_over(passed_over)
        .with_sizes(sizes);
    Ok(match of_input {
        Some(labels) => dataset.with_input_labels(labels.of_samples),
        None => dataset,
    })
}

/// Classes of both domains, if their subfolders have the same names.
fn classes(input: &Side, output: &Side, passed_over: &mut PassedOver) -> Option<[Labels; 2]> {
    let (of_input, of_output) = (input.labels.clone()?, output.labels.clone()?);
    if of_input.names != of_output.names {
        passed_over.warnings.push(format!(
            "the subfolders of {} and {} differ, so they are no classes",
            input.place.display(),
            output.place.display()
        ));
        return None;
    }
    Some([of_input, of_output])
}
