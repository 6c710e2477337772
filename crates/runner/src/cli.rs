//! The command line.

use crate::inspect::requirement::Requirement;
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use experiment::Count;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

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
    /// How far generated samples are from real ones, also those of other programs.
    Metrics(MetricsArgs),
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
    /// List presets, architectures and losses.
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
    /// `auto`, `cpu`, `ndarray`, `cuda`, or a list such as `cuda:0,cuda:2`.
    #[arg(long)]
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
    /// Runs at once inside one worker process, which share its data set's memory; by default one on the CPU, all runs of
    /// a GPU.
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

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// A sweep's folder; by default the one that changed last.
    pub dir: Option<PathBuf>,
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
    /// A run's folder, or the beginning of its id.
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
  the step that stands for the run, the best one by frechet on the training split: selected_step
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

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The reference, e.g. `results/reference/quick.json`.
    pub file: PathBuf,
    /// Set a key before the comparison, to see it fail.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub sets: Vec<String>,
    /// A CPU backend: GPUs promise no bits.
    #[arg(long, default_value = "cpu")]
    pub devices: String,
    /// Runs at once, or `auto`.
    #[arg(long, value_name = "N", default_value = "auto")]
    pub jobs: Count,
    /// Keep the runs here instead of in a temporary folder.
    #[arg(long, value_name = "DIR")]
    pub results: Option<PathBuf>,
    /// Write what was trained into the reference, for this numeric class.
    #[arg(long)]
    pub update: bool,
    /// With `--update`: the experiment of a new reference, relative to it.
    #[arg(long, value_name = "FILE", requires = "update")]
    pub experiment: Option<PathBuf>,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct SampleArgs {
    /// A run's folder, or the beginning of its id.
    pub run: String,
    /// Images or points.
    #[arg(long, default_value = "64")]
    pub count: NonZeroUsize,
    /// Seed of the latents.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// The checkpoint of this step, such as the best one that `status --format json` names; by default the newest.
    #[arg(long, value_name = "STEP")]
    pub step: Option<u64>,
    /// Steps on the way from each latent to the next, instead of one sample for each.
    #[arg(long, value_name = "STEPS")]
    pub interpolate: Option<NonZeroUsize>,
    /// Class of all samples, by its name (its folder's, or its number in the data) or its place among the classes, from
    /// 0; by default the classes take turns. For conditional generators.
    #[arg(long, value_name = "CLASS")]
    pub class: Option<String>,
    /// Draw numbers of normal latents again until their magnitude is at most this: less varied, more typical samples.
    #[arg(long, value_name = "T")]
    pub truncation: Option<f32>,
    /// Move styles to this part of their way from the mean style, in [0, 1]: less varied, more typical samples. For
    /// `stylegan2`.
    #[arg(long, value_name = "PSI")]
    pub style_truncation: Option<f64>,
    /// `x.png` (a grid), `x.npy` (float32 in [-1, 1], [count, channels, height, width]) or a folder (single PNGs, of
    /// conditional generators in a subfolder for each class). Of
    /// points: `x.png` (the plane, real points beneath) or `x.npy` (float32, [count, 2]).
    #[arg(long, value_name = "PATH", default_value = "samples.png")]
    pub out: PathBuf,
    /// With a folder that has other files: write beside them. Without it such a folder is refused, and samples of an earlier
    /// command are replaced in any case.
    #[arg(long)]
    pub force: bool,
    /// Where to look for a run that is named by its id.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// Where to generate.
    #[arg(long, default_value = "cpu")]
    pub devices: String,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, Args)]
#[command(after_long_help = metrics_help())]
pub(crate) struct MetricsArgs {
    /// Real samples: a data set (`mnist-10k`, `mnist-10k:test` for what is held out), a run (its folder or its id: the data
    /// that it was trained on; `RUN:test`), a folder of PNG, JPEG and WebP images (or of a folder of them for each class), or
    /// a .npy array, or a file of `--save-statistics`.
    pub real: String,
    /// Generated samples, the same.
    pub fake: String,
    /// Which, with commas between them; by default frechet, kid and prdc.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    #[arg(value_parser = PossibleValuesParser::new(metrics::names()))]
    pub metrics: Vec<String>,
    /// What they see of images; by default the extractor made for REAL, if it is a data set that has one, else pixels. The
    /// columns of a two-dimensional array are seen as they are.
    #[arg(long, value_name = "NAME")]
    #[arg(value_parser = PossibleValuesParser::new(features::ALL.iter().map(|extractor| extractor.name())))]
    pub features: Option<String>,
    /// A file of weights for pytorch-fid's Inception network (.pth or .safetensors), whose features they see
    /// instead: the Fréchet distance is then the FID.
    #[arg(long, value_name = "FILE", conflicts_with = "features")]
    pub inception: Option<PathBuf>,
    /// Samples of each set, chosen at random; by default as many as both have.
    #[arg(long, value_name = "N")]
    pub count: Option<NonZeroUsize>,
    /// Write what the metrics see of all of REAL into this file: REAL of later commands, without the images.
    #[arg(long, value_name = "FILE")]
    pub save_statistics: Option<PathBuf>,
    /// Make all images squares of this side: their centre, scaled. Needed where sizes differ.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(4..=1024))]
    pub size: Option<u32>,
    /// From black to white, of arrays of pixels as floats: `0,1`, `-1,1` or `0,255`; by default the narrowest of these
    /// that holds all of an array.
    #[arg(long, value_name = "FROM,TO", allow_hyphen_values = true)]
    pub range: Option<data::PixelRange>,
    /// Decides samples, subsets, pairs and projections.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Where to look for a run that is named by its id.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    #[command(flatten)]
    pub require: RequireArgs,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// The family's list, and how arrays are read.
fn metrics_help() -> String {
    let rows: Vec<Vec<String>> = metrics::METRICS
        .members()
        .iter()
        .map(|metric| (metric.name(), metric.entry()))
        .map(|(name, entry)| vec![name.to_owned(), entry.about.to_owned(), entry.smallest.to_string()])
        .collect();
    let list = crate::text::table(&["metric", "what it measures", "samples needed"], &rows);
    format!(
        "{list}

Arrays: [samples, features]; [samples, rows, columns]; [samples, channels, rows, columns]
with 1 or 3 channels, else [samples, rows, columns, channels].
Pixels are bytes, or floats from 0 to 1, -1 to 1 or 0 to 255: the narrowest range that holds them,
or that of --range. Numbers that lie in none of them are refused.

Images of two sizes are compared at the --size that is given: the square centre of each is scaled
to it, and images of another size are rounded to 8 bits. Where one image has colour, all have:
grey ones get three equal channels.

Folders are listed as training lists them: images at any depth; the subfolders are the classes
if all images lie in subfolders. A class has one name in both sets.

The floor is what two halves of REAL get that do not overlap, at the same number of samples
if REAL has twice as many. Values at different numbers of samples or with different features
cannot be compared. `neighbours` looks for copies among all of REAL.
Samples that are not finite are an outcome, not an error: no value, and the reason."
    )
}

#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    /// A run (its folder or the beginning of its id), or a sweep's folder.
    pub target: String,
    /// Which metrics, with commas between them; by default those of the run's `evaluate`, else frechet, kid and prdc.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    #[arg(value_parser = PossibleValuesParser::new(metrics::names()))]
    pub metrics: Vec<String>,
    /// Generated samples, and as many real ones; by default as the run's `evaluate`, else 1000.
    #[arg(long, value_name = "N")]
    pub count: Option<usize>,
    /// The checkpoint of this step, such as the `selected_step` of `status --format json`; by default all that are kept.
    #[arg(long, value_name = "STEP")]
    pub step: Option<u64>,
    /// What metrics see of images; by default as the run's `evaluate`, else the extractor made for its data set.
    #[arg(long, value_name = "NAME")]
    #[arg(value_parser = PossibleValuesParser::new(features::ALL.iter().map(|extractor| extractor.name())))]
    pub features: Option<String>,
    /// A file of weights for pytorch-fid's Inception network (.pth or .safetensors), whose features they see instead; by
    /// default as the run's `evaluate`.
    #[arg(long, value_name = "FILE", conflicts_with = "features")]
    pub inception: Option<PathBuf>,
    /// Where to generate: a device.
    #[arg(long, default_value = "cpu")]
    pub devices: String,
    /// Where to look for a run that is named by its id.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    #[command(flatten)]
    pub require: RequireArgs,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct ExtractorArgs {
    #[command(subcommand)]
    pub command: ExtractorCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExtractorCommand {
    /// Every extractor of features, and its hash.
    List(FormatArgs),
    /// Train a classifier as the embedded weights were trained, and write its weights. Takes minutes.
    Train {
        /// Which.
        #[arg(value_parser = PossibleValuesParser::new(features::Classifier::ALL.map(features::Extractor::name)))]
        name: String,
        /// The file.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    #[command(subcommand)]
    pub command: DataCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// Every data set, and whether it is here.
    List(FormatArgs),
    /// Download one from its official address, and check it against its published checksum. Interrupted, the same command
    /// goes on. Nothing else in the program downloads.
    Fetch {
        /// Which.
        #[arg(value_parser = PossibleValuesParser::new(fetch::ALL.iter().map(|set| set.name)))]
        name: String,
        /// Where to put its files; by default `data/NAME`.
        dir: Option<PathBuf>,
        /// Another address of the folder that its files lie in. The checksums stay.
        #[arg(long, value_name = "URL")]
        mirror: Option<String>,
        /// How to print the result.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Size, classes and fingerprint of one, and what of its files is passed over.
    Show {
        /// Its name, or a file or folder, whose content shows which data set it is for.
        name: String,
        /// Its file or folder, or its images (`idx`).
        #[arg(long)]
        path: Option<PathBuf>,
        /// Its labels (`idx`).
        #[arg(long)]
        labels: Option<PathBuf>,
        /// Another of its settings, such as `hold_out=0.1`; repeatable.
        #[arg(long = "set", value_name = "KEY=VALUE")]
        sets: Vec<String>,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Write the images of any data set, file or folder as a zip archive in StyleGAN's layout: PNG files and `dataset.json`.
    Import(ImportArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// A file or folder, whose content shows which data set it is for, or the name of a data set.
    pub source: String,
    /// The zip archive to write.
    #[arg(value_name = "OUT.zip")]
    pub out: PathBuf,
    /// Side of the images in pixels; without it they stay as they are.
    #[arg(long, value_name = "PIXELS")]
    pub size: Option<u32>,
    /// The data set that SOURCE is for, where its content does not show it.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Another setting of the data set, such as `fit=pad`; repeatable.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub sets: Vec<String>,
    /// What is held out, instead of what is for training.
    #[arg(long)]
    pub test: bool,
    /// Replace OUT.zip.
    #[arg(long)]
    pub force: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Where results would go.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "\
bash:  runner completions bash > ~/.local/share/bash-completion/completions/runner
zsh:   runner completions zsh > \"${fpath[1]}/_runner\"
fish:  runner completions fish > ~/.config/fish/completions/runner.fish")]
pub(crate) struct CompletionsArgs {
    /// Which shell.
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct WorkerArgs {
    /// The sweep's folder.
    pub dir: PathBuf,
    /// Where to train.
    #[arg(long)]
    pub device: training::DeviceKind,
    /// Runs at once.
    #[arg(long)]
    pub slots: NonZeroUsize,
    /// CPU threads of each run.
    #[arg(long)]
    pub threads: usize,
    /// Go on from checkpoints of another arithmetic.
    #[arg(long)]
    pub mix: bool,
}
