//! Commands that make, measure and verify samples and weights.

use crate::cli::{Format, FormatArgs, RequireArgs};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use experiment::Count;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Less varied samples.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct TruncationArgs {
    /// Draw numbers of normal latents again until their magnitude is at most this: less varied, more typical samples.
    #[arg(long, value_name = "T")]
    pub truncation: Option<f32>,
    /// Move styles to this part of their way from the mean style, in [0, 1]: less varied, more typical samples. For
    /// `stylegan2`.
    #[arg(long, value_name = "PSI")]
    pub style_truncation: Option<f64>,
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
    /// Images, points or sounds.
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
    #[command(flatten)]
    pub typical: TruncationArgs,
    /// `x.png` (a grid), `x.npy` (float32 in [-1, 1], [count, channels, height, width]) or a folder (single PNGs, of
    /// conditional generators in a subfolder for each class). Of points: `x.png` (the plane, real points beneath) or `x.npy`
    /// (float32, [count, 2]). Of sounds: `x.wav` (one after the other), `x.png` (waveforms and spectrograms) or a folder of WAVs.
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
pub(crate) struct TranslateArgs {
    /// A run's folder, or the beginning of its id.
    pub run: String,
    /// A picture, or a folder of them: PNG, JPEG, WebP, BMP, TIFF or GIF of any size.
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    /// `x.png`, or a folder for PNGs with the names of the pictures. Files of these names are replaced.
    pub out: PathBuf,
    /// Cut pictures of another size than the network's into overlapping tiles. Without it they are resized, and resized back:
    /// the way for networks that see whole things.
    #[arg(long)]
    pub tile: bool,
    /// What shows behind transparent pixels: `white`, `black` or RRGGBB; without it, transparent pictures are errors.
    #[arg(long, value_name = "COLOUR")]
    pub background: Option<data::Background>,
    /// The checkpoint of this step; by default the newest.
    #[arg(long, value_name = "STEP")]
    pub step: Option<u64>,
    /// Where to look for a run that is named by its id.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// Where to compute.
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
pub(crate) struct ClassifyArgs {
    /// Labelled samples to learn from: a data set, a run (its folder or its id: the data that it was trained on), a folder with a
    /// subfolder for each class. Several have equal shares of each batch.
    #[arg(required = true)]
    pub train: Vec<String>,
    /// Labelled samples whose classes it is asked for: the same, such as `RUN:test`.
    #[arg(long, value_name = "SOURCE")]
    pub test: String,
    /// Trainings, each from other first weights and in another order.
    #[arg(long, value_name = "N", default_value = "3")]
    pub seeds: NonZeroUsize,
    /// Updates of each training, by 64 samples.
    #[arg(long, value_name = "N", default_value = "1000")]
    pub updates: NonZeroUsize,
    /// Pixels by which a sample is moved along each axis at most, each time that it is learned from; 0: never.
    #[arg(long, value_name = "PIXELS", default_value_t = 2, value_parser = clap::value_parser!(u32).range(..=64))]
    pub shift: u32,
    /// Make all images squares of this side: their centre, scaled. Needed where sizes differ.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(4..=1024))]
    pub size: Option<u32>,
    /// Where to look for a run that is named by its id.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
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
