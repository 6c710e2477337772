//! What a build does to the sweep's folder.

use crate::fixture::{Sweep, planned, run, samples};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use record::{Role, Status, SweepFolder};
use report::{Options, ReportError};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    files
}

#[test]
fn the_same_records_give_the_same_bytes() {
    let overrides =
        |i: i32| (0..9).map(|k| (format!("key{k}"), json!(i * k))).collect::<serde_json::Map<_, _>>().into();
    let sweep = Sweep::of((0..4).map(|i| run(&format!("run{i}"), 0, overrides(i))).collect());
    for planned in &sweep.plan.runs {
        sweep.attempt(&planned.id, 0, 30).end(Status::Done, None);
    }
    sweep.build();
    let first = files(sweep.folder.path());
    sweep.build();
    assert_eq!(first.keys().collect::<Vec<_>>(), files(sweep.folder.path()).keys().collect::<Vec<_>>());
    assert!(first == files(sweep.folder.path()));
}

#[test]
fn run_folders_are_left_alone_and_nothing_is_left_behind() {
    let sweep = Sweep::mixed();
    let runs = files(&sweep.folder.runs());
    sweep.build();
    sweep.build();
    assert!(runs == files(&sweep.folder.runs()));
    let mut names: Vec<_> = fs::read_dir(sweep.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["plan.json", "report.html", "runs", "tensorboard"]);
}

#[test]
fn a_later_report_takes_the_place_of_an_older_one() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    sweep.attempt("lr1e-4-s0", 0, 10);
    sweep.build();
    let before = files(&sweep.folder.tensorboard());
    sweep.attempt("lr1e-4-s0", 10, 30).end(Status::Done, None);
    sweep.build();
    let after = files(&sweep.folder.tensorboard());
    assert_eq!(before.len(), after.len());
    let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().last().unwrap().clone();
    assert!(names(&before) < names(&after), "a running TensorBoard reads a new name, and reads it last");
}

#[test]
fn a_folder_in_the_place_of_the_page_is_an_error_and_nothing_is_left_behind() {
    let sweep = Sweep::mixed();
    fs::create_dir_all(sweep.folder.page().join("in the way")).unwrap();
    let error = sweep.try_build().unwrap_err();
    assert!(error.to_string().starts_with(&format!("{} was not made by", sweep.folder.page().display())), "{error}");
    assert!(sweep.folder.page().join("in the way").is_dir());
    assert_eq!(fs::read_dir(sweep.folder.path()).unwrap().count(), 3, "plan, page and runs");
}

#[test]
fn a_folder_without_a_plan_is_no_sweep() {
    let temporary = tempfile::tempdir().unwrap();
    let error = report::build(&[SweepFolder::new(temporary.path())], &Options::default()).unwrap_err();
    assert!(matches!(error, ReportError::Plan(_)), "{error}");
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn a_run_id_that_leads_out_of_the_folder_is_refused() {
    for id in ["../escape", "/tmp/escape", "", ".."] {
        let sweep = Sweep::of(vec![run(id, 0, json!({}))]);
        let error = sweep.try_build().unwrap_err();
        assert!(matches!(error, ReportError::RunId { .. }), "{error}");
        assert!(!sweep.folder.tensorboard().exists());
    }
}

#[test]
fn grids_that_are_missing_or_damaged_are_warnings() {
    let sweep = Sweep::of(vec![planned(1e-4, 0), planned(1e-2, 0)]);
    sweep.attempt("lr1e-4-s0", 0, 30).end(Status::Done, None);
    let folder = sweep.folder.run("lr1e-4-s0").samples();
    fs::remove_file(folder.join("step-000010.png")).unwrap();
    let whole = fs::read(folder.join("step-000020.png")).unwrap();
    fs::write(folder.join("step-000020.png"), &whole[..whole.len() / 2]).unwrap();
    let mut attempt = sweep.start("lr1e-2-s0", 0);
    fs::write(attempt.folder.samples().join("text.png"), "a text that is longer than the header of a PNG").unwrap();
    attempt.append(samples(5, "samples/text.png", None));
    attempt.picture(Role::REAL, 0, &whole[..40]);
    assert_eq!(
        sweep.build().warnings,
        [
            "lr1e-4-s0: samples of step 10: the file is missing, and 1 more",
            "lr1e-2-s0: samples of step 5: the file is not a PNG",
            "lr1e-2-s0: real samples of step 0: the file is cut short",
        ]
    );
}

#[test]
fn a_file_that_a_record_names_twice_stays_as_it_is() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let mut attempt = sweep.attempt("lr1e-4-s0", 0, 10);
    for step in [20, 30] {
        attempt.append(samples(step, "samples/step-000010.png", None));
    }
    let runs = files(&sweep.folder.runs());
    for _ in 0..2 {
        assert_eq!(sweep.build_with(&Options { embed_budget: 0, ..Options::default() }).unwrap().warnings, [""; 0]);
    }
    assert!(runs == files(&sweep.folder.runs()));
}

/// Such a file would end up in a page that is mailed.
#[test]
fn no_file_outside_of_samples_reaches_a_report() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let mut attempt = sweep.attempt("lr1e-4-s0", 0, 10);
    let secret = crate::fixture::png(3, 3, 3);
    let elsewhere = tempfile::tempdir().unwrap();
    let outside = elsewhere.path().join("secret.png");
    for path in [&outside, &attempt.folder.path().join("secret.png"), &sweep.folder.runs().join("secret.png")] {
        fs::write(path, &secret).unwrap();
    }
    for file in [outside.to_str().unwrap(), "samples/../secret.png", "secret.png", "../secret.png"] {
        attempt.append(samples(20, file, None));
    }
    let base64 = STANDARD.encode(&secret);
    for embed_budget in [0, 1 << 20] {
        sweep.build_with(&Options { embed_budget, ..Options::default() }).unwrap();
        let page = fs::read_to_string(sweep.folder.page()).unwrap();
        assert_eq!(page.matches("which is no plain name below samples/: ignored").count(), 4);
        assert!(!page.contains(&base64));
        let events = files(&sweep.folder.tensorboard());
        assert!(events.values().all(|bytes| !bytes.windows(secret.len()).any(|part| part == secret)));
        assert!(!sweep.folder.assets().join("lr1e-4-s0/secret.png").exists());
    }
}
