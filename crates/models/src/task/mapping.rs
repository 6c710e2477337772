//! One-sided translation without pairs: a generator makes outputs of inputs, a discriminator judges them, and each patch of an
//! output is to resemble that patch of its input more than the input's other patches, in features of the generator's own way down
//! (CUT: Park et al. 2020, arXiv 2007.15651).

use super::adversary::{Adversary, SOLE, off};
use super::state::State;
use super::translator::{Translator, kept_and_judged, size_problem, source};
use super::{AnyNetworks, Batch, Entry, Game, Networks, Phase, StepOutput, Task};
use crate::architecture::Origin;
use crate::check::{above_zero, at_least_zero};
use crate::initialization::Start;
use crate::layer::{Chain, Draws, Layers, RELU};
use crate::{Discriminator, Domain, Generator, Initialization, ModelConfig, Samples, Stream};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor};
use burn::train::{TrainOutput, TrainStep};
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const MAX_PATCHES: usize = 4096;
const MAX_FEATURES: usize = 1024;

/// A generator, a discriminator, and features in which patches are compared.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// Weight of the adversarial loss in the generator's.
    pub adversarial: f64,
    /// Weight of the contrast between patches of what is made and of its input.
    pub contrast: f64,
    /// Weight of the same between a real output and what the generator makes of it.
    pub identity: f64,
    /// What the likeness of two patches, a cosine, is divided by, above 0.
    pub temperature: f64,
    /// Patches of each map that are compared with one another, 2 to 4096; of smaller maps all.
    pub patches: usize,
    /// Numbers by which a patch is compared, 1 to 1024.
    pub features: usize,
}

/// Sections 3 and 4.
impl Default for Mapping {
    fn default() -> Self {
        Self { adversarial: 1.0, contrast: 1.0, identity: 1.0, temperature: 0.07, patches: 256, features: 256 }
    }
}

impl Settings for Mapping {
    const NAME: &'static str = "mapping";
}

impl Task for Mapping {
    fn entry() -> Entry {
        Entry {
            about: "one generator translates, patches of its outputs resemble those of its inputs; needs no pairs",
            paper: "Park et al. 2020, arXiv 2007.15651",
        }
    }

    fn games(&self, _: &ModelConfig, domain: &Domain) -> Vec<Game> {
        let game = |input| Game { origin: Origin::Samples(input), makes: domain.output, judged: domain.output.shape() };
        domain.input.map(game).into_iter().collect()
    }

    fn check(&self, _: &ModelConfig, domain: &Domain) -> Vec<Problem> {
        let weights = [("adversarial", self.adversarial), ("contrast", self.contrast), ("identity", self.identity)];
        let weights = weights.map(|(key, value)| at_least_zero(key, value));
        let within = |key, value: usize, least: usize, most: usize| {
            Problem::unless((least..=most).contains(&value), key, format!("must be within {least} and {most}"))
        };
        let idle = self.adversarial == 0.0 && self.contrast == 0.0;
        let idle = idle.then(|| Problem::here("the weights of all terms are 0: the generator has nothing to learn"));
        let sides = || {
            let Some(input) = domain.input else {
                let why = "`mapping` translates samples of one kind into another, and the data set has one kind alone";
                return Some(Problem::here(format!("{why}: set `data.name: unpaired-folder`")));
            };
            let ([of_input, height, width], [of_output, ..]) = (input.shape(), domain.output.shape());
            if height * width == 1 {
                let why = "`mapping` compares patches with one another, and points have none";
                return Some(Problem::here(format!("{why}: set `model.task: unpaired`")));
            }
            size_problem(input, domain.output).or_else(|| {
                let why = "compares inputs with outputs by one network, and they have other channels";
                let message =
                    format!("{why}: {of_input} and {of_output}: set `data.color: rgb` and `data.input_color: rgb`");
                Problem::unless(of_input == of_output, "", message)
            })
        };
        let others = [
            above_zero("temperature", self.temperature),
            within("patches", self.patches, 2, MAX_PATCHES),
            within("features", self.features, 1, MAX_FEATURES),
            idle,
            sides(),
        ];
        weights.into_iter().chain(others).flatten().collect()
    }

    fn init(&self, model: &ModelConfig, domain: Domain, seed: u64, device: &Device) -> Box<dyn AnyNetworks> {
        <dyn AnyNetworks>::of(ContrastNetworks::new(*self, model, domain, seed, device))
    }
}

/// The generator, and what makes features of its maps.
#[derive(Module, Debug)]
pub struct Maker {
    /// Inputs to outputs.
    pub generator: Generator,
    /// One for each map of the generator's way down: a pixel's channels to features.
    heads: Vec<Chain>,
}

/// The networks and the losses that they are trained by.
#[derive(Module, Debug)]
pub struct ContrastNetworks {
    /// What makes outputs, and compares.
    pub maker: Maker,
    /// Of outputs.
    pub discriminator: Discriminator,
    state: State,
    /// What the generator has made for the discriminator's update of this step.
    #[module(skip)]
    made: Option<Tensor<4>>,
    #[module(skip)]
    task: Mapping,
    #[module(skip)]
    model: ModelConfig,
    #[module(skip)]
    seed: u64,
}

/// Index of the discriminator's phase; the other one is the generator's.
const OF_DISCRIMINATOR: usize = 0;

impl ContrastNetworks {
    /// With the initial weights of `seed`. Check the configuration first.
    pub fn new(task: Mapping, model: &ModelConfig, domain: Domain, seed: u64, device: &Device) -> Self {
        let (input, output) = (domain.input.expect("the check found inputs"), domain.output);
        let generator = model.init_translator([input, output], "generator", seed, device);
        let make = Layers { device, spectral_norm: false, equalized: false, frames: 1 };
        // Of one black sample: the maps' channels alone are of interest.
        let [channels, height, width] = input.shape();
        let maps = generator.valid().maps(Tensor::zeros([1, channels, height, width], &device.clone().inner()));
        let heads = maps.iter().enumerate().map(|(number, map)| {
            let [_, channels, ..] = map.dims();
            let layers = vec![make.dense(channels, task.features), RELU, make.dense(task.features, task.features)];
            let start = Start { distribution: model.initialization, seed, device };
            start.apply(Chain::new(layers), Initialization::Normal { deviation: 0.02 }, &format!("heads/{number}"))
        });
        Self {
            maker: Maker { heads: heads.collect(), generator },
            discriminator: model.init_judge(output.shape(), "discriminator", seed, device),
            state: State::new(model, device),
            made: None,
            task,
            model: model.clone(),
            seed,
        }
    }

    fn adversary(&self) -> Adversary<'_> {
        let Self { discriminator, model, state, seed, .. } = self;
        Adversary { discriminator, model, state, seed: *seed, names: &SOLE }
    }

    /// The generator in a pass of an update.
    fn drawing(&self, purpose: &'static str, update: u64) -> Generator {
        self.maker.generator.clone().drawing(&Draws { seed: self.seed, purpose, update })
    }

    fn step_of_discriminator(&self, batch: Batch) -> TrainOutput<StepOutput> {
        let (input, update) = (source(batch.input), batch.update);
        let [made, fake] = kept_and_judged(self.drawing("discriminator", update), input, batch.is_last);
        let adversary = self.adversary();
        let judgement = adversary.judge(Samples::from(batch.real.images), Samples::from(fake), update);
        let grads = GradientsParams::from_grads(judgement.loss.backward(), adversary.discriminator);
        TrainOutput { grads, item: StepOutput { made: Some(made), ..judgement.output } }
    }

    fn step_of_generator(&self, batch: Batch) -> TrainOutput<StepOutput> {
        let (input, output, update) = (source(batch.input), batch.real.images, batch.update);
        let Mapping { adversarial, contrast, identity, .. } = self.task;
        let made = self.made.clone().expect("the discriminator's phase comes before");
        let mut scalars = Vec::new();
        let mut terms = Vec::new();
        if adversarial > 0.0 {
            let (made, real) = (Samples::from(made.clone()), Samples::from(output.clone()));
            let verdict = self.adversary().verdict(made, &real, update);
            scalars.extend(verdict.scalars);
            terms.push(verdict.loss * adversarial);
        }
        if contrast > 0.0 {
            let term = self.contrast([made, input], "contrast", update);
            scalars.push(("loss/contrast", off(&term)));
            terms.push(term * contrast);
        }
        if identity > 0.0 {
            let same = self.drawing("output to itself", update).translate(output.clone());
            let term = self.contrast([same, output], "identity", update);
            scalars.push(("loss/identity", off(&term)));
            terms.push(term * identity);
        }
        if let Some(penalty) = self.model.penalty.of_generator(&self.maker.generator) {
            scalars.push(("penalty/generator", off(&penalty)));
            terms.push(penalty);
        }
        let loss = terms.into_iter().reduce(|sum, term| sum + term).expect("the check found a term");
        let grads = GradientsParams::from_grads(loss.backward(), &self.maker);
        TrainOutput { grads, item: StepOutput { scalars, ..StepOutput::default() } }
    }

    /// Mean over the maps of the cross entropy of finding the place of each patch of `made` among those of its source by cosines over
    /// the temperature (eq. 3). No gradient goes to the patches of the source.
    fn contrast(&self, [made, source]: [Tensor<4>; 2], purpose: &'static str, update: u64) -> Tensor<1> {
        let generator = self.drawing(purpose, update);
        let keys = generator.clone().no_grad().maps(source.detach());
        let maps = generator.maps(made).into_iter().zip(keys).zip(&self.maker.heads).enumerate();
        let losses: Vec<_> = maps
            .map(|(number, ((query, key), head))| {
                let places = self.places(&key, &format!("patches/{purpose}/{number}"), update);
                let query = patches(query, head, places.clone());
                let key = patches(key, &head.clone().no_grad(), places);
                let [batch, count, _] = key.dims();
                let own = Tensor::<2>::eye(count, &key.device()).unsqueeze::<3>();
                let cosines = query.matmul(key.swap_dims(1, 2));
                (log_softmax(cosines / self.task.temperature, 2) * own).sum() / -((batch * count) as f64)
            })
            .collect();
        let count = losses.len() as f64;
        losses.into_iter().reduce(|sum, loss| sum + loss).expect("the first map is the sample") / count
    }

    /// Some pixels of a map, in the same places of all samples.
    fn places(&self, map: &Tensor<4>, purpose: &str, update: u64) -> Tensor<1, Int> {
        let [.., height, width] = map.dims();
        let mut places = Stream::new(self.seed, purpose, update).permutation(height * width);
        places.truncate(self.task.patches);
        let places: Vec<i32> = places.into_iter().map(|place| place as i32).collect();
        Tensor::from_data(&places[..], &map.device())
    }
}

/// Features of length 1 of a map's pixels in these places, `[batch, places, features]`.
fn patches(map: Tensor<4>, head: &Chain, places: Tensor<1, Int>) -> Tensor<3> {
    let ([batch, channels, height, width], [count]) = (map.dims(), places.dims());
    let chosen = map.reshape([batch, channels, height * width]).select(2, places).swap_dims(1, 2);
    let features = head.forward(chosen.reshape([batch * count, channels, 1, 1]));
    let [_, width, ..] = features.dims();
    let features = features.reshape([batch, count, width]);
    // Where all features are 0, the length has a gradient.
    let length = (features.clone().square().sum_dim(2) + 1e-14).sqrt();
    features / length
}

impl Networks for ContrastNetworks {
    type Sampler = Translator;

    fn phases(&self, critic_steps: usize) -> Vec<Phase> {
        vec![
            Phase::of_discriminators("discriminator", &["discriminator"], critic_steps),
            Phase::of_generators("generator", &["maker"]),
        ]
    }

    fn sampler(&self) -> Translator {
        Translator::new(self.maker.generator.clone())
    }

    fn before_update(self, phase: usize) -> Self {
        if phase == OF_DISCRIMINATOR {
            return Self { discriminator: self.discriminator.before_update(), ..self };
        }
        let Maker { generator, heads } = self.maker;
        Self { maker: Maker { generator: generator.before_update(), heads }, ..self }
    }

    fn settle(average: Translator) -> Translator {
        average.settle()
    }

    fn folded(sampler: &Translator) -> Option<Chain> {
        Some(sampler.clone().folded())
    }

    fn remember(self, phase: usize, output: &mut StepOutput) -> Self {
        let made = output.made.take();
        if phase != OF_DISCRIMINATOR {
            return Self { made, ..self };
        }
        let state = self.adversary().next_state(output);
        Self { state, made, ..self }
    }

    fn after_update(self, phase: usize) -> Self {
        if phase != OF_DISCRIMINATOR {
            return self;
        }
        Self { discriminator: self.model.penalty.after_update(self.discriminator), ..self }
    }
}

impl TrainStep for ContrastNetworks {
    type Input = Batch;
    type Output = StepOutput;

    /// Scalars: those of a discriminator as in [`Gan`](super::Gan), and
    /// - `loss/generator`: the adversarial loss, without its weight
    /// - `loss/contrast`: the cross entropy of finding patches of outputs among those of their inputs, without its weight
    /// - `loss/identity`: the same of real outputs and what is made of them
    fn step(&self, batch: Batch) -> TrainOutput<StepOutput> {
        match batch.phase {
            OF_DISCRIMINATOR => self.step_of_discriminator(batch),
            _ => self.step_of_generator(batch),
        }
    }
}
