//! What every point starts from: the merged `run` section over the preset that it names.

use std::marker::PhantomData;

use serde_json::Value;

use crate::decode::{inspect, read};
use crate::layers::{Group, Merged, merge_groups};
use crate::merge::Tags;
use crate::node::Node;
use crate::problem::Collector;
use crate::source::{Origin, Span};
use crate::{Request, Run};

/// The settings that a point adds its own to.
pub(crate) struct Base {
    /// The preset below the layers.
    pub preset: Option<String>,
    /// False if there is no preset of that name.
    pub is_known: bool,
    pub merged: Merged,
    /// What the layers and the preset state.
    pub run: Node,
    /// The same with every default, without the settings that do not decode.
    pub resolved: Value,
}

/// The bases of an experiment: the preset may be an axis, so there may be several. The first is that of the file.
pub(crate) struct Bases<'a, R> {
    request: &'a Request<'a>,
    groups: &'a [Group],
    bases: Vec<Base>,
    run: PhantomData<R>,
}

impl<'a, R: Run> Bases<'a, R> {
    pub(crate) fn new(request: &'a Request<'a>, groups: &'a [Group], collector: &mut Collector) -> Self {
        let mut bases = Bases { request, groups, bases: Vec::new(), run: PhantomData };
        let without_preset = merge_groups(groups, None, &|_| Value::Null, request.tags);
        let preset = without_preset.section("run").and_then(preset_of).map(str::to_owned);
        bases.index_of(preset.as_deref(), collector);
        bases
    }

    pub(crate) fn get(&self, index: usize) -> &Base {
        &self.bases[index]
    }

    pub(crate) fn main(&self) -> &Base {
        self.get(0)
    }

    /// Every layer, in the order in which they are merged.
    pub(crate) fn groups(&self) -> &'a [Group] {
        self.groups
    }

    /// The names of all presets.
    pub(crate) fn presets(&self) -> &'a [&'a str] {
        self.request.presets
    }

    /// How settings state a variant.
    pub(crate) fn tags(&self) -> Tags<'a> {
        self.request.tags
    }

    /// The base with this preset, made when it is first asked for.
    pub(crate) fn index_of(&mut self, preset: Option<&str>, collector: &mut Collector) -> usize {
        let known = self.bases.iter().position(|b| b.preset.as_deref() == preset);
        if let Some(index) = known {
            return index;
        }
        let under = preset.and_then(|name| {
            let run = (self.request.preset)(name)?;
            let text = collector.texts.add(Origin::Preset(name.to_owned()), String::new());
            Some((name, Node::from_json(&run, Span::on_line(text, 1, 0, 0))))
        });
        let is_known = preset.is_none() || under.is_some();
        let merged = merge_groups(self.groups, under, &resolve::<R>, self.request.tags);
        for unmatched in &merged.unmatched {
            let (message, label) = (unmatched.message.clone(), unmatched.label.clone());
            collector.report(unmatched.span, message, label);
        }
        let run = merged.section("run").cloned();
        let run = run.unwrap_or_else(|| Node::map(Span::on_line(0, 1, 0, 1), Vec::new()));
        self.bases.push(Base {
            preset: preset.map(str::to_owned),
            is_known,
            resolved: resolve::<R>(&run),
            merged,
            run,
        });
        self.bases.len() - 1
    }
}

/// The preset that a `run` section names.
pub(crate) fn preset_of(run: &Node) -> Option<&str> {
    run.get(["model", "preset"])?.text()
}

/// A `run` section with every default, without the settings that do not decode.
pub(crate) fn resolve<R: Run>(run: &Node) -> Value {
    let decoded = read::<R>(run).or_else(|| inspect::<R>(run, "run").0);
    decoded.and_then(|run| serde_json::to_value(run).ok()).unwrap_or(Value::Null)
}
