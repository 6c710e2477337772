//! Videos, from the experiment file to films: the data set, records, metrics, samples, export.

use std::fs;
use std::path::Path;
use tests::Lab;

/// Frames and plays of an animated PNG, with its size.
fn film(path: &Path) -> (u32, u32, [u32; 2]) {
    let reader = png::Decoder::new(std::io::BufReader::new(fs::File::open(path).unwrap())).read_info().unwrap();
    let info = reader.info();
    let control = info.animation_control.expect("an animation");
    (control.num_frames, control.num_plays, [info.width, info.height])
}

#[test]
fn moving_digits_from_file_to_film() {
    let lab = Lab::new();
    let shown = lab.run("data show moving-digits --set count=60 --set frames=6").exits(0).stdout;
    assert!(shown.contains("videos:       60") && shown.contains("6 frames of 1 x 32 x 32"), "{shown}");
    lab.write(
        "films.yaml",
        "
name: films
run:
  data: { name: moving-digits, count: 300, frames: 6 }
  model: { preset: tgan-small, generator: { channels: 4 }, discriminator: { channels: 4 } }
  train: { steps: 4, batch_size: 4 }
  sample: { every: 2, count: 4 }
  evaluate: { every: 0, count: 140, metrics: [moving_digits, digit_kept, video_frechet, kid] }
  checkpoint: { every: 2 }
",
    );
    lab.run("sweep films.yaml").exits(0);
    let sweep = lab.sweep("films");
    let id = &sweep.ids()[0];
    let samples = sweep.run(id).join("samples");
    for name in ["real-film.apng", "step-000002-film.apng", "step-000004-film.apng"] {
        assert_eq!(film(&samples.join(name)), (6, 0, [64, 64]), "{name}");
    }
    assert!(samples.join("step-000004.png").is_file(), "the strip");
    let evaluation = sweep.events_of(id, "evaluation").into_iter().find(|found| found["split"] == "train").unwrap();
    let of = |kind: &str, name: &str| evaluation[kind][name].as_f64().unwrap_or_else(|| panic!("{name}: {evaluation}"));
    // The floors are what real clips get.
    assert!(of("floors", "steady_steps") > 0.8 && of("floors", "turns_at_borders") > 0.95, "{evaluation}");
    assert!(of("floors", "digit_kept") > 0.85 && of("floors", "speed_distance") < 0.3, "{evaluation}");
    // What they get with their frames in a random order is the control: the frames are right, and nothing else.
    let control = &evaluation["baselines"]["shuffled"];
    let of = |name: &str| control[name].as_f64().unwrap_or_else(|| panic!("{name}: {evaluation}"));
    assert!(of("steady_steps") < 0.6 && of("turns_at_borders") < 0.7, "{evaluation}");
    assert!(of("differences_frechet") > 5.0 * of("frames_frechet"), "{evaluation}");
    assert!(evaluation["baselines"]["still"]["turns"] == 0.0, "{evaluation}");
    let made = evaluation["values"]["digit_kept"]["value"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&made));
    let page = fs::read_to_string(sweep.path().join("report.html")).unwrap();
    assert!(page.contains("data:image/apng;base64,"), "the page shows films");

    lab.run(&format!("sample results/films/runs/{id} --count 3 --out clips")).exits(0);
    let files = fs::read_dir(lab.path("clips")).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.filter(|file| file.extension().is_some_and(|ending| ending == "apng")).collect();
    assert_eq!(files.len(), 3);
    assert!(files.iter().all(|file| film(file) == (6, 0, [32, 32])), "{files:?}");
    // One direction, in every frame; before and after play side by side, with the same motion.
    lab.run(&format!("edit {id} directions --top 2 --count 2 --keep sefa")).exits(0);
    let printed = lab.run(&format!("edit {id} apply --direction 1 --count 3 --format json")).exits(0).json();
    assert_eq!(printed["space"], "frame");
    assert_eq!(film(&lab.path("edit.apng")), (6, 0, [64, 96]));
    assert_eq!(film(&sweep.run(id).join("edits/sefa/sefa-01.apng")), (6, 0, [7 * 32, 64]));
    assert!(lab.path("edit.png").is_file(), "the frames of each clip, in a row");
    lab.run(&format!("edit {id} directions --method pca --top 1 --count 1")).exits(0);
    let ended = lab.run(&format!("edit {id} directions --attribute 3")).exits(2);
    assert!(ended.says("is for images of 8 pixels"), "{}", ended.stderr);
    lab.run("report results/films").exits(0);
    let page = fs::read_to_string(sweep.path().join("report.html")).unwrap();
    let edits = page.split_once("id=\"edits\"").unwrap().1.split_once("</section>").unwrap().0;
    assert_eq!(edits.matches("data:image/apng;base64,").count(), 2);

    // What it made is a folder of films, too.
    let own = lab.run("data show frames-folder --path clips --set frames=6 --set size=32").exits(0).stdout;
    assert!(own.contains("videos:       3"), "{own}");
    lab.run(&format!("export results/films/runs/{id} --onnx film.onnx")).exits(0);
}

#[test]
fn what_does_not_go_with_videos_is_told_before_training() {
    let lab = Lab::new();
    lab.write(
        "wrong.yaml",
        "
name: wrong
run:
  data: { name: moving-digits, count: 100 }
  model: { preset: dcgan, augmentation: diff_augment }
",
    );
    let plan = lab.run("plan wrong.yaml").exits(2).stderr;
    assert!(plan.contains("the data set holds videos: set `model.generator: { architecture: tgan }`"), "{plan}");
    assert!(plan.contains("would move what one frame shows to another"), "{plan}");
}
