//! Event files that grow while a sweep trains.

use crate::fixture::{Sweep, planned, png};
use crate::tensorboard::{curve, read_all};
use record::Status;
use report::Live;
use std::fs;
use std::io::Write;

#[test]
fn a_run_is_seen_to_grow_and_the_report_takes_its_place() {
    let sweep = Sweep::of(vec![planned(1e-4, 0), planned(1e-2, 0)]);
    let folder = sweep.folder.tensorboard().join("lr1e-4-s0");
    let steps = || curve(&read_all(&folder), "loss/generator").iter().map(|(step, _)| *step).collect::<Vec<_>>();
    let mut live = Live::follow(&sweep.folder).unwrap();
    live.catch_up().unwrap();
    assert!(!sweep.folder.tensorboard().exists(), "nothing recorded yet");

    let mut attempt = sweep.start("lr1e-4-s0", 0);
    attempt.scalars(5, &[("loss/generator", 1.0)]);
    attempt.sample(5, &png(8, 6, 1));
    live.catch_up().unwrap();
    assert_eq!(steps(), [5]);
    attempt.scalars(10, &[("loss/generator", 2.0)]);
    // Half of a line.
    let log = sweep.folder.run("lr1e-4-s0").events(1);
    let mut file = fs::OpenOptions::new().append(true).open(log).unwrap();
    file.write_all(br#"{"event":"scalars","step":15,"at":1.0,"#).unwrap();
    live.catch_up().unwrap();
    live.catch_up().unwrap();
    assert_eq!(steps(), [5, 10]);
    file.write_all(b"\"values\":{\"loss/generator\":3.0}}\n").unwrap();
    live.catch_up().unwrap();
    assert_eq!(steps(), [5, 10, 15]);
    assert!(!sweep.folder.tensorboard().join("lr1e-2-s0").exists());

    // A report in between takes all files away; what follows is written from the attempt's beginning.
    sweep.build();
    attempt.scalars(20, &[("loss/generator", 4.0)]);
    live.catch_up().unwrap();
    assert_eq!(steps(), [5, 10, 15, 5, 10, 15, 20]);
    attempt.end(Status::Done, None);
    live.catch_up().unwrap();
    sweep.build();
    assert_eq!(steps(), [5, 10, 15, 20]);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn only_attempts_that_begin_later_are_followed() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    sweep.attempt("lr1e-4-s0", 0, 20);
    sweep.build();
    let mut live = Live::follow(&sweep.folder).unwrap();
    live.catch_up().unwrap();
    sweep.attempt("lr1e-4-s0", 10, 30).end(Status::Done, None);
    live.catch_up().unwrap();
    let events = read_all(&sweep.folder.tensorboard().join("lr1e-4-s0"));
    let steps: Vec<i64> = curve(&events, "loss/generator").iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, [5, 10, 15, 20, 15, 20, 25, 30]);
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let mut live = Live::follow(&sweep.folder).unwrap();
    fs::write(sweep.folder.tensorboard(), "in the way").unwrap();
    sweep.attempt("lr1e-4-s0", 0, 20);
    assert!(live.catch_up().unwrap_err().to_string().starts_with("cannot write "));
}
