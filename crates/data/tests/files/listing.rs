//! What a folder of images holds, for training and for `metrics` alike.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use data::{Color, Description, Samples};
use image::ImageFormat;

use crate::image_folder::{bytes, config, plain};
use crate::written::Folder;

const AVIF: &[u8] = b"\0\0\0\x20ftypavif and so on";

fn image(shade: u8) -> Vec<u8> {
    bytes(plain([shade; 3], 8, 8), ImageFormat::Png)
}

fn write(folder: &Folder, names: &[&str]) {
    for (shade, name) in names.iter().enumerate() {
        folder.write(name, &image(shade as u8));
    }
}

/// Both readers must see the same: the description of training, classes and what was passed over of `metrics`.
fn both(folder: &Folder) -> Description {
    let described = config(folder, 8, Color::Rgb).describe().unwrap();
    let samples = Samples::read(folder.path(), None).unwrap();
    assert_eq!(samples.len(), described.length);
    let labels = samples.labels();
    let counts = |class: usize| labels.unwrap().of_samples.iter().filter(|label| usize::from(**label) == class).count();
    let seen = labels.map(|labels| labels.names.iter().enumerate().map(|(at, name)| (name.clone(), counts(at))));
    assert_eq!(seen.map(Vec::from_iter), classes(&described));
    assert_eq!(samples.passed_over(), &described.passed_over);
    described
}

fn classes(description: &Description) -> Option<Vec<(String, usize)>> {
    let counts = description.class_counts.as_ref()?;
    Some(counts.iter().map(|class| (class.name.clone(), class.samples)).collect())
}

fn named(classes: &[(&str, usize)]) -> Option<Vec<(String, usize)>> {
    Some(classes.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect())
}

fn warnings(folder: &Folder, description: &Description) -> String {
    let text = description.passed_over.warnings.join("\n");
    text.replace(folder.path().to_str().unwrap(), "DIR")
}

#[test]
fn images_at_any_depth_are_read_and_lie_in_the_class_of_their_first_folder() {
    let folder = Folder::new();
    write(&folder, &["a/1.png", "b/deep/deeper/1.png", "b/deep/2.png", "c/1.png"]);
    let found = both(&folder);
    assert_eq!((classes(&found), warnings(&folder, &found).as_str()), (named(&[("a", 1), ("b", 2), ("c", 1)]), ""));
}

#[test]
fn images_beside_subfolders_are_no_class_and_are_reported() {
    let folder = Folder::new();
    write(&folder, &["1.png", "2.png", "more/1.png", "more/2.png", "more/3.png"]);
    let found = both(&folder);
    assert_eq!((found.length, classes(&found)), (5, None));
    assert_eq!(warnings(&folder, &found), "DIR: 2 of 5 images lie in no subfolder, so subfolders are no classes");
}

#[test]
fn links_are_followed_and_circles_end() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    write(&folder, &["a/1.png"]);
    write(&elsewhere, &["1.png", "2.png"]);
    symlink(elsewhere.path(), folder.path().join("b")).unwrap();
    symlink(folder.path(), folder.path().join("a/circle")).unwrap();
    symlink(folder.path().join("a"), elsewhere.path().join("to-a")).unwrap();
    symlink("nowhere", folder.path().join("a/notes")).unwrap();
    let found = both(&folder);
    assert_eq!(classes(&found), named(&[("a", 1), ("b", 3)]));
    let expected = "files that cannot be opened (2), links to a folder that they lie in (2)";
    assert_eq!(found.passed_over.summary().unwrap(), expected);
}

#[test]
fn what_is_no_image_is_counted() {
    let folder = Folder::new();
    write(&folder, &["a/1.png", "a/._1.png", ".hidden/1.png", "folder.png/1.png", "a/without-ending"]);
    folder.write("a/notes.txt", b"no image");
    folder.write("Thumbs.db", b"no image");
    rustix::fs::mkfifoat(rustix::fs::CWD, folder.path().join("a/pipe"), rustix::fs::Mode::RUSR).unwrap();
    let found = both(&folder);
    assert_eq!((classes(&found), warnings(&folder, &found).as_str()), (named(&[("a", 2), ("folder.png", 1)]), ""));
    let expected =
        "files that are no images (2), files that cannot be opened (1), hidden files (1), hidden folders (1)";
    assert_eq!(found.passed_over.summary().unwrap(), expected);
}

/// A class that is left out would change the numbers of those behind it unsaid.
#[test]
fn images_that_are_not_read_are_told_and_so_are_the_classes_that_lack_them() {
    let folder = Folder::new();
    write(&folder, &["a/1.png", "c/1.png", "c/2.png"]);
    ["b/1.avif", "b/2.avif", "c/3.avif"].iter().for_each(|name| drop(folder.write(name, AVIF)));
    folder.write("c/photo.HEIC", b"\0\0\0\x18ftypheic");
    fs::create_dir(folder.path().join("d")).unwrap();
    let found = both(&folder);
    assert_eq!(classes(&found), named(&[("a", 1), ("c", 2)]));
    insta::assert_snapshot!(warnings(&folder, &found), @r"
    DIR: not read: AVIF images (3), HEIC images (1); PNG, JPEG, WebP, BMP, TIFF and GIF are
    DIR: no class, for want of an image that is read: `b`, `d`; the classes are 0 `a`, 1 `c`
    ");
}

#[test]
fn a_folder_with_nothing_to_read_says_what_it_has() {
    let folder = Folder::new();
    folder.write("a/1.avif", AVIF);
    folder.write("notes.txt", b"");
    let read = |path: &Path| folder.text(&Samples::read(path, None).unwrap_err());
    let training = folder.text(&config(&folder, 8, Color::Rgb).describe().unwrap_err());
    assert_eq!(training, read(folder.path()));
    let expected = "DIR: it holds no PNG, JPEG, WebP, BMP, TIFF or GIF image; passed over: AVIF images (1), files that are no images (1)";
    assert_eq!(training, expected);
}
