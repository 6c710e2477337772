//! Weights as a file: 32-bit numbers, little-endian, one parameter after the other in the order of the network's fields.
//! The same weights are the same bytes, which Burn's records, with their random parameter ids, are not.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};

pub(crate) fn save<M: Module>(network: &M) -> Vec<u8> {
    let mut bytes = Bytes(Vec::new());
    network.visit(&mut bytes);
    bytes.0
}

/// The network with other weights; `None` if the bytes are more or fewer than it has.
pub(crate) fn load<M: Module>(network: M, bytes: &[u8]) -> Option<M> {
    let mut rest = Rest(Some(bytes));
    let network = network.map(&mut rest);
    rest.0.is_some_and(<[u8]>::is_empty).then_some(network)
}

struct Bytes(Vec<u8>);

impl ModuleVisitor for Bytes {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let data = param.val().into_data();
        self.0.extend(data.iter::<f32>().flat_map(f32::to_le_bytes));
    }
}

/// What was not read yet; nothing once there was too little.
struct Rest<'a>(Option<&'a [u8]>);

impl ModuleMapper for Rest<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| {
            let (shape, device) = (tensor.shape(), tensor.device());
            let Some((own, rest)) = self.0.and_then(|bytes| bytes.split_at_checked(4 * shape.num_elements())) else {
                self.0 = None;
                return tensor;
            };
            self.0 = Some(rest);
            let values: Vec<f32> = own.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            Tensor::from_data(TensorData::new(values, shape), &device)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::Network;
    use burn::tensor::Device;
    use models::Initialization;

    #[test]
    fn weights_are_read_back_and_other_networks_refused() {
        let fresh = || Network::new([1, 28, 28], 10, &Device::flex());
        let bytes = save(&Initialization::GlorotUniform {}.apply(fresh(), 3, "x"));
        assert_ne!(bytes, save(&fresh()));
        assert_eq!(save(&load(fresh(), &bytes).unwrap()), bytes);
        assert!(load(fresh(), &bytes[4..]).is_none());
        assert!(load(fresh(), &[&bytes[..], &[0; 4]].concat()).is_none());
        assert!(load(fresh(), &[]).is_none());
    }
}
