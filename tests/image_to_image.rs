//! Two folders of a person's own, from the experiment file to translated pictures: data, records, baselines, `translate`.

use serde_json::Value;
use std::fs;
use std::path::Path;
use tests::Lab;

/// Grey squares, and the same in red, of 16 x 16; the last of the folder's names differ if `lonely`.
fn lab(lonely: bool) -> Lab {
    let lab = Lab::new();
    for at in 0..40u8 {
        let (shade, other) = (5 * at, if lonely && at == 39 { 99 } else { at });
        lab.write(&format!("pictures/grey/{at}.png"), png(16, 16, |x| [[shade, 255][usize::from(x > 7)]; 3]));
        lab.write(&format!("pictures/red/{other}.png"), png(16, 16, |x| [255, [shade, 255][usize::from(x > 7)], 9]));
    }
    lab.write(
        "own.yaml",
        "
name: own
run:
  data: { name: paired-folder, path: pictures/grey, target: pictures/red, hold_out: 0.25 }
  model: { preset: pix2pix, generator: { channels: 4 }, discriminator: { channels: 4 } }
  train: { steps: 4, batch_size: 2 }
  sample: { every: 2, count: 3, differences: true }
  evaluate: { every: 0, count: 10, metrics: [pairs, partner, kid], features: pixels }
",
    );
    lab
}

fn png(width: u32, height: u32, column: impl Fn(u32) -> [u8; 3]) -> Vec<u8> {
    picture(width, height, |x, _| column(x))
}

fn picture(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let pixels: Vec<u8> =
        (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y)).collect();
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    bytes
}

fn size(path: &Path) -> (u32, u32) {
    let decoder = png::Decoder::new(std::io::BufReader::new(fs::File::open(path).unwrap()));
    let reader = decoder.read_info().unwrap();
    (reader.info().width, reader.info().height)
}

#[test]
fn own_folders_are_translated_and_measured_beside_what_needs_no_network() {
    let lab = lab(false);
    let swept = lab.run("sweep own.yaml").exits(0);
    assert!(swept.stdout.contains("copy of the input") && swept.stdout.contains("nearest training target"));
    assert!(swept.stderr.contains("all 40 pictures of the input are grey"), "{}", swept.stderr);
    let sweep = lab.sweep("own");
    let id = &sweep.ids()[0];
    let evaluations = sweep.events_of(id, "evaluation");
    let test: &Value = evaluations.iter().find(|found| found["split"] == "test").unwrap();
    for baseline in ["copy", "histogram", "mean", "nearest"] {
        for quantity in ["pair_l1", "pair_psnr", "pair_ssim", "partner_rank", "partner_found"] {
            assert!(test["baselines"][baseline][quantity].is_number(), "{baseline} {quantity}: {test}");
        }
    }
    assert!(test["values"]["pair_l1"]["value"].is_number() && test["floors"].get("pair_l1").is_none());
    // The nearest shade has nearly the colour that is wanted; the input has two channels of three wrong.
    let l1 = |baseline: &str| test["baselines"][baseline]["pair_l1"].as_f64().unwrap();
    assert!(l1("nearest") < 0.1 && l1("copy") > 0.3, "{test}");
    let rows = sweep.run(id).join("samples/translation-000004.png");
    // Input, output, target, difference, three times, with two pixels between.
    assert_eq!(size(&rows), (4 * 16 + 2, 3 * (16 + 2)));
    assert!(sweep.run(id).join("samples/translation-000002.png").is_file());
    let page = fs::read_to_string(sweep.path().join("report.html")).unwrap();
    assert!(page.contains(r#"id="baselines""#) && page.contains("A row for each of the fixed inputs"));

    lab.write("own/a.png", png(16, 16, |_| [9; 3]));
    lab.write("own/deep/b.png", png(40, 23, |x| [x as u8; 3]));
    let ended = lab.run(&format!("translate {id} own made")).exits(0);
    assert!(ended.stdout.contains("1 of 16 x 16 as they are, 1 resized to 16 x 16 and back"), "{}", ended.stdout);
    assert_eq!((size(&lab.path("made/a.png")), size(&lab.path("made/deep/b.png"))), ((16, 16), (40, 23)));
    let resized = fs::read(lab.path("made/deep/b.png")).unwrap();
    let printed = lab.run(&format!("translate {id} own/deep/b.png b.png --tile --format json")).exits(0).json();
    assert_eq!((&printed["tiled"], &printed["resized"], size(&lab.path("b.png"))), (&1.into(), &0.into(), (40, 23)));
    assert_ne!(fs::read(lab.path("b.png")).unwrap(), resized);
    for (line, words) in [
        (format!("translate {id} own/a.png a.jpg"), "is to be written as a .png"),
        (format!("translate {id} own own"), "name another folder to write to"),
        (format!("translate {id} own x.png"), "is a folder, so"),
    ] {
        assert!(lab.run(&line).exits(2).stderr.contains(words), "{line}");
    }
}

/// Bars that lie and bars that stand, white on black in one domain, black on white in the other.
#[test]
fn translations_are_asked_for_the_class_of_their_input() {
    let lab = Lab::new();
    for at in 0..50u32 {
        for (domain, [ground, bar]) in [("white", [0, 255]), ("black", [255, 0])] {
            let shade = |place: u32| [if place / 3 == at % 5 { bar } else { ground }; 3];
            lab.write(&format!("{domain}/stand/{at}.png"), png(16, 16, shade));
            lab.write(&format!("{domain}/lie/{at}.png"), picture(16, 16, |_, y| shade(y)));
        }
    }
    lab.write(
        "bars.yaml",
        "
name: bars
run:
  data: { name: unpaired-folder, path: white, target: black, hold_out: 0.25 }
  model: { preset: cyclegan, generator: { channels: 2 }, discriminator: { channels: 2 } }
  train: { steps: 2 }
  sample: { every: 0, count: 1 }
  evaluate: { every: 2, count: 10, metrics: [label_kept] }
",
    );
    lab.run("sweep bars.yaml").exits(0);
    let sweep = lab.sweep("bars");
    let evaluations = sweep.events_of(&sweep.ids()[0], "evaluation");
    let test: &Value = evaluations.iter().find(|found| found["split"] == "test").unwrap();
    let shares = [&test["values"]["label_kept"]["value"], &test["baselines"]["copy"]["label_kept"]];
    assert!(shares.iter().all(|share| (0.0..=1.0).contains(&share.as_f64().unwrap())), "{test}");
    assert!(test["floors"]["label_kept"].as_f64().unwrap() > 0.9, "a classifier knows real bars: {test}");
}

#[test]
fn a_picture_without_a_partner_is_named_before_training() {
    let lab = lab(true);
    let ended = lab.run("plan own.yaml").exits(2);
    for words in ["1 of 40 pictures of", "have no partner in", ": 39;", ": 99;"] {
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
    let ended = lab.run("plan own.yaml --set data.on_error=skip").exits(0);
    assert!(ended.stderr.contains("have no partner"), "{}", ended.stderr);
}

#[test]
fn a_run_that_translates_nothing_and_data_with_nothing_to_translate_are_refused() {
    let lab = Lab::new();
    lab.tiny("digits", "");
    lab.run("sweep digits.yaml").exits(0);
    let id = lab.sweep("digits").ids()[0].clone();
    lab.write("a.png", png(28, 28, |_| [9; 3]));
    let ended = lab.run(&format!("translate {id} a.png b.png")).exits(2);
    assert!(ended.stderr.contains("there is nothing to translate"), "{}", ended.stderr);
    let ended = lab.run("plan digits.yaml --set evaluate.metrics=[pairs] --set evaluate.count=100").exits(2);
    assert!(ended.stderr.contains("`pairs` is of translated samples, and `mnist-10k` has nothing to translate"));
}
