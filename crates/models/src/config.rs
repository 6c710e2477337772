//! `run.model` of the experiment file.

use crate::architecture::{MAX_WIDTH, Origin, check_discriminator, check_generator};
use crate::augmentation;
use crate::conditioning::{self, ClassInput};
use crate::discriminator::Parts;
use crate::initialization::Start;
use crate::loss::Formula;
use crate::packing::packed_shape;
use crate::task::{AnyNetworks, Game, Generation, TaskConfig};
use crate::word::{kind_or_map, kind_or_map_schema};
use crate::{
    AugmentationConfig, ConditioningConfig, Discriminator, DiscriminatorConfig, Domain, Generator, GeneratorConfig,
    GeneratorInput, Initialization, LatentConfig, LossConfig, Minibatch, Penalties, Representation, Stream, Weights,
};
use ::samples::Format;
use burn::tensor::{Device, Tensor, TensorData};
use family::{Problem, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// Images in a pack; PacGAN goes up to 4.
const MAX_PACKED: usize = 64;

/// A GAN: its task, networks, loss, penalties and generator input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ModelConfig {
    /// The preset that the other keys lie upon; a name, without effect of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::preset::schema")]
    pub preset: Option<String>,
    /// What the networks learn from one another.
    #[serde(skip_serializing_if = "is_generation")]
    pub task: TaskConfig,
    /// Latent vectors to images.
    pub generator: GeneratorConfig,
    /// Images to logits.
    pub discriminator: DiscriminatorConfig,
    /// The generator's input.
    pub latent: LatentConfig,
    /// How the networks are conditioned on classes or codes: `none`, a word or a map with `kind`.
    #[serde(skip_serializing_if = "conditioning::is_none")]
    pub conditioning: ConditioningConfig,
    /// The adversarial loss: a word, or a map with `kind` for one that has settings.
    pub loss: LossConfig,
    /// What keeps the networks, the discriminator's slope above all, in bounds: `none`, one penalty or a list of them.
    #[serde(skip_serializing_if = "Penalties::is_empty")]
    pub penalty: Penalties,
    /// What the networks make and see of a sample: `samples`, or the `spectrogram` of a sound.
    #[serde(skip_serializing_if = "Representation::is_samples")]
    pub representation: Representation,
    /// What shows the discriminator how varied a batch is: `none`, `standard_deviation` or `discrimination`.
    #[serde(skip_serializing_if = "Minibatch::is_none")]
    pub minibatch: Minibatch,
    /// Images that the discriminator sees at once, all real or all generated (PacGAN: Lin et al. 2018, arXiv 1712.04086).
    #[serde(skip_serializing_if = "is_one")]
    pub packing: usize,
    /// What happens to all images before the discriminator sees them: `none`, `diff_augment`, `adaptive`, or a map.
    #[serde(skip_serializing_if = "augmentation::is_none")]
    pub augmentation: AugmentationConfig,
    /// How the weights of both networks start; by default as each architecture's paper has it.
    #[serde(deserialize_with = "some_kind_or_map", skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "kind_or_map_schema::<Initialization>")]
    pub initialization: Option<Initialization>,
    /// A file with the weights that the networks start from, instead of drawn ones: a safetensors file, as
    /// `runner export --weights` writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<Weights>,
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self {
            preset: None,
            task: TaskConfig::default(),
            generator: GeneratorConfig::default(),
            discriminator: DiscriminatorConfig::default(),
            latent: LatentConfig::default(),
            conditioning: ConditioningConfig::default(),
            loss: LossConfig::default(),
            penalty: Penalties::default(),
            representation: Representation::default(),
            minibatch: Minibatch::default(),
            packing: 1,
            augmentation: AugmentationConfig::default(),
            initialization: None,
            weights: None,
        }
    }
}

fn is_one(value: &usize) -> bool {
    *value == 1
}

fn is_generation(task: &TaskConfig) -> bool {
    task.name() == Generation::NAME
}

fn some_kind_or_map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Initialization>, D::Error> {
    kind_or_map(deserializer).map(Some)
}

impl ModelConfig {
    /// Builds the task's networks with the initial weights of `seed`. Check the configuration first.
    pub fn init(&self, domain: impl Into<Domain>, seed: u64, device: &Device) -> Box<dyn AnyNetworks> {
        self.task.init(self, domain.into(), seed, device)
    }

    /// The generator with the initial weights of `seed`.
    pub fn init_generator(&self, domain: impl Into<Domain>, seed: u64, device: &Device) -> Generator {
        let domain = domain.into();
        let start = Start { distribution: self.initialization, seed, device };
        let layer = self.representation.layer(domain.output, device);
        let input = [self.inputs(&domain), 1, 1];
        Generator::new(&*self.generator, input, self.made(&domain), "generator", start).with_spectrogram(layer)
    }

    /// The discriminator with the initial weights of `seed`.
    pub fn init_discriminator(&self, domain: impl Into<Domain>, seed: u64, device: &Device) -> Discriminator {
        let start = Start { distribution: self.initialization, seed, device };
        let domain = domain.into();
        Discriminator::new(self.parts(self.made(&domain).shape(), &domain), "discriminator", start)
    }

    /// A generator from samples to samples; its initial weights follow from the name, too.
    pub(crate) fn init_translator(&self, [from, to]: [Format; 2], name: &str, seed: u64, device: &Device) -> Generator {
        let start = Start { distribution: self.initialization, seed, device };
        Generator::new(&*self.generator, from.shape(), to, name, start)
    }

    /// A discriminator of samples of that shape, without classes.
    pub(crate) fn init_judge(&self, judged: [usize; 3], name: &str, seed: u64, device: &Device) -> Discriminator {
        let start = Start { distribution: self.initialization, seed, device };
        Discriminator::new(self.parts(judged, &Domain::from(judged)), name, start)
    }

    /// What the generator translates; `None` where it starts from latent vectors.
    pub fn source(&self, domain: &Domain) -> Option<Format> {
        match self.task.games(self, domain).first()?.origin {
            Origin::Samples(format) => Some(format),
            Origin::Latent(_) => None,
        }
    }

    /// The generator and the discriminator of samples that are made of latent vectors.
    pub fn generation(&self, domain: &Domain) -> Game {
        let (origin, makes) = (Origin::Latent(self.inputs(domain)), self.made(domain));
        Game { origin, makes, judged: makes.shape() }
    }

    /// What the networks make and see of such samples.
    pub(crate) fn made(&self, domain: &Domain) -> Format {
        self.representation.of(domain.output)
    }

    /// Numbers that the generator starts from, but for its noise.
    fn inputs(&self, domain: &Domain) -> usize {
        self.latent.dim + self.conditioning.classes(domain) + self.conditioning.factors()
    }

    fn parts(&self, judged: [usize; 3], domain: &Domain) -> Parts<'_> {
        Parts {
            design: &*self.discriminator,
            pack: packed_shape(judged, self.packing),
            frames: self.made(domain).frames(),
            classes: self.conditioning.classes(domain),
            class_input: self.conditioning.class_input(),
            head: self.conditioning.head(domain),
            minibatch: self.minibatch,
        }
    }

    /// Draws what the generator makes `count` images of that shape from. `labels` are classes of the images,
    /// `[count, classes]`; a conditioning by the data's classes needs them, one with categories of its own draws them if
    /// there are none.
    pub fn generator_input(
        &self,
        image: [usize; 3],
        count: usize,
        labels: Option<Tensor<2>>,
        stream: &mut Stream,
        device: &Device,
    ) -> GeneratorInput {
        self.generator_input_of(self.latent.draw(count, stream, device), image, labels, stream)
    }

    /// The same for an update: a style network gets other latent vectors for a share of the samples, as its design has it.
    pub fn update_input(
        &self,
        image: [usize; 3],
        count: usize,
        labels: Option<Tensor<2>>,
        stream: &mut Stream,
        device: &Device,
    ) -> GeneratorInput {
        let input = self.generator_input(image, count, labels, stream, device);
        let share = self.generator.style_mixing();
        if share == 0.0 {
            return input;
        }
        let others = self.latent.draw(count, stream, device);
        let (chances, places) = (stream.uniforms(count, 0.0, 1.0), stream.uniforms(count, 0.0, 1.0));
        let place = |(chance, place): (f32, f32)| if f64::from(chance) < share { place } else { 1.0 };
        let places: Vec<f32> = chances.into_iter().zip(places).map(place).collect();
        let places = Tensor::from_data(TensorData::new(places, [count, 1]), device);
        GeneratorInput { mixing: Some(Tensor::cat(vec![others, places], 1)), ..input }
    }

    /// The same of these latents, `[count, latent]`.
    pub fn generator_input_of(
        &self,
        latent: Tensor<2>,
        image: [usize; 3],
        labels: Option<Tensor<2>>,
        stream: &mut Stream,
    ) -> GeneratorInput {
        let (count, device) = (latent.dims()[0], latent.device());
        let input = self.conditioning.input(latent, labels, stream);
        let noise = self.generator.noise(self.representation.shape(image));
        let mut draw = || TensorData::new(stream.normals(count * noise, 1.0), [count, noise]);
        GeneratorInput { noise: (noise > 0).then(|| Tensor::from_data(draw(), &device)), ..input }
    }

    /// What is wrong with the settings for such data; paths are below `model`.
    pub fn check(&self, domain: impl Into<Domain>) -> Vec<Problem> {
        let domain = domain.into();
        let mut problems = Vec::new();
        if self.latent.dim == 0 {
            problems.push(Problem::at("latent.dim", "a latent vector needs at least 1 number"));
        } else if self.latent.dim > MAX_WIDTH {
            problems.push(Problem::at("latent.dim", format!("a latent vector has at most {MAX_WIDTH} numbers")));
        }
        if !(1..=MAX_PACKED).contains(&self.packing) {
            problems.push(Problem::at("packing", format!("a pack has 1 to {MAX_PACKED} images")));
        }
        for game in self.task.games(self, &domain) {
            for problem in self.check_networks(game, &domain) {
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
        problems.extend(self.task.check(self, &domain).into_iter().map(|problem| problem.below("task")));
        problems
    }

    /// What is wrong with the generator and the discriminator, and with what trains them.
    fn check_networks(&self, Game { origin, makes, judged }: Game, domain: &Domain) -> Vec<Problem> {
        let generator = check_generator(&*self.generator, origin, makes);
        let discriminator = check_discriminator(&*self.discriminator, makes, self.parts(judged, domain).input());
        let of_features = match (self.is_of_energies(), self.discriminator.has_patches()) {
            (true, _) => Some("an `autoencoder` makes images of its features, which says nothing of a batch"),
            (_, true) => {
                Some("the discriminator reads its logits from parts of a sample, which say nothing of a batch")
            }
            _ => None,
        };
        let minibatch = of_features.filter(|_| !self.minibatch.is_none());
        let minibatch = minibatch.map(|why| Problem::here(format!("{why}: set `model.minibatch: none`")));
        let representation = self.representation.check(domain.output).or_else(|| {
            let is_refused = matches!(origin, Origin::Samples(_)) && !self.representation.is_samples();
            is_refused
                .then(|| "the task translates samples as they are: set `model.representation: samples`".to_owned())
        });
        let representation = representation.map(Problem::here);
        let found = [
            ("representation", representation.into_iter().collect()),
            ("generator", generator.into_iter().collect()),
            ("discriminator", discriminator.into_iter().collect()),
            ("minibatch", minibatch.into_iter().collect()),
            ("loss", self.check_loss()),
            ("conditioning", self.check_conditioning(origin, domain)),
            ("augmentation", self.check_augmentation(makes)),
            ("initialization", self.check_initialization().into_iter().collect()),
            ("penalty", self.check_penalty()),
        ];
        found.into_iter().flat_map(|(key, problems)| problems.into_iter().map(|problem| problem.below(key))).collect()
    }

    fn check_loss(&self) -> Vec<Problem> {
        let mut problems = self.loss.check();
        if self.loss.needs_energies() && !self.is_of_energies() {
            let name = self.loss.name();
            let message = format!("`{name}` needs energies: set `model.discriminator.architecture: autoencoder`");
            problems.push(Problem::here(message));
        }
        problems
    }

    /// The logit above which the discriminator takes an image for a real one; none where logits only compare images, as
    /// energies do.
    pub(crate) fn threshold(&self) -> Option<f32> {
        self.loss.threshold().filter(|_| !self.is_of_energies())
    }

    fn check_augmentation(&self, makes: Format) -> Vec<Problem> {
        let mut problems = self.augmentation.check();
        if makes.frames() > 1 && !augmentation::is_none(&self.augmentation) {
            let why = format!("`{}` would move what one frame shows to another", self.augmentation.name());
            problems.push(Problem::here(format!("{why}: set `model.augmentation: none` for videos")));
        }
        if self.augmentation.needs_threshold() && self.threshold().is_none() {
            let (name, loss) = (self.augmentation.name(), self.loss.name());
            let (why, remedy) = match (self.is_of_energies(), loss) {
                (true, _) => {
                    ("an `autoencoder`'s logits are energies, which have none".to_owned(), "another discriminator")
                }
                (_, Formula::NAME) => (format!("`{loss}` says none"), "the loss's `threshold`"),
                _ => (format!("under `{loss}` logits only compare images"), "a loss such as `non_saturating`"),
            };
            let needs = format!("`{name}` needs a logit above which images look real, and {why}");
            problems.push(Problem::here(format!("{needs}: set `model.augmentation: diff_augment`, or {remedy}")));
        }
        problems
    }

    /// Whether logits are energies.
    fn is_of_energies(&self) -> bool {
        self.discriminator.has_energies()
    }

    fn check_conditioning(&self, origin: Origin, domain: &Domain) -> Vec<Problem> {
        let mut problems = self.conditioning.check();
        let name = self.conditioning.name();
        if matches!(origin, Origin::Samples(_)) && !conditioning::is_none(&self.conditioning) {
            let why = format!("`{name}` is for samples of latent vectors, and the task translates samples");
            problems.push(Problem::here(format!("{why}: set `model.conditioning: none`")));
        }
        if self.conditioning.is_by_class() && domain.classes.is_none() {
            let why = format!("`{name}` needs classes, and the data set has no labels");
            let remedy = "set `model.conditioning: none`, or `info`, which finds categories of its own";
            problems.push(Problem::here(format!("{why}: {remedy}")));
        }
        if !conditioning::is_none(&self.conditioning) && self.packing > 1 {
            let message = format!("`{name}` is of single images, not of packs: set `model.packing: 1`");
            problems.push(Problem::here(message));
        }
        if self.is_of_energies() && self.conditioning.class_input() == ClassInput::Projection {
            let why = format!("`{name}` adds to a logit, but an `autoencoder`'s is an energy");
            let remedy = "set `model.conditioning: concat`, or another discriminator";
            problems.push(Problem::here(format!("{why}: {remedy}")));
        }
        if self.discriminator.has_patches() && self.conditioning.class_input() == ClassInput::Projection {
            let why =
                format!("`{name}` adds to the logit of a sample, but the discriminator has one for each part of it");
            let remedy = "set `model.conditioning: concat`, or another discriminator";
            problems.push(Problem::here(format!("{why}: {remedy}")));
        }
        problems
    }

    fn check_initialization(&self) -> Option<Problem> {
        let distribution = self.initialization?;
        if self.generator.is_equalized() || self.discriminator.is_equalized() {
            let message = "an equalised learning rate asks for unit normal weights: leave `initialization` out";
            return Some(Problem::here(message));
        }
        distribution.check()
    }

    fn check_penalty(&self) -> Vec<Problem> {
        let mut problems = self.penalty.check();
        if let Some(penalty) = self.penalty.0.iter().find(|penalty| penalty.on_gradient().is_some())
            && let Some(why) = self.discriminator.check_input_gradient()
        {
            let message = format!("`{}` needs the gradient at each image, but {why}", penalty.name());
            problems.push(Problem::here(message));
        }
        if self.discriminator.spectral_norm()
            && let Some(penalty) = self.penalty.0.iter().find(|penalty| penalty.bounds_weights())
        {
            let why = "cannot bound weights that are divided by their largest singular value";
            let why = format!("`{}` {why}", penalty.name());
            let remedy = "set `model.discriminator.spectral_norm: false`, or another penalty";
            problems.push(Problem::here(format!("{why}: {remedy}")));
        }
        problems
    }
}
