//! Samples that lie on the device: a batch is then gathered there by its numbers, instead of being read, scaled and sent.

use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use data::{Set, Values};

/// Bytes of a set that may lie on a device. Each run of a worker has a copy of its own.
const MOST: usize = 1 << 30;

/// A whole set.
#[derive(Clone)]
pub(crate) struct Resident {
    values: Tensors,
    shape: [usize; 3],
}

#[derive(Clone)]
enum Tensors {
    /// 8-bit pixels `[samples, values]`.
    Bytes(Tensor<2, Int>),
    /// Numbers as they are, `[samples, values]`.
    Numbers(Tensor<2>),
}

impl Resident {
    /// Sends the set to the device; none if it is too large, on disk, or of a type that the device has not.
    pub(crate) fn of(set: &Set, device: &Device) -> Option<Self> {
        let (format, values) = (set.format(), set.in_memory()?);
        let shape = [set.len(), format.values()];
        let values = match values {
            Values::Bytes(pixels) if pixels.len() <= MOST && device.supports_dtype(DType::U8) => {
                Tensors::Bytes(Tensor::from_data(TensorData::new(pixels.clone(), shape), (device, DType::U8)))
            }
            Values::Numbers(numbers) if size_of_val(&numbers[..]) <= MOST => {
                Tensors::Numbers(Tensor::from_data(TensorData::new(numbers.clone(), shape), device))
            }
            Values::Bytes(_) | Values::Numbers(_) => return None,
        };
        Some(Self { values, shape: format.shape() })
    }

    /// Samples of it, `[indices, channels, height, width]`, with the values of [`Set::read_into`].
    pub(crate) fn read(&self, indices: &[usize], device: &Device) -> Tensor<4> {
        let numbers: Vec<i32> = indices.iter().map(|index| *index as i32).collect();
        let numbers = Tensor::<1, Int>::from_data(TensorData::new(numbers, [indices.len()]), device);
        let samples = match &self.values {
            Tensors::Bytes(pixels) => pixels.clone().select(0, numbers).float() / 127.5 - 1.0,
            Tensors::Numbers(values) => values.clone().select(0, numbers),
        };
        let [channels, height, width] = self.shape;
        samples.reshape([indices.len(), channels, height, width])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixed_input::read;
    use samples::Format;

    #[test]
    fn it_gives_what_the_set_gives() {
        let device = Device::flex();
        let shape = [1, 2, 3];
        let pixels = (0..=255).chain(0..=43).collect();
        let numbers = (0..300).map(|at| (at as f32 * 0.37).sin()).collect();
        for values in [Values::Bytes(pixels), Values::Numbers(numbers)] {
            let set = Set::new(Format::Image(shape), values);
            let resident = Resident::of(&set, &device).unwrap();
            let indices = [49, 0, 7, 7, 42];
            resident.read(&indices, &device).into_data().assert_eq(&read(&set, &indices, &device).into_data(), true);
        }
    }
}
