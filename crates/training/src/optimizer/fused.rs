//! An optimizer of Burn's whose arithmetic is one call of a kernel for each weight.

use super::rule::Rule;
use burn::optim::{LearningRate, Optimizer, RecordState, StateSink, StateSource};
use burn::tensor::{Device, Tensor, TensorData};
use models::flex;
use std::marker::PhantomData;

/// A rule for weights on the CPU backend flex. It changes a weight in place if nothing else holds it.
#[derive(Clone)]
pub(super) struct Fused<R>(pub R);

impl<R: Rule> Optimizer for Fused<R> {
    type State<const D: usize> = Memory<R, D>;

    fn step<const D: usize>(
        &self,
        lr: LearningRate,
        weight: Tensor<D>,
        gradient: Tensor<D>,
        memory: Option<Memory<R, D>>,
    ) -> (Tensor<D>, Option<Memory<R, D>>) {
        let (time, mut moments) = memory.map_or_else(Default::default, |memory| (memory.time, memory.moments));
        // `zeros_like` makes them twice, the second time aligned for any type.
        let zeros = || TensorData::new(vec![0.0_f32; weight.shape().num_elements()], weight.shape());
        moments.resize_with(self.0.moments(), || Tensor::from_data(zeros(), &weight.device()));
        let buffer = |tensor| flex::buffer(tensor).expect("a run on flex has all its tensors there");
        let (mut weight, gradient) = (buffer(weight), buffer(gradient));
        let mut moments: Vec<_> = moments.into_iter().map(buffer).collect();
        let mut slices: Vec<&mut [f32]> = moments.iter_mut().map(|moment| moment.storage_mut()).collect();
        self.0.update(lr, time + 1, weight.storage_mut(), gradient.storage(), &mut slices);
        let moments = moments.into_iter().map(flex::tensor).collect();
        (flex::tensor(weight), Some(Memory { time: time + 1, moments, rule: PhantomData }))
    }

    fn to_device<const D: usize>(mut memory: Memory<R, D>, device: &Device) -> Memory<R, D> {
        memory.moments = memory.moments.into_iter().map(|moment| moment.to_device(device)).collect();
        memory
    }
}

/// What a rule remembers of one weight.
#[derive(Clone)]
pub(super) struct Memory<R, const D: usize> {
    /// Updates done, if the rule counts them.
    time: usize,
    moments: Vec<Tensor<D>>,
    rule: PhantomData<R>,
}

impl<R: Rule, const D: usize> RecordState for Memory<R, D> {
    fn state_flatten(&self, prefix: &str, out: &mut StateSink) {
        if let Some(name) = R::TIME {
            out.push_scalar(prefix, name, self.time.into());
        }
        for (names, moment) in R::MOMENTS.iter().zip(&self.moments) {
            for name in *names {
                out.push_tensor(prefix, name, moment.to_data());
            }
        }
    }

    fn state_unflatten(prefix: &str, source: &mut StateSource, device: &Device) -> Option<Self> {
        let time = match R::TIME {
            Some(name) => source.take_scalar(prefix, name)?.try_into().ok()?,
            None => 0,
        };
        let moments = R::MOMENTS.iter().map_while(|names| {
            let found = names.iter().filter_map(|name| source.take_tensor(prefix, name)).last();
            found.map(|moment| Tensor::from_data(flex::unshared(moment), device))
        });
        Some(Self { time, moments: moments.collect(), rule: PhantomData })
    }
}
