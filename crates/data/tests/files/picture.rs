//! One image file: what is in it counts, not what it is called.

use data::{Color, DataError, Samples};
use image::ImageFormat;

use crate::image_folder::{bytes, config, open_folder, plain};
use crate::written::Folder;

/// The only image of a folder, in colour.
fn read(bytes: &[u8]) -> Result<Vec<f32>, String> {
    let folder = Folder::new();
    folder.write("x.png", bytes);
    let samples = Samples::read(folder.path(), None).map_err(|error| folder.text(&error))?;
    Ok(samples.values().iter().map(|value| ((value + 1.0) * 127.5).round()).collect())
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind, data].concat();
    let mut checksum = flate2::Crc::new();
    checksum.update(&body);
    [&(data.len() as u32).to_be_bytes()[..], &body, &checksum.sum().to_be_bytes()].concat()
}

/// A PNG of one row, white and black, and where its pixels begin and end.
fn png() -> (Vec<u8>, usize, usize) {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&[255, 255, 255, 0, 0, 0]).unwrap();
    let at = |kind: &[u8]| bytes.windows(4).position(|window| window == kind).unwrap() - 4;
    let (start, end) = (at(b"IDAT"), at(b"IEND"));
    (bytes, start, end)
}

#[test]
fn the_decoder_is_chosen_by_content() {
    let color = [200, 100, 50];
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let found = read(&bytes(plain(color, 2, 1), format)).unwrap();
        assert_eq!(found, [200.0, 200.0, 100.0, 100.0, 50.0, 50.0], "{format:?}");
    }
    let found = read(&bytes(plain(color, 2, 1), ImageFormat::Jpeg)).unwrap();
    assert!(found.iter().zip([200.0, 200.0, 100.0, 100.0, 50.0, 50.0]).all(|(found, set)| (found - set).abs() < 5.0));
}

#[test]
fn a_png_needs_its_pixels_and_no_end_chunk() {
    let (bytes, start, end) = png();
    let whole = read(&bytes).unwrap();
    assert_eq!(read(&bytes[..end]).unwrap(), whole);
    for cut in 33..end {
        let error = read(&bytes[..cut]).unwrap_err();
        assert!(error.starts_with("DIR/x.png: it is no sound PNG: "), "{cut} of {start} and {end}: {error}");
    }
}

#[test]
fn a_png_is_turned_as_its_note_says_wherever_it_stands() {
    let exif = |orientation: u8| {
        let note = [b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", &[orientation][..], b"\0\0\0\0\0\0"];
        chunk(b"eXIf", &note.concat())
    };
    let (bytes, start, end) = png();
    for at in [start, end] {
        let noted = |orientation| read(&[&bytes[..at], &exif(orientation), &bytes[at..]].concat()).unwrap();
        assert_eq!(noted(1)[..2], [255.0, 0.0]);
        assert_eq!(noted(3)[..2], [0.0, 255.0], "half a turn");
    }
}

#[test]
fn a_webp_cut_anywhere_is_an_error() {
    let whole = bytes(plain([200, 100, 50], 9, 9), ImageFormat::WebP);
    for cut in (13..whole.len() - 1).step_by(3) {
        let error = read(&whole[..cut]).unwrap_err();
        assert!(error.starts_with("DIR/x.png: it is no sound WebP: "), "{cut} of {}: {error}", whole.len());
    }
}

/// The header says so much that an image of this size takes gigabytes.
#[test]
fn an_image_too_large_for_the_memory_is_refused_by_its_header() {
    let header = |size: u32| [&size.to_be_bytes()[..], &size.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let png = [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &header(30_000)), &chunk(b"IDAT", &[])].concat();
    let refused = "DIR/x.png: it is 30000 x 30000, and more than 178956970 pixels are not read";
    assert_eq!(read(&png).unwrap_err(), refused);
    let mut jpeg = include_bytes!("pictures/grey.jpg").to_vec();
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x75, 0x30, 0x75, 0x30]);
    assert_eq!(read(&jpeg).unwrap_err(), refused);
}

#[test]
fn all_files_that_cannot_be_used_are_named_at_once() {
    let folder = Folder::new();
    folder.write("a/good.png", &bytes(plain([1, 2, 3], 9, 9), ImageFormat::Png));
    folder.write("a/empty.jpg", b"");
    folder.write("b/cut.png", &png().0[..40]);
    let training = |folder: &Folder| config(folder, 8, Color::Rgb).describe().unwrap_err();
    let error = training(&folder);
    assert!(matches!(error, DataError::Several { count: 2, of: 3, .. }), "{error:?}");
    let why = "DIR/a/empty.jpg: it is no PNG, JPEG, WebP, BMP, TIFF or GIF image";
    let expected = |way: &str| format!("DIR: 2 of 3 images cannot be used{way}: {why}");
    assert_eq!(folder.text(&error), expected("; `on_error: skip` leaves them out"));
    // Metrics have no such setting.
    assert_eq!(folder.text(&Samples::read(folder.path(), None).unwrap_err()), expected(""));
    (0..20).for_each(|number| drop(folder.write(&format!("c/{number:02}.png"), b"no image")));
    let DataError::Several { count: 22, of: 23, others, .. } = training(&folder) else { panic!("{error:?}") };
    assert_eq!(others.len(), 9);
    assert!(folder.text(&others[0]).starts_with("DIR/b/cut.png: it is no sound PNG"), "{others:?}");
}

#[test]
fn a_photo_has_the_same_pixels_whatever_its_format_is_called() {
    let [right, wrong] = ["x.jpg", "x.webp"].map(|name| {
        let folder = Folder::new();
        folder.write(name, include_bytes!("pictures/colour.jpg"));
        open_folder(&folder, 8, Color::Rgb).fingerprint().to_owned()
    });
    assert_eq!(right, wrong);
}
