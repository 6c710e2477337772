//! The phases of a step.

/// Updates of some networks by one optimizer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Names its optimizer's checkpoint file, gradient norm, learning rate and random streams.
    pub name: &'static str,
    /// Fields of the task's module whose weights it changes.
    pub networks: &'static [&'static str],
    /// Whose settings its optimizer has.
    pub side: Side,
    /// Updates in a step.
    pub updates: usize,
}

/// Which settings of `run.train` an optimizer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `train.generator`.
    Generator,
    /// `train.discriminator`.
    Discriminator,
}

impl Phase {
    /// A phase of generators: one update a step.
    pub fn of_generators(name: &'static str, networks: &'static [&'static str]) -> Self {
        Self { name, networks, side: Side::Generator, updates: 1 }
    }

    /// A phase of discriminators.
    pub fn of_discriminators(name: &'static str, networks: &'static [&'static str], critic_steps: usize) -> Self {
        Self { name, networks, side: Side::Discriminator, updates: critic_steps }
    }
}
