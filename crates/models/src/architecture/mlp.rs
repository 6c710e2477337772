//! Dense layers only, for any image shape: the smallest GAN that learns digits (Goodfellow et al. 2014 used such nets).

use super::{Body, DiscriminatorDesign, Entry, GeneratorDesign, MOST_WIDTH, is_false};
use crate::ImageShape;
use crate::layer::{LEAKY_RELU, Layer, Layers, TANH, view};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) const ENTRY: Entry = Entry {
    name: "mlp",
    about: "dense layers with LeakyReLU; tanh last in the generator",
    settings: "hidden ([256, 256]); discriminator: spectral_norm (false)",
    paper: "Goodfellow et al. 2014, arXiv 1406.2661",
};

/// Hidden layers, then one dense layer to the pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MlpGenerator {
    /// Widths of the hidden layers, latent side first.
    pub hidden: Vec<usize>,
}

/// Flatten, hidden layers, one dense layer to the logit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MlpDiscriminator {
    /// Widths of the hidden layers, image side first.
    pub hidden: Vec<usize>,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

const HIDDEN: [usize; 2] = [256, 256];

impl Default for MlpGenerator {
    fn default() -> Self {
        Self { hidden: HIDDEN.to_vec() }
    }
}

impl Default for MlpDiscriminator {
    fn default() -> Self {
        Self { hidden: HIDDEN.to_vec(), spectral_norm: false }
    }
}

impl GeneratorDesign for MlpGenerator {
    fn layers(&self, inputs: usize, image: ImageShape, make: &Layers) -> Vec<Layer> {
        let mut layers = stack(inputs, &self.hidden, make);
        let last = self.hidden.last().copied().unwrap_or(inputs);
        layers.extend([make.dense(last, image.iter().product()), TANH, view(image)]);
        layers
    }

    fn check(&self, _: ImageShape) -> Option<String> {
        check(&self.hidden)
    }
}

impl DiscriminatorDesign for MlpDiscriminator {
    fn body(&self, image: ImageShape, make: &Layers) -> Body {
        let inputs = image.iter().product();
        Body { layers: stack(inputs, &self.hidden, make), features: self.hidden.last().copied().unwrap_or(inputs) }
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }

    fn check(&self, _: ImageShape) -> Option<String> {
        check(&self.hidden)
    }
}

fn stack(inputs: usize, hidden: &[usize], make: &Layers) -> Vec<Layer> {
    let from = [inputs].into_iter().chain(hidden.iter().copied());
    from.zip(hidden).flat_map(|(from, to)| [make.dense(from, *to), LEAKY_RELU]).collect()
}

fn check(hidden: &[usize]) -> Option<String> {
    let wrong = hidden.iter().find(|width| !(1..=MOST_WIDTH).contains(*width))?;
    Some(format!("`hidden` has a layer of width {wrong}, not within 1 and {MOST_WIDTH}"))
}
