//! A sweep from its plan to its report: which runs are kept, which are trained, on which workers.

use crate::cli::Launcher;
use crate::error::Error;
use crate::plan::adopt::adopt;
use crate::plan::changes;
use crate::plan::part::Part;
use crate::plan::planning::Planned;
use crate::plan::reuse::{Reuse, Rules};
use crate::sweep::display::{Detail, Display};
use crate::sweep::state::RunState;
use crate::sweep::{folder, inherit, joined, local, slurm, workers};
use crate::text;
use dispatch::Run;
use experiment::Execution;
use record::{Outcome, Plan, Status, SweepFolder};
use report::Leaderboard;
use serde::Serialize;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// How to execute a sweep.
pub(crate) struct Options {
    /// Folder of the sweeps' folders.
    pub results: PathBuf,
    /// Move an earlier folder aside.
    pub fresh: bool,
    /// Go on from checkpoints of another arithmetic.
    pub mix: bool,
    /// The runs to train.
    pub part: Part,
    /// Train runs anew whose record has gaps where another run has trained their steps.
    pub retrain: bool,
    /// Runs inside one worker; `None` to leave it to the device.
    pub slots: Option<NonZeroUsize>,
    /// Failed runs after which everything stops.
    pub max_failures: Option<u32>,
    /// How progress is shown.
    pub display: Display,
    /// Who trains.
    pub launcher: Launcher,
    /// Whether to leave as soon as others can train without this process.
    pub detach: bool,
    /// The program for other machines, if it is another file.
    pub program: Option<PathBuf>,
}

impl Options {
    /// Of a command that shows nothing.
    pub(crate) fn quiet(results: PathBuf, part: Part) -> Self {
        Self {
            results,
            fresh: false,
            part,
            mix: false,
            retrain: false,
            slots: None,
            max_failures: None,
            display: Display::new(Detail::Quiet),
            launcher: Launcher::Local,
            detach: false,
            program: None,
        }
    }
}

/// The runs that are to be trained.
pub(super) struct Training<'a> {
    pub plan: &'a Plan,
    pub sweep: &'a SweepFolder,
    pub pending: Vec<Run>,
    pub execution: &'a Execution,
}

/// The result of a sweep.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    /// The sweep's name.
    pub sweep: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Runs by status, of the part of the plan that was to be trained.
    pub runs: BTreeMap<&'static str, usize>,
    /// Runs of the plan that were not to be trained.
    pub left_out: usize,
    /// Runs that were finished before.
    pub kept: usize,
    /// The page.
    pub report: PathBuf,
    /// TensorBoard's log directory.
    pub tensorboard: PathBuf,
    /// Whether a signal stopped the sweep.
    pub stopped: bool,
    /// Whether others train on without it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub left: bool,
    /// The best configurations; null if no run that is done was evaluated.
    pub best: Option<Leaderboard>,
    /// Why no device was left to train on, if that ended the sweep.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stranded: Option<String>,
    /// Problems of the report and of TensorBoard's files.
    pub warnings: Vec<String>,
    /// Why there is no new report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Trains the runs that are not finished, and reports.
///
/// # Errors
/// Nothing could be started. Runs that fail, and a report that cannot be written, are in the summary.
pub(crate) fn execute(planned: Planned, options: Options) -> Result<Summary, Error> {
    let Planned { mut plan, execution, .. } = planned;
    let sweep = SweepFolder::new(options.results.join(&plan.sweep));
    workers::check_size(&execution)?;
    // Which devices other machines have is found there.
    let is_local = options.launcher == Launcher::Local;
    let devices = is_local.then(|| training::select(&execution.devices)).transpose()?;
    let lock = folder::claim(&sweep, options.fresh, !is_local, &options.display)?;
    adopt(&mut plan, &sweep);
    let earlier = changes::frozen(&sweep, |warning| options.display.line(warning))?;
    earlier.iter().for_each(|earlier| changes::carry(earlier, &mut plan));
    let part = options.part.clone().grown(&plan);
    if options.retrain {
        let moved = inherit::put_aside(&plan, &part, &sweep)?;
        if moved > 0 {
            let (runs, aside) = (text::count(moved, "run"), sweep.replaced());
            options.display.line(&format!("{runs} to train again: what they were is in {} now", aside.display()));
        }
    }
    let rules = Rules {
        device: devices.as_ref().and_then(|devices| devices.devices.first().copied()),
        mix: options.mix,
        retrain: options.retrain,
    };
    let reuse = Reuse::find(&plan, &part, &sweep, rules);
    let changed = folder::freeze(&plan, earlier, &sweep)?;
    reuse.lines(&plan).iter().for_each(|line| options.display.line(line));
    inherit::inherit(&plan, &sweep, &reuse).iter().for_each(|problem| options.display.line(problem));

    let states: Vec<RunState> = plan.runs.iter().map(|run| RunState::read(run, &sweep.run(&run.id))).collect();
    let pending: Vec<Run> = (0..states.len()).filter(|run| part.contains(*run) && states[*run].is_pending()).collect();
    let of_part = || states.iter().enumerate().filter(|(run, _)| part.contains(*run)).map(|(_, state)| state);
    let kept = of_part().filter(|run| run.is_finished()).count();
    for problem in of_part().filter_map(|run| run.problem.as_ref()) {
        options.display.error(problem);
    }
    let runs = part.size();
    let start = format!("{}: {runs}, {kept} finished before, {} to train{changed}", plan.sweep, pending.len());
    options.display.line(&start);

    let mut outcomes: Vec<Option<Outcome>> = states.into_iter().map(|run| run.outcome).collect();
    let (mut stopped, mut left, mut stranded, mut stalled, mut refused) = (false, false, None, None, 0);
    let nothing_to_train = pending.is_empty();
    if !nothing_to_train {
        let training = Training { plan: &plan, sweep: &sweep, pending, execution: &execution };
        let (dispatched, followed) = match (options.launcher, devices) {
            (Launcher::Slurm, _) => slurm::train(training, options)?,
            (Launcher::Local, Some(devices)) => local::train(training, &devices, options)?,
            _ => joined::train(training, &options)?,
        };
        stopped = dispatched.stopped;
        left = dispatched.left;
        stranded = dispatched.stranded;
        stalled = followed.err();
        refused = dispatched.outcomes.values().filter(|outcome| outcome.status == Status::Failed).count();
        dispatched.outcomes.into_iter().for_each(|(run, outcome)| outcomes[run] = Some(outcome));
    }
    if left {
        // Others train while this is written.
        let rows = report::rows_of(&plan, &sweep)?;
        let rows = rows.iter().enumerate().filter(|(run, _)| part.contains(*run)).map(|(_, row)| row.status);
        let runs = counted(rows);
        let problem =
            (refused > 0 && !stopped).then(|| format!("{} could not be submitted", text::count(refused, "run")));
        return Ok(Summary { runs, problem, ..Summary::of_left(plan, &sweep, &outcomes, &part, kept, stopped) });
    }
    // From here to the end of the report the folder must stay in its place.
    let claimed = report::claim(&sweep);
    drop(lock);

    let built = claimed.and_then(|lock| match nothing_to_train && report::is_current(&sweep, &plan) {
        true => Ok((Vec::new(), report::leaderboard(&sweep)?)),
        false => {
            let built = report::build_under(&lock, std::slice::from_ref(&sweep), report::EMBED_BUDGET)?;
            Ok((built.warnings, built.leaderboard))
        }
    });
    let (mut warnings, best, problem) = match built {
        Ok((warnings, best)) => (warnings, best, None),
        Err(error) => (Vec::new(), None, Some(Error::from(error).message())),
    };
    if let Some(error) = stalled {
        warnings.push(format!("TensorBoard's files did not grow with the runs: {}", Error::from(error).message()));
    }
    Ok(Summary {
        best,
        warnings,
        problem,
        stranded,
        left: false,
        ..Summary::of_left(plan, &sweep, &outcomes, &part, kept, stopped)
    })
}

impl Summary {
    /// Of a sweep whose runs others train on; without a report.
    fn of_left(
        plan: Plan,
        sweep: &SweepFolder,
        outcomes: &[Option<Outcome>],
        part: &Part,
        kept: usize,
        stopped: bool,
    ) -> Self {
        let of_part = outcomes.iter().enumerate().filter(|(run, _)| part.contains(*run));
        let status = |outcome: &Option<Outcome>| outcome.as_ref().map_or(Status::Queued, |outcome| outcome.status);
        Self {
            sweep: plan.sweep,
            runs: counted(of_part.map(|(_, outcome)| status(outcome))),
            left_out: part.left_out(),
            kept,
            report: sweep.page(),
            tensorboard: sweep.tensorboard(),
            stopped,
            left: true,
            best: None,
            stranded: None,
            warnings: Vec::new(),
            problem: None,
            folder: sweep.path().to_owned(),
        }
    }
}

/// How many runs stand how.
fn counted(runs: impl Iterator<Item = Status>) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    runs.for_each(|status| *counts.entry(status.name()).or_default() += 1);
    counts
}
