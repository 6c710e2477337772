//! Sounds in files: WAV, FLAC, Ogg Vorbis and MP3, of any rate, depth and number of channels. A file's format shows in its
//! first bytes, whatever its name.

pub(crate) mod clip;
pub(crate) mod decode;
pub(crate) mod folder;
pub(crate) mod recordings;
mod resample;

use std::path::Path;

use crate::file::listing::{Found, Kinds};
use crate::picture::ends_in;

/// The formats that are read, in words.
pub(crate) const READ: &str = "WAV, FLAC, Ogg Vorbis or MP3";

/// Formats of sounds that are not read, by the ending of the name.
const KNOWN_BY_NAME: [&str; 7] = ["aac", "aif", "aiff", "m4a", "opus", "wma", "wv"];

/// The sounds of a folder.
pub(crate) const KINDS: Kinds = Kinds { noun: "sound", one: "a sound", read: READ, of: kind, has_name };

fn kind(start: &[u8], path: &Path) -> Option<Found> {
    let unread = || KNOWN_BY_NAME.into_iter().find(|name| ends_in(path, &[name])).map(str::to_ascii_uppercase);
    match is_read(start) {
        true => Some(Found::Read),
        false => unread().map(Found::Unread),
    }
}

fn is_read(start: &[u8]) -> bool {
    let is_wav = start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WAVE");
    // Eleven bits that mark a frame, some version, layer III.
    let is_frame = matches!(start, [0xff, second, ..] if second & 0xe6 == 0xe2);
    is_wav || is_frame || [&b"fLaC"[..], b"OggS", b"ID3"].iter().any(|magic| start.starts_with(magic))
}

/// Whether the name is that of a sound that is read.
fn has_name(path: &Path) -> bool {
    ends_in(path, &["wav", "flac", "ogg", "oga", "mp3"])
}
