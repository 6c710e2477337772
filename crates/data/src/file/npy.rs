//! Arrays of NumPy's format as samples.
//!
//! Two dimensions are `[samples, features]`, taken as they are. Three are grey images `[samples, rows, columns]`, four
//! `[samples, channels, rows, columns]` if the second is 1 or 3, else `[samples, rows, columns, channels]`. Pixels are
//! bytes, or other numbers whose range is stated or follows from them. 64 bits are rounded to 32.

use crate::DataError;
use crate::layout::{self, Layout};
use crate::pixel_range::{PixelRange, scaled_bytes};
use crate::samples::Samples;
use samples::Format;
use samples::npy::{self, Array, Numbers};
use std::path::Path;

/// More is not read into memory.
const MAX_BYTES: u64 = 16 << 30;

/// Reads an array of at least one sample; pixels that are floats have the stated range, or the one that they show.
pub(crate) fn read(path: &Path, range: Option<PixelRange>) -> Result<Samples, DataError> {
    let bytes = files::read(path, MAX_BYTES).map_err(|source| DataError::Io { path: path.to_owned(), source })?;
    let samples = npy::read(&bytes).map_err(|error| error.to_string()).and_then(|array| samples(array, range));
    samples.map_err(|reason| DataError::Unusable { path: path.to_owned(), reason })
}

fn samples(Array { shape, numbers }: Array, stated: Option<PixelRange>) -> Result<Samples, String> {
    if !(2..=4).contains(&shape.len()) {
        return Err(format!("its shape is {shape:?}; 2 dimensions are features, 3 or 4 images"));
    }
    if shape.contains(&0) {
        return Err(format!("its shape {shape:?} holds no samples"));
    }
    let is_image = shape.len() != 2;
    let mut values: Vec<f32> = match numbers {
        Numbers::Single(values) => values,
        Numbers::Double(values) => values.into_iter().map(|value| value as f32).collect(),
        Numbers::Whole(values) => values.into_iter().map(|value| value as f32).collect(),
        Numbers::Bytes(bytes) if is_image => return images(scaled_bytes(bytes, stated)?, &shape),
        Numbers::Bytes(bytes) => bytes.into_iter().map(f32::from).collect(),
    };
    if !is_image {
        return Ok(Samples::new(values, shape[1], None));
    }
    let range = match stated {
        Some(range) => range.check(&values).map(|()| range),
        None => PixelRange::of(&values),
    }?;
    values.iter_mut().for_each(|value| *value = range.scaled(*value));
    Ok(images(values, &shape)?.with_range(range))
}

/// Brings channels before rows.
fn images(values: Vec<f32>, shape: &[usize]) -> Result<Samples, String> {
    let (layout, [channels, height, width]) = layout::of(shape, None, &[1, 3])?;
    let format = Format::Image([channels, height, width]);
    let values = match layout {
        Layout::Nchw => values,
        Layout::Nhwc => values
            .chunks(format.values())
            .flat_map(|image| {
                (0..channels).flat_map(move |channel| image.iter().skip(channel).step_by(channels).copied())
            })
            .collect(),
    };
    Ok(Samples::new(values, format.values(), Some(format)))
}
