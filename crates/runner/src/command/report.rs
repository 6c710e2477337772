//! `runner report`.

use super::{out, print_json};
use crate::cli::{Format, ReportArgs};
use crate::error::Error;
use crate::text;
use record::SweepFolder;
use std::process::ExitCode;

pub fn run(arguments: &ReportArgs) -> Result<ExitCode, Error> {
    let built = report::build(&SweepFolder::new(&arguments.dir))?;
    match arguments.format {
        Format::Json => print_json(&serde_json::json!({
            "runs": built.runs,
            "report": built.page,
            "tensorboard": built.tensorboard,
            "warnings": built.warnings,
        }))?,
        Format::Text => {
            for warning in &built.warnings {
                eprintln!("warning: {warning}");
            }
            out(format_args!("report:       {} ({})", built.page.display(), text::count(built.runs, "run")))?;
            out(format_args!("tensorboard:  tensorboard --logdir {}", built.tensorboard.display()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
