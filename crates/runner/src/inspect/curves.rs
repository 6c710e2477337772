//! What runs have recorded at their steps as a long table for other programs.

use super::export::number;
use super::parquet::{self, Column};
use record::Scalars;
use serde_json::json;
use std::io;

/// A row a value.
#[derive(Default)]
pub(crate) struct Curves {
    /// Ids, and scalars in the order of their steps.
    runs: Vec<(String, Vec<Scalars>)>,
}

impl Curves {
    /// Adds a run.
    pub(crate) fn add(&mut self, id: &str, scalars: Vec<Scalars>) {
        self.runs.push((id.to_owned(), scalars));
    }

    /// How many values there are.
    pub(crate) fn count(&self) -> usize {
        self.rows().count()
    }

    /// A header and a line for each value.
    pub(crate) fn csv(&self) -> io::Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["run", "step", "name", "value"])?;
        for (run, step, name, value) in self.rows() {
            writer.write_record([run, &step.to_string(), name, &value.to_string()])?;
        }
        writer.into_inner().map_err(|error| error.into_error())
    }

    /// An array of objects, each in its line.
    pub(crate) fn json(&self) -> String {
        let row = |(run, step, name, value)| {
            json!({ "run": run, "step": step, "name": name, "value": number(value) }).to_string()
        };
        format!("[\n{}\n]\n", self.rows().map(row).collect::<Vec<_>>().join(",\n"))
    }

    /// The same columns, typed.
    pub(crate) fn parquet(&self) -> io::Result<Vec<u8>> {
        let (runs, steps) = (self.rows().map(|row| Some(row.0.into())), self.rows().map(|row| Some(row.1 as i64)));
        let (names, values) = (self.rows().map(|row| Some(row.2.into())), self.rows().map(|row| Some(row.3)));
        let columns = [
            ("run", Column::Text(runs.collect())),
            ("step", Column::Integers(steps.collect())),
            ("name", Column::Text(names.collect())),
            ("value", Column::Numbers(values.collect())),
        ];
        parquet::file(&columns).map_err(io::Error::other)
    }

    fn rows(&self) -> impl Iterator<Item = (&str, u64, &str, f64)> {
        let steps = self.runs.iter().flat_map(|(run, scalars)| scalars.iter().map(move |step| (run, step)));
        steps.flat_map(|(run, scalars)| {
            let Scalars { step, values, .. } = scalars;
            values.iter().map(|(name, value)| (run.as_str(), *step, name.as_str(), *value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn curves() -> Curves {
        let at = |step, values: &[(&str, f64)]| {
            let values = values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
            Scalars { step, at: 0.0, values }
        };
        let mut curves = Curves::default();
        curves.add("a", vec![at(10, &[("loss", 0.1), ("lr", 1e-30)]), at(20, &[("loss", f64::NAN)])]);
        curves.add("never started", Vec::new());
        curves.add("b", vec![at(7, &[("loss", f64::NEG_INFINITY)])]);
        curves
    }

    #[test]
    fn as_csv() {
        let expected = "run,step,name,value\na,10,loss,0.1\na,10,lr,0.000000000000000000000000000001\na,20,loss,NaN\nb,7,loss,-inf\n";
        assert_eq!(String::from_utf8(curves().csv().unwrap()).unwrap(), expected);
        assert_eq!(curves().count(), 4);
    }

    #[test]
    fn as_json() {
        let rows: Value = serde_json::from_str(&curves().json()).unwrap();
        assert_eq!(rows[0], json!({ "run": "a", "step": 10, "name": "loss", "value": 0.1 }));
        assert_eq!((&rows[2]["value"], &rows[3]["value"]), (&json!("NaN"), &json!("-inf")));
        let empty: Value = serde_json::from_str(&Curves::default().json()).unwrap();
        assert_eq!(empty, json!([]));
    }
}
