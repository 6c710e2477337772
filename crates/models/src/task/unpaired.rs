//! Translation without pairs: two generators translate both ways, two discriminators judge each side, and what was translated
//! there and back is to be what it was (CycleGAN: Zhu et al. 2017, arXiv 1703.10593).

use super::adversary::{Adversary, Names, OF_INPUT, OF_OUTPUT, off};
use super::pool::Pool;
use super::state::State;
use super::translator::{kept_and_judged, size_problem, source};
use super::{AnyNetworks, Batch, Entry, Game, Made, Networks, Phase, StepOutput, Task};
use crate::architecture::Origin;
use crate::check::at_least_zero;
use crate::layer::{Chain, Draws};
use crate::{Discriminator, Domain, Generator, GeneratorInput, ModelConfig, Samples, Stream};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use burn::train::{InferenceStep, TrainOutput, TrainStep};
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const MAX_POOL: usize = 10_000;

/// Two generators and two discriminators.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Unpaired {
    /// Weight of the mean absolute difference between samples and what they become there and back, of both sides.
    pub cycle: f64,
    /// Weight of the mean absolute difference between samples and what the generator that makes such makes of them, of both sides, as
    /// a share of `cycle`.
    pub identity: f64,
    /// Weight of both adversarial losses in the generators'.
    pub adversarial: f64,
    /// Generated samples of earlier updates that each discriminator may see again; 0 for none.
    pub pool: usize,
}

/// Section 4; identity and pool as in the authors' program.
impl Default for Unpaired {
    fn default() -> Self {
        Self { cycle: 10.0, identity: 0.5, adversarial: 1.0, pool: 50 }
    }
}

impl Settings for Unpaired {
    const NAME: &'static str = "unpaired";
}

impl Task for Unpaired {
    fn entry() -> Entry {
        Entry {
            about: "two generators translate there and back, two discriminators judge each side; needs no pairs",
            paper: "Zhu et al. 2017, arXiv 1703.10593",
        }
    }

    fn games(&self, _: &ModelConfig, domain: &Domain) -> Vec<Game> {
        let Some(input) = domain.input else { return Vec::new() };
        let game = |from, to| Game { origin: Origin::Samples(from), makes: to, judged: to.shape() };
        vec![game(input, domain.output), game(domain.output, input)]
    }

    fn check(&self, _: &ModelConfig, domain: &Domain) -> Vec<Problem> {
        let weights = [("cycle", self.cycle), ("identity", self.identity), ("adversarial", self.adversarial)];
        let weights = weights.map(|(key, value)| at_least_zero(key, value));
        let pool = format!("holds at most {MAX_POOL} samples");
        let pool = Problem::unless(self.pool <= MAX_POOL, "pool", pool);
        let idle = self.cycle == 0.0 && self.adversarial == 0.0;
        let idle = idle.then(|| Problem::here("the weights of all terms are 0: the generators have nothing to learn"));
        let sides = || {
            let Some(input) = domain.input else {
                let why = "`unpaired` translates samples of one kind into another, and the data set has one kind alone";
                return Some(Problem::here(format!("{why}: set `data.name: unpaired-folder`")));
            };
            let ([of_input, ..], [of_output, ..]) = (input.shape(), domain.output.shape());
            size_problem(input, domain.output).or_else(|| {
                let why =
                    "compares samples of one side with what is made of them for that side, which have other channels";
                let message = format!("{why}: {of_input} and {of_output}: set `model.task.identity: 0`");
                Problem::unless(self.identity * self.cycle == 0.0 || of_input == of_output, "identity", message)
            })
        };
        weights.into_iter().chain([pool, idle, sides()]).flatten().collect()
    }

    fn init(&self, model: &ModelConfig, domain: Domain, seed: u64, device: &Device) -> Box<dyn AnyNetworks> {
        <dyn AnyNetworks>::of(CycleNetworks::new(*self, model, domain, seed, device))
    }
}

/// The generators: what makes samples.
#[derive(Module, Debug)]
pub struct Generators {
    /// Inputs to outputs.
    pub there: Generator,
    /// Outputs to inputs.
    pub back: Generator,
}

/// The networks and the losses that they are trained by.
#[derive(Module, Debug)]
pub struct CycleNetworks {
    /// Both generators.
    pub generators: Generators,
    /// Of inputs and what is made of outputs.
    pub discriminator_of_input: Discriminator,
    /// Of outputs and what is made of inputs.
    pub discriminator_of_output: Discriminator,
    state_of_input: State,
    state_of_output: State,
    pool_of_input: Option<Pool>,
    pool_of_output: Option<Pool>,
    /// What the generators have made for the discriminators' updates of this step.
    #[module(skip)]
    made_input: Option<Tensor<4>>,
    #[module(skip)]
    made_output: Option<Tensor<4>>,
    #[module(skip)]
    task: Unpaired,
    #[module(skip)]
    model: ModelConfig,
    #[module(skip)]
    seed: u64,
}

/// Indices of the phases.
const OF_INPUTS: usize = 0;
const OF_OUTPUTS: usize = 1;

impl CycleNetworks {
    /// With the initial weights of `seed`. Check the configuration first.
    pub fn new(task: Unpaired, model: &ModelConfig, domain: Domain, seed: u64, device: &Device) -> Self {
        let (input, output) = (domain.input.expect("the check found inputs"), domain.output);
        let pool = |shape| (task.pool > 0).then(|| Pool::new(task.pool, shape, device));
        Self {
            generators: Generators {
                there: model.init_translator([input, output], "generators/there", seed, device),
                back: model.init_translator([output, input], "generators/back", seed, device),
            },
            discriminator_of_input: model.init_judge(input.shape(), "discriminator_of_input", seed, device),
            discriminator_of_output: model.init_judge(output.shape(), "discriminator_of_output", seed, device),
            state_of_input: State::new(model, device),
            state_of_output: State::new(model, device),
            pool_of_input: pool(input.shape()),
            pool_of_output: pool(output.shape()),
            made_input: None,
            made_output: None,
            task,
            model: model.clone(),
            seed,
        }
    }

    fn of_input(&self) -> Adversary<'_> {
        self.adversary(&self.discriminator_of_input, &self.state_of_input, &OF_INPUT)
    }

    fn of_output(&self) -> Adversary<'_> {
        self.adversary(&self.discriminator_of_output, &self.state_of_output, &OF_OUTPUT)
    }

    fn adversary<'a>(
        &'a self,
        discriminator: &'a Discriminator,
        state: &'a State,
        names: &'static Names,
    ) -> Adversary<'a> {
        Adversary { discriminator, model: &self.model, state, seed: self.seed, names }
    }

    fn step_of_discriminator(&self, batch: Batch) -> TrainOutput<StepOutput> {
        let (phase, update) = (batch.phase, batch.update);
        let (input, output) = (source(batch.input), batch.real.images);
        let generators = self.generators.clone();
        let (adversary, generator, from, real, pool) = match phase {
            OF_INPUTS => (self.of_input(), generators.back, output, input, &self.pool_of_input),
            _ => (self.of_output(), generators.there, input, output, &self.pool_of_output),
        };
        let name = PHASES[phase];
        let draws = Draws { seed: self.seed, purpose: name, update };
        let [made, fake] = kept_and_judged(generator.drawing(&draws), from, batch.is_last);
        let mut stream = Stream::new(self.seed, &format!("pool/{name}"), update);
        let fake = match pool {
            Some(pool) => pool.exchange(fake, update, &mut stream),
            None => fake,
        };
        let judgement = adversary.judge(Samples::from(real), Samples::from(fake), update);
        let grads = GradientsParams::from_grads(judgement.loss.backward(), adversary.discriminator);
        TrainOutput { grads, item: StepOutput { made: Some(made), ..judgement.output } }
    }

    fn step_of_generators(&self, batch: Batch) -> TrainOutput<StepOutput> {
        let update = batch.update;
        let (input, output) = (source(batch.input), batch.real.images);
        // Each pass leaves out other numbers.
        let pass = |generator: &Generator, from: &Tensor<4>, purpose| {
            generator.clone().drawing(&Draws { seed: self.seed, purpose, update }).translate(from.clone())
        };
        let there = |from: &Tensor<4>, purpose| pass(&self.generators.there, from, purpose);
        let back = |from: &Tensor<4>, purpose| pass(&self.generators.back, from, purpose);
        let [made_output, made_input] = [&self.made_output, &self.made_input]
            .map(|made| made.clone().expect("the discriminators' phases come before"));
        let Unpaired { cycle, identity, adversarial, .. } = self.task;
        let mut scalars = Vec::new();
        let mut terms = Vec::new();
        if adversarial > 0.0 {
            for (adversary, made, real) in
                [(self.of_input(), &made_input, &input), (self.of_output(), &made_output, &output)]
            {
                let verdict = adversary.verdict(Samples::from(made.clone()), &Samples::from(real.clone()), update);
                scalars.extend(verdict.scalars);
                terms.push(verdict.loss * adversarial);
            }
        }
        let difference = |a: Tensor<4>, b: &Tensor<4>| (a - b.clone()).abs().mean();
        if cycle > 0.0 {
            let around = difference(back(&made_output, "there and back"), &input)
                + difference(there(&made_input, "back and there"), &output);
            scalars.push(("loss/cycle", off(&around)));
            terms.push(around * cycle);
        }
        if cycle * identity > 0.0 {
            let same = difference(back(&input, "input to itself"), &input)
                + difference(there(&output, "output to itself"), &output);
            scalars.push(("loss/identity", off(&same)));
            terms.push(same * (cycle * identity));
        }
        for generator in [&self.generators.there, &self.generators.back] {
            terms.extend(self.model.penalty.of_generator(generator));
        }
        let loss = terms.into_iter().reduce(|sum, term| sum + term).expect("the check found a term");
        scalars.push(("loss/generators", off(&loss)));
        let grads = GradientsParams::from_grads(loss.backward(), &self.generators);
        TrainOutput { grads, item: StepOutput { scalars, ..StepOutput::default() } }
    }
}

/// Names of the discriminators' phases.
const PHASES: [&str; 2] = ["input-discriminator", "output-discriminator"];

impl Networks for CycleNetworks {
    type Sampler = Generators;

    fn phases(&self, critic_steps: usize) -> Vec<Phase> {
        vec![
            Phase::of_discriminators(PHASES[OF_INPUTS], &["discriminator_of_input"], critic_steps),
            Phase::of_discriminators(PHASES[OF_OUTPUTS], &["discriminator_of_output"], critic_steps),
            Phase::of_generators("generators", &["generators"]),
        ]
    }

    fn sampler(&self) -> Generators {
        self.generators.clone()
    }

    fn before_update(self, phase: usize) -> Self {
        match phase {
            OF_INPUTS => Self { discriminator_of_input: self.discriminator_of_input.before_update(), ..self },
            OF_OUTPUTS => Self { discriminator_of_output: self.discriminator_of_output.before_update(), ..self },
            _ => {
                let Generators { there, back } = self.generators;
                Self { generators: Generators { there: there.before_update(), back: back.before_update() }, ..self }
            }
        }
    }

    fn settle(Generators { there, back }: Generators) -> Generators {
        Generators { there: there.settle(), back: back.settle() }
    }

    fn folded(sampler: &Generators) -> Option<Chain> {
        Some(sampler.there.clone().folded())
    }

    fn remember(self, phase: usize, output: &mut StepOutput) -> Self {
        let made = output.made.take();
        match phase {
            OF_INPUTS => {
                // What adapts for both sides has one curve, that of outputs.
                let mut ignored = output.clone();
                let state_of_input = self.of_input().next_state(&mut ignored);
                Self { state_of_input, made_input: made, ..self }
            }
            OF_OUTPUTS => {
                let state_of_output = self.of_output().next_state(output);
                Self { state_of_output, made_output: made, ..self }
            }
            _ => Self { made_input: None, made_output: None, ..self },
        }
    }

    fn after_update(self, phase: usize) -> Self {
        match phase {
            OF_INPUTS => {
                let discriminator_of_input = self.model.penalty.after_update(self.discriminator_of_input);
                Self { discriminator_of_input, ..self }
            }
            OF_OUTPUTS => {
                let discriminator_of_output = self.model.penalty.after_update(self.discriminator_of_output);
                Self { discriminator_of_output, ..self }
            }
            _ => self,
        }
    }
}

impl TrainStep for CycleNetworks {
    type Input = Batch;
    type Output = StepOutput;

    /// Scalars: those of each discriminator as in [`Gan`](super::Gan), with `input-` and `output-` before the last word, and
    /// - `loss/generators`: all of what both generators minimise
    /// - `loss/cycle`: sum of both mean absolute differences there and back, without its weight
    /// - `loss/identity`: that of what is translated to the side that it is of
    fn step(&self, batch: Batch) -> TrainOutput<StepOutput> {
        match batch.phase {
            OF_INPUTS | OF_OUTPUTS => self.step_of_discriminator(batch),
            _ => self.step_of_generators(batch),
        }
    }
}

impl InferenceStep for Generators {
    type Input = GeneratorInput;
    type Output = Made;

    fn step(&self, input: GeneratorInput) -> Made {
        let output = self.there.translate(source(input));
        let cycle = self.back.translate(output.clone());
        Made(vec![("output", output), ("cycle", cycle)])
    }
}
