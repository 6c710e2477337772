//! A sweep multiplied out into typed points.
//!
//! Grid axes come first, then `zip` axes; the last varies fastest, and seeds vary fastest of all. `exclude` takes points
//! out of that product, `include` adds points after it; `runs` are the points themselves. Points that resolve to the
//! same run are one.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::{Map, Value};

use crate::axis::{Axis, AxisKey, Choice};
use crate::base::Bases;
use crate::combine::{combinations, show};
use crate::compose::{Composed, Composer};
use crate::decode::{inspect, read};
use crate::file_paths::{FilePaths, WrongPath};
use crate::layers::{Group, Setting, whole};
use crate::load::{Point, Request, Run};
use crate::names::{quote, suggest};
use crate::node::{Mark, Node};
use crate::path::{self, Step};
use crate::problem::Collector;
use crate::source::{Origin, Span};
use crate::sweep::{Seeds, Sweep};
use crate::values::MAX_VALUES;

/// Faulty points that are inspected; more of them rarely have new faults.
const MAX_INSPECTED: usize = 1000;
/// Problems whose causes are looked for: each takes as many points as there are axes.
const MAX_TRACED: usize = 100;

/// The note at the other axis of two.
const ALSO_SWEPT: &str = "it is swept here, too";

/// Every point of the sweep in order, and warnings about the sweep. Without a sweep there is one point.
///
/// `is_sound` is false if the sweep or an argument is faulty: then points are decoded to find faults of their own, but
/// not checked for illegal mixes, which a faulty setting may only seem to make.
pub(crate) fn expand<R: Run>(
    request: &Request<'_>,
    bases: Bases<'_, R>,
    sweep: &Sweep,
    is_sound: bool,
    collector: &mut Collector,
) -> (Vec<Point<R>>, Vec<String>) {
    let composer = Composer::new(bases, sweep, collector);
    let mut expander = Expander {
        request,
        paths: FilePaths::new(request.paths, request.environment, &collector.texts),
        composer,
        sweep,
        is_sound,
        collector,
        points: Vec::new(),
        known: HashSet::new(),
        rivals: Vec::new(),
        refused: HashSet::new(),
        inspected: 0,
        traced: 0,
        met: vec![false; sweep.exclude.len()],
    };
    expander.check_axes();
    expander.check_settings();
    expander.check_excluded();
    expander.expand();
    let idle = sweep.exclude.iter().zip(&expander.met).filter(|(_, has_met)| !**has_met);
    let warnings = idle.map(|(exclusion, _)| {
        let place = expander.collector.texts.place(exclusion.span);
        format!("{place}: this `exclude` removes no point")
    });
    (expander.points, warnings.collect())
}

struct Expander<'a, R> {
    request: &'a Request<'a>,
    paths: FilePaths<'a>,
    composer: Composer<'a, R>,
    sweep: &'a Sweep,
    is_sound: bool,
    collector: &'a mut Collector,
    points: Vec<Point<R>>,
    /// Hashes of the resolved runs so far.
    known: HashSet<blake3::Hash>,
    /// Keys of conditional axes that set the same.
    rivals: Vec<(Rc<AxisKey>, Rc<AxisKey>)>,
    /// Where a value was refused, and for which setting.
    refused: HashSet<(Span, Vec<Step>)>,
    inspected: usize,
    /// Problems whose causes were looked for.
    traced: usize,
    /// For each entry of `exclude` whether it took a point out.
    met: Vec<bool>,
}

impl<R: Run> Expander<'_, R> {
    /// Two axes that set the same key would hide each other's values.
    fn check_axes(&mut self) {
        let mut known: HashMap<Vec<String>, Vec<(usize, &Rc<AxisKey>)>> = HashMap::new();
        for (index, axis) in self.sweep.axes.iter().enumerate() {
            for key in axis.keys() {
                for path in self.composer.paths(key, self.collector).iter() {
                    let others = known.entry(path.clone()).or_default();
                    for (other, other_key) in others.iter() {
                        let may_differ = !axis.when.is_empty() && !self.sweep.axes[*other].when.is_empty();
                        match may_differ && *other != index {
                            true => self.rivals.push((Rc::clone(other_key), Rc::clone(key))),
                            false => report_twice(path, key, other_key, self.collector),
                        }
                    }
                    others.push((index, key));
                }
            }
        }
        if let Some(seeds) = self.sweep.seeds.as_ref().and_then(Seeds::span) {
            let points = self.sweep.include.iter().flatten().map(|choice| &choice.key);
            for key in self.sweep.axes.iter().flat_map(Axis::keys).chain(points).filter(|key| key.pattern == ["seed"]) {
                let message = "`seed` is set here and `sweep.seeds` is set: keep one of them";
                self.collector.report_both(key.span, message.to_owned(), None, (seeds, "`sweep.seeds` is set here"));
            }
        }
    }

    /// A setting from outside the files that every point replaces would silently do nothing.
    fn check_settings(&mut self) {
        /// What gives a key its values.
        #[derive(Clone, Copy)]
        enum By {
            Grid,
            Zip,
            Points,
        }
        let axes = self.sweep.axes.iter().filter(|axis| axis.when.is_empty());
        let of_axes = axes.flat_map(|axis| axis.keys().map(|key| (key, if axis.is_zip { By::Zip } else { By::Grid })));
        // Points alone, which all have to state a key, as below.
        let point = self.sweep.include.first().filter(|_| self.sweep.axes.is_empty());
        let of_points = point.into_iter().flatten().map(|choice| (&choice.key, By::Points));
        let mut swept: HashMap<Vec<String>, (&Rc<AxisKey>, By)> = HashMap::new();
        for (key, by) in of_axes.chain(of_points) {
            for path in self.composer.paths(key, self.collector).iter() {
                swept.insert(path.clone(), (key, by));
            }
        }
        for entry in &self.sweep.include {
            // A point of `include` is the base without the axes.
            let stated: Vec<_> = entry.iter().map(|choice| self.composer.paths(&choice.key, self.collector)).collect();
            swept.retain(|path, _| stated.iter().any(|paths| paths.contains(path)));
        }
        let groups = self.composer.bases.groups().iter();
        let settings = groups.filter_map(|group| match group {
            Group::Settings(settings) => Some(settings),
            Group::File(_) => None,
        });
        for setting in settings.flatten().filter(|setting| setting.path[0].name == "run") {
            // What a map states may stay beside what the axis states.
            if setting.value.entries().is_some() {
                continue;
            }
            let pattern: Vec<String> = setting.path[1..].iter().map(|part| part.name.clone()).collect();
            let paths = path::expand(&pattern, &self.composer.bases.main().resolved);
            let name = quote(&pattern.join("."));
            if let Some(Seeds::List(_)) = self.sweep.seeds
                && pattern == ["seed"]
            {
                let message = format!("{name} is set by `sweep.seeds`, so {} cannot change it", self.outside(setting));
                let label = self.instead(setting, "sweep.seeds");
                self.collector.report(whole(&setting.path), message, Some(label));
                continue;
            }
            let by: Option<Vec<_>> = paths.iter().map(|path| swept.get(path)).collect();
            let Some((key, by)) = by.and_then(|by| by.first().copied()) else {
                continue;
            };
            let message = format!("{name} is swept, so {} cannot change it", self.outside(setting));
            let label = match by {
                By::Grid => self.instead(setting, &format!("sweep.grid.{}", key.written)),
                By::Zip => format!("change the values of {} in `sweep.zip`", quote(&key.written)),
                By::Points => format!("every point of the sweep sets {}: change it there", quote(&key.written)),
            };
            self.collector.report(whole(&setting.path), message, Some(label));
        }
    }

    /// Where a setting comes from, for a message.
    fn outside(&self, setting: &Setting) -> &'static str {
        match self.collector.texts.origin(setting.value.span.text) {
            Origin::Environment => "the environment",
            _ => "`--set`",
        }
    }

    /// The setting that gives a list with this one value.
    fn instead(&self, setting: &Setting, key: &str) -> String {
        let texts = &self.collector.texts;
        let line = texts.text(setting.value.span.text);
        let value = line.split_once('=').map_or("", |(_, value)| value.trim());
        match texts.origin(setting.value.span.text) {
            // A shell knows no variables with a `*`.
            Origin::Environment if !key.contains('*') => {
                let name = key.replace('.', "__").to_uppercase();
                format!("use {}", quote(&format!("RUNNER_{name}=[{value}]")))
            }
            _ => format!("use {}", quote(&format!("--set {key}=[{value}]"))),
        }
    }

    /// Axes of the same key may have conditions of which one holds at a time.
    fn check_rivals(&mut self, combinations: &[Vec<Choice>]) {
        for (first, second) in &self.rivals {
            let has = |choices: &[Choice], key| choices.iter().any(|choice| Rc::ptr_eq(&choice.key, key));
            if combinations.iter().any(|choices| has(choices, first) && has(choices, second)) {
                let message =
                    format!("{} is swept twice where the conditions of both axes hold", quote(&second.written));
                self.collector.report_both(second.span, message, None, (first.span, ALSO_SWEPT));
            }
        }
    }

    /// A slip in a key or value of `exclude` would silently exclude nothing.
    fn check_excluded(&mut self) {
        let mut swept: HashSet<Vec<String>> = HashSet::new();
        for key in self.sweep.axes.iter().flat_map(Axis::keys) {
            swept.extend(self.composer.paths(key, self.collector).iter().cloned());
        }
        for condition in self.sweep.exclude.iter().flat_map(|exclusion| &exclusion.conditions) {
            let paths = self.composer.paths(condition.key(), self.collector);
            let is_swept = paths.iter().all(|path| swept.contains(path));
            let unknown = if is_swept { None } else { self.composer.unknown_everywhere(&condition.whole, &paths) };
            let faults = match unknown {
                Some(unknown) => vec![unknown],
                None => self.composer.misfits(condition, &paths),
            };
            for (fault, span) in faults {
                self.collector.report_fault(Some(span), &fault);
            }
        }
    }

    fn expand(&mut self) {
        let faults = self.collector.count();
        let Some(combinations) = self.combinations() else {
            return;
        };
        self.check_rivals(&combinations);
        self.is_sound &= self.collector.count() == faults;
        let mut is_any_left = false;
        for choices in &combinations {
            let composed = self.composer.compose(choices, self.collector);
            is_any_left |= self.point(choices, composed, true);
            if self.collector.is_full() {
                return;
            }
        }
        for choices in &self.sweep.include {
            let composed = self.composer.compose(choices, self.collector);
            is_any_left |= self.point(choices, composed, false);
        }
        if !is_any_left {
            let path = ["sweep", "exclude"].map(Step::from);
            let span = self.composer.bases.main().merged.locate(&path, Mark::Key);
            self.collector.report(span, "`sweep.exclude` excludes every point", None);
        }
    }

    /// The combinations of the axes, unless there are too many.
    fn combinations(&mut self) -> Option<Vec<Vec<Choice>>> {
        let seeds = match &self.sweep.seeds {
            None => 1,
            Some(Seeds::Count(count, _)) => *count as usize,
            Some(Seeds::List(seeds)) => seeds.len(),
        };
        let room = (MAX_VALUES / seeds).checked_sub(self.sweep.include.len());
        // A list of points alone means those points, not the base beside them.
        let combinations = match self.sweep.axes.is_empty() && !self.sweep.include.is_empty() {
            true => room.map(|_| Vec::new()),
            false => room.and_then(|room| combinations(self.sweep, room, &mut self.composer, self.collector)),
        };
        if combinations.is_none() {
            let span = self.composer.bases.main().merged.locate(&["sweep".into()], Mark::Key);
            self.collector.report(span, format!("the sweep has more than {MAX_VALUES} points"), None);
        }
        combinations
    }

    fn is_excluded(&mut self, composed: &Composed) -> bool {
        let mut is_excluded = false;
        for (exclusion, has_met) in self.sweep.exclude.iter().zip(&mut self.met) {
            // Once one takes the point out, only what the others have not shown yet is of interest.
            if is_excluded && *has_met {
                continue;
            }
            let mut conditions = exclusion.conditions.iter();
            let holds = conditions.all(|condition| self.composer.holds(condition, composed, self.collector));
            is_excluded |= holds;
            *has_met |= holds;
        }
        is_excluded
    }

    /// Adds a point for each seed, or reports why it is none. False if all of them are excluded.
    fn point(&mut self, choices: &[Choice], mut composed: Composed, may_be_excluded: bool) -> bool {
        let exclude = &self.sweep.exclude;
        let may_be_excluded = may_be_excluded && !exclude.is_empty();
        let has_seeds = exclude.iter().flat_map(|e| &e.conditions).any(|condition| condition.key().pattern == ["seed"]);
        if may_be_excluded && !has_seeds && self.is_excluded(&composed) {
            return false;
        }
        let overrides: Map<String, Value> = choices
            .iter()
            .filter(|choice| choice.key.pattern != ["seed"])
            .map(|choice| (choice.key.written.clone(), choice.value.json.clone()))
            .collect();
        let first = self.composer.first_seed(&composed);
        let seeds: Vec<(u64, Option<Span>)> = match &self.sweep.seeds {
            None => vec![(first, None)],
            Some(Seeds::Count(count, span)) => {
                let Some(last) = first.checked_add(count - 1) else {
                    let message = format!("{count} seeds from {first} on: a seed is at most {}", u64::MAX);
                    self.collector.report(*span, message, None);
                    return true;
                };
                (first..=last).map(|seed| (seed, Some(*span))).collect()
            }
            Some(Seeds::List(seeds)) => seeds.iter().map(|(seed, span)| (*seed, Some(*span))).collect(),
        };
        let mut is_any_left = false;
        for (seed, span) in seeds {
            if let Some(span) = span {
                composed.set_seed(seed, span);
            }
            if may_be_excluded && has_seeds && self.is_excluded(&composed) {
                continue;
            }
            is_any_left = true;
            self.check_preset(choices, &composed);
            let Some(run) = self.decode(choices, &composed) else {
                break;
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
                    break;
                }
            }
            self.points.push(Point { overrides: overrides.clone(), seed, run });
        }
        is_any_left
    }

    fn decode(&mut self, choices: &[Choice], composed: &Composed) -> Option<R> {
        match self.paths.resolve(&composed.run) {
            Ok(run) => {
                if let Some(run) = read(&run) {
                    return Some(run);
                }
            }
            Err(WrongPath { span, message, label }) => {
                if self.refused.insert((span, Vec::new())) {
                    self.collector.report(span, message, label);
                }
                return None;
            }
        }
        self.inspected += 1;
        if self.inspected > MAX_INSPECTED {
            return None;
        }
        let (_, faults) = inspect::<R>(&composed.run, "run");
        for mut fault in faults {
            let span = self.composer.locate(choices, composed, &fault.path, fault.mark, &self.collector.texts);
            // `linspace` and its like give many values in one place: the first that does not fit is enough.
            if fault.mark == Mark::Value && !self.refused.insert((span, fault.path.clone())) {
                continue;
            }
            if self.traced < MAX_TRACED && self.collector.is_new_fault(span, &fault) {
                let causes = self.causes(choices, span, &|run| inspect::<R>(run, "run").1.contains(&fault));
                fault.label = with(&causes, fault.label.clone());
            }
            self.collector.report_fault(Some(span), &fault);
        }
        None
    }

    fn check(&mut self, choices: &[Choice], composed: &Composed, run: &R) {
        for problem in run.check() {
            let path: Vec<Step> = problem
                .path
                .split('.')
                .filter(|part| !part.is_empty())
                .map(|part| match part.parse() {
                    Ok(index) => Step::Index(index),
                    Err(_) => Step::Key(part.to_owned()),
                })
                .collect();
            let span = self.composer.locate(choices, composed, &path, Mark::Setting, &self.collector.texts);
            let paths = self.paths.clone();
            let has = |run: &Node| {
                let run = paths.resolve(run).ok().and_then(|run| read::<R>(&run));
                run.is_some_and(|run| run.check().contains(&problem))
            };
            let mut causes = self.causes(choices, span, &has);
            let touching = |choice: &&Choice| self.composer.touches(choice, &path);
            let is_of_choice = choices.iter().any(|choice| choice.holds(span));
            let by = causes.iter().rev().copied().find(touching);
            let by = by.or_else(|| choices.iter().rev().find(touching).filter(|_| causes.is_empty()));
            let span = by.filter(|_| !is_of_choice).map_or(span, |choice| choice.value.node.span);
            causes.retain(|choice| !choice.holds(span));
            let label = with(&causes, None);
            let message = match path.as_slice() {
                [] => problem.message,
                path => {
                    let full = [&[Step::Key("run".to_owned())], path].concat();
                    format!("{}: {}", path::show(&full), problem.message)
                }
            };
            self.collector.report(span, message, label);
        }
    }

    /// The choices that cause a problem: without one of them the point does not have it. None if the problem is shown in one.
    fn causes<'c>(&mut self, choices: &'c [Choice], span: Span, has: &dyn Fn(&Node) -> bool) -> Vec<&'c Choice> {
        if self.traced >= MAX_TRACED || choices.iter().any(|choice| choice.holds(span)) {
            return Vec::new();
        }
        self.traced += 1;
        let mut causes = Vec::new();
        for (index, choice) in choices.iter().enumerate() {
            let others = [&choices[..index], &choices[index + 1..]].concat();
            if !has(&self.composer.compose(&others, self.collector).run) {
                causes.push(choice);
            }
        }
        causes
    }

    fn check_preset(&mut self, choices: &[Choice], composed: &Composed) {
        let base = self.composer.bases.get(composed.base);
        let (false, Some(name)) = (base.is_known, &base.preset) else {
            return;
        };
        let message = format!("unknown preset {}", quote(name));
        let label = suggest(name, self.request.presets.iter().copied());
        let path = ["model", "preset"].map(Step::from);
        let span = self.composer.locate(choices, composed, &path, Mark::Value, &self.collector.texts);
        self.collector.report(span, message, label);
    }
}

/// A note with the choices that cause a problem.
fn with(causes: &[&Choice], label: Option<String>) -> Option<String> {
    let causes: Vec<String> =
        causes.iter().map(|choice| quote(&format!("{}: {}", choice.key.written, show(&choice.value.json)))).collect();
    match (causes.is_empty(), label) {
        (true, label) => label,
        (false, None) => Some(format!("with {}", causes.join(", "))),
        (false, Some(label)) => Some(format!("with {}; {label}", causes.join(", "))),
    }
}

fn report_twice(path: &[String], key: &AxisKey, other: &AxisKey, collector: &mut Collector) {
    let message = format!("{} is swept twice, also by {}", quote(&path.join(".")), quote(&other.written));
    collector.report_both(key.span, message, None, (other.span, ALSO_SWEPT));
}
