//! Files that are cut, changed, or made to do harm.

use std::fs;
use std::io::{Cursor, Write};

use data::{Array, Cifar10, DataConfig, ImageFolder, ImageParquet, ImageZip, Split, WebDataset};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::array::fixture;
use crate::written::{Folder, gzip};

/// The data set that reads a fixture of this name.
fn config(folder: &Folder, name: &str, bytes: &[u8]) -> DataConfig {
    let path = folder.write(name, bytes);
    match name.rsplit('.').next().unwrap() {
        "zip" => DataConfig::of(ImageZip::new(path)),
        "tar" => DataConfig::of(WebDataset::new(path, None)),
        "parquet" => DataConfig::of(ImageParquet::new(path, None, None)),
        "gz" => DataConfig::of(Cifar10 { path }),
        _ => DataConfig::of(Array::new(path, None, None, None)),
    }
}

fn refused(folder: &Folder, name: &str, bytes: &[u8]) -> String {
    folder.text(&config(folder, name, bytes).open(Split::Train).unwrap_err())
}

const ALL: [&str; 7] = [
    "stylegan.zip",
    "folders.zip",
    "images.npz",
    "snappy.parquet",
    "zstd.parquet",
    "cifar-10-binary.tar.gz",
    "cifar-10-python.tar.gz",
];

#[test]
fn a_file_that_is_cut_is_an_error() {
    let folder = Folder::new();
    for name in ALL {
        let whole = fs::read(fixture(name)).unwrap();
        for part in 0..24 {
            refused(&folder, name, &whole[..whole.len() * part / 24]);
        }
    }
    let whole = fs::read(fixture("shards/train-000.tar")).unwrap();
    for entry in tar::Archive::new(&whole[..]).entries().unwrap() {
        let entry = entry.unwrap();
        let from = entry.raw_file_position() as usize;
        for cut in [from - 511, from - 1, from, from + entry.size() as usize - 1] {
            refused(&folder, "x.tar", &whole[..cut]);
        }
    }
}

#[test]
fn a_changed_byte_never_panics() {
    let folder = Folder::new();
    for name in ALL {
        let whole = fs::read(fixture(name)).unwrap();
        for at in (0..whole.len()).step_by(whole.len() / 60) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x81;
            let _ = config(&folder, name, &bytes).open(Split::Train);
        }
    }
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn packed(files: &[(&str, u64, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, size, bytes) in files {
        let mut header = tar::Header::new_old();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(*size);
        header.set_cksum();
        archive.extend_from_slice(header.as_bytes());
        archive.extend_from_slice(bytes);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive
}

#[test]
fn names_that_lead_elsewhere_are_only_names() {
    let folder = Folder::new();
    let png = fs::read(fixture("colour.bmp")).unwrap();
    let names = ["../../up.bmp", "/tmp/absolute-of-a-test.bmp"];
    let zip = config(&folder, "x/y/x.zip", &zipped(&names.map(|name| (name, &png[..]))));
    let tar = config(&folder, "x/y/x.tar", &packed(&names.map(|name| (name, png.len() as u64, &png[..]))));
    for config in [zip, tar] {
        assert_eq!(config.open(Split::Train).unwrap().len(), 2);
    }
    assert!(!folder.path().join("up.bmp").exists() && !std::path::Path::new(names[1]).exists());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// 128 MiB of zeros in as many kB.
#[test]
fn what_unpacks_to_far_more_than_it_is_is_refused() {
    let folder = Folder::new();
    let side = 1 << 27;
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': (1, {side}, 1), }}\n");
    let array =
        [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), &vec![0; side]].concat();
    let archive = zipped(&[("images.npy", &array)]);
    assert!(archive.len() < 200_000, "{}", archive.len());
    insta::assert_snapshot!(refused(&folder, "x.npz", &archive), @"DIR/x.npz/images.npy: it has more than 64 MiB");
    let archive = gzip(&packed(&[("data_batch_1.bin", side as u64, &array[..side])]));
    insta::assert_snapshot!(refused(&folder, "x.tar.gz", &archive), @"DIR/x.tar.gz: it is no sound tar archive: unexpected end of file");
}

/// The image is a pixel, its frame 65,535 times as wide and as high.
#[test]
fn a_frame_far_larger_than_its_image_is_refused() {
    let folder = Folder::new();
    let screen = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff";
    let frame = b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x4c\x01\0\x3b";
    folder.write("x.gif", &[&screen[..], frame].concat());
    let error = DataConfig::of(ImageFolder::new(folder.path().to_owned())).open(Split::Train).unwrap_err();
    insta::assert_snapshot!(folder.text(&error), @"DIR/x.gif: it is a GIF image that takes too much memory; `on_error: skip` leaves it out");
}

#[test]
fn sizes_that_lie_are_errors() {
    let folder = Folder::new();
    for size in [600, 1 << 33, (1 << 33) - 1] {
        refused(&folder, "x.tar", &packed(&[("a.png", size, &[0; 512])]));
    }
    let bytes = vec![0; 3073];
    let batches: Vec<String> = (1..=5).map(|number| format!("data_batch_{number}.bin")).collect();
    let records = |size: usize, label: u8| {
        let mut record = bytes[..size].to_vec();
        record[0] = label;
        let files: Vec<(&str, u64, &[u8])> = batches.iter().map(|name| (&name[..], size as u64, &record[..])).collect();
        refused(&folder, "x.tar.gz", &gzip(&packed(&files)))
    };
    let pickled = |data: &str| {
        let files: Vec<(&str, u64, &[u8])> =
            batches.iter().map(|name| (name.trim_end_matches(".bin"), data.len() as u64, data.as_bytes())).collect();
        refused(&folder, "x.tar.gz", &gzip(&packed(&files)))
    };
    let refusals = [
        records(3072, 0),
        records(3073, 10),
        pickled("cos\nsystem\nU\u{3}ls \u{5}"),
        pickled("}."),
        pickled("(]U\u{4}data."),
    ];
    insta::assert_snapshot!(refusals.join("\n"), @r"
    DIR/x.tar.gz/data_batch_1.bin: its 3072 bytes are not records of 3073 bytes
    DIR/x.tar.gz/data_batch_1.bin: a label is not below 10
    DIR/x.tar.gz/data_batch_1: it is no pickle of arrays: `os.system`, which is not read at byte 0
    DIR/x.tar.gz/data_batch_1: it has no array `data`
    DIR/x.tar.gz/data_batch_1: it has no array `data`
    ");
}

#[test]
fn labels_that_do_not_fit_are_reported() {
    let folder = Folder::new();
    let bmp = fs::read(fixture("colour.bmp")).unwrap();
    let open = |json: &str| {
        let archive = zipped(&[("a.bmp", &bmp), ("b.bmp", &bmp), ("dataset.json", json.as_bytes())]);
        config(&folder, "x.zip", &archive).open(Split::Train)
    };
    assert_eq!(open(r#"{"labels": null}"#).unwrap().labels(), None);
    let more = open(r#"{"labels": [["b.bmp", 4], ["a.bmp", 9], ["c.bmp", 1]], "class_names": ["x"]}"#).unwrap();
    assert_eq!(
        (more.labels(), more.class_names().unwrap()),
        (Some([1, 0].as_slice()), &["4".to_owned(), "9".to_owned()][..])
    );
    insta::assert_snapshot!(more.passed_over().warnings.join("\n"), @"dataset.json has labels for 1 files that are not images here, such as `c.bmp`");
    let refusals = [
        r#"{"labels": [["a.bmp", 1]]}"#,
        r#"{"labels": [["a.bmp", [0, 1]], ["b.bmp", 1]]}"#,
        "[]",
        "{",
        r#"{"labels": {}}"#,
    ]
    .map(|json| folder.text(&open(json).unwrap_err()));
    insta::assert_snapshot!(refusals.join("\n"), @r"
    DIR/x.zip/dataset.json: it has no label for `b.bmp`
    DIR/x.zip/dataset.json: the label of `a.bmp` is [0,1]; whole numbers are read
    DIR/x.zip/dataset.json: it is not StyleGAN's: invalid length 0, expected an object with `labels` at line 1 column 2
    DIR/x.zip/dataset.json: it is not StyleGAN's: EOF while parsing an object at line 1 column 1
    DIR/x.zip/dataset.json: it is not StyleGAN's: invalid type: map, expected a sequence at line 1 column 11
    ");
}
