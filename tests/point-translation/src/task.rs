//! A task of another shape than the built-in one: two generators translate points both ways without pairs, two
//! discriminators judge each side (after Zhu et al. 2017, arXiv 1703.10593).

use burn::module::Module;
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::optim::GradientsParams;
use burn::tensor::activation::leaky_relu;
use burn::tensor::{Device, Tensor};
use burn::train::{InferenceStep, TrainOutput, TrainStep};
use family::{Problem, Settings};
use models::task::{AnyNetworks, Batch, Entry, Game, Made, Networks, Phase, StepOutput, Task};
use models::{Domain, GeneratorInput, Initialization, ModelConfig};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Points to points.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Translation {
    /// Weight of the way there and back.
    cycle: f64,
}

impl Default for Translation {
    fn default() -> Self {
        Self { cycle: 10.0 }
    }
}

impl Settings for Translation {
    const NAME: &'static str = "point_translation";
}

impl Task for Translation {
    fn entry() -> Entry {
        Entry { about: "points to points and back", paper: "Zhu et al. 2017, arXiv 1703.10593" }
    }

    fn games(&self, _: &ModelConfig, _: &Domain) -> Vec<Game> {
        Vec::new()
    }

    fn check(&self, _: &ModelConfig, domain: &Domain) -> Vec<Problem> {
        let values = domain.input.map(Format::values);
        let of_points = (values, domain.output.values()) == (Some(2), 2);
        (!of_points).then(|| Problem::here("`point_translation` is of points in the plane")).into_iter().collect()
    }

    fn init(&self, _: &ModelConfig, _: Domain, seed: u64, device: &Device) -> Box<dyn AnyNetworks> {
        let mlp = |outputs| {
            let linear =
                |inputs, outputs| LinearConfig::new(inputs, outputs).with_initializer(Initializer::Zeros).init(device);
            Mlp { first: linear(2, 16), last: linear(16, outputs) }
        };
        let networks = Translators {
            generators: Generators { there: mlp(2), back: mlp(2) },
            discriminator_of_input: mlp(1),
            discriminator_of_output: mlp(1),
            cycle: self.cycle,
        };
        <dyn AnyNetworks>::of(Initialization::GlorotUniform {}.apply(networks, seed, "translation"))
    }
}

#[derive(Module, Debug)]
struct Mlp {
    first: Linear,
    last: Linear,
}

impl Mlp {
    fn forward(&self, points: Tensor<2>) -> Tensor<2> {
        self.last.forward(leaky_relu(self.first.forward(points), 0.2))
    }
}

#[derive(Module, Debug)]
struct Generators {
    there: Mlp,
    back: Mlp,
}

#[derive(Module, Debug)]
struct Translators {
    generators: Generators,
    discriminator_of_input: Mlp,
    discriminator_of_output: Mlp,
    #[module(skip)]
    cycle: f64,
}

/// The points to translate, `[batch, 2]`.
fn source(input: GeneratorInput) -> Tensor<2> {
    rows(input.source.expect("the data have input samples"))
}

/// `[batch, 2, 1, 1]` as rows.
fn rows(points: Tensor<4>) -> Tensor<2> {
    let [batch, ..] = points.dims();
    points.reshape([batch, 2])
}

fn points(rows: Tensor<2>) -> Tensor<4> {
    let [batch, _] = rows.dims();
    rows.reshape([batch, 2, 1, 1])
}

/// Least squares: how far logits are from a target.
fn distance(logits: Tensor<2>, target: f64) -> Tensor<1> {
    (logits - target).powi_scalar(2).mean()
}

fn judge(discriminator: &Mlp, real: Tensor<2>, fake: Tensor<2>) -> (Tensor<1>, StepOutput) {
    let (real, fake) = (discriminator.forward(real), discriminator.forward(fake));
    let logits = [("real", &real), ("fake", &fake)].map(|(name, logits)| {
        let [batch, _] = logits.dims();
        (name, logits.clone().without_autodiff().reshape([batch]))
    });
    (distance(real, 1.0) + distance(fake, 0.0), StepOutput { logits: logits.into(), ..StepOutput::default() })
}

const OF_INPUT: usize = 0;
const OF_OUTPUT: usize = 1;

impl Networks for Translators {
    type Sampler = Generators;

    fn phases(&self, critic_steps: usize) -> Vec<Phase> {
        vec![
            Phase::of_discriminators("input-discriminator", &["discriminator_of_input"], critic_steps),
            Phase::of_discriminators("output-discriminator", &["discriminator_of_output"], critic_steps),
            Phase::of_generators("generators", &["generators"]),
        ]
    }

    fn sampler(&self) -> Generators {
        self.generators.clone()
    }
}

impl TrainStep for Translators {
    type Input = Batch;
    type Output = StepOutput;

    fn step(&self, batch: Batch) -> TrainOutput<StepOutput> {
        let (input, output) = (source(batch.input), rows(batch.real.images));
        let generators = self.generators.clone();
        match batch.phase {
            OF_INPUT => {
                let network = &self.discriminator_of_input;
                let (loss, item) = judge(network, input, generators.no_grad().back.forward(output));
                learn("loss/input-discriminator", loss, item, network)
            }
            OF_OUTPUT => {
                let network = &self.discriminator_of_output;
                let (loss, item) = judge(network, output, generators.no_grad().there.forward(input));
                learn("loss/output-discriminator", loss, item, network)
            }
            _ => {
                let (there, back) = (generators.there.forward(input.clone()), generators.back.forward(output.clone()));
                let of_input = self.discriminator_of_input.clone().no_grad().forward(back.clone());
                let of_output = self.discriminator_of_output.clone().no_grad().forward(there.clone());
                let cycle = (generators.back.forward(there) - input).abs().mean()
                    + (generators.there.forward(back) - output).abs().mean();
                let scalars = vec![("loss/cycle", cycle.clone().without_autodiff())];
                let loss = distance(of_input, 1.0) + distance(of_output, 1.0) + cycle * self.cycle;
                learn("loss/generators", loss, StepOutput { scalars, ..StepOutput::default() }, &self.generators)
            }
        }
    }
}

/// The gradients of a phase's network.
fn learn<M: Module>(name: &'static str, loss: Tensor<1>, item: StepOutput, network: &M) -> TrainOutput<StepOutput> {
    let mut item = item;
    item.scalars.push((name, loss.clone().without_autodiff()));
    TrainOutput { grads: GradientsParams::from_grads(loss.backward(), network), item }
}

impl InferenceStep for Generators {
    type Input = GeneratorInput;
    type Output = Made;

    fn step(&self, input: GeneratorInput) -> Made {
        let output = self.there.forward(source(input));
        let cycle = self.back.forward(output.clone());
        Made(vec![("output", points(output)), ("cycle", points(cycle))])
    }
}
