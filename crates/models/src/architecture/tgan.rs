//! Videos (TGAN: Saito et al. 2017, arXiv 1611.06624; the two critics are those of MoCoGAN: Tulyakov et al. 2018, arXiv
//! 1707.04993, with convolutions apart in space and time: G3AN, Wang et al. 2020, arXiv 1912.05523).
//!
//! The generator has two parts: a path from the latent vector to the motion, so many numbers for each frame, and an image generator
//! that sees the latent vector and a frame's numbers and makes that frame, the same one for all frames: the generator of `dcgan`.
//! No network of it sees two frames.
//!
//! The discriminator is two critics. That of frames is the discriminator of `dcgan` on each frame, with a logit for each. That of
//! clips has separate convolutions of the same sizes on each frame, then convolutions over time at each place, and a logit for each of a few
//! moments. A sample's logits are those of both, each critic's as many: a moment of the critic of clips counts for the frames that
//! it stands for.
//!
//! TGAN clips the singular values of the critic's weights; here each weight is divided by its largest
//! (`spectral_norm`), which is the same bound, held at every update.

use super::dcgan::{DcganDiscriminator, DcganGenerator};
use super::norm::Norm;
use super::{Body, DiscriminatorDesign, Entry, GeneratorDesign, MAX_WIDTH, halved, halvings};
use crate::Initialization;
use crate::layer::{
    LEAKY_RELU, Layer, Layers, RELU, TANH, Window, fit, of_parts, per_frame, repeat, side_by_side, skip, view,
};
use family::{Problem, Settings};
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ENTRY: Entry = Entry {
    name: "tgan",
    about: "for videos: a path of motion and a DCGAN for each frame; critics of frames and of clips",
    settings: "channels (32); generator: motion (convolutions), motion_dim (32), norm (batch); discriminator: critics (both), spectral_norm (true)",
    paper: "Saito et al. 2017, arXiv 1611.06624; Tulyakov et al. 2018, arXiv 1707.04993",
};

const CHANNELS: usize = 32;
const MOTION: usize = 32;
/// Frames that a convolution over time sees.
const SEEN: usize = 5;
/// Such convolutions of the critic of clips.
const CONVOLUTIONS: u32 = 2;
/// Moments that are not halved any more.
const FEW: usize = 4;

/// How the numbers of frames come from the latent vector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Motion {
    /// Transposed convolutions along time, from a frame or two to all (TGAN).
    #[default]
    Convolutions,
    /// A gated recurrent unit along time (MoCoGAN). Its inputs are numbers for each frame that a dense layer makes of the latent
    /// vector; the paper draws them.
    Recurrent,
}

/// What the discriminator looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Critics {
    /// Frames and clips.
    #[default]
    Both,
    /// Each frame alone.
    Frames,
    /// Clips alone.
    Clips,
}

/// A path of motion, and the generator of `dcgan` for each frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TganGenerator {
    /// Channels of the image generator's last hidden layer; each one before has twice as many.
    pub channels: usize,
    /// How the numbers of frames come from the latent vector: `convolutions` or `recurrent`.
    #[serde(skip_serializing_if = "is_default")]
    pub motion: Motion,
    /// Numbers of each frame beside the latent vector.
    #[serde(skip_serializing_if = "is_motion")]
    pub motion_dim: usize,
    /// Normalisation of all layers' outputs but the last ones'.
    #[serde(skip_serializing_if = "Norm::is_batch")]
    pub norm: Norm,
}

/// A critic of frames and a critic of clips.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TganDiscriminator {
    /// Channels of the first hidden layer of each critic; each next one has twice as many.
    pub channels: usize,
    /// `both`, `frames` or `clips`.
    #[serde(skip_serializing_if = "is_default")]
    pub critics: Critics,
    /// Whether each weight is divided by its largest singular value; see [`spectral`](crate::layer::spectral).
    #[serde(skip_serializing_if = "is_true")]
    pub spectral_norm: bool,
}

impl Default for TganGenerator {
    fn default() -> Self {
        Self { channels: CHANNELS, motion: Motion::default(), motion_dim: MOTION, norm: Norm::Batch }
    }
}

impl Default for TganDiscriminator {
    fn default() -> Self {
        Self { channels: CHANNELS, critics: Critics::default(), spectral_norm: true }
    }
}

impl Settings for TganGenerator {
    const NAME: &'static str = ENTRY.name;
}

impl TganGenerator {
    fn image(&self) -> DcganGenerator {
        DcganGenerator { channels: self.channels, norm: self.norm, ..DcganGenerator::default() }
    }

    /// From the latent vector to `[motion_dim, 1, frames]`.
    fn path(&self, inputs: usize, make: &Layers) -> Vec<Layer> {
        let (numbers, frames) = (self.motion_dim, make.frames);
        if self.motion == Motion::Recurrent {
            return vec![
                make.dense(inputs, numbers * frames),
                view([numbers, 1, frames]),
                make.recurrent(numbers, numbers),
            ];
        }
        let doublings = (0..).find(|doublings| halved(frames, *doublings) <= 2).expect("halving comes to an end");
        let start = halved(frames, doublings);
        let mut layers = vec![make.dense(inputs, numbers * start), view([numbers, 1, start])];
        for doubling in (0..doublings).rev() {
            layers.extend(self.norm.layer(numbers, make));
            layers.extend([RELU, make.transposed([numbers, numbers], [1, 4], [1, 2])]);
            layers.push(fit([1, halved(frames, doubling)]));
        }
        // Else the frames of a clip would begin as one.
        layers.extend(self.norm.layer(numbers, make));
        layers.push(TANH);
        layers
    }
}

impl GeneratorDesign for TganGenerator {
    fn entry() -> Entry {
        ENTRY
    }

    fn layers(&self, input: [usize; 3], [channels, rows, width]: [usize; 3], make: &Layers) -> Vec<Layer> {
        let (inputs, frames) = (input.iter().product(), make.frames);
        let mut motion = vec![fit([1, 1])];
        motion.extend(self.path(inputs, make));
        motion.push(view([self.motion_dim, frames, 1]));
        let image = self.image().layers([inputs + self.motion_dim, 1, 1], [channels, rows / frames, width], make);
        vec![repeat([frames, 1]), skip(motion), per_frame(frames, image)]
    }

    fn initialization(&self) -> Initialization {
        match self.motion {
            Motion::Convolutions => self.image().initialization(),
            // States that begin near 0 would stay there.
            Motion::Recurrent => Initialization::GlorotUniform {},
        }
    }

    fn makes_videos(&self) -> bool {
        true
    }

    fn check(&self, input: [usize; 3], format: Format) -> Option<Problem> {
        let image = match image(format) {
            Ok(image) => image,
            Err(problem) => return Some(problem),
        };
        let message = format!("must be within 1 and {MAX_WIDTH}");
        self.image()
            .check(input, image)
            .or_else(|| Problem::unless((1..=MAX_WIDTH).contains(&self.motion_dim), "motion_dim", message))
    }
}

impl Settings for TganDiscriminator {
    const NAME: &'static str = ENTRY.name;
}

/// A critic: its layers from a video to features of this shape, and from these to a logit for each frame.
struct Critic {
    layers: Vec<Layer>,
    shape: [usize; 3],
    head: Vec<Layer>,
}

impl Critic {
    fn features(&self) -> usize {
        self.shape.iter().product()
    }
}

impl TganDiscriminator {
    fn image(&self) -> DcganDiscriminator {
        DcganDiscriminator { channels: self.channels, norm: Norm::None, ..DcganDiscriminator::default() }
    }

    fn critics(&self, [channels, rows, width]: [usize; 3], make: &Layers) -> Vec<Critic> {
        let image = [channels, rows / make.frames, width];
        let frames = || self.critic_of_frames(image, make);
        let clips = || self.critic_of_clips(image, make);
        match self.critics {
            Critics::Both => vec![frames(), clips()],
            Critics::Frames => vec![frames()],
            Critics::Clips => vec![clips()],
        }
    }

    fn critic_of_frames(&self, image: [usize; 3], make: &Layers) -> Critic {
        let Body { mut layers, features } = self.image().body(image, make);
        layers.push(view([features, 1, 1]));
        let head = vec![make.convolution([features, 1], [1, 1], [1, 1])];
        Critic { layers: vec![per_frame(make.frames, layers)], shape: [features, make.frames, 1], head }
    }

    fn critic_of_clips(&self, image: [usize; 3], make: &Layers) -> Critic {
        let Body { layers, features } = self.image().body(image, make);
        let channels = self.channels << (halvings(image) - 1);
        let (frames, places) = (make.frames, features / channels);
        let (mut layers, mut moments) = (vec![per_frame(frames, layers), view([channels, frames, places])], frames);
        for _ in 0..CONVOLUTIONS {
            let stride = if moments > FEW { 2 } else { 1 };
            layers.extend([make.convolution([channels, channels], [SEEN, 1], [stride, 1]), LEAKY_RELU]);
            moments = moments.div_ceil(stride);
        }
        let all_places = Window::padded([1, places], [1, 1], [0, 0]);
        let logits = make.convolution_through([channels, 1], all_places, true);
        let head = vec![logits, repeat([frames.div_ceil(moments), 1]), fit([frames, 1])];
        Critic { layers, shape: [channels, moments, places], head }
    }
}

impl DiscriminatorDesign for TganDiscriminator {
    fn entry() -> Entry {
        ENTRY
    }

    fn body(&self, video: [usize; 3], make: &Layers) -> Body {
        let critics = self.critics(video, make);
        let features = critics.iter().map(Critic::features).sum();
        let chains = critics.into_iter().map(|critic| {
            let features = critic.features();
            (critic.layers, features)
        });
        Body { layers: vec![side_by_side(chains.collect())], features }
    }

    fn patches(&self, video: [usize; 3], make: &Layers) -> Option<(Vec<Layer>, usize)> {
        let critics = self.critics(video, make);
        let logits = critics.len() * make.frames;
        let chains = critics.into_iter().map(|critic| {
            let features = critic.features();
            let layers = [view(critic.shape)].into_iter().chain(critic.head).collect();
            (features, layers, make.frames)
        });
        Some((vec![of_parts(chains.collect())], logits))
    }

    fn has_patches(&self) -> bool {
        true
    }

    fn initialization(&self) -> Initialization {
        self.image().initialization()
    }

    fn spectral_norm(&self) -> bool {
        self.spectral_norm
    }

    fn reads_videos(&self) -> bool {
        true
    }

    fn check(&self, format: Format, [channels, rows, width]: [usize; 3]) -> Option<Problem> {
        let read = |_| Format::Image([channels, rows / format.frames(), width]);
        match image(format).map(read) {
            Ok(image) => self.image().check(image, image.shape()),
            Err(problem) => Some(problem),
        }
    }
}

/// A frame of such samples.
fn image(format: Format) -> Result<Format, Problem> {
    let Format::Video { image, .. } = format else {
        let why = format!("is for videos, but the data set holds {}", format.noun());
        return Err(Problem::here(format!("{why}: set another `architecture`, such as `dcgan`")));
    };
    Ok(Format::Image(image))
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn is_motion(numbers: &usize) -> bool {
    *numbers == MOTION
}

fn is_true(value: &bool) -> bool {
    *value
}
