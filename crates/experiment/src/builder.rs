//! The events of a YAML document to a tree.
//!
//! Owns duplicate keys, anchors, tags and the limits that keep hostile text harmless.

use std::collections::HashMap;
use std::rc::Rc;

use saphyr_parser::{Event, Marker, ScalarStyle, Span as Mark, Tag};

use crate::names::quote;
use crate::node::{Data, Entry, Node};
use crate::problem::Collector;
use crate::scalar::{is_not_finite, resolve};
use crate::source::Span;
use crate::yaml::Start;

/// Nested deeper than any experiment, shallower than any stack.
pub(crate) const MAX_DEPTH: usize = 64;
/// Values that aliases may add to a text.
const MAX_ALIASED: usize = 100_000;

struct Anchor {
    node: Node,
    size: Size,
}

/// How much a value holds: what aliases are limited by.
#[derive(Clone, Copy, Default)]
struct Size {
    nodes: usize,
    height: usize,
}

struct Frame {
    anchor: usize,
    start: Marker,
    size: Size,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        places: HashMap<Rc<str>, usize>,
        /// The key that waits for its value; without a name if it was reported.
        pending: Option<(Option<Rc<str>>, Span)>,
    },
}

/// Takes the events of one document and reports what has no place in it.
pub(crate) struct Builder<'a> {
    start: Start,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Anchor>,
    aliased: usize,
    root: Option<Node>,
    pub collector: &'a mut Collector,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(start: Start, collector: &'a mut Collector) -> Self {
        Builder { start, stack: Vec::new(), anchors: HashMap::new(), aliased: 0, root: None, collector }
    }

    /// The document's value, if it has one.
    pub(crate) fn finish(self) -> Option<Node> {
        self.root
    }

    /// `None` stops the parse; the reason was reported.
    pub(crate) fn event(&mut self, event: Event<'_>, mark: Mark) -> Option<()> {
        let span = self.start.span(mark.start, mark.end);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if style == ScalarStyle::Plain {
                    self.false_space(&text, span);
                }
                let data = self.scalar(&text, style, tag.as_deref(), span);
                let node = Node { span, data };
                let size = Size { nodes: 1, height: 1 };
                self.complete(node, Some(&text), anchor, size);
            }
            Event::SequenceStart(anchor, tag) => {
                self.collection_tag(tag.as_deref(), span);
                self.open(anchor, mark.start, Content::List(Vec::new()))?;
            }
            Event::MappingStart(anchor, tag) => {
                self.collection_tag(tag.as_deref(), span);
                let content = Content::Map { entries: Vec::new(), places: HashMap::new(), pending: None };
                self.open(anchor, mark.start, content)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(mark.end),
            Event::Alias(anchor) => self.alias(anchor, span)?,
            _ => {}
        }
        Some(())
    }

    fn open(&mut self, anchor: usize, start: Marker, content: Content) -> Option<()> {
        if self.stack.len() >= MAX_DEPTH {
            let span = self.start.span(start, start);
            return self.too_deep(span);
        }
        self.stack.push(Frame { anchor, start, size: Size::default(), content });
        Some(())
    }

    fn too_deep(&mut self, span: Span) -> Option<()> {
        let message = format!("values are nested more than {MAX_DEPTH} deep");
        self.collector.report(span, message, None);
        None
    }

    fn close(&mut self, end: Marker) {
        let Some(frame) = self.stack.pop() else {
            return;
        };
        let data = match frame.content {
            Content::List(items) => Data::List(Rc::new(items)),
            Content::Map { entries, .. } => Data::Map(Rc::new(entries)),
        };
        let span = self.start.span(frame.start, end);
        let size = Size { nodes: frame.size.nodes + 1, height: frame.size.height + 1 };
        self.complete(Node { span, data }, None, frame.anchor, size);
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Option<()> {
        let Some(Anchor { node, size }) = self.anchors.get(&anchor) else {
            let message = "this alias is inside the value that it repeats";
            self.collector.report(span, message, None);
            return None;
        };
        let (mut node, size) = (node.clone(), *size);
        if self.stack.len() + size.height > MAX_DEPTH {
            return self.too_deep(span);
        }
        self.aliased += size.nodes;
        if self.aliased > MAX_ALIASED {
            let message = format!("aliases repeat more than {MAX_ALIASED} values");
            self.collector.report(span, message, None);
            return None;
        }
        node.span = span;
        let text = match &node.data {
            Data::Text(text) => Some(text.clone()),
            _ => None,
        };
        self.complete(node, text.as_deref(), 0, size);
        Some(())
    }

    /// Puts a finished value where it belongs; `text` is a scalar's, which a key needs.
    fn complete(&mut self, node: Node, text: Option<&str>, anchor: usize, size: Size) {
        if anchor != 0 {
            let node = node.clone();
            self.anchors.insert(anchor, Anchor { node, size });
        }
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return;
        };
        frame.size.nodes += size.nodes;
        frame.size.height = frame.size.height.max(size.height);
        match &mut frame.content {
            Content::List(items) => items.push(node),
            Content::Map { entries, places, pending } => match pending.take() {
                None => {
                    let name = key_name(text, node.span, entries, places, self.collector);
                    *pending = Some((name, node.span));
                }
                Some((Some(key), key_span)) => {
                    places.insert(key.clone(), entries.len());
                    entries.push(Entry { key, key_span, value: node });
                }
                Some((None, _)) => {}
            },
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Data {
        let is_plain = style == ScalarStyle::Plain;
        match tag {
            None if is_plain => {}
            None => return Data::Text(text.into()),
            Some(tag) if tag.is_yaml_core_schema() => match tag.suffix.as_str() {
                "str" => return Data::Text(text.into()),
                "null" | "bool" | "int" | "float" => {}
                _ => self.unknown_tag(tag, span),
            },
            Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => {
                return Data::Text(text.into());
            }
            Some(tag) => self.unknown_tag(tag, span),
        }
        let data = resolve(text);
        if let Data::Number(number) = &data
            && number.as_f64().is_some_and(f64::is_finite)
        {
            return data;
        }
        if is_not_finite(text) {
            let message = format!("{} is not a finite number", quote(text));
            self.collector.settle(span, message);
        }
        data
    }

    /// A space that is none in YAML makes another key of `  train`, and a text of `preset: mlp`.
    fn false_space(&mut self, text: &str, span: Span) {
        let is_false =
            |c: char| !c.is_ascii() && c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{feff}');
        let is_key_place = |(at, c): &(usize, char)| is_false(*c) && (*at == 0 || text[..*at].ends_with(':'));
        if let Some((_, found)) = text.char_indices().find(is_key_place) {
            let code = u32::from(found);
            let name = if found == '\u{a0}' { ", a no-break space," } else { "" };
            let message = format!("here stands U+{code:04X}{name} which only looks like a space");
            self.collector.settle(span, message);
        }
    }

    fn collection_tag(&mut self, tag: Option<&Tag>, span: Span) {
        if let Some(tag) = tag
            && !(tag.is_yaml_core_schema() && matches!(tag.suffix.as_str(), "map" | "seq"))
        {
            self.unknown_tag(tag, span);
        }
    }

    fn unknown_tag(&mut self, tag: &Tag, span: Span) {
        let message = format!("the tag {} has no meaning here", quote(&tag.to_string()));
        self.collector.settle(span, message);
    }
}

/// The name of a key, or `None` if it cannot be one, and then that was reported.
fn key_name(
    text: Option<&str>,
    span: Span,
    entries: &[Entry],
    places: &HashMap<Rc<str>, usize>,
    collector: &mut Collector,
) -> Option<Rc<str>> {
    let Some(text) = text else {
        collector.report(span, "a list or a map cannot be a key", None);
        return None;
    };
    if text == "<<" {
        let label = "use `extends` or an alias as the whole value";
        let message = "merge keys are not part of YAML 1.2";
        collector.report(span, message, Some(label.to_owned()));
        return None;
    }
    if let Some(first) = places.get(text).and_then(|place| entries.get(*place)) {
        let message = format!("duplicate key {}", quote(text));
        collector.report_both(span, message, None, (first.key_span, "it is given here already"));
        return None;
    }
    Some(text.into())
}
