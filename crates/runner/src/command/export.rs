//! `runner export`.

use super::{no_checkpoint, out, write};
use crate::cli::{ExportArgs, ExportFormat};
use crate::error::Error;
use crate::inspect::export::Table;
use crate::inspect::find;
use crate::plan::planning;
use crate::text;
use record::{Plan, SweepFolder};
use std::path::Path;
use std::process::ExitCode;
use training::DeviceKind;

pub(crate) fn run(arguments: &ExportArgs) -> Result<ExitCode, Error> {
    match &arguments.weights {
        Some(file) => weights(arguments, file),
        None => table(arguments),
    }
}

fn weights(arguments: &ExportArgs, file: &Path) -> Result<ExitCode, Error> {
    let run = arguments.dir.to_string_lossy();
    let folder = find::started(&run, &arguments.results)?;
    let config = planning::resolved(&folder.config())?;
    let domain = find::domain(&folder, &config)?;
    let Some((step, bytes)) = training::export_weights(&config, domain, &folder, arguments.step, DeviceKind::Flex)?
    else {
        return Err(no_checkpoint(&folder, arguments.step));
    };
    write(file, &bytes)?;
    out(format_args!("{}: weights of {} at step {step}", file.display(), folder.id()))?;
    Ok(ExitCode::SUCCESS)
}

fn table(arguments: &ExportArgs) -> Result<ExitCode, Error> {
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
            write(path, written.as_bytes())?;
            out(format_args!("{}: {}", path.display(), text::count(plan.runs.len(), "run")))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
