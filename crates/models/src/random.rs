//! Random streams that depend on nothing but their key.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random numbers keyed by (seed, purpose, index).
///
/// The same key gives the same numbers on every machine, whatever was drawn elsewhere: a run that resumes at step
/// 1,000 asks for the streams of step 1,000 and needs no saved generator. ChaCha8 keyed by BLAKE3 of the key;
/// transcendental functions come from `libm`, not from the system's C library.
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of `purpose` (such as `latent/generator`) at `index` (such as the step) in the run of `seed`.
    pub fn new(seed: u64, purpose: &str, index: u64) -> Self {
        let mut key = blake3::Hasher::new();
        key.update(&seed.to_le_bytes()).update(&index.to_le_bytes()).update(purpose.as_bytes());
        Self(ChaCha8Rng::from_seed(*key.finalize().as_bytes()))
    }

    /// A number in `[0, 1)` with 24 random bits.
    pub fn uniform(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / (1u32 << 24) as f32
    }

    /// `count` numbers, uniform in `[low, high)`.
    pub fn uniforms(&mut self, count: usize, low: f32, high: f32) -> Vec<f32> {
        (0..count).map(|_| low + (high - low) * self.uniform()).collect()
    }

    /// `count` numbers of the normal distribution with mean 0 (Box and Muller 1958).
    pub fn normals(&mut self, count: usize, standard_deviation: f32) -> Vec<f32> {
        let mut numbers = Vec::with_capacity(count + 1);
        while numbers.len() < count {
            let radius = standard_deviation * libm::sqrtf(-2.0 * libm::logf(1.0 - self.uniform()));
            let (sin, cos) = libm::sincosf(std::f32::consts::TAU * self.uniform());
            numbers.push(radius * cos);
            numbers.push(radius * sin);
        }
        numbers.truncate(count);
        numbers
    }

    /// The numbers `0..count` in random order (Fisher and Yates).
    pub fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            let other = (u128::from(self.0.next_u64()) * (last as u128 + 1)) >> 64;
            order.swap(last, other as usize);
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_alone_decides() {
        let draw = |seed, purpose, index| Stream::new(seed, purpose, index).normals(4, 1.0);
        let reference = draw(1, "latent", 2);
        assert_eq!(reference, draw(1, "latent", 2));
        for other in [draw(2, "latent", 2), draw(1, "shuffle", 2), draw(1, "latent", 3)] {
            assert_ne!(reference, other);
        }
    }

    #[test]
    fn the_numbers_are_pinned_so_that_no_release_changes_them() {
        assert_eq!(Stream::new(0, "pin", 0).permutation(8), [4, 0, 2, 7, 6, 5, 3, 1]);
        let bits: Vec<u32> = Stream::new(0, "pin", 1).normals(3, 1.0).into_iter().map(f32::to_bits).collect();
        assert_eq!(bits, [3200786753, 3190052043, 3177373901]);
    }

    #[test]
    fn moments_are_those_of_the_distribution() {
        let moments = |numbers: &[f32]| {
            let mean = numbers.iter().map(|x| f64::from(*x)).sum::<f64>() / numbers.len() as f64;
            let variance = numbers.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / numbers.len() as f64;
            (mean, variance)
        };
        // Standard errors at 100,000 draws: mean 0.0032 and variance 0.0045 of the unit normal.
        let (mean, variance) = moments(&Stream::new(3, "moments", 0).normals(100_000, 2.0));
        assert!(mean.abs() < 0.03 && (variance - 4.0).abs() < 0.09, "{mean} {variance}");
        let (mean, variance) = moments(&Stream::new(3, "moments", 1).uniforms(100_000, -1.0, 1.0));
        assert!(mean.abs() < 0.01 && (variance - 1.0 / 3.0).abs() < 0.01, "{mean} {variance}");
    }

    #[test]
    fn a_permutation_holds_every_number_once() {
        for count in [0, 1, 2, 1000] {
            let mut order = Stream::new(5, "permutation", 0).permutation(count);
            order.sort_unstable();
            assert_eq!(order, (0..count).collect::<Vec<_>>());
        }
    }
}
