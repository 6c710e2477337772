//! The program as a library: what a crate of others adds members to.

use crate::error::Error;
use crate::{cli, command, hints};
use clap::Parser;
use data::{SOURCES, Source};
use family::{AddError, Settings};
use metrics::{METRICS, Metric};
use models::architecture::{DISCRIMINATORS, DiscriminatorDesign, GENERATORS, GeneratorDesign};
use models::augmentation::{AUGMENTATIONS, Augmentation};
use models::conditioning::{CONDITIONINGS, Conditioning};
use models::loss::{LOSSES, Loss};
use models::penalty::{PENALTIES, Penalty};
use models::task::{TASKS, Task};
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

/// The program with members of families beside the built-in ones. A member that was added is like any other: it has its
/// keys in experiment files, in the schema, in messages and in the report, and workers know it, because they are started
/// as this same program.
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     runner::Program::new().run()
/// }
/// ```
#[derive(Debug, Default)]
pub struct Program {
    refused: Vec<AddError>,
}

impl Program {
    /// Without further members.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a loss, for `run.model.loss`.
    #[must_use]
    pub fn loss<L: Loss + Settings>(self) -> Self {
        self.added(LOSSES.add::<L>())
    }

    /// Adds a penalty, for `run.model.penalty`.
    #[must_use]
    pub fn penalty<P: Penalty + Settings>(self) -> Self {
        self.added(PENALTIES.add::<P>())
    }

    /// Adds a conditioning, for `run.model.conditioning`.
    #[must_use]
    pub fn conditioning<C: Conditioning + Settings>(self) -> Self {
        self.added(CONDITIONINGS.add::<C>())
    }

    /// Adds an augmentation, for `run.model.augmentation`.
    #[must_use]
    pub fn augmentation<A: Augmentation + Settings>(self) -> Self {
        self.added(AUGMENTATIONS.add::<A>())
    }

    /// Adds a generator, for `run.model.generator`.
    #[must_use]
    pub fn generator<G: GeneratorDesign + Settings>(self) -> Self {
        self.added(GENERATORS.add::<G>())
    }

    /// Adds a discriminator, for `run.model.discriminator`.
    #[must_use]
    pub fn discriminator<D: DiscriminatorDesign + Settings>(self) -> Self {
        self.added(DISCRIMINATORS.add::<D>())
    }

    /// Adds a task, for `run.model.task`.
    #[must_use]
    pub fn task<T: Task + Settings>(self) -> Self {
        self.added(TASKS.add::<T>())
    }

    /// Adds a data set, for `run.data`.
    #[must_use]
    pub fn data_set<S: Source + Settings>(self) -> Self {
        self.added(SOURCES.add::<S>())
    }

    /// Adds a metric, for `run.evaluate.metrics`.
    #[must_use]
    pub fn metric<M: Metric + Settings>(self) -> Self {
        self.added(METRICS.add::<M>())
    }

    fn added(mut self, added: Result<(), AddError>) -> Self {
        self.refused.extend(added.err());
        self
    }

    /// Runs the command line of this process. A member that a family refused, such as one with a name that is taken, ends it
    /// before anything is done.
    pub fn run(self) -> ExitCode {
        keep_alive_at_size_limits();
        let refused = self.refused.first().map_or(Ok(()), |refused| Err(Error::Usage(refused.to_string())));
        match refused.and_then(|()| command::run(parsed())) {
            Ok(code) => code,
            Err(error) => {
                let _ = std::io::stderr().write_all(error.report().as_bytes());
                error.exit_code()
            }
        }
    }
}

/// The command line; a wrong one ends the process with what is wrong.
fn parsed() -> cli::Cli {
    cli::Cli::try_parse().unwrap_or_else(|error| hints::on_arguments(error).exit())
}

/// A write beyond the limit of a file's size (`ulimit -f`) is an error that names the file, instead of a signal that ends the
/// process without a word.
fn keep_alive_at_size_limits() {
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}
