//! A generator with the numbers open that its samples follow from: for edits, and to be differentiated by them.

use crate::GeneratorInput;
use crate::layer::{Chain, Layer, PerFrame, Resample, Skip, StyleNetwork};
use crate::ops;
use burn::tensor::Tensor;

/// Which numbers a sample follows from are edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// The latent vectors, often called Z.
    Latent,
    /// The styles that a mapping network makes of them, called W (Karras et al. 2019, arXiv 1812.04948).
    Style,
    /// The latent vector of a video as the network sees it that makes each frame: the same for all frames. The path of motion, which
    /// another network makes of the latent vector, stays that of the sample.
    Frame,
}

/// A generator from codes to samples, off the tape: only a code that is on it is differentiated by. Codes are `[batch, codes]`:
/// styles of a generator that has them, else latent vectors.
#[derive(Debug)]
pub struct Editable {
    parts: Parts,
}

/// A generator's layers, apart where codes enter.
#[derive(Debug)]
enum Parts {
    Whole(Chain),
    Styles { network: StyleNetwork, behind: Chain },
    Frames { each: Resample, motion: Skip, image: PerFrame },
}

impl Editable {
    /// Of a generator's layers with weights as they act ([`AnySampler::folded`](crate::task::AnySampler::folded)).
    pub fn new(layers: Chain) -> Self {
        let parts = match &layers.layers[..] {
            [Layer::Style(network), behind @ ..] => {
                Parts::Styles { network: network.clone(), behind: Chain::new(behind.to_vec()) }
            }
            [Layer::Resample(each), Layer::Skip(motion), Layer::PerFrame(image)] => {
                Parts::Frames { each: each.clone(), motion: motion.clone(), image: image.clone() }
            }
            _ => Parts::Whole(layers),
        };
        Self { parts }
    }

    /// Which numbers its codes are.
    pub fn space(&self) -> Space {
        match &self.parts {
            Parts::Whole(_) => Space::Latent,
            Parts::Styles { .. } => Space::Style,
            Parts::Frames { .. } => Space::Frame,
        }
    }

    /// The codes of inputs.
    pub fn codes(&self, input: &GeneratorInput) -> Tensor<2> {
        match &self.parts {
            Parts::Styles { network, .. } => network.style_of(&input.clone().numbers()),
            Parts::Whole(_) | Parts::Frames { .. } => input.latent.clone(),
        }
    }

    /// Samples `[batch, channels, height, width]` of codes, with classes, noise and further numbers of the input; of a video also
    /// with its motion.
    pub fn samples(&self, codes: Tensor<2>, input: &GeneratorInput) -> Tensor<4> {
        match &self.parts {
            Parts::Whole(layers) => layers.forward(upright(with_latent(input, codes).numbers())),
            Parts::Styles { network, behind } => behind.forward(network.of_style(&input.clone().numbers(), codes)),
            Parts::Frames { each, motion, image } => image.forward(of_frames(each, motion, codes, input)),
        }
    }

    /// What the first layer makes of a code, `[codes, outputs]`, for codes of so many numbers; of styles, what all layers do that get
    /// them; of a video, what the first layer does that makes a frame. `None` if the first layer is no matrix.
    pub fn weight(&self, codes: usize) -> Option<Tensor<2>> {
        let layers = match &self.parts {
            Parts::Styles { network, .. } => return Some(network.affine_weights()),
            Parts::Whole(layers) => layers,
            Parts::Frames { image, .. } => &image.chain,
        };
        match layers.layers.iter().find(|layer| !matches!(layer, Layer::View(_)))? {
            Layer::Dense(layer) => Some(layer.weight.val().narrow(0, 0, codes)),
            Layer::TransposedConvolution(layer) => {
                // `[in, out, height, width]`, of a code that is one pixel.
                let weight = layer.weight.val();
                let [inputs, ..] = weight.dims();
                (inputs >= codes).then(|| weight.flatten::<2>(1, 3).narrow(0, 0, codes))
            }
            _ => None,
        }
    }

    /// What is there behind the first layer, its normalisation and its activation, `[batch, features]`; of styles, the styles; of a
    /// video, the mean over its frames.
    pub fn activations(&self, input: &GeneratorInput) -> Tensor<2> {
        match &self.parts {
            Parts::Whole(layers) => first_of(layers).forward(upright(input.clone().numbers())).flatten(1, 3),
            Parts::Styles { .. } => self.codes(input),
            Parts::Frames { each, motion, image } => {
                let (frames, chain) = (image.frames, first_of(&image.chain));
                let made = PerFrame { frames, chain }.forward(of_frames(each, motion, input.latent.clone(), input));
                let [batch, channels, rows, width] = made.dims();
                made.reshape([batch, channels, frames, rows / frames * width]).mean_dim(2).flatten(1, 3)
            }
        }
    }
}

/// The first layer with weights, and what follows it until the second.
fn first_of(chain: &Chain) -> Chain {
    let has_weights = |layer: &Layer| {
        matches!(
            layer,
            Layer::Dense(_)
                | Layer::Convolution(_)
                | Layer::TransposedConvolution(_)
                | Layer::Residual(_)
                | Layer::Skip(_)
                | Layer::SelfAttention(_)
        )
    };
    let first = chain.layers.iter().position(has_weights).unwrap_or_default();
    let second = chain.layers.iter().skip(first + 1).position(has_weights);
    let end = second.map_or(chain.layers.len(), |second| first + 1 + second);
    Chain::new(chain.layers[..end].to_vec())
}

/// What the network of frames gets: the codes and further numbers, the same for each frame, and each frame's numbers of motion,
/// which follow from the input.
fn of_frames(each: &Resample, motion: &Skip, codes: Tensor<2>, input: &GeneratorInput) -> Tensor<4> {
    let numbers = |input: GeneratorInput| each.forward(upright(input.numbers()));
    let path = motion.branch.forward(numbers(input.clone()));
    ops::beside(numbers(with_latent(input, codes)), path)
}

fn with_latent(input: &GeneratorInput, latent: Tensor<2>) -> GeneratorInput {
    GeneratorInput { latent, ..input.clone() }
}

/// `[batch, numbers]` to `[batch, numbers, 1, 1]`.
fn upright(numbers: Tensor<2>) -> Tensor<4> {
    let [batch, count] = numbers.dims();
    numbers.reshape([batch, count, 1, 1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layers;
    use crate::{Initialization, Stream};
    use burn::module::Param;
    use burn::tensor::{Device, TensorData};
    use samples::Format;

    const LATENT: usize = 5;

    /// A generator of clips of four frames with random weights, of both kinds of motion.
    fn generator(motion: &str) -> Chain {
        let device = Device::flex();
        let settings = format!(r#"{{"architecture": "tgan", "channels": 4, "motion": "{motion}", "motion_dim": 3}}"#);
        let config: crate::GeneratorConfig = serde_json::from_str(&settings).unwrap();
        let format = Format::Video { frames: 4, image: [1, 16, 16], fps: 8 };
        let make = Layers { device: &device, spectral_norm: false, equalized: false, frames: 4 };
        let layers = config.layers([LATENT, 1, 1], format.shape(), &make);
        Initialization::GlorotUniform {}.apply(Chain::new(layers), 1, "generator")
    }

    fn latents(purpose: &str) -> GeneratorInput {
        let mut stream = Stream::new(0, purpose, 0);
        let values: Vec<f32> = (0..3 * LATENT).map(|_| stream.uniform() * 2.0 - 1.0).collect();
        Tensor::<2>::from_data(TensorData::new(values, [3, LATENT]), &Device::flex()).into()
    }

    fn same(found: Tensor<4>, expected: Tensor<4>) -> bool {
        let difference = (found - expected).abs().max().into_scalar::<f32>();
        difference < 1e-6
    }

    #[test]
    fn a_code_enters_every_frame_and_the_motion_stays() {
        for motion in ["convolutions", "recurrent"] {
            let chain = generator(motion);
            let (here, there) = (latents("here"), latents("there"));
            let whole = |input: &GeneratorInput| chain.forward(upright(input.clone().numbers()));
            let editable = Editable::new(chain.clone());
            assert_eq!(editable.space(), Space::Frame);
            assert!(same(editable.samples(here.latent.clone(), &here), whole(&here)), "{motion}");
            let edited = editable.samples(there.latent.clone(), &here);
            assert!(!same(edited.clone(), whole(&here)) && !same(edited, whole(&there)), "{motion}");

            // Where frames follow from the motion alone, there is nothing to edit.
            let Parts::Frames { each, motion: path, image } = editable.parts else { panic!("frames") };
            let mut layers = image.chain.layers.clone();
            let Some(Layer::Dense(first)) = layers.iter_mut().find(|layer| matches!(layer, Layer::Dense(_))) else {
                panic!("a frame begins with a dense layer")
            };
            let weight = first.weight.val();
            let [inputs, _] = weight.dims();
            let (none, rest) = (weight.clone().narrow(0, 0, LATENT) * 0.0, weight.narrow(0, LATENT, inputs - LATENT));
            first.weight = Param::from_tensor(Tensor::cat(vec![none, rest], 0));
            let image = PerFrame { frames: image.frames, chain: Chain::new(layers) };
            let editable = Editable { parts: Parts::Frames { each, motion: path, image } };
            let [before, after] = [&here, &there].map(|codes| editable.samples(codes.latent.clone(), &here));
            assert!(same(after, before.clone()), "{motion}");
            let other = editable.samples(there.latent.clone(), &there);
            assert!(!same(other, before), "{motion}: another path of motion makes other frames");
            assert_eq!(editable.weight(LATENT).unwrap().abs().max().into_scalar::<f32>(), 0.0);
        }
    }

    #[test]
    fn activations_of_a_video_are_the_mean_of_those_of_its_frames() {
        let chain = generator("convolutions");
        let editable = Editable::new(chain);
        let here = latents("here");
        let found = editable.activations(&here);
        let Parts::Frames { each, motion, image } = &editable.parts else { panic!("frames") };
        let all = first_of(&image.chain).forward(ops::frames(of_frames(each, motion, here.latent.clone(), &here), 4));
        let [images, ..] = all.dims();
        assert_eq!((images, found.dims()[0]), (12, 3));
        // A frame of all samples after the other.
        let of_sample = |sample: usize| {
            let frames = (0..4).map(|frame| all.clone().narrow(0, frame * 3 + sample, 1));
            Tensor::cat(frames.collect(), 0).flatten::<2>(1, 3).mean_dim(0)
        };
        let expected = Tensor::cat((0..3).map(of_sample).collect(), 0);
        assert!((found - expected).abs().max().into_scalar::<f32>() < 1e-5);
    }
}
