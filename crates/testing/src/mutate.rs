//! Mutations of bytes, the same ones for the same seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Inputs grow to this at most: readers have more to do with more bytes, not other things.
const LONGEST: usize = 1 << 16;

/// Values at the borders of integers, as sizes and offsets in headers have them.
const BORDERS: [u64; 12] =
    [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, u64::MAX];

/// A stream of mutations and of other random choices.
#[derive(Debug)]
pub struct Mutator(ChaCha8Rng);

impl Mutator {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// One to eight mutations of one of `seeds`, which are not empty; `words` are the format's own.
    pub fn mutated(&mut self, seeds: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(8) {
            self.mutate(&mut bytes, seeds, words);
        }
        bytes.truncate(LONGEST);
        bytes
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>], words: &[&str]) {
        let at = self.below(bytes.len() + 1);
        let span = at..(at + self.below(64)).min(bytes.len());
        match self.below(10) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(span)),
            2 => {
                let copy = bytes[span].to_vec();
                bytes.splice(at..at, copy);
            }
            3 => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len() + 1);
                let to = (from + self.below(256)).min(other.len());
                bytes.splice(span, other[from..to].iter().copied());
            }
            4 if !words.is_empty() => {
                let word = words[self.below(words.len())];
                bytes.splice(span, word.bytes());
            }
            5 | 6 => self.write_border(bytes, at),
            7 => {
                let noise: Vec<u8> = span.clone().map(|_| self.0.next_u32() as u8).collect();
                bytes[span].copy_from_slice(&noise);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << (self.0.next_u32() % 8);
                }
            }
        }
    }

    /// An integer of 1, 2, 4 or 8 bytes, in either order.
    fn write_border(&mut self, bytes: &mut [u8], at: usize) {
        let border = BORDERS[self.below(BORDERS.len())];
        let size = 1 << self.below(4);
        let mut number = border.to_le_bytes();
        if self.below(2) == 0 {
            number[..size].reverse();
        }
        for (byte, new) in bytes.iter_mut().skip(at).zip(&number[..size]) {
            *byte = *new;
        }
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.0.next_u64() % limit as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_inputs_and_most_of_them_differ() {
        let seeds = [b"the first".to_vec(), b"the second, a little longer".to_vec()];
        let stream = |seed| {
            let mut mutator = Mutator::new(seed);
            Vec::from_iter((0..200).map(|_| mutator.mutated(&seeds, &["word"])))
        };
        assert_eq!(stream(1), stream(1));
        assert_ne!(stream(1), stream(2));
        let mut distinct = stream(1);
        distinct.sort();
        distinct.dedup();
        assert!(distinct.len() > 150, "{}", distinct.len());
    }
}
