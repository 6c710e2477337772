//! Networks whose types are not known.

use super::gradient_norm::gradient_norm;
use super::{Batch, Made, Networks, Phase, StepOutput, average};
use crate::GeneratorInput;
use crate::flex;
use crate::layer::Chain;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::store::{ModuleRecord, RecordError};
use burn::tensor::{Device, Tensor, TensorData};
use burn::train::{InferenceStep, TrainOutput, TrainStep};
use std::any::Any;

/// Takes the path of a tensor and a function that reads it.
pub(crate) type EachTensor<'a> = dyn FnMut(&[String], &dyn Fn() -> TensorData) + 'a;

/// Takes path and shape of a tensor and gives other numbers for it, if there are any.
pub(crate) type NewTensor<'a> = dyn FnMut(&[String], &[usize]) -> Option<TensorData> + 'a;

/// Weights and running statistics of networks, by their paths.
pub trait AnyModule {
    /// Calls the function with the path of each tensor and a function that reads it. Statistics are settled.
    fn visit(&self, each: &mut EachTensor<'_>);

    /// Replaces each tensor, of which the function gets path and shape, by numbers of the same shape, if it gives any.
    fn replace(&mut self, new: &mut NewTensor<'_>);

    /// For a checkpoint: all tensors, settled.
    fn record(&self) -> ModuleRecord;
}

/// A [`Networks`].
pub trait AnyNetworks: AnyModule + Any {
    /// See [`Networks::phases`].
    fn phases(&self, critic_steps: usize) -> Vec<Phase>;

    /// See [`Networks::prepared`].
    fn prepare(&mut self, real: &mut dyn Iterator<Item = Tensor<4>>);

    /// Forward and backward of one update.
    fn step(&mut self, batch: Batch) -> TrainOutput<StepOutput>;

    /// Norm of the gradient over all weights that have one, `[1]`, on the device.
    fn gradient_norm(&self, gradients: &GradientsParams) -> Tensor<1>;

    /// Changes the phase's weights, in place where nothing else holds them.
    fn update(&mut self, phase: usize, optimizer: &mut ModuleOptimizer, lr: f64, gradients: GradientsParams);

    /// The networks that make samples, in validation mode.
    fn sampler(&self) -> Box<dyn AnySampler>;

    /// The same networks, in training mode, with the tensors of a record.
    ///
    /// # Errors
    /// The record is of other networks.
    fn with_record(&self, record: ModuleRecord) -> Result<Box<dyn AnyNetworks>, RecordError>;
}

/// A [`Sampler`](super::Sampler) in validation mode.
pub trait AnySampler: AnyModule + Any {
    /// What the networks make of the input.
    fn sample(&self, input: GeneratorInput) -> Made;

    /// Moves weights and running statistics towards those of a sampler of the same task: `decay` of the own ones stays.
    /// Singular vectors become the other's.
    ///
    /// # Panics
    /// The other one is of another task.
    fn approach(&mut self, other: &dyn AnySampler, decay: f64);

    /// The same weights, shared, and what follows them; see [`Networks::settle`].
    fn settled(&self) -> Box<dyn AnySampler>;

    /// See [`Networks::truncated`].
    fn truncated(&self, share: f64, inputs: GeneratorInput) -> Option<Box<dyn AnySampler>>;

    /// See [`Networks::folded`].
    fn folded(&self) -> Option<Chain>;

    /// The same networks with the tensors of a record.
    ///
    /// # Errors
    /// The record is of other networks.
    fn with_record(&self, record: ModuleRecord) -> Result<Box<dyn AnySampler>, RecordError>;
}

impl dyn AnyNetworks {
    /// Networks behind an object-safe face.
    pub fn of(networks: impl Networks) -> Box<Self> {
        Box::new(Learning(Slot(Some(networks))))
    }

    /// The networks, if they are of this type.
    pub fn downcast_ref<N: Networks>(&self) -> Option<&N> {
        (self as &dyn Any).downcast_ref::<Learning<N>>().map(|learning| learning.0.get())
    }
}

/// A module that is handed on by value, so that weights can change in place.
struct Slot<M>(Option<M>);

impl<M> Slot<M> {
    fn get(&self) -> &M {
        self.0.as_ref().expect("a change puts the module back")
    }

    fn change(&mut self, change: impl FnOnce(M) -> M) {
        self.0 = self.0.take().map(change);
    }
}

struct Learning<N>(Slot<N>);

impl<N: Networks> AnyModule for Learning<N> {
    fn visit(&self, each: &mut EachTensor<'_>) {
        let module = self.0.get().valid();
        let phases = module.phases(1);
        let is_network = |field: &str| phases.iter().any(|phase| phase.networks.contains(&field));
        let mut weight = |path: &[String], read: &dyn Fn() -> TensorData| {
            if is_network(&path[0]) {
                each(path, read);
            }
        };
        module.visit(&mut Visit { path: Vec::new(), each: &mut weight });
    }

    fn replace(&mut self, new: &mut NewTensor<'_>) {
        let phases = self.phases(1);
        let is_network = |field: &str| phases.iter().any(|phase| phase.networks.contains(&field));
        let mut weight = |path: &[String], shape: &[usize]| if is_network(&path[0]) { new(path, shape) } else { None };
        self.0.change(|networks| networks.map(&mut Replace { path: Vec::new(), new: &mut weight }));
    }

    fn record(&self) -> ModuleRecord {
        self.0.get().valid().into_record()
    }
}

impl<N: Networks> AnyNetworks for Learning<N> {
    fn phases(&self, critic_steps: usize) -> Vec<Phase> {
        self.0.get().phases(critic_steps)
    }

    fn prepare(&mut self, real: &mut dyn Iterator<Item = Tensor<4>>) {
        self.0.change(|networks| networks.prepared(real));
    }

    fn step(&mut self, batch: Batch) -> TrainOutput<StepOutput> {
        let phase = batch.phase;
        self.0.change(|networks| networks.before_update(phase));
        let mut output = TrainStep::step(self.0.get(), batch);
        self.0.change(|networks| networks.remember(phase, &mut output.item));
        output
    }

    fn gradient_norm(&self, gradients: &GradientsParams) -> Tensor<1> {
        gradient_norm(self.0.get(), gradients)
    }

    fn update(&mut self, phase: usize, optimizer: &mut ModuleOptimizer, lr: f64, gradients: GradientsParams) {
        self.0.change(|networks| networks.optimize(optimizer, lr.into(), gradients).after_update(phase));
    }

    fn sampler(&self) -> Box<dyn AnySampler> {
        Box::new(Sampling::<N>(Slot(Some(self.0.get().sampler().valid()))))
    }

    fn with_record(&self, record: ModuleRecord) -> Result<Box<dyn AnyNetworks>, RecordError> {
        // Loading writes running statistics in place and clones share them: load into copies.
        Ok(<dyn AnyNetworks>::of(self.0.get().valid().train().try_load_record(record)?.map(&mut Unshare)))
    }
}

/// What samples for the networks `N`.
struct Sampling<N: Networks>(Slot<N::Sampler>);

impl<N: Networks> AnyModule for Sampling<N> {
    fn visit(&self, each: &mut EachTensor<'_>) {
        self.0.get().visit(&mut Visit { path: Vec::new(), each });
    }

    fn replace(&mut self, new: &mut NewTensor<'_>) {
        self.0.change(|sampler| sampler.map(&mut Replace { path: Vec::new(), new }));
    }

    fn record(&self) -> ModuleRecord {
        self.0.get().clone().into_record()
    }
}

impl<N: Networks> AnySampler for Sampling<N> {
    fn sample(&self, input: GeneratorInput) -> Made {
        InferenceStep::step(self.0.get(), input)
    }

    fn approach(&mut self, other: &dyn AnySampler, decay: f64) {
        let other = (other as &dyn Any).downcast_ref::<Self>().expect("both samplers are of one task");
        self.0.change(|average| average::approach(average, other.0.get(), decay));
    }

    fn settled(&self) -> Box<dyn AnySampler> {
        Box::new(Self(Slot(self.0.0.clone().map(N::settle))))
    }

    fn truncated(&self, share: f64, inputs: GeneratorInput) -> Option<Box<dyn AnySampler>> {
        let sampler = N::truncated(self.0.get().clone(), share, inputs)?;
        Some(Box::new(Self(Slot(Some(sampler)))))
    }

    fn folded(&self) -> Option<Chain> {
        N::folded(self.0.get())
    }

    fn with_record(&self, record: ModuleRecord) -> Result<Box<dyn AnySampler>, RecordError> {
        Ok(Box::new(Self(Slot(Some(self.0.get().valid().try_load_record(record)?.map(&mut Unshare))))))
    }
}

impl AnyModule for Chain {
    fn visit(&self, each: &mut EachTensor<'_>) {
        Module::visit(self, &mut Visit { path: Vec::new(), each });
    }

    fn replace(&mut self, new: &mut NewTensor<'_>) {
        *self = self.clone().map(&mut Replace { path: Vec::new(), new });
    }

    fn record(&self) -> ModuleRecord {
        self.clone().into_record()
    }
}

struct Visit<'a> {
    path: Vec<String>,
    each: &'a mut EachTensor<'a>,
}

impl ModuleVisitor for Visit<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        (self.each)(&self.path, &|| param.val().into_data());
    }
}

struct Replace<'a> {
    path: Vec<String>,
    new: &'a mut NewTensor<'a>,
}

impl ModuleMapper for Replace<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(numbers) = (self.new)(&self.path, &param.val().dims()) else { return param };
        replaced(param, |_| numbers)
    }
}

/// Copies each tensor on the CPU out of the bytes of the file that it was read from.
struct Unshare;

impl ModuleMapper for Unshare {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if param.val().device() != Device::flex() {
            return param;
        }
        replaced(param, |old| flex::unshared(old.to_data()))
    }
}

fn replaced<const D: usize>(
    param: Param<Tensor<D>>,
    numbers: impl FnOnce(&Tensor<D>) -> TensorData,
) -> Param<Tensor<D>> {
    param.map(|old| {
        let new = Tensor::from_data(numbers(&old), &old.device());
        if old.is_require_grad() { new.require_grad() } else { new }
    })
}
