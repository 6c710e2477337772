//! `run.data` as it stands in an experiment file, and the list of data sets.

use std::path::PathBuf;

use data::{Color, DataConfig, catalog};
use serde_json::{Value, json};

fn check(written: Value, config: DataConfig) {
    let parsed: DataConfig = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(parsed, config);
    assert_eq!(parsed.name(), written["name"]);
    assert_eq!(serde_json::to_value(&parsed).unwrap(), written);
}

#[test]
fn every_data_set_reads_and_writes_itself() {
    let path = || PathBuf::from("a/b");
    check(json!({ "name": "mnist-10k" }), DataConfig::Mnist10k {});
    check(json!({ "name": "idx", "images": "a/b" }), DataConfig::Idx { images: path(), labels: None });
    check(
        json!({ "name": "idx", "images": "a/b", "labels": "a/b" }),
        DataConfig::Idx { images: path(), labels: Some(path()) },
    );
    check(json!({ "name": "fashion-mnist" }), DataConfig::FashionMnist { path: None });
    check(json!({ "name": "fashion-mnist", "path": "a/b" }), DataConfig::FashionMnist { path: Some(path()) });
    check(
        json!({ "name": "image-folder", "path": "a/b", "size": 64, "color": "grey" }),
        DataConfig::ImageFolder { path: path(), size: 64, color: Color::Grey },
    );
    check(json!({ "name": "stacked-mnist", "count": 9 }), DataConfig::StackedMnist { count: 9 });
    check(json!({ "name": "ring-8", "count": 9 }), DataConfig::Ring8 { count: 9 });
    check(json!({ "name": "grid-25", "count": 9 }), DataConfig::Grid25 { count: 9 });
    check(json!({ "name": "spiral", "count": 9 }), DataConfig::Spiral { count: 9 });
    let read = |written: Value| serde_json::from_value::<DataConfig>(written).unwrap();
    let plain = DataConfig::ImageFolder { path: path(), size: 32, color: Color::Rgb };
    assert_eq!(read(json!({ "name": "image-folder", "path": "a/b" })), plain);
    assert_eq!(read(json!({ "name": "ring-8" })), DataConfig::Ring8 { count: 100_000 });
    assert_eq!(DataConfig::default(), DataConfig::Mnist10k {});
}

#[test]
fn unknown_and_absent_keys_are_refused() {
    let refusal = |written: Value| serde_json::from_value::<DataConfig>(written).unwrap_err().to_string();
    insta::assert_snapshot!(refusal(json!({ "name": "mnist-10k", "path": "a" })), @r"unknown field `path`, there are no fields");
    insta::assert_snapshot!(refusal(json!({ "name": "idx", "images": "a", "label": "a" })), @r"unknown field `label`, expected `images` or `labels`");
    insta::assert_snapshot!(refusal(json!({ "name": "fashion-mnist", "images": "a" })), @r"unknown field `images`, expected `path`");
    insta::assert_snapshot!(refusal(json!({ "name": "idx" })), @r"missing field `images`");
    insta::assert_snapshot!(refusal(json!({})), @r"missing field `name`");
}

/// serde names every variant when it is given an unknown one; the catalog must list the same.
#[test]
fn catalog_lists_every_data_set() {
    let refusal = serde_json::from_value::<DataConfig>(json!({ "name": "" })).unwrap_err().to_string();
    let mut variants: Vec<&str> = refusal.split('`').skip(3).step_by(2).collect();
    let mut names: Vec<&str> = catalog().iter().map(|entry| entry.name).collect();
    variants.sort_unstable();
    names.sort_unstable();
    assert_eq!(names, variants, "{refusal}");
}

#[test]
fn a_size_out_of_range_is_told() {
    let sized = |size| DataConfig::ImageFolder { path: PathBuf::new(), size, color: Color::Rgb }.check();
    assert_eq!((sized(4), sized(1024)), (vec![], vec![]));
    for size in [0, 3, 1025, u32::MAX] {
        assert_eq!(sized(size)[0].path, "size");
    }
}

#[test]
fn a_count_of_points_out_of_range_is_told() {
    let sets = |count| [DataConfig::Ring8 { count }, DataConfig::Grid25 { count }, DataConfig::Spiral { count }];
    let wrong = |count| sets(count).map(|config| config.check().len());
    assert_eq!([wrong(1), wrong(1_000_000)], [[0; 3]; 2]);
    assert_eq!([wrong(0), wrong(1_000_001)], [[1; 3]; 2]);
}

#[test]
fn catalog_entry_has_no_gaps() {
    for entry in catalog() {
        let texts = [entry.about, entry.licence, entry.how_to_get];
        assert!(texts.iter().all(|text| !text.is_empty()), "{entry:?}");
        assert!(entry.available || !entry.looked_in.is_empty(), "{entry:?}");
    }
    assert!(catalog()[0].available, "the embedded data set");
}
