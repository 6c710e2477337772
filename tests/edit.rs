//! `edit`: directions, edits, pictures as codes.

use serde_json::Value;
use std::fs;
use std::path::Path;
use tests::{Lab, Snapshot};

/// A small run, and its id.
fn trained(settings: &str) -> (Lab, String) {
    let lab = Lab::new();
    lab.tiny("one", "");
    lab.run(&format!("sweep one.yaml {settings}")).exits(0);
    let id = lab.sweep("one").ids().remove(0);
    (lab, id)
}

/// Width and height of a PNG.
fn size(path: &Path) -> [u32; 2] {
    let bytes = fs::read(path).unwrap();
    assert!(bytes.starts_with(b"\x89PNG"));
    [16, 20].map(|at| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

#[test]
fn a_generator_s_own_sample_comes_back() {
    let (lab, id) = trained("");
    lab.run(&format!("sample {id} --count 3 --seed 7 --out own")).exits(0);
    let files = "own/000000.png own/000001.png own/000002.png";
    let printed = lab.run(&format!("edit {id} invert {files} --codes codes.npy --format json")).exits(0).json();
    let (start, found) = (numbers(&printed["start"]), numbers(&printed["distortion"]));
    // Eight bits a pixel leave 0.0011 of white - black.
    assert!(found.iter().all(|found| *found < 0.01), "{printed}");
    assert!(found.iter().zip(&start).all(|(found, start)| found < &(start / 2.0)), "{printed}");
    assert_eq!((&printed["space"], size(&lab.path("inverted.png"))), (&"latent".into(), [3 * 28, 3 * 28]));
    assert!(fs::read(lab.path("codes.npy")).unwrap().windows(10).any(|text| text == b"(3, 100), "));
    let again = lab.run(&format!("edit {id} invert {files} --format json")).exits(0).json();
    assert_eq!(numbers(&again["distortion"]), found);
    let printed = lab.run(&format!("edit {id} invert --count 2 --search-steps 20 --format json")).exits(0).json();
    let [real, own] = ["real", "generated"].map(|of| numbers(&printed[of]["distortion"]));
    assert_eq!((real.len(), own.len(), &printed["split"]), (2, 2, &"held-out".into()));
    assert!(own.iter().sum::<f64>() < real.iter().sum::<f64>(), "a generator of six steps makes no digits: {printed}");
}

#[test]
fn directions_have_strips_and_edits_begin_with_the_sample() {
    let (lab, id) = trained("");
    for method in ["sefa", "pca"] {
        let line = format!("edit {id} directions --method {method} --top 3 --count 2 --format json");
        let printed = lab.run(&line).exits(0).json();
        let strengths: Vec<f64> =
            printed["directions"].as_array().unwrap().iter().map(|of| of["strength"].as_f64().unwrap()).collect();
        assert!(strengths.len() == 3 && strengths.is_sorted_by(|one, next| one >= next), "{printed}");
        assert_eq!(size(&lab.path(format!("directions/{method}-02.png"))), [7 * 28, 2 * 28]);
        let array = fs::read(lab.path(format!("directions/{method}.npy"))).unwrap();
        assert!(array.windows(9).any(|text| text == b"(3, 100),"), "{method}");
    }
    let apply = |arguments: &str| {
        lab.run(&format!("edit {id} apply --count 2 --seed 3 {arguments}")).exits(0);
        assert_eq!(size(&lab.path("edit.png")), [2 * 28, 2 * 28]);
        fs::read(lab.path("edit.png")).unwrap()
    };
    let one = apply("--direction 1 --amount 2");
    assert_eq!(one, apply("--direction 1 --amount 2"));
    assert_ne!(one, apply("--direction 1 --amount -2"));
    assert_ne!(one, apply("--direction 0 --amount 2"));
    lab.run(&format!("edit {id} between --count 2 --seed 3 --steps 5")).exits(0);
    assert_eq!(size(&lab.path("between.png")), [5 * 28, 28]);
    lab.run(&format!("sample {id} --count 2 --out own")).exits(0);
    lab.run(&format!("edit {id} between own/000000.png own/000001.png --steps 3 --search-steps 5")).exits(0);
    assert_eq!(size(&lab.path("between.png")), [5 * 28, 28], "pictures stand at the ends");
    for (arguments, words) in [
        ("apply --direction 5000", "there are 100 by sefa"),
        ("apply --to-class 3", "knows no classes"),
        ("between own/000000.png", "between two pictures"),
        ("between --count 1", "between two samples"),
        ("apply --out x.jpg", "written as a .png"),
        ("directions --attribute cats", "knows the classes 0 to 9"),
    ] {
        let ended = lab.run(&format!("edit {id} {arguments}")).exits(2);
        assert!(ended.stderr.contains(words), "{arguments}: {}", ended.stderr);
    }
}

#[test]
fn a_kept_edit_is_on_the_page_and_changes_nothing_of_the_run() {
    let (lab, id) = trained("");
    let (sweep, results) = (lab.sweep("one"), "results/one");
    let before = Snapshot::of(&sweep.run(&id));
    let line = format!("edit {id} directions --top 2 --count 2 --keep sefa-of-2 --format json");
    let printed = lab.run(&line).exits(0).json();
    lab.run(&format!("edit {id} invert --count 2 --search-steps 2 --keep codes --out own.png")).exits(0);
    lab.run(&format!("edit {id} between --count 2 --keep way")).exits(0);
    let kept = sweep.run(&id).join("edits/sefa-of-2");
    assert_eq!(printed["directions"][1]["file"], format!("{results}/runs/{id}/edits/sefa-of-2/sefa-01.png"));
    assert_eq!(size(&kept.join("sefa-01.png")), [7 * 28, 2 * 28]);
    assert!(kept.join("sefa.npy").is_file() && lab.path("own.png").is_file());
    assert!(!lab.path("directions").exists() && !lab.path("between.png").exists(), "kept, and nowhere else");
    let edit: Value = serde_json::from_slice(&fs::read(kept.join("edit.json")).unwrap()).unwrap();
    assert_eq!((&edit["edit"], &edit["method"], &edit["step"]), (&"directions".into(), &"sefa".into(), &6.into()));
    assert_eq!((&edit["run"]["id"], edit["amounts"].as_array().unwrap().len()), (&id.clone().into(), 7));
    assert_eq!(edit["pictures"][0]["values"]["strength"], printed["directions"][0]["strength"]);
    let codes = fs::read_to_string(sweep.run(&id).join("edits/codes/edit.json")).unwrap();
    assert!(codes.contains("\"distortion_real\": 0."), "{codes}");
    lab.run(&format!("report {results}")).exits(0);
    let page = || fs::read_to_string(sweep.path().join("report.html")).unwrap();
    for text in ["id=\"edits\"", ">sefa-of-2</h3>", ">codes</h3>", ">way</h3>", "<strong>sefa 1</strong>"] {
        assert!(page().contains(text), "{text}");
    }
    for name in ["../x", "a/b", ".x"] {
        let ended = lab.run(&format!("edit {id} between --count 2 --keep={name}")).exits(2);
        assert!(ended.says("is no name: a name is one word"), "{}", ended.stderr);
    }
    // What is damaged is printed, and the rest is shown.
    fs::write(sweep.run(&id).join("edits/codes/edit.json"), "{").unwrap();
    fs::remove_file(sweep.run(&id).join("edits/way/between.png")).unwrap();
    let ended = lab.run(&format!("report {results}")).exits(0);
    assert!(ended.says("edit codes: edit.json is damaged") && ended.says("edit way: the file"), "{}", ended.stderr);
    assert!(page().contains(">sefa-of-2</h3>") && !page().contains(">codes</h3>"));
    // Neither the run nor what comes of it knows of edits.
    lab.run("sweep one.yaml").exits(0);
    assert_eq!(lab.sweep("one").ids(), std::slice::from_ref(&id));
    let changed = before.changed(&Snapshot::of(&sweep.run(&id)));
    assert!(changed.len() > 5 && changed.iter().all(|path| path.starts_with("edits")), "{changed:?}");
    lab.run(&format!("gc {results}")).exits(0);
    assert!(kept.join("edit.json").is_file());
}

#[test]
fn editability_stands_beside_random_directions() {
    let (lab, id) = trained("--set data.name=mnist-10k --set data.count=128");
    let line = format!("edit {id} directions --top 1 --count 1 --editability --keep judged --format json");
    let printed = lab.run(&line).exits(0).json();
    assert!(printed["classifier_accuracy"].as_f64().unwrap() > 0.3, "of ten classes: {printed}");
    let of = &printed["directions"][0];
    let [change, random, low, high] =
        ["change", "random", "random_low", "random_high"].map(|name| of[name].as_f64().unwrap());
    assert!((0.0..=1.0).contains(&change) && random >= 0.0 && low <= random && random <= high, "{of}");
    let edit = fs::read_to_string(lab.sweep("one").run(&id).join("edits/judged/edit.json")).unwrap();
    assert!(edit.contains("random directions") && edit.contains("\"classifier_accuracy\""), "{edit}");
}

#[test]
fn the_class_of_a_sample_is_changed() {
    let (lab, id) = trained("--set model.conditioning=concat");
    lab.run(&format!("edit {id} apply --count 3 --class 2 --to-class 7")).exits(0);
    assert_eq!(size(&lab.path("edit.png")), [2 * 28, 3 * 28]);
    let changed = fs::read(lab.path("edit.png")).unwrap();
    lab.run(&format!("edit {id} apply --count 3 --class 2 --to-class 2")).exits(0);
    assert_ne!(fs::read(lab.path("edit.png")).unwrap(), changed);
}

#[test]
fn styles_are_the_codes_of_stylegan2() {
    let generator = r#"--set model.generator={"architecture":"stylegan2","channels":4,"style":8,"mapping":2}"#;
    let (lab, id) = trained(generator);
    lab.run(&format!("sample {id} --count 1 --seed 7 --out own")).exits(0);
    let printed = lab.run(&format!("edit {id} invert own/000000.png --search-steps 60 --format json")).exits(0).json();
    assert_eq!(printed["space"], "style");
    assert!(numbers(&printed["distortion"])[0] < numbers(&printed["start"])[0] / 2.0, "{printed}");
    for method in ["sefa", "pca"] {
        lab.run(&format!("edit {id} directions --method {method} --top 2 --count 1")).exits(0);
    }
    let array = fs::read(lab.path("directions/sefa.npy")).unwrap();
    assert!(array.windows(7).any(|text| text == b"(2, 8),"));
}

#[test]
fn what_has_no_codes_is_refused() {
    let (lab, id) = trained("--set data.name=ring-8 --set data.count=300 --set model.generator.output=linear");
    let ended = lab.run(&format!("edit {id} directions")).exits(2);
    assert!(ended.says("one point is nothing to edit"), "{}", ended.stderr);
}
