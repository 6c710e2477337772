//! Translation of samples with pairs to learn from: a generator makes the output of each input, and a discriminator judges whether
//! the two belong together (pix2pix: Isola et al. 2017, arXiv 1611.07004).

use super::adversary::{Adversary, SOLE, off};
use super::state::State;
use super::translator::{Translator, kept_and_judged, size_problem, source};
use super::{AnyNetworks, Batch, Entry, Game, Networks, Phase, StepOutput, Task};
use crate::architecture::Origin;
use crate::check::at_least_zero;
use crate::layer::{Chain, Draws};
use crate::ops::beside;
use crate::{Discriminator, Domain, Generator, ModelConfig, Samples};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use burn::train::{TrainOutput, TrainStep};
use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A generator, and a discriminator of pairs.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Translation {
    /// Weight of the mean absolute difference between what the generator makes of an input and the output that belongs to it.
    pub l1: f64,
    /// Weight of the adversarial loss in the generator's; without it there is no discriminator.
    pub adversarial: f64,
}

/// Section 3.3 and appendix 6.2.
impl Default for Translation {
    fn default() -> Self {
        Self { l1: 100.0, adversarial: 1.0 }
    }
}

impl Settings for Translation {
    const NAME: &'static str = "translation";
}

impl Task for Translation {
    fn entry() -> Entry {
        Entry {
            about: "a generator makes the output of each input, a discriminator judges pairs of both",
            paper: "Isola et al. 2017, arXiv 1611.07004",
        }
    }

    fn games(&self, _: &ModelConfig, domain: &Domain) -> Vec<Game> {
        let game = |input: Format| Game {
            origin: Origin::Samples(input),
            makes: domain.output,
            judged: pair(input.shape(), domain.output.shape()),
        };
        domain.input.map(game).into_iter().collect()
    }

    fn check(&self, _: &ModelConfig, domain: &Domain) -> Vec<Problem> {
        let pairs = || {
            let Some(input) = domain.input else {
                let why = "`translation` learns from inputs and the outputs that belong to them, and the data set has no inputs";
                return Some(Problem::here(format!("{why}: set `data.name: paired-folder`")));
            };
            if !domain.paired {
                let why = "`translation` learns from pairs, and the data set's inputs and outputs are none";
                return Some(Problem::here(format!("{why}: set `model.task: unpaired`")));
            }
            size_problem(input, domain.output)
        };
        let weights =
            [("l1", self.l1), ("adversarial", self.adversarial)].map(|(key, value)| at_least_zero(key, value));
        let idle = self.l1 == 0.0 && self.adversarial == 0.0;
        let idle = idle.then(|| Problem::here("the weights of both terms are 0: the generator has nothing to learn"));
        weights.into_iter().chain([idle, pairs()]).flatten().collect()
    }

    fn init(&self, model: &ModelConfig, domain: Domain, seed: u64, device: &Device) -> Box<dyn AnyNetworks> {
        <dyn AnyNetworks>::of(Translators::new(*self, model, domain, seed, device))
    }
}

/// A sample beside its input.
fn pair([channels, ..]: [usize; 3], [more, height, width]: [usize; 3]) -> [usize; 3] {
    [channels + more, height, width]
}

/// The networks and the losses that they are trained by.
#[derive(Module, Debug)]
pub struct Translators {
    /// Inputs to outputs.
    pub generator: Generator,
    /// Inputs with their outputs to logits; `None` without an adversarial loss.
    pub discriminator: Option<Discriminator>,
    state: State,
    /// What the generator has made for the discriminator's update of this step.
    #[module(skip)]
    made: Option<Tensor<4>>,
    #[module(skip)]
    task: Translation,
    #[module(skip)]
    model: ModelConfig,
    #[module(skip)]
    seed: u64,
}

impl Translators {
    /// With the initial weights of `seed`. Check the configuration first.
    pub fn new(task: Translation, model: &ModelConfig, domain: Domain, seed: u64, device: &Device) -> Self {
        let input = domain.input.expect("the check found inputs");
        let judged = pair(input.shape(), domain.output.shape());
        let judge = || model.init_judge(judged, "discriminator", seed, device);
        Self {
            generator: model.init_translator([input, domain.output], "generator", seed, device),
            discriminator: (task.adversarial > 0.0).then(judge),
            state: State::new(model, device),
            made: None,
            task,
            model: model.clone(),
            seed,
        }
    }

    fn adversary(&self) -> Option<Adversary<'_>> {
        let Self { model, state, seed, .. } = self;
        let discriminator = self.discriminator.as_ref()?;
        Some(Adversary { discriminator, model, state, seed: *seed, names: &SOLE })
    }

    /// The generator in a pass of an update.
    fn drawing(&self, purpose: &'static str, update: u64) -> Generator {
        self.generator.clone().drawing(&Draws { seed: self.seed, purpose, update })
    }

    /// Whether a phase is the discriminator's: the first, if there is one.
    fn is_of_discriminator(&self, phase: usize) -> bool {
        phase == 0 && self.discriminator.is_some()
    }

    fn step_of_discriminator(&self, adversary: &Adversary, batch: Batch) -> TrainOutput<StepOutput> {
        let (input, update) = (source(batch.input), batch.update);
        let [made, fake] = kept_and_judged(self.drawing("discriminator", update), input.clone(), batch.is_last);
        let [real, fake] = [batch.real.images, fake].map(|output| Samples::from(beside(input.clone(), output)));
        let judgement = adversary.judge(real, fake, update);
        let grads = GradientsParams::from_grads(judgement.loss.backward(), adversary.discriminator);
        TrainOutput { grads, item: StepOutput { made: Some(made), ..judgement.output } }
    }

    fn step_of_generator(&self, batch: Batch) -> TrainOutput<StepOutput> {
        let (input, target, update) = (source(batch.input), batch.real.images, batch.update);
        let make = || self.drawing("generator", update).translate(input.clone());
        let output = self.made.clone().unwrap_or_else(make);
        let l1 = (output.clone() - target.clone()).abs().mean();
        let mut scalars = vec![("loss/l1", off(&l1))];
        let mut terms = vec![l1 * self.task.l1];
        if let Some(adversary) = self.adversary() {
            let [fake, real] = [output, target].map(|output| Samples::from(beside(input.clone(), output)));
            let verdict = adversary.verdict(fake, &real, update);
            scalars.extend(verdict.scalars);
            terms.push(verdict.loss * self.task.adversarial);
        }
        if let Some(penalty) = self.model.penalty.of_generator(&self.generator) {
            scalars.push(("penalty/generator", off(&penalty)));
            terms.push(penalty);
        }
        let loss = terms.into_iter().reduce(|sum, term| sum + term).expect("there is a term");
        let grads = GradientsParams::from_grads(loss.backward(), &self.generator);
        TrainOutput { grads, item: StepOutput { scalars, ..StepOutput::default() } }
    }
}

impl Networks for Translators {
    type Sampler = Translator;

    fn phases(&self, critic_steps: usize) -> Vec<Phase> {
        let discriminator = Phase::of_discriminators("discriminator", &["discriminator"], critic_steps);
        let generator = Phase::of_generators("generator", &["generator"]);
        self.discriminator.iter().map(|_| discriminator.clone()).chain([generator]).collect()
    }

    fn sampler(&self) -> Translator {
        Translator::new(self.generator.clone())
    }

    fn before_update(self, phase: usize) -> Self {
        match self.is_of_discriminator(phase) {
            true => Self { discriminator: self.discriminator.map(Discriminator::before_update), ..self },
            false => Self { generator: self.generator.before_update(), ..self },
        }
    }

    fn settle(average: Translator) -> Translator {
        average.settle()
    }

    fn folded(sampler: &Translator) -> Option<Chain> {
        Some(sampler.clone().folded())
    }

    fn remember(self, phase: usize, output: &mut StepOutput) -> Self {
        let made = output.made.take();
        let adversary = self.adversary().filter(|_| self.is_of_discriminator(phase));
        match adversary.map(|adversary| adversary.next_state(output)) {
            Some(state) => Self { state, made, ..self },
            None => Self { made, ..self },
        }
    }

    fn after_update(self, phase: usize) -> Self {
        if !self.is_of_discriminator(phase) {
            return self;
        }
        let discriminator = self.discriminator.map(|discriminator| self.model.penalty.after_update(discriminator));
        Self { discriminator, ..self }
    }
}

impl TrainStep for Translators {
    type Input = Batch;
    type Output = StepOutput;

    /// Scalars: those of a discriminator as in [`Gan`](super::Gan), and
    /// - `loss/l1`: mean absolute difference from the target, without its weight
    /// - `loss/generator`: the adversarial loss, without its weight
    fn step(&self, batch: Batch) -> TrainOutput<StepOutput> {
        match self.adversary() {
            Some(adversary) if self.is_of_discriminator(batch.phase) => self.step_of_discriminator(&adversary, batch),
            _ => self.step_of_generator(batch),
        }
    }
}
