//! Saved statistics of real samples.

use super::Target;
use evaluation::Statistics;

/// `--save-statistics` of `runner metrics`.
pub(super) const STATISTICS: Target = Target {
    name: "statistics",
    seeds: || {
        let header = r#"{"source":"x","fingerprint":"","count":1,"shape":[1,1,1],"extractor":"pixels","extractor_hash":"","metrics":[]}"#;
        let rows = [1u64, 1].map(u64::to_le_bytes).concat();
        let contents = [header.as_bytes(), b"\n", &rows, &[0; 4], &[0; 32]].concat();
        let seal = blake3::hash(&contents);
        vec![[b"runner statistics 1\n", &seal.as_bytes()[..], &contents].concat()]
    },
    words: &["runner statistics ", "\"shape\":[3,9,9]", "18446744073709551615"],
    read: |_, bytes| {
        // A mutation breaks the seal: what stands behind it is read under a right seal, too.
        let _ = Statistics::read(bytes);
        if let Some(contents) = bytes.get(52..) {
            let sealed = [b"runner statistics 1\n", &blake3::hash(contents).as_bytes()[..], contents].concat();
            let _ = Statistics::read(&sealed);
        }
    },
};
