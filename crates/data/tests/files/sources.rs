//! Files of other programs as data sets: what `scripts/data_fixtures.py` wrote with PIL, NumPy, pyarrow and the standard library.

use std::fs;
use std::path::Path;

use ::samples::Format;
use data::{
    Cifar10, Color, Column, DataConfig, Dataset, ImageFolder, ImageParquet, ImageZip, PointsCsv, Split, WebDataset,
    source_of,
};

use crate::array::{check, fixture, image};
use crate::written::Folder;

const NAMES: [&str; 3] = ["bee", "cat", "dog"];
const NUMBERS: [&str; 3] = ["1", "2", "3"];

fn train(config: DataConfig) -> Dataset {
    config.open(Split::Train).unwrap_or_else(|error| panic!("{error:?}"))
}

#[test]
fn archives_of_pictures_are_read() {
    check(&train(DataConfig::of(ImageZip::new(fixture("stylegan.zip")))), &NUMBERS);
    let folders = train(DataConfig::of(ImageZip::new(fixture("folders.zip"))));
    // In the order of names: bee, cat, dog, dog.
    assert_eq!(
        (folders.labels(), folders.class_names().unwrap()),
        (Some([0, 1, 2, 2].as_slice()), &NAMES.map(str::to_owned)[..])
    );
    assert_eq!([0, 1, 2, 3].map(|index| folders.image(index).to_vec()), [1, 3, 0, 2].map(image));
    assert_eq!(folders.passed_over().summary().unwrap(), "files that are no images (1), hidden files (1)");
    check(&train(DataConfig::of(WebDataset::new(fixture("shards"), None))), &NUMBERS);
    let first = train(DataConfig::of(WebDataset::new(fixture("shards/train-000.tar"), None)));
    assert_eq!((first.len(), first.labels()), (2, Some([1, 0].as_slice())));
}

#[test]
fn labels_of_a_webdataset_may_stand_in_json() {
    let folder = Folder::new();
    let png = fs::read(fixture("shards/train-000.tar")).unwrap()[512..].to_vec();
    let mut archive = tar::Builder::new(Vec::new());
    for (key, json) in [("a/1", r#"{"name": "cat"}"#), ("a/2", r#"{"name": "ant", "label": 7}"#)] {
        for (ending, bytes) in [("seg.png", &png[..800]), ("json", json.as_bytes())] {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            archive.append_data(&mut header, format!("{key}.{ending}"), bytes).unwrap();
        }
    }
    let path = folder.write("x.tar", &archive.into_inner().unwrap());
    let open = |label: Option<&str>| {
        DataConfig::of(WebDataset::new(path.clone(), label.map(str::to_owned))).open(Split::Train)
    };
    assert_eq!(open(Some("name")).unwrap().class_names().unwrap(), ["ant", "cat"]);
    assert_eq!(open(Some("none")).unwrap().labels(), None);
    let error = folder.text(&open(None).unwrap_err());
    insta::assert_snapshot!(error, @"DIR/x.tar: 1 of 2 samples have no label, such as DIR/x.tar/a/1.seg.png");
}

#[test]
fn columns_of_images_are_read_whatever_their_codec() {
    for codec in ["snappy", "zstd", "gzip", "none"] {
        check(&train(DataConfig::of(ImageParquet::new(fixture(&format!("{codec}.parquet")), None, None))), &NAMES);
    }
    let plain =
        |image: &str, label: &str| ImageParquet::new(fixture("plain.parquet"), Some(image.into()), Some(label.into()));
    let plain = train(DataConfig::of(plain("picture", "kind")));
    assert_eq!((plain.len(), plain.labels(), plain.image(2)), (3, Some([1, 0, 1].as_slice()), &image(2)[..]));
    assert_eq!(plain.passed_over().summary().unwrap(), "rows without an image (1)");
    let folder = Folder::new();
    for (name, codec) in [("b.parquet", "zstd"), ("a.parquet", "snappy")] {
        folder.write(name, &fs::read(fixture(&format!("{codec}.parquet"))).unwrap());
    }
    assert_eq!(train(DataConfig::of(ImageParquet::new(folder.path().to_owned(), None, None))).len(), 8);
    let refused = |image: Option<&str>, label: Option<&str>| {
        let [image, label] = [image, label].map(|name| name.map(str::to_owned));
        let error =
            DataConfig::of(ImageParquet::new(fixture("plain.parquet"), image, label)).open(Split::Train).unwrap_err();
        folder.text(&error).rsplit_once("plain.parquet: ").unwrap().1.to_owned()
    };
    insta::assert_snapshot!(
        [refused(None, None), refused(Some("kinds"), None), refused(Some("picture"), Some("label"))].join("\n"),
        @r"
    it has no column of images: bytes, or a struct of `bytes` and `path`; its columns are `picture`, `kind`
    it has no column of images `kinds`: bytes, or a struct of `bytes` and `path`; its columns are `picture`, `kind`
    it has no column of labels `label`: whole numbers or text; its columns are `picture`, `kind`
    "
    );
}

#[test]
fn formats_of_pictures_are_read_by_content() {
    let grey: Vec<u8> = image(0)[..64].to_vec();
    for (name, color) in [
        ("colour.bmp", Color::Rgb),
        ("plain.tiff", Color::Rgb),
        ("lzw.tiff", Color::Rgb),
        ("deflate.tiff", Color::Rgb),
        ("grey.bmp", Color::Grey),
        ("grey16.tiff", Color::Grey),
        ("grey.gif", Color::Grey),
        ("animated.gif", Color::Grey),
    ] {
        let folder = Folder::new();
        folder.write("picture", &fs::read(fixture(name)).unwrap());
        let config = ImageFolder { size: 8, color, ..ImageFolder::new(folder.path().to_owned()) };
        let expected = if color == Color::Rgb { image(0) } else { grey.clone() };
        assert_eq!(train(DataConfig::of(config)).image(0), expected, "{name}");
    }
}

/// Image `index` of CIFAR-10's size in the fixtures.
fn small(index: usize) -> Vec<u8> {
    (0..3072).map(|at| (40 * index + 80 * (at / 1024) + 3 * (at / 32 % 32) + at % 32) as u8).collect()
}

#[test]
fn both_versions_of_cifar_10_are_read_packed_and_unpacked() {
    for version in ["binary", "python"] {
        let packed = fixture(&format!("cifar-10-{version}.tar.gz"));
        let folder = Folder::new();
        let unpacked = flate2::read::GzDecoder::new(fs::File::open(&packed).unwrap());
        tar::Archive::new(unpacked).unpack(folder.path()).unwrap();
        let inner = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        for path in [packed, folder.path().to_owned(), inner] {
            let open = |split| DataConfig::of(Cifar10 { path: path.clone() }).open(split).unwrap();
            let (train, test) = (open(Split::Train), open(Split::Test));
            assert_eq!((train.len(), train.format(), train.classes()), (5, Format::Image([3, 32, 32]), Some(10)));
            assert_eq!(train.labels(), Some([0, 1, 2, 3, 4].as_slice()));
            (0..5).for_each(|index| assert_eq!(train.image(index), small(index), "{index}"));
            assert_eq!((test.labels(), test.image(0)), (Some([5].as_slice()), &small(5)[..]));
            assert_eq!(test.class_names().unwrap()[5], "dog");
        }
    }
}

#[test]
fn pickles_of_later_versions_are_read() {
    for protocol in [2, 3, 4] {
        let folder = Folder::new();
        let bytes = fs::read(fixture(&format!("batch-{protocol}.pickle"))).unwrap();
        (1..=5).for_each(|number| drop(folder.write(&format!("data_batch_{number}"), &bytes)));
        let dataset = train(DataConfig::of(Cifar10 { path: folder.path().to_owned() }));
        assert_eq!((dataset.labels(), dataset.image(4)), (Some([1; 5].as_slice()), &small(1)[..]), "{protocol}");
    }
}

#[test]
fn points_are_read_with_and_without_names() {
    let points = |name: &str, label| train(DataConfig::of(PointsCsv { label, ..PointsCsv::new(fixture(name)) }));
    let values = |dataset: &Dataset| {
        let mut values = Vec::new();
        dataset.read_into(&Vec::from_iter(0..dataset.len()), &mut values);
        values
    };
    let named = points("named.csv", Some(Column::Name("kind".into())));
    assert_eq!(values(&named), [0.0, 0.0, 0.25, -1.0, 0.5, -2.0, 0.75, -3.0]);
    assert_eq!(
        (named.labels(), named.class_names().unwrap()),
        (Some([2, 0, 2, 1].as_slice()), &NAMES.map(str::to_owned)[..])
    );
    let plain = points("plain.csv", Some(Column::Number(2)));
    assert_eq!((values(&plain), plain.class_names().unwrap()), (values(&named), &NUMBERS.map(str::to_owned)[..]));
    let all = points("plain.csv", None);
    assert_eq!((all.format().shape(), all.labels()), ([3, 1, 1], None));
    let folder = Folder::new();
    let refused = |text: &str, label: Option<Column>| {
        let path = folder.write("x.csv", text.as_bytes());
        folder.text(&DataConfig::of(PointsCsv { label, ..PointsCsv::new(path) }).open(Split::Train).unwrap_err())
    };
    let name = |name: &str| Some(Column::Name(name.into()));
    let refusals = [
        refused("x,y\n1,2\n3\n", None),
        refused("x,y\n1,2\n3,z\n", None),
        refused("1,2\n3,inf\n", None),
        refused("x,y\n", None),
        refused("", None),
        refused("1\n2\n", None),
        refused("x,y\n1,2\n", name("kind")),
        refused("1,2\n3,4\n", name("kind")),
        refused("1,2\n3,4\n", Some(Column::Number(2))),
        refused("1 2\n3 4\n", Some(Column::Number(0))),
    ];
    insta::assert_snapshot!(refusals.join("\n"), @r"
    DIR/x.csv: line 3: it has 1 columns, and the first line has 2
    DIR/x.csv: line 3: `z` is no number; `label` names a column of classes
    DIR/x.csv: a coordinate of point 1 is inf
    DIR/x.csv: it holds no points
    DIR/x.csv: it holds no points
    DIR/x.csv: its points have 1 coordinates; two or more are needed
    DIR/x.csv: it has no column `kind`; its first line is `x`, `y`
    DIR/x.csv: it has no column `kind`; its first line is `1`, `2`
    DIR/x.csv: it has no column 2, but 2 columns, numbered from 0
    DIR/x.csv: its points have 1 coordinates; two or more are needed
    ");
}

#[test]
fn what_is_written_as_a_zip_is_read_back() {
    let folder = Folder::new();
    for config in [
        DataConfig::of(ImageParquet::new(fixture("snappy.parquet"), None, None)),
        DataConfig::of(ImageZip { color: Some(Color::Grey), ..ImageZip::new(fixture("stylegan.zip")) }),
        DataConfig::of(Cifar10 { path: fixture("cifar-10-binary.tar.gz") }),
    ] {
        let dataset = train(config);
        let path = folder.path().join("x.zip");
        dataset.write_zip(fs::File::create(&path).unwrap()).unwrap();
        let again = train(DataConfig::of(ImageZip::new(path.clone())));
        let occurring: Vec<&String> = dataset.class_names().unwrap().iter().take(again.classes().unwrap()).collect();
        assert_eq!(again.class_names().unwrap().iter().collect::<Vec<_>>(), occurring);
        assert_eq!((again.fingerprint(), source_of(&path).unwrap()), (dataset.fingerprint(), "image-zip"));
    }
    let points =
        train(DataConfig::of(PointsCsv { label: Some(Column::Number(2)), ..PointsCsv::new(fixture("plain.csv")) }));
    let error = points.write_zip(std::io::Cursor::new(Vec::new())).unwrap_err();
    assert_eq!(error.to_string(), "points are no images");
}

#[test]
fn the_data_set_of_a_file_follows_from_its_content() {
    for (name, expected) in [
        ("images.npz", "array"),
        ("labels.npy", "array"),
        ("stylegan.zip", "image-zip"),
        ("shards", "webdataset"),
        ("shards/train-000.tar", "webdataset"),
        ("snappy.parquet", "image-parquet"),
        ("cifar-10-python.tar.gz", "cifar-10"),
        ("named.csv", "points"),
        ("..", "image-folder"),
    ] {
        assert_eq!(source_of(&fixture(name)).unwrap(), expected, "{name}");
    }
    assert!(source_of(&fixture("grey.bmp")).is_err());
    assert!(source_of(Path::new("/absent")).is_err());
}
