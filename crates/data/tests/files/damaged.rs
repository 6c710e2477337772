//! Files cut off anywhere, changed anywhere, or made of garbage: always an error that names the file, never a panic.

use std::path::Path;

use data::{DataConfig, Idx, Split};

use crate::written::{Folder, gzip, images, labels};

/// Opens the pair. An error must name the file that is `damaged`.
fn check(folder: &Folder, damaged: &str, bytes: &[u8], must_fail: bool) {
    folder.write(damaged, bytes);
    let in_folder = |name: &str| folder.path().join(name);
    let config =
        DataConfig::of(Idx { images: in_folder("images"), labels: Some(in_folder("labels")), ..Idx::default() });
    match config.open(Split::Train) {
        Ok(_) => assert!(!must_fail, "{damaged} of {} bytes opens", bytes.len()),
        Err(error) => {
            let text = folder.text(&error);
            assert!(text.contains(Path::new("DIR").join(damaged).to_str().unwrap()), "{text}");
        }
    }
}

fn pair() -> Folder {
    let folder = Folder::new();
    folder.write("images", &images());
    folder.write("labels", &labels());
    folder
}

#[test]
fn a_file_cut_at_any_byte_is_an_error() {
    for (name, whole) in [("images", images()), ("labels", labels())] {
        let folder = pair();
        for bytes in [whole.clone(), gzip(&whole)] {
            check(&folder, name, &bytes, false);
            for cut in 0..bytes.len() {
                check(&folder, name, &bytes[..cut], true);
            }
        }
    }
}

/// Values are not protected by a plain file, and some bytes of a gzip header mean nothing; everything else is.
#[test]
fn a_changed_byte_never_panics() {
    for (name, whole, header) in [("images", images(), 16), ("labels", labels(), 8)] {
        let folder = pair();
        for change in [0x01, 0x80, 0xff] {
            for at in 0..whole.len() {
                let mut bytes = whole.clone();
                bytes[at] ^= change;
                check(&folder, name, &bytes, at < header);
            }
            for at in 0..gzip(&whole).len() {
                let mut bytes = gzip(&whole);
                bytes[at] ^= change;
                check(&folder, name, &bytes, false);
            }
        }
    }
}

#[test]
fn garbage_never_panics() {
    let folder = pair();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..600 {
        let garbage = std::iter::repeat_with(|| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random as u8
        });
        // Behind a true start, so that the garbage is met by every stage of the reader.
        let start: &[u8] = [b"".as_slice(), &[0, 0, 8, 3], &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0]][round % 3];
        let bytes: Vec<u8> = start.iter().copied().chain(garbage.take(round % 64)).collect();
        check(&folder, "images", &bytes, true);
    }
}
