//! What a run's next step follows from, and that step.

use crate::gradient::gradient_norm;
use crate::window::Window;
use crate::{RunConfig, average};
use burn::module::Module;
use burn::optim::{ModuleOptimizer, OptimizerRecord};
use burn::train::{TrainOutput, TrainStep};
use models::{Gan, Generator, Turn};

/// Everything that a run's next step follows from, besides its configuration.
pub(crate) struct State {
    /// Steps done.
    pub step: u64,
    /// The networks, in training mode.
    pub gan: Gan,
    /// The moving average of the generator, in validation mode, if the run has one.
    pub average: Option<Generator>,
    pub generator_optimizer: ModuleOptimizer,
    pub discriminator_optimizer: ModuleOptimizer,
}

impl State {
    /// The generator for samples, in validation mode.
    pub fn sampled(&self) -> Generator {
        self.average.clone().unwrap_or_else(|| self.gan.generator.valid())
    }

    /// The state after a turn; the generator's ends a step. Optimizers change weights in place where nothing else holds
    /// them, so the networks are handed on and never cloned.
    pub fn play(mut self, config: &RunConfig, turn: Turn, window: &mut Window) -> Self {
        let (train, step, steps) = (&config.train, self.step, config.steps());
        // A bound is on every gradient; for the record the last one will do.
        let is_logged = step + 1 == steps || (step + 1).is_multiple_of(config.log.every);
        let with_norm = is_logged || config.stop.gradient_norm.is_some();
        let is_generators = matches!(turn, Turn::Generator { .. });
        if is_generators {
            self.gan.generator = self.gan.generator.before_update();
        } else {
            self.gan.discriminator = self.gan.discriminator.before_update();
        }
        let TrainOutput { grads, item } = TrainStep::step(&self.gan, turn);
        self.gan.state = item.state.clone();
        window.take(step, item);
        if is_generators {
            if with_norm {
                window.gradient(step, "gradient/generator", gradient_norm(&self.gan.generator, &grads));
            }
            let lr = train.generator.lr_at(step, steps);
            self.gan.generator = self.generator_optimizer.step(lr, self.gan.generator, grads);
            let average = self.average.zip(train.average);
            self.average = average
                .map(|(average, settings)| average::update(average, &self.gan.generator.valid(), settings, step));
            self.step += 1;
            if self.step == steps {
                // No update follows: what the optimizers remember makes room for what a run's end makes.
                let forgetful = |optimizer: ModuleOptimizer| optimizer.load_record(OptimizerRecord::default());
                self.generator_optimizer = forgetful(self.generator_optimizer);
                self.discriminator_optimizer = forgetful(self.discriminator_optimizer);
            }
            window.clock.done("generator");
        } else {
            if with_norm {
                window.gradient(step, "gradient/discriminator", gradient_norm(&self.gan.discriminator, &grads));
            }
            let lr = train.discriminator.lr_at(step, steps);
            let discriminator = self.discriminator_optimizer.step(lr, self.gan.discriminator, grads);
            self.gan.discriminator = self.gan.config.penalty.after_update(discriminator);
            window.clock.done("discriminator");
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Turns;
    use crate::{DeviceKind, flex, optimizer};
    use burn::data::dataloader::DataLoader;
    use burn::module::{ModuleVisitor, Param};
    use burn::tensor::{Device, Tensor};
    use data::DataConfig;
    use models::Domain;
    use serde_json::{Value, json};
    use std::sync::Arc;

    #[derive(Default)]
    struct Addresses(Vec<*const f32>);

    impl ModuleVisitor for Addresses {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let value = param.val();
            if value.is_require_grad() {
                self.0.push(flex::buffer(value.inner()).unwrap().storage::<f32>().as_ptr());
            }
        }
    }

    fn addresses(gan: &Gan) -> Vec<*const f32> {
        let mut addresses = Addresses::default();
        gan.visit(&mut addresses);
        addresses.0
    }

    #[test]
    fn a_step_changes_weights_in_place() {
        let check = |preset: &str, model: Value, train: Value| {
            let mut settings = models::preset::find(preset).unwrap().settings();
            for (key, value) in model.as_object().unwrap() {
                settings["model"][key] = value.clone();
            }
            for (key, value) in train.as_object().unwrap() {
                settings["train"][key] = value.clone();
            }
            let config: RunConfig = serde_json::from_value(settings).unwrap();
            let device = Device::flex().autodiff();
            let domain = Domain::from([1, 28, 28]);
            let gan = config.model.init(domain, 0, &device);
            let mut state = State {
                step: 0,
                average: config.train.average.map(|_| gan.generator.valid()),
                gan,
                generator_optimizer: optimizer::init(&config.train.generator, DeviceKind::Flex),
                discriminator_optimizer: optimizer::init(&config.train.discriminator, DeviceKind::Flex),
            };
            let turns = Turns {
                dataset: Arc::new(data::open(&DataConfig::default()).unwrap()),
                model: config.model.clone(),
                seed: 0,
                batch_size: config.train.batch_size,
                critic_steps: config.train.critic_steps,
                steps: 0..2,
                device,
                ahead: false,
            };
            let (mut turns, mut window) = (turns.iter(), Window::default());
            let mut step = |state: State| {
                let turns = (&mut *turns).take(config.train.critic_steps + 1).map(Result::unwrap);
                turns.fold(state, |state, turn| state.play(&config, turn, &mut window))
            };
            // The moving average begins as the generator's own weights.
            state = step(state);
            let begin = addresses(&state.gan);
            assert!(begin.len() >= 8, "{preset}");
            state = step(state);
            assert_eq!(addresses(&state.gan), begin, "{preset}");
        };
        let batch = |average: Value| json!({"batch_size": 4, "average": average});
        let small = |norm: &str| {
            json!({"generator": {"architecture": "dcgan", "channels": 4},
                "discriminator": {"architecture": "dcgan", "channels": 4, "norm": norm}})
        };
        check("mlp", json!({}), batch(json!("none")));
        check("mlp", json!({}), batch(json!({"decay": 0.9})));
        check("wgan-gp", small("none"), batch(json!("none")));
        check("dcgan", small("batch"), batch(json!({"decay": 0.9})));
    }
}
