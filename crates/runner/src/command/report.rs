//! `runner report`.

use super::{out, print_json, warn};
use crate::cli::{ReportArgs, ReportFormat};
use crate::error::Error;
use crate::inspect::leaderboard;
use crate::text;
use record::SweepFolder;
use report::Options;
use std::process::ExitCode;

pub(crate) fn run(arguments: &ReportArgs) -> Result<ExitCode, Error> {
    let folders: Vec<SweepFolder> = arguments.dirs.iter().map(SweepFolder::new).collect();
    if arguments.format == ReportFormat::Md {
        out(format_args!("{}", report::markdown(&folders)?.trim_end()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let embed_budget = arguments.embed_budget.saturating_mul(1 << 20);
    let built = report::build(&folders, &Options { out: arguments.out.clone(), embed_budget })?;
    if arguments.format == ReportFormat::Json {
        print_json(&serde_json::json!({
            "runs": built.runs,
            "report": built.page,
            "tensorboard": built.tensorboard,
            "warnings": built.warnings,
            "best": built.leaderboard,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    warn(&built.warnings);
    out(format_args!("report:       {} ({})", built.page.display(), text::count(built.runs, "run")))?;
    out(format_args!("tensorboard:  tensorboard --logdir {}", built.tensorboard.display()))?;
    if let Some(board) = &built.leaderboard {
        out(leaderboard::text(board))?;
    }
    Ok(ExitCode::SUCCESS)
}
