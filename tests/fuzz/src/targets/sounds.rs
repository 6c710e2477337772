//! Recordings of a user.

use super::{Target, write};
use data::{DataConfig, OnError, Split, WavFolder};
use std::path::Path;

/// WAV, FLAC, Ogg Vorbis and MP3.
pub(super) const SOUND: Target = Target {
    name: "sound",
    seeds: || {
        let wave: Vec<f32> = (0..600u16).map(|at| (f32::from(at) / 20.0).sin()).collect();
        let mut seeds = vec![samples::wav::write(&wave, 1, 8_000), samples::wav::write(&wave, 2, 44_100)];
        seeds.extend(["stereo.flac", "stereo.ogg", "stereo.mp3", "opus.ogg"].map(fixture));
        seeds
    },
    words: &["RIFF", "WAVE", "fmt ", "data", "fLaC", "OggS", "ID3", "Xing", "vorbis", "LIST", "fact"],
    read: |folder, bytes| {
        // The first bytes tell the format, whatever the name.
        write(&folder.join("sound.wav"), bytes);
        let config =
            WavFolder { rate: 8_000, length: 1_024, on_error: OnError::Skip, ..WavFolder::new(folder.to_owned()) };
        let _ = DataConfig::of(config).open(Split::Train);
    },
};

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/data/tests/files/sounds"));
    std::fs::read(folder.join(name)).expect("the fixture is in the repository")
}
