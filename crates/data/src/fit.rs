//! From a picture of any size to the pixels of a sample.

use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, Luma, Pixel, Rgb, RgbImage};

use crate::background::{Background, opaque};
use crate::options::{Color, Fit, PictureOptions};

/// The longer side over the shorter one, where all of a picture is kept: what is narrower would be a line.
const MAX_RATIO: u32 = 100;

/// Writes `[channel][row][column]` into `out`.
///
/// # Errors
/// The picture is transparent and there is no background, or it is too narrow; a sentence without a full stop.
pub(crate) fn fit(image: DynamicImage, options: &PictureOptions, out: &mut [u8]) -> Result<(), String> {
    let image = opaque(image, options.background)?;
    let (width, height) = (image.width(), image.height());
    let square = width.min(height);
    let image = match options.fit {
        Fit::Crop => image.crop_imm((width - square) / 2, (height - square) / 2, square, square),
        Fit::Pad | Fit::Stretch if width.max(height) / square.max(1) >= MAX_RATIO => {
            return Err(format!("it is {width} x {height}, and more than {MAX_RATIO} times as long as broad"));
        }
        Fit::Pad | Fit::Stretch => image,
    };
    let side = options.size;
    let (width, height) = match options.fit {
        Fit::Crop | Fit::Stretch => (side, side),
        Fit::Pad => inner(image.width(), image.height(), side),
    };
    let (left, top) = ((side - width) / 2, (side - height) / 2);
    let bars = Rgb(options.background.unwrap_or(Background([0; 3])).0);
    // Smoothed where it shrinks, so that fine patterns leave no false coarse ones.
    match options.color {
        Color::Grey => {
            let image = imageops::resize(&image.into_luma8(), width, height, FilterType::Lanczos3);
            write_grey(&on(GrayImage::from_pixel(side, side, bars.to_luma()), image, left, top), out);
        }
        Color::Rgb => {
            let image = imageops::resize(&image.into_rgb8(), width, height, FilterType::Lanczos3);
            write_rgb(&on(RgbImage::from_pixel(side, side, bars), image, left, top), out);
        }
    }
    Ok(())
}

/// Writes `[channel][row][column]` of an opaque picture that has its sample's size.
pub(crate) fn write(image: DynamicImage, color: Color, out: &mut [u8]) {
    match color {
        Color::Grey => write_grey(&image.into_luma8(), out),
        Color::Rgb => write_rgb(&image.into_rgb8(), out),
    }
}

fn write_grey(image: &GrayImage, out: &mut [u8]) {
    image.pixels().zip(out).for_each(|(Luma([pixel]), out)| *out = *pixel);
}

fn write_rgb(image: &RgbImage, out: &mut [u8]) {
    let plane = out.len() / 3;
    for (index, pixel) in image.pixels().enumerate() {
        (0..3).for_each(|channel| out[channel * plane + index] = pixel.0[channel]);
    }
}

/// The size of a picture that just fits into a square.
fn inner(width: u32, height: u32, side: u32) -> (u32, u32) {
    let longer = u64::from(width.max(height).max(1));
    let scaled = |length: u32| {
        let scaled = (u64::from(length) * u64::from(side) + longer / 2) / longer;
        u32::try_from(scaled).unwrap_or(side).clamp(1, side)
    };
    (scaled(width), scaled(height))
}

fn on<P: Pixel<Subpixel = u8>>(
    mut canvas: image::ImageBuffer<P, Vec<u8>>,
    image: image::ImageBuffer<P, Vec<u8>>,
    left: u32,
    top: u32,
) -> image::ImageBuffer<P, Vec<u8>> {
    if image.dimensions() == canvas.dimensions() {
        return image;
    }
    imageops::replace(&mut canvas, &image, left.into(), top.into());
    canvas
}
