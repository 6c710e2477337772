//! Readers of foreign bytes under mutated input: no panic, no hang, bounded memory.
//!
//! A [target](targets::ALL) is a reader with sound inputs to begin from. The binary `fuzz` feeds it mutations of them on
//! stable Rust: `cargo run --release -p fuzz -- --inputs 1000000 png`; the files in `fuzz_targets/` are the same targets for
//! cargo-fuzz, which follows the program's branches and needs a nightly compiler. An input that once broke a reader stays in
//! `corpus/<target>/`, and is among those to begin from.

pub mod session;
pub mod targets;

/// Gives bytes to the target of this name, in a folder for temporary files.
///
/// # Panics
/// There is no such target, no such folder, or the target's reader panics.
pub fn run(target: &str, bytes: &[u8]) {
    let target = targets::find(target).expect("a target's name");
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    (target.read)(folder.path(), bytes);
}
