//! `runner status`.

use super::{out, print_json};
use crate::cli::{Format, StatusArgs};
use crate::error::Error;
use crate::text;
use record::{Plan, RunFolder, SweepFolder, SweepLock};
use report::SweepStatus;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub fn run(arguments: &StatusArgs) -> Result<ExitCode, Error> {
    let dir = match &arguments.dir {
        Some(dir) => dir.clone(),
        None => newest(&arguments.results)?,
    };
    let folder = SweepFolder::new(dir);
    let status = SweepStatus { sweep: Plan::read(&folder)?.sweep, runs: report::rows(&folder)? };
    match arguments.format {
        Format::Json => print_json(&status)?,
        Format::Text => print(&status)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The sweep that works now, else the one that recorded something last.
fn newest(results: &Path) -> Result<PathBuf, Error> {
    let list = |path: &Path| std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let sweeps = list(results).map(SweepFolder::new).filter(|folder| folder.plan().is_file());
    let newest = sweeps.max_by_key(|folder| {
        let events = list(&folder.runs()).filter_map(|run| RunFolder::new(run).modified());
        (SweepLock::is_held(folder), events.max())
    });
    let newest = newest.map(|folder| folder.path().to_owned());
    newest.ok_or_else(|| Error::Usage(format!("no sweep in {}: name its folder", results.display())))
}

fn print(status: &SweepStatus) -> Result<(), Error> {
    let heads = ["run", "status", "step", "seed", "D loss", "G loss", "time", "note"];
    let rows: Vec<Vec<String>> = status
        .runs
        .iter()
        .map(|run| {
            let metric = |name: &str| run.metrics.get(name).map(|m| format!("{:.3}", m.last)).unwrap_or_default();
            vec![
                run.id.clone(),
                run.status.to_string(),
                format!("{}/{}", run.step, run.steps),
                run.seed.to_string(),
                metric("loss/discriminator"),
                metric("loss/generator"),
                if run.attempts > 0 { text::seconds(run.wall_secs) } else { String::new() },
                run.reason.clone().unwrap_or_default(),
            ]
        })
        .collect();
    out(text::table(&heads, &rows))
}
