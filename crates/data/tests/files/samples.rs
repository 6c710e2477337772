//! Folders of images and arrays.

use ::samples::Format;
use data::{DataError, PixelRange, Samples};
use std::fs;
use std::path::Path;
use tempfile::tempdir;

/// NumPy's format 1.0.
fn npy(descr: &str, order: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn read(bytes: &[u8]) -> Result<Samples, DataError> {
    let folder = tempdir().unwrap();
    let path = folder.path().join("x.npy");
    fs::write(&path, bytes).unwrap();
    Samples::read(&path, None)
}

fn png(path: &Path, color: png::ColorType, width: u32, height: u32, pixels: &[u8]) {
    let mut encoder = png::Encoder::new(fs::File::create(path).unwrap(), width, height);
    encoder.set_color(color);
    encoder.write_header().unwrap().write_image_data(pixels).unwrap();
}

#[test]
fn arrays_of_features_are_taken_as_they_are() {
    let single: Vec<u8> = [1.5f32, -2.0, 300.0, 4.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    let double: Vec<u8> = [1.5f64, -2.0, 300.0, 4.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    for (descr, data) in [("<f4", &single), ("<f8", &double)] {
        let samples = read(&npy(descr, "False", "(2, 2)", data)).unwrap();
        assert_eq!(samples.values(), [1.5, -2.0, 300.0, 4.0]);
        assert_eq!((samples.len(), samples.width(), samples.format()), (2, 2, None));
    }
    assert_eq!(read(&npy("|u1", "False", "(1, 3)", &[0, 7, 255])).unwrap().values(), [0.0, 7.0, 255.0]);
}

#[test]
fn arrays_of_images_become_planes_in_minus_one_to_one() {
    let shape = |channels, height, width| Some(Format::Image([channels, height, width]));
    let check = |sides: &str, expected: Option<Format>, first: [f32; 2]| {
        let data: Vec<u8> = (0..12).map(|x| x * 20).collect();
        let samples = read(&npy("|u1", "False", sides, &data)).unwrap();
        assert_eq!(samples.format(), expected, "{sides}");
        let tones: Vec<f32> = samples.values()[..2].iter().map(|x| ((x + 1.0) * 127.5).round()).collect();
        assert_eq!(tones, first, "{sides}");
    };
    check("(2, 2, 3)", shape(1, 2, 3), [0.0, 20.0]);
    check("(2, 3, 2, 1)", shape(3, 2, 1), [0.0, 20.0]);
    check("(2, 2, 1, 3)", shape(3, 2, 1), [0.0, 60.0]);
}

#[test]
fn wrong_arrays_are_reported() {
    let check = |bytes: &[u8], words: &str| {
        let error = read(bytes).unwrap_err().to_string();
        assert!(error.contains("x.npy: ") && error.contains(words), "{error}");
    };
    check(b"PK\x03\x04", "an archive of arrays (.npz)");
    check(b"GIF89a", "not NumPy's");
    check(&npy("<f4", "False", "(2, 2)", &[0; 16])[..40], "cut short");
    check(&npy("<f4", "False", "(2, 2)", &[0; 15]), "15 are there");
    check(&npy("<f4", "False", "(18446744073709551615, 2)", &[0; 16]), "16 are there");
    check(&npy("|O", "False", "(2, 2)", &[0; 16]), "`|O`");
    check(&npy("<f4", "False", "(4,)", &[0; 16]), "[4]");
    check(&npy("<f4", "False", "(0, 4)", &[]), "no samples");
    check(&npy("|u1", "False", "(1, 2, 4, 2)", &[0; 16]), "1 or 3 channels");
    check(&npy("<f4", "False", "(1, 1, 1)", &300f32.to_le_bytes()), "its pixels go from 300 to 300");
    check(&npy("<f4", "False", "(1, x)", &[0; 16]), "header");
}

#[test]
fn a_folder_is_read_in_the_order_of_names() {
    let folder = tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    png(&path("b.png"), png::ColorType::Rgb, 2, 1, &[0, 51, 255, 102, 153, 204]);
    // Opaque, so its alpha says nothing.
    png(&path("a.PNG"), png::ColorType::Rgba, 2, 1, &[255, 0, 0, 255, 255, 0, 0, 255]);
    fs::write(path("notes.txt"), "").unwrap();
    let samples = Samples::read(folder.path(), None).unwrap();
    assert_eq!(samples.format(), Some(Format::Image([3, 1, 2])));
    let tones: Vec<f32> = samples.values().iter().map(|x| ((x + 1.0) * 127.5).round()).collect();
    assert_eq!(tones, [255.0, 255.0, 0.0, 0.0, 0.0, 0.0, 0.0, 102.0, 51.0, 153.0, 255.0, 204.0]);
    let same = Samples::read(folder.path(), None).unwrap();
    assert_eq!(samples.fingerprint(), same.fingerprint());
}

/// Pillow wrote them at quality 95: `8 row + 4 column`, in colour with `255 - x` and `x / 2`.
#[test]
fn photos_have_their_pixels() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/pictures");
    for (name, channels) in
        [("grey.jpg", 1), ("colour.jpg", 3), ("progressive.jpg", 3), ("restarts.jpg", 3), ("lossy.webp", 3)]
    {
        let only = tempdir().unwrap();
        fs::copy(folder.join(name), only.path().join(name)).unwrap();
        let samples = Samples::read(only.path(), None).unwrap();
        assert_eq!(samples.format(), Some(Format::Image([channels, 16, 24])));
        let near = if name == "lossy.webp" { 20.0 } else { 8.0 };
        for (index, value) in samples.values().iter().enumerate() {
            let (channel, row, column) = (index / 384, index / 24 % 16, index % 24);
            let grey = (8 * row + 4 * column) as f32;
            let expected = [grey, 255.0 - grey, grey / 2.0][channel];
            assert!(((value + 1.0) * 127.5 - expected).abs() < near, "{name}: {value} at {index}");
        }
        let bytes = fs::read(folder.join(name)).unwrap();
        fs::write(only.path().join(name), &bytes[..bytes.len() / 2]).unwrap();
        let error = Samples::read(only.path(), None).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("it is no sound "), "{error}");
    }
}

#[test]
fn pictures_of_any_size_become_squares_and_one_in_colour_makes_all() {
    let folder = tempdir().unwrap();
    png(&folder.path().join("a.png"), png::ColorType::Grayscale, 12, 8, &[255; 96]);
    png(&folder.path().join("b.png"), png::ColorType::Grayscale, 4, 4, &[0; 16]);
    let read = || Samples::read_squares(folder.path(), None, 4).unwrap();
    assert_eq!((read().format(), read().len()), (Some(Format::Image([1, 4, 4])), 2));
    png(&folder.path().join("c.png"), png::ColorType::Rgb, 8, 8, &[255, 0, 0].repeat(64));
    assert_eq!((read().format(), read().len()), (Some(Format::Image([3, 4, 4])), 3));
    assert_eq!([0, 16, 32].map(|at| read().values()[2 * 48 + at]), [1.0, -1.0, -1.0]);
    png(&folder.path().join("a.png"), png::ColorType::Grayscale, 8, 8, &[255; 64]);
    fs::remove_file(folder.path().join("b.png")).unwrap();
    let samples = Samples::read(folder.path(), None).unwrap();
    assert_eq!((samples.format(), samples.values()[150]), (Some(Format::Image([3, 8, 8])), 1.0), "no size is needed");
}

#[test]
fn wrong_folders_are_reported() {
    let folder = tempdir().unwrap();
    let check = |words: &[&str]| {
        let error = Samples::read(folder.path(), None).unwrap_err().to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    };
    check(&["no PNG, JPEG, WebP, BMP, TIFF or GIF image"]);
    png(&folder.path().join("a.png"), png::ColorType::Grayscale, 2, 1, &[0, 1]);
    png(&folder.path().join("b.png"), png::ColorType::Grayscale, 1, 2, &[0, 1]);
    check(&["b.png: 2 x 1", "a.png is 1 x 2"]);
    png(&folder.path().join("b.png"), png::ColorType::GrayscaleAlpha, 2, 1, &[0, 255, 1, 254]);
    check(&["b.png", "transparent"]);
    fs::write(folder.path().join("b.png"), b"\x89PNG").unwrap();
    check(&["b.png", "it is no PNG, JPEG, WebP, BMP, TIFF or GIF image"]);
}

/// The same images as bytes and as floats of each range.
#[test]
fn floats_have_the_range_that_they_show() {
    let bytes: Vec<u8> = (0..=255).collect();
    let expected = read(&npy("|u1", "False", "(1, 16, 16)", &bytes)).unwrap();
    assert_eq!(expected.range(), None);
    for (range, float) in [
        (PixelRange::Unit, (|byte| byte / 255.0) as fn(f32) -> f32),
        (PixelRange::Symmetric, |byte| byte / 127.5 - 1.0),
        (PixelRange::Bytes, |byte| byte),
    ] {
        let data: Vec<u8> = bytes.iter().flat_map(|byte| float(f32::from(*byte)).to_le_bytes()).collect();
        let samples = read(&npy("<f4", "False", "(1, 16, 16)", &data)).unwrap();
        assert_eq!(samples.range(), Some(range));
        let apart = samples.values().iter().zip(expected.values()).map(|(found, set)| (found - set).abs());
        assert!(apart.fold(0.0, f32::max) < 1e-6, "{range}");
    }
}

#[test]
fn a_stated_range_is_taken_and_one_that_cannot_be_meant_is_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let floats = |values: [f32; 2]| values.map(f32::to_le_bytes).concat();
    let open = |data: &[u8], descr: &str, range| {
        fs::write(&path, npy(descr, "False", "(1, 1, 2)", data)).unwrap();
        Samples::read(&path, range).map_err(|error| error.to_string().rsplit_once("x.npy: ").unwrap().1.to_owned())
    };
    assert_eq!(open(&floats([0.0, 1.0]), "<f4", Some(PixelRange::Symmetric)).unwrap().values(), [0.0, 1.0]);
    assert_eq!(open(&floats([0.0, 1.0]), "<f4", Some(PixelRange::Unit)).unwrap().values(), [-1.0, 1.0]);
    let refused = open(&floats([0.0, 2.0]), "<f4", Some(PixelRange::Unit)).unwrap_err();
    assert_eq!(refused, "its pixels go from 0 to 2, which is not within [0, 1]");
    assert_eq!(open(&[0, 1], "|u1", Some(PixelRange::Unit)).unwrap().values(), [-1.0, 1.0]);
    let black = "its bytes are 0 and 1, which is black in a range to 255; [0, 1] can be stated";
    assert_eq!(open(&[0, 1], "|u1", None).unwrap_err(), black);
}

#[test]
fn an_array_is_a_regular_file() {
    let error = Samples::read(Path::new("/dev/zero"), None).unwrap_err();
    assert!(matches!(&error, DataError::Io { source, .. } if source.to_string() == "it is a device, not a file"));
}
