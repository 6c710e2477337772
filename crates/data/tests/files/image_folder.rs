//! Folders of images as a data set.

use crate::written::Folder;
use data::{Color, DataConfig, Dataset, ImageFolder, Split};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage, ImageEncoder, ImageFormat, Luma, Rgb, RgbImage};
use std::io::Cursor;

pub(crate) fn bytes(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.into().write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

pub(crate) fn plain(color: [u8; 3], width: u32, height: u32) -> RgbImage {
    RgbImage::from_pixel(width, height, Rgb(color))
}

pub(crate) fn config(folder: &Folder, size: u32, color: Color) -> DataConfig {
    DataConfig::of(ImageFolder { path: folder.path().to_owned(), size, color })
}

pub(crate) fn open_folder(folder: &Folder, size: u32, color: Color) -> Dataset {
    config(folder, size, color).open(Split::Train).unwrap()
}

#[test]
fn subfolders_are_classes_and_paths_give_the_order() {
    let folder = Folder::new();
    folder.write("b dogs/1.JPG", &bytes(plain([0, 255, 0], 40, 40), ImageFormat::Jpeg));
    folder.write("a cats/2.png", &bytes(plain([0, 0, 255], 9, 9), ImageFormat::Png));
    folder.write("a cats/deep/1.png", &bytes(plain([255, 0, 0], 9, 9), ImageFormat::Png));
    folder.write("a cats/.hidden.png", b"no image");
    folder.write("a cats/notes.txt", b"no image");
    let dataset = open_folder(&folder, 8, Color::Rgb);
    assert_eq!((dataset.len(), dataset.classes()), (3, Some(2)));
    assert_eq!(dataset.format(), samples::Format::Image([3, 8, 8]));
    assert_eq!(dataset.labels(), Some([0, 0, 1].as_slice()));
    let planes = |index: usize| [0, 64, 128].map(|at| dataset.image(index)[at]);
    assert_eq!((planes(0), planes(1)), ([0, 0, 255], [255, 0, 0]));
    let [red, green, blue] = planes(2);
    assert!(red < 5 && green > 250 && blue < 5, "JPEG is near: {red} {green} {blue}");
    let test = config(&folder, 8, Color::Rgb).open(Split::Test).unwrap();
    assert!(test.is_empty() && test.classes() == Some(2));
}

#[test]
fn an_image_beside_the_subfolders_means_that_there_are_no_classes() {
    let folder = Folder::new();
    folder.write("a/1.png", &bytes(plain([255, 0, 0], 9, 9), ImageFormat::Png));
    folder.write("0.png", &bytes(plain([0; 3], 9, 9), ImageFormat::Png));
    let dataset = open_folder(&folder, 4, Color::Grey);
    assert_eq!((dataset.len(), dataset.labels(), dataset.image(0)[0]), (2, None, 0));
    // ITU-R BT.709: red has 0.2126 of the luminance.
    assert!((53..=55).contains(&dataset.image(1)[0]), "{}", dataset.image(1)[0]);
}

/// A wide image with a white centre: what is cut off is the two sides.
#[test]
fn the_square_centre_is_kept() {
    let folder = Folder::new();
    let wide = GrayImage::from_fn(30, 10, |x, _| Luma([if (10..20).contains(&x) { 255 } else { 0 }]));
    folder.write("wide.png", &bytes(wide, ImageFormat::Png));
    assert!(open_folder(&folder, 10, Color::Grey).image(0).iter().all(|pixel| *pixel == 255));
    assert!(open_folder(&folder, 5, Color::Grey).image(0).iter().all(|pixel| *pixel == 255));
}

#[test]
fn shrinking_averages_and_the_size_is_part_of_the_identity() {
    let folder = Folder::new();
    let board = GrayImage::from_fn(64, 64, |x, y| Luma([if (x + y) % 2 == 0 { 255 } else { 0 }]));
    folder.write("board.png", &bytes(board, ImageFormat::Png));
    let small = open_folder(&folder, 16, Color::Grey);
    assert!(small.image(0).iter().all(|pixel| (120..=136).contains(pixel)), "{:?}", small.image(0));
    assert_ne!(small.fingerprint(), open_folder(&folder, 8, Color::Grey).fingerprint());
    assert_ne!(small.fingerprint(), open_folder(&folder, 16, Color::Rgb).fingerprint());
    assert_eq!(small.fingerprint(), open_folder(&folder, 16, Color::Grey).fingerprint());
}

#[test]
fn what_is_no_image_is_named() {
    let folder = Folder::new();
    folder.write("a.png", &bytes(plain([1, 2, 3], 9, 9), ImageFormat::Png));
    let whole = bytes(plain([9; 3], 64, 64), ImageFormat::Jpeg);
    for content in [b"no image".to_vec(), Vec::new(), whole[..20].to_vec()] {
        folder.write("b.jpg", &content);
        let error = config(&folder, 8, Color::Rgb).open(Split::Train).unwrap_err();
        assert!(folder.text(&error).contains("DIR/b.jpg"), "{error}");
        assert!(!error.is_missing());
    }
}

#[test]
fn an_empty_or_absent_folder_says_what_to_do() {
    let folder = Folder::new();
    let absent = DataConfig::of(ImageFolder { path: folder.path().join("absent"), size: 8, color: Color::Rgb });
    for config in [config(&folder, 8, Color::Rgb), absent] {
        let error = config.open(Split::Train).unwrap_err();
        assert!(error.is_missing() && error.to_string().contains("set `path`"), "{error}");
    }
}

/// A camera on its side notes so: orientation 6 of the Exif standard is seen after a quarter turn clockwise.
#[test]
fn a_photo_is_turned_as_its_camera_was_held() {
    let folder = Folder::new();
    let left_white = GrayImage::from_fn(64, 64, |x, _| Luma([if x < 32 { 255 } else { 0 }]));
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    encoder.set_exif_metadata(exif.to_vec()).unwrap();
    encoder.encode_image(&left_white).unwrap();
    folder.write("photo.jpg", &bytes);
    let dataset = open_folder(&folder, 8, Color::Grey);
    let image = dataset.image(0);
    assert!(image[..8].iter().all(|pixel| *pixel > 240), "the top is what was left: {image:?}");
    assert!(image[56..].iter().all(|pixel| *pixel < 15), "{image:?}");
}
