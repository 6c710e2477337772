//! PNG, and APNG, which is one with further frames: the first chunk and the last.

use super::Picture;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Signature, then the length, name and 13 bytes of IHDR.
const HEADER: usize = 29;
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const END: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";

/// The inner error is a sentence fragment.
pub(super) fn read(file: &mut File) -> io::Result<Result<Picture, String>> {
    let (mut header, mut end) = ([0; HEADER], [0; END.len()]);
    file.read_exact(&mut header)?;
    file.seek(SeekFrom::End(-(END.len() as i64)))?;
    file.read_exact(&mut end)?;
    Ok(match picture(&header) {
        None => Err("is not a PNG".into()),
        Some(_) if end != END => Err("is cut short".into()),
        Some(picture) => Ok(picture),
    })
}

fn picture(header: &[u8; HEADER]) -> Option<Picture> {
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let (width, height) = (number(16), number(20));
    let channels =
        [Some(1), None, Some(3), Some(3), Some(2), None, Some(4)].get(usize::from(header[25])).copied()??;
    let is_png = header.starts_with(SIGNATURE) && &header[12..16] == b"IHDR";
    let has_size = [width, height].iter().all(|side| (1..=i32::MAX as u32).contains(side));
    (is_png && has_size).then_some(Picture { width, height, channels })
}

#[cfg(test)]
mod tests {
    use super::super::{Content, MediaFile, fixture};
    use super::*;
    use record::Media;

    fn png(width: u32, height: u32, color: png::ColorType) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(color);
        let pixels = vec![7; (width * height) as usize * color.samples()];
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        bytes
    }

    fn open(bytes: &[u8]) -> Result<MediaFile, String> {
        fixture::open(Media::Png, bytes)
    }

    #[test]
    fn size_and_channels_come_from_the_header() {
        for (color, channels) in [(png::ColorType::Grayscale, 1), (png::ColorType::Rgb, 3), (png::ColorType::Rgba, 4)] {
            let bytes = png(5, 3, color);
            let file = open(&bytes).unwrap();
            assert_eq!(file.content, Content::Picture(Picture { width: 5, height: 3, channels }));
            assert_eq!(file.length, bytes.len() as u64);
        }
    }

    #[test]
    fn a_file_that_is_cut_anywhere_is_not_whole() {
        let bytes = png(5, 3, png::ColorType::Rgb);
        for cut in 0..bytes.len() {
            assert_eq!(open(&bytes[..cut]).unwrap_err(), "is cut short", "at {cut}");
        }
    }

    #[test]
    fn other_files_are_no_pictures() {
        assert_eq!(open(&[b'x'; 100]).unwrap_err(), "is not a PNG");
    }
}
