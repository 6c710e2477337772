//! Commands that use a trained generator for more than samples.

use crate::cli::{Format, TruncationArgs};
use clap::{Args, Subcommand, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct AugmentArgs {
    /// A run's folder, or the beginning of its id. Its generator must know the classes of its data.
    pub run: String,
    /// A folder, with a subfolder for each class, or `x.npz`.
    pub out: PathBuf,
    /// Samples in all, as many of each class as go round.
    #[arg(long, value_name = "N")]
    pub count: NonZeroUsize,
    /// Take `--count` for the number of samples of each class.
    #[arg(long)]
    pub per_class: bool,
    /// What to write: `folder` (PNG or WAV files, a subfolder for each class), `idx` (a folder with the files `images` and
    /// `labels`, as MNIST's are) or `npz` (one file for NumPy); by default as the name of OUT says.
    #[arg(long = "as", value_enum, value_name = "KIND")]
    pub container: Option<Container>,
    /// Keep only samples of whose class a small classifier is as sure as this, in (0, 1). It learns
    /// from at most 4096 samples of the run's training data.
    #[arg(long, value_name = "P")]
    pub min_confidence: Option<f32>,
    #[command(flatten)]
    pub typical: TruncationArgs,
    /// Seed of the latents.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// The checkpoint of this step; by default the newest.
    #[arg(long, value_name = "STEP")]
    pub step: Option<u64>,
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

/// What labelled samples are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Container {
    /// A file for each, in a subfolder for each class.
    Folder,
    /// Two IDX files in a folder.
    Idx,
    /// One archive of arrays.
    Npz,
}

#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    /// A run's folder, or the beginning of its id.
    pub run: String,
    #[command(subcommand)]
    pub command: EditCommand,
    /// The checkpoint of this step; by default the newest.
    #[arg(long, value_name = "STEP", global = true)]
    pub step: Option<u64>,
    /// Where to look for a run that is named by its id.
    #[arg(long, value_name = "DIR", default_value = "results", global = true)]
    pub results: PathBuf,
    /// Where to compute.
    #[arg(long, default_value = "cpu", global = true)]
    pub devices: String,
    /// Keep the edit under a name in the run's folder (`edits/NAME`), in place of an earlier one of this name: `runner report` shows
    /// it. Its files are then written nowhere else unless `--out` says where.
    #[arg(long, value_name = "NAME", global = true)]
    pub keep: Option<String>,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t, global = true)]
    pub format: Format,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EditCommand {
    /// Find directions along which samples change, and draw a strip of each.
    Directions(DirectionsArgs),
    /// Move samples along a direction, or to another class: before and after.
    Apply(ApplyArgs),
    /// Find the codes that pictures follow from, and say how near their samples come.
    Invert(InvertArgs),
    /// The way from one sample to another.
    Between(BetweenArgs),
}

/// How directions are found.
#[derive(Debug, Args)]
pub(crate) struct MethodArgs {
    /// `sefa`: of the weights of the first layer; `pca`: of what that layer makes of a thousand samples.
    #[arg(long, value_enum, default_value_t)]
    pub method: Directions,
    /// Instead of these, the one direction towards samples of a class of the run's data, by a linear probe. Classes are told by a small
    /// classifier, which learns from the run's training data.
    #[arg(long, value_name = "CLASS", conflicts_with = "method")]
    pub attribute: Option<String>,
}

/// Where directions come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Directions {
    /// Of the weights of the first layer.
    #[default]
    Sefa,
    /// Of what that layer makes.
    Pca,
}

/// Samples to edit: random ones, or pictures.
#[derive(Debug, Args)]
pub(crate) struct ChosenArgs {
    /// Pictures to edit, instead of random samples: PNG, JPEG, WebP, BMP, TIFF or GIF. Those of another size are resized.
    #[arg(value_name = "IMAGE")]
    pub images: Vec<PathBuf>,
    /// Random samples: the first ones that `runner sample` has for the seed.
    #[arg(long, default_value = "8")]
    pub count: NonZeroUsize,
    /// Seed of random samples.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Class of random samples; by default the classes take turns.
    #[arg(long, value_name = "CLASS")]
    pub class: Option<String>,
    #[command(flatten)]
    pub search: SearchArgs,
}

/// How codes of pictures are looked for.
#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// Steps of Adam from the nearest of a thousand random samples on.
    #[arg(long, value_name = "N", default_value_t = 300)]
    pub search_steps: usize,
    /// What shows behind transparent pixels: `white`, `black` or RRGGBB; without it, transparent pictures are errors.
    #[arg(long, value_name = "COLOUR")]
    pub background: Option<data::Background>,
}

#[derive(Debug, Args)]
pub(crate) struct DirectionsArgs {
    #[command(flatten)]
    pub method: MethodArgs,
    /// Directions, the strongest first.
    #[arg(long, value_name = "N", default_value = "8")]
    pub top: NonZeroUsize,
    #[command(flatten)]
    pub chosen: ChosenArgs,
    /// Say how much the answer of a small classifier changes from one end of each strip to the other, beside ten random directions. It
    /// learns from the run's training data, which must have labels. With `--attribute` that is said in any case.
    #[arg(long)]
    pub editability: bool,
    /// How far strips go to either side, in standard deviations of the codes.
    #[arg(long, value_name = "A", default_value_t = 3.0)]
    pub amount: f64,
    /// A folder, for `sefa-00.png` and so on, and `sefa.npy`: the directions, float32, [directions, codes]. [default: directions]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    pub chosen: ChosenArgs,
    #[command(flatten)]
    pub method: MethodArgs,
    /// Which direction, from 0.
    #[arg(long, value_name = "K", default_value_t = 0)]
    pub direction: usize,
    /// How far, in standard deviations of the codes.
    #[arg(long, value_name = "A", default_value_t = 2.0, allow_hyphen_values = true)]
    pub amount: f64,
    /// Change the class of samples instead, and leave all else. For generators that know classes.
    #[arg(long, value_name = "CLASS", conflicts_with_all = ["direction", "amount", "attribute", "method"])]
    pub to_class: Option<String>,
    /// `x.png`: a row for each sample, before and after; of pictures also the picture itself, in front. [default: edit.png]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct InvertArgs {
    /// Pictures: PNG, JPEG, WebP, BMP, TIFF or GIF. Those of another size are resized. Without any, `--count` held-out pictures of
    /// the run's data and as many samples of its own are measured.
    #[arg(value_name = "IMAGE")]
    pub images: Vec<PathBuf>,
    /// Held-out pictures, and generated ones.
    #[arg(long, default_value = "16", conflicts_with = "images")]
    pub count: NonZeroUsize,
    #[command(flatten)]
    pub search: SearchArgs,
    /// `x.png`: a row for each picture: itself, the nearest of a thousand random samples, and what was found. [default: inverted.png]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The codes that were found: `x.npy`, float32, [pictures, codes].
    #[arg(long, value_name = "FILE")]
    pub codes: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct BetweenArgs {
    #[command(flatten)]
    pub chosen: ChosenArgs,
    /// Samples on the way, both ends included.
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u16).range(2..=1000))]
    pub steps: u16,
    /// `x.png`. [default: between.png]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}
