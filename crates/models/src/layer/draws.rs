//! Random numbers that layers draw in a pass.

use crate::Stream;

/// Which random numbers the layers of a pass draw: those of streams of a run, one for each layer.
#[derive(Clone, Debug)]
pub struct Draws {
    /// Of the run.
    pub seed: u64,
    /// What the pass is for; part of the streams' keys.
    pub purpose: &'static str,
    /// Index of the streams.
    pub update: u64,
}

/// Those of one layer.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub draws: Draws,
    /// Its number among those of the network that draw.
    pub layer: usize,
}

impl Drawn {
    /// The same numbers each time; `kind` is the layer's.
    pub(super) fn stream(&self, kind: &str) -> Stream {
        let Self { draws: Draws { seed, purpose, update }, layer } = self;
        Stream::new(*seed, &format!("{kind}/{purpose}/{layer}"), *update)
    }
}
