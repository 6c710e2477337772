//! The HParams tab: a row for each configuration, averaged over its seeds.
//!
//! A seed is a replicate and no hyperparameter: it is left out, and runs that differ in nothing else share a group.

use super::run::selected;
use super::writer::EventWriter;
use super::{layout, value};
use crate::ReportError;
use crate::compare::{Quantity, floor};
use crate::run::RunView;
use crate::settings;
use crate::study::Study;
use protobuf::well_known_types::{ListValue, Value as ProtoValue};
use protobuf::{CodedOutputStream, Message};
use record::tag::{self, Kind};
use record::{PlannedRun, Status};
use serde_json::Value;
use std::io;
use std::path::Path;
use tensorboard_proto::api::{self, DataType};
use tensorboard_proto::plugin_hparams::{HParamsPluginData, SessionEndInfo, SessionStartInfo};
use tensorboard_proto::summary::Summary_Value;

/// The columns of the tab, in the order of the plan.
pub(crate) struct Columns(Vec<Column>);

struct Column {
    key: String,
    kind: DataType,
    /// All values that occur.
    domain: Vec<ProtoValue>,
}

impl Columns {
    pub(crate) fn of(study: &Study) -> Self {
        Self(study.settings.keys.iter().map(|key| Column::of(study, key)).collect())
    }
}

impl Column {
    fn of(study: &Study, key: &str) -> Self {
        let values = || study.members.iter().filter_map(|member| settings::setting(&member.planned, key));
        // A column has one type: one that mixes numbers and words becomes text, and so do numbers that would be rounded.
        let kind = if values().all(|value| value.as_number().is_some_and(settings::is_exact)) {
            DataType::DATA_TYPE_FLOAT64
        } else if values().all(Value::is_boolean) {
            DataType::DATA_TYPE_BOOL
        } else {
            DataType::DATA_TYPE_STRING
        };
        let mut domain = Vec::new();
        for value in values().map(|value| hyperparameter(value, kind)) {
            if !domain.contains(&value) {
                domain.push(value);
            }
        }
        Self { key: key.into(), kind, domain }
    }

    fn info(&self) -> api::HParamInfo {
        let mut domain = ListValue::new();
        domain.set_values(self.domain.clone().into());
        let mut info = api::HParamInfo::new();
        info.set_name(self.key.clone());
        info.set_field_type(self.kind);
        info.set_domain_discrete(domain);
        info
    }
}

/// JSON has no NaN, so none can come here.
fn hyperparameter(value: &Value, kind: DataType) -> ProtoValue {
    let mut proto = ProtoValue::new();
    match (kind, value.as_f64(), value.as_bool()) {
        (DataType::DATA_TYPE_FLOAT64, Some(number), _) => proto.set_number_value(number),
        (DataType::DATA_TYPE_BOOL, _, Some(truth)) => proto.set_bool_value(truth),
        _ => proto.set_string_value(settings::text(value)),
    }
    proto
}

/// Names columns and metrics in the root of the log folder, where TensorBoard would guess them otherwise, and lays out the
/// tab of custom scalars.
pub(crate) fn write_experiment(
    folder: &Path,
    study: &Study,
    columns: &Columns,
    tags: &[String],
    quantities: &[Quantity],
    views: &[RunView],
) -> Result<(), ReportError> {
    let mut experiment = api::Experiment::new();
    experiment.set_name(study.name.clone());
    experiment.set_description(study.description.clone());
    experiment.set_time_created_secs(study.created);
    experiment.set_hparam_infos(columns.0.iter().map(Column::info).collect());
    let is_selected = |name: &str| views.iter().any(|view| view.row.selected(name).is_some());
    let mut metrics: Vec<api::MetricInfo> =
        quantities.iter().filter(|quantity| is_selected(&quantity.name)).map(selected_metric).collect();
    if !metrics.is_empty() {
        metrics.push(info(selected("step"), selected("step"), None));
    }
    metrics.extend(tags.iter().filter(|tag| is_result(tag)).map(|tag| metric(tag, quantities, floor(views, tag))));
    experiment.set_metric_infos(metrics.into());
    let mut message = HParamsPluginData::new();
    message.set_experiment(experiment);
    let bytes = message.write_to_bytes().map_err(io::Error::from).map_err(ReportError::write(folder))?;

    let mut writer = EventWriter::create(folder, study.created, study.created)?;
    let layout = value::layout(layout::of(tags)).map_err(ReportError::write(folder))?;
    writer.values(0, study.created, vec![value::hparams("_hparams_/experiment", bytes), layout])?;
    writer.finish()
}

/// A schedule is no result.
fn is_result(tag: &str) -> bool {
    tag::group_of(tag).is_none_or(|group| group.kind != Kind::Schedule)
}

/// A quantity at the selected step.
fn selected_metric(quantity: &Quantity) -> api::MetricInfo {
    let tag = selected(&quantity.name);
    info(tag.clone(), format!("{tag} {}", quantity.arrow()), quantity.floor)
}

/// The last value of a tag. TensorBoard has no field for the direction: the name shows it.
fn metric(tag: &str, quantities: &[Quantity], floor: Option<f64>) -> api::MetricInfo {
    let is_evaluated = tag::group_of(tag).is_some_and(|group| group.kind == Kind::Evaluation);
    let quantity = quantities.iter().find(|quantity| is_evaluated && quantity.name == tag::split(tag).1);
    let shown = quantity.map_or_else(|| tag.into(), |quantity| format!("last {tag} {}", quantity.arrow()));
    info(tag.into(), shown, floor)
}

fn info(tag: String, shown: String, floor: Option<f64>) -> api::MetricInfo {
    let mut name = api::MetricName::new();
    name.set_tag(tag);
    let mut metric = api::MetricInfo::new();
    metric.set_name(name);
    metric.set_display_name(shown);
    metric.set_description(floor.map(|floor| format!("real samples get {floor}")).unwrap_or_default());
    metric
}

/// The beginning of a run's session. `started_at` is in Unix seconds.
pub(super) fn session_start(run: &PlannedRun, columns: &Columns, started_at: f64) -> io::Result<Summary_Value> {
    const SESSION_START_INFO: u32 = 3;
    let mut session = Vec::new();
    for column in &columns.0 {
        // One map entry at a time: protobuf 2 keeps maps in a `HashMap`, whose order differs from process to process.
        // Concatenated messages merge, so that it is the same message.
        if let Some(value) = settings::setting(run, &column.key) {
            let mut entry = SessionStartInfo::new();
            entry.mut_hparams().insert(column.key.clone(), hyperparameter(value, column.kind));
            session.extend(entry.write_to_bytes()?);
        }
    }
    let mut rest = SessionStartInfo::new();
    rest.set_group_name(settings::group(run));
    rest.set_start_time_secs(started_at);
    session.extend(rest.write_to_bytes()?);

    let mut bytes = Vec::new();
    let mut stream = CodedOutputStream::vec(&mut bytes);
    stream.write_bytes(SESSION_START_INFO, &session)?;
    stream.flush()?;
    drop(stream);
    Ok(value::hparams("_hparams_/session_start_info", bytes))
}

/// The state of a run's session at a Unix time. TensorBoard knows four: what did not come to its end is a failure there.
pub(super) fn session_end(status: Status, at: f64) -> io::Result<Option<Summary_Value>> {
    let status = match status {
        Status::Queued => return Ok(None),
        Status::Running => api::Status::STATUS_RUNNING,
        Status::Done => api::Status::STATUS_SUCCESS,
        Status::Interrupted => api::Status::STATUS_UNKNOWN,
        Status::Diverged | Status::Collapsed | Status::Failed | Status::TimedOut => api::Status::STATUS_FAILURE,
    };
    let mut end = SessionEndInfo::new();
    end.set_status(status);
    end.set_end_time_secs(at);
    let mut message = HParamsPluginData::new();
    message.set_session_end_info(end);
    Ok(Some(value::hparams("_hparams_/session_end_info", message.write_to_bytes()?)))
}
