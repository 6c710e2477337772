//! `augment`: labelled samples of a run that knows classes, which other runs can be trained on.

use serde_json::Value;
use std::fs;
use tests::{Lab, Snapshot};

/// 128 images of 8 x 8, lit at the left or at the right, which are called 3 and 7.
fn images(lab: &Lab) {
    let header = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
    let pixel =
        |image: usize, at: usize| if (at % 8 < 4) == image.is_multiple_of(2) { 200 + (image % 32) as u8 } else { 10 };
    let pixels = (0..128).flat_map(|image| (0..64).map(move |at| pixel(image, at)));
    lab.write("images", [header(&[0x803, 128, 8, 8]), pixels.collect()].concat());
    lab.write("labels", [header(&[0x801, 128]), [3, 7].repeat(64)].concat());
}

/// A run on these images, and its id.
fn trained(conditioning: &str) -> (Lab, String) {
    let lab = Lab::new();
    images(&lab);
    lab.tiny("one", "");
    let data = "--set data.name=idx --set data.images=images --set data.labels=labels --set data.hold_out=0.2";
    lab.run(&format!("sweep one.yaml {data} --set model.conditioning={conditioning}")).exits(0);
    let id = lab.sweep("one").ids().remove(0);
    (lab, id)
}

fn provenance(lab: &Lab, out: &str) -> Value {
    serde_json::from_slice(&fs::read(lab.path(out).join("provenance.json")).unwrap()).unwrap()
}

#[test]
fn a_folder_has_as_many_of_each_class_and_the_same_bytes_again() {
    let (lab, id) = trained("concat");
    let printed = lab.run(&format!("augment {id} out --count 5 --per-class --seed 4 --format json")).exits(0).json();
    assert_eq!((&printed["count"], &printed["classes"], &printed["step"]), (&10.into(), &2.into(), &6.into()));
    let files = |class: &str| fs::read_dir(lab.path("out").join(class)).unwrap().count() - 1;
    assert_eq!((files("3"), files("7")), (5, 5), "and a mark");
    let about = provenance(&lab, "out");
    let run: Value =
        serde_json::from_slice(&fs::read(lab.sweep("one").run(&id).join("provenance.json")).unwrap()).unwrap();
    assert_eq!((&about["run"], &about["seed"], &about["step"]), (&id.as_str().into(), &4.into(), &6.into()));
    assert_eq!((&about["digest"], &about["data_fingerprint"]), (&run["digest"], &run["data_fingerprint"]));
    assert!(about["weights"].as_str().unwrap().starts_with("blake3:") && about["filter"].is_null(), "{about}");
    assert_eq!(about["classes"][1], serde_json::json!({ "class": "7", "count": 5, "drawn": 64 }));
    let before = Snapshot::of(&lab.path("out"));
    lab.run(&format!("augment {id} out --count 5 --per-class --seed 4")).exits(0);
    assert_eq!(before.differs(&Snapshot::of(&lab.path("out"))), Vec::<std::path::PathBuf>::new());
    // In all, more, and another seed.
    lab.run(&format!("augment {id} more --count 13 --seed 4")).exits(0);
    let read = |out: &str, name: &str| fs::read(lab.path(out).join(name)).unwrap();
    assert_eq!(read("out", "7/000009.png"), read("more", "7/000009.png"));
    assert!(lab.path("more/3/000012.png").is_file() && !lab.path("more/7/000013.png").exists());
    lab.run(&format!("augment {id} other --count 4 --seed 5")).exits(0);
    assert_ne!(read("out", "3/000000.png"), read("other", "3/000000.png"));
}

#[test]
fn what_is_written_can_be_trained_on() {
    let (lab, id) = trained("projection");
    let mut ids = Vec::new();
    for (out, arguments, shown) in [("f", "", "20"), ("x.npz", "", "20"), ("i", "--as idx", "")] {
        let printed = lab.run(&format!("augment {id} {out} --count 20 {arguments} --format json")).exits(0).json();
        if !shown.is_empty() {
            let size = if out == "f" { " --set size=8" } else { "" };
            let found = lab.run(&format!("data show {out}{size} --format json")).exits(0);
            assert!(found.stdout.contains(shown), "{}", found.stdout);
        }
        let set = |(key, value): (&String, &Value)| {
            format!("--set data.{key}={}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        let data: Vec<String> = printed["data"].as_object().unwrap().iter().map(set).collect();
        let name = format!("on-{}", &out[..1]);
        lab.tiny(&name, "");
        lab.run(&format!("sweep {name}.yaml {} --set model.conditioning=concat", data.join(" "))).exits(0);
        let run = lab.sweep(&name).ids().remove(0);
        lab.run(&format!("sample results/{name}/runs/{run} --class 7 --count 2 --out {name}.png")).exits(0);
        ids.push(run);
    }
    assert_eq!(ids[1], ids[2], "the same images and labels, whatever holds them, are the same data");
    assert_eq!(provenance(&lab, "i")["run"], id.as_str());
    let archive = fs::read(lab.path("x.npz")).unwrap();
    assert!(archive.windows(15).any(|name| name == b"provenance.json"));
    assert!(archive.windows(id.len()).any(|found| found == id.as_bytes()), "stored, not deflated");
}

#[test]
fn a_classifier_keeps_what_it_is_sure_of() {
    let (lab, id) = trained("concat");
    lab.run(&format!("augment {id} out --count 6 --min-confidence 0.2")).exits(0);
    let filter = &provenance(&lab, "out")["filter"];
    assert!(filter["accuracy_held_out"].as_f64().unwrap() > 0.9, "left or right: {filter}");
    let learned = filter["learned_from"].as_u64().unwrap();
    assert!((80..128).contains(&learned), "without what is held out: {filter}");
    // A generator of six steps makes noise of either class: the classifier is hardly sure of both.
    let ended = lab.run(&format!("augment {id} sure --count 100 --min-confidence 0.99999")).exits(2);
    assert!(ended.says("ask for less confidence, or train longer"), "{}", ended.stderr);
    assert!(!lab.path("sure").exists());
}

#[test]
fn what_has_no_labels_or_no_such_form_is_refused() {
    let (lab, id) = trained("none");
    let ended = lab.run(&format!("augment {id} out --count 5")).exits(2);
    assert!(ended.says("its generator knows no classes (`conditioning: none`)"), "{}", ended.stderr);
    assert!(!lab.path("out").exists());
    let (lab, id) = trained("concat");
    lab.write("mine/notes.txt", "mine");
    lab.write("files/images", "mine");
    for (arguments, words) in [
        ("mine --count 5", "notes.txt is no sample"),
        ("files --count 5 --as idx", "files/images is not this program's"),
        ("out --count 5 --min-confidence 1", "above 0 and below 1"),
        ("out --count 5 --style-truncation 0.5", "no styles"),
        ("out --count 5 --style-truncation 2", "in [0, 1]"),
        ("out --count 100001", "more than 100000"),
        ("out.zip --count 5", "not a .zip"),
    ] {
        let ended = lab.run(&format!("augment {id} {arguments}")).exits(2);
        assert!(ended.stderr.contains(words), "{arguments}: {}", ended.stderr);
    }
}

#[test]
fn sounds_are_wav_files_by_class() {
    let lab = Lab::new();
    lab.tiny("one", "");
    let data = "--set data.name=notes --set data.count=16 --set data.length=1024";
    lab.run(&format!("sweep one.yaml {data} --set model.conditioning=concat")).exits(0);
    let id = lab.sweep("one").ids().remove(0);
    let printed = lab.run(&format!("augment {id} out --count 16 --format json")).exits(0).json();
    assert_eq!((&printed["data"]["name"], &printed["data"]["length"]), (&"wav-folder".into(), &1024.into()));
    let first = fs::read_dir(lab.path("out/A4")).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(first.filter(|path| path.extension().is_some_and(|ending| ending == "wav")).count(), 2);
    for (arguments, words) in [("x.npz", "go into a folder"), ("out --min-confidence 0.5", "images of 8 pixels")] {
        let ended = lab.run(&format!("augment {id} {arguments} --count 2")).exits(2);
        assert!(ended.stderr.contains(words), "{arguments}: {}", ended.stderr);
    }
}

#[test]
fn a_classifier_learns_from_what_is_named() {
    let (lab, id) = trained("concat");
    lab.run(&format!("augment {id} made --count 20")).exits(0);
    let line = |sources: &str, rest: &str| format!("classify {sources} --test {id}:test --updates 60 {rest}");
    let printed = lab.run(&line(&id, "--seeds 2 --format json")).exits(0).json();
    assert_eq!((printed["train"][0]["source"].as_str(), &printed["updates"]), (Some(id.as_str()), &60.into()));
    assert_eq!(printed["accuracies"].as_array().unwrap().len(), 2);
    assert!(printed["mean"].as_f64().unwrap() > 0.9 && printed["deviation"].is_number(), "left or right: {printed}");
    assert_eq!(printed, lab.run(&line(&id, "--seeds 2 --format json")).exits(0).json());
    let both = lab.run(&line(&format!("{id} made"), "--seeds 1 --shift 0")).exits(0).stdout;
    assert!(both.contains("and 20 of made; asked of") && both.contains("accuracy: "), "{both}");
    // Noise of six steps is no help to tell left from right.
    let noise = lab.run(&line("made", "--seeds 1 --format json")).exits(0).json();
    assert!(noise["deviation"].is_null() && noise["mean"].as_f64().unwrap() <= 1.0, "{noise}");
    lab.write("others/left/0.png", fs::read(lab.path("made/3/000000.png")).unwrap());
    for (sources, words) in [
        ("mnist-10k", "mnist-10k holds images of 1 x 28 x 28"),
        ("others", "others has the class `left`"),
        ("ring-8", "add --size N"),
        ("nothing", "no such file or folder"),
    ] {
        let ended = lab.run(&line(sources, "")).exits(2);
        assert!(ended.says(words), "{sources}: {}", ended.stderr);
    }
    lab.write("plain/0.png", fs::read(lab.path("made/3/000000.png")).unwrap());
    assert!(lab.run(&line("plain", "")).exits(2).says("its samples have no classes"));
}
