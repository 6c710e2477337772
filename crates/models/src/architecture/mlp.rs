//! Dense layers only, for any image shape: the smallest GAN that learns digits (Goodfellow et al. 2014 used such nets).

use super::{Body, DiscriminatorDesign, Entry, GeneratorDesign, MAX_WIDTH, is_false};
use crate::layer::{LEAKY_RELU, Layer, Layers, TANH, view};
use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ENTRY: Entry = Entry {
    name: "mlp",
    about: "dense layers with LeakyReLU, for images and points in the plane",
    settings: "hidden ([256, 256]); generator: output (tanh, linear); discriminator: spectral_norm (false)",
    paper: "Goodfellow et al. 2014, arXiv 1406.2661",
};

/// What the generator's last layer ends in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// Values in `[-1, 1]`: pixels.
    #[default]
    Tanh,
    /// Any values: coordinates of points.
    Linear,
}

impl Output {
    fn is_tanh(&self) -> bool {
        *self == Self::Tanh
    }

    /// Why a generator that ends so cannot make samples of this shape.
    fn check(self, format: Format) -> Option<String> {
        let why = match (self, format.is_points()) {
            (Self::Tanh, true) => "ends in tanh, but points lie beyond [-1, 1]: set `model.generator.output: linear`",
            (Self::Linear, false) => "ends without tanh, but pixels lie in [-1, 1]: set `model.generator.output: tanh`",
            _ => return None,
        };
        Some(why.to_owned())
    }
}

/// Hidden layers, then one dense layer to the pixels or coordinates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MlpGenerator {
    /// Widths of the hidden layers, latent side first.
    pub hidden: Vec<usize>,
    /// What the last layer ends in: `tanh` for images, `linear` for points in the plane.
    #[serde(skip_serializing_if = "Output::is_tanh")]
    pub output: Output,
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
        Self { hidden: HIDDEN.to_vec(), output: Output::Tanh }
    }
}

impl Default for MlpDiscriminator {
    fn default() -> Self {
        Self { hidden: HIDDEN.to_vec(), spectral_norm: false }
    }
}

impl Settings for MlpGenerator {
    const NAME: &'static str = ENTRY.name;
}

impl GeneratorDesign for MlpGenerator {
    fn entry() -> Entry {
        ENTRY
    }

    fn layers(&self, input: [usize; 3], image: [usize; 3], make: &Layers) -> Vec<Layer> {
        let inputs = input.iter().product();
        let mut layers = stack(inputs, &self.hidden, make);
        let last = self.hidden.last().copied().unwrap_or(inputs);
        layers.push(make.dense(last, image.iter().product()));
        layers.extend(self.output.is_tanh().then_some(TANH));
        layers.push(view(image));
        layers
    }

    fn makes_videos(&self) -> bool {
        true
    }

    fn makes_points(&self) -> bool {
        true
    }

    fn translates(&self) -> bool {
        true
    }

    fn check(&self, _: [usize; 3], format: Format) -> Option<Problem> {
        check(&self.hidden).or_else(|| self.output.check(format).map(Problem::here))
    }
}

impl Settings for MlpDiscriminator {
    const NAME: &'static str = ENTRY.name;
}

impl DiscriminatorDesign for MlpDiscriminator {
    fn entry() -> Entry {
        ENTRY
    }

    fn body(&self, image: [usize; 3], make: &Layers) -> Body {
        let inputs = image.iter().product();
        Body { layers: stack(inputs, &self.hidden, make), features: self.hidden.last().copied().unwrap_or(inputs) }
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }

    fn reads_videos(&self) -> bool {
        true
    }

    fn reads_points(&self) -> bool {
        true
    }

    fn check(&self, _: Format, _: [usize; 3]) -> Option<Problem> {
        check(&self.hidden)
    }
}

fn stack(inputs: usize, hidden: &[usize], make: &Layers) -> Vec<Layer> {
    let from = [inputs].into_iter().chain(hidden.iter().copied());
    from.zip(hidden).flat_map(|(from, to)| [make.dense(from, *to), LEAKY_RELU]).collect()
}

fn check(hidden: &[usize]) -> Option<Problem> {
    let wrong = hidden.iter().find(|width| !(1..=MAX_WIDTH).contains(*width))?;
    Some(Problem::at("hidden", format!("has a layer of width {wrong}, not within 1 and {MAX_WIDTH}")))
}
