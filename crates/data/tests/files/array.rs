//! Arrays of NumPy as a data set: files that it wrote, and wrong ones.

use std::fs;
use std::path::{Path, PathBuf};

use ::samples::Format;
use data::{Array, Color, DataConfig, Dataset, HoldOut, Layout, PixelRange, Split};

use crate::written::Folder;

/// A file of `scripts/data_fixtures.py`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/formats")).join(name)
}

/// Image `index` of the fixtures, `[channel][row][column]`.
pub(crate) fn image(index: usize) -> Vec<u8> {
    let pixel = |at: usize| (50 * index + 80 * (at / 64) + 30 * (at / 8 % 8) + 7 * (at % 8)) as u8;
    (0..192).map(pixel).collect()
}

/// The four images of the fixtures and their labels.
pub(crate) fn check(dataset: &Dataset, classes: &[&str]) {
    assert_eq!((dataset.len(), dataset.format()), (4, Format::Image([3, 8, 8])));
    (0..4).for_each(|index| assert_eq!(dataset.image(index), image(index), "{index}"));
    check_labels(dataset, classes);
}

fn check_labels(dataset: &Dataset, classes: &[&str]) {
    assert_eq!(dataset.labels(), Some([2, 0, 2, 1].as_slice()));
    assert_eq!(dataset.class_names().unwrap(), classes);
}

fn array(path: PathBuf) -> Array {
    Array::new(path, None, None, None)
}

fn open(array: Array) -> Dataset {
    DataConfig::of(array).open(Split::Train).unwrap()
}

#[test]
fn archives_and_both_layouts_are_read() {
    check(&open(array(fixture("images.npz"))), &["1", "2", "3"]);
    let first = Array { labels: Some(fixture("labels.npy")), ..array(fixture("channels_first.npy")) };
    check(&open(first.clone()), &["1", "2", "3"]);
    check(
        &open(Array { layout: Some(Layout::Nchw), range: Some(PixelRange::Unit), ..first.clone() }),
        &["1", "2", "3"],
    );
    let test = DataConfig::of(first).open(Split::Test).unwrap();
    assert_eq!((test.len(), test.classes()), (0, Some(3)));
}

#[test]
fn points_stand_as_they_are_within_their_extent() {
    let points = open(array(fixture("points.npz")));
    assert_eq!((points.len(), points.format()), (4, Format::Points { dims: 2, extent: 3.0 * 1.1 }));
    let mut values = Vec::new();
    points.read_into(&[0, 1, 2, 3], &mut values);
    assert_eq!(values, [0.0, 0.0, 0.25, -1.0, 0.5, -2.0, 0.75, -3.0]);
    check_labels(&points, &["1", "2", "3"]);
}

#[test]
fn size_and_color_are_those_of_other_pictures() {
    let grey = open(Array { size: Some(4), color: Some(Color::Grey), ..array(fixture("images.npz")) });
    assert_eq!((grey.len(), grey.format()), (4, Format::Image([1, 4, 4])));
}

#[test]
fn a_share_of_images_and_of_points_is_held_out() {
    for array in ["images.npz", "points.npz"].map(|name| array(fixture(name))) {
        let array = DataConfig::of(Array { hold_out: HoldOut(0.5), ..array });
        let error = array.open(Split::Train).unwrap_err().to_string();
        assert!(error.contains("of 1 samples of class"), "{error}");
    }
}

#[test]
fn images_that_are_no_squares_need_a_size() {
    let folder = Folder::new();
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 4, 6), }\n";
    let length = (header.len() as u16).to_le_bytes();
    let path = folder.write("x.npy", &[b"\x93NUMPY\x01\0", &length[..], header.as_bytes(), &[9; 48]].concat());
    let error = DataConfig::of(array(path.clone())).open(Split::Train).unwrap_err();
    insta::assert_snapshot!(folder.text(&error), @"DIR/x.npy: its images are 6 x 4 pixels; set `size` to make squares of them");
    assert_eq!(open(Array { size: Some(4), ..array(path) }).format(), Format::Image([1, 4, 4]));
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let folder = Folder::new();
    let refusal = |array: Array| {
        let text = folder.text(&DataConfig::of(array).open(Split::Train).unwrap_err());
        text.replace(fixture("").to_str().unwrap(), "FIXTURES/")
    };
    let npz = || array(fixture("images.npz"));
    let whole = fs::read(fixture("images.npz")).unwrap();
    let cut = folder.write("cut.npz", &whole[..whole.len() / 2]);
    let mut changed = whole;
    changed[100] ^= 1;
    let changed = folder.write("changed.npz", &changed);
    // 5 labels for 4 samples; numbers that are no pixels.
    let header = |descr: &str, shape: &str| {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
        [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], header.as_bytes()].concat()
    };
    let five = folder.write("five.npy", &[header("|u1", "(5,)"), vec![0; 5]].concat());
    let halves =
        folder.write("halves.npy", &[header("<f4", "(4,)"), [0.5f32; 4].map(f32::to_le_bytes).concat()].concat());
    let wide =
        folder.write("wide.npy", &[header("<f4", "(1, 1, 2)"), [7f32, 300.0].map(f32::to_le_bytes).concat()].concat());
    let nan =
        folder.write("nan.npy", &[header("<f4", "(1, 1, 2)"), [0.0, f32::NAN].map(f32::to_le_bytes).concat()].concat());
    let negative = folder.write("negative.npy", &[header("|i1", "(1, 1, 2)"), vec![7, 0xff]].concat());
    let lying = folder.write("lying.npy", &[header("|u1", "(99999999999, 28, 28)"), vec![0; 8]].concat());
    let object = folder.write("object.npy", &[header("|O", "(4,)"), vec![0; 8]].concat());
    let none = folder.write("none.npy", &header("|u1", "(0, 8, 8)"));
    let channels = fixture("channels_first.npy");
    let with = |labels: PathBuf| Array { labels: Some(labels), ..array(channels.clone()) };
    let refusals = [
        refusal(array(folder.path().join("absent.npy"))),
        refusal(array(cut)),
        refusal(array(changed)),
        refusal(with(five)),
        refusal(with(halves)),
        refusal(with(channels.clone())),
        refusal(Array { labels: Some(fixture("labels.npy")), ..npz() }),
        refusal(Array { layout: Some(Layout::Nhwc), ..array(channels.clone()) }),
        refusal(Array { size: Some(8), ..array(fixture("points.npz")) }),
        refusal(array(fixture("labels.npy"))),
        refusal(array(wide)),
        refusal(array(nan)),
        refusal(array(negative)),
        refusal(array(lying)),
        refusal(array(object)),
        refusal(array(none)),
    ];
    insta::assert_snapshot!(refusals.join("\n"), @r"
    data set `array` not found: looked for DIR/absent.npy; set `path` to a .npy file, or to a .npz file with `images` or `points`, and `labels`
    DIR/cut.npz: it is no sound zip archive: invalid Zip archive: Could not find EOCD
    DIR/changed.npz/images.npy: it is damaged or cut short: Invalid checksum
    DIR/five.npy: its 5 labels are not one for each of 4 samples
    DIR/halves.npy: its labels are no whole numbers
    FIXTURES/channels_first.npy: the shape of its labels is [4, 3, 8, 8], not [samples]
    FIXTURES/labels.npy: `labels` goes with a .npy file; a .npz file has its own
    FIXTURES/channels_first.npy: its shape [4, 3, 8, 8] has no 1, 3 or 4 channels as its last axis
    FIXTURES/points.npz: `size` is for images, and it holds points
    FIXTURES/labels.npy: its shape is [4]; images have 3 or 4 axes, points 2
    DIR/wide.npy: its pixels go from 7 to 300, which is none of the ranges [0, 1], [-1, 1], [0, 255]
    DIR/nan.npy: its number 1 is NaN, which is no pixel
    DIR/negative.npy: its pixels are whole numbers outside of 0 to 255
    DIR/lying.npy: its shape [99999999999, 28, 28] takes 1 bytes a number, and 8 are there
    DIR/object.npy: its numbers are `|O`; floats, whole numbers and bool can be read: f2, f4, f8, i1 to i8, u1 to u8, b1
    DIR/none.npy: its shape [0, 8, 8] holds no image
    ");
}
