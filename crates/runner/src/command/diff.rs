//! `runner plan --diff`: the plan of the file against the one that the last sweep froze.

use super::{out, print_json};
use crate::cli::Format;
use crate::error::Error;
use crate::plan::changes::{Changes, Origin};
use crate::plan::settings::folded;
use crate::terminal::joined;
use record::{Live, Plan, PlannedRun, RunRecord, SweepFolder};
use serde_json::{Value, json};

/// Prints what changed from `earlier` to `plan`; without an earlier plan, all is new.
pub(crate) fn run(plan: &Plan, earlier: Option<&Plan>, folder: &SweepFolder, format: Format) -> Result<(), Error> {
    let nothing = Plan { runs: Vec::new(), ..plan.clone() };
    let changes = Changes::between(earlier.unwrap_or(&nothing), plan, folder);
    let origins = changes.origins();
    let again = statuses(&changes.again, folder)?;
    let gone = statuses(&changes.gone, folder)?;
    match format {
        Format::Json => {
            let listed = |runs: &[(&str, &str)]| -> Vec<Value> {
                runs.iter().map(|(id, status)| json!({ "id": id, "status": status })).collect()
            };
            print_json(&json!({
                "sweep": plan.sweep,
                "new": origins,
                "planned_again": listed(&again),
                "no_longer_planned": listed(&gone),
            }))
        }
        Format::Text => out(text(
            plan,
            earlier.is_some(),
            &changes,
            &origins,
            [("planned again", &again), ("no longer planned", &gone)],
        )),
    }
}

fn statuses<'a>(runs: &[&'a PlannedRun], folder: &SweepFolder) -> Result<Vec<(&'a str, &'static str)>, Error> {
    let live = Live::of(folder);
    let status = |run: &&'a PlannedRun| {
        let folder = folder.run(&run.id);
        let path = folder.path().to_owned();
        let record = RunRecord::of(run, folder).map_err(Error::record(&path))?;
        Ok((run.id.as_str(), record.status(&live).name()))
    };
    runs.iter().map(status).collect()
}

fn text(
    plan: &Plan,
    has_earlier: bool,
    changes: &Changes,
    origins: &[Origin],
    others: [(&str, &Vec<(&str, &'static str)>); 2],
) -> String {
    let mut lines = Vec::new();
    if !origins.is_empty() {
        lines.push("new:".to_owned());
    }
    for origin in origins {
        lines.push(format!("  {}", origin.id));
        let Some(closest) = &origin.closest else { continue };
        let no_longer = if origin.closest_is_planned { "" } else { ", no longer planned" };
        lines.push(format!("    closest before: {closest}{no_longer}"));
        if origin.differences.is_empty() {
            lines.push("    the same settings; the id follows the data's contents and the format, too".to_owned());
        }
        lines.extend(folded(&origin.differences).iter().map(|difference| format!("    {difference}")));
    }
    for (what, runs) in others.into_iter().filter(|(_, runs)| !runs.is_empty()) {
        lines.push(format!("{what}:"));
        lines.extend(runs.iter().map(|(id, status)| format!("  {id}  {status}")));
    }
    let summary = match changes.summary() {
        _ if !has_earlier => "nothing was planned before: all runs are new".to_owned(),
        Some(summary) => summary,
        None => "no change since the last time".to_owned(),
    };
    lines.push(format!("{}: {summary}", plan.sweep));
    joined(&lines)
}
