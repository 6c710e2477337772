//! A sample grid on disk: is the PNG whole, and how large is it? The bytes themselves go through unchanged.

use crate::ReportError;
use record::Sample;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;

/// Signature, then the length, name and 13 bytes of IHDR.
const HEADER: usize = 29;
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const END: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";

/// A PNG whose beginning and end are there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grid {
    pub step: u64,
    /// Unix time, seconds.
    pub at: f64,
    pub path: PathBuf,
    /// Bytes of the file.
    pub length: u64,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
    pub channels: u8,
    /// Root of the mean variance of what it shows, where it was recorded.
    pub spread: Option<f64>,
}

impl Grid {
    /// Looks at both ends of the file; the error is a sentence fragment that goes after the file's name.
    pub fn inspect(sample: &Sample) -> Result<Self, String> {
        let (length, header, end) = ends(&sample.path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => "is missing".to_owned(),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput => "is cut short".to_owned(),
            _ => format!("cannot be read: {error}"),
        })?;
        let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let (width, height) = (number(16), number(20));
        let channels = [Some(1), None, Some(3), Some(3), Some(2), None, Some(4)].get(usize::from(header[25])).copied();
        let Some(channels) = channels.flatten().filter(|_| {
            header.starts_with(SIGNATURE)
                && &header[12..16] == b"IHDR"
                && [width, height].iter().all(|side| (1..=i32::MAX as u32).contains(side))
        }) else {
            return Err("is not a PNG".into());
        };
        if end != END {
            return Err("is cut short".into());
        }
        let Sample { step, at, spread, path } = sample.clone();
        Ok(Self { step, at, path, length, width, height, channels, spread })
    }

    pub fn read(&self) -> Result<Vec<u8>, ReportError> {
        std::fs::read(&self.path).map_err(ReportError::read(&self.path))
    }
}

fn ends(path: &std::path::Path) -> io::Result<(u64, [u8; HEADER], [u8; END.len()])> {
    let mut file = File::open(path)?;
    let (mut header, mut end) = ([0; HEADER], [0; END.len()]);
    file.read_exact(&mut header)?;
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::End(-(END.len() as i64)))?;
    file.read_exact(&mut end)?;
    Ok((length, header, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, color: png::ColorType) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(color);
        let pixels = vec![7; (width * height) as usize * color.samples()];
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        bytes
    }

    fn inspect(bytes: &[u8]) -> Result<Grid, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("step-000001.png");
        std::fs::write(&path, bytes).unwrap();
        Grid::inspect(&Sample { step: 1, path, spread: None, at: 0.0 })
    }

    #[test]
    fn size_and_channels_come_from_the_header() {
        for (color, channels) in [(png::ColorType::Grayscale, 1), (png::ColorType::Rgb, 3), (png::ColorType::Rgba, 4)] {
            let bytes = png(5, 3, color);
            let grid = inspect(&bytes).unwrap();
            assert_eq!((grid.width, grid.height, grid.channels, grid.length), (5, 3, channels, bytes.len() as u64));
        }
    }

    #[test]
    fn a_file_that_is_cut_anywhere_is_not_whole() {
        let bytes = png(5, 3, png::ColorType::Rgb);
        for cut in 0..bytes.len() {
            assert_eq!(inspect(&bytes[..cut]).unwrap_err(), "is cut short", "at {cut}");
        }
    }

    #[test]
    fn other_files_are_no_grids() {
        assert_eq!(inspect(&[b'x'; 100]).unwrap_err(), "is not a PNG");
        let missing = Sample { step: 1, path: "/nowhere/at/all.png".into(), spread: None, at: 0.0 };
        assert_eq!(Grid::inspect(&missing).unwrap_err(), "is missing");
    }
}
