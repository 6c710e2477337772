//! Arrays of NumPy's format (`numpy.lib.format`): versions 1 to 3, little-endian floats of 32 or 64 bits or bytes, in C
//! order.
//!
//! Two dimensions are `[samples, features]`, taken as they are. Three are grey images `[samples, rows, columns]`, four
//! `[samples, channels, rows, columns]` if the second is 1 or 3, else `[samples, rows, columns, channels]`. Pixels are
//! bytes, or floats in `[-1, 1]`. 64 bits are rounded to 32.

use crate::DataError;
use crate::samples::Samples;
use crate::set::scaled;
use samples::Format;
use std::fs;
use std::path::Path;

const MAGIC: &[u8] = b"\x93NUMPY";

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Single,
    Double,
    Byte,
}

struct Header {
    kind: Kind,
    shape: Vec<usize>,
}

/// Reads an array of at least one sample.
pub(crate) fn read(path: &Path) -> Result<Samples, DataError> {
    let bytes = fs::read(path).map_err(|source| DataError::Io { path: path.to_owned(), source })?;
    parse(&bytes).map_err(|reason| DataError::Unusable { path: path.to_owned(), reason })
}

fn parse(bytes: &[u8]) -> Result<Samples, String> {
    if !bytes.starts_with(MAGIC) {
        return Err("no .npy array: its first bytes are not NumPy's".into());
    }
    let (header, data) = split(bytes).ok_or("its header is cut short, or of no version that is known")?;
    let header = Header::parse(header)?;
    let size = header.kind.size();
    let count = header.shape.iter().try_fold(1usize, |count, side| count.checked_mul(*side));
    let length = count.and_then(|count| count.checked_mul(size));
    if length != Some(data.len()) {
        let found = data.len();
        return Err(format!("its shape {:?} takes {size} bytes a number, and {found} are there", header.shape));
    }
    if data.is_empty() {
        return Err(format!("its shape {:?} holds no samples", header.shape));
    }
    let is_image = header.shape.len() != 2;
    let values: Vec<f32> = match header.kind {
        Kind::Single => data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
        Kind::Double => data.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes) as f32).collect(),
        Kind::Byte if is_image => data.iter().map(|byte| scaled(*byte)).collect(),
        Kind::Byte => data.iter().map(|byte| f32::from(*byte)).collect(),
    };
    if !is_image {
        return Ok(Samples::new(values, header.shape[1], None));
    }
    if let Some(value) = values.iter().find(|value| value.abs() > 1.0 + 1e-3 && value.is_finite()) {
        return Err(format!("a pixel is {value}: floats are in [-1, 1], bytes (uint8) in 0..=255"));
    }
    images(values, &header.shape)
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

/// The header's text and what follows it.
fn split(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (version, rest) = rest.split_first_chunk::<2>()?;
    let (length, rest) = match version[0] {
        1 => rest.split_first_chunk::<2>().map(|(length, rest)| (usize::from(u16::from_le_bytes(*length)), rest))?,
        2 | 3 => rest.split_first_chunk::<4>().map(|(length, rest)| (u32::from_le_bytes(*length) as usize, rest))?,
        _ => return None,
    };
    let (header, data) = rest.split_at_checked(length)?;
    Some((std::str::from_utf8(header).ok()?, data))
}

impl Kind {
    fn size(self) -> usize {
        match self {
            Kind::Single => 4,
            Kind::Double => 8,
            Kind::Byte => 1,
        }
    }
}

impl Header {
    /// A Python dictionary such as `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
    fn parse(text: &str) -> Result<Header, String> {
        let value = |key: &str| {
            let (_, rest) = text.split_once(&format!("'{key}'"))?;
            Some(rest.trim_start().strip_prefix(':')?.trim_start())
        };
        let unreadable = || format!("its header cannot be read: {}", text.trim_end());
        let kind = match value("descr").ok_or_else(unreadable)? {
            kind if kind.starts_with("'<f4'") => Kind::Single,
            kind if kind.starts_with("'<f8'") => Kind::Double,
            kind if kind.starts_with("'|u1'") => Kind::Byte,
            other => {
                let name = other.split('\'').nth(1).unwrap_or(other);
                return Err(format!(
                    "its numbers are `{name}`; <f4, <f8 and |u1 (float32, float64, uint8) can be read"
                ));
            }
        };
        if value("fortran_order").ok_or_else(unreadable)?.starts_with("True") {
            return Err("it is in Fortran order; write it with `np.ascontiguousarray`".to_owned());
        }
        let sides = value("shape").and_then(|shape| shape.strip_prefix('(')?.split_once(')')).ok_or_else(unreadable)?.0;
        let sides = sides.split(',').map(str::trim).filter(|side| !side.is_empty()).map(str::parse);
        let shape: Vec<usize> = sides.collect::<Result<_, _>>().map_err(|_| unreadable())?;
        if !(2..=4).contains(&shape.len()) {
            return Err(format!("its shape is {shape:?}; 2 dimensions are features, 3 or 4 images"));
        }
        Ok(Header { kind, shape })
    }
}
