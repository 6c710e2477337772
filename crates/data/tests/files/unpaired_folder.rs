//! Two domains in folders without pairs.

use crate::image_folder::{bytes, plain};
use crate::written::Folder;
use data::{Dataset, Source, Split, UnpairedFolder};
use image::ImageFormat;
use serde_json::json;

fn open(folder: &Folder, settings: serde_json::Value, split: Split) -> Result<Dataset, String> {
    let mut all = json!({ "path": folder.path() });
    all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let config: UnpairedFolder = serde_json::from_value(all).unwrap();
    config.open(split).map_err(|error| error.to_string())
}

fn write(folder: &Folder, name: &str, color: [u8; 3]) {
    folder.write(name, &bytes(plain(color, 8, 8), ImageFormat::Png));
}

#[test]
fn two_domains_have_their_numbers_and_held_out_ones_of_equal_names_are_partners() {
    let folder = Folder::new();
    (0..5u8).for_each(|at| write(&folder, &format!("trainA/{at}.png"), [at, 1, 0]));
    (0..3u8).for_each(|at| write(&folder, &format!("trainB/{at}.png"), [at, 100, 0]));
    (0..2u8).for_each(|at| write(&folder, &format!("testA/t{at}.png"), [at, 1, 2]));
    (0..2u8).for_each(|at| write(&folder, &format!("testB/t{at}.png"), [at, 100, 2]));
    let train = open(&folder, json!({}), Split::Train).unwrap();
    assert_eq!((train.len(), train.input().unwrap().len(), train.is_paired()), (3, 5, false));
    let test = open(&folder, json!({}), Split::Test).unwrap();
    assert_eq!((test.len(), test.input().unwrap().len(), test.is_paired()), (2, 2, true));
    assert_eq!(train.held_out().unwrap().fingerprint(), test.fingerprint());
    let back = open(&folder, json!({ "direction": "b_to_a" }), Split::Train).unwrap();
    assert_eq!((back.len(), back.input().unwrap().len()), (5, 3));
    let error = open(&folder, json!({ "hold_out": 0.5 }), Split::Train).unwrap_err();
    assert!(error.contains("`hold_out` cannot be set"), "{error}");
    write(&folder, "testB/t2.png", [2, 100, 2]);
    assert!(!open(&folder, json!({}), Split::Test).unwrap().is_paired());
}

#[test]
fn partners_are_held_out_together_and_subfolders_of_both_are_classes() {
    let folder = Folder::new();
    for at in 0..20u8 {
        let class = ["x", "y"][usize::from(at % 2)];
        write(&folder, &format!("A/{class}/{at}.png"), [at, 1, 0]);
        write(&folder, &format!("B/{class}/{at}.png"), [at, 100, 0]);
    }
    let train = open(&folder, json!({ "hold_out": 0.3 }), Split::Train).unwrap();
    let test = train.held_out().unwrap();
    assert!(test.is_paired() && !train.is_paired() && test.len() + train.len() == 20, "{}", test.len());
    assert_eq!((train.classes(), train.labels()), (Some(2), train.input_labels()));
    assert!(test.input_labels().is_some());
    write(&folder, "A/z/0.png", [1, 1, 0]);
    let train = open(&folder, json!({ "hold_out": 0.3 }), Split::Train).unwrap();
    assert!(train.classes().is_none() && train.passed_over().warnings[0].contains("so they are no classes"));
}

#[test]
fn a_domain_of_one_picture_is_refused_by_name() {
    let folder = Folder::new();
    write(&folder, "trainA/1.png", [1, 1, 0]);
    (0..3u8).for_each(|at| write(&folder, &format!("trainB/{at}.png"), [at, 100, 0]));
    let error = open(&folder, json!({}), Split::Train).unwrap_err();
    assert!(error.contains("trainA: 1 picture to train on is too few"), "{error}");
    let two = json!({ "target": folder.path().join("nowhere") });
    assert!(open(&folder, two, Split::Train).unwrap_err().contains("not found"));
}
