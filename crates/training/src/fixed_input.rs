//! What sample grids are made from.

use burn::tensor::{Device, Tensor};
use models::{Domain, GeneratorInput, ModelConfig, Stream, one_hot};

/// One batch of generator input, the same for every run that has as many latent numbers. The class of sample i is i modulo
/// the number of classes.
#[derive(Clone)]
pub(crate) struct FixedInput {
    pub model: ModelConfig,
    pub domain: Domain,
    pub count: usize,
    pub device: Device,
}

impl FixedInput {
    pub fn draw(&self) -> GeneratorInput {
        let labels = in_turn(self.count, self.model.conditioning.classes(&self.domain), &self.device);
        let mut stream = Stream::new(0, "latent/sample", 0);
        self.model.generator_input(self.domain.output.shape(), self.count, labels, &mut stream, &self.device)
    }
}

/// Classes in turn, one-hot `[count, classes]`; `None` where there are none.
pub(crate) fn in_turn(count: usize, classes: usize, device: &Device) -> Option<Tensor<2>> {
    let labels: Vec<usize> = (0..count).map(|image| image % classes.max(1)).collect();
    (classes > 0).then(|| one_hot(&labels, classes, device))
}
