//! Damaged folders: every command answers, and the next sweep makes whole what can be made whole.

use super::kill::{UNDISTURBED, results};
use super::{SOUND, answered, any, lab};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use testing::Mutator;

const READERS: [&str; 6] = [
    "status results/long",
    "status results/long --format json",
    "export results/long",
    "report results/long",
    "plan long.yaml --diff",
    "gc results/long --dry-run",
];

pub(super) fn attack(random: &mut Mutator) {
    let lab = lab();
    crate::copy_folder(&SOUND.path("results"), &lab.path("results"));
    let mut harmed = Vec::new();
    for _ in 0..=random.below(3) {
        let entries = walk(&lab.path("results/long"));
        let path = any(random, &entries);
        harmed.push((path.clone(), harm(random, &path)));
    }
    println!("    {harmed:?}");
    for _ in 0..3 {
        answered(lab.run(any(random, &READERS)));
    }
    let ended = answered(lab.run("sweep long.yaml"));
    if ended.code == Some(0) {
        assert_eq!(results(&lab.sweep("long")).0, UNDISTURBED.0, "{harmed:?}");
    } else {
        let named = harmed.iter().any(|(path, _)| {
            path.ancestors()
                .take(3)
                .any(|path| path.file_name().is_some_and(|name| ended.says(&name.to_string_lossy())))
        });
        assert!(named, "names nothing of {harmed:?}: {ended:#?}");
    }
}

/// What became of the file or folder. An earlier harm may have left a pipe, which is not to be read.
fn harm(random: &mut Mutator, path: &Path) -> &'static str {
    let content = if path.is_file() { fs::read(path).unwrap_or_default() } else { Vec::new() };
    let what = any(random, &["gone", "empty", "cut", "mutated", "foreign", "a folder", "a link to nothing", "a pipe"]);
    if what == "mutated" && !content.is_empty() {
        let bytes = random.mutated(&[content], &["null", "-1", "1e999", "\u{1b}[2J", "../../x"]);
        fs::write(path, bytes).expect("the lab can be written");
        return what;
    }
    let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match what {
        "gone" => Ok(()),
        "cut" => fs::write(path, &content[..content.len() / 2]),
        "foreign" => fs::write(path, b"\xff\xfe\0{\"event\":\"started\"}\n\x1b[31m"),
        "a folder" => fs::create_dir_all(path.join("x")),
        "a link to nothing" => symlink("/nowhere/at/all", path),
        "a pipe" => {
            let made = std::process::Command::new("mkfifo").arg(path).status();
            made.map(|status| assert!(status.success()))
        }
        _ => fs::write(path, ""),
    }
    .expect("the lab can be written");
    what
}

/// All files and folders below.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the lab can be read");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("the lab can be read").path()).collect();
    paths.sort();
    let below: Vec<PathBuf> =
        paths.iter().filter(|path| path.is_dir() && !path.is_symlink()).flat_map(|path| walk(path)).collect();
    [paths, below].concat()
}
