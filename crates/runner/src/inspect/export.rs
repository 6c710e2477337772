//! The runs of sweeps as a table for other programs.

use super::parquet::{self, Column};
use crate::plan::settings::flatten;
use record::{MetricSummary, Numerics, Plan, PlannedRun};
use report::Row;
use serde_json::{Map, Value, json};
use std::io;

/// What the names of measured values begin with.
const MEASURED: [&str; 2] = ["metrics.", "selected."];

/// One row for each run, all with the same columns.
pub(crate) struct Table {
    columns: Vec<String>,
    rows: Vec<Map<String, Value>>,
}

impl Table {
    /// From plans and the rows of their runs.
    pub(crate) fn of(sweeps: &[(Plan, Vec<Row>)]) -> Self {
        let rows = || sweeps.iter().flat_map(|(plan, rows)| rows.iter().map(|row| (plan.sweep.as_str(), row)));
        let outcomes: Vec<_> = rows().map(|(sweep, row)| outcome(sweep, row)).collect();
        let settings: Vec<_> = sweeps.iter().flat_map(|(plan, _)| &plan.runs).map(settings).collect();
        let metrics: Vec<_> = rows().map(|(_, row)| metrics(row)).collect();
        let mut columns = Vec::new();
        for group in [&outcomes, &settings, &metrics] {
            columns.extend(names(group));
        }
        let rows = outcomes.into_iter().zip(settings).zip(metrics);
        let rows = rows.map(|((outcome, settings), metrics)| outcome.into_iter().chain(settings).chain(metrics));
        Self { columns, rows: rows.map(Iterator::collect).collect() }
    }

    /// A header and a line for each row.
    pub(crate) fn csv(&self) -> io::Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&self.columns)?;
        for row in &self.rows {
            writer.write_record(self.columns.iter().map(|column| cell(row.get(column))))?;
        }
        writer.into_inner().map_err(|error| error.into_error())
    }

    /// An array of flat objects; what a run does not have is null.
    pub(crate) fn json(&self) -> Value {
        let object = |row: &Map<String, Value>| {
            let value = |column: &String| (column.clone(), row.get(column).cloned().unwrap_or_default());
            Value::Object(self.columns.iter().map(value).collect())
        };
        Value::Array(self.rows.iter().map(object).collect())
    }

    /// Typed columns. What a run does not have is null.
    pub(crate) fn parquet(&self) -> io::Result<Vec<u8>> {
        let columns = self.columns.iter().map(|name| {
            let values = self.rows.iter().map(|row| row.get(name));
            (name.as_str(), Column::of(values, MEASURED.iter().any(|group| name.starts_with(group))))
        });
        parquet::file(&columns.collect::<Vec<_>>()).map_err(io::Error::other)
    }
}

fn outcome(sweep: &str, row: &Row) -> Map<String, Value> {
    let pairs = [
        ("id", json!(row.id)),
        ("sweep", json!(sweep)),
        ("seed", json!(row.seed)),
        ("status", json!(row.status)),
        ("step", json!(row.step)),
        ("steps", json!(row.steps)),
        ("reason", json!(row.reason)),
        ("attempts", json!(row.attempts)),
        ("device", json!(row.device)),
        ("numerics", json!(arithmetic(row))),
        ("wall_secs", json!(row.wall_secs)),
        ("weights_digest", json!(row.weights_digest)),
        ("note", json!(row.note)),
        ("tags", json!(Some(&row.tags).filter(|tags| !tags.is_empty()))),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
}

/// `class/version`, of a mixture all of them, `+` between.
fn arithmetic(row: &Row) -> Option<String> {
    let names: Vec<String> =
        row.numerics.iter().map(|Numerics { class, version }| format!("{class}/{version}")).collect();
    (!names.is_empty()).then(|| names.join(" + "))
}

/// All but the seed, which has its column.
fn settings(run: &PlannedRun) -> Map<String, Value> {
    flatten(&run.config).into_iter().filter(|(key, _)| key != "seed").collect()
}

fn metrics(row: &Row) -> Map<String, Value> {
    let columns = |(name, metric): (&String, &MetricSummary)| {
        let step = metric.best_step.map(|step| json!(step));
        let more = [("best", metric.best.map(number)), ("best_step", step), ("floor", metric.floor.map(number))];
        let named = |(what, value): (&str, Option<Value>)| Some((format!("metrics.{name}.{what}"), value?));
        let last = (format!("metrics.{name}"), number(metric.last));
        [Some(last)].into_iter().chain(more.map(named)).flatten()
    };
    let mut columns: Map<String, Value> = row.metrics.iter().flat_map(columns).collect();
    if let Some(selection) = &row.selection {
        columns.insert("selected_step".to_owned(), json!(selection.step));
        let values = selection.values.iter().map(|(name, value)| (format!("selected.{name}"), number(*value)));
        columns.extend(values);
    }
    columns
}

/// What is not finite is a word.
pub(crate) fn number(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { json!(value.to_string()) }
}

/// Every name that some row has, in the order in which they come.
fn names(rows: &[Map<String, Value>]) -> Vec<String> {
    let names: Map<String, Value> = rows.iter().flat_map(Map::keys).map(|name| (name.clone(), Value::Null)).collect();
    names.into_iter().map(|(name, _)| name).collect()
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::Status;

    fn table() -> Table {
        let run = |seed: u64, config: Value| PlannedRun {
            id: format!("mlp-s{seed}"),
            digest: None,
            seed,
            overrides: Map::new(),
            steps: 6,
            config,
        };
        let row = |run: &PlannedRun, reason: Option<&str>, metrics: &[(&str, f64)]| Row {
            id: run.id.clone(),
            status: if reason.is_some() { Status::Diverged } else { Status::Queued },
            step: 3,
            steps: 6,
            seed: run.seed,
            overrides: Map::new(),
            device: None,
            attempts: 1,
            wall_secs: 0.5,
            weights_digest: None,
            reason: reason.map(str::to_owned),
            note: None,
            tags: Vec::new(),
            metrics: metrics.iter().map(|(n, last)| ((*n).to_owned(), MetricSummary::last(*last, 3))).collect(),
            selection: None,
            numerics: Vec::new(),
            mixture: None,
            started_at: None,
            updated_at: None,
        };
        let runs = vec![
            run(0, json!({"seed": 0, "model": {"hidden": [8, 4], "loss": "hinge"}})),
            run(1, json!({"seed": 1, "model": {"loss": "hinge", "penalty": 1e-4}})),
        ];
        let rows = [
            row(
                &runs[0],
                Some("a \"loss\", not finite\nat all"),
                &[("loss/b", f64::NAN), ("loss/a", f64::NEG_INFINITY)],
            ),
            row(&runs[1], None, &[("loss/b", 0.25)]),
        ];
        let plan = Plan {
            format: 1,
            sweep: "x".into(),
            description: String::new(),
            experiment: String::new(),
            environment: Vec::new(),
            sets: Vec::new(),
            experiment_digest: String::new(),
            created: 0.0,
            extended: Vec::new(),
            runs,
        };
        Table::of(&[(plan, rows.to_vec())])
    }

    #[test]
    fn as_csv() {
        insta::assert_snapshot!(String::from_utf8(table().csv().unwrap()).unwrap(), @r#"
        id,sweep,seed,status,step,steps,reason,attempts,device,numerics,wall_secs,weights_digest,note,tags,model.hidden,model.loss,model.penalty,metrics.loss/a,metrics.loss/b
        mlp-s0,x,0,diverged,3,6,"a ""loss"", not finite
        at all",1,,,0.5,,,,"[8,4]",hinge,,-inf,NaN
        mlp-s1,x,1,queued,3,6,,1,,,0.5,,,,,hinge,0.0001,,0.25
        "#);
    }

    #[test]
    fn as_json() {
        let json = table().json();
        let row = &json[0];
        assert_eq!((&row["metrics.loss/b"], &row["metrics.loss/a"]), (&json!("NaN"), &json!("-inf")));
        assert_eq!((&row["model.hidden"], &row["model.penalty"]), (&json!([8, 4]), &Value::Null));
        let keys = |row: &Value| row.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(row), keys(&json[1]));
    }
}
