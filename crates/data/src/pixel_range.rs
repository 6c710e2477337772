//! The range of pixel values: what black and white are, and how an array's values show it.

use std::fmt;
use std::str::FromStr;

use samples::npy::Numbers;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::set::scaled;

/// How far numbers may lie outside, as a share of the range: they were rounded.
const ROUNDING: f32 = 1e-3;

/// Of 255, less than this is black everywhere: the numbers were meant for another range and overshoot it.
const LEAST_OF_BYTES: f32 = 2.0;

/// From black to white. In an experiment file, a list of both: `[0, 1]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "[f32; 2]", into = "[i16; 2]")]
pub enum PixelRange {
    /// From 0 to 1.
    Unit,
    /// From -1 to 1.
    Symmetric,
    /// From 0 to 255.
    Bytes,
}

impl PixelRange {
    const ALL: [PixelRange; 3] = [PixelRange::Unit, PixelRange::Symmetric, PixelRange::Bytes];

    fn ends(self) -> [f32; 2] {
        match self {
            PixelRange::Unit => [0.0, 1.0],
            PixelRange::Symmetric => [-1.0, 1.0],
            PixelRange::Bytes => [0.0, 255.0],
        }
    }

    /// A number of the range in `[-1, 1]`.
    pub(crate) fn scaled(self, value: f32) -> f32 {
        match self {
            PixelRange::Unit => 2.0 * value - 1.0,
            PixelRange::Symmetric => value,
            PixelRange::Bytes => value / 127.5 - 1.0,
        }
    }

    /// The narrowest range that all finite numbers lie in.
    ///
    /// # Errors
    /// None is; a sentence without a full stop.
    pub(crate) fn of(values: &[f32]) -> Result<PixelRange, String> {
        let Some([least, most]) = extremes(values) else { return Ok(PixelRange::Symmetric) };
        let found = PixelRange::ALL.into_iter().find(|range| range.holds([least, most]));
        let meant = found.filter(|range| *range != PixelRange::Bytes || most >= LEAST_OF_BYTES);
        meant.ok_or_else(|| {
            let ranges = PixelRange::ALL.map(|range| format!("[{range}]")).join(", ");
            format!("its pixels go from {least} to {most}, which is none of the ranges {ranges}")
        })
    }

    /// Whether all finite numbers lie in the range.
    ///
    /// # Errors
    /// One does not; a sentence without a full stop.
    pub(crate) fn check(self, values: &[f32]) -> Result<(), String> {
        match extremes(values).filter(|ends| !self.holds(*ends)) {
            Some([least, most]) => Err(format!("its pixels go from {least} to {most}, which is not within [{self}]")),
            None => Ok(()),
        }
    }

    fn holds(self, [least, most]: [f32; 2]) -> bool {
        let [from, to] = self.ends();
        let slack = ROUNDING * (to - from);
        least >= from - slack && most <= to + slack
    }
}

/// Bytes in `[-1, 1]`; of ones and zeros alone only where these are said to be white and black.
///
/// # Errors
/// They are, and nothing was said.
pub(crate) fn scaled_bytes(bytes: Vec<u8>, stated: Option<PixelRange>) -> Result<Vec<f32>, String> {
    let unit = PixelRange::Unit;
    match (bytes.iter().max(), stated) {
        (Some(0 | 1), Some(PixelRange::Unit)) => Ok(bytes.into_iter().map(|byte| unit.scaled(byte.into())).collect()),
        (Some(1), None) => Err(only_zeros_and_ones()),
        _ => Ok(bytes.into_iter().map(scaled).collect()),
    }
}

/// 8-bit pixels of numbers that have the stated range, or the one that they show.
///
/// # Errors
/// They have no range that can be meant, or are not finite; a sentence without a full stop.
pub(crate) fn pixels(numbers: Numbers, stated: Option<PixelRange>) -> Result<Vec<u8>, String> {
    let floats: Vec<f32> = match numbers {
        Numbers::Bytes(bytes) => return of_bytes(bytes, stated),
        Numbers::Whole(numbers) => {
            let bytes: Option<Vec<u8>> = numbers.iter().map(|number| (*number).try_into().ok()).collect();
            let outside = || "its pixels are whole numbers outside of 0 to 255".to_owned();
            return of_bytes(bytes.ok_or_else(outside)?, stated);
        }
        Numbers::Single(values) => values,
        Numbers::Double(values) => values.into_iter().map(|value| value as f32).collect(),
    };
    if let Some(at) = floats.iter().position(|value| !value.is_finite()) {
        return Err(format!("its number {at} is {}, which is no pixel", floats[at]));
    }
    let range = stated.map_or_else(|| PixelRange::of(&floats), |range| range.check(&floats).map(|()| range))?;
    // What lies outside of the range by rounding becomes black or white.
    Ok(floats.into_iter().map(|value| ((range.scaled(value) + 1.0) * 127.5).round() as u8).collect())
}

fn of_bytes(bytes: Vec<u8>, stated: Option<PixelRange>) -> Result<Vec<u8>, String> {
    match (bytes.iter().max(), stated) {
        (Some(0 | 1), Some(PixelRange::Unit)) => Ok(bytes.into_iter().map(|byte| byte * u8::MAX).collect()),
        (Some(1), None) => Err(only_zeros_and_ones()),
        _ => Ok(bytes),
    }
}

fn only_zeros_and_ones() -> String {
    format!("its bytes are 0 and 1, which is black in a range to 255; [{}] can be stated", PixelRange::Unit)
}

fn extremes(values: &[f32]) -> Option<[f32; 2]> {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    Some([finite().reduce(f32::min)?, finite().reduce(f32::max)?])
}

impl fmt::Display for PixelRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [from, to] = self.ends();
        write!(f, "{from}, {to}")
    }
}

impl TryFrom<[f32; 2]> for PixelRange {
    type Error = String;

    fn try_from(ends: [f32; 2]) -> Result<PixelRange, String> {
        let known = PixelRange::ALL.into_iter().find(|range| range.ends() == ends);
        known.ok_or_else(|| "a range is [0, 1], [-1, 1] or [0, 255]".to_owned())
    }
}

impl From<PixelRange> for [i16; 2] {
    fn from(range: PixelRange) -> [i16; 2] {
        range.ends().map(|end| end as i16)
    }
}

impl JsonSchema for PixelRange {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PixelRange".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "From black to white.", "enum": PixelRange::ALL.map(<[i16; 2]>::from) })
    }
}

/// As `0,1`, with a blank or without.
impl FromStr for PixelRange {
    type Err = String;

    fn from_str(text: &str) -> Result<PixelRange, String> {
        let plain = |text: &str| text.replace(' ', "");
        let known = PixelRange::ALL.into_iter().find(|range| plain(&range.to_string()) == plain(text));
        known.ok_or_else(|| "a range is `0,1`, `-1,1` or `0,255`".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_follows_from_the_numbers() {
        let check = |values: &[f32], expected: Option<PixelRange>| {
            assert_eq!(PixelRange::of(values).ok(), expected, "{values:?}");
        };
        check(&[0.0, 0.4, 1.0], Some(PixelRange::Unit));
        check(&[0.2, 1.0005], Some(PixelRange::Unit));
        check(&[-0.3, 0.4], Some(PixelRange::Symmetric));
        check(&[-1.001, 1.001], Some(PixelRange::Symmetric));
        check(&[0.0, 17.5, 255.0], Some(PixelRange::Bytes));
        check(&[f32::NAN, 0.4, f32::INFINITY], Some(PixelRange::Unit));
        check(&[f32::NAN], Some(PixelRange::Symmetric));
        check(&[], Some(PixelRange::Symmetric));
        check(&[0.0, 1.3], None);
        check(&[-0.1, 1.2], None);
        check(&[-2.1, 2.6], None);
        check(&[0.0, 256.0], None);
        check(&[-128.0, 127.0], None);
        let why = "its pixels go from -2.5 to 3, which is none of the ranges [0, 1], [-1, 1], [0, 255]";
        assert_eq!(PixelRange::of(&[-2.5, 3.0]).unwrap_err(), why);
    }

    #[test]
    fn a_stated_range_holds_the_numbers_or_is_refused() {
        assert_eq!(PixelRange::Symmetric.check(&[0.0, 1.0, f32::NAN]), Ok(()));
        let why = "its pixels go from 0 to 255, which is not within [-1, 1]";
        assert_eq!(PixelRange::Symmetric.check(&[0.0, 255.0]), Err(why.to_owned()));
    }

    #[test]
    fn every_range_is_written_as_it_is_read() {
        for range in PixelRange::ALL {
            assert_eq!(range.to_string().parse(), Ok(range));
            assert_eq!(range.ends().map(|end| range.scaled(end)), [-1.0, 1.0]);
        }
        assert_eq!("-1,1".parse(), Ok(PixelRange::Symmetric));
        assert!("0,2".parse::<PixelRange>().is_err());
    }
}
