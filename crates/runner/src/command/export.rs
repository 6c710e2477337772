//! `runner export`.

use super::out;
use crate::cli::{ExportArgs, ExportFormat};
use crate::error::Error;
use crate::inspect::export::Table;
use crate::text;
use record::{Plan, SweepFolder};
use std::path::Path;
use std::process::ExitCode;

pub fn run(arguments: &ExportArgs) -> Result<ExitCode, Error> {
    let folder = SweepFolder::new(&arguments.dir);
    let plan = Plan::read(&folder)?;
    let table = Table::of(&plan, &report::rows_of(&plan, &folder)?);
    let written = match arguments.format {
        ExportFormat::Csv => table.csv().map_err(Error::io(Path::new("CSV")))?,
        ExportFormat::Json => format!("{:#}\n", table.json()),
    };
    match &arguments.out {
        None => out(written.trim_end_matches('\n'))?,
        Some(path) => {
            record::write_derived(path, written.as_bytes()).map_err(Error::io(path))?;
            out(format_args!("{}: {}", path.display(), text::count(plan.runs.len(), "run")))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
