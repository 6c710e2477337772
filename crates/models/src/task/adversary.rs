//! A discriminator as tasks play against it: what it learns from, and what a generator learns from it.

use super::state::State;
use super::step::StepOutput;
use crate::discriminator::Critique;
use crate::layer::Draws;
use crate::ops::pack;
use crate::penalty::Due;
use crate::{Discriminator, ModelConfig, Samples, Scalars, Stream};
use burn::module::Module;
use burn::tensor::Tensor;

/// A discriminator with all that it learns by.
pub(super) struct Adversary<'a> {
    pub discriminator: &'a Discriminator,
    /// Loss, penalties, augmentation and packing.
    pub model: &'a ModelConfig,
    pub state: &'a State,
    /// Of the run.
    pub seed: u64,
    pub names: &'static Names,
}

/// Names of curves and streams, which tell the discriminators of a task apart.
pub(super) struct Names {
    side: &'static str,
    loss: &'static str,
    penalty: &'static str,
    outputs: [&'static str; 2],
    accuracies: [&'static str; 2],
    logits: [&'static str; 2],
    of_generator: &'static str,
    /// Passes in which layers draw: for penalties, of the discriminator's update, of the generator's.
    passes: [&'static str; 3],
}

macro_rules! names {
    ($side:literal) => {
        Names {
            side: $side,
            loss: concat!("loss/", $side, "discriminator"),
            penalty: concat!("penalty/", $side, "discriminator"),
            outputs: [concat!("output/", $side, "real"), concat!("output/", $side, "fake")],
            accuracies: [concat!("accuracy/", $side, "real"), concat!("accuracy/", $side, "fake")],
            logits: [concat!($side, "real"), concat!($side, "fake")],
            of_generator: concat!("loss/", $side, "generator"),
            passes: [concat!($side, "penalty"), concat!($side, "discriminator"), concat!($side, "generator")],
        }
    };
}

/// Of a task with one discriminator.
pub(super) static SOLE: Names = names!("");

/// Of a task with one on each side.
pub(super) static OF_INPUT: Names = names!("input-");
pub(super) static OF_OUTPUT: Names = names!("output-");

/// An update of the discriminator, before its gradients.
pub(super) struct Judgement {
    /// Penalties included.
    pub loss: Tensor<1>,
    pub output: StepOutput,
    /// Of real and of generated samples.
    pub features: [Tensor<4>; 2],
}

/// What a generator learns from a discriminator.
pub(super) struct Verdict {
    pub loss: Tensor<1>,
    pub scalars: Scalars,
    /// Of its samples.
    pub features: Tensor<4>,
    /// Whose weights are not on the tape.
    pub discriminator: Discriminator,
}

impl Adversary<'_> {
    /// Of real samples and generated ones that no gradient goes to.
    ///
    /// Scalars, with the side before the last word where a task has several discriminators:
    /// - `loss/discriminator`: the adversarial loss, without penalties
    /// - `penalty/discriminator`: sum of the penalties that were due, at the weights of the configuration: what was added
    ///   to the loss is `every` times as much
    /// - `output/real`, `output/fake`: mean logits
    /// - `accuracy/real`, `accuracy/fake`: the shares of logits of real and generated samples that are on the right side of the
    ///   loss's [threshold](crate::loss::Loss::threshold), if it has one, of a discriminator without energies
    pub(super) fn judge(&self, real: Samples, fake: Samples, update: u64) -> Judgement {
        let (names, model) = (self.names, self.model);
        let fake = self.shown(fake, "fake", update);
        let real = self.shown(real, "real", update);
        let [for_penalty, of_discriminator, _] = names.passes.map(|purpose| self.drawing(purpose, update));
        let penalty = model.penalty.due(&for_penalty, &real, &fake, (self.seed, update));
        let [real, fake] = of_discriminator.critique_both(real, fake);
        let loss = model.loss.discriminator(real.logit.clone(), fake.logit.clone(), &self.state.balance);
        let mut scalars = vec![
            (names.loss, off(&loss)),
            (names.outputs[0], off(&real.logit.clone().mean())),
            (names.outputs[1], off(&fake.logit.clone().mean())),
        ];
        scalars.extend(penalty.as_ref().map(|penalty| (names.penalty, off(&penalty.value))));
        let logits = vec![(names.logits[0], off(&real.logit)), (names.logits[1], off(&fake.logit))];
        scalars.extend(self.accuracy(&logits));
        let loss = match penalty {
            Some(Due { added, .. }) => loss + added,
            None => loss,
        };
        Judgement { loss, output: StepOutput { scalars, logits, made: None }, features: [real.features, fake.features] }
    }

    /// Of a generator's samples; `real` ones are looked at by a loss that compares.
    ///
    /// Scalars: `loss/generator`, the adversarial loss; `loss/pulling_away`, that term of the energy-based loss, with its weight.
    pub(super) fn verdict(&self, fake: Samples, real: &Samples, update: u64) -> Verdict {
        let discriminator = self.drawing(self.names.passes[2], update).no_grad();
        let Critique { logit, features } = discriminator.critique(self.shown(fake, "generator", update));
        let real = || discriminator.forward(self.shown(real.clone(), "compared", update));
        let loss = self.model.loss.generator(logit, &real);
        let mut scalars = vec![(self.names.of_generator, off(&loss))];
        let loss = match self.model.loss.of_features(features.clone()) {
            Some((name, added)) => {
                scalars.push((name, off(&added)));
                loss + added
            }
            None => loss,
        };
        Verdict { loss, scalars, features, discriminator }
    }

    /// The discriminator in a pass of an update.
    fn drawing(&self, purpose: &'static str, update: u64) -> Discriminator {
        self.discriminator.clone().drawing(&Draws { seed: self.seed, purpose, update })
    }

    /// What the discriminator sees of samples: augmented, then packed.
    fn shown(&self, samples: Samples, whose: &str, update: u64) -> Samples {
        let Samples { images, labels } = samples;
        let purpose = format!("augmentation/{}{whose}", self.names.side);
        let mut stream = Stream::new(self.seed, &purpose, update);
        let images = self.model.augmentation.apply(images, &self.state.augmentation, &mut stream);
        Samples::from(pack(images, self.model.packing)).with_labels(labels)
    }

    /// How often the discriminator is right.
    fn accuracy(&self, logits: &[(&'static str, Tensor<1>)]) -> Scalars {
        let (Some(threshold), [(_, real), (_, fake)]) = (self.model.threshold(), logits) else {
            return Vec::new();
        };
        let above = |logits: &Tensor<1>| logits.clone().greater_elem(threshold).float().mean();
        let [of_real, of_fake] = self.names.accuracies;
        vec![(of_real, above(real)), (of_fake, above(fake).neg() + 1.0)]
    }

    /// The state after such an update of the discriminator; what adapts is added to the scalars:
    /// - `balance/k`, `balance/convergence`: k of the boundary equilibrium before the update, and M after it
    /// - `augmentation/probability`, `augmentation/sureness`: p and r of adaptive augmentation
    pub(super) fn next_state(&self, StepOutput { scalars, logits, .. }: &mut StepOutput) -> State {
        let [(_, real), (_, fake)] = &logits[..] else { return self.state.clone() };
        let (model, state) = (self.model, self.state);
        let samples = real.dims()[0] / self.discriminator.logits() * model.packing;
        let judged = real.clone() - model.threshold().unwrap_or(0.0);
        let augmentation = model.augmentation.adapt(&judged, samples, &state.augmentation);
        let balance = model.loss.adapt(real, fake, &state.balance);
        let recorded = augmentation.scalars.iter().chain(&balance.scalars);
        scalars.extend(recorded.map(|(name, value)| (*name, off(value))));
        State {
            augmentation: state.augmentation.with(augmentation.values),
            balance: state.balance.with(balance.values),
        }
    }
}

/// Off the tape.
pub(super) fn off(scalar: &Tensor<1>) -> Tensor<1> {
    scalar.clone().without_autodiff()
}
