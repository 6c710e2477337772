//! Which outputs see their inputs through the same taps.

use super::super::{Geometry, Way, Window};

/// Pixels that see their inputs through the same taps; each number is one of rows and one of columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outputs {
    /// The first of them, how many there are, and pixels from one to the next.
    pub first: [usize; 2],
    pub count: [usize; 2],
    pub stride: [usize; 2],
    /// Taps that meet inputs.
    pub taps: [usize; 2],
    /// What the first of them meets for the first output, perhaps before the image, and inputs from one output to the next.
    seen: [isize; 2],
    pub step: [usize; 2],
    /// The tap that comes first, taps from it to the next one's, and the kernel's columns.
    tap: [usize; 2],
    between: [isize; 2],
    columns: usize,
}

impl Outputs {
    /// All that a way ends at.
    pub(super) fn of(way: Way, geometry: &Geometry) -> Vec<Self> {
        let [rows, columns] = geometry.window.stride;
        match way {
            Way::Down => vec![Self::of_small(geometry)],
            Way::Up => (0..rows * columns).map(|n| Self::of_large(geometry, [n / columns, n % columns])).collect(),
        }
    }

    /// The small image's pixels.
    fn of_small(Geometry { window, small, .. }: &Geometry) -> Self {
        let Window { kernel, stride, before, .. } = *window;
        Self {
            first: [0; 2],
            count: *small,
            stride: [1; 2],
            taps: kernel,
            seen: before.map(|before| -(before as isize)),
            step: stride,
            tap: [0; 2],
            between: [1; 2],
            columns: kernel[1],
        }
    }

    /// Pixels of the large image whose rows and columns, with the zeros before them, leave this remainder by the stride.
    fn of_large(Geometry { window, large, .. }: &Geometry, remainder: [usize; 2]) -> Self {
        let Window { kernel, stride, before, .. } = *window;
        let each = |of: &dyn Fn(usize) -> usize| [of(0), of(1)];
        let taps = each(&|axis| kernel[axis].saturating_sub(remainder[axis]).div_ceil(stride[axis]));
        // Of the first pixel, with the zeros before it, by the stride.
        let quotient = each(&|axis| before[axis].saturating_sub(remainder[axis]).div_ceil(stride[axis]));
        let first = each(&|axis| quotient[axis] * stride[axis] + remainder[axis] - before[axis]);
        Self {
            first,
            count: each(&|axis| large[axis].saturating_sub(first[axis]).div_ceil(stride[axis])),
            stride,
            taps,
            seen: [0, 1].map(|axis| quotient[axis] as isize + 1 - taps[axis] as isize),
            step: [1; 2],
            // The last tap meets the first input.
            tap: each(&|axis| remainder[axis] + taps[axis].saturating_sub(1) * stride[axis]),
            between: stride.map(|stride| -(stride as isize)),
            columns: kernel[1],
        }
    }

    /// As if the window had these rows of taps alone.
    pub(super) fn of_rows(&self, first: usize, count: usize) -> Self {
        let tap = self.tap[0].wrapping_add_signed(first as isize * self.between[0]);
        Self {
            taps: [count, self.taps[1]],
            seen: [self.seen[0] + first as isize, self.seen[1]],
            tap: [tap, self.tap[1]],
            ..*self
        }
    }

    /// Taps that meet inputs.
    pub(super) fn taps(&self) -> usize {
        self.taps[0] * self.taps[1]
    }

    /// The number in the kernel of a tap by its place among those that meet inputs.
    pub(super) fn tap(&self, place: usize) -> usize {
        let place = [place / self.taps[1], place % self.taps[1]];
        let [row, column] =
            [0, 1].map(|axis| self.tap[axis].wrapping_add_signed(place[axis] as isize * self.between[axis]));
        row * self.columns + column
    }

    /// By its number of rows and columns: the input that the first tap meets.
    pub(super) fn seen_by(&self, place: [usize; 2]) -> [isize; 2] {
        [0, 1].map(|axis| self.seen[axis] + (place[axis] * self.step[axis]) as isize)
    }

    /// By its number of rows and columns: where it stands in the image.
    pub(super) fn pixel(&self, place: [usize; 2]) -> [usize; 2] {
        [0, 1].map(|axis| self.first[axis] + place[axis] * self.stride[axis])
    }

    /// The number of a row of the image among those of these pixels.
    pub(super) fn number_of_row(&self, row: usize) -> Option<usize> {
        let behind = row.checked_sub(self.first[0])?;
        behind
            .is_multiple_of(self.stride[0])
            .then_some(behind / self.stride[0])
            .filter(|number| *number < self.count[0])
    }

    /// Numbers of rows and columns of those that stand in these rows of the image.
    pub(super) fn within(&self, begin: usize, end: usize) -> Vec<[usize; 2]> {
        let number = |row: usize| row.saturating_sub(self.first[0]).div_ceil(self.stride[0]).min(self.count[0]);
        (number(begin)..number(end)).flat_map(|row| (0..self.count[1]).map(move |column| [row, column])).collect()
    }
}
