//! Samples made alike, so that sets of images of different sizes and channels can be compared: what is not a square of the
//! wanted side is cropped and scaled as `fit: crop` does it, and where one image has colour, all have.

use image::{DynamicImage, GrayImage, RgbImage};
use rayon::prelude::*;
use samples::Format;

use crate::HoldOut;
use crate::fit::fit;
use crate::options::{Color, Fit, OnError, PictureOptions};
use crate::samples::Samples;
use crate::set::scaled;

/// How pictures of any size become squares of this side.
pub(crate) fn cropped(side: u32, color: Color) -> PictureOptions {
    let (fit, background, on_error, hold_out) = (Fit::Crop, None, OnError::Fail, HoldOut::default());
    let memory = Default::default();
    PictureOptions { size: side, color, fit, background, on_error, hold_out, memory }
}

impl Samples {
    /// The images as squares of this side. Those of another size are rounded to 8 bits; those that are such squares, and
    /// features, stay as they are.
    ///
    /// # Panics
    /// An image has neither one nor three channels: no source makes such.
    pub fn resized(self, side: u32) -> Samples {
        let Some([channels, height, width]) =
            self.image_shape().filter(|[_, height, width]| [height, width] != [&(side as usize); 2])
        else {
            return self;
        };
        let color = if channels == 1 { Color::Grey } else { Color::Rgb };
        let (options, format) = (cropped(side, color), Format::Image([channels, side as usize, side as usize]));
        let resize = |values: &[f32]| {
            let image = picture(values, channels, height, width);
            let mut pixels = vec![0; format.values()];
            // An image without alpha whose centre is taken has no reason to be refused.
            fit(image, &options, &mut pixels).expect("it is opaque and cropped");
            pixels.into_iter().map(scaled).collect::<Vec<f32>>()
        };
        let values: Vec<Vec<f32>> = self.values().par_chunks(self.width()).map(resize).collect();
        self.with_values(values.concat(), format)
    }

    /// The images with three channels: those of grey ones are equal.
    pub fn in_colour(self) -> Samples {
        let Some([1, height, width]) = self.image_shape() else { return self };
        let values = self.values().chunks_exact(self.width()).flat_map(|image| [image; 3].concat()).collect();
        self.with_values(values, Format::Image([3, height, width]))
    }

    /// Channels, height and width of images.
    fn image_shape(&self) -> Option<[usize; 3]> {
        match self.format() {
            Some(Format::Image(shape)) => Some(shape),
            _ => None,
        }
    }
}

/// Pixels in `[-1, 1]`, `[channel][row][column]`, rounded to 8 bits.
fn picture(values: &[f32], channels: usize, height: usize, width: usize) -> DynamicImage {
    let plane = height * width;
    let byte = |value: f32| ((value + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8;
    let bytes = (0..plane).flat_map(|pixel| (0..channels).map(move |channel| byte(values[channel * plane + pixel])));
    let (bytes, size) = (bytes.collect(), [width as u32, height as u32]);
    match channels {
        1 => GrayImage::from_raw(size[0], size[1], bytes).map(DynamicImage::ImageLuma8),
        _ => RgbImage::from_raw(size[0], size[1], bytes).map(DynamicImage::ImageRgb8),
    }
    .expect("a byte for each channel of each pixel")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(shape: [usize; 3], values: Vec<f32>) -> Samples {
        let format = Format::Image(shape);
        Samples::new(values, format.values(), Some(format))
    }

    #[test]
    fn the_square_centre_is_scaled_and_what_fits_stays_exact() {
        // Black beside a white square of 4 x 4 in the middle of 4 x 8.
        let row = [-1.0, -1.0, 1.0, 1.0, 1.0, 1.0, -1.0, -1.0];
        let wide = images([1, 4, 8], row.repeat(4)).resized(4);
        assert_eq!((wide.format(), wide.values()), (Some(Format::Image([1, 4, 4])), &[1.0; 16][..]));
        let exact = images([1, 4, 4], vec![0.123; 16]);
        assert_eq!(exact.clone().resized(4), exact);
        let colour = [vec![1.0; 64], vec![-1.0; 64], vec![0.0; 64]].concat();
        let small = images([3, 8, 8], [colour.clone(), colour].concat()).resized(4);
        assert_eq!((small.len(), small.values()[0], small.values()[16]), (2, 1.0, -1.0));
        assert!((small.values()[32]).abs() < 0.01);
    }

    #[test]
    fn grey_images_get_three_equal_channels() {
        let found = images([1, 1, 2], vec![0.5, -0.5, 0.25, 1.0]).in_colour();
        assert_eq!(found.format(), Some(Format::Image([3, 1, 2])));
        assert_eq!(found.values(), [0.5, -0.5, 0.5, -0.5, 0.5, -0.5, 0.25, 1.0, 0.25, 1.0, 0.25, 1.0]);
        assert_eq!(found.clone().in_colour(), found);
        let features = Samples::new(vec![1.0, 2.0], 2, None);
        assert_eq!(features.clone().in_colour().resized(8), features);
    }
}
