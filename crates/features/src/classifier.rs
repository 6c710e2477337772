//! Small classifiers of 28 x 28 images: features are the layer before the last.

use crate::extractor::{Extracted, Extractor, FeatureError, Rows};
use crate::weights;
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
pub(crate) const CLASSES: usize = 10;
pub(crate) const SIDE: usize = 28;

/// Changes whenever the network below computes something else from the same weights.
const DEFINITION: &str =
    "classifier 1: 3x3 convolutions 16, 32, 64, each ReLU and 2x2 maximum; dense 64 ReLU; dense 10";

/// Of digits, made for `mnist-10k`. Sees three digits in the channels of an image one by one.
pub(crate) static DIGITS: Classifier = Classifier {
    name: "digits",
    about: "64 features a channel of a classifier of digits",
    weights: include_bytes!("../weights/digits.f32"),
    wanted: "1 x 28 x 28 or 3 x 28 x 28 images",
    most_channels: 3,
    data: "mnist-10k",
    epochs: 24,
};

/// Of clothes, made for `fashion-mnist`.
pub(crate) static FASHION: Classifier = Classifier {
    name: "fashion",
    about: "64 features of a classifier of clothes",
    weights: include_bytes!("../weights/fashion.f32"),
    wanted: "1 x 28 x 28 images",
    most_channels: 1,
    data: "fashion-mnist",
    epochs: 9,
};

/// A classifier with its weights.
pub struct Classifier {
    name: &'static str,
    about: &'static str,
    weights: &'static [u8],
    wanted: &'static str,
    most_channels: usize,
    /// The data set that it is trained on.
    pub data: &'static str,
    /// Passes over the data that its weights are made in.
    pub epochs: usize,
}

impl Classifier {
    /// Every classifier.
    pub const ALL: [&'static Self; 2] = [&DIGITS, &FASHION];
}

impl Extractor for Classifier {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(DEFINITION.as_bytes()).update(self.weights);
        format!("blake3:{}", hasher.finalize().to_hex())
    }

    fn width(&self, format: Format) -> Result<usize, FeatureError> {
        match format {
            Format::Image([channels, SIDE, SIDE]) if channels == 1 || channels == self.most_channels => {
                Ok(channels * WIDTH)
            }
            found => Err(FeatureError::Format { extractor: self.name, wanted: self.wanted, found }),
        }
    }

    fn extract(&self, images: Tensor<4>, _: Format) -> Extracted {
        let [count, channels, height, width] = images.dims();
        let network = Network::new([1, SIDE, SIDE], CLASSES, &images.device());
        let network = weights::load(network, self.weights).expect("the embedded weights are this network's");
        let features = network.features(images.reshape([count * channels, 1, height, width]));
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
