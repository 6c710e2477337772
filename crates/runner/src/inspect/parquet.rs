//! Columns as a Parquet file.

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;

/// A column; what a row does not have is `None`.
#[derive(Debug, PartialEq)]
pub(crate) enum Column<'a> {
    Text(Vec<Option<Cow<'a, str>>>),
    Integers(Vec<Option<i64>>),
    Numbers(Vec<Option<f64>>),
    Truths(Vec<Option<bool>>),
}

/// The bytes of a file with these columns, which have one length.
pub(crate) fn file(columns: &[(&str, Column)]) -> Result<Vec<u8>> {
    let fields = columns.iter().map(|(name, column)| column.field(name)).collect::<Result<_>>()?;
    let schema = Arc::new(Type::group_type_builder("schema").with_fields(fields).build()?);
    let properties = Arc::new(WriterProperties::builder().set_compression(Compression::SNAPPY).build());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties)?;
    let mut rows = writer.next_row_group()?;
    for (_, column) in columns {
        column.write(&mut rows)?;
    }
    rows.close()?;
    writer.into_inner()
}

impl<'a> Column<'a> {
    /// The narrowest type that holds all values; text, and lists as JSON, if there is no other. Words of numbers that are not
    /// finite are numbers if `is_measured` is set.
    pub(crate) fn of<'v: 'a>(values: impl Iterator<Item = Option<&'v Value>>, is_measured: bool) -> Self {
        let values: Vec<Option<&Value>> = values.map(|value| value.filter(|value| !value.is_null())).collect();
        let word = |value: &Value| value.as_str().filter(|_| is_measured)?.parse().ok();
        let text = |value: &'v Value| match value {
            Value::String(text) => Cow::from(text),
            other => Cow::from(other.to_string()),
        };
        each(&values, Value::as_i64)
            .map(Self::Integers)
            .or_else(|| each(&values, |value| exact(value).or_else(|| word(value))).map(Self::Numbers))
            .or_else(|| each(&values, Value::as_bool).map(Self::Truths))
            .unwrap_or_else(|| Self::Text(values.iter().map(|value| value.map(text)).collect()))
    }

    fn field(&self, name: &str) -> Result<TypePtr> {
        let (physical, logical) = match self {
            Self::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Self::Integers(_) => (Physical::INT64, None),
            Self::Numbers(_) => (Physical::DOUBLE, None),
            Self::Truths(_) => (Physical::BOOLEAN, None),
        };
        let field = Type::primitive_type_builder(name, physical).with_logical_type(logical);
        Ok(Arc::new(field.with_repetition(Repetition::OPTIONAL).build()?))
    }

    fn write(&self, rows: &mut SerializedRowGroupWriter<'_, Vec<u8>>) -> Result<()> {
        match self {
            Self::Text(values) => write::<ByteArrayType, _>(rows, values, |text| ByteArray::from(&**text)),
            Self::Integers(values) => write::<Int64Type, _>(rows, values, |value| *value),
            Self::Numbers(values) => write::<DoubleType, _>(rows, values, |value| *value),
            Self::Truths(values) => write::<BoolType, _>(rows, values, |value| *value),
        }
    }
}

/// A number but for whole ones that only text keeps as they are.
fn exact(value: &Value) -> Option<f64> {
    value.as_f64().filter(|_| value.is_f64() || value.is_i64())
}

/// All values of one kind; `None` if one is of another.
fn each<'v, T>(values: &[Option<&'v Value>], of: impl Fn(&'v Value) -> Option<T>) -> Option<Vec<Option<T>>> {
    values.iter().map(|value| value.map_or(Some(None), |value| of(value).map(Some))).collect()
}

fn write<T: DataType, V>(
    rows: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &[Option<V>],
    of: impl Fn(&V) -> T::T,
) -> Result<()> {
    let levels: Vec<i16> = values.iter().map(|value| value.is_some().into()).collect();
    let values: Vec<T::T> = values.iter().flatten().map(of).collect();
    if let Some(mut column) = rows.next_column()? {
        column.typed::<T>().write_batch(&values, Some(&levels), None)?;
        column.close()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;
    use serde_json::json;
    use std::io::Write;

    fn column(values: &[Value], is_measured: bool) -> Column<'_> {
        Column::of(values.iter().map(Some), is_measured)
    }

    #[test]
    fn a_column_has_the_narrowest_type_of_its_values() {
        assert_eq!(column(&[json!(1), json!(null)], false), Column::Integers(vec![Some(1), None]));
        assert_eq!(column(&[json!(1), json!(0.5)], false), Column::Numbers(vec![Some(1.0), Some(0.5)]));
        assert_eq!(column(&[json!(true), json!(false)], false), Column::Truths(vec![Some(true), Some(false)]));
        let infinite = [json!("inf"), json!(2)];
        assert_eq!(column(&infinite, true), Column::Numbers(vec![Some(f64::INFINITY), Some(2.0)]));
        let text = |words: &[&'static str]| Column::Text(words.iter().map(|word| Some(Cow::from(*word))).collect());
        assert_eq!(column(&infinite, false), text(&["inf", "2"]));
        assert_eq!(column(&[json!([8, 4]), json!("hinge")], true), text(&["[8,4]", "hinge"]));
        assert_eq!(column(&[json!(u64::MAX), json!(0.5)], true), text(&["18446744073709551615", "0.5"]));
    }

    #[test]
    fn a_file_is_read_back() {
        let names = vec![Some(Cow::from("a")), None, Some(Cow::from("ü"))];
        let columns = [
            ("name", Column::Text(names)),
            ("value", Column::Numbers(vec![Some(f64::NAN), Some(-0.5), None])),
            ("step", Column::Integers(vec![Some(1), Some(2), Some(3)])),
            ("ok", Column::Truths(vec![None, None, Some(true)])),
        ];
        let mut target = tempfile::tempfile().unwrap();
        target.write_all(&file(&columns).unwrap()).unwrap();
        let reader = SerializedFileReader::new(target).unwrap();
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(|row| row.unwrap()).collect();
        assert_eq!(rows.len(), 3);
        assert_eq!((rows[2].get_string(0).unwrap().as_str(), rows[2].get_bool(3).unwrap()), ("ü", true));
        assert!(rows[0].get_double(1).unwrap().is_nan() && rows[1].get_string(0).is_err());
        assert_eq!(rows.iter().map(|row| row.get_long(2).unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn no_rows_are_a_file_too() {
        assert!(file(&[("run", Column::Text(Vec::new()))]).unwrap().starts_with(b"PAR1"));
    }
}
