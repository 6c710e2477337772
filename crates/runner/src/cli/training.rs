//! Commands that plan and train.

use crate::cli::{Format, RequireArgs};
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use experiment::Count;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The preset to begin with.
    #[arg(default_value = "dcgan", value_parser = PossibleValuesParser::new(models::preset::ALL.map(|preset| preset.name)))]
    #[arg(hide_possible_values = true)]
    pub preset: String,
    /// The file; by default `PRESET.yaml`. One that is there is never replaced.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What names the runs.
#[derive(Clone, Debug, Args)]
pub(crate) struct ExperimentArgs {
    /// The experiment file.
    pub file: PathBuf,
    /// Set a key over file and environment, e.g. `train.steps=100`; repeatable, dotted keys, YAML values.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub sets: Vec<String>,
    /// Folder that holds a folder for each sweep.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
}

/// How and where runs are trained; over the file's `execution` section.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ExecutionArgs {
    /// `auto`, `cpu`, `ndarray`, `cuda`, `vulkan`, or a list such as `cuda:0,cuda:2`.
    #[arg(long, alias = "device")]
    pub devices: Option<String>,
    /// Runs at once, or `auto`.
    #[arg(long, value_name = "N")]
    pub jobs: Option<Count>,
    /// CPU threads for each run, or `auto`.
    #[arg(long, value_name = "N")]
    pub threads: Option<Count>,
    /// How often a run is tried again that failed for a cause that may pass: a lost worker, memory, a signal, its time
    /// limit, a file.
    #[arg(long, value_name = "N")]
    pub retries: Option<u32>,
    /// Time limit of each try of a run, e.g. `90s` or `1h30m`.
    #[arg(long, value_name = "DURATION", value_parser = experiment::parse_duration)]
    pub timeout: Option<Duration>,
}

/// Who trains the runs of a sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Launcher {
    /// Workers of this machine.
    #[default]
    Local,
    /// Tasks of a cluster with Slurm.
    Slurm,
    /// Processes that join the sweep: `runner join DIR`.
    Join,
}

/// Which of the runs.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct PartArgs {
    /// Only runs with this setting, e.g. `model.loss=hinge` or `seed=0`. Repeatable: values of one key are alternatives,
    /// and all keys must agree. The plan and the results stay those of the whole sweep.
    #[arg(long, value_name = "KEY=VALUE")]
    pub only: Vec<String>,
    /// Only the first N of these runs, in the order of the plan.
    #[arg(long, value_name = "N")]
    pub limit: Option<NonZeroUsize>,
}

#[derive(Debug, Args)]
pub(crate) struct SweepArgs {
    #[command(flatten)]
    pub experiment: ExperimentArgs,
    #[command(flatten)]
    pub part: PartArgs,
    #[command(flatten)]
    pub execution: ExecutionArgs,
    /// Who trains: workers of this machine, tasks of a cluster with Slurm (`execution.slurm`), or the processes that join
    /// the sweep with `runner join`.
    #[arg(long, value_enum, default_value_t)]
    pub launcher: Launcher,
    /// Leave as soon as all tasks are submitted, with a last one that writes the report; the same command without this
    /// follows them.
    #[arg(long)]
    pub detach: bool,
    /// The program for the nodes of a cluster, if it is another file than this one.
    #[arg(long, value_name = "PATH")]
    pub program: Option<PathBuf>,
    /// Print the plan and start nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Move an earlier folder of this sweep aside and start anew.
    #[arg(long)]
    pub fresh: bool,
    /// Go on from checkpoints that another class of machines or another version has trained, and mark those runs. The
    /// weights are then of neither arithmetic.
    #[arg(long)]
    pub mix: bool,
    /// Train runs again whose sample grids, evaluations or losses cannot be taken over from a finished run; what they were
    /// is moved into `replaced/`.
    #[arg(long)]
    pub retrain: bool,
    /// Stop everything when one run has failed for good; the others can be resumed.
    #[arg(long, conflicts_with = "max_failures")]
    pub fail_fast: bool,
    /// Stop everything when so many runs have failed for good.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_failures: Option<u32>,
    /// Runs at once inside one worker process, which share its data set's memory; by default one on the CPU, on a GPU as many
    /// as measurements of throughput and memory say.
    #[arg(long, value_name = "N")]
    pub slots: Option<NonZeroUsize>,
    /// Exit with 1 when a run diverged or collapsed, too.
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub require: RequireArgs,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Print errors only.
    #[arg(short, long)]
    pub quiet: bool,
    /// Print all that the runs record, too.
    #[arg(short, long)]
    pub verbose: bool,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
The sweep is one that was started with `--launcher join` or `--launcher slurm`. Runs that were cancelled, that failed more
often than --retries says, or for a cause that stays, are left to the next `runner sweep`. Exit codes: 0 no run is
pending any more, 1 some runs failed, 75 stopped by a signal: start it again.")]
pub(crate) struct JoinArgs {
    /// The sweep's folder.
    pub dir: PathBuf,
    #[command(flatten)]
    pub execution: ExecutionArgs,
    /// Go on from checkpoints of another class of machines or another version, and mark those runs.
    #[arg(long)]
    pub mix: bool,
    /// The folder of a queue's task, whose orders to follow instead of claiming runs.
    #[arg(long, hide = true, value_name = "DIR")]
    pub task: Option<PathBuf>,
    /// Train nothing; write what a queue's task finds here into this file.
    #[arg(long, hide = true, value_name = "FILE")]
    pub canary: Option<PathBuf>,
    /// For a canary: time a few steps of this run.
    #[arg(long, hide = true, value_name = "ID")]
    pub measure: Option<String>,
    /// For a canary: a GPU was asked for.
    #[arg(long, hide = true, requires = "canary")]
    pub needs_gpu: bool,
    /// Runs at once, as a queue's task is given them.
    #[arg(long, hide = true, value_name = "N")]
    pub slots: Option<NonZeroUsize>,
    /// Print errors only.
    #[arg(short, long)]
    pub quiet: bool,
    /// Print all that the runs record, too.
    #[arg(short, long)]
    pub verbose: bool,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
The longer run is another run in the same sweep's folder: status, page and exports have both, and later sweeps keep
it. Its weights and its record are, bit for bit, those of a run that was that long from its start.
A run with a schedule that depends on the number of steps cannot be extended.")]
pub(crate) struct ExtendArgs {
    /// A run's folder, or the beginning of its id.
    pub run: String,
    /// All steps that the longer run shall have, those of the shorter one among them.
    #[arg(long, value_name = "N")]
    pub steps: u64,
    #[command(flatten)]
    pub execution: ExecutionArgs,
    /// Go on from checkpoints of another class of machines or another version, and mark the run.
    #[arg(long)]
    pub mix: bool,
    /// Where to look for a run that is named by its id.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Print errors only.
    #[arg(short, long)]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub experiment: ExperimentArgs,
    #[command(flatten)]
    pub part: PartArgs,
    #[command(flatten)]
    pub execution: ExecutionArgs,
    /// Train a few steps of each kind of run in a temporary folder, as many at once as given, and say how long all will
    /// take. Runs are of one kind if only their seeds, steps, intervals, rates and other fractions differ.
    #[arg(long, conflicts_with = "diff")]
    pub measure: bool,
    /// As for `sweep`: leave out steps whose record would have gaps.
    #[arg(long)]
    pub retrain: bool,
    /// Tell what changed since the last sweep: runs that are new, each with the settings in which it differs from the
    /// closest earlier one, and runs that are no longer planned.
    #[arg(long)]
    pub diff: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
