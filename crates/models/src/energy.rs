//! Energies: how badly a discriminator puts an image together again from its features.

use crate::layer::Chain;
use crate::layer::spectral::PowerIteration;
use burn::module::Module;
use burn::tensor::Tensor;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Distance of an image from its reconstruction, a mean over its values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Distance {
    /// As EBGAN has it (Zhao et al. 2017, arXiv 1609.03126).
    #[default]
    Squared,
    /// As BEGAN has it (Berthelot et al. 2017, arXiv 1703.10717).
    Absolute,
}

/// A decoder with the distance of what it makes.
#[derive(Module, Debug)]
pub(crate) struct Energy {
    decoder: Chain,
    #[module(skip)]
    distance: Distance,
}

impl Energy {
    pub(crate) fn new(decoder: Chain, distance: Distance) -> Self {
        Self { decoder, distance }
    }

    /// Energies `[batch]` of images with these features.
    pub(crate) fn forward(&self, features: Tensor<4>, images: Tensor<4>) -> Tensor<1> {
        let error = self.decoder.forward(features) - images;
        let error = match self.distance {
            Distance::Squared => error.square(),
            Distance::Absolute => error.abs(),
        };
        error.flatten::<2>(1, 3).mean_dim(1).flatten(0, 1)
    }

    /// The gradients of the sum of all energies at the features and, past them, at the images. Differentiable by the
    /// weights.
    pub(crate) fn pullback(&self, features: Tensor<4>, images: Tensor<4>) -> [Tensor<4>; 2] {
        let [_, channels, height, width] = images.dims();
        let (made, traces) = self.decoder.trace(features);
        let error = made - images;
        let slope = match self.distance {
            Distance::Squared => error * 2.0,
            // Constant almost everywhere.
            Distance::Absolute => error.detach().sign(),
        };
        let slope = slope / (channels * height * width) as f64;
        [self.decoder.pullback(traces, slope.clone()), slope.neg()]
    }

    pub(crate) fn mixes_samples(&self) -> bool {
        self.decoder.mixes_samples()
    }

    pub(crate) fn before_update(self) -> Self {
        Self { decoder: self.decoder.follow(PowerIteration::Once), distance: self.distance }
    }
}
