//! Experiment files and the files that they extend.
//!
//! Owns reading, the top-level keys and the `extends` chain. What the sections hold is for others to judge.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::layers::{Group, Layer};
use crate::names::{nearest, quote, suggest};
use crate::node::{Data, Entry, Node};
use crate::problem::Collector;
use crate::source::{Origin, Span};
use crate::yaml::{self, Start};

/// The top-level keys of an experiment file.
pub(crate) const TOP_LEVEL: [&str; 6] = ["name", "description", "extends", "run", "sweep", "execution"];
/// An experiment file is written by hand; what is larger is something else.
const MAX_BYTES: u64 = 4 << 20;
/// Files that one experiment may merge, counting a file each time that it is extended.
const MAX_FILES: usize = 256;

/// Reads a file and all that it extends, in the order in which they are merged.
///
/// `None` if one of them cannot be read as YAML at all; the reason is reported.
pub(crate) fn read(file: &Path, collector: &mut Collector) -> Option<Vec<Group>> {
    let mut reader = Reader { collector, chain: Vec::new(), groups: Vec::new(), is_complete: true };
    reader.read(file, None);
    let (groups, is_complete) = (reader.groups, reader.is_complete);
    is_complete.then_some(groups)
}

struct Reader<'a> {
    collector: &'a mut Collector,
    /// The files that are being read: each extends the next.
    chain: Vec<Link>,
    groups: Vec<Group>,
    is_complete: bool,
}

struct Link {
    shown: PathBuf,
    canonical: PathBuf,
}

impl Reader<'_> {
    /// `asked` is where an `extends` names the file.
    fn read(&mut self, file: &Path, asked: Option<Span>) {
        let canonical = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
        if let Some(first) = self.chain.iter().position(|l| l.canonical == canonical) {
            let links = self.chain[first..].iter().map(|link| link.shown.as_path());
            let shown: Vec<String> = links.chain([file]).map(|path| path.display().to_string()).collect();
            let message = format!("`extends` goes in a circle: {}", shown.join(" → "));
            return self.fail(asked, message, None);
        }
        if self.groups.len() + self.chain.len() >= MAX_FILES {
            let message = format!("more than {MAX_FILES} files are merged");
            return self.fail(asked, message, None);
        }
        let Some(text) = self.text(file, asked) else {
            return;
        };
        let start = Start { text, column: 0 };
        let yaml = self.collector.texts.text(text).to_owned();
        let Some(root) = yaml::parse(&yaml, start, self.collector) else {
            self.is_complete = false;
            return;
        };
        self.chain.push(Link { shown: file.to_path_buf(), canonical });
        self.merge(file, root);
        self.chain.pop();
    }

    /// The index of the file's text.
    fn text(&mut self, file: &Path, asked: Option<Span>) -> Option<usize> {
        if let Some(index) = self.collector.texts.find_file(file) {
            return Some(index);
        }
        match read_text(file) {
            Ok(text) => {
                let origin = Origin::File(file.to_path_buf());
                Some(self.collector.texts.add(origin, text))
            }
            Err(reason) => {
                let message = format!("cannot read `{}`: {reason}", file.display());
                let label = if file.exists() { None } else { similar_file(file) };
                self.fail(asked, message, label);
                None
            }
        }
    }

    fn merge(&mut self, file: &Path, root: Node) {
        let span = root.span;
        let entries = match root.data {
            Data::Map(entries) => Rc::unwrap_or_clone(entries),
            Data::Null => Vec::new(),
            _ => {
                let message = format!(
                    "an experiment is a map with the keys {}, not {}",
                    TOP_LEVEL.map(quote).join(", "),
                    root.kind()
                );
                self.collector.report(span, message, None);
                return;
            }
        };
        let is_extended = self.chain.len() > 1;
        let mut sections = Vec::new();
        for entry in entries {
            match &*entry.key {
                "extends" => self.extend(file, &entry.value),
                "name" | "description" => {
                    // They describe the file that they stand in, not the files that extend it.
                    if self.is_text(&entry) && !is_extended {
                        sections.push(entry);
                    }
                }
                "run" | "sweep" | "execution" => {
                    if self.is_section(&entry) {
                        sections.push(entry);
                    }
                }
                key => {
                    let message = format!("unknown key {}", quote(key));
                    let label = suggest(key, TOP_LEVEL);
                    self.collector.report(entry.key_span, message, label);
                }
            }
        }
        self.groups.push(Group::File(Layer { name: file.display().to_string(), root: Node::map(span, sections) }));
    }

    fn extend(&mut self, file: &Path, value: &Node) {
        let items = match &value.data {
            Data::List(items) => items.as_slice(),
            Data::Text(_) => std::slice::from_ref(value),
            Data::Null => &[],
            _ => {
                let message = format!("`extends` must be a path or a list of paths, not {}", value.kind());
                self.collector.report(value.span, message, None);
                return;
            }
        };
        let folder = file.parent().unwrap_or(Path::new(""));
        for item in items {
            match &item.data {
                Data::Text(path) => self.read(&folder.join(&**path), Some(item.span)),
                _ => {
                    let message = format!("`extends` lists paths, not {}", item.kind());
                    self.collector.report(item.span, message, None);
                }
            }
        }
    }

    fn is_text(&mut self, entry: &Entry) -> bool {
        match &entry.value.data {
            Data::Text(_) => true,
            Data::Null => false,
            _ => {
                let (key, kind) = (&entry.key, entry.value.kind());
                let message = format!("`{key}` must be text, not {kind}");
                let label = match &entry.value.data {
                    Data::Number(_) | Data::Bool(_) => Some("write it in quotes".to_owned()),
                    _ => None,
                };
                self.collector.report(entry.value.span, message, label);
                false
            }
        }
    }

    /// A section without content (`run:` with every line below it commented out) is no section.
    fn is_section(&mut self, entry: &Entry) -> bool {
        match &entry.value.data {
            Data::Map(_) => true,
            Data::Null => false,
            _ => {
                let (key, kind) = (&entry.key, entry.value.kind());
                let message = format!("`{key}` must be a map of settings, not {kind}");
                self.collector.report(entry.value.span, message, None);
                false
            }
        }
    }

    fn fail(&mut self, asked: Option<Span>, message: String, label: Option<String>) {
        self.collector.report(asked, message, label);
        self.is_complete = false;
    }
}

fn read_text(file: &Path) -> Result<String, String> {
    let bytes = files::read(file, MAX_BYTES).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("it is not UTF-8 text (line {line})")
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(text) => text.to_owned(),
        None => text,
    })
}

/// The file beside the missing one whose name is most alike.
fn similar_file(file: &Path) -> Option<String> {
    let wanted = file.file_name()?.to_str()?;
    let folder = match file.parent()? {
        folder if folder.as_os_str().is_empty() => Path::new("."),
        folder => folder,
    };
    let names: Vec<String> = folder
        .read_dir()
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name != wanted)
        .collect();
    let name = nearest(wanted, names.iter().map(String::as_str))?;
    Some(format!("did you mean `{name}`?"))
}
