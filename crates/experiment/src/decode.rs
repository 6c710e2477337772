//! A tree to a typed section, finding every fault and not only the first.
//!
//! serde stops at the first fault. So the faulty setting is left out, which leaves its default, and the rest is read again
//! until it fits.

use std::collections::VecDeque;

use serde::de::DeserializeOwned;

use crate::merge::TAG_KEYS;
use crate::names::{nearest, quote};
use crate::node::{Data, Mark, Node};
use crate::path::{Step, show};
use crate::reader::{Notes, Reader, Refused};
use crate::refusal::{Found, Refusal};
use crate::source::{Span, Texts};
use crate::words::{name_label, number_label, plain_expected, plain_found, upper_bound};

/// Rounds of repair: more faults than this are not worth a reader's time.
const MAX_ROUNDS: usize = 100;

/// Something in a section that its type refuses.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    /// Below the section.
    pub path: Vec<Step>,
    pub mark: Mark,
    pub label: Option<String>,
    /// The path with the section in front.
    full: Vec<Step>,
    refusal: Refusal,
}

/// Reads a section. `None` if it has a fault.
pub(crate) fn read<T: DeserializeOwned>(section: &Node) -> Option<T> {
    T::deserialize(Reader::new(section, &Notes::default())).ok()
}

/// Reads a section and finds its faults. The typed value is there if there are none, or if the rest of the section has a
/// value without the faulty settings.
pub(crate) fn inspect<T: DeserializeOwned>(section: &Node, name: &str) -> (Option<T>, Vec<Fault>) {
    let mut inspection = Inspection { section, name, notes: Notes::default(), faults: Vec::new(), is_trial: false };
    let typed = inspection.run();
    (typed, inspection.faults)
}

struct Inspection<'a> {
    section: &'a Node,
    name: &'a str,
    notes: Notes,
    faults: Vec<Fault>,
    /// Whether it tries a variant that the file does not state.
    is_trial: bool,
}

impl Inspection<'_> {
    fn run<T: DeserializeOwned>(&mut self) -> Option<T> {
        for _ in 0..MAX_ROUNDS {
            let refused = match self.read(self.section) {
                Ok(typed) => return Some(typed),
                Err(refused) => refused,
            };
            let (path, refusal) = self.narrow::<T>(refused);
            if !self.is_consequence(&path, &refusal) {
                self.faults.push(self.fault(path.clone(), refusal.clone()));
                if let Refusal::MissingKey { name } = refusal
                    && TAG_KEYS.contains(&name)
                    && !self.is_trial
                {
                    let unknown = self.unknown_beside::<T>(&path, name);
                    self.faults.extend(unknown);
                }
            }
            if !self.leave_out(path) {
                return None;
            }
        }
        None
    }

    fn read<T: DeserializeOwned>(&self, section: &Node) -> Result<T, Refused> {
        let empty = Node::map(section.span, Vec::new());
        let section = if self.notes.left_out.contains(&Vec::new()) { &empty } else { section };
        T::deserialize(Reader::new(section, &self.notes)).map_err(|refusal| {
            let at_root = Refused { path: Vec::new(), refusal, is_within: false };
            self.notes.take().unwrap_or(at_root)
        })
    }

    /// Types that buffer a map, such as derived enums with a tag, refuse a value within it and serde does not say which.
    /// Candidates are the values of that kind. Among several, it is one without which the same refusal does not return.
    fn narrow<T: DeserializeOwned>(&mut self, refused: Refused) -> (Vec<Step>, Refusal) {
        let Refused { path, refusal, is_within } = refused;
        let is_meant = |key: &Step, value: &Node| match &refusal {
            Refusal::UnknownKey { name, .. } => matches!(key, Step::Key(key) if key == name),
            Refusal::UnknownName { name, .. } => {
                value.text() == Some(name) || matches!(value.entries(), Some([entry]) if *entry.key == **name)
            }
            Refusal::Wrong { found, .. } => Found::of(value) == *found,
            _ => false,
        };
        let candidates = match self.section.at(&path) {
            Some(node) if is_within => below(node, &path, &is_meant),
            _ => Vec::new(),
        };
        let candidates: Vec<_> = candidates.into_iter().filter(|path| !self.is_left_out(path)).collect();
        let culprit = match candidates.len() {
            0 | 1 => candidates.into_iter().next(),
            _ => candidates
                .iter()
                .find(|path| self.is_cured_without::<T>(path, &refusal))
                .or(candidates.first())
                .cloned(),
        };
        (culprit.unwrap_or(path), refusal)
    }

    fn is_left_out(&self, path: &[Step]) -> bool {
        self.notes.left_out.iter().any(|left_out| path.starts_with(left_out))
    }

    fn is_cured_without<T: DeserializeOwned>(&mut self, path: &[Step], refusal: &Refusal) -> bool {
        self.notes.left_out.push(path.to_vec());
        let read = self.read::<T>(self.section);
        self.notes.left_out.pop();
        read.map_or_else(|refused| refused.refusal != *refusal, |_| true)
    }

    /// The keys of a map without its tag that no variant has: one of them may be the tag itself, misspelt.
    fn unknown_beside<T: DeserializeOwned>(&mut self, path: &[Step], tag: &'static str) -> Vec<Fault> {
        let with_tag = |variant: &str| {
            let mut section = self.section.clone();
            if let Some(map) = section.at_mut(path) {
                let text = Node { span: map.span, data: Data::Text(variant.into()) };
                let span = map.span;
                crate::merge::set(map, &[tag.to_owned()], &|_| span, &text);
            }
            section
        };
        let Err(Refused { refusal: Refusal::UnknownName { valid: variants, .. }, .. }) = self.read::<T>(&with_tag(""))
        else {
            return Vec::new();
        };
        // For each variant the keys that it does not have, with a note.
        let refused: Vec<Vec<(Step, Option<String>)>> = variants
            .iter()
            .map(|variant| {
                let section = with_tag(variant);
                let notes = Notes::leaving_out(self.notes.left_out.clone());
                let mut trial =
                    Inspection { section: &section, name: self.name, notes, faults: Vec::new(), is_trial: true };
                let _ = trial.run::<T>();
                let faults = trial.faults.into_iter().filter(|fault| fault.mark == Mark::Key);
                let below = faults.filter_map(|fault| match fault.path.split_last() {
                    Some((key, parent)) if parent == path => Some((key.clone(), fault.label)),
                    _ => None,
                });
                below.collect()
            })
            .collect();
        let entries = self.section.at(path).and_then(Node::entries).unwrap_or_default();
        let unknown = entries.iter().filter_map(|entry| {
            let step = Step::from(&*entry.key);
            let notes: Option<Vec<&Option<String>>> =
                refused.iter().map(|keys| keys.iter().find(|(key, _)| *key == step).map(|(_, note)| note)).collect();
            let note = notes?.into_iter().flatten().find(|note| note.starts_with("did you mean")).cloned();
            let refusal = Refusal::UnknownKey { name: entry.key.to_string(), valid: &[] };
            let label = nearest(&entry.key, [tag]).map(|tag| format!("did you mean `{tag}`?")).or(note);
            Some(Fault { label, ..self.fault([path, &[step]].concat(), refusal) })
        });
        unknown.collect()
    }

    /// Whether a fault is there only because another setting was left out.
    fn is_consequence(&self, path: &[Step], refusal: &Refusal) -> bool {
        self.notes.left_out.iter().any(|left_out| match refusal {
            Refusal::MissingKey { name } => match left_out.split_last() {
                // A map without its tag may be known by the setting that was left out.
                Some((Step::Key(key), parent)) => parent == path && (key == name || TAG_KEYS.contains(name)),
                _ => false,
            },
            Refusal::Wrong { .. } | Refusal::Other(_) => left_out.len() > path.len() && left_out.starts_with(path),
            _ => false,
        })
    }

    fn fault(&self, path: Vec<Step>, refusal: Refusal) -> Fault {
        let full = [&[self.name.into()], &path[..]].concat();
        let (mark, label) = match &refusal {
            Refusal::UnknownKey { name, valid } => (Mark::Key, name_label(name, valid, true)),
            Refusal::UnknownName { name, valid } => (Mark::Value, name_label(name, valid, false)),
            Refusal::MissingKey { .. } | Refusal::DuplicateKey { .. } => (Mark::Setting, None),
            Refusal::Wrong { found, expected } => {
                (Mark::Value, number_label(found, &expected_in_words(found, expected)))
            }
            Refusal::Other(_) => (Mark::Value, None),
        };
        Fault { path, mark, label, full, refusal }
    }

    /// Leaves the setting out; if that was done before, the map that it stands in. False if nothing is left.
    fn leave_out(&mut self, mut path: Vec<Step>) -> bool {
        while self.notes.left_out.contains(&path) || self.section.at(&path).is_none() {
            if path.pop().is_none() {
                return false;
            }
        }
        self.notes.left_out.push(path);
        true
    }
}

impl Fault {
    /// What is wrong with the value at a place in the texts.
    pub(crate) fn message(&self, span: Option<Span>, texts: &Texts) -> String {
        let shown = show(&self.full);
        match &self.refusal {
            Refusal::UnknownKey { name, .. } => {
                let parent = &self.full[..self.full.len().max(2) - 1];
                format!("unknown key {} in {}", quote(name), show(parent))
            }
            Refusal::UnknownName { name, .. } => format!("{} is not a valid value of {shown}", quote(name)),
            Refusal::MissingKey { name } => format!("the key {} is missing in {shown}", quote(name)),
            Refusal::DuplicateKey { name } => format!("the key {} is given twice in {shown}", quote(name)),
            Refusal::Wrong { found, expected } => {
                let typed = span.and_then(|span| texts.typed_number(span));
                let expected = expected_in_words(found, expected);
                format!("{shown} must be {expected}, not {}", plain_found(found, typed))
            }
            Refusal::Other(message) => format!("{shown}: {message}"),
        }
    }
}

fn expected_in_words(found: &Found, expected: &str) -> String {
    upper_bound(found, expected).unwrap_or_else(|| plain_expected(expected))
}

/// The paths of all values below a node that fit, those that are least deep first.
fn below(node: &Node, path: &[Step], fits: &dyn Fn(&Step, &Node) -> bool) -> Vec<Vec<Step>> {
    let mut found = Vec::new();
    let mut waiting = VecDeque::from([(path.to_vec(), node)]);
    while let Some((path, node)) = waiting.pop_front() {
        let entries = node.entries().unwrap_or_default().iter().map(|entry| (Step::from(&*entry.key), &entry.value));
        let items = node.items().unwrap_or_default().iter().enumerate().map(|(index, item)| (Step::Index(index), item));
        for (step, child) in entries.chain(items) {
            let is_found = fits(&step, child);
            let path = [&path[..], &[step]].concat();
            if is_found {
                found.push(path.clone());
            }
            waiting.push_back((path, child));
        }
    }
    found
}
