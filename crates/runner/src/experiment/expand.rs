//! A sweep multiplied out into typed points.
//!
//! Grid axes come first, then `zip` axes; the last varies fastest, and seeds vary fastest of all. `exclude` takes points
//! out of that product, `include` adds points after it. Points that resolve to the same run are one.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::base::Bases;
use super::compose::{Composed, Composer};
use super::decode::{Mark, inspect};
use super::load::{Point, Request, Run};
use super::path::Step;
use super::problem::{Collector, quote, suggest};
use super::source::Span;
use super::sweep::{Choice, Seeds, Sweep};
use super::values::MOST_VALUES;

/// Points that do not decode and are looked into; more of them have little new to tell.
const MOST_INSPECTED: usize = 1000;

/// Every point of the sweep in order. Without a sweep there is one.
///
/// `is_sound` is false if the sweep or an argument is faulty: then points are decoded to find faults of their own, but
/// not checked for illegal mixes, which a faulty setting may only seem to make.
pub(super) fn expand<R: Run>(
    request: &Request<'_>,
    bases: Bases<'_, R>,
    sweep: &Sweep,
    is_sound: bool,
    collector: &mut Collector,
) -> Vec<Point<R>> {
    let composer = Composer::new(bases, sweep, collector);
    let mut expander = Expander {
        request,
        composer,
        sweep,
        is_sound,
        collector,
        points: Vec::new(),
        known: HashSet::new(),
        inspected: 0,
    };
    expander.check_axes();
    expander.check_excluded_keys();
    expander.expand();
    expander.points
}

struct Expander<'a, R> {
    request: &'a Request<'a>,
    composer: Composer<'a, R>,
    sweep: &'a Sweep,
    is_sound: bool,
    collector: &'a mut Collector,
    points: Vec<Point<R>>,
    /// Hashes of the resolved runs so far.
    known: HashSet<blake3::Hash>,
    inspected: usize,
}

impl<R: Run> Expander<'_, R> {
    /// Two axes that set the same key would hide each other's values.
    fn check_axes(&mut self) {
        let mut known: HashMap<Vec<String>, String> = HashMap::new();
        for axis in &self.sweep.axes {
            for choice in axis.steps.first().into_iter().flatten() {
                let paths = self.composer.paths(&choice.key, self.collector);
                for path in paths.iter() {
                    let written = choice.key.written.clone();
                    let Some(other) = known.insert(path.clone(), written) else {
                        continue;
                    };
                    let path = quote(&path.join("."));
                    let message = format!("{path} is swept twice, also by {}", quote(&other));
                    self.collector.report(choice.key.span, message, None);
                }
            }
        }
        if self.sweep.seeds.is_some()
            && let Some(key) = self
                .sweep
                .axes
                .iter()
                .filter_map(|axis| axis.steps.first())
                .flatten()
                .map(|choice| &choice.key)
                .find(|key| key.pattern == ["seed"])
        {
            let message = "`seed` is an axis and `sweep.seeds` is set: keep one of them";
            self.collector.report(key.span, message, None);
        }
    }

    /// A slip in a key of `exclude` would silently exclude nothing.
    fn check_excluded_keys(&mut self) {
        let mut swept: HashSet<Vec<String>> = HashSet::new();
        for choice in self.sweep.axes.iter().filter_map(|axis| axis.steps.first()).flatten() {
            swept.extend(self.composer.paths(&choice.key, self.collector).iter().cloned());
        }
        for choice in self.sweep.exclude.iter().flatten() {
            let paths = self.composer.paths(&choice.key, self.collector);
            if paths.iter().all(|path| swept.contains(path)) {
                continue;
            }
            if let Some((fault, span)) = self.composer.unknown_everywhere(choice, &paths) {
                self.collector.report(span, fault.message, fault.label);
            }
        }
    }

    fn expand(&mut self) {
        let Some(total) = self.product() else {
            return;
        };
        let mut is_any_left = false;
        // A list of points under `include` alone means those points, not the base beside them.
        let has_product = !self.sweep.axes.is_empty() || self.sweep.include.is_empty();
        for index in 0..if has_product { total } else { 0 } {
            let choices = self.combination(index, total);
            let composed = self.composer.compose(&choices, self.collector);
            if !self.is_excluded(&composed) {
                is_any_left = true;
                self.point(&choices, composed);
            }
            if self.collector.is_full() {
                return;
            }
        }
        for choices in &self.sweep.include {
            let composed = self.composer.compose(choices, self.collector);
            is_any_left = true;
            self.point(choices, composed);
        }
        if !is_any_left {
            let path = [Step::Key("sweep".to_owned()), Step::Key("exclude".to_owned())];
            let place = self.composer.bases.main().merged.locate(&path, Mark::Key);
            let span = place.map(|place| place.span);
            let message = "`sweep.exclude` excludes every point";
            self.collector.report(span, message, None);
        }
    }

    /// How many combinations the axes have.
    fn product(&mut self) -> Option<usize> {
        let seeds = match &self.sweep.seeds {
            None => 1,
            Some(Seeds::Count(count, _)) => *count as usize,
            Some(Seeds::List(seeds)) => seeds.len(),
        };
        let mut lengths = self.sweep.axes.iter().map(|axis| axis.steps.len());
        let total = lengths.try_fold(1_usize, |total, length| total.checked_mul(length));
        let runs = total.and_then(|total| total.checked_add(self.sweep.include.len())?.checked_mul(seeds));
        if runs.is_some_and(|runs| runs <= MOST_VALUES) {
            return total;
        }
        let path = [Step::Key("sweep".to_owned())];
        let place = self.composer.bases.main().merged.locate(&path, Mark::Key);
        let message = format!("the sweep has more than {MOST_VALUES} points");
        self.collector.report(place.map(|place| place.span), message, None);
        None
    }

    fn combination(&self, index: usize, total: usize) -> Vec<Choice> {
        let mut choices = Vec::new();
        let (mut rest, mut block) = (index, total);
        for axis in &self.sweep.axes {
            block /= axis.steps.len();
            choices.extend(axis.steps[rest / block].iter().cloned());
            rest %= block;
        }
        choices
    }

    fn is_excluded(&mut self, composed: &Composed) -> bool {
        self.sweep.exclude.iter().any(|entry| {
            entry.iter().all(|choice| {
                let paths = self.composer.paths(&choice.key, self.collector);
                let mut paths = paths.iter();
                let has_paths = paths.len() > 0;
                has_paths && paths.all(|path| self.composer.has(composed, path, &choice.value.json))
            })
        })
    }

    /// Adds a point for each seed, or reports why it is none.
    fn point(&mut self, choices: &[Choice], mut composed: Composed) {
        self.check_preset(choices, &composed);
        let overrides: Map<String, Value> = choices
            .iter()
            .filter(|choice| choice.key.pattern != ["seed"])
            .map(|choice| (choice.key.written.clone(), choice.value.json.clone()))
            .collect();
        let first = self.composer.first_seed(&composed);
        let seeds: Vec<(u64, Option<Span>)> = match &self.sweep.seeds {
            None => vec![(first, None)],
            Some(Seeds::Count(count, span)) => {
                (0..*count).map(|index| (first.saturating_add(index), Some(*span))).collect()
            }
            Some(Seeds::List(seeds)) => seeds.iter().map(|(seed, span)| (*seed, Some(*span))).collect(),
        };
        for (seed, span) in seeds {
            if span.is_some()
                && let Value::Object(run) = &mut composed.run
            {
                run.insert("seed".to_owned(), Value::from(seed));
            }
            composed.seed = span;
            let Some(run) = self.decode(choices, &composed) else {
                return;
            };
            if !self.is_sound {
                continue;
            }
            self.check(choices, &composed, &run);
            match serde_json::to_vec(&run) {
                Ok(bytes) if self.known.insert(blake3::hash(&bytes)) => {}
                Ok(_) => continue,
                Err(error) => {
                    let message = format!("a resolved run cannot be written: {error}");
                    self.collector.report(None, message, None);
                    return;
                }
            }
            self.points.push(Point { overrides: overrides.clone(), seed, run });
        }
    }

    fn decode(&mut self, choices: &[Choice], composed: &Composed) -> Option<R> {
        if let Ok(run) = R::deserialize(&composed.run) {
            return Some(run);
        }
        self.inspected += 1;
        if self.inspected > MOST_INSPECTED {
            return None;
        }
        let (_, faults) = inspect::<R>(&composed.run, "run");
        for fault in faults {
            let span = self.composer.locate(choices, composed, &fault.path, fault.mark);
            self.collector.report(span, fault.message, fault.label);
        }
        None
    }

    fn check(&mut self, choices: &[Choice], composed: &Composed, run: &R) {
        for (key, message) in run.check() {
            let path: Vec<Step> = key
                .split('.')
                .filter(|part| !part.is_empty())
                .map(|part| match part.parse() {
                    Ok(index) => Step::Index(index),
                    Err(_) => Step::Key(part.to_owned()),
                })
                .collect();
            let span = self.composer.locate(choices, composed, &path, Mark::Setting);
            let message = match key.is_empty() {
                true => message,
                false => format!("{}: {message}", quote(&format!("run.{key}"))),
            };
            self.collector.report(span, message, None);
        }
    }

    fn check_preset(&mut self, choices: &[Choice], composed: &Composed) {
        let base = self.composer.bases.get(composed.base);
        let (false, Some(name)) = (base.is_known, &base.preset) else {
            return;
        };
        let message = format!("unknown preset {}", quote(name));
        let label = suggest(name, self.request.presets.iter().copied());
        let path = ["model", "preset"].map(|key| Step::Key(key.to_owned()));
        let span = self.composer.locate(choices, composed, &path, Mark::Value);
        self.collector.report(span, message, label);
    }
}
