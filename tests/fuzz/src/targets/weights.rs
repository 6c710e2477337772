//! Weights that a user names.

use super::{Target, write};
use features::Inception;
use std::path::Path;

/// `run.evaluate.inception` in safetensors.
pub(super) const SAFETENSORS: Target = Target {
    name: "safetensors",
    seeds: || {
        let header = br#"{"Conv2d_1a_3x3.conv.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}"#;
        vec![[&(header.len() as u64).to_le_bytes()[..], header, &[0; 8]].concat(), fixture("tiny.safetensors")]
    },
    words: &["\"F64\"", "\"BF16\"", "[18446744073709551615,8]", "[0,9]", "[]"],
    read: |folder, bytes| read(folder, "x.safetensors", bytes),
};

/// The same in PyTorch's two formats: a zip of a pickle and its storages, and the one before it.
pub(super) const PYTORCH: Target = Target {
    name: "pytorch",
    seeds: || ["tiny.pth", "tiny-legacy.pth"].map(fixture).into(),
    words: &["PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}", "torch", "FloatStorage", "\u{80}\u{2}}q"],
    read: |folder, bytes| read(folder, "x.pth", bytes),
};

fn read(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    write(&path, bytes);
    let _ = Inception::read(&path);
}

fn fixture(name: &str) -> Vec<u8> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/features/tests/fixtures");
    std::fs::read(fixtures.join(name)).expect("the fixtures are part of the repository")
}
