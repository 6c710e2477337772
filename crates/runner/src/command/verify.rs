//! `runner verify`: trains the runs of a reference again and compares.

use super::{out, print_json, write};
use crate::cli::{ExecutionArgs, ExperimentArgs, Format, VerifyArgs};
use crate::error::{DIFFERENT, DONE, Error};
use crate::inspect::reference::{Reference, Trained, Verdict};
use crate::plan::part::Part;
use crate::plan::planning::{self, Planned};
use crate::sweep::{Options, execute};
use crate::temporary::Temporary;
use record::{PlannedRun, RunRecord, SweepFolder};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(crate) fn run(arguments: &VerifyArgs) -> Result<ExitCode, Error> {
    let device = training::select(&arguments.devices)?.devices[0];
    if !device.is_cpu() {
        return Err(Error::Usage(format!("verify compares bits, which {device} does not promise: use a CPU backend")));
    }
    let class = training::numeric_class(device);
    let reference = match &arguments.experiment {
        Some(experiment) => Reference::of(experiment, &arguments.file)?,
        None => Reference::read(&arguments.file)?,
    };
    let base = arguments.file.parent().unwrap_or(Path::new("."));
    let temporary = Temporary::new("runner-verify").map_err(Error::io(&std::env::temp_dir()))?;
    let results = arguments.results.clone().unwrap_or_else(|| temporary.path().to_owned());
    let experiment = ExperimentArgs {
        file: base.join(&reference.experiment),
        sets: arguments.sets.clone(),
        results: results.clone(),
    };
    let execution = ExecutionArgs {
        devices: Some(arguments.devices.clone()),
        jobs: Some(arguments.jobs),
        ..ExecutionArgs::default()
    };
    let planned = planning::plan(&experiment, &execution)?;
    let found = train(planned, results, arguments.results.is_some())?;

    if arguments.update {
        let written = reference.update(found, &class)?;
        let text = serde_json::to_string_pretty(&written).expect("a reference is plain data") + "\n";
        write(&arguments.file, text.as_bytes())?;
        out(format_args!("{}: {} runs of {class}", arguments.file.display(), written.runs.len()))?;
        return Ok(ExitCode::from(DONE));
    }
    let known = reference.knows(&class);
    let verdicts = reference.compare(&found, &class);
    let same = verdicts.iter().all(|(_, verdict)| !matches!(verdict, Verdict::Different(_)));
    match arguments.format {
        Format::Json => {
            let run = |(id, verdict): &(String, Verdict)| json!({ "id": id, "verdict": verdict.to_string() });
            print_json(&json!({
                "same": same,
                "class": class,
                "compared": if known { "digests" } else { "losses" },
                "runs": verdicts.iter().map(run).collect::<Vec<_>>(),
            }))?;
        }
        Format::Text => {
            match known {
                true => out(format_args!("numeric class {class}: known, comparing final weights bit for bit"))?,
                false => out(format_args!(
                    "numeric class {class}: not in the reference, comparing losses within {}",
                    reference.tolerance
                ))?,
            }
            for (id, verdict) in &verdicts {
                out(format_args!("{id}: {verdict}"))?;
            }
        }
    }
    Ok(ExitCode::from(if same { DONE } else { DIFFERENT }))
}

fn train(planned: Planned, results: PathBuf, fresh: bool) -> Result<Vec<Trained>, Error> {
    let plan = planned.plan.clone();
    let folder = SweepFolder::new(results.join(&plan.sweep));
    let options = Options { fresh, ..Options::quiet(results, Part::whole(&plan)) };
    let summary = execute(planned, options)?;
    if summary.stopped {
        return Err(Error::Stopped);
    }
    if summary.runs.keys().any(|status| !["done", "diverged", "collapsed"].contains(status)) {
        return Err(Error::Unfinished(format!("{:?}", summary.runs)));
    }
    let read = |planned: &PlannedRun| {
        let run = folder.run(&planned.id);
        let path = run.path().to_owned();
        RunRecord::of(planned, run).map(|record| Trained::of(planned, &record)).map_err(Error::io(&path))
    };
    plan.runs.iter().map(read).collect()
}
