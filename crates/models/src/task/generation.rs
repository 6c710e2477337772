//! Generation: one generator learns from one discriminator to make samples of latent vectors (Goodfellow et al. 2014,
//! arXiv 1406.2661).

use super::adversary::{Adversary, Judgement, SOLE, Verdict, off};
use super::state::State;
use super::{AnyNetworks, Batch, Entry, Made, Networks, Phase, StepOutput, Task};
use crate::conditioning::{AuxiliaryLoss, Observed};
use crate::layer::Chain;
use crate::{Discriminator, Domain, Generator, GeneratorInput, ModelConfig, Samples, Scalars};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use burn::train::{InferenceStep, TrainOutput, TrainStep};
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A generator and a discriminator.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Generation {}

impl Settings for Generation {
    const NAME: &'static str = "generation";
}

impl Task for Generation {
    fn entry() -> Entry {
        Entry {
            about: "a generator makes samples of latent vectors, a discriminator distinguishes them from real ones",
            paper: "Goodfellow et al. 2014, arXiv 1406.2661",
        }
    }

    fn check(&self, _: &ModelConfig, _: &Domain) -> Vec<Problem> {
        Vec::new()
    }

    fn init(&self, model: &ModelConfig, domain: Domain, seed: u64, device: &Device) -> Box<dyn AnyNetworks> {
        <dyn AnyNetworks>::of(Gan::new(model, domain, seed, device))
    }
}

/// The two networks and the loss that they are trained by.
#[derive(Module, Debug)]
pub struct Gan {
    /// Latent vectors to samples.
    pub generator: Generator,
    /// Samples to logits.
    pub discriminator: Discriminator,
    /// What adapts while they learn.
    pub state: State,
    /// Loss, penalties, conditioning, augmentation and packing.
    #[module(skip)]
    pub config: ModelConfig,
    /// Seeds what a step draws.
    #[module(skip)]
    pub seed: u64,
}

impl Gan {
    /// Index of the phase that updates the discriminator.
    pub const DISCRIMINATOR: usize = 0;
    /// Index of the phase that updates the generator.
    pub const GENERATOR: usize = 1;

    /// Both networks with the initial weights of `seed`. Check the configuration first.
    pub fn new(config: &ModelConfig, domain: impl Into<Domain>, seed: u64, device: &Device) -> Self {
        let domain = domain.into();
        Self {
            generator: config.init_generator(domain, seed, device),
            discriminator: config.init_discriminator(domain, seed, device),
            state: State::new(config, device),
            config: config.clone(),
            seed,
        }
    }
}

impl Networks for Gan {
    type Sampler = Generator;

    fn phases(&self, critic_steps: usize) -> Vec<Phase> {
        vec![
            Phase::of_discriminators("discriminator", &["discriminator"], critic_steps),
            Phase::of_generators("generator", &["generator"]),
        ]
    }

    fn sampler(&self) -> Generator {
        self.generator.clone()
    }

    fn prepared(self, real: &mut dyn Iterator<Item = Tensor<4>>) -> Self {
        Self { generator: self.generator.fitted(real), ..self }
    }

    fn before_update(self, phase: usize) -> Self {
        match phase {
            Self::DISCRIMINATOR => Self { discriminator: self.discriminator.before_update(), ..self },
            _ => Self { generator: self.generator.before_update(), ..self },
        }
    }

    fn settle(average: Generator) -> Generator {
        average.settle()
    }

    fn truncated(generator: Generator, share: f64, inputs: GeneratorInput) -> Option<Generator> {
        generator.truncated(share, inputs)
    }

    fn folded(sampler: &Generator) -> Option<Chain> {
        Some(sampler.clone().folded())
    }

    fn remember(self, phase: usize, output: &mut StepOutput) -> Self {
        if phase != Self::DISCRIMINATOR {
            return self;
        }
        let state = self.adversary().next_state(output);
        Self { state, ..self }
    }

    fn after_update(self, phase: usize) -> Self {
        match phase {
            Self::DISCRIMINATOR => Self { discriminator: self.config.penalty.after_update(self.discriminator), ..self },
            _ => self,
        }
    }
}

impl TrainStep for Gan {
    type Input = Batch;
    type Output = StepOutput;

    /// The other network only passes gradients on: its weights are not on the tape. Both networks normalise with the
    /// statistics of the batch.
    ///
    /// Scalars:
    /// - `loss/discriminator`, `loss/generator`: the adversarial loss, without penalties
    /// - `penalty/discriminator`: sum of the penalties that were due, at the weights of the configuration: what was added
    ///   to the loss is `every` times as much
    /// - `penalty/generator`: sum of the penalties on the generator's weights
    /// - `output/real`, `output/fake`: mean logits, of the discriminator's update
    /// - `accuracy/real`, `accuracy/fake`: the shares of real and generated samples that the discriminator takes for what
    ///   they are, under a loss with a [threshold](crate::loss::Loss::threshold), of a discriminator without energies
    /// - `loss/classifier`, `accuracy/classifier`: cross entropy of the auxiliary classifier on real and generated samples,
    ///   and the share of real samples that it classifies right
    /// - `loss/code`: the discriminator's error in recovering InfoGAN's codes, with its weights
    /// - `loss/pulling_away`: that term of the energy-based loss, with its weight, of the generator's update
    /// - `balance/k`, `balance/convergence`: k of the boundary equilibrium before the discriminator's update, and M after it
    /// - `augmentation/probability`, `augmentation/sureness`: p and r of adaptive augmentation
    fn step(&self, batch: Batch) -> TrainOutput<StepOutput> {
        let Batch { real: Samples { images, labels }, .. } = batch;
        let real = Samples::from(self.generator.seen(images)).with_labels(labels);
        let batch = Batch { real, ..batch };
        match batch.phase {
            Self::DISCRIMINATOR => self.step_of_discriminator(batch),
            _ => self.step_of_generator(batch),
        }
    }
}

impl Gan {
    fn adversary(&self) -> Adversary<'_> {
        let Self { discriminator, config, state, seed, .. } = self;
        Adversary { discriminator, model: config, state, seed: *seed, names: &SOLE }
    }

    fn step_of_discriminator(&self, Batch { real, input, update, .. }: Batch) -> TrainOutput<StepOutput> {
        let fake = self.generator.clone().no_grad().forward(input.clone());
        let labels = real.labels.clone();
        let fake = Samples::from(fake).with_labels(labels.clone());
        let Judgement { loss, mut output, features: [of_real, of_fake] } = self.adversary().judge(real, fake, update);
        let head = self.discriminator.auxiliary_head();
        let real = Observed { features: &of_real, head, labels: labels.as_ref(), factors: None };
        let (labels, factors) = (input.labels.as_ref(), input.factors.as_ref());
        let fake = Observed { features: &of_fake, head, labels, factors };
        let loss = plus(loss, self.config.conditioning.discriminator_loss(&real, &fake), &mut output.scalars);
        let grads = GradientsParams::from_grads(loss.backward(), &self.discriminator);
        TrainOutput { grads, item: output }
    }

    fn step_of_generator(&self, Batch { real, input, update, .. }: Batch) -> TrainOutput<StepOutput> {
        let fake = Samples::from(self.generator.forward(input.clone())).with_labels(real.labels.clone());
        let Verdict { loss, mut scalars, features, discriminator } = self.adversary().verdict(fake, &real, update);
        let (labels, factors) = (input.labels.as_ref(), input.factors.as_ref());
        let fake = Observed { features: &features, head: discriminator.auxiliary_head(), labels, factors };
        let loss = plus(loss, self.config.conditioning.generator_loss(&fake), &mut scalars);
        let penalty = self.config.penalty.of_generator(&self.generator);
        scalars.extend(penalty.as_ref().map(|penalty| ("penalty/generator", off(penalty))));
        let loss = match penalty {
            Some(penalty) => loss + penalty,
            None => loss,
        };
        let grads = GradientsParams::from_grads(loss.backward(), &self.generator);
        TrainOutput { grads, item: StepOutput { scalars, ..StepOutput::default() } }
    }
}

/// The loss with an auxiliary one added.
fn plus(loss: Tensor<1>, auxiliary: Option<AuxiliaryLoss>, scalars: &mut Scalars) -> Tensor<1> {
    let Some(auxiliary) = auxiliary else { return loss };
    scalars.extend(auxiliary.scalars);
    loss + auxiliary.loss
}

impl InferenceStep for Generator {
    type Input = GeneratorInput;
    type Output = Made;

    fn step(&self, input: GeneratorInput) -> Made {
        Made(vec![("samples", self.samples(input))])
    }
}
