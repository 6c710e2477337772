//! Folders of images as a data set.

use crate::written::Folder;
use data::{Background, Color, DataConfig, Dataset, Fit, HoldOut, ImageFolder, Memory, OnError, Split};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage, ImageEncoder, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};
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
    DataConfig::of(ImageFolder { size, color, ..ImageFolder::new(folder.path().to_owned()) })
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
    let absent =
        DataConfig::of(ImageFolder { size: 8, color: Color::Rgb, ..ImageFolder::new(folder.path().join("absent")) });
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

/// Red left, blue right, twice as wide as high.
fn wide() -> RgbImage {
    RgbImage::from_fn(32, 16, |x, _| Rgb(if x < 16 { [255, 0, 0] } else { [0, 0, 255] }))
}

/// The pixel at a row and a column.
fn at(dataset: &Dataset, row: usize, column: usize) -> [u8; 3] {
    let [_, height, width] = dataset.format().shape();
    [0, 1, 2].map(|channel| dataset.image(0)[channel * height * width + row * width + column])
}

#[test]
fn what_is_no_square_is_cropped_padded_or_stretched() {
    let folder = Folder::new();
    folder.write("wide.png", &bytes(wide(), ImageFormat::Png));
    let open = |fit, background| {
        let size = ImageFolder { size: 16, fit, background, ..ImageFolder::new(folder.path().to_owned()) };
        DataConfig::of(size).open(Split::Train).unwrap()
    };
    let (red, blue) = ([255, 0, 0], [0, 0, 255]);
    let cropped = open(Fit::Crop, None);
    assert_eq!([at(&cropped, 0, 0), at(&cropped, 15, 7), at(&cropped, 15, 8)], [red, red, blue]);
    let stretched = open(Fit::Stretch, None);
    assert_eq!([at(&stretched, 0, 0), at(&stretched, 15, 4), at(&stretched, 15, 12)], [red, red, blue]);
    let padded = open(Fit::Pad, Some(Background([1, 2, 3])));
    assert_eq!([at(&padded, 3, 0), at(&padded, 12, 15)], [[1, 2, 3]; 2]);
    assert_eq!([at(&padded, 4, 0), at(&padded, 11, 4), at(&padded, 11, 12)], [red, red, blue]);
    assert_eq!(at(&open(Fit::Pad, None), 0, 0), [0; 3], "bars are black");
    let grey =
        ImageFolder { size: 16, fit: Fit::Pad, color: Color::Grey, ..ImageFolder::new(folder.path().to_owned()) };
    let white = DataConfig::of(ImageFolder { background: Some(Background([255; 3])), ..grey });
    assert_eq!(white.open(Split::Train).unwrap().image(0)[0], 255);
    folder.write("wide.png", &bytes(plain([9; 3], 500, 5), ImageFormat::Png));
    let narrow = ImageFolder { fit: Fit::Pad, ..ImageFolder::new(folder.path().to_owned()) };
    let error = DataConfig::of(narrow).open(Split::Train).unwrap_err();
    insta::assert_snapshot!(folder.text(&error), @"DIR/wide.png: it is 500 x 5, and more than 100 times as long as broad; `on_error: skip` leaves it out");
}

#[test]
fn the_background_shows_behind_what_is_transparent() {
    let folder = Folder::new();
    let glass = RgbaImage::from_fn(8, 8, |x, _| Rgba([200, 100, 0, if x < 4 { 0 } else { 128 }]));
    folder.write("glass.png", &bytes(glass, ImageFormat::Png));
    let config =
        |background| DataConfig::of(ImageFolder { size: 8, background, ..ImageFolder::new(folder.path().to_owned()) });
    let error = config(None).open(Split::Train).unwrap_err();
    insta::assert_snapshot!(folder.text(&error), @"DIR/glass.png: it is transparent in places; a `background` would show behind it; `on_error: skip` leaves it out");
    let white = config(Some(Background([255; 3]))).open(Split::Train).unwrap();
    // (128 * 200 + 127 * 255) / 255, and so on.
    assert_eq!([at(&white, 0, 0), at(&white, 7, 7)], [[255; 3], [227, 177, 127]]);
    let coloured = config(Some("0000ff".parse().unwrap())).open(Split::Train).unwrap();
    assert_eq!([at(&coloured, 0, 0), at(&coloured, 7, 7)], [[0, 0, 255], [100, 50, 127]]);
}

#[test]
fn what_cannot_be_used_is_skipped_on_request_and_counted() {
    let (folder, sound) = (Folder::new(), Folder::new());
    for (name, grey) in [("a/1.png", 1), ("a/3.png", 3), ("b/2.png", 2)] {
        let bytes = bytes(plain([grey; 3], 9, 9), ImageFormat::Png);
        folder.write(name, &bytes);
        sound.write(name, &bytes);
    }
    let damaged = folder.write("a/2.png", b"no image");
    let skipping = |folder: &Folder| {
        let path = folder.path().to_owned();
        DataConfig::of(ImageFolder { on_error: OnError::Skip, ..ImageFolder::new(path) })
    };
    assert!(config(&folder, 32, Color::Rgb).open(Split::Train).is_err());
    let dataset = skipping(&folder).open(Split::Train).unwrap();
    assert_eq!(dataset.labels(), Some([0, 0, 1].as_slice()));
    assert_eq!(dataset.fingerprint(), open_folder(&sound, 32, Color::Rgb).fingerprint());
    assert_eq!(dataset.passed_over().summary().unwrap(), "images that cannot be used (1)");
    let warnings = dataset.passed_over().warnings.join("\n").replace(folder.path().to_str().unwrap(), "DIR");
    insta::assert_snapshot!(warnings, @"DIR: 1 of 4 images cannot be used and are left out: DIR/a/2.png: it is no PNG, JPEG, WebP, BMP, TIFF or GIF image");
    assert!(skipping(&sound).open(Split::Train).unwrap().passed_over().summary().is_none());
    std::fs::rename(damaged, folder.path().join("b/2.png")).unwrap();
    let error = folder.text(&skipping(&folder).open(Split::Train).unwrap_err());
    assert!(error.starts_with("DIR: no image of class `b` can be used"), "{error}");
}

#[test]
fn a_share_of_each_class_is_held_out() {
    let folder = Folder::new();
    for number in 0..40u8 {
        let class = ["cats", "dogs"][usize::from(number % 2)];
        folder.write(&format!("{class}/{number}.png"), &bytes(plain([number; 3], 8, 8), ImageFormat::Png));
    }
    let held_out = ImageFolder { size: 8, hold_out: HoldOut(0.3), ..ImageFolder::new(folder.path().to_owned()) };
    let config = DataConfig::of(held_out);
    let [train, test] = [Split::Train, Split::Test].map(|split| config.open(split).unwrap());
    assert_eq!((train.len() + test.len(), train.classes(), test.classes()), (40, Some(2), Some(2)));
    assert!((0..test.len()).all(|index| (0..train.len()).all(|other| train.image(other) != test.image(index))));
    assert_eq!(train.held_out().unwrap().fingerprint(), test.fingerprint());
}

/// Sizes of pictures, and samples with their fingerprints, are those of memory, however many are kept there.
#[test]
fn samples_on_disk_are_those_of_memory() {
    let folder = Folder::new();
    for number in 0..100u8 {
        let picture = RgbImage::from_fn(64, 65, |x, y| Rgb([number, (x * 4) as u8, (y * 3) as u8 ^ number]));
        folder.write(
            &format!("{}/{number}.png", ["cats", "dogs"][usize::from(number % 2)]),
            &bytes(picture, ImageFormat::Png),
        );
    }
    folder.write("cats/damaged.png", b"no image");
    let open = |memory, hold_out, split| {
        let path = folder.path().to_owned();
        let (on_error, memory) = (OnError::Skip, Memory(memory));
        DataConfig::of(ImageFolder { size: 64, hold_out, on_error, memory, ..ImageFolder::new(path) })
            .open(split)
            .unwrap()
    };
    let read = |dataset: &Dataset| {
        let mut values = Vec::new();
        dataset.read_into(&[3, 0, dataset.len() - 1, 3], &mut values);
        values
    };
    // A mebibyte holds 85 pictures.
    for hold_out in [0.0, 0.2].map(HoldOut) {
        for split in [Split::Train, Split::Test].into_iter().filter(|split| *split == Split::Train || hold_out.0 > 0.0)
        {
            let whole = open(4096, hold_out, split);
            for memory in [0, 1] {
                let part = open(memory, hold_out, split);
                assert_eq!((part.len(), part.labels(), part.sizes()), (whole.len(), whole.labels(), whole.sizes()));
                assert_eq!(part.fingerprint(), whole.fingerprint());
                assert_eq!(part.passed_over(), whole.passed_over());
                assert_eq!(read(&part), read(&whole));
            }
        }
    }
}
