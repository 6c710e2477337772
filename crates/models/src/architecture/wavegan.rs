//! WaveGAN (Donahue et al. 2019, arXiv 1802.04208): convolutions along a sound, of 25 samples and stride 4, as many as it takes
//! to at most 16 places (five for the paper's 16,384 samples), without normalisation; phase shuffle between those of the
//! discriminator.

use super::{Body, DiscriminatorDesign, Entry, GeneratorDesign, MAX_WIDTH, check_channels, is_false};
use crate::layer::{LEAKY_RELU, Layer, Layers, RELU, TANH, fit, phase_shuffle, view};
use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ENTRY: Entry = Entry {
    name: "wavegan",
    about: "for sounds: convolutions of 25 samples and stride 4; ReLU up, LeakyReLU and phase shuffle down",
    settings: "channels (64), kernel (25), spectral_norm (false); discriminator: phase_shuffle (2)",
    paper: "Donahue et al. 2019, arXiv 1802.04208",
};

const CHANNELS: usize = 64;
const KERNEL: usize = 25;
const STRIDE: usize = 4;
/// Places of the smallest maps, at most.
const SMALLEST: usize = 16;
const PHASE_SHUFFLE: usize = 2;

/// Dense to the smallest maps, then transposed convolutions that make them four times as long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WaveganGenerator {
    /// Channels of the last hidden layer; each one before has twice as many.
    pub channels: usize,
    /// Samples across each kernel, 4 to 64.
    #[serde(skip_serializing_if = "is_kernel")]
    pub kernel: usize,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

/// Convolutions that make the sound a quarter as long, then a dense layer to the logit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WaveganDiscriminator {
    /// Channels of the first hidden layer; each next one has twice as many.
    pub channels: usize,
    /// Samples across each kernel, 4 to 64.
    #[serde(skip_serializing_if = "is_kernel")]
    pub kernel: usize,
    /// Places, up to 8, by which the input of each convolution but the first is moved at random, either way; 0 for none.
    #[serde(skip_serializing_if = "is_phase_shuffle")]
    pub phase_shuffle: usize,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_false")]
    pub spectral_norm: bool,
}

impl Default for WaveganGenerator {
    fn default() -> Self {
        Self { channels: CHANNELS, kernel: KERNEL, spectral_norm: false }
    }
}

impl Default for WaveganDiscriminator {
    fn default() -> Self {
        Self { channels: CHANNELS, kernel: KERNEL, phase_shuffle: PHASE_SHUFFLE, spectral_norm: false }
    }
}

impl Settings for WaveganGenerator {
    const NAME: &'static str = ENTRY.name;
}

impl GeneratorDesign for WaveganGenerator {
    fn entry() -> Entry {
        ENTRY
    }

    fn layers(&self, input: [usize; 3], [voices, _, length]: [usize; 3], make: &Layers) -> Vec<Layer> {
        let inputs = input.iter().product();
        let depth = depth(length);
        let start = [self.channels << (depth - 1), 1, quartered(length, depth)];
        let mut layers = vec![make.dense(inputs, start.iter().product()), view(start), RELU];
        for level in (0..depth).rev() {
            let from = self.channels << level;
            let (to, function) = if level > 0 { (from / 2, RELU) } else { (voices, TANH) };
            layers.extend([make.transposed([from, to], [1, self.kernel], [1, STRIDE]), function]);
            let [made, wanted] = [STRIDE * quartered(length, level + 1), quartered(length, level)];
            layers.extend((made != wanted).then(|| fit([1, wanted])));
        }
        layers
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }

    fn check(&self, _: [usize; 3], format: Format) -> Option<Problem> {
        check(self.channels, self.kernel, format)
    }
}

impl Settings for WaveganDiscriminator {
    const NAME: &'static str = ENTRY.name;
}

impl DiscriminatorDesign for WaveganDiscriminator {
    fn entry() -> Entry {
        ENTRY
    }

    fn body(&self, [voices, _, length]: [usize; 3], make: &Layers) -> Body {
        let depth = depth(length);
        let mut layers = Vec::new();
        for level in 0..depth {
            let to = self.channels << level;
            let from = if level == 0 { voices } else { to / 2 };
            layers.extend((level > 0 && self.phase_shuffle > 0).then(|| phase_shuffle(self.phase_shuffle)));
            layers.extend([make.convolution([from, to], [1, self.kernel], [1, STRIDE]), LEAKY_RELU]);
        }
        Body { layers, features: (self.channels << (depth - 1)) * quartered(length, depth) }
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }

    fn check(&self, format: Format, _: [usize; 3]) -> Option<Problem> {
        // What is moved is longer than the smallest maps.
        if self.phase_shuffle > SMALLEST / 2 {
            return Some(Problem::at("phase_shuffle", format!("must be within 0 and {}", SMALLEST / 2)));
        }
        check(self.channels, self.kernel, format)
    }
}

/// How often a sound is made a quarter as long: as often as it takes to at most 16 places, once at least.
fn depth(length: usize) -> u32 {
    (1..).find(|depth| quartered(length, *depth) <= SMALLEST).expect("quartering comes to an end")
}

/// A length that was divided by 4 so many times, rounded up each time.
fn quartered(length: usize, times: u32) -> usize {
    length.div_ceil(STRIDE.pow(times))
}

fn check(channels: usize, kernel: usize, format: Format) -> Option<Problem> {
    let [_, height, width] = format.shape();
    if height != 1 {
        let why = format!("is for sounds, but the data set holds {}", format.noun());
        return Some(Problem::here(format!("{why}: set another `architecture`, such as `dcgan`")));
    }
    if !(STRIDE..=64).contains(&kernel) {
        return Some(Problem::at("kernel", format!("must be within {STRIDE} and 64")));
    }
    check_channels(channels, MAX_WIDTH >> depth(width), format.shape())
}

fn is_kernel(kernel: &usize) -> bool {
    *kernel == KERNEL
}

fn is_phase_shuffle(radius: &usize) -> bool {
    *radius == PHASE_SHUFFLE
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the paper's appendix D: 16 places of 1,024 channels for 16,384 samples.
    #[test]
    fn sizes_are_those_of_the_paper() {
        assert_eq!((depth(16_384), quartered(16_384, 5)), (5, 16));
        assert_eq!([64, 8192, 8000, 4096, 17, 16].map(depth), [1, 5, 5, 4, 1, 1]);
    }
}
