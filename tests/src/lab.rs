//! A folder in which one test uses the program.

use crate::process::{Ended, Running};
use crate::program::program;
use crate::sweep::Sweep;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The smallest GAN that there is, for a few steps: for all that is not about networks.
const TINY: &str = "\
run:
  model: { preset: mlp, generator: { hidden: [8] }, discriminator: { hidden: [8] } }
  train: { steps: 6, batch_size: 4 }
  sample: { every: 3, count: 4 }
  checkpoint: { every: 3, keep: 2 }
  log: { every: 2 }
";

/// An empty folder, removed at the end, that the program is started in.
#[derive(Debug)]
pub struct Lab {
    folder: TempDir,
}

impl Lab {
    /// An empty one.
    #[expect(clippy::new_without_default, reason = "it touches the disk")]
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("the folder for temporary files is there") }
    }

    /// Where something in it lies.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, with the folders above it.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        let folder = path.parent().expect("it lies in the lab");
        fs::create_dir_all(folder).and_then(|()| fs::write(&path, content)).expect("the lab can be written");
    }

    /// Writes `<name>.yaml`: six steps of the smallest GAN with four images a batch, a checkpoint and a grid every
    /// third; `rest` is its `sweep` and other sections.
    pub fn tiny(&self, name: &str, rest: &str) {
        self.write(&format!("{name}.yaml"), format!("name: {name}\n{TINY}{rest}\n"));
    }

    /// The program with the words of the line as arguments, in this folder, with none of the caller's settings.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(program());
        command.args(line.split_whitespace()).current_dir(self.folder.path());
        let settings =
            env::vars_os().map(|(name, _)| name).filter(|name| name.to_string_lossy().starts_with("RUNNER_"));
        for name in settings.chain(["BURN_DEVICE".into(), "NO_COLOR".into()]) {
            command.env_remove(name);
        }
        command
    }

    /// Starts the program.
    pub fn start(&self, line: &str) -> Running {
        Running::start(line.to_owned(), self.command(line))
    }

    /// Starts the program and waits for its end.
    pub fn run(&self, line: &str) -> Ended {
        self.start(line).wait()
    }

    /// The same with an environment variable.
    pub fn run_with(&self, variable: (&str, &str), line: &str) -> Ended {
        let mut command = self.command(line);
        command.env(variable.0, variable.1);
        Running::start(format!("{}={} {line}", variable.0, variable.1), command).wait()
    }

    /// What the sweep of this name left in `results`.
    pub fn sweep(&self, name: &str) -> Sweep<'_> {
        Sweep::new(self, Path::new("results").join(name))
    }

    /// What a sweep left in another folder.
    pub fn sweep_in(&self, folder: &str) -> Sweep<'_> {
        Sweep::new(self, PathBuf::from(folder))
    }
}
