//! One point's settings over its base, and the place of each in the texts.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::Run;
use crate::axis::{AxisKey, Choice};
use crate::base::{Bases, preset_of, resolve};
use crate::decode::{Fault, Mark, inspect};
use crate::layers::Unmatched;
use crate::merge::{self, TAG_KEYS};
use crate::node::Node;
use crate::path::{self, Step};
use crate::problem::Collector;
use crate::source::Span;
use crate::sweep::Sweep;
use crate::values::AxisValue;
use crate::when::Condition;

/// Choices that are tried to learn which settings the sweep's variants have.
const MOST_PROBES: usize = 200;

type Paths = Rc<Vec<Vec<String>>>;

/// A point before it is typed.
pub(crate) struct Composed {
    /// Which base it stands on.
    pub base: usize,
    pub run: Value,
    /// Where its seed was written, if by `sweep.seeds`.
    pub seed: Option<Span>,
    /// `run` with every default, once that was asked for.
    resolved: OnceCell<Value>,
}

impl Composed {
    /// Gives it a seed of `sweep.seeds`.
    pub fn set_seed(&mut self, seed: u64, span: Span) {
        if let Value::Object(run) = &mut self.run {
            run.insert("seed".to_owned(), Value::from(seed));
        }
        self.seed = Some(span);
        self.resolved = OnceCell::new();
    }
}

/// Lays choices over bases.
pub(crate) struct Composer<'a, R> {
    pub bases: Bases<'a, R>,
    /// The base and the base with each variant of the sweep; with defaults beside them.
    probes: Vec<Probe>,
    paths: HashMap<Vec<String>, Paths>,
}

struct Probe {
    run: Value,
    resolved: Value,
}

impl<'a, R: Run> Composer<'a, R> {
    pub fn new(bases: Bases<'a, R>, sweep: &Sweep, collector: &mut Collector) -> Self {
        let probe = Probe { run: bases.main().run.clone(), resolved: bases.main().resolved.clone() };
        let mut composer = Composer { bases, probes: vec![probe], paths: HashMap::new() };
        composer.probe(sweep, collector);
        composer
    }

    /// Only a name or a map can bring other settings with it; a number cannot.
    fn probe(&mut self, sweep: &Sweep, collector: &mut Collector) {
        let steps = sweep.axes.iter().flat_map(|axis| &axis.steps);
        let variants = steps.chain(&sweep.include).filter_map(|choices| {
            let telling: Vec<Choice> = choices
                .iter()
                .filter(|choice| !choice.value.json.is_number())
                .filter(|choice| !path::is_pattern(&choice.key.pattern))
                .cloned()
                .collect();
            (!telling.is_empty()).then_some(telling)
        });
        for choices in variants.take(MOST_PROBES) {
            let run = self.compose(&choices, collector).run;
            let resolved = resolve::<R>(&run);
            self.probes.push(Probe { run, resolved });
        }
    }

    /// The paths that a key sets. A pattern that fits nothing is reported.
    pub fn paths(&mut self, key: &AxisKey, collector: &mut Collector) -> Paths {
        if let Some(paths) = self.paths.get(&key.pattern) {
            return paths.clone();
        }
        let mut paths: Vec<Vec<String>> = Vec::new();
        if path::is_pattern(&key.pattern) {
            for probe in &self.probes {
                for path in path::expand(&key.pattern, &probe.resolved) {
                    if !paths.contains(&path) {
                        paths.push(path);
                    }
                }
            }
            if paths.is_empty() {
                let resolved = &self.probes[0].resolved;
                let unmatched = Unmatched::new(&key.pattern, key.span, resolved);
                collector.report(key.span, unmatched.message, unmatched.label);
            }
        } else {
            paths.push(key.pattern.clone());
        }
        let paths = Rc::new(paths);
        // A pattern that fits nothing is looked up again, so that each place where it stands is reported.
        if !paths.is_empty() {
            self.paths.insert(key.pattern.clone(), paths.clone());
        }
        paths
    }

    /// The choices over the base that their preset asks for. They are one layer: they do not displace each other.
    pub fn compose(&mut self, choices: &[Choice], collector: &mut Collector) -> Composed {
        let mut over = Value::Object(Map::new());
        for choice in choices {
            for path in self.paths(&choice.key, collector).iter() {
                merge::set(&mut over, path, &choice.value.json);
            }
        }
        let mut run = self.bases.main().run.clone();
        merge::merge(&mut run, &over);
        let preset = preset_of(&run);
        let mut base = 0;
        if preset != self.bases.main().preset.as_deref() {
            let preset = preset.map(str::to_owned);
            base = self.bases.index_of(preset.as_deref(), collector);
            run = self.bases.get(base).run.clone();
            merge::merge(&mut run, &over);
        }
        Composed { base, run, seed: None, resolved: OnceCell::new() }
    }

    /// The seed that the settings give, from which seeds are counted.
    pub fn first_seed(&self, composed: &Composed) -> u64 {
        let default = self.bases.get(composed.base).resolved.get("seed");
        let stated = composed.run.get("seed").and_then(Value::as_u64);
        stated.or(default.and_then(Value::as_u64)).unwrap_or(0)
    }

    /// Whether a point has the value of the choice wherever its key leads, by statement or by default.
    pub fn fits(&mut self, choice: &Choice, composed: &Composed, collector: &mut Collector) -> bool {
        let paths = self.paths(&choice.key, collector);
        !paths.is_empty() && paths.iter().all(|path| self.has(composed, path, &choice.value.json))
    }

    /// Whether a point has the value of the condition, or one of its list.
    pub fn holds(&mut self, condition: &Condition, composed: &Composed, collector: &mut Collector) -> bool {
        let mut choices = std::iter::once(&condition.whole).chain(&condition.items);
        choices.any(|choice| self.fits(choice, composed, collector))
    }

    /// The faults that say that no variant of the sweep can have the value of the condition, or one of its list.
    pub fn misfits(&self, condition: &Condition, paths: &Paths) -> Vec<(Fault, Span)> {
        match self.misfit(&condition.whole, paths) {
            None => Vec::new(),
            Some(first) if condition.items.is_empty() => vec![first],
            Some(_) => condition.items.iter().filter_map(|item| self.misfit(item, paths)).collect(),
        }
    }

    /// Whether a choice sets what is at a path, around it or below it.
    pub fn touches(&self, choice: &Choice, path: &[Step]) -> bool {
        let mut paths = self.paths.get(&choice.key.pattern).into_iter().flat_map(|paths| paths.iter());
        paths.any(|set| set.iter().zip(path).all(|(key, step)| matches!(step, Step::Key(step) if step == key)))
    }

    fn has(&self, composed: &Composed, path: &[String], expected: &Value) -> bool {
        match merge::get(&composed.run, path) {
            Some(value) if equals(expected, value) => true,
            // What is missing in a map, and what `null` means, only the defaults tell.
            Some(value) if !(value.is_object() && expected.is_object() || value.is_null()) => false,
            stated => {
                let resolved = merge::get(self.resolved(composed), path);
                resolved.is_some_and(|value| equals(expected, value) || stated.is_none() && names(expected, value))
            }
        }
    }

    /// What a point has at a path, by statement or by default.
    pub fn value(&self, composed: &Composed, path: &[String]) -> Option<Value> {
        merge::get(&composed.run, path).or_else(|| merge::get(self.resolved(composed), path)).cloned()
    }

    fn resolved<'c>(&'c self, composed: &'c Composed) -> &'c Value {
        let of_base = &self.bases.get(composed.base).resolved;
        composed.resolved.get_or_init(|| match R::deserialize(&composed.run) {
            Ok(run) => serde_json::to_value(run).unwrap_or_else(|_| of_base.clone()),
            Err(_) => of_base.clone(),
        })
    }

    /// The fault that says that no variant of the sweep has the key of this choice.
    pub fn unknown_everywhere(&self, choice: &Choice, paths: &Paths) -> Option<(Fault, Span)> {
        let fault = self
            .fault_everywhere(choice, paths, &|fault, set| fault.mark == Mark::Key && set.starts_with(&fault.path))?;
        let span = choice.key.part(fault.path.len().saturating_sub(1));
        Some((fault, span))
    }

    /// The fault that says that no variant of the sweep can have the value of this choice.
    fn misfit(&self, choice: &Choice, paths: &Paths) -> Option<(Fault, Span)> {
        // Values are compared by value: `1.0` may stand for `1`.
        let fault = self.fault_everywhere(&whole_number(choice), paths, &|fault, set| {
            fault.mark != Mark::Setting && fault.path.starts_with(set)
        })?;
        let depth = paths.first().map_or(0, Vec::len).min(fault.path.len());
        let (_, span) = place_in_node(&choice.value.node, &fault.path[depth..], fault.mark);
        Some((fault, span))
    }

    /// The first fault that fits, if every variant has one when the choice is laid over it.
    fn fault_everywhere(
        &self,
        choice: &Choice,
        paths: &Paths,
        fits: &dyn Fn(&Fault, &[Step]) -> bool,
    ) -> Option<Fault> {
        let mut first = None;
        for path in paths.iter() {
            let steps = path::steps(path);
            for probe in &self.probes {
                let mut run = probe.run.clone();
                let mut over = Value::Object(Map::new());
                merge::set(&mut over, path, &choice.value.json);
                merge::merge(&mut run, &over);
                let (_, faults) = inspect::<R>(&run, "run");
                let fault = faults.into_iter().find(|fault| fits(fault, &steps))?;
                first.get_or_insert(fault);
            }
        }
        first
    }

    /// Where a setting of a point was written: the choice that set it, else the layer, else the closest map around it,
    /// else the first line of the file.
    pub fn locate(&self, choices: &[Choice], composed: &Composed, path: &[Step], mark: Mark) -> Span {
        if let (Some(span), [Step::Key(key)]) = (composed.seed, path)
            && key == "seed"
        {
            return span;
        }
        let mut best: Option<(usize, Span)> = None;
        for choice in choices.iter().rev() {
            let Some(paths) = self.paths.get(&choice.key.pattern) else {
                continue;
            };
            for set in paths.iter() {
                let Some((depth, span)) = place_in_choice(choice, set, path, mark) else {
                    continue;
                };
                if depth == path.len() && set.len() <= path.len() {
                    return span;
                }
                if best.is_none_or(|(known, _)| known < depth) {
                    best = Some((depth, span));
                }
            }
        }
        let base = self.bases.get(composed.base);
        let full = [&[Step::Key("run".to_owned())], path].concat();
        let by_layer = base.merged.locate(&full, mark);
        let by_layer = by_layer.map(|place| (place.depth.saturating_sub(1), place.span));
        let found = match (best, by_layer) {
            (Some(choice), Some(layer)) if layer.0 == path.len() || layer.0 > choice.0 => Some(layer),
            (Some(choice), _) => Some(choice),
            (None, layer) => layer,
        };
        // A fault in a preset itself is shown where the preset is named.
        let preset = ["run", "model", "preset"].map(|key| Step::Key(key.to_owned()));
        found
            .map(|(_, span)| span)
            .or_else(|| Some(base.merged.locate(&preset, Mark::Value)?.span))
            .unwrap_or(Span::on_line(0, 1, 0, 1))
    }
}

/// How many steps of `path` a choice that sets `set` holds, and the place of the last of them.
fn place_in_choice(choice: &Choice, set: &[String], path: &[Step], mark: Mark) -> Option<(usize, Span)> {
    let common = set.iter().zip(path).take_while(|(key, step)| matches!(step, Step::Key(step) if step == *key)).count();
    if common < set.len() {
        // The path ends on the way to what is set: one of the keys on the way is meant.
        let is_on_the_way = common == path.len() && common > 0;
        return is_on_the_way.then(|| (common, choice.key.part(common - 1)));
    }
    let rest = &path[common..];
    if rest.is_empty() {
        let span = match mark {
            Mark::Key => choice.key.part(common.saturating_sub(1)),
            Mark::Value | Mark::Setting => choice.value.node.span,
        };
        return Some((common, span));
    }
    let (depth, span) = place_in_node(&choice.value.node, rest, mark);
    Some((common + depth, span))
}

fn place_in_node(root: &Node, path: &[Step], mark: Mark) -> (usize, Span) {
    let (mut node, mut span) = (root, root.span);
    for (depth, step) in path.iter().enumerate() {
        let child = match step {
            Step::Key(key) => node.entry(key).map(|e| (&e.value, e.key_span)),
            Step::Index(index) => node.items().and_then(|i| i.get(*index)).map(|n| (n, n.span)),
        };
        let Some((child, key_span)) = child else {
            return (depth, span);
        };
        let is_last = depth + 1 == path.len();
        span = if is_last && mark == Mark::Value { child.span } else { key_span };
        node = child;
    }
    (path.len(), span)
}

/// The choice with its number written without a fraction, if it has none.
fn whole_number(choice: &Choice) -> Choice {
    match choice.value.json.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 9e15) {
        Some(number) => {
            let (json, node) = (Value::from(number as i64), choice.value.node.clone());
            Choice { key: choice.key.clone(), value: Rc::new(AxisValue { node, json }) }
        }
        None => choice.clone(),
    }
}

/// Equality by value: `1` is `1.0`, and a map has at least what is expected of it.
fn equals(expected: &Value, value: &Value) -> bool {
    match (expected, value) {
        (Value::Number(expected), Value::Number(value)) => expected == value || expected.as_f64() == value.as_f64(),
        (Value::Array(expected), Value::Array(value)) => {
            expected.len() == value.len() && expected.iter().zip(value).all(|(e, v)| equals(e, v))
        }
        (Value::Object(expected), Value::Object(value)) => {
            expected.iter().all(|(key, expected)| value.get(key).is_some_and(|value| equals(expected, value)))
        }
        (Value::String(_), Value::Object(map)) => map.len() == 1 && names(expected, value),
        (Value::Object(map), Value::String(_)) => map.len() == 1 && names(value, expected),
        _ => expected == value,
    }
}

/// Whether a name is that of the variant that a map states.
fn names(name: &Value, map: &Value) -> bool {
    name.is_string() && TAG_KEYS.iter().any(|key| map.get(*key) == Some(name))
}
