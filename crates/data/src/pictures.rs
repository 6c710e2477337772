//! A folder of PNG and JPEG images of one size, in the order of their names. Other files there are not looked at.

use crate::samples::{Samples, pixel};
use crate::{DataError, Shape};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Reads a folder with at least one image.
pub(crate) fn read(folder: &Path) -> Result<Samples, DataError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| DataError::Io { path, source }
    };
    let entries = fs::read_dir(folder).map_err(io(folder))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>();
    let mut paths = paths.map_err(io(folder))?;
    paths.sort();
    let mut first: Option<(PathBuf, Shape)> = None;
    let mut values = Vec::new();
    for (path, decoder) in paths.iter().filter_map(|path| Some((path, Decoder::of(path)?))) {
        let unusable = |reason| DataError::Unusable { path: path.clone(), reason };
        let bytes = fs::read(path).map_err(io(path))?;
        let (shape, pixels) = decoder.decode(&bytes).map_err(unusable)?;
        let (first, expected) = first.get_or_insert_with(|| (path.clone(), shape));
        if shape != *expected {
            return Err(unusable(format!("{}, but {} is {}", sizes(shape), first.display(), sizes(*expected))));
        }
        // Decoders put the channels of a pixel together.
        let channel = |channel| pixels.iter().skip(channel).step_by(shape.channels).map(|value| pixel(*value));
        values.extend((0..shape.channels).flat_map(channel));
    }
    match first {
        Some((_, shape)) => Ok(Samples::new(values, shape.values(), Some(shape))),
        None => Err(DataError::Unusable { path: folder.to_owned(), reason: "holds no .png, .jpg or .jpeg".to_owned() }),
    }
}

fn sizes(shape: Shape) -> String {
    format!("{} x {} x {} (channels, height, width)", shape.channels, shape.height, shape.width)
}

#[derive(Clone, Copy)]
enum Decoder {
    Png,
    Jpeg,
}

impl Decoder {
    /// By the name's ending.
    fn of(path: &Path) -> Option<Decoder> {
        match path.extension()?.to_ascii_lowercase().to_str()? {
            "png" => Some(Decoder::Png),
            "jpg" | "jpeg" => Some(Decoder::Jpeg),
            _ => None,
        }
    }

    /// Size and pixels `[row][column][channel]`.
    fn decode(self, bytes: &[u8]) -> Result<(Shape, Vec<u8>), String> {
        match self {
            Decoder::Png => png(bytes),
            Decoder::Jpeg => jpeg(bytes),
        }
    }
}

fn png(bytes: &[u8]) -> Result<(Shape, Vec<u8>), String> {
    let broken = |error: png::DecodingError| format!("no sound PNG: {error}");
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(broken)?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or("no sound PNG: too large")?];
    let info = reader.next_frame(&mut pixels).map_err(broken)?;
    pixels.truncate(info.buffer_size());
    let samples = info.color_type.samples();
    let channels = match info.color_type {
        png::ColorType::GrayscaleAlpha | png::ColorType::Rgba => samples - 1,
        _ => samples,
    };
    if channels < samples {
        if pixels.iter().skip(channels).step_by(samples).any(|alpha| *alpha != 255) {
            return Err("it is transparent in places".to_owned());
        }
        pixels = pixels.chunks(samples).flat_map(|pixel| &pixel[..channels]).copied().collect();
    }
    Ok((Shape { channels, height: info.height as usize, width: info.width as usize }, pixels))
}

fn jpeg(bytes: &[u8]) -> Result<(Shape, Vec<u8>), String> {
    let broken = |error: zune_jpeg::errors::DecodeErrors| format!("no sound JPEG: {error}");
    let mut decoder = JpegDecoder::new(ZCursor::new(bytes));
    decoder.decode_headers().map_err(broken)?;
    let is_grey = decoder.input_colorspace() == Some(ColorSpace::Luma);
    let (space, channels) = if is_grey { (ColorSpace::Luma, 1) } else { (ColorSpace::RGB, 3) };
    // Strict: half an image is none.
    let options = DecoderOptions::default().jpeg_set_out_colorspace(space).set_strict_mode(true);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let pixels = decoder.decode().map_err(broken)?;
    let info = decoder.info().ok_or("no sound JPEG: it has no size")?;
    Ok((Shape { channels, height: usize::from(info.height), width: usize::from(info.width) }, pixels))
}
