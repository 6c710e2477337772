//! Samples of one format in memory, one after the other.

use std::ops::Range;

use samples::Format;

/// Samples of one format.
#[derive(Clone)]
pub struct Set {
    format: Format,
    values: Values,
}

/// The numbers of all samples, each `[channel][row][column]` of [`Format::shape`].
#[derive(Clone)]
pub enum Values {
    /// 8-bit pixels, 0 black, 255 white.
    Bytes(Vec<u8>),
    /// Coordinates as they are, anything else in `[-1, 1]`.
    Numbers(Vec<f32>),
}

impl Set {
    /// # Panics
    /// If `values` are not whole samples.
    pub fn new(format: Format, values: Values) -> Set {
        assert!(format.values() > 0 && values.len().is_multiple_of(format.values()), "whole samples");
        Set { format, values }
    }

    /// Of each sample.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.values.len() / self.format.values()
    }

    /// No samples.
    pub fn is_empty(&self) -> bool {
        self.values.len() == 0
    }

    /// Appends the samples at `indices` to `out`: numbers as they are, bytes mapped to `[-1, 1]`, where 0 becomes -1 and
    /// 255 becomes 1.
    ///
    /// # Shapes
    /// - appends `[indices, channels, height, width]`, row-major
    ///
    /// # Panics
    /// If an index is not below [`len`](Self::len).
    pub fn read_into(&self, indices: &[usize], out: &mut Vec<f32>) {
        out.reserve(indices.len() * self.format.values());
        for range in indices.iter().map(|index| self.range(*index)) {
            match &self.values {
                Values::Bytes(pixels) => out.extend(pixels[range].iter().map(|pixel| SCALED[usize::from(*pixel)])),
                Values::Numbers(numbers) => out.extend_from_slice(&numbers[range]),
            }
        }
    }

    /// One sample, if they are bytes.
    pub(crate) fn bytes(&self, index: usize) -> Option<&[u8]> {
        match &self.values {
            Values::Bytes(pixels) => Some(&pixels[self.range(index)]),
            Values::Numbers(_) => None,
        }
    }

    /// Copies of some samples.
    pub(crate) fn only(&self, indices: &[usize]) -> Set {
        let ranges = indices.iter().map(|index| self.range(*index));
        let values = match &self.values {
            Values::Bytes(pixels) => Values::Bytes(ranges.flat_map(|range| &pixels[range]).copied().collect()),
            Values::Numbers(numbers) => Values::Numbers(ranges.flat_map(|range| &numbers[range]).copied().collect()),
        };
        Set { format: self.format, values }
    }

    /// Of the values of one sample.
    pub(crate) fn hash(&self, index: usize) -> blake3::Hash {
        match &self.values {
            Values::Bytes(pixels) => blake3::hash(&pixels[self.range(index)]),
            Values::Numbers(numbers) => {
                let bytes: Vec<u8> = numbers[self.range(index)].iter().flat_map(|value| value.to_le_bytes()).collect();
                blake3::hash(&bytes)
            }
        }
    }

    /// Where a sample's values are among those of all.
    fn range(&self, index: usize) -> Range<usize> {
        index * self.format.values()..(index + 1) * self.format.values()
    }

    /// The sizes go first, so that no two data sets feed the same bytes to the hash.
    pub(crate) fn hash_sizes(&self, hasher: &mut blake3::Hasher) {
        let mut update = |size: usize| {
            hasher.update(&(size as u64).to_le_bytes());
        };
        self.format.shape().into_iter().chain([self.values.len()]).for_each(&mut update);
        // Images and points differ in their axes, which the hash covers.
        match self.format {
            Format::Image(_) | Format::Points { .. } => {}
            Format::Audio { rate, .. } => [1, rate as usize].into_iter().for_each(update),
            Format::Video { frames, fps, .. } => [2, frames, fps as usize].into_iter().for_each(update),
        }
    }

    pub(crate) fn hash_values(&self, hasher: &mut blake3::Hasher) {
        match &self.values {
            Values::Bytes(pixels) => {
                hasher.update(pixels);
            }
            Values::Numbers(numbers) => numbers.iter().for_each(|number| {
                hasher.update(&number.to_le_bytes());
            }),
        }
    }
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Values::Bytes(pixels) => pixels.len(),
            Values::Numbers(numbers) => numbers.len(),
        }
    }
}

/// An 8-bit pixel in `[-1, 1]`.
pub(crate) const fn scaled(pixel: u8) -> f32 {
    pixel as f32 / 127.5 - 1.0
}

/// All 256 of them: to look one up takes less than to divide.
static SCALED: [f32; 256] = {
    let mut scaled_pixels = [0.0; 256];
    let mut pixel = 0;
    while pixel < 256 {
        scaled_pixels[pixel] = scaled(pixel as u8);
        pixel += 1;
    }
    scaled_pixels
};
