//! A sound as a WAV file of 16 bits: a fixed scale, so that loudness means the same in every file.

use hound::{SampleFormat, WavSpec, WavWriter};
use std::io::Cursor;

/// Writes a sound, `[channel][sample]`, -1 as -32767 and 1 as 32767; what lies outside is cut, what is not a number is 0.
pub fn write(sound: &[f32], channels: usize, rate: u32) -> Vec<u8> {
    let spec =
        WavSpec { channels: channels as u16, sample_rate: rate, bits_per_sample: 16, sample_format: SampleFormat::Int };
    let mut bytes = Cursor::new(Vec::new());
    let length = sound.len() / channels;
    let written = WavWriter::new(&mut bytes, spec).and_then(|mut writer| {
        for at in 0..length {
            for channel in 0..channels {
                writer.write_sample((sound[channel * length + at] * f32::from(i16::MAX)).round() as i16)?;
            }
        }
        writer.finalize()
    });
    written.expect("memory takes all bytes, and every channel is as long");
    bytes.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read_back_in_turn() {
        let sound = [0.0, 0.5, 1.0, 5.0, -1.0, -0.25, f32::NAN, -7.0];
        let bytes = write(&sound, 2, 16_000);
        let mut reader = hound::WavReader::new(&bytes[..]).unwrap();
        let spec = reader.spec();
        assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (2, 16_000, 16));
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(samples, [0, -32767, 16384, -8192, 32767, 0, 32767, -32768]);
    }

    /// The header's fields where Microsoft's description of the format has them.
    #[test]
    fn the_header_is_that_of_pcm() {
        let bytes = write(&[0.0; 6], 1, 8000);
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        let half = |at: usize| u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap());
        assert_eq!((&bytes[..4], &bytes[8..16], &bytes[36..40]), (&b"RIFF"[..], &b"WAVEfmt "[..], &b"data"[..]));
        assert_eq!([word(4), word(16), word(24), word(28), word(40)], [36 + 12, 16, 8000, 16_000, 12]);
        assert_eq!([half(20), half(22), half(32), half(34)], [1, 1, 2, 16]);
        assert_eq!(bytes.len(), 44 + 12);
    }
}
