//! Tensors of a file of weights: PyTorch's own format, or safetensors.

use super::{InceptionError, wrong};
use pytorch_reader::{DType, PytorchReader};
use safetensors::tensor::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Ten times what the published file has.
const MAX_BYTES: u64 = 1 << 30;

/// What a file holds, and what its bytes are.
pub(super) struct Weights {
    /// Shape and numbers by name; those of 32 bits only.
    pub tensors: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
    /// `blake3:<hex>`.
    pub digest: String,
    /// `<hex>`.
    pub sha_256: String,
}

/// By the name's ending: `.safetensors`, else PyTorch's.
pub(super) fn read(path: &Path) -> Result<Weights, InceptionError> {
    let bytes = files::read(path, MAX_BYTES).map_err(|error| wrong(path, error.to_string()))?;
    let mut sha_256 = String::new();
    for byte in Sha256::digest(&bytes) {
        let _ = write!(sha_256, "{byte:02x}");
    }
    let is_safetensors = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("safetensors"));
    let tensors = if is_safetensors { safetensors(&bytes) } else { pytorch(path) };
    let tensors = tensors.map_err(|what| wrong(path, what))?;
    Ok(Weights { tensors, digest: format!("blake3:{}", blake3::hash(&bytes).to_hex()), sha_256 })
}

type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

fn safetensors(bytes: &[u8]) -> Result<Tensors, String> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| format!("not a safetensors file: {error}"))?;
    let tensors = file.iter().filter(|(_, view)| view.dtype() == Dtype::F32);
    Ok(tensors.map(|(name, view)| (name.to_owned(), (view.shape().to_vec(), numbers(view.data())))).collect())
}

fn pytorch(path: &Path) -> Result<Tensors, String> {
    let file = PytorchReader::new(path).map_err(|error| format!("not a PyTorch file of weights: {error}"))?;
    let tensors = file.into_tensors().into_iter().filter(|(_, tensor)| tensor.dtype() == DType::F32);
    let read = |(name, tensor): (String, pytorch_reader::Tensor)| {
        let bytes = tensor.read().map_err(|error| error.to_string())?;
        Ok((name, (tensor.shape().to_vec(), numbers(&bytes))))
    };
    tensors.map(read).collect()
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}
