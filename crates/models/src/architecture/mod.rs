//! Network pairs, in two families that are open to other crates: [generators](GENERATORS) and
//! [discriminators](DISCRIMINATORS). Each file owns one of both: their settings, and the layers that they are made of.
//!
//! # Shapes
//! Generators map `[batch, numbers]` to images `[batch, channels, height, width]`, or to points in the plane
//! `[batch, 2, 1, 1]`; those that translate map such samples to samples. Discriminators map samples to features, from which a
//! logit is read, or one for each patch. A pair makes images of any size: where a network halves and doubles, it works on
//! the next size that allows it and pads or cuts at the far borders.

pub mod autoencoder;
pub mod dcgan;
pub mod guide;
pub mod infogan;
pub mod layers;
pub mod maxout;
pub mod mlp;
pub mod norm;
pub mod patchgan;
pub mod residual;
pub mod resnet;
pub mod stacked;
pub mod stylegan2;
pub mod tgan;
pub mod unet;
pub mod wavegan;

use crate::Initialization;
use crate::energy::Distance;
use crate::layer::{Chain, Layer, Layers};
use family::{Choice, DefaultMember, Family, Holds, Member, Problem, Registry, Settings};
use samples::Format;
use serde::Serialize;
use std::sync::Arc;

/// One line of `runner models`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Entry {
    /// Value of `architecture`.
    pub name: &'static str,
    /// The pair in one line.
    pub about: &'static str,
    /// Settings of the generator and of the discriminator.
    pub settings: &'static str,
    /// Where it is described.
    pub paper: &'static str,
}

/// What a generator starts from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Origin {
    /// So many numbers: a latent vector and what the conditioning adds.
    Latent(usize),
    /// Samples to translate.
    Samples(Format),
}

impl Origin {
    /// `[channels, height, width]`.
    pub fn shape(self) -> [usize; 3] {
        match self {
            Self::Latent(numbers) => [numbers, 1, 1],
            Self::Samples(format) => format.shape(),
        }
    }
}

/// Numbers in a latent vector or in a layer, or channels; more is a slip of the hand that no memory holds.
pub(crate) const MAX_WIDTH: usize = 1 << 16;

/// `run.model.generator`.
pub type GeneratorConfig = Choice<dyn GeneratorDesign>;

/// `run.model.discriminator`.
pub type DiscriminatorConfig = Choice<dyn DiscriminatorDesign>;

/// Every generator.
pub static GENERATORS: Registry<dyn GeneratorDesign> = Registry::new(GENERATOR_LIST);

const GENERATOR_LIST: &[Member<dyn GeneratorDesign>] = &[
    Member::of::<guide::GuideGenerator>(),
    Member::of::<dcgan::DcganGenerator>(),
    Member::of::<resnet::ResnetGenerator>(),
    Member::of::<infogan::InfoganGenerator>(),
    Member::of::<stacked::StackedGenerator>(),
    Member::of::<stylegan2::Stylegan2Generator>(),
    Member::of::<wavegan::WaveganGenerator>(),
    Member::of::<tgan::TganGenerator>(),
    Member::of::<mlp::MlpGenerator>(),
    Member::of::<autoencoder::AutoencoderGenerator>(),
    Member::of::<maxout::MaxoutGenerator>(),
    Member::of::<unet::UnetGenerator>(),
    Member::of::<residual::ResidualGenerator>(),
    Member::of::<layers::LayersGenerator>(),
];

/// Every discriminator.
pub static DISCRIMINATORS: Registry<dyn DiscriminatorDesign> = Registry::new(DISCRIMINATOR_LIST);

const DISCRIMINATOR_LIST: &[Member<dyn DiscriminatorDesign>] = &[
    Member::of::<guide::GuideDiscriminator>(),
    Member::of::<dcgan::DcganDiscriminator>(),
    Member::of::<resnet::ResnetDiscriminator>(),
    Member::of::<infogan::InfoganDiscriminator>(),
    Member::of::<stacked::StackedDiscriminator>(),
    Member::of::<stylegan2::Stylegan2Discriminator>(),
    Member::of::<wavegan::WaveganDiscriminator>(),
    Member::of::<tgan::TganDiscriminator>(),
    Member::of::<mlp::MlpDiscriminator>(),
    Member::of::<autoencoder::AutoencoderDiscriminator>(),
    Member::of::<maxout::MaxoutDiscriminator>(),
    Member::of::<patchgan::PatchganDiscriminator>(),
    Member::of::<layers::LayersDiscriminator>(),
];

/// The lines of `runner models`: an architecture has one, whether it has both networks or one of them.
pub fn entries() -> Vec<Entry> {
    let mut entries: Vec<_> = GENERATORS.members().iter().map(Member::entry).collect();
    for entry in DISCRIMINATORS.members().iter().map(Member::entry) {
        if entries.iter().all(|known| known.name != entry.name) {
            entries.push(entry);
        }
    }
    entries
}

/// A generator: settings, and the layers that they come to. Implemented by the struct of the settings, which is a member of
/// [`GENERATORS`] with `model.generator: { architecture: NAME, ... }`.
pub trait GeneratorDesign: Send + Sync {
    /// What `runner models` says of it; the name is that of [`Settings`].
    fn entry() -> Entry
    where
        Self: Sized;

    /// The layers from an input of this shape to samples of this shape, `[batch, channels, height, width]` both. The input is
    /// `[batch, inputs, 1, 1]`, numbers of the latent vector and whatever the conditioning adds, or, where the network
    /// [translates](Self::translates), samples. [`check`](Self::check) found nothing wrong with either. Weights start at 0
    /// here: [`Initialization`] draws them, each from a stream that is keyed by the place of its layer.
    fn layers(&self, input: [usize; 3], sample: [usize; 3], make: &Layers) -> Vec<Layer>;

    /// Numbers of noise that it takes after the `inputs`, normal with variance 1.
    fn noise(&self, _: [usize; 3]) -> usize {
        0
    }

    /// Share of the samples of an update that have two latent vectors, in [0, 1], of a network that takes
    /// [`GeneratorInput::mixing`](crate::GeneratorInput::mixing) after its noise.
    fn style_mixing(&self) -> f64 {
        0.0
    }

    /// How its weights start where the file does not say.
    fn initialization(&self) -> Initialization {
        Initialization::GlorotUniform {}
    }

    /// Changes weights that have been drawn by [`initialization`](Self::initialization).
    fn started(&self, network: Chain) -> Chain {
        network
    }

    /// Whether its weights are normalised by their largest singular values.
    fn spectral_norm(&self) -> bool {
        false
    }

    /// Whether its weights are equalised; see [`Layers`].
    fn is_equalized(&self) -> bool {
        false
    }

    /// Whether it makes points in the plane, too: samples without pixels and of any values.
    fn makes_points(&self) -> bool {
        false
    }

    /// Whether it makes videos, too, whose frames lie one below the other: [`Layers`] has their number.
    fn makes_videos(&self) -> bool {
        false
    }

    /// Whether its input can be samples, which it translates.
    fn translates(&self) -> bool {
        false
    }

    /// Why it cannot make such samples from an input of this shape; the path is that of a setting below `model.generator`.
    fn check(&self, _input: [usize; 3], _format: Format) -> Option<Problem> {
        None
    }
}

/// A discriminator: settings, and the layers that they come to. Implemented by the struct of the settings, which is a member of
/// [`DISCRIMINATORS`] with `model.discriminator: { architecture: NAME, ... }`.
pub trait DiscriminatorDesign: Send + Sync {
    /// What `runner models` says of it; the name is that of [`Settings`].
    fn entry() -> Entry
    where
        Self: Sized;

    /// The layers from samples of this shape, `[batch, channels, height, width]`, to their features. The shape is that of the
    /// data with the channels of all samples of a pack and those that a conditioning adds. A head that is not its own reads
    /// the logit from the features.
    fn body(&self, sample: [usize; 3], make: &Layers) -> Body;

    /// The layers from the features back to a sample, where the logit is minus the distance from it, the sample's energy.
    fn decoder(&self, _: [usize; 3], _: &Layers) -> Option<(Vec<Layer>, Distance)> {
        None
    }

    /// The layers from the features to a map of logits, `[batch, 1, height, width]`, one for each patch of a sample, and how many
    /// these are; a sample's logit is their mean. By default a dense layer reads one from all features.
    fn patches(&self, _: [usize; 3], _: &Layers) -> Option<(Vec<Layer>, usize)> {
        None
    }

    /// Whether it has [patches](Self::patches).
    fn has_patches(&self) -> bool {
        false
    }

    /// Whether it has a [decoder](Self::decoder).
    fn has_energies(&self) -> bool {
        false
    }

    /// How its weights start where the file does not say.
    fn initialization(&self) -> Initialization {
        Initialization::GlorotUniform {}
    }

    /// Whether its weights are equalised; see [`Layers`].
    fn is_equalized(&self) -> bool {
        false
    }

    /// Whether its weights are normalised by their largest singular values.
    fn spectral_norm(&self) -> bool {
        false
    }

    /// Whether it reads points in the plane, too: samples without pixels and of any values.
    fn reads_points(&self) -> bool {
        false
    }

    /// Whether it reads videos, too, whose frames lie one below the other: [`Layers`] has their number.
    fn reads_videos(&self) -> bool {
        false
    }

    /// Why it cannot read such samples through an input of this shape, that of [`body`](Self::body); the path is that of a
    /// setting below `model.discriminator`.
    fn check(&self, _format: Format, _input: [usize; 3]) -> Option<Problem> {
        None
    }

    /// Why it has no exact gradient of one sample's logit at that sample, and what to set instead.
    fn check_input_gradient(&self) -> Option<String> {
        None
    }
}

/// A discriminator without the layers that read its features.
pub struct Body {
    /// From samples to features.
    pub layers: Vec<Layer>,
    /// Numbers that the last layer gives for each sample.
    pub features: usize,
}

impl Family for dyn GeneratorDesign {
    const NAME: &'static str = "GeneratorConfig";
    const ABOUT: &'static str = "`run.model.generator`.";
    const TAG: &'static str = "architecture";
    const WRITES_WORDS: bool = false;
    type Entry = Entry;

    fn registry() -> &'static Registry<Self> {
        &GENERATORS
    }
}

impl Family for dyn DiscriminatorDesign {
    const NAME: &'static str = "DiscriminatorConfig";
    const ABOUT: &'static str = "`run.model.discriminator`.";
    const TAG: &'static str = "architecture";
    const WRITES_WORDS: bool = false;
    type Entry = Entry;

    fn registry() -> &'static Registry<Self> {
        &DISCRIMINATORS
    }
}

impl<S: Settings + GeneratorDesign> Holds<S> for dyn GeneratorDesign {
    fn hold(settings: S) -> Arc<Self> {
        Arc::new(settings)
    }

    fn entry() -> Entry {
        S::entry()
    }
}

impl<S: Settings + DiscriminatorDesign> Holds<S> for dyn DiscriminatorDesign {
    fn hold(settings: S) -> Arc<Self> {
        Arc::new(settings)
    }

    fn entry() -> Entry {
        S::entry()
    }
}

impl DefaultMember for dyn GeneratorDesign {
    fn default_member() -> GeneratorConfig {
        Choice::of(guide::GuideGenerator::default())
    }
}

impl DefaultMember for dyn DiscriminatorDesign {
    fn default_member() -> DiscriminatorConfig {
        Choice::of(guide::GuideDiscriminator::default())
    }
}

/// Why a generator cannot make such samples of that.
pub(crate) fn check_generator(design: &dyn GeneratorDesign, origin: Origin, format: Format) -> Option<Problem> {
    if matches!(origin, Origin::Samples(_)) && !design.translates() {
        let why = "starts from a latent vector, but the task translates samples";
        return Some(Problem::here(format!("{why}: set `model.generator: {{ architecture: unet }}`")));
    }
    if format.is_points() && !design.makes_points() {
        let why = "makes images, but the data set holds points in the plane";
        let advice = "set `model.generator: { architecture: mlp, output: linear }`";
        return Some(Problem::here(format!("{why}: {advice}")));
    }
    if format.frames() > 1 && !design.makes_videos() {
        let why = "makes images, but the data set holds videos";
        return Some(Problem::here(format!("{why}: set `model.generator: {{ architecture: tgan }}`")));
    }
    design.check(origin.shape(), format)
}

/// Why a discriminator cannot read such samples; `input` is the shape of its input, a pack with planes of classes.
pub(crate) fn check_discriminator(
    design: &dyn DiscriminatorDesign,
    format: Format,
    input: [usize; 3],
) -> Option<Problem> {
    if format.is_points() && !design.reads_points() {
        let why = "reads images, but the data set holds points in the plane";
        return Some(Problem::here(format!("{why}: set `model.discriminator: {{ architecture: mlp }}`")));
    }
    if format.frames() > 1 && !design.reads_videos() {
        let why = "reads images, but the data set holds videos";
        return Some(Problem::here(format!("{why}: set `model.discriminator: {{ architecture: tgan }}`")));
    }
    design.check(format, input)
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// A side after it was halved so many times, rounded up each time. A side of 1 stays as it is.
fn halved(side: usize, times: u32) -> usize {
    side.div_ceil(1 << times)
}

/// The smallest height and width that can be halved so many times without a remainder and hold such samples. An axis of length
/// 1, as of sounds, is not halved.
fn divisible([_, height, width]: [usize; 3], times: u32) -> [usize; 2] {
    [height, width].map(|side| if side == 1 { 1 } else { halved(side, times) << times })
}

/// So many pixels along each axis of such samples but those of length 1: a kernel, a stride, a factor.
fn along([_, height, width]: [usize; 3], pixels: usize) -> [usize; 2] {
    [height, width].map(|side| if side == 1 { 1 } else { pixels })
}

/// How often a sample is halved: twice at least, and as often as it takes to maps below 8 pixels along the shorter axis. An
/// axis of length 1 does not count.
fn halvings([_, height, width]: [usize; 3]) -> u32 {
    let shorter = [height, width].into_iter().filter(|side| *side > 1).min().unwrap_or(1);
    (2..).find(|halvings| halved(shorter, *halvings) < 8).expect("halving comes to an end")
}

/// Why a network of so many `channels`, of at most `most`, for images of this shape cannot be.
fn check_channels(channels: usize, most: usize, image: [usize; 3]) -> Option<Problem> {
    if !(1..=most).contains(&channels) {
        return Some(Problem::at("channels", format!("must be within 1 and {most}")));
    }
    smallest(image, 4)
}

/// Why images of this shape are too small for a network that needs `side` pixels each way; sounds and the like, which have one
/// axis, need as many along that.
fn smallest([_, height, width]: [usize; 3], side: usize) -> Option<Problem> {
    let fits = |length: usize| length == 1 || length >= side;
    (!fits(height) || !fits(width) || height * width == 1).then(|| {
        let needs = format!("makes images of at least {side} x {side} pixels");
        Problem::here(format!("{needs}; the data set's are {height} x {width}"))
    })
}
