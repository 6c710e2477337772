//! The place of a report: what it may replace there, and whether what is there is still right.

use crate::fixture::{Sweep, planned};
use record::{Direction, Evaluation, LaterEvaluation, MARK, Measurement, ReportLock, Status, SweepFolder};
use report::{Options, ReportError, is_current};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

fn done() -> Sweep {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    sweep.attempt("lr1e-4-s0", 0, 30).end(Status::Done, None);
    sweep
}

/// All pictures beside the page.
fn linked(out: Option<&Path>) -> Options {
    Options { out: out.map(Path::to_owned), embed_budget: 0 }
}

#[test]
fn what_is_not_ours_is_refused_and_stays() {
    let sweep = done();
    let out = tempfile::tempdir().unwrap();
    for file in [
        "report.html",
        "report-assets/holiday.png",
        "report-assets/lr1e-4-s0/step-000010.png",
        // A sweep of that name, and event files of another program.
        "tensorboard/plan.json",
        "tensorboard/runs/a/events.jsonl",
        "tensorboard/events.out.tfevents.1700000000.machine.1.0",
        "tensorboard",
    ] {
        let path = out.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "mine").unwrap();
        let error = sweep.build_with(&linked(Some(out.path()))).unwrap_err();
        let ReportError::Foreign { path: refused } = &error else { panic!("{file}: {error}") };
        assert!(path.starts_with(refused), "{file}: {error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        let top = out.path().join(Path::new(file).components().next().unwrap());
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1, "nothing is left behind");
        if top.is_dir() { fs::remove_dir_all(top).unwrap() } else { fs::remove_file(top).unwrap() }
    }
    let made = Command::new("mkfifo").arg(out.path().join("report.html")).status().unwrap();
    assert!(made.success());
    let error = sweep.build_with(&linked(Some(out.path()))).unwrap_err();
    assert!(matches!(error, ReportError::Foreign { .. }), "a pipe is not waited for");
    assert!(!is_current(&SweepFolder::new(out.path()), &sweep.plan));
    fs::remove_file(out.path().join("report.html")).unwrap();
    sweep.build_with(&linked(Some(out.path()))).unwrap();
}

#[test]
fn another_folder_beside_the_report_is_no_concern_of_it() {
    let sweep = done();
    let out = tempfile::tempdir().unwrap();
    fs::write(out.path().join("notes.txt"), "mine").unwrap();
    for budget in [0, 1 << 20, 0] {
        let options = Options { out: Some(out.path().to_owned()), embed_budget: budget };
        sweep.build_with(&options).unwrap();
        assert_eq!(out.path().join("report-assets/lr1e-4-s0/step-000010.png").exists(), budget == 0);
    }
    assert_eq!(fs::read_to_string(out.path().join("notes.txt")).unwrap(), "mine");
}

#[test]
fn a_report_of_an_earlier_version_is_replaced() {
    let sweep = done();
    sweep.build_with(&linked(None)).unwrap();
    for folder in [sweep.folder.tensorboard(), sweep.folder.assets()] {
        fs::remove_file(folder.join(MARK)).unwrap();
    }
    sweep.build_with(&linked(None)).unwrap();
    // Damaged ones are replaced as well.
    let page = fs::read(sweep.folder.page()).unwrap();
    for left in [page.len() / 2, 0] {
        fs::write(sweep.folder.page(), &page[..left]).unwrap();
        fs::write(sweep.folder.tensorboard().join(MARK), "").unwrap();
        sweep.build_with(&linked(None)).unwrap();
    }
    fs::remove_file(sweep.folder.assets().join(MARK)).unwrap();
    fs::write(sweep.folder.assets().join("holiday.png"), "mine").unwrap();
    assert!(matches!(sweep.build_with(&linked(None)), Err(ReportError::Foreign { .. })));
}

#[test]
fn a_report_is_current_until_something_that_it_shows_is_newer_or_missing() {
    let sweep = done();
    let is_current = || is_current(&sweep.folder, &sweep.plan);
    let rebuilt = || {
        sweep.build_with(&linked(None)).unwrap();
        assert!(is_current());
    };
    assert!(!is_current());
    rebuilt();
    let run = sweep.folder.run("lr1e-4-s0");
    // A file system's clock is coarse.
    std::thread::sleep(Duration::from_millis(20));
    record::append_evaluations(&run, &[later()]).unwrap();
    assert!(!is_current(), "evaluated since");
    rebuilt();
    fs::remove_file(sweep.folder.assets().join("lr1e-4-s0/step-000010.png")).unwrap();
    assert!(!is_current(), "a picture is missing");
    rebuilt();
    fs::remove_dir_all(sweep.folder.assets()).unwrap();
    assert!(!is_current(), "killed between two renames");
    rebuilt();
    let page = fs::read(sweep.folder.page()).unwrap();
    sweep.build();
    assert!(is_current());
    fs::write(sweep.folder.page(), page).unwrap();
    assert!(!is_current(), "the page of another report");
    rebuilt();
    fs::remove_dir_all(sweep.folder.tensorboard()).unwrap();
    assert!(!is_current(), "no event files");
}

fn later() -> LaterEvaluation {
    let value = Measurement { value: 3.5, standard_error: None, direction: Direction::Lower };
    let evaluation = Evaluation {
        step: 30,
        at: 0.0,
        count: 100,
        features: "pixels".into(),
        features_hash: "blake3:0".into(),
        split: Evaluation::TRAIN.into(),
        values: [("frechet".to_owned(), value)].into(),
        floors: Default::default(),
        baselines: Default::default(),
        problems: Default::default(),
        by_class: Default::default(),
        settings: Default::default(),
    };
    LaterEvaluation { evaluation, version: "0".into(), host: "here".into(), device: "cpu:flex".into(), run: None }
}

#[test]
fn a_report_waits_for_another_one_in_its_folder() {
    let sweep = done();
    let out = tempfile::tempdir().unwrap();
    let folder = SweepFolder::new(out.path());
    let lock = ReportLock::acquire(&folder, Duration::ZERO).unwrap();
    std::thread::scope(|scope| {
        let report = scope.spawn(|| sweep.build_with(&linked(Some(out.path()))).unwrap());
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1, "nothing but the lock");
        drop(lock);
        assert!(report.join().unwrap().page.exists());
    });
}

#[test]
fn what_a_killed_report_left_goes_with_the_next_one() {
    let sweep = done();
    let out = tempfile::tempdir().unwrap();
    let mut killed = Command::new("true").spawn().unwrap();
    killed.wait().unwrap();
    for name in ["report.html", "tensorboard", "report-assets", "diary"] {
        fs::create_dir(out.path().join(format!(".{name}.tmp-{}-1-0", killed.id()))).unwrap();
    }
    fs::write(SweepFolder::new(out.path()).report_lock(), "").unwrap();
    sweep.build_with(&linked(Some(out.path()))).unwrap();
    let mut names: Vec<_> =
        fs::read_dir(out.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, [&format!(".diary.tmp-{}-1-0", killed.id()), "report-assets", "report.html", "tensorboard"]);
}
