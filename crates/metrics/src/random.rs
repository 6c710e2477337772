//! Random choices that depend on the seed alone: on no thread and no machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::f64::consts::TAU;

/// A stream of random numbers of (seed, index).
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    pub(crate) fn new(seed: u64, index: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&index.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// One of `0..count`.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.0.next_u64()) * count as u128) >> 64) as usize
    }

    /// `chosen` of the numbers `0..count` without repetition, in random order (the first steps of Fisher and Yates).
    pub(crate) fn choose(&mut self, chosen: usize, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for index in 0..chosen {
            let other = index + self.below(count - index);
            order.swap(index, other);
        }
        order.truncate(chosen);
        order
    }

    /// A direction in space: uniform on the unit sphere (Muller 1959).
    pub(crate) fn direction(&mut self, dimensions: usize) -> Vec<f64> {
        let mut numbers: Vec<f64> = (0..dimensions).map(|_| self.normal()).collect();
        let length = libm::sqrt(numbers.iter().map(|x| x * x).sum());
        numbers.iter_mut().for_each(|x| *x /= length);
        numbers
    }

    /// Mean 0, standard deviation 1 (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        let mut uniform = || (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let (radius, angle) = (libm::sqrt(-2.0 * libm::log(1.0 - uniform())), TAU * uniform());
        radius * libm::cos(angle)
    }
}

/// The numbers `0..count` in an order that `seed` decides.
pub fn permutation(count: usize, seed: u64) -> Vec<usize> {
    Random::new(seed, u64::MAX).choose(count, count)
}
