//! The pair of PacGAN's study of mixtures in two dimensions (Lin et al. 2018, arXiv 1712.04086, section 4.1), after that of
//! ALI (Dumoulin et al. 2017, arXiv 1606.00704): a generator of dense layers with batch normalisation and a linear end,
//! against maxout units.

use super::{Body, DiscriminatorDesign, Entry, GeneratorDesign, MAX_WIDTH, is_false};
use crate::Initialization;
use crate::layer::{Layer, Layers, RELU, maxout, view};
use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ENTRY: Entry = Entry {
    name: "maxout",
    about: "dense layers for points: batch normalisation, ReLU and a linear end against maxout units",
    settings: "hidden (generator [400, 400, 400, 400], discriminator [200, 200, 200]); \
               discriminator: pieces (5), spectral_norm (false)",
    paper: "Lin et al. 2018, arXiv 1712.04086; Goodfellow et al. 2013, arXiv 1302.4389",
};

const INITIALIZATION: Initialization = Initialization::Normal { deviation: 0.02 };

/// Hidden layers without biases, batch normalisation and ReLU after each, one dense layer to the point, whose numbers
/// have no bounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MaxoutGenerator {
    /// Widths of the hidden layers, latent side first.
    pub hidden: Vec<usize>,
}

/// Hidden layers of maxout units, one dense layer to the logit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MaxoutDiscriminator {
    /// Widths of the hidden layers, data side first.
    pub hidden: Vec<usize>,
    /// Numbers of which a unit takes the largest.
    pub pieces: usize,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

impl Default for MaxoutGenerator {
    fn default() -> Self {
        Self { hidden: vec![400; 4] }
    }
}

impl Default for MaxoutDiscriminator {
    fn default() -> Self {
        Self { hidden: vec![200; 3], pieces: 5, spectral_norm: false }
    }
}

impl Settings for MaxoutGenerator {
    const NAME: &'static str = ENTRY.name;
}

impl GeneratorDesign for MaxoutGenerator {
    fn entry() -> Entry {
        ENTRY
    }

    fn layers(&self, input: [usize; 3], image: [usize; 3], make: &Layers) -> Vec<Layer> {
        let inputs = input.iter().product();
        let mut layers = Vec::new();
        let mut from = inputs;
        for to in self.hidden.iter().copied() {
            layers.extend([make.dense_without_bias(from, to), make.batch_norm(to), RELU]);
            from = to;
        }
        layers.extend([make.dense(from, image.iter().product()), view(image)]);
        layers
    }

    fn initialization(&self) -> Initialization {
        INITIALIZATION
    }

    fn makes_points(&self) -> bool {
        true
    }

    fn check(&self, _: [usize; 3], _: Format) -> Option<Problem> {
        check(&self.hidden, 1)
    }
}

impl Settings for MaxoutDiscriminator {
    const NAME: &'static str = ENTRY.name;
}

impl DiscriminatorDesign for MaxoutDiscriminator {
    fn entry() -> Entry {
        ENTRY
    }

    fn body(&self, image: [usize; 3], make: &Layers) -> Body {
        let mut layers = Vec::new();
        let mut from = image.iter().product();
        for to in self.hidden.iter().copied() {
            layers.extend([make.dense(from, to * self.pieces), maxout(self.pieces)]);
            from = to;
        }
        Body { layers, features: from }
    }

    fn initialization(&self) -> Initialization {
        INITIALIZATION
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }

    fn reads_points(&self) -> bool {
        true
    }

    fn check(&self, _: Format, _: [usize; 3]) -> Option<Problem> {
        check(&self.hidden, self.pieces)
    }
}

fn check(hidden: &[usize], pieces: usize) -> Option<Problem> {
    if !(1..=MAX_WIDTH).contains(&pieces) {
        return Some(Problem::at("pieces", format!("must be within 1 and {MAX_WIDTH}")));
    }
    let most = MAX_WIDTH / pieces;
    let wrong = hidden.iter().find(|width| !(1..=most).contains(*width))?;
    Some(Problem::at("hidden", format!("has a layer of width {wrong}, not within 1 and {most}")))
}
