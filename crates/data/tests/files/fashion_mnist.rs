//! Fashion-MNIST's files in a folder of one's own. The data set itself is not needed.

use data::{DataConfig, DataError, Dataset, FashionMnist, Idx, Split, catalog};

use crate::written::{Folder, gzip, idx, images, labels};

const TRAIN: [&str; 2] = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"];
const TEST: [&str; 2] = ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

fn open_folder(folder: &Folder, split: Split) -> Result<Dataset, DataError> {
    DataConfig::of(FashionMnist { path: Some(folder.path().to_owned()) }).open(split)
}

fn write(folder: &Folder, [images_name, labels_name]: [&str; 2]) {
    folder.write(images_name, &images());
    folder.write(labels_name, &labels());
}

#[test]
fn splits_are_their_files() {
    let folder = Folder::new();
    write(&folder, TRAIN);
    folder.write(TEST[0], &idx(0x803, &[1, 2, 3], &[9; 6]));
    folder.write(TEST[1], &idx(0x801, &[1], &[5]));
    let train = open_folder(&folder, Split::Train).unwrap();
    assert_eq!((train.name(), train.len(), train.classes()), ("fashion-mnist", 2, Some(10)));
    assert_eq!((train.image(0), train.labels()), ([0, 1, 2, 3, 4, 5].as_slice(), Some([7, 4].as_slice())));
    let test = open_folder(&folder, Split::Test).unwrap();
    assert_eq!((test.len(), test.image(0), test.labels()), (1, [9; 6].as_slice(), Some([5].as_slice())));
}

#[test]
fn fingerprint_is_that_of_the_contents() {
    let (plain, zipped) = (Folder::new(), Folder::new());
    write(&plain, TRAIN);
    zipped.write(&format!("{}.gz", TRAIN[0]), &gzip(&images()));
    zipped.write(&format!("{}.gz", TRAIN[1]), &gzip(&labels()));
    let [plain, zipped] = [plain, zipped].map(|folder| open_folder(&folder, Split::Train).unwrap());
    assert_eq!(plain.fingerprint(), zipped.fingerprint());
}

#[test]
fn fingerprint_is_that_of_the_same_idx_files() {
    let folder = Folder::new();
    folder.write(TRAIN[0], &images());
    folder.write(TRAIN[1], &idx(0x801, &[2], &[1, 0]));
    let [images, labels] = TRAIN.map(|name| folder.path().join(name));
    let same = DataConfig::of(Idx { images, labels: Some(labels), ..Idx::default() }).open(Split::Train).unwrap();
    assert_eq!(open_folder(&folder, Split::Train).unwrap().fingerprint(), same.fingerprint());
}

#[test]
fn a_missing_file_says_where_it_was_looked_for_and_how_to_get_it() {
    let folder = Folder::new();
    write(&folder, TRAIN);
    let error = open_folder(&folder, Split::Test).unwrap_err();
    assert!(error.is_missing());
    insta::assert_snapshot!(folder.text(&error), @"data set `fashion-mnist` not found: looked for DIR/t10k-images-idx3-ubyte or DIR/t10k-images-idx3-ubyte.gz; `runner data fetch fashion-mnist`, `apt-get install dataset-fashion-mnist` on Debian or Ubuntu, or set `path` to a folder with the four files of https://github.com/zalandoresearch/fashion-mnist, gzip or not");
}

#[test]
fn a_label_beyond_the_ten_classes_is_refused() {
    let folder = Folder::new();
    write(&folder, TRAIN);
    folder.write(TRAIN[1], &idx(0x801, &[2], &[9, 10]));
    let error = open_folder(&folder, Split::Train).unwrap_err();
    insta::assert_snapshot!(folder.text(&error), @"DIR/train-labels-idx1-ubyte: malformed at byte 9: expected a label below 10, found 10");
}

#[test]
fn the_package_holds_the_known_data_set() {
    let config = DataConfig::of(FashionMnist { path: None });
    if !catalog().iter().any(|entry| entry.name == config.name() && entry.available) {
        testing::skip("fashion-mnist", "Debian's package dataset-fashion-mnist is not here");
        return;
    }
    let known = [
        (Split::Train, 60_000, "blake3:aee37def71dae9dc2a41a8446e2581a3681a8fab9ab34cb4bae645e4b68c8596"),
        (Split::Test, 10_000, "blake3:94cc056593b2390b0b8609deb69f022cdb92e0ab42144ed3a4217d66d6073309"),
    ];
    for (split, images, fingerprint) in known {
        let dataset = config.open(split).unwrap();
        assert_eq!((dataset.len(), dataset.format()), (images, samples::Format::Image([1, 28, 28])));
        assert_eq!(dataset.fingerprint(), fingerprint);
        let labels = dataset.labels().unwrap();
        assert!((0..10).all(|class| labels.iter().filter(|&&label| label == class).count() == images / 10));
    }
}
