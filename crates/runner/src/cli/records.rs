//! Commands that read, note, export and delete what runs have left.

use crate::cli::{Format, RequireArgs};
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// A sweep's folder; by default the one that changed last. With `--log`, a run.
    pub dir: Option<PathBuf>,
    /// Print the log of a run, and those of the tasks of a cluster that were to train it.
    #[arg(long, requires = "dir", conflicts_with = "watch")]
    pub log: bool,
    /// Where to look without DIR.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// Follow the sweep until it ends: drawn in place on a terminal, elsewhere a fresh table (or a line of JSON) after
    /// each change.
    #[arg(long)]
    pub watch: bool,
    /// With `--watch`: time between two looks, e.g. `5s`.
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = experiment::parse_duration)]
    #[arg(requires = "watch")]
    pub interval: Duration,
    #[command(flatten)]
    pub require: RequireArgs,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct WhyArgs {
    /// A run's folder, or the beginning of its id.
    pub run: String,
    /// Where to look for a run that is named by its id.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Sweeps' folders; several are put side by side, and their report needs `--out`.
    #[arg(required = true, value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// Where to put `report.html` and `tensorboard/`; a sweep's own folder unless given.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// MiB of pictures that the page may hold; others go into `report-assets/` beside it.
    #[arg(long, value_name = "MIB", default_value_t = report::EMBED_BUDGET >> 20)]
    pub embed_budget: u64,
    /// How to print the result; `md` prints a table for a pull request and builds nothing.
    #[arg(long, value_enum, default_value_t)]
    pub format: ReportFormat,
}

/// How `report` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// Configurations as a Markdown table.
    Md,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// Runs' folders, or the beginnings of their ids.
    #[arg(required = true, num_args = 2.., value_name = "RUN")]
    pub runs: Vec<String>,
    /// Where to look for runs that are named by their ids.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Each run keeps its newest sound checkpoint: it goes on and is sampled from that one.
A run that is evaluated keeps the best sound one, too.
A run that is not finished keeps the sound one before it, too.
A run without a sound checkpoint keeps what it has.
Samples, events and logs are never touched.")]
pub(crate) struct GcArgs {
    /// A sweep's folder. No sweep may work there.
    pub dir: PathBuf,
    /// Delete the runs that the plan does not contain, too: all that is in their folders.
    #[arg(long)]
    pub unplanned: bool,
    /// Delete nothing, say what would be deleted.
    #[arg(long)]
    pub dry_run: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
A run that trains writes a checkpoint and ends as `interrupted`, with the reason; one that has not started is not started.
The next `runner sweep` goes on with it. To leave it out for good, `exclude` its point in the experiment file.
The sweep exits with 75, as with other runs that are not finished.")]
pub(crate) struct CancelArgs {
    /// A run's folder, or the beginning of its id; or the folder of a sweep on a cluster, all of whose tasks end then.
    pub run: String,
    /// Why, for the run's record.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Where to look for a run that is named by its id.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct NoteArgs {
    /// A run's folder, or the beginning of its id.
    pub run: String,
    /// The note, in place of an earlier one; "" removes it. Without a text the note is printed.
    pub text: Option<String>,
    /// Where to look for a run that is named by its id.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct TagArgs {
    /// A run's folder, or the beginning of its id.
    pub run: String,
    /// Words of letters, digits, `.`, `_` and `-`. Without any the run's tags are printed.
    #[arg(value_name = "TAG")]
    pub tags: Vec<String>,
    /// Take these tags off the run.
    #[arg(long, requires = "tags")]
    pub remove: bool,
    /// Where to look for a run that is named by its id.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
A run that is still planned is trained anew by the next `runner sweep`; to leave it out, take its point out of the
experiment file. `runner report DIR` builds the page without deleted runs.")]
pub(crate) struct RmArgs {
    /// Runs' folders, or the beginnings of their ids. With --status: sweeps' folders. No sweep may work there.
    #[arg(required = true, value_name = "RUN|DIR")]
    pub targets: Vec<String>,
    /// All runs of the sweeps that ended so, planned or not; with commas between them.
    #[arg(long, value_delimiter = ',', value_name = "STATUS")]
    #[arg(value_parser = PossibleValuesParser::new(record::Status::ENDS.map(record::Status::name)))]
    pub status: Vec<String>,
    /// Delete nothing, say what would be deleted.
    #[arg(long)]
    pub dry_run: bool,
    /// Where to look for runs that are named by their ids.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// How rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// A table with a header line, quoted where it must be.
    #[default]
    Csv,
    /// An array of flat objects with the names of the columns.
    Json,
    /// Typed columns.
    Parquet,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Columns, in this order:
  id, sweep, seed, status, step, steps, reason, attempts, device, numerics, wall_secs, weights_digest, note, tags
  every resolved setting as it is written below `run`, dotted: train.generator.lr
  the newest value of every metric: metrics.loss/generator
  the step that stands for the run, the best one by frechet on the training split, the newest one where that
  has no value: selected_step
  every evaluated quantity at that step: selected.frechet
With --curves, a row for each value that a run has recorded: run, step, name, value.

What a run does not have is empty in CSV and null in JSON and Parquet.
Values that are not finite are the words NaN, inf and -inf in CSV and JSON.
Lists are JSON, also within CSV and Parquet.
`pandas.read_csv`, `read_json` and `read_parquet` take the output as it is.")]
pub(crate) struct ExportArgs {
    /// Folders of sweeps; with --weights, --python or --onnx a run's folder, or the beginning of its id.
    #[arg(required = true, value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// Write everything that runs have recorded at their steps, instead of a row for each run.
    #[arg(long, conflicts_with = "of_run")]
    pub curves: bool,
    /// How to write; by default as the ending of `--out` says, else CSV.
    #[arg(long, value_enum)]
    pub format: Option<ExportFormat>,
    /// Write into this file instead of to standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the weights of the run's newest checkpoint into this safetensors file, in PyTorch's layout.
    #[arg(long, value_name = "FILE", group = "of_run", conflicts_with_all = ["format", "out"])]
    pub weights: Option<PathBuf>,
    /// Write the generator of the run's newest checkpoint as a Python module, `generator.py`, with its weights,
    /// `generator.safetensors`, into this folder. It needs PyTorch and safetensors.
    #[arg(long, value_name = "DIR", group = "of_run", conflicts_with_all = ["format", "out"])]
    pub python: Option<PathBuf>,
    /// Write the generator of the run's newest checkpoint as an ONNX model into this file. Its metadata say what its inputs are.
    #[arg(long, value_name = "FILE", group = "of_run", conflicts_with_all = ["format", "out"])]
    pub onnx: Option<PathBuf>,
    /// The checkpoint of this step instead of the newest.
    #[arg(long, value_name = "STEP", requires = "of_run")]
    pub step: Option<u64>,
    /// Where to look for the run.
    #[arg(long, value_name = "DIR", default_value = "results", requires = "of_run")]
    pub results: PathBuf,
}
