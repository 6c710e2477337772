//! A generator: dense layers with residual connections (He et al. 2016, arXiv 1512.03385).

use runner::family::{Problem, Settings};
use runner::models::architecture::{Entry, GeneratorDesign};
use runner::models::layer::{Layer, Layers, RELU, residual, view};
use runner::samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Dense layers of one width, each added to its input, for points in the plane.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ResidualMlp {
    /// Numbers in each layer.
    width: usize,
    /// Residual blocks.
    blocks: usize,
}

impl Default for ResidualMlp {
    fn default() -> Self {
        Self { width: 32, blocks: 2 }
    }
}

impl Settings for ResidualMlp {
    const NAME: &'static str = "residual_mlp";
}

impl GeneratorDesign for ResidualMlp {
    fn entry() -> Entry {
        Entry {
            name: Self::NAME,
            about: "dense layers with residual connections, for points in the plane",
            settings: "width (32), blocks (2)",
            paper: "He et al. 2016, arXiv 1512.03385",
        }
    }

    fn layers(&self, input: [usize; 3], sample: [usize; 3], make: &Layers) -> Vec<Layer> {
        let block = |_| residual(vec![RELU, make.dense(self.width, self.width)], Vec::new());
        let mut layers = vec![make.dense(input.iter().product(), self.width)];
        layers.extend((0..self.blocks).map(block));
        layers.extend([RELU, make.dense(self.width, sample.iter().product()), view(sample)]);
        layers
    }

    fn makes_points(&self) -> bool {
        true
    }

    fn check(&self, _: [usize; 3], format: Format) -> Option<Problem> {
        Problem::unless((1..=4096).contains(&self.width), "width", "must be within 1 and 4096")
            .or_else(|| Problem::unless(self.blocks <= 100, "blocks", "must be at most 100"))
            .or_else(|| Problem::unless(format.is_points(), "", "makes points, but the data set holds other samples"))
    }
}
