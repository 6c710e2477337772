//! Commands on data sets and this machine, and the hidden one for workers.

use crate::cli::{Format, FormatArgs};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use std::num::NonZeroUsize;
use std::path::PathBuf;

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
