//! The digest of a run's weights.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use models::{Discriminator, Generator};

/// `blake3:<hex>` over paths, shapes and bits of all weights and running statistics; `None` if one of them is not
/// finite. The networks are in validation mode.
pub(crate) fn weights_digest(
    generator: &Generator,
    discriminator: &Discriminator,
    average: &Generator,
) -> Option<String> {
    let mut digest = Digest { hasher: blake3::Hasher::new(), path: Vec::new(), finite: true };
    digest.part("generator", generator);
    digest.part("discriminator", discriminator);
    digest.part("average", average);
    digest.finite.then(|| format!("blake3:{}", digest.hasher.finalize().to_hex()))
}

struct Digest {
    hasher: blake3::Hasher,
    path: Vec<String>,
    finite: bool,
}

impl Digest {
    fn part<M: Module>(&mut self, name: &str, module: &M) {
        self.path.push(name.to_owned());
        module.visit(self);
        self.path.pop();
    }
}

impl ModuleVisitor for Digest {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let data = param.val().into_data();
        self.hasher.update(format!("{} {:?}\n", self.path.join("/"), data.shape()).as_bytes());
        self.hasher.update(data.as_bytes());
        self.finite &= data.iter::<f32>().all(f32::is_finite);
    }
}
