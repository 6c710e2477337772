//! Formats that the crate `image` decodes.

use std::io::Cursor;

use image::codecs::bmp::BmpDecoder;
use image::codecs::gif::GifDecoder;
use image::codecs::tiff::TiffDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageResult, Limits};

/// An image and how to turn it.
type Decoded = Result<(DynamicImage, Orientation), String>;

/// A WebP file; of an animation the first image.
pub(super) fn webp(bytes: &[u8]) -> Decoded {
    decoded("WebP", WebPDecoder::new(Cursor::new(bytes)))
}

/// A BMP file.
pub(super) fn bmp(bytes: &[u8]) -> Decoded {
    decoded("BMP", BmpDecoder::new(Cursor::new(bytes)))
}

/// A TIFF file; of several pages the first.
pub(super) fn tiff(bytes: &[u8]) -> Decoded {
    decoded("TIFF", TiffDecoder::new(Cursor::new(bytes)))
}

/// A GIF file; of an animation the first image.
pub(super) fn gif(bytes: &[u8]) -> Decoded {
    decoded("GIF", GifDecoder::new(Cursor::new(bytes)))
}

fn decoded<D: ImageDecoder>(name: &str, decoder: ImageResult<D>) -> Decoded {
    let broken = |error| match error {
        ImageError::Unsupported(_) => format!("it is a {name} image of a kind that is not read"),
        ImageError::Limits(_) => format!("it is a {name} image that takes too much memory"),
        _ => format!("it is no sound {name}: damaged or cut short"),
    };
    let mut decoder = decoder.map_err(broken)?;
    let (width, height) = decoder.dimensions();
    super::check_size(width, height)?;
    // Such as of a frame that is larger than its image.
    decoder.set_limits(Limits::default()).map_err(broken)?;
    let orientation = decoder.orientation().map_err(broken)?;
    let image = DynamicImage::from_decoder(decoder).map_err(broken)?;
    Ok((of_8_bits(image, name)?, orientation))
}

fn of_8_bits(image: DynamicImage, name: &str) -> Result<DynamicImage, String> {
    Ok(match image.color() {
        ColorType::L8 | ColorType::La8 | ColorType::Rgb8 | ColorType::Rgba8 => image,
        ColorType::L16 => image.into_luma8().into(),
        ColorType::La16 => image.into_luma_alpha8().into(),
        ColorType::Rgb16 => image.into_rgb8().into(),
        ColorType::Rgba16 => image.into_rgba8().into(),
        _ => return Err(format!("it is a {name} image of floats, which have no black and white")),
    })
}
