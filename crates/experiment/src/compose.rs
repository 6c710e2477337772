//! One point's settings over its base, and the place of each in the texts.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

use crate::Run;
use crate::axis::{AxisKey, Choice};
use crate::base::{Bases, preset_of, resolve};
use crate::decode::{Fault, inspect, read};
use crate::layers::Unmatched;
use crate::merge::{self, TAG_KEYS, Tags};
use crate::node::{Data, Mark, Node};
use crate::path::{self, Step};
use crate::problem::Collector;
use crate::source::{Span, Texts};
use crate::sweep::Sweep;
use crate::values::AxisValue;
use crate::when::Condition;

/// Choices that are tried to learn which settings the sweep's variants have.
const MAX_PROBES: usize = 200;

type Paths = Rc<Vec<Vec<String>>>;

/// A point before it is typed.
pub(crate) struct Composed {
    /// The index of its base.
    pub base: usize,
    pub run: Node,
    /// `run` with every default, once that was asked for.
    resolved: OnceCell<Value>,
}

impl Composed {
    fn new(base: usize, run: Node) -> Self {
        Composed { base, run, resolved: OnceCell::new() }
    }

    /// Gives it a seed of `sweep.seeds`.
    pub(crate) fn set_seed(&mut self, seed: u64, span: Span) {
        merge::set(&mut self.run, &["seed".to_owned()], &|_| span, &Node { span, data: Data::Number(seed.into()) });
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
    run: Node,
    resolved: Value,
}

impl<'a, R: Run> Composer<'a, R> {
    pub(crate) fn new(bases: Bases<'a, R>, sweep: &Sweep, collector: &mut Collector) -> Self {
        let probe = Probe { run: bases.main().run.clone(), resolved: bases.main().resolved.clone() };
        let mut composer = Composer { bases, probes: vec![probe], paths: HashMap::new() };
        composer.probe(sweep, collector);
        composer
    }

    /// Only a name or a map can select a variant with other settings; a number cannot.
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
        for choices in variants.take(MAX_PROBES) {
            let run = self.compose(&choices, collector).run;
            let resolved = resolve::<R>(&run);
            self.probes.push(Probe { run, resolved });
        }
    }

    /// The paths that a key sets. A pattern that fits nothing is reported.
    pub(crate) fn paths(&mut self, key: &AxisKey, collector: &mut Collector) -> Paths {
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
        // A pattern that fits nothing is looked up again, so that each place of it is reported.
        if !paths.is_empty() {
            self.paths.insert(key.pattern.clone(), paths.clone());
        }
        paths
    }

    /// The choices over the base of their preset. They are one layer: none replaces a setting of another.
    pub(crate) fn compose(&mut self, choices: &[Choice], collector: &mut Collector) -> Composed {
        let paths: Vec<Paths> = choices.iter().map(|choice| self.paths(&choice.key, collector)).collect();
        let run = lay(choices, &paths, &self.bases.main().run, self.bases.tags());
        let preset = preset_of(&run);
        if preset == self.bases.main().preset.as_deref() {
            return Composed::new(0, run);
        }
        let base = self.bases.index_of(preset, collector);
        Composed::new(base, lay(choices, &paths, &self.bases.get(base).run, self.bases.tags()))
    }

    /// The seed that the settings give, from which seeds are counted.
    pub(crate) fn first_seed(&self, composed: &Composed) -> u64 {
        let default = self.bases.get(composed.base).resolved.get("seed");
        let stated = composed.run.entry("seed").map(|entry| entry.value.to_json());
        stated.as_ref().and_then(Value::as_u64).or(default.and_then(Value::as_u64)).unwrap_or(0)
    }

    /// Whether a point has the value of the choice wherever its key leads, by statement or by default.
    pub(crate) fn fits(&mut self, choice: &Choice, composed: &Composed, collector: &mut Collector) -> bool {
        let paths = self.paths(&choice.key, collector);
        !paths.is_empty() && paths.iter().all(|path| self.has(composed, path, &choice.value.json))
    }

    /// Whether a point has the value of the condition, or one of its list.
    pub(crate) fn holds(&mut self, condition: &Condition, composed: &Composed, collector: &mut Collector) -> bool {
        let mut choices = std::iter::once(&condition.whole).chain(&condition.items);
        choices.any(|choice| self.fits(choice, composed, collector))
    }

    /// The faults that say that no variant of the sweep can have the value of the condition, or one of its list.
    pub(crate) fn misfits(&self, condition: &Condition, paths: &Paths) -> Vec<(Fault, Span)> {
        match self.misfit(&condition.whole, paths) {
            None => Vec::new(),
            Some(first) if condition.items.is_empty() => vec![first],
            Some(_) => condition.items.iter().filter_map(|item| self.misfit(item, paths)).collect(),
        }
    }

    /// Whether a choice sets what is at a path, around it or below it.
    pub(crate) fn touches(&self, choice: &Choice, path: &[Step]) -> bool {
        let mut paths = self.paths.get(&choice.key.pattern).into_iter().flat_map(|paths| paths.iter());
        paths.any(|set| set.iter().zip(path).all(|(key, step)| matches!(step, Step::Key(step) if step == key)))
    }

    fn has(&self, composed: &Composed, path: &[String], expected: &Value) -> bool {
        let stated = stated(composed, path);
        match &stated {
            Some(value) if equals(expected, value) => true,
            // Keys missing in a map and the meaning of `null` are known from the defaults only.
            Some(value) if !(value.is_object() && expected.is_object() || value.is_null()) => false,
            _ => {
                let resolved = get(self.resolved(composed), path);
                resolved.is_some_and(|value| equals(expected, value) || stated.is_none() && names(expected, value))
            }
        }
    }

    /// What a point has at a path, by statement or by default.
    pub(crate) fn value(&self, composed: &Composed, path: &[String]) -> Option<Value> {
        stated(composed, path).or_else(|| get(self.resolved(composed), path).cloned())
    }

    fn resolved<'c>(&'c self, composed: &'c Composed) -> &'c Value {
        let of_base = &self.bases.get(composed.base).resolved;
        composed.resolved.get_or_init(|| match read::<R>(&composed.run) {
            Some(run) => serde_json::to_value(run).unwrap_or_else(|_| of_base.clone()),
            None => of_base.clone(),
        })
    }

    /// The fault that says that no variant of the sweep has the key of this choice.
    pub(crate) fn unknown_everywhere(&self, choice: &Choice, paths: &Paths) -> Option<(Fault, Span)> {
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
        let span = choice.value.node.locate(&fault.path[depth..], fault.mark);
        Some((fault, span.unwrap_or(choice.value.node.span)))
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
            let only = (std::slice::from_ref(choice), [Rc::new(vec![path.clone()])]);
            for probe in &self.probes {
                let (_, faults) = inspect::<R>(&lay(only.0, &only.1, &probe.run, self.bases.tags()), "run");
                let fault = faults.into_iter().find(|fault| fits(fault, &steps))?;
                first.get_or_insert(fault);
            }
        }
        first
    }

    /// Where a setting of a point was written: by the choice or the layer that set it, else the closest map around it,
    /// else the first line of the file. A fault in a preset itself is shown where the preset is named.
    pub(crate) fn locate(
        &self,
        choices: &[Choice],
        composed: &Composed,
        path: &[Step],
        mark: Mark,
        texts: &Texts,
    ) -> Span {
        let run = &composed.run;
        let of_run = || self.bases.get(composed.base).merged.locate(&["run".into()], Mark::Key);
        let found = run.locate(path, mark).or_else(of_run).filter(|span| !texts.is_preset(*span));
        let preset = || Some(run.get(["model", "preset"])?.span);
        let span = found.or_else(preset).unwrap_or(Span::on_line(0, 1, 0, 1));
        // An axis has one key and many values: of what a point has from it, the value is shown.
        let by = choices.iter().rev().find(|choice| mark == Mark::Setting && choice.key.holds(span));
        by.map_or(span, |choice| choice.value.node.span)
    }
}

/// The choices over a base, each at its paths. They are one layer: none replaces a setting of another, but where one states
/// another variant than the base, the base's settings of its variant go.
fn lay(choices: &[Choice], paths: &[Paths], base: &Node, tags: Tags<'_>) -> Node {
    let mut run = base.clone();
    let settings = || choices.iter().zip(paths).flat_map(|(choice, at)| at.iter().map(move |path| (choice, path)));
    for (choice, path) in settings() {
        for gone in merge::replaced_at(base, path, &choice.value.node, tags) {
            merge::remove(&mut run, &gone);
        }
    }
    for (choice, path) in settings() {
        merge::spell_out_at(&mut run, path, &choice.value.node, tags);
        merge::set(&mut run, path, &|depth| choice.key.part(depth), &choice.value.node);
    }
    run
}

/// What a point states at a path.
fn stated(composed: &Composed, path: &[String]) -> Option<Value> {
    composed.run.get(path.iter().map(String::as_str)).map(Node::to_json)
}

fn get<'a>(root: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(root, |value, key| value.get(key))
}

/// The choice with its number written without a fraction, if it has none.
fn whole_number(choice: &Choice) -> Choice {
    match choice.value.json.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 9e15) {
        Some(number) => {
            let node = Node { span: choice.value.node.span, data: Data::Number((number as i64).into()) };
            Choice { key: choice.key.clone(), value: Rc::new(AxisValue::new(node)) }
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
