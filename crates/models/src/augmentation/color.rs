//! Brighter or darker, more or less colourful, more or less contrast.

use super::operation::column;
use crate::Stream;
use burn::tensor::Tensor;

pub(super) fn brightness(images: Tensor<4>, stream: &mut Stream) -> Tensor<4> {
    let shift = draw(&images, -0.5, 0.5, stream);
    images + shift
}

pub(super) fn saturation(images: Tensor<4>, stream: &mut Stream) -> Tensor<4> {
    let grey = images.clone().mean_dim(1);
    let factor = draw(&images, 0.0, 2.0, stream);
    (images - grey.clone()) * factor + grey
}

pub(super) fn contrast(images: Tensor<4>, stream: &mut Stream) -> Tensor<4> {
    let mean = images.clone().mean_dim(1).mean_dim(2).mean_dim(3);
    let factor = draw(&images, 0.5, 1.5, stream);
    (images - mean.clone()) * factor + mean
}

fn draw(images: &Tensor<4>, low: f32, high: f32, stream: &mut Stream) -> Tensor<4> {
    column(stream.uniforms(images.dims()[0], low, high), images)
}
