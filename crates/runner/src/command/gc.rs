//! `runner gc`.

use super::{out, print_json};
use crate::cli::{Format, GcArgs};
use crate::error::Error;
use crate::inspect::gc::{self, Garbage};
use crate::text::{bytes, count, table};
use record::{Plan, SweepFolder, SweepLock};
use serde_json::json;
use std::process::ExitCode;

pub(crate) fn run(arguments: &GcArgs) -> Result<ExitCode, Error> {
    let folder = SweepFolder::new(&arguments.dir);
    let plan = Plan::read(&folder)?;
    // A dry run leaves no lock file in a folder that has none.
    let lock = (!arguments.dry_run || SweepLock::is_held(&folder)).then(|| SweepLock::acquire(&folder));
    let _lock = lock.transpose().map_err(|source| Error::Lock { folder: folder.path().to_owned(), source })?;
    let _no_report = (!arguments.dry_run).then(|| report::claim(&folder)).transpose()?;
    let garbage = gc::find(&folder, &plan, arguments.unplanned)?;
    if !arguments.dry_run {
        gc::delete(&garbage)?;
    }
    let sweep = plan.sweep;
    let freed: u64 = garbage.iter().map(|garbage| garbage.freed_bytes).sum();
    match arguments.format {
        Format::Json => {
            let (runs, others): (Vec<_>, Vec<_>) = garbage.iter().partition(|garbage| garbage.id.is_some());
            print_json(&json!({
                "sweep": sweep,
                "dry_run": arguments.dry_run,
                "freed_bytes": freed,
                "runs": runs,
                "temporary": others.iter().flat_map(|garbage| &garbage.deleted).collect::<Vec<_>>(),
            }))?;
        }
        Format::Text => {
            let verb = if arguments.dry_run { "would be freed" } else { "freed" };
            let rows: Vec<_> = garbage.iter().filter(|garbage| !garbage.deleted.is_empty()).map(row).collect();
            if !rows.is_empty() {
                out(table(&["run", verb, "deleted", "keeps the checkpoint of step"], &rows))?;
            }
            match rows.len() {
                0 => out(format_args!("{sweep}: nothing to delete"))?,
                _ => out(format_args!("{sweep}: {} {verb}", bytes(freed)))?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn row(garbage: &Garbage) -> Vec<String> {
    let is_checkpoint = |path: &&String| path.contains("/step-");
    let checkpoints = garbage.deleted.iter().filter(is_checkpoint).count();
    let runs = usize::from(garbage.is_whole_run);
    let temporary = garbage.deleted.len() - checkpoints - runs;
    let parts = [(runs, "unplanned run"), (checkpoints, "checkpoint"), (temporary, "temporary file")];
    let parts: Vec<_> = parts.iter().filter(|(number, _)| *number > 0).map(|(n, thing)| count(*n, thing)).collect();
    vec![
        garbage.id.clone().unwrap_or_else(|| "(the sweep itself)".to_owned()),
        bytes(garbage.freed_bytes),
        parts.join(", "),
        garbage.kept.iter().map(u64::to_string).collect::<Vec<_>>().join(", "),
    ]
}
