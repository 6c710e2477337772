//! Pairs of pictures in folders.

use crate::image_folder::{bytes, plain};
use crate::written::Folder;
use data::{Dataset, OnError, PairedFolder, Source, Split};
use image::{ImageFormat, RgbImage};
use serde_json::json;

fn config(folder: &Folder, settings: serde_json::Value) -> PairedFolder {
    let mut all = json!({ "path": folder.path() });
    all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

fn open(folder: &Folder, settings: serde_json::Value) -> Dataset {
    config(folder, settings).open(Split::Train).unwrap()
}

fn refusal(folder: &Folder, settings: serde_json::Value) -> String {
    let error = config(folder, settings).open(Split::Train).unwrap_err();
    let source = std::error::Error::source(&error).map(|source| format!("{error}: {source}"));
    source.unwrap_or_else(|| error.to_string())
}

/// Two colours side by side.
fn beside(left: [u8; 3], right: [u8; 3], side: u32) -> Vec<u8> {
    let both = RgbImage::from_fn(2 * side, side, |x, _| image::Rgb(if x < side { left } else { right }));
    bytes(both, ImageFormat::Png)
}

/// The red of input and output.
fn reds(dataset: &Dataset) -> Vec<[f32; 2]> {
    let (mut inputs, mut outputs, all) = (Vec::new(), Vec::new(), Vec::from_iter(0..dataset.len()));
    dataset.input().unwrap().read_into(&all, &mut inputs);
    dataset.read_into(&all, &mut outputs);
    let red = |values: &[f32], format: samples::Format| -> Vec<f32> {
        values.chunks(format.values()).map(|sample| ((sample[0] + 1.0) * 127.5).round()).collect()
    };
    let inputs = red(&inputs, dataset.input().unwrap().format());
    inputs.into_iter().zip(red(&outputs, dataset.format())).map(|(input, output)| [input, output]).collect()
}

#[test]
fn halves_are_a_pair_and_folders_are_splits() {
    let folder = Folder::new();
    for (at, name) in ["train/1", "train/2", "train/3", "test/1", "val/1"].into_iter().enumerate() {
        let red = 10 * at as u8;
        folder.write(&format!("{name}.png"), &beside([red, 9, 0], [red + 100, 0, 7], 8));
    }
    let dataset = open(&folder, json!({}));
    assert_eq!(reds(&dataset), [[0.0, 100.0], [10.0, 110.0], [20.0, 120.0]]);
    assert!(dataset.is_paired() && dataset.labels().is_none());
    assert_eq!(dataset.format(), samples::Format::Image([3, 8, 8]));
    let test = config(&folder, json!({})).open(Split::Test).unwrap();
    assert_eq!((reds(&test), test.fingerprint()), (vec![[30.0, 130.0]], dataset.held_out().unwrap().fingerprint()));
    let back = open(&folder, json!({ "direction": "b_to_a" }));
    assert_eq!(reds(&back)[0], [100.0, 0.0]);
    assert_ne!(back.fingerprint(), dataset.fingerprint());
    assert!(refusal(&folder, json!({ "hold_out": 0.5 })).contains("`hold_out` cannot be set"));
}

#[test]
fn two_folders_are_paired_by_names_whatever_their_endings_and_sizes() {
    let folder = Folder::new();
    for at in 0..4u8 {
        folder.write(&format!("A/{at}.png"), &bytes(plain([at, 1, 0], 12, 8), ImageFormat::Png));
        folder.write(&format!("B/{at}.bmp"), &bytes(plain([at + 50, 0, 1], 12, 8), ImageFormat::Bmp));
    }
    let dataset = open(&folder, json!({}));
    assert_eq!(reds(&dataset), [0.0, 1.0, 2.0, 3.0].map(|red| [red, red + 50.0]));
    assert_eq!(dataset.format(), samples::Format::Image([3, 8, 12]), "they need not be square");
    let named = json!({ "path": folder.path().join("A"), "target": folder.path().join("B") });
    assert_eq!(open(&folder, named).fingerprint(), dataset.fingerprint());
    let small = open(&folder, json!({ "size": 4, "input_color": "grey", "hold_out": 0.5 }));
    let input = small.input().unwrap().format();
    assert_eq!((input, small.format()), (samples::Format::Image([1, 4, 4]), samples::Format::Image([3, 4, 4])));
    assert_eq!(small.len() + small.held_out().unwrap().len(), 4);
    let held_out = small.held_out().unwrap();
    assert!(held_out.is_paired() && held_out.input().unwrap().len() == held_out.len());
}

#[test]
fn what_is_no_pair_is_named_and_counted_before_training() {
    let folder = Folder::new();
    for at in 0..3u8 {
        folder.write(&format!("A/{at}.png"), &bytes(plain([at, 1, 0], 8, 8), ImageFormat::Png));
        folder.write(&format!("B/{at}.png"), &bytes(plain([at, 0, 1], 8, 8), ImageFormat::Png));
    }
    folder.write("A/alone.png", &bytes(plain([0, 1, 0], 8, 8), ImageFormat::Png));
    folder.write("B/other.png", &bytes(plain([0, 1, 0], 8, 8), ImageFormat::Png));
    let error = refusal(&folder, json!({}));
    for words in ["1 of 4 pictures of", "have no partner in", ": alone;", ": other;", "`on_error: skip`"] {
        assert!(error.contains(words), "{words}: {error}");
    }
    let skipped = open(&folder, json!({ "on_error": "skip" }));
    assert_eq!((skipped.len(), skipped.passed_over().counts["pictures without a partner"]), (3, 2));

    folder.write("A/other.png", &bytes(plain([0, 1, 0], 16, 8), ImageFormat::Png));
    folder.write("B/alone.png", &bytes(plain([0, 1, 0], 4, 4), ImageFormat::Png));
    let error = refusal(&folder, json!({ "size": 8 }));
    assert!(error.contains("other.png: it is 16 x 8 pixels, and its partner") && error.contains("is 8 x 8"), "{error}");
    let error = refusal(&folder, json!({}));
    assert!(error.contains("2 of 5 images cannot be used"), "{error}");
    let skipped = open(&folder, json!({ "on_error": "skip", "size": 8 }));
    assert_eq!(skipped.len(), 4, "a picture and a smaller one of its shape are a pair where sizes are set");
}

#[test]
fn a_picture_alone_is_no_domain_and_odd_ones_have_no_halves() {
    let folder = Folder::new();
    folder.write("1.png", &beside([1, 2, 3], [4, 5, 6], 8));
    assert!(refusal(&folder, json!({})).contains("1 picture to train on is too few"));
    folder.write("2.png", &bytes(plain([0; 3], 15, 8), ImageFormat::Png));
    assert!(refusal(&folder, json!({})).contains("it is 15 x 8: no two pictures of one width side by side"));
    folder.write("2.jpg", &beside([1, 2, 3], [4, 5, 6], 8));
    assert!(refusal(&folder, json!({})).contains("has the same name but for its ending"));
    let empty = Folder::new();
    assert!(refusal(&empty, json!({})).contains("not found"));
    let skip: OnError = serde_json::from_value(json!("skip")).unwrap();
    assert_eq!(skip, OnError::Skip);
}

#[test]
fn grey_against_colour_is_said() {
    let folder = Folder::new();
    for at in 0..5u8 {
        folder.write(&format!("{at}.png"), &beside([at; 3], [at, 0, 200], 8));
    }
    let warnings = open(&folder, json!({})).passed_over().warnings.join("\n");
    assert!(warnings.contains("all 5 pictures of the input are grey and those of the output are not"), "{warnings}");
    assert!(warnings.contains("`input_color: grey`"), "{warnings}");
    assert_eq!(open(&folder, json!({ "input_color": "grey" })).passed_over().warnings, [""; 0]);
    folder.write("5.png", &beside([1, 2, 3], [9, 9, 9], 8));
    let warnings = open(&folder, json!({})).passed_over().warnings.clone();
    let expected = ["1 of 6 pictures of the input are in colour", "1 of 6 pictures of the output are grey"];
    assert_eq!(warnings.len(), 2);
    for (warning, expected) in warnings.iter().zip(expected) {
        assert!(warning.starts_with(expected) && warning.ends_with("5.png"), "{warning}");
    }
}
