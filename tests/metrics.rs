//! `metrics`: distances that mean something, for samples of any program.

use flate2::read::GzDecoder;
use serde_json::Value;
use std::fs;
use std::io::Read;
use std::path::Path;
use tests::Lab;

const SIDE: usize = 28;

/// Digits of the embedded data set's training split with their labels.
fn digits() -> impl Iterator<Item = (Vec<u8>, u8)> {
    let read = |name: &str, header: usize| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/data/mnist-10k");
        let mut bytes = Vec::new();
        GzDecoder::new(fs::File::open(folder.join(name)).unwrap()).read_to_end(&mut bytes).unwrap();
        bytes.split_off(header)
    };
    let images = read("mnist-10k-images-idx3-ubyte.gz", 16);
    let images: Vec<Vec<u8>> = images.chunks(SIDE * SIDE).take(9000).map(<[u8]>::to_vec).collect();
    images.into_iter().zip(read("mnist-10k-labels-idx1-ubyte.gz", 8))
}

/// NumPy's format 1.0.
pub(crate) fn npy(descr: &str, shape: &[usize], data: &[u8]) -> Vec<u8> {
    let shape: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}), }}\n", shape.join(", "));
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn images(digits: &[Vec<u8>], side: usize) -> Vec<u8> {
    npy("|u1", &[digits.len(), side, side], &digits.concat())
}

/// Replaces a share of the pixels, in percent, by noise.
fn noisy(digit: &[u8], percent: u32, state: &mut u32) -> Vec<u8> {
    let mut draw = || {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *state >> 16
    };
    digit.iter().map(|pixel| if draw() % 100 < percent { (draw() % 256) as u8 } else { *pixel }).collect()
}

/// Means of the pixels that are at most so far away in each direction.
fn blurred(digit: &[u8], reach: usize) -> Vec<u8> {
    let mean = |index: usize| {
        let [rows, columns] =
            [index / SIDE, index % SIDE].map(|at| at.saturating_sub(reach)..=(at + reach).min(SIDE - 1));
        let pixels = rows.flat_map(|row| columns.clone().map(move |column| u32::from(digit[row * SIDE + column])));
        let (count, sum) = pixels.fold((0, 0), |(count, sum), pixel| (count + 1, sum + pixel));
        (sum / count) as u8
    };
    (0..SIDE * SIDE).map(mean).collect()
}

/// Means of blocks of 4 x 4 pixels.
fn pooled(digit: &[u8]) -> Vec<u8> {
    let sum = |index: usize| {
        let pixels = (0..16).map(|pixel| digit[(index / 7 * 4 + pixel / 4) * SIDE + index % 7 * 4 + pixel % 4]);
        pixels.map(u32::from).sum::<u32>()
    };
    (0..49).map(|index| (sum(index) / 16) as u8).collect()
}

fn find<'a>(json: &'a Value, name: &str) -> &'a Value {
    json["values"].as_array().unwrap().iter().find(|value| value["name"] == name).unwrap_or_else(|| panic!("{name}"))
}

fn number(json: &Value, name: &str) -> f64 {
    find(json, name)["value"].as_f64().unwrap_or_else(|| panic!("{json:#}"))
}

#[test]
fn distances_grow_with_noise() {
    let lab = Lab::new();
    let real: Vec<_> = digits().take(300).map(|(digit, _)| digit).collect();
    let found = [0, 10, 40].map(|percent| {
        let mut state = 1;
        let fake: Vec<_> = real.iter().map(|digit| noisy(digit, percent, &mut state)).collect();
        lab.write("x.npy", images(&fake, SIDE));
        lab.run("metrics mnist-10k:test x.npy --features pixels --metrics kid,sliced_wasserstein,prdc --format json")
            .exits(0)
            .json()
    });
    for name in ["kid", "sliced_wasserstein_1", "sliced_wasserstein_2"] {
        let [clean, noisy, noise] = found.each_ref().map(|found| number(found, name));
        assert!(clean < noisy && noisy < noise, "{name}: {clean} {noisy} {noise}");
    }
    for name in ["precision", "density", "coverage"] {
        let [clean, noisy, noise] = found.each_ref().map(|found| number(found, name));
        assert!(clean > noisy && noisy >= noise, "{name}: {clean} {noisy} {noise}");
    }
    // Other digits of the same hands are as far as real ones are from each other.
    let [clean, noisy, _] = found.each_ref().map(|found| number(found, "kid"));
    let floor = find(&found[0], "kid")["floor"].as_f64().unwrap();
    assert!((clean - floor).abs() < 0.1 * (noisy - floor), "{clean} {floor} {noisy}");
}

/// A classifier of digits takes noise for digits of some kind: fidelity is for distances to tell.
#[test]
fn distances_of_the_usual_features_grow_with_noise_blur_and_dropped_digits() {
    let lab = Lab::new();
    let measure = |fake: Vec<Vec<u8>>| {
        lab.write("x.npy", images(&fake, SIDE));
        let json = lab.run("metrics mnist-10k:test x.npy --metrics frechet,kid --format json").exits(0).json();
        assert_eq!((json["features"]["name"].as_str(), json["features"]["width"].as_u64()), (Some("digits"), Some(64)));
        (["frechet", "kid"].map(|name| number(&json, name)), find(&json, "frechet")["floor"].as_f64().unwrap())
    };
    let noise = [0, 20, 50].map(|percent| {
        let mut state = 1;
        measure(digits().take(500).map(|(digit, _)| noisy(&digit, percent, &mut state)).collect()).0
    });
    let blur = [0, 1, 3].map(|reach| measure(digits().take(500).map(|(digit, _)| blurred(&digit, reach)).collect()).0);
    let classes = [10, 8, 2].map(|classes| {
        let some = digits().filter(|(_, label)| *label < classes).take(500);
        measure(some.map(|(digit, _)| digit).collect()).0
    });
    for [first, second, third] in [noise, blur, classes] {
        assert!(first[0] < second[0] && second[0] < third[0], "{first:?} {second:?} {third:?}");
        assert!(first[1] < second[1] && second[1] < third[1], "{first:?} {second:?} {third:?}");
    }
    let (found, floor) = measure(digits().take(500).map(|(digit, _)| digit).collect());
    assert!(found[0] < 2.0 * floor && noise[1][0] > 5.0 * floor, "{found:?} {floor} {noise:?}");
    assert!(lab.run("metrics mnist-10k x.npy --features fashion").exits(0).says("features: fashion, 64"));
    lab.write("small.npy", npy("|u1", &[10, 7, 7], &[0; 490]));
    let refused = lab.run("metrics small.npy small.npy --features digits").exits(2);
    assert!(refused.says("`digits` features are of 1 x 28 x 28 or 3 x 28 x 28 images"));
}

/// Real digits, as other programs write them.
#[test]
fn floats_are_measured_as_the_bytes_that_they_were() {
    let lab = Lab::new();
    let some: Vec<_> = digits().take(400).map(|(digit, _)| digit).collect();
    lab.write("bytes.npy", images(&some, SIDE));
    let measure = |arguments: &str| {
        let json = lab.run(&format!("metrics mnist-10k {arguments} --metrics frechet --format json")).exits(0).json();
        (number(&json, "frechet"), json["fake"]["range"].clone())
    };
    let (expected, none) = measure("bytes.npy");
    assert_eq!(none, Value::Null);
    for (range, scale) in [("[0, 1]", 255.0), ("[0, 255]", 1.0)] {
        let floats =
            some.concat().iter().flat_map(|byte| (f32::from(*byte) / scale).to_le_bytes()).collect::<Vec<u8>>();
        lab.write("floats.npy", npy("<f4", &[400, SIDE, SIDE], &floats));
        let (found, shown) = measure("floats.npy");
        assert!((found - expected).abs() < 1e-3, "{range}: {found} is not {expected}");
        assert_eq!(shown, range);
    }
    let refused = lab.run("metrics mnist-10k floats.npy --range -1,1").exits(2);
    assert!(refused.says("its pixels go from 0 to 255, which is not within [-1, 1]"), "{}", refused.stderr);
}

#[test]
fn variety_falls_with_dropped_digits() {
    let lab = Lab::new();
    let found = [10, 4, 1].map(|classes| {
        let fake: Vec<_> = digits().filter(|(_, label)| *label < classes).map(|(digit, _)| digit).take(300).collect();
        lab.write("x.npy", images(&fake, SIDE));
        lab.run("metrics mnist-10k:test x.npy --metrics kid,prdc --format json").exits(0).json()
    });
    let of = |name: &str| found.each_ref().map(|found| number(found, name));
    let [all, some, one] = of("kid");
    assert!(all < some && some < one, "{all} {some} {one}");
    for name in ["recall", "coverage"] {
        let [all, some, one] = of(name);
        assert!(all > some && some > one, "{name}: {all} {some} {one}");
    }
    let [all, _, one] = of("precision");
    assert!(one > all - 0.1, "what is left is as good as before: {all} {one}");
}

#[test]
fn the_frechet_distance_of_real_samples_is_near_the_floor_and_of_noise_is_not() {
    let lab = Lab::new();
    let digits: Vec<_> = digits().take(2000).map(|(digit, _)| digit).collect();
    let mut state = 2;
    let write = |name: &str, some: &[Vec<u8>]| {
        lab.write(name, images(&some.iter().map(|digit| pooled(digit)).collect::<Vec<_>>(), 7));
    };
    write("real.npy", &digits[..1000]);
    write("other.npy", &digits[1000..]);
    write("noise.npy", &digits[1000..].iter().map(|digit| noisy(digit, 20, &mut state)).collect::<Vec<_>>());
    let measure = |fake: &str| {
        let json =
            lab.run(&format!("metrics real.npy {fake} --metrics frechet --count 500 --format json")).exits(0).json();
        assert_eq!(json["floor"]["samples"], 500);
        (number(&json, "frechet"), find(&json, "frechet")["floor"].as_f64().unwrap())
    };
    // 1,000 samples make no two halves of 600.
    let json =
        lab.run("metrics real.npy other.npy --metrics frechet,frechet --count 600 --format json").exits(0).json();
    assert_eq!((&json["floor"]["samples"], json["values"].as_array().unwrap().len()), (&500.into(), 1));
    let (same, _) = measure("real.npy");
    let (other, floor) = measure("other.npy");
    let (noise, _) = measure("noise.npy");
    assert!(same < 1e-6, "{same}");
    assert!((0.7..1.4).contains(&(other / floor)), "{other} {floor}");
    assert!(noise > 3.0 * floor, "{noise} {floor}");
}

#[test]
fn a_runs_samples_are_measured_as_array_and_as_pictures() {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    let id = lab.sweep("one").ids()[0].clone();
    let measure = |out: &str| {
        lab.run(&format!("sample {id} --count 40 --out {out}")).exits(0);
        lab.run(&format!("metrics mnist-10k:test {out} --features pixels --format json")).exits(0).json()
    };
    let (array, folder) = (measure("x.npy"), measure("pictures"));
    assert_eq!(array["fake"]["samples"], 40);
    assert_eq!(array["real"]["samples"], 40);
    assert_eq!(array["real"]["available"], 1000);
    assert_eq!(array["features"], folder["features"]);
    let (kid, of_folder) = (number(&array, "kid"), number(&folder, "kid"));
    assert!(kid > 10.0 * find(&array, "kid")["floor"].as_f64().unwrap().abs(), "six steps make no digits: {kid}");
    assert!((kid - of_folder).abs() < 0.05 * kid, "pictures are rounded to 8 bits: {kid} {of_folder}");
    // REAL may be the run: its data as it saw them, here with the extractor that its data set has.
    let line = "x.npy --metrics kid --count 40 --format json";
    let [of_run, of_set] = [format!("{id}:test"), "mnist-10k:test".to_owned()]
        .map(|real| lab.run(&format!("metrics {real} {line}")).exits(0).json());
    assert_eq!((&of_run["values"], &of_run["features"]["name"]), (&of_set["values"], &"digits".into()));
    assert_eq!(of_run["real"]["fingerprint"], of_set["real"]["fingerprint"]);
    let gated =
        |limit: &str| lab.run(&format!("metrics results/one/runs/{id} x.npy --metrics kid --require kid<{limit}"));
    gated("1e9").exits(0);
    assert!(gated("1").exits(1).says("error: kid<1 is not met: x.npy has "));
    assert!(
        lab.run("metrics mnist-10k x.npy --metrics kid --require frechet<1").exits(2).says("frechet is not measured")
    );
    // Not asked for by name, what cannot be measured is reported and is no error.
    let frechet = find(&array, "frechet");
    assert_eq!((&frechet["value"], &frechet["outcome"]), (&Value::Null, &"too_few_samples".into()));
    assert!(frechet["reason"].as_str().unwrap().contains("785"));
}

#[test]
fn too_few_real_samples_leave_a_value_without_a_floor() {
    let lab = Lab::new();
    let points: Vec<u8> = (0u16..30).flat_map(|i| [i * i % 11, i * 7 % 13]).map(|x| x as u8).collect();
    lab.write("x.npy", npy("|u1", &[10, 6], &points));
    let json = lab.run("metrics x.npy x.npy --metrics frechet --format json").exits(0).json();
    let frechet = find(&json, "frechet");
    assert_eq!((&frechet["outcome"], &frechet["floor"]), (&"measured".into(), &Value::Null));
    let reason = frechet["floor_reason"].as_str().unwrap();
    assert!(reason.contains("x.npy") && reason.contains("needs 7") && reason.contains("found 5"), "{reason}");
    assert!(lab.run("metrics x.npy x.npy --metrics frechet").exits(0).says("no floor: x.npy"));
}

fn png(digit: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE as u32, SIDE as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(digit).unwrap();
    bytes
}

/// Folders are classes, by their names. Digits teach digits, nothing of two that they lack; copies of one are all alike.
#[test]
fn images_of_classes_are_measured_by_class() {
    let lab = Lab::new();
    let mut first: [Option<Vec<u8>>; 10] = Default::default();
    for (at, (digit, class)) in digits().take(400).enumerate() {
        let copied = first[usize::from(class)].get_or_insert_with(|| digit.clone());
        lab.write(&format!("copies/{class}/{at:04}.png"), png(copied));
        if class > 1 {
            lab.write(&format!("eight/{class}/{at:04}.png"), png(&digit));
        }
    }
    let measure = |fake: &str| {
        let metrics = "--metrics ms_ssim_by_class,classification_accuracy --count 300 --format json";
        lab.run(&format!("metrics mnist-10k:test {fake} {metrics}")).exits(0).json()
    };
    let (eight, copies) = (measure("eight"), measure("copies"));
    let of = |json: &Value, name: &str, class: usize| find(json, name)["by_class"][class].clone();
    assert_eq!(of(&copies, "ms_ssim_by_class", 3)["class"], "3");
    assert!((number(&copies, "ms_ssim_by_class") - 1.0).abs() < 1e-6);
    assert_eq!(of(&eight, "ms_ssim_by_class", 1)["value"], Value::Null);
    let [value, floor] = ["value", "floor"].map(|key| of(&eight, "ms_ssim_by_class", 3)[key].as_f64().unwrap());
    assert!((value - floor).abs() < 0.15, "{value} {floor}");
    let (accuracy, floor) = {
        let found = find(&eight, "classification_accuracy");
        (found["value"].as_f64().unwrap(), found["floor"].as_f64().unwrap())
    };
    assert!(floor > 0.75 && (0.5..0.8).contains(&accuracy), "{accuracy} {floor}");
    assert_eq!(of(&eight, "classification_accuracy", 1)["value"], 0.0);
    assert!(number(&copies, "classification_accuracy") < accuracy, "{copies:#}");
    let text = lab.run("metrics mnist-10k:test eight --metrics ms_ssim_by_class").exits(0);
    assert!(text.says("100 pairs a class, 2 of 5 scales"), "{}", text.stdout);
    assert!(text.says("ms_ssim_by_class") && text.stdout.lines().any(|line| line.trim_start().starts_with("9 ")));

    lab.write("x.npy", images(&digits().take(90).map(|(digit, _)| digit).collect::<Vec<_>>(), SIDE));
    let refused = |line: &str, who: &str| {
        let ended = lab.run(&format!("metrics {line}")).exits(2);
        assert!(ended.stderr.contains(&format!("{who}: ")) && ended.stderr.contains("with their classes"), "{line}");
    };
    refused("mnist-10k x.npy --metrics ms_ssim_by_class", "x.npy");
    refused("x.npy eight --metrics classification_accuracy", "x.npy");
    let few = lab.run("metrics mnist-10k:test eight --count 60 --metrics classification_accuracy").exits(2);
    assert!(few.says("needs 64"));
}

#[test]
fn the_json_has_its_documented_shape() {
    let lab = Lab::new();
    let points: Vec<u8> =
        (0..40).flat_map(|i: u16| [f32::from(i % 7), f32::from(i % 5)]).flat_map(f32::to_le_bytes).collect();
    lab.write("x.npy", npy("<f4", &[40, 2], &points));
    let json =
        lab.run("metrics x.npy x.npy --metrics modes_ring_8,prdc --count 20 --seed 3 --format json").exits(0).json();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&json), "real fake features floor seed values");
    assert_eq!(keys(&json["real"]), "source available samples fingerprint range");
    assert_eq!(keys(&json["features"]), "name hash width");
    let expected = "name metric value standard_error floor floor_reason direction unit outcome reason settings paper";
    assert_eq!(keys(&json["values"][0]), expected);
    assert_eq!((&json["seed"], &json["features"]["name"]), (&3.into(), &"given".into()));
    assert!(json["features"]["hash"].as_str().unwrap().starts_with("blake3:"));
    let names: Vec<_> =
        json["values"].as_array().unwrap().iter().map(|value| value["name"].as_str().unwrap()).collect();
    let ring = ["ring_8_modes", "ring_8_high_quality", "ring_8_reverse_kl"];
    assert_eq!(names, [&ring[..], &["precision", "recall", "density", "coverage"]].concat());
}

#[test]
fn the_same_seed_gives_the_same_bytes_for_any_number_of_threads() {
    let lab = Lab::new();
    let fake: Vec<_> = digits().take(80).map(|(digit, _)| digit).collect();
    lab.write("x.npy", images(&fake, SIDE));
    let line = "metrics mnist-10k:test x.npy --metrics kid,prdc,sliced_wasserstein,ms_ssim,neighbours --format json";
    let one = lab.run_with(("RAYON_NUM_THREADS", "1"), line).exits(0).stdout;
    assert_eq!(one, lab.run_with(("RAYON_NUM_THREADS", "3"), line).exits(0).stdout);
    assert_ne!(one, lab.run(&format!("{line} --seed 1")).exits(0).stdout);
}

#[test]
fn samples_that_are_not_finite_are_an_outcome() {
    let lab = Lab::new();
    let mut points: Vec<f32> = (0..40).map(|i| i as f32).collect();
    let mut write = |name: &str, value: f32| {
        points[7] = value;
        lab.write(name, npy("<f4", &[20, 2], &points.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>()));
    };
    write("good.npy", 7.0);
    write("nan.npy", f32::NAN);
    for line in ["metrics good.npy nan.npy", "metrics nan.npy good.npy --metrics kid,modes_ring_8"] {
        let json = lab.run(&format!("{line} --format json")).exits(0).json();
        for value in json["values"].as_array().unwrap() {
            assert_eq!((&value["value"], &value["outcome"]), (&Value::Null, &"not_finite".into()), "{value}");
            let reason = value["reason"].as_str().unwrap();
            assert!(
                reason.contains("nan.npy") && reason.contains("sample 3") && reason.contains("NaN at 1"),
                "{reason}"
            );
        }
        assert!(lab.run(line).exits(0).says("no value: nan.npy"));
    }
}

#[test]
fn wrong_input_is_told_with_names_and_numbers() {
    let lab = Lab::new();
    let bytes = |count: usize| vec![7u8; count];
    lab.write("grey.npy", npy("|u1", &[4, 14, 14], &bytes(4 * 196)));
    lab.write("wide.npy", npy("|u1", &[4, 14, 15], &bytes(4 * 210)));
    lab.write("two.npy", npy("|u1", &[4, 2], &bytes(8)));
    lab.write("five.npy", npy("|u1", &[4, 5], &bytes(20)));
    lab.write("short.npy", npy("|u1", &[4, 5], &bytes(19)));
    lab.write("cut.npy", b"\x93NUMPY\x01\x00\x76\x00{'descr'");
    lab.write("empty/notes.txt", "");
    lab.write("broken/a.png", "no picture");
    let check = |arguments: &str, words: &[&str]| {
        let ended = lab.run(&format!("metrics {arguments}")).exits(2);
        assert!(words.iter().all(|word| ended.stderr.contains(word)), "{arguments}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
    };
    check("grey.npy wide.npy", &["grey.npy", "1 x 14 x 14", "wide.npy", "1 x 14 x 15"]);
    check("grey.npy wide.npy", &["with --size N"]);
    check("two.npy five.npy --size 8", &["--size 8 is for images", "two.npy"]);
    check("grey.npy wide.npy --size 3", &["--size", "4..=1024"]);
    check("two.npy five.npy", &["two.npy", "2 features", "five.npy", "5 features"]);
    check("grey.npy two.npy", &["images", "2 features"]);
    check("mnist-10k grey.npy", &["mnist-10k", "28 x 28"]);
    check("two.npy short.npy", &["short.npy", "19"]);
    check("two.npy none.npy", &["none.npy", "no such file", "mnist-10k"]);
    check("two.npy empty", &["empty", "no PNG"]);
    check("grey.npy broken", &["broken/a.png", "PNG"]);
    check("mnist-10k:validation grey.npy", &["`train` or `test`", "validation"]);
    check("idx grey.npy", &["idx", "images"]);
    check("two.npy two.npy --count 9", &["9 samples are asked for, and two.npy holds 4"]);
    check("five.npy five.npy --metrics frechet", &["five.npy", "needs 6", "found 4"]);
    check("two.npy two.npy --metrics prdc", &["two.npy", "needs 6", "found 4"]);
    check("ring-8 two.npy --metrics prdc", &["two.npy: prdc needs 6 samples, found 4"]);
    check("two.npy ring-8 --metrics prdc", &["two.npy: prdc needs 6 samples, found 4"]);
    check("ring-8 ring-8 --metrics prdc --count 5", &["prdc needs 6 samples, and 5 are asked for"]);
    check("two.npy two.npy --features digits", &["--features is for images", "two.npy", "2 features"]);
    check("two.npy two.npy --inception x.pth", &["--inception is for images", "two.npy", "2 features"]);
    check("cut.npy two.npy", &["cut.npy", "header is cut short"]);
    check("five.npy five.npy --metrics modes_ring_8", &["five.npy", "points"]);
    check("two.npy two.npy --metrics ms_ssim", &["two.npy", "images"]);
    check("two.npy two.npy --metrics inception_score", &["two.npy", "probabilities"]);
    check("two.npy two.npy --metrics frechet,fid", &["fid", "possible values"]);
    check("two.npy", &["FAKE"]);
}

/// What an extractor makes of real images replaces them; a file that is not whole, or of other settings, is refused.
#[test]
fn saved_statistics_replace_the_real_samples() {
    let lab = Lab::new();
    let fake: Vec<_> = digits().take(120).map(|(digit, _)| digit).collect();
    lab.write("x.npy", images(&fake, SIDE));
    let direct = lab.run("metrics mnist-10k:test x.npy --save-statistics real.stats --format json").exits(0).json();
    let saved = lab.run("metrics real.stats x.npy --format json").exits(0).json();
    assert_eq!(
        (&saved["real"]["fingerprint"], &saved["features"]),
        (&direct["real"]["fingerprint"], &direct["features"])
    );
    for name in ["frechet", "kid", "precision"] {
        let (saved, direct) = (find(&saved, name), find(&direct, name));
        for key in ["value", "floor"] {
            let [saved, direct] = [saved, direct].map(|found| found[key].as_f64().unwrap());
            assert!((saved - direct).abs() <= 1e-6 * direct.abs(), "{name} {key}: {saved} {direct}");
        }
    }
    let check = |arguments: &str, words: &str| {
        let ended = lab.run(&format!("metrics {arguments}")).exits(2);
        assert!(ended.stderr.contains(words), "{arguments}: {}", ended.stderr);
    };
    check("real.stats x.npy --metrics ms_ssim", "its statistics are for frechet, kid, prdc, not for ms_ssim");
    check("real.stats x.npy --features pixels", "its statistics are of `digits` features");
    check("real.stats x.npy --count 1001", "real.stats holds 1000");
    check("real.stats x.npy --size 14", "1 x 28 x 28");
    check("x.npy real.stats", "they replace REAL only");
    check("x.npy x.npy --metrics ms_ssim --save-statistics y", "sees the samples themselves");
    let bytes = fs::read(lab.path("real.stats")).unwrap();
    lab.write("cut.stats", &bytes[..bytes.len() - 1]);
    check("cut.stats x.npy", "cut.stats: its statistics are damaged");
    lab.write("new.stats", "runner statistics 2\n");
    check("new.stats x.npy", "another format");
}

/// The centre of each image is scaled to the size that both are compared at, and grey ones get three channels.
#[test]
fn images_of_other_sizes_and_channels_are_compared_at_one_size() {
    let lab = Lab::new();
    let pixels = |count: usize| (0..count).map(|index| (index * index % 251) as u8).collect::<Vec<u8>>();
    lab.write("grey.npy", npy("|u1", &[12, 14, 14], &pixels(12 * 196)));
    lab.write("colour.npy", npy("|u1", &[12, 20, 16, 3], &pixels(12 * 960)));
    let line = "metrics grey.npy colour.npy --features pixels --metrics prdc --size 8";
    let json = lab.run(&format!("{line} --format json")).exits(0).json();
    assert_eq!(json["features"]["width"], 3 * 8 * 8);
    assert!(number(&json, "precision").is_finite());
    assert!(lab.run(line).exits(0).says("grey.npy: grey images, compared as colour ones"));
    let same = lab.run("metrics colour.npy colour.npy --features pixels --metrics prdc --size 8 --format json");
    assert_eq!(number(&same.exits(0).json(), "precision"), 1.0);
}

/// Real points are of the mixture that the metric knows: of a round Gaussian 1 - exp(-9/2) lies within three deviations.
#[test]
fn real_points_cover_all_modes() {
    let lab = Lab::new();
    for (name, modes) in [("ring_8", 8.0), ("grid_25", 25.0)] {
        let set = name.replace('_', "-");
        let found = lab.run(&format!("metrics {set} {set}:test --metrics modes_{name} --format json")).exits(0).json();
        assert_eq!((&found["fake"]["samples"], &found["features"]["width"]), (&10_000.into(), &2.into()));
        assert_eq!(number(&found, &format!("{name}_modes")), modes);
        // The standard error of the share is 0.001; twice the number of samples times the divergence is chi-squared.
        let share = number(&found, &format!("{name}_high_quality"));
        assert!((share - 0.98889).abs() < 0.004, "{name}: {share}");
        assert!(number(&found, &format!("{name}_reverse_kl")) < 0.003, "{found:#}");
    }
}
