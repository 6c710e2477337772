//! What is wrong is reported with its name and place before anything starts, with the documented exit code.

use tests::{Ended, Lab, Snapshot};

/// The command must fail with the code, say all the words on standard error, and leave the folder as it is.
fn check(lab: &Lab, line: &str, code: i32, words: &[&str]) -> Ended {
    let before = Snapshot::of(&lab.path(""));
    let ended = lab.run(line).exits(code);
    for word in words {
        assert!(ended.stderr.contains(word), "`{line}` does not say {word:?}:\n{}", ended.stderr);
    }
    assert_eq!(ended.stdout, "", "`{line}`");
    let changed = before.changed(&Snapshot::of(&lab.path("")));
    assert!(changed.is_empty() && !lab.path("results/bad").exists(), "`{line}` left {changed:?}");
    ended
}

#[test]
fn a_wrong_experiment_file_ends_with_code_2_and_the_place_of_the_error() {
    const TRAIN: &str = "run: { model: { preset: mlp }, train: { steps: 2, batch_size: 4 } }\n";
    for (text, words) in [
        ("run:\n  train:\n    generator: { betas1: 0.5 }", &["`betas1`", "bad.yaml:4:", "did you mean `beta1`?"][..]),
        ("runs: {}", &["`runs`", "bad.yaml:2:1", "`run`"]),
        ("run: { train: { steps: many } }", &["many", "bad.yaml:2:"]),
        ("run: { train: { steps: -1 } }", &["-1", "bad.yaml:2:"]),
        ("run: { train: { steps: 0 } }", &["at least 1 step", "bad.yaml:2:"]),
        ("run: { train: { batch_size: 9001 } }", &["9001", "9000", "bad.yaml:2:"]),
        ("run: { train: { generator: { lr: .nan } } }", &["lr", "bad.yaml:2:"]),
        ("run: { model: { preset: gudie } }", &["gudie", "`guide`", "bad.yaml:2:"]),
        ("run: { model: { loss: hinges } }", &["hinges", "hinge", "bad.yaml:2:"]),
        ("run: { data: { name: mnist } }", &["mnist", "mnist-10k", "bad.yaml:2:"]),
        ("sweep: { grid: { train.*.lr: [] } }", &["train.*.lr", "bad.yaml:2:"]),
        ("sweep: { grid: { train.*.rl: [1.0] } }", &["train.*.rl", "bad.yaml:2:"]),
        ("sweep: { grid: { train.steps: { range: [1, 5, 0] } } }", &["range", "bad.yaml:2:"]),
        ("sweep: { zip: [ { train.steps: [1, 2], train.batch_size: [4] } ] }", &["train.batch_size", "bad.yaml:2:"]),
        ("sweep: { seeds: 0 }", &["seeds", "bad.yaml:2:"]),
        ("execution: { jobs: 0 }", &["jobs", "bad.yaml:2:"]),
        ("execution: { timeout: soon }", &["soon", "bad.yaml:2:"]),
        ("extends: [nothing.yaml]", &["nothing.yaml", "bad.yaml:2:"]),
        ("extends: [bad.yaml]", &["bad.yaml", "circle"]),
        ("run: [", &["bad.yaml:"]),
        ("run: {}\nrun: {}", &["run", "bad.yaml:3:1"]),
    ] {
        let lab = Lab::new();
        lab.write("bad.yaml", format!("name: bad\n{text}\n"));
        let ended = check(&lab, "sweep bad.yaml", 2, words);
        assert!(ended.stderr.starts_with("error: "), "{}", ended.stderr);
        check(&lab, "plan bad.yaml", 2, words);
    }
    let lab = Lab::new();
    lab.write("bad.yaml", format!("name: bad\n{TRAIN}"));
    lab.run("plan bad.yaml").exits(0);
}

#[test]
fn more_threads_than_any_machine_has_are_refused() {
    let lab = Lab::new();
    lab.write("bad.yaml", "name: bad\nrun: { model: { preset: mlp }, train: { steps: 1 } }\n");
    check(&lab, "sweep bad.yaml --threads 100000", 2, &["100000 threads"]);
    check(&lab, "sweep bad.yaml --jobs 2 --threads 9223372036854775808", 2, &["threads"]);
    check(&lab, "sweep bad.yaml --jobs 4000", 2, &["4000"]);
}

#[test]
fn all_problems_of_a_file_are_told_at_once() {
    let lab = Lab::new();
    lab.write(
        "bad.yaml",
        "name: bad\nrun:\n  train: { stepz: 4 }\n  sample: { count: none }\nsweep:\n  grid: { train.*.lr: [] }\n",
    );
    check(&lab, "sweep bad.yaml", 2, &["`stepz`", "bad.yaml:3:", "none", "bad.yaml:4:", "train.*.lr", "bad.yaml:6:"]);
}

#[test]
fn a_wrong_command_line_ends_with_code_2() {
    let lab = Lab::new();
    lab.tiny("bad", "");
    for (line, words) in [
        ("sweep nothing.yaml", &["nothing.yaml"][..]),
        ("sweep bad.yaml --set train.stepz=4", &["stepz", "`steps`"]),
        ("sweep bad.yaml --set train.steps=many", &["many"]),
        ("sweep bad.yaml --set train.steps", &["train.steps"]),
        ("sweep bad.yaml --devices gpu", &["`gpu`", "cuda:N"]),
        ("sweep bad.yaml --set execution.devices=gpu", &["`gpu`", "cuda:N"]),
        ("sweep bad.yaml --jobs 0", &["--jobs", "0"]),
        ("sweep bad.yaml --timeout soon", &["--timeout", "soon"]),
        ("sweep bad.yaml --job 2", &["--job", "--jobs"]),
        ("swep bad.yaml", &["swep", "sweep"]),
        ("status results/bad", &["results/bad"]),
        ("report results/bad", &["results/bad"]),
        ("status", &["results"]),
        ("sample mlp", &["`mlp`", "results"]),
        ("verify nothing.json", &["nothing.json"]),
        ("verify bad.yaml", &["bad.yaml", "reference"]),
        ("data show mnist", &["`mnist`", "mnist-10k"]),
    ] {
        check(&lab, line, 2, words);
    }
}

fn idx(magic: u32, sizes: &[u32], pixels: usize) -> Vec<u8> {
    let mut bytes = magic.to_be_bytes().to_vec();
    bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
    bytes.resize(bytes.len() + pixels, 128);
    bytes
}

#[test]
fn a_malformed_data_file_ends_with_code_2_and_its_name_and_byte() {
    const IMAGES: u32 = 0x803;
    let sound = idx(IMAGES, &[4, 8, 8], 256);
    let labels = idx(0x801, &[4], 4);
    for (images, labels, words) in [
        (idx(IMAGES, &[4, 8, 8], 255), labels.clone(), &["images.idx", "byte 271", "272"][..]),
        (idx(IMAGES, &[4, 8, 8], 257), labels.clone(), &["images.idx", "byte 272"]),
        (idx(0x802, &[4, 8, 8], 256), labels.clone(), &["images.idx", "byte 0", "0x00000803"]),
        (idx(IMAGES, &[0, 8, 8], 0), labels.clone(), &["images.idx", "byte 4", "image"]),
        (idx(IMAGES, &[u32::MAX; 3], 256), labels.clone(), &["images.idx", "byte 4"]),
        (Vec::new(), labels.clone(), &["images.idx", "byte 0"]),
        (b"not at all".to_vec(), labels.clone(), &["images.idx", "byte 0"]),
        (sound.clone(), idx(0x801, &[3], 3), &["labels.idx", "byte 4", "4 labels"]),
        (sound.clone(), sound.clone(), &["labels.idx", "byte 0", "swapped"]),
    ] {
        let lab = Lab::new();
        lab.write("images.idx", images);
        lab.write("labels.idx", labels);
        lab.tiny("bad", "");
        let line = "sweep bad.yaml --set data.name=idx --set data.images=images.idx --set data.labels=labels.idx";
        check(&lab, line, 2, words);
    }
    let lab = Lab::new();
    lab.write("images.idx", sound);
    lab.tiny("good", "");
    lab.run("sweep good.yaml --set data.name=idx --set data.images=images.idx").exits(0);
    assert_eq!(lab.sweep("good").digests().len(), 1);
}

#[test]
fn what_the_machine_lacks_ends_with_code_3() {
    let lab = Lab::new();
    lab.tiny("bad", "");
    lab.write("file", "in the way");
    let fashion = "--set data.name=fashion-mnist --set data.path=nowhere";
    for (arguments, words) in [
        (fashion, &["fashion-mnist", "nowhere/train-images", "dataset-fashion-mnist"][..]),
        ("--set data.name=idx --set data.images=nowhere.idx", &["nowhere.idx"]),
        ("--devices cuda:99", &["cuda:99", "not available"]),
        ("--results file", &["file/bad"]),
        ("--results file/below", &["file/below"]),
    ] {
        check(&lab, &format!("sweep bad.yaml {arguments}"), 3, words);
    }
    lab.write("results/bad", "in the way");
    let ended = lab.run("sweep bad.yaml").exits(3);
    assert!(ended.stderr.contains("results/bad"), "{}", ended.stderr);
}

/// A PNG of 8 x 8 pixels of one shade, by the program's own hand.
fn png(lab: &Lab, name: &str) {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 8, 8);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&[name.len() as u8; 64]).unwrap();
    lab.write(name, bytes);
}

/// A class that is not read changes the numbers of those behind it.
#[test]
fn images_that_are_not_read_are_warned_of_by_every_command() {
    let lab = Lab::new();
    lab.tiny("own", "");
    ["cats/1.png", "cats/2.png", "elks/10.png"].iter().for_each(|name| png(&lab, &format!("pictures/{name}")));
    lab.write("pictures/dogs/1.avif", b"\0\0\0\x20ftypavif");
    lab.write("pictures/.DS_Store", b"");
    let own = "--set data.name=image-folder --set data.path=pictures --set data.size=8 --set train.batch_size=2";
    for line in [
        &format!("plan own.yaml {own}"),
        &format!("sweep own.yaml {own} --set train.steps=1"),
        "data show image-folder --path pictures",
        "metrics pictures pictures --metrics kid",
    ] {
        let ended = lab.run(line);
        for words in [
            "warning: ",
            "pictures: not read: AVIF images (1); PNG, JPEG, WebP, BMP, TIFF and GIF are",
            "no class, for want of an image that is read: `dogs`; the classes are 0 `cats`, 1 `elks`",
        ] {
            assert!(ended.stderr.contains(words), "`{line}` does not say {words:?}:\n{}", ended.stderr);
        }
    }
    let shown = lab.run("data show image-folder --path pictures").exits(0);
    assert!(shown.says("classes:      2: cats (2), elks (1)"), "{}", shown.stdout);
    assert!(shown.says("passed over:  AVIF images (1), hidden files (1)"), "{}", shown.stdout);
}

/// To open a pipe waits for its other end, and a device has none.
#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let (lab, elsewhere) = (Lab::new(), Lab::new());
    let pipe = elsewhere.path("pipe").display().to_string();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    lab.tiny("bad", "");
    lab.write("below.yaml", format!("name: bad\nextends: [{pipe}]\n"));
    for (file, words) in [(pipe.as_str(), "it is a pipe, not a file"), ("/dev/zero", "it is a device, not a file")] {
        for (line, code) in [
            (format!("plan {file}"), 2),
            (format!("plan bad.yaml --set model.weights={file}"), 2),
            (format!("plan bad.yaml --set evaluate.inception={file} --set evaluate.count=2100"), 2),
            (format!("data show idx --path {file}"), 2),
            (format!("metrics mnist-10k {file}"), 2),
            (format!("verify {file}"), 2),
        ] {
            check(&lab, &line, code, &[words]);
        }
    }
    check(&lab, "plan below.yaml", 2, &["below.yaml:2:", "it is a pipe, not a file"]);
    check(&lab, "data show image-folder --path /dev/zero", 2, &["/dev/zero"]);
}
