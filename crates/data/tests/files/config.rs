//! `run.data` as it stands in an experiment file, and the list of data sets.

use std::path::PathBuf;

use data::{
    Array, Color, DataConfig, FashionMnist, Grid25, Idx, ImageFolder, Layout, Mnist10k, PixelRange, Ring8, Spiral,
    StackedMnist, catalog,
};
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
    check(json!({ "name": "mnist-10k" }), DataConfig::of(Mnist10k::default()));
    check(json!({ "name": "idx", "images": "a/b" }), DataConfig::of(Idx { images: path(), ..Idx::default() }));
    check(
        json!({ "name": "idx", "images": "a/b", "labels": "a/b" }),
        DataConfig::of(Idx { images: path(), labels: Some(path()), ..Idx::default() }),
    );
    check(json!({ "name": "fashion-mnist" }), DataConfig::of(FashionMnist { path: None }));
    check(json!({ "name": "fashion-mnist", "path": "a/b" }), DataConfig::of(FashionMnist { path: Some(path()) }));
    check(
        json!({ "name": "image-folder", "path": "a/b", "size": 64, "color": "grey" }),
        DataConfig::of(ImageFolder { size: 64, color: Color::Grey, ..ImageFolder::new(path()) }),
    );
    let array = Array::new(path(), None, None, None);
    check(json!({ "name": "array", "path": "a/b" }), DataConfig::of(array.clone()));
    check(
        json!({ "name": "array", "path": "a/b", "labels": "a/b", "layout": "nhwc", "range": [-1, 1], "size": 8, "color": "rgb" }),
        DataConfig::of(Array {
            labels: Some(path()),
            layout: Some(Layout::Nhwc),
            range: Some(PixelRange::Symmetric),
            size: Some(8),
            color: Some(Color::Rgb),
            ..array
        }),
    );
    check(json!({ "name": "stacked-mnist", "count": 9 }), DataConfig::of(StackedMnist { count: 9 }));
    check(json!({ "name": "ring-8", "count": 9 }), DataConfig::of(Ring8 { count: 9 }));
    check(json!({ "name": "grid-25", "count": 9 }), DataConfig::of(Grid25 { count: 9 }));
    check(json!({ "name": "spiral", "count": 9 }), DataConfig::of(Spiral { count: 9 }));
    let read = |written: Value| serde_json::from_value::<DataConfig>(written).unwrap();
    let plain = DataConfig::of(ImageFolder { size: 32, color: Color::Rgb, ..ImageFolder::new(path()) });
    assert_eq!(read(json!({ "name": "image-folder", "path": "a/b" })), plain);
    assert_eq!(read(json!({ "name": "ring-8" })), DataConfig::of(Ring8 { count: 100_000 }));
    assert_eq!(DataConfig::default(), DataConfig::of(Mnist10k::default()));
}

#[test]
fn unknown_and_absent_keys_are_refused() {
    let refusal = |written: Value| serde_json::from_value::<DataConfig>(written).unwrap_err().to_string();
    insta::assert_snapshot!(refusal(json!({ "name": "mnist-10k", "path": "a" })), @r"unknown field `path`, expected `count` or `draw`");
    insta::assert_snapshot!(refusal(json!({ "name": "idx", "images": "a", "label": "a" })), @r"unknown field `label`, expected one of `images`, `labels`, `test_images`, `test_labels`, `hold_out`");
    insta::assert_snapshot!(refusal(json!({ "name": "fashion-mnist", "images": "a" })), @r"unknown field `images`, expected `path`");
    insta::assert_snapshot!(refusal(json!({ "name": "idx" })), @r"missing field `images`");
    insta::assert_snapshot!(refusal(json!({})), @r"missing field `name`");
}

/// The message for an unknown name lists the valid names, which are those of the catalog.
#[test]
fn catalog_lists_every_data_set() {
    let refusal = serde_json::from_value::<DataConfig>(json!({ "name": "" })).unwrap_err().to_string();
    let listed: Vec<&str> = refusal.split('`').skip(3).step_by(2).collect();
    let names: Vec<&str> = catalog().iter().map(|entry| entry.name).collect();
    assert_eq!(names, listed, "{refusal}");
}

#[test]
fn a_word_is_a_data_set_without_settings() {
    let read = |word: &str| serde_json::from_value::<DataConfig>(json!(word));
    assert_eq!(read("ring-8").unwrap(), DataConfig::of(Ring8 { count: 100_000 }));
    assert!(read("idx").is_err(), "it needs files");
}

#[test]
fn paths_become_absolute_and_what_has_none_stays() {
    let here = std::env::current_dir().unwrap();
    let idx = DataConfig::of(Idx { images: "a".into(), labels: Some("b".into()), ..Idx::default() });
    let absolute = DataConfig::of(Idx { images: here.join("a"), labels: Some(here.join("b")), ..Idx::default() });
    assert_eq!(idx.absolute(), Some(absolute));
    let folder = |path: PathBuf| DataConfig::of(ImageFolder { size: 8, color: Color::Grey, ..ImageFolder::new(path) });
    assert_eq!(folder("a".into()).absolute(), Some(folder(here.join("a"))));
    let clothes = |path| DataConfig::of(FashionMnist { path });
    assert_eq!(clothes(Some("a".into())).absolute(), Some(clothes(Some(here.join("a")))));
    assert_eq!([clothes(None).absolute(), DataConfig::default().absolute()], [None, None]);
}

#[test]
fn a_size_out_of_range_is_reported() {
    let sized =
        |size| DataConfig::of(ImageFolder { size, color: Color::Rgb, ..ImageFolder::new(PathBuf::new()) }).check();
    assert_eq!((sized(4), sized(1024)), (vec![], vec![]));
    for size in [0, 3, 1025, u32::MAX] {
        assert_eq!(sized(size)[0].path, "size");
    }
}

#[test]
fn a_count_of_points_out_of_range_is_reported() {
    let sets =
        |count| [DataConfig::of(Ring8 { count }), DataConfig::of(Grid25 { count }), DataConfig::of(Spiral { count })];
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
