//! The two networks and their game as one trainable module.

use crate::conditioning::{AuxiliaryLoss, Observed};
use crate::ops::pack;
use crate::penalty::Due;
use crate::{Discriminator, Generator, GeneratorInput, ModelConfig, Samples, Scalars, State, Stream};
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
        /// Real images.
        real: Samples,
        /// Codes for as many images to tell from them; of the same classes, if networks are told those.
        code: GeneratorInput,
        /// Number of the discriminator's update in the run, from 0.
        update: u64,
    },
    /// Update the generator.
    Generator {
        /// Real images, for a loss that compares.
        real: Samples,
        /// Codes for as many images; of the same classes, if networks are told those.
        code: GeneratorInput,
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
    /// - `penalty/generator`: sum of the penalties on the generator's weights
    /// - `output/real`, `output/fake`: mean logits, in the discriminator's turn
    /// - `accuracy/real`, `accuracy/fake`: the shares of real and generated images that the discriminator takes for what they
    ///   are, in its turn, under a loss with a [threshold](crate::loss::Loss::threshold)
    /// - `loss/classifier`, `accuracy/classifier`: cross entropy of the auxiliary classifier on real and generated images,
    ///   and the share of real images whose class it tells, in the discriminator's turn
    /// - `loss/code`: what the discriminator misses of the codes, with its weights, in the discriminator's turn
    /// - `loss/pulling_away`: that term of the energy-based loss, with its weight, in the generator's turn
    /// - `balance/k`, `balance/convergence`: k of the boundary equilibrium in the discriminator's turn, and M after it
    /// - `augmentation/probability`, `augmentation/sureness`: p and r of adaptive augmentation
    pub scalars: Scalars,
    /// Logits of real and of generated images, off the tape, in the discriminator's turn.
    pub logits: Option<[Tensor<1>; 2]>,
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
            Turn::Discriminator { real, code, update } => {
                let batch = real.images.dims()[0];
                let fake = self.generator.clone().no_grad().forward(code.clone());
                let fake = self.shown(Samples::from(fake).with_labels(real.labels.clone()), "fake", update);
                let real = self.shown(real, "real", update);
                let penalty = self.config.penalty.due(&self.discriminator, &real, &fake, (self.seed, update));
                let labels = real.labels.clone();
                let [real, fake] = self.discriminator.judge_both(real, fake);
                let loss = self.config.loss.discriminator(real.logit.clone(), fake.logit.clone(), &self.state.balance);
                let mut scalars = vec![
                    ("loss/discriminator", off(&loss)),
                    ("output/real", off(&real.logit.clone().mean())),
                    ("output/fake", off(&fake.logit.clone().mean())),
                ];
                scalars.extend(penalty.as_ref().map(|penalty| ("penalty/discriminator", off(&penalty.value))));
                let logits = [off(&real.logit), off(&fake.logit)];
                scalars.extend(self.accuracy(&logits));
                let state = self.next_state([real.logit, fake.logit], batch, &mut scalars);
                let loss = match penalty {
                    Some(Due { added, .. }) => loss + added,
                    None => loss,
                };
                let head = self.discriminator.auxiliary_head();
                let real = Observed { features: &real.features, head, labels: labels.as_ref(), factors: None };
                let (labels, factors) = (code.labels.as_ref(), code.factors.as_ref());
                let fake = Observed { features: &fake.features, head, labels, factors };
                let auxiliary = self.config.conditioning.discriminator_loss(&real, &fake);
                let loss = plus(loss, auxiliary, &mut scalars);
                let grads = GradientsParams::from_grads(loss.backward(), &self.discriminator);
                TrainOutput { grads, item: Played { scalars, logits: Some(logits), state } }
            }
            Turn::Generator { real, code, update } => {
                let discriminator = self.discriminator.clone().no_grad();
                let fake = Samples::from(self.generator.forward(code.clone())).with_labels(real.labels.clone());
                let fake = discriminator.judge(self.shown(fake, "generator", update));
                let real = || discriminator.forward(self.shown(real.clone(), "compared", update));
                let loss = self.config.loss.generator(fake.logit, &real);
                let mut scalars = vec![("loss/generator", off(&loss))];
                let loss = match self.config.loss.of_features(fake.features.clone()) {
                    Some((name, added)) => {
                        scalars.push((name, off(&added)));
                        loss + added
                    }
                    None => loss,
                };
                let (labels, factors) = (code.labels.as_ref(), code.factors.as_ref());
                let head = discriminator.auxiliary_head();
                let fake = Observed { features: &fake.features, head, labels, factors };
                let loss = plus(loss, self.config.conditioning.generator_loss(&fake), &mut scalars);
                let penalty = self.config.penalty.of_generator(&self.generator);
                scalars.extend(penalty.as_ref().map(|penalty| ("penalty/generator", off(penalty))));
                let loss = match penalty {
                    Some(penalty) => loss + penalty,
                    None => loss,
                };
                let item = Played { scalars, logits: None, state: self.state.clone() };
                TrainOutput { grads: GradientsParams::from_grads(loss.backward(), &self.generator), item }
            }
        }
    }
}

impl Gan {
    /// What the discriminator sees of images: augmented, then packed.
    fn shown(&self, examples: Samples, whose: &str, update: u64) -> Samples {
        let Samples { images, labels } = examples;
        let mut stream = Stream::new(self.seed, &format!("augmentation/{whose}"), update);
        let images = self.config.augmentation.apply(images, &self.state.augmentation, &mut stream);
        Samples::from(pack(images, self.config.packing)).with_labels(labels)
    }

    /// How often the discriminator is right.
    fn accuracy(&self, [real, fake]: &[Tensor<1>; 2]) -> Scalars {
        let Some(threshold) = self.config.loss.threshold() else { return Vec::new() };
        let above = |logits: &Tensor<1>| logits.clone().greater_elem(threshold).float().mean();
        vec![("accuracy/real", above(real)), ("accuracy/fake", above(fake).neg() + 1.0)]
    }

    /// The state after a turn of the discriminator on so many `images` that gave these logits.
    fn next_state(&self, [real, fake]: [Tensor<1>; 2], images: usize, scalars: &mut Scalars) -> State {
        let (model, state) = (&self.config, &self.state);
        let augmentation = model.augmentation.adapt(&real, images, &state.augmentation);
        let balance = model.loss.adapt(&real, &fake, &state.balance);
        let recorded = augmentation.scalars.iter().chain(&balance.scalars);
        scalars.extend(recorded.map(|(name, value)| (*name, off(value))));
        State {
            augmentation: state.augmentation.with(augmentation.values),
            balance: state.balance.with(balance.values),
        }
    }
}

/// The loss with an auxiliary one added.
fn plus(loss: Tensor<1>, auxiliary: Option<AuxiliaryLoss>, scalars: &mut Scalars) -> Tensor<1> {
    let Some(auxiliary) = auxiliary else { return loss };
    scalars.extend(auxiliary.scalars);
    loss + auxiliary.loss
}

/// A GAN is validated by the images that it makes.
impl InferenceStep for Gan {
    type Input = GeneratorInput;
    type Output = Images;

    fn step(&self, code: GeneratorInput) -> Images {
        Images(self.generator.forward(code))
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
