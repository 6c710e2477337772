//! Convolutions of every stride and their transposes, on pixel-major images.
//!
//! A [`Geometry`] says which pixels are connected. What a border cuts off is never computed, and nothing is unfolded in
//! memory as a whole. Five forms share the work: [`direct`], a product for each connected pair; [`line`], one for each place of
//! images with one axis; [`thin`], where one image has few channels; [`spectrum`], by Fourier transform; [`unfolded`], where there
//! are few samples.

mod direct;
mod geometry;
mod line;
mod spectrum;
mod thin;
mod unfolded;
mod window;

pub use geometry::Geometry;
pub use window::Window;

use crate::Activation;
use crate::activation::{add, finish, row_sums};
use crate::product::Products;
use crate::transpose::transposed;
use direct::Direct;
use line::Line;
use spectrum::{Circle, Planes};
use thin::Thin;
use unfolded::Unfolded;

/// The direction through a [`Geometry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the large image to the small one: a convolution.
    Down,
    /// From the small image to the large one: a transposed convolution.
    Up,
}

/// A convolution with its weights.
#[derive(Debug)]
pub struct Convolution {
    way: Way,
    shape: Shape,
    form: Form,
}

/// Sizes that all forms share.
#[derive(Clone, Copy, Debug)]
struct Shape {
    geometry: Geometry,
    /// Of the small image, of the large image.
    channels: [usize; 2],
    batch: usize,
}

/// The algorithm, with weights in the layout that it needs.
#[derive(Debug)]
enum Form {
    Direct(Direct),
    /// For the way, and for the way back.
    Line([Line; 2]),
    Thin(Thin),
    Spectrum(Circle, Planes),
    Unfolded(Unfolded),
}

/// What follows each output's sum.
#[derive(Clone, Copy)]
struct Epilogue<'a> {
    bias: Option<&'a [f32]>,
    activation: Activation,
}

impl Epilogue<'_> {
    const NOTHING: Self = Epilogue { bias: None, activation: Activation::Identity };

    /// On the numbers of some channels at a pixel, from a channel on.
    fn apply(&self, numbers: &mut [f32], channel: usize, batch: usize) {
        finish(numbers, batch, self.bias.map(|bias| &bias[channel..]), self.activation);
    }
}

impl Convolution {
    /// `weight` is `[small channels][large channels][taps]`, row after row: `[out, in, height, width]` of a convolution,
    /// `[in, out, height, width]` of a transposed one.
    pub fn new(way: Way, geometry: Geometry, channels: [usize; 2], batch: usize, weight: &[f32]) -> Self {
        let ([small, large], taps) = (channels, geometry.window.taps());
        assert_eq!(weight.len(), small * large * taps, "size of a kernel");
        let shape = Shape { geometry, channels, batch };
        // `[tap][pairs of channels]`
        let taps_first = || transposed(weight, [small * large, taps]);
        let is_line = line::is_line(&geometry);
        if unfolded::is_small(batch) && !is_line {
            return Self { way, shape, form: Form::Unfolded(Unfolded::new(&shape, weight)) };
        }
        let form = match Circle::of(geometry, channels) {
            _ if thin::is_thin(channels) => Form::Thin(Thin::new(&shape, weight)),
            _ if is_line && !Products::of([small, large, batch]).is_in_tiles() => {
                Form::Line([way, way.reversed()].map(|way| Line::new(way, &shape, weight)))
            }
            Some(circle) => Form::Spectrum(circle, circle.weights(&taps_first())),
            None => Form::Direct(Direct::new(taps_first())),
        };
        Self { way, shape, form }
    }

    /// Channels of the small image and of the large one.
    pub fn channels(&self) -> [usize; 2] {
        self.shape.channels
    }

    /// f(x * w + b) `[pixels][channels][batch]`.
    pub fn forward(&self, x: &[f32], bias: Option<&[f32]>, activation: Activation) -> Vec<f32> {
        let (shape, epilogue) = (&self.shape, Epilogue { bias, activation });
        match &self.form {
            Form::Direct(direct) => direct.convolve(self.way, shape, x, epilogue),
            Form::Line([line, _]) => line.convolve(shape, x, epilogue),
            Form::Thin(thin) => thin.convolve(self.way, shape, x, epilogue),
            Form::Unfolded(unfolded) => unfolded.convolve(self.way, shape, x, epilogue),
            Form::Spectrum(circle, weights) => {
                let x = circle.image(self.way.from(), x, shape.batch);
                circle.convolve(self.way, shape, weights, &x, epilogue)
            }
        }
    }

    /// The gradients at x and at the weight, where they are wanted, from the one at the sum.
    pub fn backward(&self, x: &[f32], gradient: &[f32], [by_x, by_weight]: [bool; 2]) -> [Option<Vec<f32>>; 2] {
        let (shape, back) = (&self.shape, self.way.reversed());
        let [small, large] = match self.way {
            Way::Down => [gradient, x],
            Way::Up => [x, gradient],
        };
        match &self.form {
            Form::Direct(direct) => [
                by_x.then(|| direct.convolve(back, shape, gradient, Epilogue::NOTHING)),
                by_weight.then(|| direct::by_weight(shape, small, large)),
            ],
            Form::Line([_, line]) => [
                by_x.then(|| line.convolve(shape, gradient, Epilogue::NOTHING)),
                by_weight.then(|| line::by_weight(shape, small, large)),
            ],
            Form::Thin(thin) => [
                by_x.then(|| thin.convolve(back, shape, gradient, Epilogue::NOTHING)),
                by_weight.then(|| thin::by_weight(shape, small, large)),
            ],
            Form::Unfolded(unfolded) => [
                by_x.then(|| unfolded.convolve(back, shape, gradient, Epilogue::NOTHING)),
                by_weight.then(|| unfolded::by_weight(shape, small, large)),
            ],
            Form::Spectrum(circle, weights) => {
                let gradient = circle.image(back.from(), gradient, shape.batch);
                let of_x = by_x.then(|| circle.convolve(back, shape, weights, &gradient, Epilogue::NOTHING));
                let of_weight = by_weight.then(|| {
                    let x = circle.image(self.way.from(), x, shape.batch);
                    let [small, large] = match self.way {
                        Way::Down => [gradient, x],
                        Way::Up => [x, gradient],
                    };
                    circle.by_weight(shape, small, large)
                });
                [of_x, of_weight]
            }
        }
    }

    /// The gradient at the bias: of each channel the sum over pixels and samples.
    pub fn by_bias(&self, gradient: &[f32]) -> Vec<f32> {
        let ([small, large], batch) = (self.shape.channels, self.shape.batch);
        let channels = if self.way == Way::Down { small } else { large };
        let mut bias = vec![0.0; channels];
        let mut of_pixel = vec![0.0; channels];
        for pixel in gradient.chunks_exact(channels * batch) {
            row_sums(pixel, batch, &mut of_pixel);
            add(&mut bias, &of_pixel);
        }
        bias
    }
}

impl Way {
    fn reversed(self) -> Self {
        match self {
            Self::Down => Self::Up,
            Self::Up => Self::Down,
        }
    }
}
