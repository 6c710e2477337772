//! A file's bytes as a recording of one channel. Strict: half a sound is none.

use std::io::{Cursor, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::audio::SampleBuffer;
use symphonia::core::codecs::{CODEC_TYPE_FLAC, CODEC_TYPE_MP3, CODEC_TYPE_NULL, CODEC_TYPE_VORBIS, DecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::FormatOptions;
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::core::probe::Hint;

use crate::sound::READ;

/// The largest file that is read as a sound.
pub(crate) const MAX_BYTES: u64 = 1 << 30;

/// Samples of a channel: eleven minutes at 48 kHz, and a quarter of a gigabyte while it is resampled.
const MAX_SAMPLES: usize = 1 << 25;

/// What a full scale of 16 bits is here: -32,767 and 32,767 are -1 and 1.
const FULL_SCALE: f32 = 32_768.0 / 32_767.0;

/// A sound as it was recorded, but for its channels, whose mean it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Recording {
    pub(crate) samples: Vec<f32>,
    /// Samples a second.
    pub(crate) rate: u32,
    /// Of the file.
    pub(crate) channels: usize,
}

/// # Errors
/// It is no sound that is read, damaged, cut short, empty or too long; a sentence without a full stop.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<Recording, String> {
    if bytes.is_empty() {
        return Err("the file is empty".to_owned());
    }
    // Symphonia panics on some damaged headers, such as a rate of 0.
    let decoded = catch_unwind(AssertUnwindSafe(|| decoded(bytes)));
    decoded.unwrap_or_else(|_| Err(format!("it is no {READ} sound, or damaged: its header makes no sense")))
}

fn decoded(bytes: Vec<u8>) -> Result<Recording, String> {
    let stream = MediaSourceStream::new(Box::new(Cursor::new(bytes)), Default::default());
    let formats = FormatOptions { enable_gapless: true, ..FormatOptions::default() };
    let mut file = symphonia::default::get_probe()
        .format(&Hint::new(), stream, &formats, &MetadataOptions::default())
        .map_err(|error| format!("it is no {READ} sound, or damaged: {}", words(&error)))?
        .format;
    let track = file.tracks().iter().find(|track| track.codec_params.codec != CODEC_TYPE_NULL);
    let track = track.ok_or_else(|| format!("it holds no {READ} sound"))?;
    let (id, settings) = (track.id, track.codec_params.clone());
    let mut decoder = symphonia::default::get_codecs()
        .make(&settings, &DecoderOptions { verify: true })
        .map_err(|error| format!("its sound is encoded in another way than {READ} are: {}", words(&error)))?;
    let mut recording = Recording { samples: Vec::new(), rate: 0, channels: 0 };
    loop {
        let packet = match file.next_packet() {
            Ok(packet) => packet,
            // The end of a file is no other error.
            Err(Error::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(damaged(&recording, &error)),
        };
        if packet.track_id() != id {
            continue;
        }
        let decoded = decoder.decode(&packet).map_err(|error| damaged(&recording, &error))?;
        let spec = *decoded.spec();
        let (rate, channels) = (spec.rate, spec.channels.count());
        if recording.channels == 0 {
            (recording.rate, recording.channels) = (rate, channels);
        }
        if (rate, channels) != (recording.rate, recording.channels) || channels == 0 || rate == 0 {
            return Err("its rate or its number of channels changes".to_owned());
        }
        if decoded.frames() == 0 {
            continue;
        }
        let mut values = SampleBuffer::<f32>::new(decoded.capacity() as u64, spec);
        values.copy_interleaved_ref(decoded);
        let scale = FULL_SCALE / channels as f32;
        let frames = values.samples().chunks_exact(channels);
        recording.samples.extend(frames.map(|frame| frame.iter().sum::<f32>() * scale));
        if recording.samples.len() > MAX_SAMPLES {
            return Err(format!("it is longer than {MAX_SAMPLES} samples; cut it into pieces"));
        }
    }
    let found = recording.samples.len();
    // Where samples are compressed with loss, how many there are is only estimated.
    let is_lossy = [CODEC_TYPE_MP3, CODEC_TYPE_VORBIS].contains(&settings.codec);
    let is_checked = settings.codec == CODEC_TYPE_FLAC;
    match settings.n_frames.filter(|_| !is_lossy) {
        Some(promised) if (found as u64) < promised => {
            Err(format!("it is cut short or damaged: {found} samples of {promised} are there"))
        }
        _ if found == 0 => Err("it holds no samples".to_owned()),
        _ if is_checked && decoder.finalize().verify_ok == Some(false) => {
            Err("it is damaged: its checksum is another one".to_owned())
        }
        _ if recording.samples.iter().any(|sample| !sample.is_finite()) => {
            Err("a sample of it is not a finite number".to_owned())
        }
        _ => Ok(recording),
    }
}

fn damaged(recording: &Recording, error: &Error) -> String {
    format!("it is damaged or cut short after {} samples: {}", recording.samples.len(), words(error))
}

fn words(error: &Error) -> String {
    match error {
        Error::IoError(_) => "it ends too early".to_owned(),
        Error::DecodeError(what) | Error::Unsupported(what) | Error::LimitError(what) => (*what).to_owned(),
        other => other.to_string(),
    }
}
