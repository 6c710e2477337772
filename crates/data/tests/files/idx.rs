//! A pair of IDX files of one's own.

use std::path::{Path, PathBuf};

use data::{DataConfig, DataError, Dataset, HoldOut, Idx, Source, Split};

use crate::written::{Folder, gzip, idx, images, labels};

fn config(images: &Path, labels: Option<&Path>) -> DataConfig {
    DataConfig::of(idx_of(images, labels))
}

fn idx_of(images: &Path, labels: Option<&Path>) -> Idx {
    let labels = labels.map(PathBuf::from);
    Idx { images: images.to_owned(), labels, ..Idx::default() }
}

fn open_pair(images: &Path, labels: &Path) -> Result<Dataset, DataError> {
    config(images, Some(labels)).open(Split::Train)
}

#[test]
fn what_was_written_is_read() {
    let folder = Folder::new();
    let dataset = open_pair(&folder.write("i", &images()), &folder.write("l", &labels())).unwrap();
    assert_eq!((dataset.format(), dataset.len()), (samples::Format::Image([1, 2, 3]), 2));
    assert_eq!(dataset.image(0), [0, 1, 2, 3, 4, 5]);
    assert_eq!(dataset.image(1), [250, 251, 252, 253, 254, 255]);
    assert_eq!((dataset.labels(), dataset.classes()), (Some([1, 0].as_slice()), Some(2)));
    assert_eq!(dataset.name(), "idx");
}

/// Classes without an image would be shown, sampled and measured.
#[test]
fn classes_are_the_labels_that_occur_by_their_own_numbers() {
    let check = |labels: &[u8], of_samples: &[u16], names: &[&str]| {
        let folder = Folder::new();
        let count = labels.len() as u32;
        let images = folder.write("i", &idx(0x803, &[count, 1, 1], &vec![9; labels.len()]));
        let config = config(&images, Some(&folder.write("l", &idx(0x801, &[count], labels))));
        let (train, test) = (config.open(Split::Train).unwrap(), config.open(Split::Test).unwrap());
        assert_eq!((train.labels(), train.classes()), (Some(of_samples), Some(names.len())));
        assert_eq!(train.class_names().unwrap(), names);
        assert_eq!(test.class_names(), train.class_names());
        let counts = config.describe().unwrap().class_counts.unwrap();
        assert_eq!(counts.iter().map(|class| class.name.as_str()).collect::<Vec<_>>(), names);
        assert!(counts.iter().all(|class| class.samples > 0), "{counts:?}");
        train.named_classes().len()
    };
    assert_eq!(check(&[9, 0, 2, 1, 9], &[3, 0, 2, 1, 3], &["0", "1", "2", "9"]), 4);
    let letters = Vec::from_iter(1..=26);
    let names: Vec<String> = letters.iter().map(u8::to_string).collect();
    let positions = Vec::from_iter(0..26);
    assert_eq!(check(&letters, &positions, &names.iter().map(String::as_str).collect::<Vec<_>>()), 26);
    assert_eq!(check(&[2, 0, 1], &[2, 0, 1], &["0", "1", "2"]), 0, "they are called as they stand");
}

#[test]
fn labels_are_optional() {
    let folder = Folder::new();
    let dataset = config(&folder.write("i", &images()), None).open(Split::Train).unwrap();
    assert_eq!((dataset.len(), dataset.labels(), dataset.classes()), (2, None, None));
}

#[test]
fn names_and_compression_are_not_part_of_the_fingerprint() {
    let folder = Folder::new();
    let plain = open_pair(&folder.write("i.gz", &images()), &folder.write("l", &labels())).unwrap();
    let zipped =
        open_pair(&folder.write("images", &gzip(&images())), &folder.write("labels", &gzip(&labels()))).unwrap();
    assert_eq!(plain.fingerprint(), zipped.fingerprint());
    assert_eq!(plain.image(1), zipped.image(1));
}

#[test]
fn gzip_of_several_members_is_one_file() {
    let folder = Folder::new();
    let (head, tail) = (images()[..20].to_vec(), images()[20..].to_vec());
    let path = folder.write("i", &[gzip(&head), gzip(&tail)].concat());
    assert_eq!(config(&path, None).open(Split::Train).unwrap().image(1), [250, 251, 252, 253, 254, 255]);
}

#[test]
fn nothing_is_held_out() {
    let folder = Folder::new();
    let config = config(&folder.write("i", &images()), Some(&folder.write("l", &labels())));
    let (train, test) = (config.open(Split::Train).unwrap(), config.open(Split::Test).unwrap());
    assert!(test.is_empty());
    assert_eq!((test.len(), test.format(), test.classes()), (0, train.format(), train.classes()));
    assert_eq!(test.labels(), Some([].as_slice()));
}

#[test]
fn files_for_testing_are_held_out() {
    let folder = Folder::new();
    let pixels = |count: u32, first: u8| idx(0x803, &[count, 1, 2], &Vec::from_iter(first..first + 2 * count as u8));
    let labels = |of: &[u8]| idx(0x801, &[of.len() as u32], of);
    let training = idx_of(&folder.write("i", &pixels(3, 0)), Some(&folder.write("l", &labels(&[7, 2, 4]))));
    let with = |images: &[u8], labels: &[u8]| {
        let (test_images, test_labels) = (Some(folder.write("ti", images)), Some(folder.write("tl", labels)));
        DataConfig::of(Idx { test_images, test_labels, ..training.clone() })
    };
    let config = with(&pixels(2, 100), &labels(&[4, 7]));
    assert!(config.check().is_empty());
    let (train, test) = (config.open(Split::Train).unwrap(), config.open(Split::Test).unwrap());
    assert_eq!((train.len(), train.image(0), train.labels()), (3, [0, 1].as_slice(), Some([2, 0, 1].as_slice())));
    assert_eq!((test.len(), test.image(1), test.labels()), (2, [102, 103].as_slice(), Some([1, 2].as_slice())));
    assert_eq!(test.class_names(), train.class_names());
    assert_eq!(train.held_out().unwrap().fingerprint(), test.fingerprint());
    assert_eq!(config.describe().unwrap().held_out, Some(2));
    // Evaluations depend on both.
    let alone = DataConfig::of(training.clone()).open(Split::Train).unwrap();
    let others = with(&pixels(2, 50), &labels(&[4, 7])).open(Split::Train).unwrap();
    assert_ne!(train.fingerprint(), alone.fingerprint());
    assert_ne!(train.fingerprint(), others.fingerprint());

    let refused = |images: &[u8], labels: &[u8]| folder.text(&with(images, labels).open(Split::Test).unwrap_err());
    insta::assert_snapshot!([
        refused(&idx(0x803, &[2, 2, 1], &[0; 4]), &labels(&[4, 7])),
        refused(&pixels(2, 0), &labels(&[4, 5])),
        refused(&pixels(2, 0), &labels(&[4])),
    ].join("\n"), @r"
    DIR/ti: it has images of 1 x 2 x 1 (channels, height, width), and DIR/i has images of 1 x 1 x 2 (channels, height, width)
    DIR/tl: no training image has its label 5
    DIR/tl: malformed at byte 4: expected 2 labels, one for each image of DIR/ti, found 1 labels
    ");
    let problems = |idx: Idx| idx.check().iter().map(|problem| problem.to_string()).collect::<Vec<_>>().join("; ");
    let test_images = Some(folder.path().join("ti"));
    insta::assert_snapshot!([
        problems(Idx { test_images: test_images.clone(), ..training.clone() }),
        problems(Idx { test_labels: test_images.clone(), ..training.clone() }),
        problems(Idx { test_images, labels: None, hold_out: HoldOut(0.5), ..training.clone() }),
    ].join("\n"), @r"
    test_labels: `test_images` need labels, as `images` have
    test_labels: has no use without `test_images` and `labels`
    hold_out: `test_images` are held out already: leave `hold_out` away
    ");
}

#[test]
fn description_is_what_opening_finds() {
    let folder = Folder::new();
    let config = config(&folder.write("i", &images()), Some(&folder.write("l", &labels())));
    let (described, opened) = (config.describe().unwrap(), config.open(Split::Train).unwrap());
    assert_eq!((described.name, described.length), (opened.name(), opened.len()));
    assert_eq!(described.domain, opened.domain());
    assert_eq!(described.fingerprint, opened.fingerprint());
}

#[test]
fn missing_files_are_named() {
    let folder = Folder::new();
    let (images, absent) = (folder.write("i", &images()), folder.path().join("absent"));
    let no_images = open_pair(&absent, &images).unwrap_err();
    assert!(no_images.is_missing());
    insta::assert_snapshot!(folder.text(&no_images), @"data set `idx` not found: looked for DIR/absent; set `images`, and `labels` if there are any, to IDX files, gzip or not");
    let no_labels = open_pair(&images, &absent).unwrap_err();
    assert!(no_labels.is_missing());
}

#[test]
fn what_is_no_file_is_named() {
    let folder = Folder::new();
    let error = config(folder.path(), None).open(Split::Train).unwrap_err();
    assert!(matches!(error, DataError::Io { .. }) && !error.is_missing());
    assert!(folder.text(&error).starts_with("cannot read DIR: "), "{error}");
}

/// The errors of pairs of files that must not open, a line each.
fn errors(cases: &[(Vec<u8>, Vec<u8>)]) -> String {
    let folder = Folder::new();
    let mut lines = Vec::new();
    for (images, labels) in cases {
        let error = open_pair(&folder.write("images", images), &folder.write("labels", labels)).unwrap_err();
        assert!(!error.is_missing());
        lines.push(folder.text(&error));
    }
    lines.join("\n")
}

#[test]
fn wrong_magic() {
    let cases = [
        (labels(), images()),
        (images(), images()),
        (idx(0xd03, &[2, 2, 3], &[0; 48]), labels()),
        (b"\x89PNG\r\n\x1a\n".to_vec(), labels()),
    ];
    insta::assert_snapshot!(errors(&cases), @r"
    DIR/images: malformed at byte 0: expected the magic 0x00000803 of 8-bit IDX images, found 0x00000801 (8-bit IDX labels); are the two files swapped?
    DIR/labels: malformed at byte 0: expected the magic 0x00000801 of 8-bit IDX labels, found 0x00000803 (8-bit IDX images); are the two files swapped?
    DIR/images: malformed at byte 0: expected the magic 0x00000803 of 8-bit IDX images, found 0x00000d03 (IDX of another type or dimension)
    DIR/images: malformed at byte 0: expected the magic 0x00000803 of 8-bit IDX images, found 0x89504e47 (not IDX)
    ");
}

#[test]
fn wrong_length() {
    let cases = [
        (vec![], labels()),
        (images()[..15].to_vec(), labels()),
        (images()[..27].to_vec(), labels()),
        (gzip(&images()[..27]), labels()),
        (images(), labels()[..9].to_vec()),
        ([images(), vec![0]].concat(), labels()),
        (gzip(&[images(), vec![0]].concat()), labels()),
    ];
    insta::assert_snapshot!(errors(&cases), @r"
    DIR/images: malformed at byte 0: expected the magic 0x00000803 of 8-bit IDX images, found the end of the file
    DIR/images: malformed at byte 15: expected a header of 16 bytes, found the end of the file
    DIR/images: malformed at byte 27: expected 28 bytes (2 images of 2 x 3), found the end of the file
    DIR/images: malformed at byte 27 of the decompressed content: expected 28 bytes (2 images of 2 x 3), found the end of the file
    DIR/labels: malformed at byte 9: expected 10 bytes (2 labels), found the end of the file
    DIR/images: malformed at byte 28: expected the end of the file after 28 bytes (2 images of 2 x 3), found more bytes
    DIR/images: malformed at byte 28 of the decompressed content: expected the end of the file after 28 bytes (2 images of 2 x 3), found more bytes
    ");
}

#[test]
fn wrong_sizes() {
    let cases = [
        (idx(0x803, &[0, 2, 3], &[]), labels()),
        (idx(0x803, &[2, 2, 0], &[]), labels()),
        (idx(0x803, &[u32::MAX; 3], &[]), labels()),
        (idx(0x803, &[1 << 20, 1 << 7, 1 << 7], &[1, 2, 3]), labels()),
        (images(), idx(0x801, &[3], &[1, 2, 3])),
    ];
    insta::assert_snapshot!(errors(&cases), @r"
    DIR/images: malformed at byte 4: expected at least one image, found 0
    DIR/images: malformed at byte 12: expected at least one column, found 0
    DIR/images: malformed at byte 4: expected at most 17179869184 pixels, found 4294967295 images of 4294967295 x 4294967295
    DIR/images: malformed at byte 19: expected 17179869200 bytes (1048576 images of 128 x 128), found the end of the file
    DIR/labels: malformed at byte 4: expected 2 labels, one for each image of DIR/images, found 3 labels
    ");
}

#[test]
fn damaged_gzip() {
    let whole = gzip(&images());
    let trailer = whole.len() - 8;
    let wrong_checksum = [&whole[..trailer], &[!whole[trailer]], &whole[trailer + 1..]].concat();
    let cases = [
        (wrong_checksum, labels()),
        (whole[..trailer - 2].to_vec(), labels()),
        (whole[..trailer].to_vec(), labels()),
        (vec![0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 0], labels()),
        ([whole, b"tail".to_vec()].concat(), labels()),
    ];
    insta::assert_snapshot!(errors(&cases), @r"
    DIR/images: malformed at byte 28 of the decompressed content: expected an intact gzip stream, found a corrupt one: corrupt gzip stream does not have a matching checksum
    DIR/images: malformed at byte 27 of the decompressed content: expected an intact gzip stream, found a truncated one: incomplete deflate stream
    DIR/images: malformed at byte 28 of the decompressed content: expected an intact gzip stream, found a truncated one: unexpected end of file
    DIR/images: malformed at byte 0 of the decompressed content: expected an intact gzip stream, found a corrupt one: invalid gzip header
    DIR/images: malformed at byte 28 of the decompressed content: expected an intact gzip stream, found a truncated one: unexpected end of file
    ");
}

/// A small file may unpack to gigabytes. This one unpacks to more than its header says and breaks off at the end: whoever
/// complains of the end has unpacked it all.
#[test]
fn no_more_is_unpacked_than_the_header_says() {
    let bomb = gzip(&[images(), vec![0; 1 << 20]].concat());
    let cut = bomb[..bomb.len() - 8].to_vec();
    insta::assert_snapshot!(errors(&[(cut, labels())]), @"DIR/images: malformed at byte 28 of the decompressed content: expected the end of the file after 28 bytes (2 images of 2 x 3), found more bytes");
}

/// Three gigabytes of black in three megabytes: the header alone says so.
#[test]
fn a_gzip_file_that_is_made_to_fill_the_memory_is_refused_by_its_header() {
    let bomb = gzip(&idx(0x803, &[60_000, 224, 224], &vec![0; 1 << 16]));
    insta::assert_snapshot!(errors(&[(bomb, labels())]), @"DIR/images: malformed at byte 4 of the decompressed content: expected at most 67108864 pixels in a gzip file of this length, found 60000 images of 224 x 224");
}

#[test]
fn files_are_regular() {
    let error = config(Path::new("/dev/zero"), None).open(Split::Train).unwrap_err();
    let folder = Folder::new();
    assert_eq!(folder.text(&error), "cannot read /dev/zero: it is a device, not a file");
}
