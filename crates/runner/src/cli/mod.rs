//! The command line.

mod editing;
mod machine;
mod records;
mod samples;
mod training;

use crate::inspect::requirement::Requirement;
use clap::{Args, Parser, Subcommand, ValueEnum};
pub(crate) use editing::{
    ApplyArgs, AugmentArgs, BetweenArgs, ChosenArgs, Container, Directions, DirectionsArgs, EditArgs, EditCommand,
    InvertArgs, MethodArgs, SearchArgs,
};
pub(crate) use machine::{CompletionsArgs, DataArgs, DataCommand, DoctorArgs, ImportArgs, WorkerArgs};
pub(crate) use records::{
    CancelArgs, CompareArgs, ExportArgs, ExportFormat, GcArgs, NoteArgs, ReportArgs, ReportFormat, RmArgs, StatusArgs,
    TagArgs, WhyArgs,
};
pub(crate) use samples::{
    ClassifyArgs, EvaluateArgs, ExtractorArgs, ExtractorCommand, MetricsArgs, SampleArgs, TranslateArgs,
    TruncationArgs, VerifyArgs,
};
pub(crate) use training::{
    ExecutionArgs, ExperimentArgs, ExtendArgs, InitArgs, JoinArgs, Launcher, PartArgs, PlanArgs, SweepArgs,
};

/// GAN experiments from one YAML file: sweeps of training runs on the GPUs that are there, or on the CPU.
#[derive(Debug, Parser)]
#[command(name = "runner", version, max_term_width = 120)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a commented experiment file to begin with.
    Init(InitArgs),
    /// Expand an experiment file, train its runs, report. Run again, it goes on where it was.
    Sweep(SweepArgs),
    /// Train runs of a sweep that others train as well, from any machine that sees its folder, until none is pending.
    Join(JoinArgs),
    /// Train more steps of a finished run, from its last checkpoint.
    Extend(ExtendArgs),
    /// Print the runs of an experiment file and start nothing.
    Plan(PlanArgs),
    /// A line for each run of a sweep.
    Status(StatusArgs),
    /// Why a run is pending, done, trained again, or new.
    Why(WhyArgs),
    /// Build `tensorboard/` and `report.html` from the run folders.
    Report(ReportArgs),
    /// Settings that differ between runs, their outcomes and their metrics, side by side.
    Compare(CompareArgs),
    /// One row for each planned run, for pandas, jq or a spreadsheet: settings, outcome, metrics.
    Export(ExportArgs),
    /// Generate images or points from a run's newest checkpoint.
    Sample(SampleArgs),
    /// Write labelled samples of a run that knows classes, to train other models on.
    Augment(AugmentArgs),
    /// Change what a run's generator makes: directions, other classes, pictures of your own.
    Edit(EditArgs),
    /// Put pictures of your own through a run that translates.
    Translate(TranslateArgs),
    /// How far generated samples are from real ones, also those of other programs.
    Metrics(MetricsArgs),
    /// Train a small classifier on labelled samples, and say how many of others it gets right, over seeds.
    Classify(ClassifyArgs),
    /// Measure the samples of kept checkpoints, of a run or of all runs of a sweep, and add that to their records.
    Evaluate(EvaluateArgs),
    /// List what metrics can see of images, or train the classifiers among them.
    Extractor(ExtractorArgs),
    /// End one run of a sweep that works; the others go on.
    Cancel(CancelArgs),
    /// Put a note on a run, which status, page and export show.
    Note(NoteArgs),
    /// Put tags on a run, which status, page and export show.
    Tag(TagArgs),
    /// Delete runs: checkpoints, samples and records.
    Rm(RmArgs),
    /// Delete checkpoints that nothing needs, and temporary files that killed programs left.
    Gc(GcArgs),
    /// Train the runs of a reference again and compare: exit code 0 if they are the same, 4 if not.
    Verify(VerifyArgs),
    /// List presets, tasks, architectures, kinds of conditioning, losses and penalties.
    Models(FormatArgs),
    /// The JSON Schema of the experiment file, for editors.
    Schema,
    /// List data sets, describe one, download one, or convert images to a zip archive.
    Data(DataArgs),
    /// What this machine offers: devices, processor, data sets, disk.
    Doctor(DoctorArgs),
    /// Print completions for a shell.
    Completions(CompletionsArgs),
    /// What a launcher starts: trains the runs that it reads from standard input.
    #[command(hide = true)]
    Worker(WorkerArgs),
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct FormatArgs {
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Conditions for exit code 0.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct RequireArgs {
    /// Exit with 1 unless every value meets this, e.g. `frechet<300`; repeatable. A run's value is that of its selected
    /// step; a run without one, and one that diverged or collapsed, does not meet it.
    #[arg(long = "require", value_name = "CONDITION")]
    pub requirements: Vec<Requirement>,
}
