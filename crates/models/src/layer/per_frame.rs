//! Layers on each frame of a video, as on separate images.

use super::spectral::PowerIteration;
use super::{Chain, Draws, Layer, Trace};
use crate::ops::{film, frames};
use burn::module::Module;
use burn::tensor::Tensor;

/// What a chain makes of each of so many frames. They lie one below the other before and after,
/// `[batch, channels, frames height, width]`; a layer that looks at the batch sees the frames of all samples.
#[derive(Module, Debug)]
pub struct PerFrame {
    /// Frames of a sample.
    pub(crate) frames: usize,
    /// Of one frame.
    pub(crate) chain: Chain,
}

/// The layers on each of so many frames, which lie one below the other.
pub fn per_frame(frames: usize, layers: Vec<Layer>) -> Layer {
    Layer::PerFrame(PerFrame { frames, chain: Chain::new(layers) })
}

impl PerFrame {
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        film(self.chain.forward(frames(x, self.frames)), self.frames)
    }

    pub fn trace(&self, x: Tensor<4>) -> (Tensor<4>, Vec<Vec<Trace>>) {
        let (y, trace) = self.chain.trace(frames(x, self.frames));
        (film(y, self.frames), vec![trace])
    }

    pub fn pullback(&self, inner: Vec<Vec<Trace>>, gradient: Tensor<4>) -> Tensor<4> {
        let trace = inner.into_iter().next().expect("the frames were traced");
        film(self.chain.pullback(trace, frames(gradient, self.frames)), self.frames)
    }

    pub fn mixes_samples(&self) -> bool {
        self.chain.mixes_samples()
    }

    /// With weights as they act.
    pub(crate) fn folded(self) -> Self {
        Self { chain: self.chain.folded(), ..self }
    }

    pub fn follow(self, power: PowerIteration) -> Self {
        Self { chain: self.chain.follow(power), ..self }
    }

    pub fn drawing(self, draws: &Draws, number: &mut usize) -> Self {
        Self { chain: self.chain.drawing_from(draws, number), ..self }
    }
}
