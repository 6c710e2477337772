//! The two networks and their game as one trainable module.

use crate::packing::pack;
use crate::penalty::Due;
use crate::{Discriminator, Generator, ModelConfig};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{ExecutionError, Tensor};
use burn::train::{InferenceStep, ItemLazy, TrainOutput, TrainStep};

/// Generator, discriminator and the loss that they play for.
#[derive(Module, Debug)]
pub struct Gan {
    /// Latent vectors to images.
    pub generator: Generator,
    /// Images to logits.
    pub discriminator: Discriminator,
    /// The rules of the game.
    #[module(skip)]
    pub config: ModelConfig,
    /// Seeds what the game draws.
    #[module(skip)]
    pub seed: u64,
}

/// Whose turn it is.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant)] // One at a time; tensors are handles.
pub enum Turn {
    /// Update the discriminator.
    Discriminator {
        /// Real images `[batch, channels, height, width]`.
        real: Tensor<4>,
        /// Latent vectors `[batch, latent]` for the images to tell from them.
        latent: Tensor<2>,
        /// Number of the discriminator's update in the run, from 0.
        update: u64,
    },
    /// Update the generator.
    Generator {
        /// Real images `[batch, channels, height, width]`, for a loss that compares.
        real: Tensor<4>,
        /// Latent vectors `[batch, latent]`.
        latent: Tensor<2>,
    },
}

/// What a turn came to, before its update.
#[derive(Clone, Debug)]
pub struct Played {
    /// By name, off the tape, `[1]` each. One that is not finite means that the run has diverged.
    ///
    /// - `loss/discriminator`, `loss/generator`: the adversarial loss, without penalties
    /// - `penalty/discriminator`: sum of the penalties that were due, at the weights of the configuration: what was added
    ///   to the loss is `every` times as much
    /// - `output/real`, `output/fake`: mean logits, in the discriminator's turn
    pub scalars: Vec<(&'static str, Tensor<1>)>,
}

impl ItemLazy for Played {
    fn sync(self) -> Result<Self, ExecutionError> {
        Ok(self)
    }
}

impl TrainStep for Gan {
    type Input = Turn;
    type Output = Played;

    /// Forward and backward. The gradients are those of the network whose turn it is; the other one only passes them
    /// on, its weights are not on the tape. Both networks normalise with the statistics of the batch.
    fn step(&self, turn: Turn) -> TrainOutput<Played> {
        match turn {
            Turn::Discriminator { real, latent, update } => {
                let fake = self.generator.clone().no_grad().forward(latent);
                let (real, fake) = (self.shown(real), self.shown(fake));
                let penalty = self.config.penalty.due(&self.discriminator, &real, &fake, (self.seed, update));
                let (real, fake) = (self.discriminator.forward(real), self.discriminator.forward(fake));
                let loss = self.config.loss.discriminator(real.clone(), fake.clone());
                let mut scalars = vec![
                    ("loss/discriminator", off(&loss)),
                    ("output/real", off(&real.mean())),
                    ("output/fake", off(&fake.mean())),
                ];
                scalars.extend(penalty.as_ref().map(|penalty| ("penalty/discriminator", off(&penalty.value))));
                let loss = match penalty {
                    Some(Due { added, .. }) => loss + added,
                    None => loss,
                };
                let grads = GradientsParams::from_grads(loss.backward(), &self.discriminator);
                TrainOutput { grads, item: Played { scalars } }
            }
            Turn::Generator { real, latent } => {
                let discriminator = self.discriminator.clone().no_grad();
                let fake = discriminator.forward(self.shown(self.generator.forward(latent)));
                let loss = self.config.loss.generator(fake, || discriminator.forward(self.shown(real)));
                let item = Played { scalars: vec![("loss/generator", off(&loss))] };
                TrainOutput { grads: GradientsParams::from_grads(loss.backward(), &self.generator), item }
            }
        }
    }
}

impl Gan {
    /// What the discriminator sees of images.
    fn shown(&self, images: Tensor<4>) -> Tensor<4> {
        pack(images, self.config.packing)
    }
}

/// A GAN is validated by the images that it makes.
impl InferenceStep for Gan {
    type Input = Tensor<2>;
    type Output = Images;

    fn step(&self, latent: Tensor<2>) -> Images {
        Images(self.generator.forward(latent))
    }
}

/// Generated images `[batch, channels, height, width]`.
#[derive(Clone, Debug)]
pub struct Images(pub Tensor<4>);

impl ItemLazy for Images {
    fn sync(self) -> Result<Self, ExecutionError> {
        Ok(self)
    }
}

fn off(scalar: &Tensor<1>) -> Tensor<1> {
    scalar.clone().without_autodiff()
}
