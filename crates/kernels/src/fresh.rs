//! Vectors whose numbers are written once, by tasks side by side, without zeros before.
//!
//! The `unsafe` here makes numbers of memory only where all of it has been written.
#![expect(unsafe_code, reason = "stated above")]

use rayon::prelude::*;
use std::mem::MaybeUninit;

/// Memory whose numbers are still to be written. Writing all of them gives the numbers.
pub(crate) struct Unset<'a>(&'a mut [MaybeUninit<f32>]);

/// A vector of so many numbers, and the pieces of its memory that were written: all of them.
pub(crate) fn vector(length: usize, write: impl for<'a> FnOnce(Unset<'a>) -> Vec<&'a mut [f32]>) -> Vec<f32> {
    let mut numbers = Vec::with_capacity(length);
    let memory = &mut numbers.spare_capacity_mut()[..length];
    let place = memory.as_ptr_range();
    let written = write(Unset(memory));
    // Exclusive references do not overlap: when they are as long as the whole, nothing is left out.
    let inside = written.iter().filter(|piece| place.contains(&piece.as_ptr().cast()));
    assert_eq!(inside.map(|piece| piece.len()).sum::<usize>(), length, "numbers that were written");
    // SAFETY: the capacity is at least `length`, and all numbers have been written.
    unsafe { numbers.set_len(length) };
    numbers
}

/// A vector in chunks of so many numbers, the last may be shorter: what `write` puts into each, by its number.
pub(crate) fn in_chunks(
    length: usize,
    chunk: usize,
    write: impl for<'a> Fn(usize, Unset<'a>) -> &'a mut [f32] + Sync,
) -> Vec<f32> {
    vector(length, |memory| memory.chunks(chunk).into_par_iter().enumerate().map(|(n, m)| write(n, m)).collect())
}

impl<'a> Unset<'a> {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The parts before and behind a place.
    pub(crate) fn split_at(self, place: usize) -> [Self; 2] {
        let (before, behind) = self.0.split_at_mut(place);
        [Self(before), Self(behind)]
    }

    /// Parts of so many numbers, the last may be shorter.
    pub(crate) fn chunks(self, size: usize) -> Vec<Self> {
        self.0.chunks_mut(size).map(Self).collect()
    }

    pub(crate) fn zeros(self) -> &'a mut [f32] {
        self.0.fill(MaybeUninit::new(0.0));
        // SAFETY: all of them are 0.
        unsafe { self.written() }
    }

    /// # Panics
    /// `from` has another length.
    pub(crate) fn copy(self, from: &[f32]) -> &'a mut [f32] {
        assert_eq!(self.len(), from.len(), "numbers to copy");
        for (to, from) in self.0.iter_mut().zip(from) {
            to.write(*from);
        }
        // SAFETY: as many have been written.
        unsafe { self.written() }
    }

    pub(crate) fn as_mut_ptr(&mut self) -> *mut f32 {
        self.0.as_mut_ptr().cast()
    }

    /// # Safety
    /// Every number has been written.
    pub(crate) unsafe fn written(self) -> &'a mut [f32] {
        let numbers: *mut [MaybeUninit<f32>] = self.0;
        // SAFETY: memory of this type lies as its numbers do, which the caller has written.
        unsafe { &mut *(numbers as *mut [f32]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_come_in_their_order() {
        let numbers = in_chunks(7, 3, |chunk, memory| {
            let length = memory.len();
            memory.copy(&vec![chunk as f32; length])
        });
        assert_eq!(numbers, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 2.0]);
        assert!(in_chunks(0, 3, |_, memory| memory.zeros()).is_empty());
    }

    #[test]
    #[should_panic(expected = "numbers that were written")]
    fn nothing_is_left_out() {
        vector(4, |memory| {
            let [some, _] = memory.split_at(3);
            vec![some.zeros()]
        });
    }

    #[test]
    #[should_panic(expected = "numbers that were written")]
    fn numbers_of_elsewhere_do_not_count() {
        vector(2, |_| vec![Box::leak(Box::new([0.0; 2]))]);
    }
}
