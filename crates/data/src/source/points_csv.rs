//! Points from a text file of numbers.

use std::path::PathBuf;

use csv::{ReaderBuilder, StringRecord, Trim};
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::classes::{Label, classes};
use crate::file::content::find;
use crate::file::points_file;
use crate::options::is_default;
use crate::source::{DataConfig, absolute};
use crate::{DataError, Dataset, Entry, HoldOut, Source, Split};

const NAME: &str = "points";

const HOW_TO_GET: &str = "set `path` to a CSV file with a point in each line";

/// More is not read into memory.
const MAX_BYTES: u64 = 4 << 30;

/// Signs between columns; of those in the first line the one that stands there most often counts.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b' '];

/// Points from a CSV file: a line for each, with or without a line of names before them.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsCsv {
    /// The file.
    pub path: PathBuf,
    /// The column of the classes: its name, or without names its number from 0. Unlabelled by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Column>,
    /// Share of the points to hold out for metrics, such as 0.1.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hold_out: HoldOut,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Column {
    /// By its place, from 0.
    Number(usize),
    /// By its name in the first line.
    Name(String),
}

impl Settings for PointsCsv {
    const NAME: &'static str = NAME;
}

impl Source for PointsCsv {
    fn entry() -> Entry {
        Entry::of_own_files(NAME, "points of your own, and optionally their classes, from a CSV file", HOW_TO_GET)
    }

    fn absolute(&self) -> Option<DataConfig> {
        Some(DataConfig::of(Self { path: absolute(&self.path), ..self.clone() }))
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.path.clone()]
    }

    fn check(&self) -> Vec<Problem> {
        self.hold_out.check().into_iter().collect()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let path = &self.path;
        if find(std::slice::from_ref(path)).is_none() {
            return Err(DataError::Missing { name: NAME, looked_for: vec![path.clone()], how_to_get: HOW_TO_GET });
        }
        let bytes = files::read(path, MAX_BYTES).map_err(|source| DataError::Io { path: path.clone(), source })?;
        let all = self.read(&bytes).map_err(|reason| DataError::Unusable { path: path.clone(), reason })?;
        self.hold_out.split(all, split, path)
    }
}

impl PointsCsv {
    /// Points without classes, none held out.
    pub fn new(path: PathBuf) -> Self {
        Self { path, label: None, hold_out: HoldOut::default() }
    }

    fn read(&self, bytes: &[u8]) -> Result<Dataset, String> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .delimiter(separator(bytes))
            .trim(Trim::All)
            .comment(Some(b'#'))
            .from_reader(bytes);
        let mut table = Table::default();
        let mut label_column = None;
        let mut record = StringRecord::new();
        while reader.read_record(&mut record).map_err(|error| wrong(&error))? {
            let line = record.position().map_or(0, csv::Position::line);
            if table.is_first {
                table.is_first = false;
                label_column = self.label.as_ref().map(|label| find_column(label, &record)).transpose()?;
                let is_number = |(column, text): (usize, &str)| Some(column) == label_column || number(text).is_some();
                let has_names = matches!(self.label, Some(Column::Name(_)));
                if has_names || !record.iter().enumerate().all(is_number) {
                    continue;
                }
            }
            table.add(&record, label_column).map_err(|reason| format!("line {line}: {reason}"))?;
        }
        let labels = label_column.map(|_| classes(&table.labels)).transpose()?;
        if table.values.is_empty() {
            return Err("it holds no points".to_owned());
        }
        points_file::dataset(NAME, table.dims, table.values, labels)
    }
}

/// What has been read.
struct Table {
    is_first: bool,
    dims: usize,
    values: Vec<f32>,
    labels: Vec<Label>,
}

impl Default for Table {
    fn default() -> Self {
        Self { is_first: true, dims: 0, values: Vec::new(), labels: Vec::new() }
    }
}

impl Table {
    fn add(&mut self, record: &StringRecord, label: Option<usize>) -> Result<(), String> {
        let before = self.values.len();
        for (column, text) in record.iter().enumerate() {
            if Some(column) == label {
                self.labels.push(Label::of_text(text));
            } else {
                let wrong = || {
                    let hint = if label.is_none() { "; `label` names a column of classes" } else { "" };
                    format!("`{text}` is no number{hint}")
                };
                self.values.push(number(text).ok_or_else(wrong)?);
            }
        }
        self.dims = self.values.len() - before;
        Ok(())
    }
}

fn find_column(label: &Column, first: &StringRecord) -> Result<usize, String> {
    let found = match label {
        Column::Number(number) => Some(*number).filter(|number| *number < first.len()),
        Column::Name(name) => first.iter().position(|own| own == name),
    };
    let columns = || first.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| match label {
        Column::Number(number) => format!("it has no column {number}, but {} columns, numbered from 0", first.len()),
        Column::Name(name) => format!("it has no column `{name}`; its first line is {}", columns()),
    })
}

fn number(text: &str) -> Option<f32> {
    text.parse().ok()
}

fn separator(bytes: &[u8]) -> u8 {
    let is_text = |line: &&[u8]| !line.is_empty() && !line.starts_with(b"#");
    let first = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).find(is_text).unwrap_or_default();
    let count = |separator: u8| first.iter().filter(|byte| **byte == separator).count();
    // A blank may stand behind another separator.
    SEPARATORS.into_iter().find(|separator| count(*separator) > 0).unwrap_or(b',')
}

fn wrong(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            format!("line {line}: it has {len} columns, and the first line has {expected_len}")
        }
        csv::ErrorKind::Utf8 { pos, .. } => {
            format!("line {}: it is no text", pos.as_ref().map_or(0, csv::Position::line))
        }
        _ => format!("it is no CSV file: {error}"),
    }
}
