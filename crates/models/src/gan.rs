//! The two networks and their game as one trainable module.

use crate::penalty::Due;
use crate::{Discriminator, Generator, Loss, Penalties};
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
    /// The adversarial loss.
    #[module(skip)]
    pub loss: Loss,
    /// What keeps the discriminator's slope in bounds.
    #[module(skip)]
    pub penalties: Penalties,
    /// Seeds the points of the penalties.
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

/// What a turn came to, before its update. Scalars `[1]` off the tape.
#[derive(Clone, Debug)]
pub struct Played {
    /// The adversarial loss of the network whose turn it was, without penalties.
    pub loss: Tensor<1>,
    /// Sum of the penalties that were due in the discriminator's turn, if any, at the weights of the configuration:
    /// what was added to the loss is `every` times as much.
    pub penalty: Option<Tensor<1>>,
    /// Mean logit of the real images, in the discriminator's turn.
    pub real: Option<Tensor<1>>,
    /// Mean logit of the generated images.
    pub fake: Tensor<1>,
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
                let penalty = self.penalties.due(&self.discriminator, &real, &fake, (self.seed, update));
                let (real, fake) = (self.discriminator.forward(real), self.discriminator.forward(fake));
                let loss = self.loss.discriminator(real.clone(), fake.clone());
                let item = Played {
                    loss: off(&loss),
                    penalty: penalty.as_ref().map(|penalty| off(&penalty.value)),
                    real: Some(off(&real.mean())),
                    fake: off(&fake.mean()),
                };
                let loss = match penalty {
                    Some(Due { added, .. }) => loss + added,
                    None => loss,
                };
                TrainOutput { grads: GradientsParams::from_grads(loss.backward(), &self.discriminator), item }
            }
            Turn::Generator { real, latent } => {
                let discriminator = self.discriminator.clone().no_grad();
                let fake = discriminator.forward(self.generator.forward(latent));
                let loss = self.loss.generator(fake.clone(), || discriminator.forward(real));
                let item = Played { loss: off(&loss), penalty: None, real: None, fake: off(&fake.mean()) };
                TrainOutput { grads: GradientsParams::from_grads(loss.backward(), &self.generator), item }
            }
        }
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
