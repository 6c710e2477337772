//! Samples of one format, one after the other, in memory or on disk.

use std::ops::Range;

use samples::Format;

use crate::stored::Stored;

/// Samples of one format.
#[derive(Clone)]
pub struct Set {
    format: Format,
    contents: Contents,
}

#[derive(Clone)]
enum Contents {
    Memory(Values),
    Disk(Stored),
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
        Set { format, contents: Contents::Memory(values) }
    }

    /// 8-bit samples on disk.
    pub(crate) fn stored(format: Format, samples: Stored) -> Set {
        Set { format, contents: Contents::Disk(samples) }
    }

    /// Of each sample.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        match &self.contents {
            Contents::Memory(values) => values.len() / self.format.values(),
            Contents::Disk(samples) => samples.len(),
        }
    }

    /// No samples.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of all samples, if they are in memory.
    pub fn in_memory(&self) -> Option<&Values> {
        match &self.contents {
            Contents::Memory(values) => Some(values),
            Contents::Disk(_) => None,
        }
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
        let ranges = || indices.iter().map(|index| self.range(*index));
        let scaled = |pixel: &u8| SCALED[usize::from(*pixel)];
        match &self.contents {
            Contents::Memory(Values::Bytes(pixels)) => {
                ranges().for_each(|range| out.extend(pixels[range].iter().map(scaled)));
            }
            Contents::Memory(Values::Numbers(numbers)) => {
                ranges().for_each(|range| out.extend_from_slice(&numbers[range]));
            }
            Contents::Disk(samples) => samples.read(indices, |pixels| out.extend(pixels.iter().map(scaled))),
        }
    }

    /// Says that the samples at `indices` will be read next: those that are on disk are decoded meanwhile.
    ///
    /// # Panics
    /// As [`read_into`](Self::read_into).
    pub fn prepare(&self, indices: &[usize]) {
        if let Contents::Disk(samples) = &self.contents {
            samples.prepare(indices);
        }
    }

    /// One sample, if they are bytes in memory.
    pub(crate) fn bytes(&self, index: usize) -> Option<&[u8]> {
        match &self.contents {
            Contents::Memory(Values::Bytes(pixels)) => Some(&pixels[self.range(index)]),
            Contents::Memory(Values::Numbers(_)) | Contents::Disk(_) => None,
        }
    }

    /// Some of the samples.
    pub(crate) fn only(&self, indices: &[usize]) -> Set {
        let ranges = indices.iter().map(|index| self.range(*index));
        let contents = match &self.contents {
            Contents::Memory(Values::Bytes(pixels)) => {
                Contents::Memory(Values::Bytes(ranges.flat_map(|range| &pixels[range]).copied().collect()))
            }
            Contents::Memory(Values::Numbers(numbers)) => {
                Contents::Memory(Values::Numbers(ranges.flat_map(|range| &numbers[range]).copied().collect()))
            }
            Contents::Disk(samples) => Contents::Disk(samples.only(indices)),
        };
        Set { format: self.format, contents }
    }

    /// Of the values of one sample.
    pub(crate) fn hash(&self, index: usize) -> blake3::Hash {
        match &self.contents {
            Contents::Memory(Values::Bytes(pixels)) => blake3::hash(&pixels[self.range(index)]),
            Contents::Memory(Values::Numbers(numbers)) => {
                let bytes: Vec<u8> = numbers[self.range(index)].iter().flat_map(|value| value.to_le_bytes()).collect();
                blake3::hash(&bytes)
            }
            Contents::Disk(samples) => samples.hash(index),
        }
    }

    /// Where a sample's values are among those of all.
    fn range(&self, index: usize) -> Range<usize> {
        index * self.format.values()..(index + 1) * self.format.values()
    }

    /// Gives the bytes of all samples in their order, some at a time.
    pub(crate) fn each_bytes(&self, mut give: impl FnMut(&[u8])) {
        match &self.contents {
            Contents::Memory(Values::Bytes(pixels)) => give(pixels),
            Contents::Memory(Values::Numbers(numbers)) => {
                numbers.iter().for_each(|number| give(&number.to_le_bytes()));
            }
            Contents::Disk(samples) => samples.read(&Vec::from_iter(0..samples.len()), give),
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
