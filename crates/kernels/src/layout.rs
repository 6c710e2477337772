//! Other layouts into that of this crate.

use crate::fresh::in_chunks;
use crate::transpose::transpose;
use std::borrow::Cow;
use std::ops::Range;

/// Samples in a slice, with any strides.
#[derive(Clone, Copy, Debug)]
pub struct Strided<'a> {
    /// From the first number on.
    pub numbers: &'a [f32],
    /// `[batch, channels, height, width]`.
    pub shape: [usize; 4],
    /// From one number to the next along each axis.
    pub strides: [usize; 4],
}

/// Length and stride of an axis.
type Axis = (usize, usize);

/// Numbers that one task brings to their places.
const TASK: usize = 1 << 14;

impl<'a> Strided<'a> {
    /// `[height][width][channels][batch]`.
    pub fn pixel_major(&self) -> Cow<'a, [f32]> {
        self.ordered([2, 3, 1])
    }

    /// `[channels][height][width][batch]`: a vector of each sample.
    pub fn vectors(&self) -> Cow<'a, [f32]> {
        self.ordered([1, 2, 3])
    }

    /// These axes one inside of the other, and the batch inside of all.
    fn ordered(&self, axes: [usize; 3]) -> Cow<'a, [f32]> {
        let axis = |axis: usize| (self.shape[axis], self.strides[axis]);
        let (axes, batch) = (axes.map(axis), axis(0));
        let size = self.shape.iter().product();
        if size == 0 {
            return Cow::Borrowed(&[]);
        }
        let axes = merged(&axes);
        let dense = axes
            .iter()
            .rev()
            .try_fold(batch.0, |inner, &(length, stride)| (length == 1 || stride == inner).then_some(inner * length));
        if dense.is_some() && (batch.0 == 1 || batch.1 == 1) {
            return Cow::Borrowed(&self.numbers[..size]);
        }
        let Some((&outer, inner)) = axes.split_first() else {
            return Cow::Owned((0..batch.0).map(|sample| self.numbers[sample * batch.1]).collect());
        };
        let step = size / outer.0;
        let block = (TASK / step).max(1);
        Cow::Owned(in_chunks(size, block * step, |task, to| {
            let (numbers, to) = (&self.numbers[task * block * outer.1..], to.zeros());
            let mut axes = vec![(to.len() / step, outer.1)];
            axes.extend_from_slice(inner);
            bring(numbers, &axes, batch, to);
            to
        }))
    }
}

/// The samples of `a`, then those of `b`, `[height][width][channels][batch]`. Their samples have one shape.
pub fn side_by_side(a: &Strided, b: &Strided) -> Vec<f32> {
    assert_eq!(a.shape[1..], b.shape[1..], "shapes of samples that go side by side");
    in_turns(&a.pixel_major(), &b.pixel_major(), [a.shape[0], b.shape[0]])
}

/// The channels of `a`, then those of `b`, `[height][width][channels][batch]`. There are as many pixels and samples of both.
pub fn channels_beside(a: &Strided, b: &Strided) -> Vec<f32> {
    let [[batch, of_a, size @ ..], [as_many, of_b, other_size @ ..]] = [a.shape, b.shape];
    assert_eq!((batch, size), (as_many, other_size), "samples and pixels of what goes beside one another");
    in_turns(&a.pixel_major(), &b.pixel_major(), [of_a, of_b].map(|channels| channels * batch))
}

/// Some of the channels, `[height][width][channels][batch]`.
pub fn channels_within(both: &Strided, part: Range<usize>) -> Vec<f32> {
    let ([batch, channels, height, width], numbers) = (both.shape, both.pixel_major());
    let (from, length) = (part.start * batch, part.len() * batch);
    let rows = (TASK / length.max(1)).max(1);
    in_chunks(height * width * length, (rows * length).max(1), |task, to| {
        let to = to.zeros();
        for (row, to) in to.chunks_exact_mut(length).enumerate() {
            to.copy_from_slice(&numbers[(task * rows + row) * channels * batch + from..][..length]);
        }
        to
    })
}

/// So many numbers of `a`, then so many of `b`, and so on.
fn in_turns(a: &[f32], b: &[f32], [of_a, of_b]: [usize; 2]) -> Vec<f32> {
    let both = of_a + of_b;
    let rows = (TASK / both.max(1)).max(1);
    in_chunks(a.len() + b.len(), (rows * both).max(1), |task, to| {
        let to = to.zeros();
        let first = task * rows;
        for (row, to) in to.chunks_exact_mut(both).enumerate() {
            let (to_a, to_b) = to.split_at_mut(of_a);
            to_a.copy_from_slice(&a[(first + row) * of_a..][..of_a]);
            to_b.copy_from_slice(&b[(first + row) * of_b..][..of_b]);
        }
        to
    })
}

/// Neighbouring axes as one where they follow one another without a gap; those of length 1 are left out.
fn merged(axes: &[Axis]) -> Vec<Axis> {
    let mut merged: Vec<Axis> = Vec::with_capacity(axes.len());
    for &(length, stride) in axes.iter().filter(|(length, _)| *length > 1) {
        match merged.last_mut() {
            Some(outer) if outer.1 == length * stride => *outer = (outer.0 * length, stride),
            _ => merged.push((length, stride)),
        }
    }
    merged
}

/// All numbers of some axes and of the batch, whose numbers come to stand together.
fn bring(from: &[f32], axes: &[Axis], (batch, stride): Axis, to: &mut [f32]) {
    let Some((&(length, step), inner)) = axes.split_first() else {
        return match stride {
            1 => to.copy_from_slice(&from[..batch]),
            _ => to.iter_mut().enumerate().for_each(|(sample, to)| *to = from[sample * stride]),
        };
    };
    let size = to.len() / length;
    if step == 1 && stride > 1 {
        let mut place = vec![0; inner.len()];
        // Samples are rows here and columns there.
        loop {
            let offset =
                |steps: &dyn Fn(usize) -> usize| (0..place.len()).map(|axis| place[axis] * steps(axis)).sum::<usize>();
            let source = offset(&|axis| inner[axis].1);
            let target = offset(&|axis| inner[axis + 1..].iter().map(|(length, _)| length).product::<usize>() * batch);
            transpose(&from[source..], [batch, length], stride, &mut to[target..], size);
            let Some(axis) = (0..place.len()).rev().find(|&axis| place[axis] + 1 < inner[axis].0) else { return };
            place[axis] += 1;
            place[axis + 1..].fill(0);
        }
    }
    for (index, to) in to.chunks_exact_mut(size).enumerate() {
        bring(&from[index * step..], inner, (batch, stride), to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every order of the axes in memory, with and without gaps, against one number after another.
    #[test]
    fn every_layout_is_brought_there() {
        for shape in [[1, 1, 1, 1], [5, 3, 1, 1], [4, 1, 3, 2], [3, 2, 4, 5], [33, 20, 3, 7], [40, 17, 9, 9]] {
            for order in orders() {
                for gap in [0, 3] {
                    let mut strides = [0; 4];
                    let mut stride = 1;
                    for axis in order.into_iter().rev() {
                        strides[axis] = stride;
                        stride = stride * shape[axis] + gap;
                    }
                    let numbers: Vec<f32> = (0..stride).map(|i| i as f32).collect();
                    let strided = Strided { numbers: &numbers, shape, strides };
                    let [batch, channels, height, width] = shape;
                    let at = |n, c, h, w| numbers[n * strides[0] + c * strides[1] + h * strides[2] + w * strides[3]];
                    let mut pixels = Vec::new();
                    let mut vectors = Vec::new();
                    for h in 0..height {
                        for w in 0..width {
                            for c in 0..channels {
                                pixels.extend((0..batch).map(|n| at(n, c, h, w)));
                            }
                        }
                    }
                    for c in 0..channels {
                        for h in 0..height {
                            for w in 0..width {
                                vectors.extend((0..batch).map(|n| at(n, c, h, w)));
                            }
                        }
                    }
                    assert_eq!(strided.pixel_major().as_ref(), pixels, "{shape:?} {order:?} {gap}");
                    assert_eq!(strided.vectors().as_ref(), vectors, "{shape:?} {order:?} {gap}");
                }
            }
        }
    }

    fn orders() -> Vec<[usize; 4]> {
        let all = (0..256).map(|code| [code / 64, code / 16 % 4, code / 4 % 4, code % 4]);
        all.filter(|order: &[usize; 4]| (0..4).all(|axis| order.contains(&axis))).collect()
    }

    #[test]
    fn samples_go_side_by_side() {
        // Two samples of two channels and three columns as they are usual, one with the batch inside.
        let (a, b): (Vec<f32>, Vec<f32>) =
            ((0..12).map(|i| i as f32).collect(), (0..6).map(|i| 100.0 + i as f32).collect());
        let a = Strided { numbers: &a, shape: [2, 2, 1, 3], strides: [6, 3, 3, 1] };
        let b = Strided { numbers: &b, shape: [1, 2, 1, 3], strides: [1, 1, 6, 2] };
        let expected = [
            [0.0, 6.0, 100.0],
            [3.0, 9.0, 101.0],
            [1.0, 7.0, 102.0],
            [4.0, 10.0, 103.0],
            [2.0, 8.0, 104.0],
            [5.0, 11.0, 105.0],
        ];
        assert_eq!(side_by_side(&a, &b), expected.as_flattened());
    }

    #[test]
    fn what_is_there_is_not_copied() {
        let numbers = [0.0; 24];
        let strided = Strided { numbers: &numbers, shape: [2, 3, 2, 2], strides: [1, 2, 12, 6] };
        assert!(matches!(strided.pixel_major(), Cow::Borrowed(_)) && matches!(strided.vectors(), Cow::Owned(_)));
    }
}
