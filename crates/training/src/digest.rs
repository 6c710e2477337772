//! The digest of a run's weights.

use burn::tensor::TensorData;
use models::task::{AnyModule, AnyNetworks, AnySampler};

/// `blake3:<hex>` over paths, shapes and bits of all weights and running statistics; `None` if one of them is not
/// finite.
pub(crate) fn weights_digest(networks: &dyn AnyNetworks, average: &dyn AnySampler) -> Option<String> {
    let mut digest = Digest::new();
    digest.update(None, networks);
    digest.update(Some("average"), average);
    digest.finish()
}

/// The same of the networks alone that make samples.
pub(crate) fn sampler_digest(average: &dyn AnySampler) -> Option<String> {
    let mut digest = Digest::new();
    digest.update(Some("average"), average);
    digest.finish()
}

struct Digest {
    hasher: blake3::Hasher,
    is_finite: bool,
}

impl Digest {
    fn new() -> Self {
        Self { hasher: blake3::Hasher::new(), is_finite: true }
    }

    fn finish(self) -> Option<String> {
        self.is_finite.then(|| format!("blake3:{}", self.hasher.finalize().to_hex()))
    }

    fn update<M: AnyModule + ?Sized>(&mut self, root: Option<&str>, networks: &M) {
        networks.visit(&mut |path: &[String], read: &dyn Fn() -> TensorData| {
            let path: Vec<&str> = root.into_iter().chain(path.iter().map(String::as_str)).collect();
            let data = read();
            self.hasher.update(format!("{} {:?}\n", path.join("/"), data.shape()).as_bytes());
            self.hasher.update(data.as_bytes());
            self.is_finite &= data.iter::<f32>().all(f32::is_finite);
        });
    }
}
