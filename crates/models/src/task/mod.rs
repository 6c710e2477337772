//! What networks learn from one another. Each task owns a file.
//!
//! A [`Task`] is the settings of `run.model.task`, and builds its networks: one Burn module with phases that take turns.
//! Training goes through the phases and knows no network: they are written against [`Networks`] and [`Sampler`], which know
//! their types, and used through [`AnyNetworks`] and [`AnySampler`], which do not.

mod adversary;
mod any;
mod average;
mod generation;
mod gradient_norm;
mod mapping;
mod networks;
mod phase;
mod pool;
mod state;
mod step;
mod translation;
mod translator;
mod unpaired;

pub use any::{AnyModule, AnyNetworks, AnySampler};
pub use generation::{Gan, Generation};
pub use mapping::{ContrastNetworks, Mapping};
pub use networks::{Networks, Sampler};
pub use phase::{Phase, Side};
pub use state::State;
pub use step::{Batch, Made, StepOutput};
pub use translation::{Translation, Translators};
pub use translator::Translator;
pub use unpaired::{CycleNetworks, Generators, Unpaired};

use crate::architecture::Origin;
use crate::{Domain, ModelConfig};
use burn::tensor::Device;
use family::{Choice, DefaultMember, Family, Holds, Member, Problem, Registry, Settings};
use samples::Format;
use serde::Serialize;
use std::sync::Arc;

/// Every built-in task.
const ALL: &[Member<dyn Task>] =
    &[Member::of::<Generation>(), Member::of::<Translation>(), Member::of::<Unpaired>(), Member::of::<Mapping>()];

/// Every task.
pub static TASKS: Registry<dyn Task> = Registry::new(ALL);

/// `run.model.task`: a task with its settings.
pub type TaskConfig = Choice<dyn Task>;

/// What networks learn from one another.
pub trait Task: Send + Sync {
    /// What it is, and its paper.
    fn entry() -> Entry
    where
        Self: Sized;

    /// The generators and discriminators of the model that it builds and trains by the model's loss, penalties, conditioning and
    /// augmentation, to be checked against the data; none where all networks are its own.
    fn games(&self, model: &ModelConfig, domain: &Domain) -> Vec<Game> {
        vec![model.generation(domain)]
    }

    /// What is wrong with the task for such data, with paths below `model.task`.
    fn check(&self, model: &ModelConfig, domain: &Domain) -> Vec<Problem>;

    /// The networks with the initial weights of `seed`. Check the configuration first.
    fn init(&self, model: &ModelConfig, domain: Domain, seed: u64, device: &Device) -> Box<dyn AnyNetworks>;
}

/// A generator and a discriminator of the model that play against one another: what they are built for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Game {
    /// What the generator starts from.
    pub origin: Origin,
    /// What it makes.
    pub makes: Format,
    /// Shape of what the discriminator judges: a sample with what stands beside it, `[channels, height, width]`.
    pub judged: [usize; 3],
}

/// A line of `runner models`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// What the networks do.
    pub about: &'static str,
    /// Where it is from.
    pub paper: &'static str,
}

impl Family for dyn Task {
    const NAME: &'static str = "Task";
    const ABOUT: &'static str = "What the networks learn from one another.";
    const TAG: &'static str = "kind";
    const WRITES_WORDS: bool = true;
    type Entry = Entry;

    fn registry() -> &'static Registry<Self> {
        &TASKS
    }
}

impl<S: Settings + Task> Holds<S> for dyn Task {
    fn hold(settings: S) -> Arc<Self> {
        Arc::new(settings)
    }

    fn entry() -> Entry {
        S::entry()
    }
}

impl DefaultMember for dyn Task {
    fn default_member() -> TaskConfig {
        Choice::of(Generation {})
    }
}
