//! WAV of plain numbers: the chunks `fmt ` and `data` of a RIFF file.

use super::Sound;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Formats of samples: integers, floats, and "see the extension", which is one of these two.
const FORMATS: [u16; 3] = [1, 3, 0xfffe];

/// Of a file of `length` bytes. The inner error is a sentence fragment.
pub(super) fn read(file: &mut File, length: u64) -> io::Result<Result<Sound, String>> {
    let mut head = [0; 12];
    file.read_exact(&mut head)?;
    if &head[..4] != b"RIFF" || &head[8..] != b"WAVE" {
        return Ok(Err("is not a WAV".into()));
    }
    let mut format = None;
    loop {
        let mut chunk = [0; 8];
        file.read_exact(&mut chunk)?;
        let size = u64::from(u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]));
        let start = file.stream_position()?;
        match &chunk[..4] {
            b"fmt " => {
                let mut fields = [0; 16];
                file.read_exact(&mut fields)?;
                format = Format::of(&fields);
            }
            b"data" => {
                return Ok(match format {
                    None => Err("is not a WAV of plain numbers".into()),
                    Some(_) if start + size > length => Err("is cut short".into()),
                    Some(Format { channels, rate, frame }) => Ok(Sound { channels, rate, frames: size / frame }),
                });
            }
            _ => {}
        }
        // Chunks begin at even bytes.
        file.seek(SeekFrom::Start(start + size + size % 2))?;
    }
}

struct Format {
    channels: u16,
    rate: u32,
    /// Bytes of one value of each channel.
    frame: u64,
}

impl Format {
    fn of(fields: &[u8; 16]) -> Option<Self> {
        let short = |at: usize| u16::from_le_bytes([fields[at], fields[at + 1]]);
        let (channels, rate) = (short(2), u32::from_le_bytes([fields[4], fields[5], fields[6], fields[7]]));
        let frame = u64::from(channels) * u64::from(short(14)).div_ceil(8);
        (FORMATS.contains(&short(0)) && rate > 0 && frame > 0).then_some(Self { channels, rate, frame })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Content, MediaFile, fixture};
    use super::*;
    use record::Media;

    /// Canonical header of 44 bytes: 16 bits, two channels, 8000 a second, three frames, an odd chunk before the data.
    fn wav() -> Vec<u8> {
        let mut bytes = b"RIFF\x3a\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x40\x1f\0\0\0\x7d\0\0\x04\0\x10\0".to_vec();
        bytes.extend(b"LIST\x01\0\0\0x\0data\x0c\0\0\0");
        bytes.extend([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        bytes
    }

    fn open(bytes: &[u8]) -> Result<MediaFile, String> {
        fixture::open(Media::Wav, bytes)
    }

    #[test]
    fn the_header_tells_length_and_rate() {
        let sound = Sound { channels: 2, rate: 8000, frames: 3 };
        assert_eq!(open(&wav()).unwrap().content, Content::Sound(sound));
    }

    #[test]
    fn a_file_that_is_cut_anywhere_is_not_whole() {
        let bytes = wav();
        for cut in 0..bytes.len() {
            assert_eq!(open(&bytes[..cut]).unwrap_err(), "is cut short", "at {cut}");
        }
    }

    #[test]
    fn other_files_are_no_sounds() {
        assert_eq!(open(&[b'x'; 100]).unwrap_err(), "is not a WAV");
        let mut compressed = wav();
        compressed[20] = 0x55;
        assert_eq!(open(&compressed).unwrap_err(), "is not a WAV of plain numbers");
    }
}
