//! Tensors on the CPU backend flex as plain slices, for kernels that change them in place.

use burn::backend::Flex;
use burn::backend::tensor::FloatTensor;
use burn::tensor::{Tensor, TensorData};

/// A tensor's numbers as they lie in memory, in row-major order; `None` on any other device and under autodiff.
/// `storage` reads them; `storage_mut` changes them in place if the tensor was the only one to hold them, and in a copy if
/// not.
pub fn buffer<const D: usize>(tensor: Tensor<D>) -> Option<FloatTensor<Flex>> {
    let buffer = tensor.try_into_primitive::<Flex>().ok()?;
    let whole = buffer.as_slice::<f32>().is_some_and(|numbers| size_of_val(numbers) == buffer.bytes().len());
    Some(if whole { buffer } else { buffer.to_contiguous() })
}

/// The tensor of such a buffer.
pub fn tensor<const D: usize>(buffer: FloatTensor<Flex>) -> Tensor<D> {
    Tensor::from_primitive::<Flex>(buffer)
}

/// A copy that shares its memory with nothing. Tensors that were read from a file are views of its bytes, and all of these stay in
/// memory as long as one of the tensors does.
pub fn unshared(numbers: TensorData) -> TensorData {
    match numbers.as_slice::<f32>() {
        Ok(slice) => TensorData::new(slice.to_vec(), numbers.shape().clone()),
        Err(_) => numbers,
    }
}
