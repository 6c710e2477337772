//! Two columns of a Parquet file: images and labels. Knows nothing of pixels.

use std::path::Path;

use parquet::basic::Type;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use serde_json::Value;

use crate::DataError;
use crate::classes::Label;
use crate::file::content::most_unpacked;

/// Rows that are read at once.
const BATCH: usize = 1024;

/// As many rows any file may have; more only where it has this many bytes for each.
const FEW_ROWS: u64 = 1 << 20;
const BYTES_OF_ROW: u64 = 8;

/// A Parquet file.
pub(crate) struct ParquetFile {
    reader: SerializedFileReader<std::fs::File>,
    length: u64,
}

/// Numbers of leaf columns.
pub(crate) struct Columns {
    image: usize,
    label: Option<usize>,
}

/// What stands in a row.
pub(crate) struct Row {
    pub(crate) image: Option<ByteArray>,
    pub(crate) label: Option<Label>,
}

impl ParquetFile {
    /// Reads what the file says of its columns.
    pub(crate) fn open(path: &Path) -> Result<ParquetFile, DataError> {
        let (file, length) = files::open(path).map_err(|source| DataError::Io { path: path.to_owned(), source })?;
        let reader = SerializedFileReader::new(file);
        let reader = reader.map_err(|error| DataError::Unusable { path: path.to_owned(), reason: damaged(error) })?;
        Ok(ParquetFile { reader, length })
    }

    /// The columns of images and labels, by the names of the top columns.
    ///
    /// # Errors
    /// There is no such column, or it has another type; a sentence without a full stop.
    pub(crate) fn columns(&self, image: Option<&str>, label: Option<&str>) -> Result<Columns, String> {
        let leaves: Vec<(usize, &ColumnDescriptor)> = self
            .reader
            .metadata()
            .file_metadata()
            .schema_descr()
            .columns()
            .iter()
            .map(|leaf| &**leaf)
            .enumerate()
            .collect();
        let find = |is_it: &dyn Fn(&[String], &ColumnDescriptor) -> bool| {
            leaves
                .iter()
                .find(|(_, leaf)| leaf.max_rep_level() == 0 && is_it(leaf.path().parts(), leaf))
                .map(|(at, _)| *at)
        };
        let is_bytes = |leaf: &ColumnDescriptor| leaf.physical_type() == Type::BYTE_ARRAY;
        let is_struct = |parts: &[String]| parts.len() == 2 && parts[1] == "bytes";
        let found = match image {
            Some(name) => {
                find(&|parts, leaf| is_bytes(leaf) && parts[0] == name && (parts.len() == 1 || is_struct(parts)))
            }
            None => find(&|parts, leaf| is_bytes(leaf) && is_struct(parts))
                .or_else(|| find(&|parts, leaf| is_bytes(leaf) && parts == ["image"])),
        };
        let is_label =
            |leaf: &ColumnDescriptor| matches!(leaf.physical_type(), Type::INT32 | Type::INT64 | Type::BYTE_ARRAY);
        let labels = find(&|parts, leaf| is_label(leaf) && parts == [label.unwrap_or("label")]);
        let listed = || {
            let names = leaves.iter().map(|(_, leaf)| format!("`{}`", leaf.path().string()));
            names.take(20).collect::<Vec<_>>().join(", ")
        };
        match (found, labels, label) {
            (None, _, _) => {
                let name = image.map_or("of images".to_owned(), |name| format!("of images `{name}`"));
                Err(format!(
                    "it has no column {name}: bytes, or a struct of `bytes` and `path`; its columns are {}",
                    listed()
                ))
            }
            (_, None, Some(name)) => {
                Err(format!("it has no column of labels `{name}`: whole numbers or text; its columns are {}", listed()))
            }
            (Some(image), label, _) => Ok(Columns { image, label }),
        }
    }

    /// What the library `datasets` notes of the classes' names, in their order; none if it does not.
    pub(crate) fn class_names(&self, columns: &Columns) -> Vec<String> {
        let metadata = self.reader.metadata().file_metadata();
        let notes = metadata.key_value_metadata().into_iter().flatten().find(|note| note.key == "huggingface");
        let notes: Option<Value> = notes.and_then(|note| serde_json::from_str(note.value.as_deref()?).ok());
        let column = columns.label.map(|label| metadata.schema_descr().column(label));
        let names = notes.zip(column).and_then(|(notes, column)| {
            let names = notes["info"]["features"][column.name()]["names"].as_array()?.clone();
            names.iter().map(|name| Some(name.as_str()?.to_owned())).collect()
        });
        names.unwrap_or_default()
    }

    /// All rows.
    ///
    /// # Errors
    /// The file is damaged, or its values take more memory than a sound file's; a sentence without a full stop.
    pub(crate) fn rows(&self, columns: &Columns) -> Result<Vec<Row>, String> {
        let most = FEW_ROWS.max(self.length / BYTES_OF_ROW);
        let mut rows = Vec::new();
        let mut bytes = 0;
        for group in 0..self.reader.num_row_groups() {
            let reader = self.reader.get_row_group(group).map_err(damaged)?;
            let column = |column: usize| {
                let level = self.reader.metadata().file_metadata().schema_descr().column(column).max_def_level();
                read(reader.get_column_reader(column).map_err(damaged)?, most, level)
            };
            let images = column(columns.image)?;
            for image in images.iter().flatten() {
                bytes += image.len() as u64;
            }
            if rows.len() as u64 + images.len() as u64 > most || bytes > most_unpacked(self.length) {
                return Err("its rows take more memory than those of a sound file".to_owned());
            }
            let labels = match columns.label {
                Some(label) => column(label)?,
                None => Vec::new(),
            };
            if columns.label.is_some() && labels.len() != images.len() {
                return Err(format!("it has {} labels for {} images", labels.len(), images.len()));
            }
            let mut labels = labels.into_iter();
            rows.extend(images.into_iter().map(|image| Row {
                image: image.map(|image| match image {
                    Cell::Bytes(bytes) => bytes,
                    Cell::Number(_) => ByteArray::from(Vec::new()),
                }),
                label: labels.next().flatten().map(Cell::label),
            }));
        }
        Ok(rows)
    }
}

enum Cell {
    Number(i64),
    Bytes(ByteArray),
}

impl Cell {
    fn len(&self) -> usize {
        match self {
            Cell::Number(_) => 0,
            Cell::Bytes(bytes) => bytes.len(),
        }
    }

    fn label(self) -> Label {
        match self {
            Cell::Number(number) => Label::Number(number),
            Cell::Bytes(bytes) => Label::Name(String::from_utf8_lossy(bytes.data()).into_owned()),
        }
    }
}

fn read(reader: ColumnReader, most: u64, level: i16) -> Result<Vec<Option<Cell>>, String> {
    match reader {
        ColumnReader::ByteArrayColumnReader(reader) => read_all(reader, most, level, Cell::Bytes),
        ColumnReader::Int64ColumnReader(reader) => read_all(reader, most, level, Cell::Number),
        ColumnReader::Int32ColumnReader(reader) => read_all(reader, most, level, |number| Cell::Number(number.into())),
        _ => Err("its columns have other types than it says".to_owned()),
    }
}

fn read_all<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    most: u64,
    largest: i16,
    cell: impl Fn(T::T) -> Cell,
) -> Result<Vec<Option<Cell>>, String> {
    let mut cells = Vec::new();
    loop {
        let (mut levels, mut values) = (Vec::new(), Vec::new());
        let (records, ..) = reader.read_records(BATCH, Some(&mut levels), None, &mut values).map_err(damaged)?;
        if records == 0 || cells.len() as u64 > most {
            return Ok(cells);
        }
        // Without levels every value is there.
        let mut values = values.into_iter();
        for index in 0..records {
            let is_there = levels.get(index).is_none_or(|level| *level == largest);
            cells.push(if is_there { values.next().map(&cell) } else { None });
        }
    }
}

fn damaged(error: ParquetError) -> String {
    format!("it is no sound Parquet file: {error}")
}
