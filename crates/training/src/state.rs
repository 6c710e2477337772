//! What a run's next step follows from, and that step.

use crate::fixed_input::read;
use crate::numerics::numerics;
use crate::window::Window;
use crate::{DeviceKind, LastCheckpoint, OptimizerConfig, RunConfig, optimizer};
use burn::optim::{ModuleOptimizer, OptimizerRecord};
use burn::tensor::Device;
use burn::train::TrainOutput;
use data::Dataset;
use models::Domain;
use models::task::{AnyNetworks, AnySampler, Batch, Phase, Side};
use record::Numerics;

/// Samples that networks are shown at once before the first step.
const CHUNK: usize = 64;

/// Everything that a run's next step follows from, besides its configuration.
pub(crate) struct State {
    /// Steps done.
    pub step: u64,
    /// What has trained the weights, oldest first.
    pub numerics: Vec<Numerics>,
    /// The task's name.
    pub task: &'static str,
    /// In training mode.
    pub networks: Box<dyn AnyNetworks>,
    /// The moving average of the networks that make samples, if the run has one.
    pub average: Option<Box<dyn AnySampler>>,
    /// In the order of a step.
    pub phases: Vec<PhaseState>,
}

/// A phase and its optimizer.
pub(crate) struct PhaseState {
    pub phase: Phase,
    pub settings: OptimizerConfig,
    pub optimizer: ModuleOptimizer,
}

impl PhaseState {
    /// With nothing to remember yet.
    fn new(phase: Phase, config: &RunConfig, device: DeviceKind) -> Self {
        let settings = match phase.side {
            Side::Generator => &config.train.generator,
            Side::Discriminator => &config.train.discriminator,
        };
        Self { phase, settings: settings.clone(), optimizer: optimizer::init(settings, device) }
    }
}

impl State {
    /// Before the first step, on the device with automatic differentiation.
    pub(crate) fn new(config: &RunConfig, domain: Domain, kind: DeviceKind, device: &Device) -> Self {
        let networks = config.model.init(domain, config.seed, device);
        let phases = networks.phases(config.train.critic_steps).into_iter();
        let phases = phases.map(|phase| PhaseState::new(phase, config, kind)).collect();
        let average = config.train.average.map(|_| networks.sampler());
        let numerics = vec![numerics(kind)];
        Self { step: 0, numerics, task: config.model.task.name(), networks, average, phases }
    }

    /// Lets the networks know what they must of the data, before the first update.
    pub(crate) fn prepare(&mut self, dataset: &Dataset, device: &Device) {
        let chunks = (0..dataset.len()).step_by(CHUNK);
        let chunk = |first: usize| Vec::from_iter(first..dataset.len().min(first + CHUNK));
        let mut real = chunks.map(|first| read(dataset.output(), &chunk(first), device));
        self.networks.prepare(&mut real);
        self.average = self.average.take().map(|_| self.networks.sampler());
    }

    /// The networks that make samples. Those of an average follow from its weights and from the networks alone, so it does
    /// not matter how often they are asked for.
    pub(crate) fn sampler(&self) -> Box<dyn AnySampler> {
        self.average.as_ref().map_or_else(|| self.networks.sampler(), |average| average.settled())
    }

    /// Updates in a step.
    pub(crate) fn updates(&self) -> usize {
        self.phases.iter().map(|of| of.phase.updates).sum()
    }

    /// One update; the last one of the last phase ends the step. Optimizers change weights in place where nothing else
    /// holds them.
    pub(crate) fn update(&mut self, config: &RunConfig, batch: Batch, window: &mut Window) {
        let (step, steps) = (self.step, config.steps());
        // A bound is on every gradient; for the record the last one will do.
        let is_logged = step + 1 == steps || (step + 1).is_multiple_of(config.log.every);
        let with_norm = is_logged || config.stop.gradient_norm.is_some();
        let index = batch.phase;
        let PhaseState { phase, settings, optimizer } = &mut self.phases[index];
        let ends_phase = (batch.update + 1).is_multiple_of(phase.updates as u64);
        let TrainOutput { grads, item } = self.networks.step(batch);
        window.take(step, item);
        if with_norm {
            window.gradient(step, phase.name, self.networks.gradient_norm(&grads));
        }
        self.networks.update(index, optimizer, settings.lr_at(step, steps), grads);
        let name = phase.name;
        if ends_phase && index + 1 == self.phases.len() {
            self.end_step(config);
        }
        window.clock.done(name);
    }

    fn end_step(&mut self, config: &RunConfig) {
        if let Some((average, settings)) = self.average.as_mut().zip(config.train.average) {
            average.approach(&*self.networks.sampler(), settings.decay_at(self.step));
        }
        self.step += 1;
        if self.step == config.steps() && config.checkpoint.last == LastCheckpoint::Weights {
            // What the optimizers remember is not saved: it makes room for what a run's end makes.
            for PhaseState { optimizer, .. } in &mut self.phases {
                *optimizer = optimizer.clone().load_record(OptimizerRecord::default());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batches::Batches;
    use burn::module::{Module, ModuleVisitor, Param};
    use burn::store::ModuleRecord;
    use burn::tensor::Tensor;
    use data::DataConfig;
    use models::flex;
    use models::task::Gan;
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

    fn addresses(networks: &dyn AnyNetworks) -> Vec<*const f32> {
        let mut addresses = Addresses::default();
        networks.downcast_ref::<Gan>().unwrap().visit(&mut addresses);
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
            let mut state = State::new(&config, domain, DeviceKind::Flex, &device);
            let batches = Batches {
                dataset: Arc::new(DataConfig::default().open(data::Split::Train).unwrap()),
                model: config.model.clone(),
                phases: state.networks.phases(config.train.critic_steps),
                seed: 0,
                batch_size: config.train.batch_size,
                critic_steps: config.train.critic_steps,
                steps: 0..2,
                device,
                resident: false,
                prefetch: false,
            };
            let (mut batches, mut window) = (batches.into_iter(), Window::default());
            let updates = state.updates();
            let mut step = |state: &mut State| {
                (&mut batches).take(updates).for_each(|batch| state.update(&config, batch, &mut window));
            };
            // The moving average begins as the generator's own weights.
            step(&mut state);
            let begin = addresses(&*state.networks);
            assert!(begin.len() >= 8, "{preset}");
            step(&mut state);
            assert_eq!(addresses(&*state.networks), begin, "{preset}");
            assert_eq!(state.step, 2, "{preset}");
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

    /// Tensors of a file are views of its bytes, all of which would stay in memory beside those that the first update makes.
    #[test]
    fn networks_of_a_file_do_not_hold_its_bytes() {
        let config: RunConfig = serde_json::from_value(models::preset::find("dcgan").unwrap().settings()).unwrap();
        let device = Device::flex().autodiff();
        let networks = State::new(&config, Domain::from([1, 28, 28]), DeviceKind::Flex, &device).networks;
        let bytes = networks.record().into_bytes().unwrap();
        let file = bytes.as_ptr_range();
        let loaded = networks.with_record(ModuleRecord::from_bytes(bytes).unwrap()).unwrap();
        let addresses = addresses(&*loaded);
        assert!(addresses.len() >= 8);
        assert!(addresses.iter().all(|address| !file.contains(&address.cast())), "{file:?}: {addresses:?}");
    }
}
