//! The two networks and their game as one trainable module.

use crate::augmentation::Probability;
use crate::packing::pack;
use crate::penalty::Due;
use crate::{Augmentation, Discriminator, Generator, ModelConfig, State, Stream};
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
    /// What the game remembers.
    pub state: State,
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
        /// Number of the generator's update in the run, from 0.
        update: u64,
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
    /// - `augmentation/probability`, `augmentation/sureness`: p and r of adaptive augmentation
    pub scalars: Vec<(&'static str, Tensor<1>)>,
    /// What the game remembers from now on.
    pub state: State,
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
                let batch = real.dims()[0];
                let fake = self.generator.clone().no_grad().forward(latent);
                let real = self.shown(real, "real", update);
                let fake = self.shown(fake, "fake", update);
                let penalty = self.config.penalty.due(&self.discriminator, &real, &fake, (self.seed, update));
                let (real, fake) = (self.discriminator.forward(real), self.discriminator.forward(fake));
                let loss = self.config.loss.discriminator(real.clone(), fake.clone());
                let mut scalars = vec![
                    ("loss/discriminator", off(&loss)),
                    ("output/real", off(&real.clone().mean())),
                    ("output/fake", off(&fake.mean())),
                ];
                scalars.extend(penalty.as_ref().map(|penalty| ("penalty/discriminator", off(&penalty.value))));
                let state = self.next_state(real, batch, &mut scalars);
                let loss = match penalty {
                    Some(Due { added, .. }) => loss + added,
                    None => loss,
                };
                let grads = GradientsParams::from_grads(loss.backward(), &self.discriminator);
                TrainOutput { grads, item: Played { scalars, state } }
            }
            Turn::Generator { real, latent, update } => {
                let discriminator = self.discriminator.clone().no_grad();
                let fake = self.shown(self.generator.forward(latent), "generator", update);
                let fake = discriminator.forward(fake);
                let loss =
                    self.config.loss.generator(fake, || discriminator.forward(self.shown(real, "compared", update)));
                let item = Played { scalars: vec![("loss/generator", off(&loss))], state: self.state.clone() };
                TrainOutput { grads: GradientsParams::from_grads(loss.backward(), &self.generator), item }
            }
        }
    }
}

impl Gan {
    /// What the discriminator sees of images: augmented, then packed.
    fn shown(&self, images: Tensor<4>, whose: &str, update: u64) -> Tensor<4> {
        let probability = self.state.augmentation.as_ref().map(Probability::value);
        let mut stream = Stream::new(self.seed, &format!("augmentation/{whose}"), update);
        pack(self.config.augmentation.apply(images, probability, &mut stream), self.config.packing)
    }

    /// The state after a turn of the discriminator on so many `images` that gave these `real` logits.
    fn next_state(&self, real: Tensor<1>, images: usize, scalars: &mut Vec<(&'static str, Tensor<1>)>) -> State {
        let augmentation = match (&self.config.augmentation, &self.state.augmentation) {
            (Augmentation::Adaptive(settings), Some(probability)) => {
                let sureness = off(&real.sign().mean());
                scalars.push(("augmentation/probability", off(&probability.value())));
                scalars.push(("augmentation/sureness", sureness.clone()));
                Some(probability.after(sureness, images, settings))
            }
            _ => None,
        };
        State { augmentation }
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
