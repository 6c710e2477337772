//! Two domains whose pictures belong together by their names, or stand side by side in one file.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::Side;
use super::color::{Counted, warnings};
use super::options::TranslationOptions;
use super::side::{Part, Seen};
use crate::options::OnError;
use crate::{DataError, Dataset, Sizes, Split};

/// Names in a message.
const MAX_NAMED: usize = 5;

/// Pictures and what each is to become: as many on either side, in one order.
pub(crate) struct Pairs {
    /// Input and output.
    pub(crate) sides: [Side; 2],
}

impl Pairs {
    /// The halves of each picture of a folder: the left one is the input.
    pub(crate) fn halves(both: Side) -> Pairs {
        let half = |domain, part| Side { domain, part, ..both.clone() };
        Pairs { sides: [half("input", Part::Left), half("output", Part::Right)] }
    }

    /// Pictures of equal names.
    ///
    /// # Errors
    /// A picture has no partner, and `on_error` does not say to leave it out.
    pub(crate) fn by_name(sides: [Side; 2], on_error: OnError) -> Result<Pairs, DataError> {
        let places = sides.each_ref().map(|side| {
            side.names.iter().enumerate().map(|(index, name)| (name.clone(), index)).collect::<BTreeMap<_, _>>()
        });
        let alone = |at: usize| {
            let is_alone = |name: &&String| !places[1 - at].contains_key(*name);
            places[at].keys().filter(is_alone).cloned().collect::<Vec<String>>()
        };
        let alone = [alone(0), alone(1)];
        let message = |at: usize| {
            let (side, count) = (&sides[at], alone[at].len());
            let more = if count > MAX_NAMED { " ..." } else { "" };
            let named = alone[at][..count.min(MAX_NAMED)].join(", ");
            let (of, other) = (side.len(), sides[1 - at].place.display());
            format!("{count} of {of} pictures of {} have no partner in {other}: {named}{more}", side.place.display())
        };
        let messages: Vec<String> = (0..2).filter(|at| !alone[*at].is_empty()).map(message).collect();
        let common: Vec<[usize; 2]> =
            places[0].iter().filter_map(|(name, index)| Some([*index, *places[1].get(name)?])).collect();
        let path = sides[0].place.clone();
        if common.is_empty() {
            let reason = format!(
                "no picture has a partner of the same name in {}, such as {} for {}",
                sides[1].place.display(),
                sides[1].names[0],
                sides[0].names[0]
            );
            return Err(DataError::Unusable { path, reason });
        }
        if on_error == OnError::Fail && !messages.is_empty() {
            let reason = format!("{}; `on_error: skip` leaves them out", messages.join("; "));
            return Err(DataError::Unusable { path, reason });
        }
        let mut sides = [0, 1].map(|at| sides[at].only(&Vec::from_iter(common.iter().map(|pair| pair[at]))));
        for (side, alone) in sides.iter_mut().zip(&alone).filter(|(_, alone)| !alone.is_empty()) {
            *side.passed_over.counts.entry("pictures without a partner".to_owned()).or_default() += alone.len();
        }
        sides[0].passed_over.warnings.extend(messages);
        Ok(Pairs { sides })
    }

    /// The other way round.
    pub(crate) fn reversed(self) -> Pairs {
        let [input, output] = self.sides;
        Pairs { sides: [Side { domain: "input", ..output }, Side { domain: "output", ..input }] }
    }

    /// The samples of one split, of the data set `name`; what is held out are the pictures in `test`, or in `val`, beside
    /// `train`, else a share.
    ///
    /// # Errors
    /// A picture cannot be read, partners differ in size, there are fewer than two pairs to train on, or a split would be
    /// empty.
    pub(crate) fn open(
        self,
        name: &'static str,
        place: &Path,
        options: &TranslationOptions,
        split: Split,
    ) -> Result<Dataset, DataError> {
        let [input, output] = &self.sides;
        let count = input.len();
        let first = (0..count).find_map(|index| input.read(index, options).ok());
        let size = first.map_or([4; 2], |image| [image.width(), image.height()]);
        let [(inputs, seen_inputs), (outputs, seen_outputs)] =
            [0, 1].map(|at| self.sides[at].load(options.colors[at], size, options));
        let (mut used, mut errors, mut seen) = (Vec::new(), Vec::new(), Vec::new());
        for (index, pair) in seen_inputs.into_iter().zip(seen_outputs).enumerate() {
            match pair {
                (Ok(one), Ok(other)) => match self.unlike(index, [one, other], options) {
                    None => {
                        used.push(index);
                        seen.push([one, other]);
                    }
                    Some(error) => errors.push(error),
                },
                (Err(error), _) | (_, Err(error)) => errors.push(error),
            }
        }
        let mut passed_over = input.passed_over.clone();
        if input.place != output.place {
            passed_over.merge(&output.passed_over);
        }
        options.on_error.decide(errors, place, "images", count, &mut passed_over)?;
        let names = [0, 1].map(|at| {
            let (files, used) = (&self.sides[at].files, &used);
            move |index: usize| files[used[index]].display().to_string()
        });
        let counted = |at: usize| Counted {
            domain: self.sides[at].domain,
            is_grey: seen.iter().map(|pair: &[Seen; 2]| pair[at].is_grey).collect(),
            name: &names[at],
            color: options.colors[at],
            setting: if at == 0 { "input_color" } else { "color" },
        };
        passed_over.warnings.extend(warnings([counted(0), counted(1)]));
        let sizes = Sizes::of(seen.iter().map(|[one, _]| one.size));
        let all =
            Dataset::of(name, outputs, None).with_input(inputs, true).with_passed_over(passed_over).with_sizes(sizes);
        let part = |folder: &str| {
            let is_in = |index: &&usize| input.names[**index].starts_with(&format!("{folder}/"));
            used.iter().filter(is_in).copied().collect::<Vec<usize>>()
        };
        let training = part("train");
        let dataset = if training.is_empty() {
            let all = if used.len() < count { all.only(&used) } else { all };
            at_least_two(all.len(), place)?;
            options.hold_out.split(all, split, place)?
        } else {
            if !options.hold_out.is_none() {
                let reason =
                    "it has a folder `train`, whose pictures are trained on: `hold_out` cannot be set".to_owned();
                return Err(DataError::Unusable { path: place.to_owned(), reason });
            }
            at_least_two(training.len(), place)?;
            let [test, val] = ["test", "val"].map(part);
            let held_out = Arc::new(all.only(if test.is_empty() { &val } else { &test }));
            match split {
                Split::Train if held_out.is_empty() => all.only(&training).with_held_out(held_out),
                Split::Train => all.only(&training).with_test_files(held_out),
                Split::Test => Dataset::clone(&held_out),
            }
        };
        Ok(dataset)
    }

    /// What keeps two pictures from being a pair.
    fn unlike(&self, index: usize, [one, other]: [Seen; 2], options: &TranslationOptions) -> Option<DataError> {
        let ([width, height], [other_width, other_height]) = (one.size, other.size);
        let is_scaled = u64::from(width) * u64::from(other_height) == u64::from(other_width) * u64::from(height);
        if one.size == other.size || (is_scaled && options.size.is_some()) {
            return None;
        }
        let [input, output] = self.sides.each_ref().map(|side| &side.files[index]);
        let reason = format!(
            "it is {width} x {height} pixels, and its partner {} is {other_width} x {other_height}",
            output.display()
        );
        Some(DataError::Unusable { path: input.clone(), reason })
    }
}

/// Of one picture nothing can be learnt but the picture.
pub(crate) fn at_least_two(count: usize, place: &Path) -> Result<(), DataError> {
    if count < 2 {
        let reason = format!("{count} picture to train on is too few: a domain has at least two");
        return Err(DataError::Unusable { path: place.to_owned(), reason });
    }
    Ok(())
}
