//! A folder in which one test uses the program.

use crate::process::{Ended, Running};
use crate::program::program;
use crate::sweep::Sweep;
use serde_json::Value;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
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

/// A second or so long, with a checkpoint every few hundredths: for all that happens in the middle of a run.
const LONG: &str = "\
run:
  model: { preset: mlp, generator: { hidden: [64] }, discriminator: { hidden: [64] } }
  train: { steps: 300, batch_size: 8 }
  sample: { every: 50, count: 4 }
  checkpoint: { every: 5 }
  log: { every: 5 }
";

/// An empty folder, removed at the end, that the program is started in.
#[derive(Debug)]
pub struct Lab {
    folder: TempDir,
    program: Program,
}

/// What a lab starts.
#[derive(Debug)]
enum Program {
    /// The binary of a package of the workspace, built for it.
    Package(&'static str),
    /// One that is there.
    File(PathBuf),
}

impl Lab {
    /// An empty one for the program itself.
    #[expect(clippy::new_without_default, reason = "it touches the disk")]
    pub fn new() -> Self {
        Self::of("runner")
    }

    /// An empty one for the binary of another package of the workspace.
    pub fn of(package: &'static str) -> Self {
        Self::with(Program::Package(package))
    }

    /// An empty one for an executable file.
    pub fn of_file(program: PathBuf) -> Self {
        Self::with(Program::File(program))
    }

    fn with(program: Program) -> Self {
        Self { folder: tempfile::tempdir().expect("the folder for temporary files is there"), program }
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

    /// Writes `<name>.yaml`: 300 steps of a small GAN, a checkpoint every fifth; `rest` as of [`tiny`](Self::tiny).
    pub fn long(&self, name: &str, rest: &str) {
        self.write(&format!("{name}.yaml"), format!("name: {name}\n{LONG}{rest}\n"));
    }

    /// A library whose mathematical functions differ from those of this machine in the last bits: what is started with
    /// `LD_PRELOAD` set to it is of another numeric class.
    pub fn other_class(&self) -> PathBuf {
        self.write(
            "other.c",
            "double tanh(double), exp(double);\n\
             float tanhf(float x) { return tanh(x); }\nfloat expm1f(float x) { return exp(x) - 1; }\n",
        );
        let words = ["-shared", "-fPIC", "-fno-builtin", "other.c", "-o", "libother.so", "-lm"];
        let compiled = Command::new("cc").args(words).current_dir(self.folder.path()).status();
        assert!(compiled.is_ok_and(|status| status.success()), "Rust links with cc, so it is there");
        self.path("libother.so")
    }

    /// The program with the words of the line as arguments, in this folder, with none of the caller's settings.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(match &self.program {
            Program::Package(package) => program(package),
            Program::File(file) => file.clone(),
        });
        command.args(line.split_whitespace()).current_dir(self.folder.path());
        let settings =
            env::vars_os().map(|(name, _)| name).filter(|name| name.to_string_lossy().starts_with("RUNNER_"));
        for name in settings.chain(["BURN_DEVICE".into(), "NO_COLOR".into()]) {
            command.env_remove(name);
        }
        command.env("XDG_CACHE_HOME", self.path(".cache"));
        command
    }

    /// Starts the program.
    pub fn start(&self, line: &str) -> Running {
        Running::start(line.to_owned(), self.command(line))
    }

    /// Starts a command that was made for this folder.
    pub fn start_command(&self, line: &str, command: Command) -> Running {
        Running::start(line.to_owned(), command)
    }

    /// Starts a copy of the program.
    pub fn start_copy(&self, program: &Path, line: &str) -> Running {
        let mut command = Command::new(program);
        command.args(line.split_whitespace()).current_dir(self.folder.path());
        Running::start(line.to_owned(), command)
    }

    /// Starts a command under a limit of the shell's, such as `ulimit -v 1000000`.
    pub fn start_limited(&self, command: Command, limit: &str) -> Running {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{limit} && exec \"$0\" \"$@\"")]).arg(command.get_program());
        shell.args(command.get_args()).current_dir(self.folder.path());
        Running::start(limit.to_owned(), shell)
    }

    /// A separate worker for a sweep's folder, as a launcher would start it.
    pub fn worker_command(&self, folder: &str, slots: usize) -> Command {
        self.command(&format!("worker {folder} --device cpu --slots {slots} --threads 1"))
    }

    /// Starts a worker for a sweep's folder, gives it orders, and returns its answers, as many as there are orders
    /// that end a run.
    pub fn worker(&self, folder: &str, slots: usize, orders: &[&str]) -> Vec<Value> {
        let mut child =
            self.worker_command(folder, slots).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut input = child.stdin.take().expect("it is piped");
        for order in orders {
            writeln!(input, "{order}").expect("the worker listens");
        }
        let mut answers = Vec::new();
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        for line in lines.map_while(Result::ok) {
            let answer: Value = serde_json::from_str(&line).expect("answers are JSON");
            let ended = answer["update"].get("ended").is_some();
            answers.push(answer);
            if ended && answers.iter().filter(|answer| answer["update"].get("ended").is_some()).count() == orders.len()
            {
                break;
            }
        }
        drop(input);
        child.wait().expect("a child can be waited for");
        answers
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
