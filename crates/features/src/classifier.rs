//! Small classifiers of 28 x 28 images and of short sounds: features are the layer before the last.

use crate::extractor::{Extracted, Extractor, FeatureError, Rows};
use crate::teach::{self, Labelled, Lesson, likeliest, trained};
use crate::{network_input, weights};
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Initializer, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor};
use samples::Format;

/// Features of a channel.
const WIDTH: usize = 64;
/// Pixels along the images.
pub(crate) const SIDE: usize = 28;
/// Numbers a second of the sounds.
const RATE: u32 = 8_000;

/// Changes whenever the network below computes something else from the same weights.
const OF_IMAGES: &str = "classifier 1: 3x3 convolutions 16, 32, 64, each ReLU and 2x2 maximum; dense 64 ReLU; dense 10";
/// The same for sounds, with what is made of them.
const OF_SOUNDS: &str = "classifier of sounds 1: loudness of 32 bands in 32 parts of the time, as of `spectrum`, from -1 to 1; 3x3 \
    convolutions 16, 32, 64, each ReLU and 2x2 maximum; dense 64 ReLU; dense";

/// Of digits, made for `mnist-10k`. Sees three digits in the channels of an image one by one.
pub(crate) static DIGITS: Classifier = Classifier {
    name: "digits",
    about: "64 features a channel of a classifier of digits",
    weights: include_bytes!("../weights/digits.f32"),
    of: Kind::Images { most_channels: 3 },
    wanted: "1 x 28 x 28 or 3 x 28 x 28 images",
    classes: 10,
    data: r#"{ "name": "mnist-10k" }"#,
    epochs: 24,
};

/// Of clothes, made for `fashion-mnist`.
pub(crate) static FASHION: Classifier = Classifier {
    name: "fashion",
    about: "64 features of a classifier of clothes",
    weights: include_bytes!("../weights/fashion.f32"),
    of: Kind::Images { most_channels: 1 },
    wanted: "1 x 28 x 28 images",
    classes: 10,
    data: r#"{ "name": "fashion-mnist" }"#,
    epochs: 9,
};

/// Of drums, made for `drums`.
pub(crate) static DRUMS: Classifier = Classifier {
    name: "drums",
    about: "64 features of a classifier of drums, of sounds at 8,000 Hz",
    weights: include_bytes!("../weights/drums.f32"),
    of: Kind::Sounds { length: 4_096 },
    wanted: "sounds of one channel at 8,000 Hz",
    classes: 6,
    data: r#"{ "name": "drums" }"#,
    epochs: 300,
};

/// Of spoken digits, made for the words of `scripts/make_speech.py`.
pub(crate) static WORDS: Classifier = Classifier {
    name: "words",
    about: "64 features of a classifier of spoken digits in five languages, of sounds at 8,000 Hz",
    weights: include_bytes!("../weights/words.f32"),
    of: Kind::Sounds { length: 8_192 },
    wanted: "sounds of one channel at 8,000 Hz",
    classes: 10,
    data: r#"{ "name": "wav-folder", "path": "speech-words/train", "test": "speech-words/test", "rate": 8000, "length": 8192 }"#,
    epochs: 60,
};

/// A classifier with its weights.
pub struct Classifier {
    name: &'static str,
    about: &'static str,
    weights: &'static [u8],
    of: Kind,
    wanted: &'static str,
    classes: usize,
    /// The data set that it is trained on, as in an experiment file.
    pub data: &'static str,
    /// Passes over the data that its weights are made in.
    pub epochs: usize,
}

/// What it tells apart.
enum Kind {
    /// Images of 28 x 28, a channel at a time where there are as many as this.
    Images { most_channels: usize },
    /// Sounds at [`RATE`], of which so many numbers are heard.
    Sounds { length: usize },
}

impl Classifier {
    /// Every classifier.
    pub const ALL: [&'static Self; 4] = [&DIGITS, &FASHION, &DRUMS, &WORDS];

    /// Trains it from random weights on `data`, whose format it takes. `report` gets each epoch's number, from 1, and its mean
    /// loss. Returns the bytes of its weights.
    pub fn teach(&self, data: &Labelled, report: impl FnMut(usize, f64)) -> Vec<u8> {
        weights::save(&trained(&self.lesson(data), self.classes, self.epochs, &Device::flex(), report))
    }

    /// Share of `data` whose likeliest class is the right one; `None` if the bytes are no weights of it.
    pub fn accuracy(&self, bytes: &[u8], data: &Labelled) -> Option<f64> {
        let (lesson, device) = (self.lesson(data), Device::flex());
        let network = weights::load(Network::new(lesson.shape, self.classes, &device), bytes)?;
        let found = likeliest(&network, &lesson.images, lesson.shape, &device);
        let right = found.iter().zip(lesson.classes).filter(|(found, class)| found == class).count();
        Some(right as f64 / found.len() as f64)
    }

    fn lesson<'a>(&self, data: &'a Labelled) -> Lesson<'a> {
        Lesson { images: self.shown(&data.samples, data.format), shape: self.shape(), classes: &data.classes }
    }

    /// What its network is shown of samples.
    fn shown(&self, samples: &[f32], format: Format) -> Vec<f32> {
        match self.of {
            Kind::Images { .. } => samples.to_vec(),
            Kind::Sounds { length } => {
                let whole = Format::Audio { channels: 1, length, rate: RATE };
                network_input::of(&network_input::fitted(samples, format.values(), length), whole)
            }
        }
    }

    /// Of an image that its network is shown.
    fn shape(&self) -> [usize; 3] {
        match self.of {
            Kind::Images { .. } => [1, SIDE, SIDE],
            Kind::Sounds { .. } => [1, network_input::SIDE, network_input::SIDE],
        }
    }
}

impl Extractor for Classifier {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn hash(&self) -> String {
        let definition = match self.of {
            Kind::Images { .. } => OF_IMAGES,
            Kind::Sounds { .. } => OF_SOUNDS,
        };
        let mut hasher = blake3::Hasher::new();
        hasher.update(definition.as_bytes()).update(self.weights);
        format!("blake3:{}", hasher.finalize().to_hex())
    }

    fn width(&self, format: Format) -> Result<usize, FeatureError> {
        match (&self.of, format) {
            (Kind::Images { most_channels }, Format::Image([channels, SIDE, SIDE]))
                if channels == 1 || channels == *most_channels =>
            {
                Ok(channels * WIDTH)
            }
            (Kind::Sounds { .. }, Format::Audio { channels: 1, rate: RATE, .. }) => Ok(WIDTH),
            (_, found) => Err(FeatureError::Format { extractor: self.name, wanted: self.wanted, found }),
        }
    }

    fn extract(&self, samples: Tensor<4>, _: Format) -> Extracted {
        let ([count, channels, height, width], device) = (samples.dims(), samples.device());
        let shape = self.shape();
        let network = Network::new(shape, self.classes, &device);
        let network = weights::load(network, self.weights).expect("the embedded weights are this network's");
        let images = match self.of {
            Kind::Images { .. } => samples.reshape([count * channels, 1, height, width]),
            Kind::Sounds { .. } => {
                let format = Format::Audio { channels, length: width, rate: RATE };
                let sounds: Vec<f32> = samples.into_data().iter().collect();
                teach::tensor(self.shown(&sounds, format), shape, &device)
            }
        };
        let features = network.features(images);
        let logits = network.classify(features.clone());
        let classes = Rows::of(logits.clone().argmax(1).float().reshape([count, channels]));
        Extracted {
            features: Rows::of(features.reshape([count, channels * WIDTH])),
            probabilities: (channels == 1).then(|| Rows::of(softmax(logits, 1))),
            classes: Some(classes),
        }
    }
}

#[derive(Module, Debug)]
pub(crate) struct Network {
    first: Conv2d,
    second: Conv2d,
    third: Conv2d,
    dense: Linear,
    last: Linear,
}

impl Network {
    /// Rows and columns of an image at least: three times halved, one is left.
    pub(crate) const LEAST_SIDE: usize = 8;

    /// With all weights zero, for images of a shape.
    pub(crate) fn new([channels, height, width]: [usize; 3], classes: usize, device: &Device) -> Self {
        let convolution = |from, to| {
            let layer = Conv2dConfig::new([from, to], [3, 3]).with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1));
            layer.with_initializer(Initializer::Zeros).init(device)
        };
        let dense = |from, to| LinearConfig::new(from, to).with_initializer(Initializer::Zeros).init(device);
        Self {
            first: convolution(channels, 16),
            second: convolution(16, 32),
            third: convolution(32, 64),
            dense: dense(64 * (height / 8) * (width / 8), WIDTH),
            last: dense(WIDTH, classes),
        }
    }

    /// `[count, channels, height, width]` to `[count, 64]`, none negative.
    pub(crate) fn features(&self, images: Tensor<4>) -> Tensor<2> {
        let half = |x| max_pool2d(x, MaxPoolOptions::new([2, 2]));
        let x = half(relu(self.first.forward(images)));
        let x = half(relu(self.second.forward(x)));
        let x = half(relu(self.third.forward(x)));
        relu(self.dense.forward(x.flatten(1, 3)))
    }

    /// `[count, 64]` to logits, `[count, classes]`.
    pub(crate) fn classify(&self, features: Tensor<2>) -> Tensor<2> {
        self.last.forward(features)
    }
}
