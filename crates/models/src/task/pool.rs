//! Generated samples of earlier updates, which a discriminator sees beside new ones, so that it does not forget what the generator
//! made before (Shrivastava et al. 2017, arXiv 1612.07828, section 2.3; CycleGAN's program).

use crate::Stream;
use burn::module::{Module, RunningState};
use burn::tensor::{Device, Int, Tensor};

/// The samples; state of the task, which checkpoints hold.
#[derive(Module, Debug)]
pub(super) struct Pool {
    /// `[capacity, channels, height, width]`, filled from the first on.
    samples: RunningState<Tensor<4>>,
}

impl Pool {
    pub(super) fn new(capacity: usize, [channels, height, width]: [usize; 3], device: &Device) -> Self {
        Self { samples: RunningState::new(Tensor::zeros([capacity, channels, height, width], device)) }
    }

    /// What the discriminator sees in its update number `update` of these samples. While the pool fills, it takes up each of them and
    /// gives it back; then, with a probability of one half, it gives back one that it holds and takes up the new one in its place.
    pub(super) fn exchange(&self, new: Tensor<4>, update: u64, stream: &mut Stream) -> Tensor<4> {
        let held = self.samples.value_sync();
        let ([capacity, ..], [count, ..]) = (held.dims(), new.dims());
        let plan = Plan::draw(capacity, count, update * count as u64, stream);
        let all = Tensor::cat(vec![held, new.detach()], 0);
        let choose = |places: Vec<i32>| {
            let places = Tensor::<1, Int>::from_data(&places[..], &all.device());
            all.clone().select(0, places).detach()
        };
        self.samples.update(choose(plan.next));
        choose(plan.shown)
    }
}

/// Places among those of the pool and of the new samples behind them.
#[derive(Debug, PartialEq)]
struct Plan {
    /// What the discriminator sees.
    shown: Vec<i32>,
    /// What the pool holds then.
    next: Vec<i32>,
}

impl Plan {
    /// One new sample after the other; `seen` were there before.
    fn draw(capacity: usize, count: usize, seen: u64, stream: &mut Stream) -> Self {
        let mut next: Vec<i32> = (0..capacity as i32).collect();
        let shown = (0..count).map(|sample| {
            let new = (capacity + sample) as i32;
            if let Some(empty) = usize::try_from(seen + sample as u64).ok().filter(|place| *place < capacity) {
                next[empty] = new;
                return new;
            }
            if stream.uniform() < 0.5 {
                return new;
            }
            let place = ((stream.uniform() * capacity as f32) as usize).min(capacity - 1);
            std::mem::replace(&mut next[place], new)
        });
        Self { shown: shown.collect(), next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::TensorData;

    /// Samples of one pixel, each another number.
    fn samples(first: usize, count: usize, device: &Device) -> Tensor<4> {
        let numbers: Vec<f32> = (first..first + count).map(|number| number as f32).collect();
        Tensor::from_data(TensorData::new(numbers, [count, 1, 1, 1]), device)
    }

    fn numbers(tensor: Tensor<4>) -> Vec<f32> {
        tensor.into_data().iter().collect()
    }

    /// As CycleGAN's program does it, sample by sample.
    #[test]
    fn a_full_pool_gives_old_samples_for_new_ones_half_of_the_time() {
        let device = Device::flex().autodiff();
        let pool = Pool::new(5, [1, 1, 1], &device);
        let (mut held, mut old, mut shown) = (Vec::new(), 0, 0);
        for update in 0..200 {
            let first = update as usize * 3;
            let given = numbers(pool.exchange(samples(first, 3, &device), update, &mut Stream::new(1, "pool", update)));
            for (at, given) in given.into_iter().enumerate() {
                let new = (first + at) as f32;
                shown += 1;
                if held.len() < 5 {
                    held.push(new);
                    assert_eq!(given, new, "while it fills");
                } else if given != new {
                    old += 1;
                    let place = held.iter().position(|held| *held == given);
                    held[place.expect("it gives what it holds")] = new;
                }
            }
            let mut kept = numbers(pool.samples.value_sync());
            kept.truncate(held.len());
            assert_eq!(kept, held);
        }
        let share = f64::from(old) / f64::from(shown - 5);
        assert!((share - 0.5).abs() < 0.1, "{share}");
    }
}
