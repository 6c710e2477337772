//! A YAML value that knows its place.

use std::rc::Rc;

use serde_json::{Map, Number, Value};

use crate::names::quote;
use crate::path::Step;
use crate::source::Span;

/// A value and its place. Copies share what is below them until one of them is changed.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub span: Span,
    pub data: Data,
}

/// A YAML value; maps keep the order of the text.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    Null,
    Bool(bool),
    Number(Number),
    Text(Rc<str>),
    List(Rc<Vec<Node>>),
    Map(Rc<Vec<Entry>>),
}

/// A key and its value in a map.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub key: Rc<str>,
    pub key_span: Span,
    pub value: Node,
}

/// What to mark in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The key itself: it should not be there.
    Key,
    /// The value that the key has.
    Value,
    /// The setting as a whole: something in it is missing or does not fit the rest.
    Setting,
}

/// The end of a path, or the last step of it that a tree has.
pub(crate) struct Reached {
    /// How many steps of the path the tree has.
    pub depth: usize,
    /// Where that step's key is; `None` for an item of a list and for the root.
    pub key: Option<Span>,
    /// Where its value is.
    pub value: Span,
}

impl Node {
    /// A list.
    pub(crate) fn list(span: Span, items: Vec<Node>) -> Self {
        Node { span, data: Data::List(Rc::new(items)) }
    }

    /// A map.
    pub(crate) fn map(span: Span, entries: Vec<Entry>) -> Self {
        Node { span, data: Data::Map(Rc::new(entries)) }
    }

    /// A value without a text of its own; all of it gets the place `span`.
    pub(crate) fn from_json(value: &Value, span: Span) -> Self {
        let data = match value {
            Value::Null => Data::Null,
            Value::Bool(value) => Data::Bool(*value),
            Value::Number(number) => Data::Number(number.clone()),
            Value::String(text) => Data::Text(text.as_str().into()),
            Value::Array(items) => return Node::list(span, items.iter().map(|v| Node::from_json(v, span)).collect()),
            Value::Object(map) => {
                let entry = |(key, value): (&String, _)| Entry {
                    key: key.as_str().into(),
                    key_span: span,
                    value: Node::from_json(value, span),
                };
                return Node::map(span, map.iter().map(entry).collect());
            }
        };
        Node { span, data }
    }

    /// The value without places.
    pub(crate) fn to_json(&self) -> Value {
        match &self.data {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::Bool(*value),
            Data::Number(value) => Value::Number(value.clone()),
            Data::Text(value) => Value::from(&**value),
            Data::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Data::Map(entries) => Value::Object(
                entries.iter().map(|entry| (entry.key.to_string(), entry.value.to_json())).collect::<Map<_, _>>(),
            ),
        }
    }

    /// The entry of a map with this key.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries()?.iter().find(|entry| &*entry.key == key)
    }

    /// The entries of a map.
    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match &self.data {
            Data::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items of a list.
    pub(crate) fn items(&self) -> Option<&[Node]> {
        match &self.data {
            Data::List(items) => Some(items),
            _ => None,
        }
    }

    /// A text.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value at the end of these keys.
    pub(crate) fn get<'a>(&self, keys: impl IntoIterator<Item = &'a str>) -> Option<&Node> {
        keys.into_iter().try_fold(self, |node, key| Some(&node.entry(key)?.value))
    }

    /// The value at the end of a path.
    pub(crate) fn at(&self, path: &[Step]) -> Option<&Node> {
        path.iter().try_fold(self, |node, step| match step {
            Step::Key(key) => Some(&node.entry(key)?.value),
            Step::Index(index) => node.items()?.get(*index),
        })
    }

    /// The value at the end of a path, to change.
    pub(crate) fn at_mut(&mut self, path: &[Step]) -> Option<&mut Node> {
        path.iter().try_fold(self, |node, step| match (step, &mut node.data) {
            (Step::Key(key), Data::Map(entries)) => {
                Some(&mut Rc::make_mut(entries).iter_mut().find(|entry| *entry.key == **key)?.value)
            }
            (Step::Index(index), Data::List(items)) => Rc::make_mut(items).get_mut(*index),
            _ => None,
        })
    }

    /// Follows a path as far as it leads.
    pub(crate) fn reach(&self, path: &[Step]) -> Reached {
        let mut node = self;
        let mut reached = Reached { depth: 0, key: None, value: self.span };
        for step in path {
            let child = match step {
                Step::Key(key) => node.entry(key).map(|entry| (&entry.value, Some(entry.key_span))),
                Step::Index(index) => node.items().and_then(|items| items.get(*index)).map(|item| (item, None)),
            };
            let Some((child, key)) = child else { break };
            reached = Reached { depth: reached.depth + 1, key, value: child.span };
            node = child;
        }
        reached
    }

    /// Where a setting is written, or the closest map around it; `None` if the tree has no step of the path.
    pub(crate) fn locate(&self, path: &[Step], mark: Mark) -> Option<Span> {
        let reached = self.reach(path);
        match mark {
            _ if reached.depth == 0 => None,
            Mark::Value if reached.depth == path.len() => Some(reached.value),
            _ => Some(reached.key.unwrap_or(reached.value)),
        }
    }

    /// Whether both have the same value.
    pub(crate) fn equals(&self, other: &Node) -> bool {
        match (&self.data, &other.data) {
            (Data::Text(own), Data::Text(other)) => own == other,
            _ => self.to_json() == other.to_json(),
        }
    }

    /// What kind of value it is, for a message.
    pub(crate) fn kind(&self) -> String {
        match &self.data {
            Data::Null => "nothing".to_owned(),
            Data::Bool(value) => format!("`{value}`"),
            Data::Number(value) => format!("the number `{value}`"),
            Data::Text(value) => format!("the text {}", quote(value)),
            Data::List(_) => "a list".to_owned(),
            Data::Map(_) => "a map".to_owned(),
        }
    }
}
