//! Commands that use a trained generator for more than samples.

use crate::cli::Format;
use clap::{Args, ValueEnum};
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
    /// Draw numbers of normal latents again until their magnitude is at most this: less varied, more typical samples.
    #[arg(long, value_name = "T")]
    pub truncation: Option<f32>,
    /// Move styles to this part of their way from the mean style, in [0, 1]: less varied, more typical samples. For
    /// `stylegan2`.
    #[arg(long, value_name = "PSI")]
    pub style_truncation: Option<f64>,
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
