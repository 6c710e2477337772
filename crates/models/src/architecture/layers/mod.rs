//! Networks that the experiment file spells out, layer by layer:
//!
//! ```yaml
//! generator:
//!   layers: [{ dense: 6272 }, { reshape: [128, 7, 7] }, batch_norm, relu, { conv_transpose: { channels: 1, kernel: 8, stride: 4 } }, tanh]
//! discriminator:
//!   layers: [{ conv: { channels: 64, kernel: 4, stride: 2 } }, leaky_relu, { dense: 1 }]
//! ```

mod build;
mod layer;
mod per_axis;
mod shape;
mod short;

#[cfg(test)]
mod tests;

pub use layer::{
    BatchNormConfig, ConvolutionConfig, DenseConfig, LayerConfig, LeakyReluConfig, MinibatchDiscriminationConfig,
    Nothing, ResidualConfig,
};
pub use per_axis::PerAxis;

use super::{Body, DiscriminatorDesign, Entry, GeneratorDesign, is_false};
use crate::layer::{Layer, Layers};
use build::build;
use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shape::{Fault, output};

const ENTRY: Entry = Entry {
    name: "layers",
    about: "the layers of a list, one after another; a discriminator's list ends in `dense: 1`",
    settings: "layers; spectral_norm (false)",
    paper: "",
};

/// Layers from the latent vector, or from a sample to translate, to a sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayersGenerator {
    /// The layers, the input's side first.
    pub layers: Vec<LayerConfig>,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(default, skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

/// Layers from a sample to the logit. The last one is `dense: 1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayersDiscriminator {
    /// The layers, sample side first.
    pub layers: Vec<LayerConfig>,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(default, skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

impl Settings for LayersGenerator {
    const NAME: &'static str = ENTRY.name;
    const KEYS: &'static [&'static str] = &["layers"];
}

impl GeneratorDesign for LayersGenerator {
    fn entry() -> Entry {
        ENTRY
    }

    fn layers(&self, input: [usize; 3], _: [usize; 3], make: &Layers) -> Vec<Layer> {
        build(&self.layers, input, make, false).0
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
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

    fn check(&self, input: [usize; 3], format: Format) -> Option<Problem> {
        let sample = format.shape();
        let made = match output(&self.layers, input) {
            Ok(made) => made,
            Err(fault) => return Some(fault.problem()),
        };
        if let Some(place) = place(&self.layers, &|layer| matches!(layer, LayerConfig::PhaseShuffle(_))) {
            let why = "acts in a discriminator's passes alone";
            return Some(Problem::at("layers", format!("`phase_shuffle` {why}: leave out `layers{place}`")));
        }
        let dropout = place(&self.layers, &|layer| matches!(layer, LayerConfig::Dropout(_)));
        if let (Some(place), [_, 1, 1]) = (dropout, input) {
            let why = "acts in discriminators and in generators that translate images";
            return Some(Problem::at("layers", format!("`dropout` {why}: leave out `layers{place}`")));
        }
        let [channels, height, width] = sample;
        let advice = match made {
            _ if made == sample => return None,
            _ if made.iter().product::<usize>() == sample.iter().product::<usize>() => {
                format!("add `{{ reshape: {sample:?} }}`")
            }
            [same, ..] if same == channels => format!("add `{{ fit: [{height}, {width}] }}`, or change what doubles"),
            _ => format!("the last layers must make {channels} x {height} x {width} numbers"),
        };
        Some(Problem::at("layers", format!("make {made:?}, but the data set's samples are {sample:?}: {advice}")))
    }
}

impl LayersDiscriminator {
    /// The layers before the head.
    fn before_head(&self) -> &[LayerConfig] {
        self.layers.split_last().map_or(&[], |(_, body)| body)
    }
}

impl Settings for LayersDiscriminator {
    const NAME: &'static str = ENTRY.name;
    const KEYS: &'static [&'static str] = &["layers"];
}

impl DiscriminatorDesign for LayersDiscriminator {
    fn entry() -> Entry {
        ENTRY
    }

    fn body(&self, sample: [usize; 3], make: &Layers) -> Body {
        let (layers, shape) = build(self.before_head(), sample, make, true);
        Body { layers, features: shape.iter().product() }
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

    fn check(&self, _: Format, input: [usize; 3]) -> Option<Problem> {
        if let Err(fault) = output(&self.layers, input) {
            return Some(fault.problem());
        }
        let is_head = |layer: &LayerConfig| *layer == LayerConfig::Dense(DenseConfig { outputs: 1, bias: true });
        let place = match self.layers.split_last() {
            Some((last, _)) if is_head(last) => return None,
            Some((last, body)) => format!("layers.{}.{}", body.len(), last.name()),
            None => "layers".to_owned(),
        };
        Some(Problem::at(place, "a discriminator's list ends in `dense: 1`, its head"))
    }

    fn check_input_gradient(&self) -> Option<String> {
        let place = place(&self.layers, &|layer| matches!(layer, LayerConfig::BatchNorm(_)))?;
        let why = "batch normalisation makes a logit depend on the whole batch";
        Some(format!("{why}: leave out `model.discriminator.layers{place}`, or set `layer_norm` there"))
    }
}

/// The place of the first such layer below a list, as in `[3].batch_norm`.
fn place(layers: &[LayerConfig], is: &dyn Fn(&LayerConfig) -> bool) -> Option<String> {
    layers.iter().enumerate().find_map(|(index, layer)| {
        let inside =
            |key: &str, layers| place(layers, is).map(|place| format!("[{index}].{}{key}{place}", layer.name()));
        match layer {
            layer if is(layer) => Some(format!("[{index}].{}", layer.name())),
            LayerConfig::Skip(branch) => inside("", branch),
            LayerConfig::Residual(ResidualConfig { main, skip }) if skip.is_empty() => inside("", main),
            LayerConfig::Residual(ResidualConfig { main, skip }) => {
                inside(".main", main).or_else(|| inside(".skip", skip))
            }
            _ => None,
        }
    })
}

impl Fault {
    fn problem(self) -> Problem {
        Problem::at(format!("layers.{}", self.path), self.message)
    }
}
