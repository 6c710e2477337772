//! What pictures beside the grids promise: they change no bit of the run, and are the same whatever happens to it.
#![allow(clippy::unwrap_used)]

mod common;

use common::run;
use record::{PictureKind, RunFolder, RunRecord, Status};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Bytes by kind, with the step of each.
fn pictures(folder: &Path) -> BTreeMap<PictureKind, (u64, Vec<u8>)> {
    let record = RunRecord::read(RunFolder::new(folder)).unwrap();
    let read =
        |(kind, picture): (&PictureKind, &record::Sample)| (*kind, (picture.step, fs::read(&picture.path).unwrap()));
    record.pictures.iter().map(read).collect()
}

#[test]
fn a_run_that_was_stopped_leaves_the_pictures_of_one_that_was_not() {
    let settings = |evaluate: &str| {
        let train = r#""train": {"steps": 4, "batch_size": 4}, "sample": {"count": 16}, "checkpoint": {"every": 2}"#;
        common::config("mlp", &format!(r#"{{{train}, "evaluate": {evaluate}}}"#))
    };
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name);
    let plain = run(&settings("null"), &path("plain"), &path("cache"), 1, None);
    assert_eq!(
        pictures(&path("plain")).keys().copied().collect::<Vec<_>>(),
        [PictureKind::Real, PictureKind::Interpolation]
    );

    let config = settings(r#"{"every": 0, "count": 100, "metrics": ["prdc"]}"#);
    assert_eq!(run(&config, &path("straight"), &path("cache"), 2, None).weights_digest, plain.weights_digest);
    let straight = pictures(&path("straight"));
    let steps: Vec<_> = straight.iter().map(|(kind, (step, _))| (*kind, *step)).collect();
    assert_eq!(steps, [(PictureKind::Real, 0), (PictureKind::Interpolation, 4), (PictureKind::Neighbours, 4)]);
    assert_eq!(run(&config, &path("stopped"), &path("cache"), 1, Some(2)).status, Status::Interrupted);
    assert_eq!(pictures(&path("stopped")).len(), 1, "only the real ones are there from the start");
    assert_eq!(run(&config, &path("stopped"), &path("cache"), 1, None).weights_digest, plain.weights_digest);
    assert!(pictures(&path("stopped")) == straight);
    assert!(record(&path("plain"), PictureKind::Real) > Some(0.1), "the spread of digits");
}

fn record(folder: &Path, kind: PictureKind) -> Option<f64> {
    RunRecord::read(RunFolder::new(folder)).unwrap().pictures[&kind].spread
}
