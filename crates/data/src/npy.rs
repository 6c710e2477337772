//! Arrays of NumPy's format as samples.
//!
//! Two dimensions are `[samples, features]`, taken as they are. Three are grey images `[samples, rows, columns]`, four
//! `[samples, channels, rows, columns]` if the second is 1 or 3, else `[samples, rows, columns, channels]`. Pixels are
//! bytes, or floats in `[-1, 1]`. 64 bits are rounded to 32.

use crate::DataError;
use crate::samples::Samples;
use crate::set::scaled;
use samples::Format;
use samples::npy::{self, Array, Numbers};
use std::fs;
use std::path::Path;

/// Reads an array of at least one sample.
pub(crate) fn read(path: &Path) -> Result<Samples, DataError> {
    let bytes = fs::read(path).map_err(|source| DataError::Io { path: path.to_owned(), source })?;
    let samples = npy::read(&bytes).map_err(|error| error.to_string()).and_then(samples);
    samples.map_err(|reason| DataError::Unusable { path: path.to_owned(), reason })
}

fn samples(Array { shape, numbers }: Array) -> Result<Samples, String> {
    if !(2..=4).contains(&shape.len()) {
        return Err(format!("its shape is {shape:?}; 2 dimensions are features, 3 or 4 images"));
    }
    if shape.contains(&0) {
        return Err(format!("its shape {shape:?} holds no samples"));
    }
    let is_image = shape.len() != 2;
    let values: Vec<f32> = match numbers {
        Numbers::Single(values) => values,
        Numbers::Double(values) => values.into_iter().map(|value| value as f32).collect(),
        Numbers::Bytes(bytes) if is_image => bytes.into_iter().map(scaled).collect(),
        Numbers::Bytes(bytes) => bytes.into_iter().map(f32::from).collect(),
    };
    if !is_image {
        return Ok(Samples::new(values, shape[1], None));
    }
    if let Some(value) = values.iter().find(|value| value.abs() > 1.0 + 1e-3 && value.is_finite()) {
        return Err(format!("a pixel is {value}: floats are in [-1, 1], bytes (uint8) in 0..=255"));
    }
    images(values, &shape)
}

/// Brings channels before rows.
fn images(values: Vec<f32>, shape: &[usize]) -> Result<Samples, String> {
    let is_channels = |side: usize| side == 1 || side == 3;
    let (channels, height, width) = match *shape {
        [_, height, width] => (1, height, width),
        [_, channels, height, width] if is_channels(channels) => (channels, height, width),
        [_, height, width, channels] if is_channels(channels) => {
            let values = values.chunks(height * width * channels).flat_map(|image| {
                (0..channels).flat_map(move |channel| image.iter().skip(channel).step_by(channels).copied())
            });
            let format = Format::Image([channels, height, width]);
            return Ok(Samples::new(values.collect(), format.values(), Some(format)));
        }
        _ => return Err(format!("its shape {shape:?} is neither [samples, features] nor images of 1 or 3 channels")),
    };
    let format = Format::Image([channels, height, width]);
    Ok(Samples::new(values, format.values(), Some(format)))
}
