//! `runner status --format json`.

use crate::fixture::{Sweep, planned};
use record::Status;
use report::{SweepStatus, rows};
use serde_json::json;

#[test]
fn status_has_the_promised_shape() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    sweep.attempt("lr1e-4-s0", 0, 30).end(Status::Done, None);
    let status = SweepStatus { sweep: "lr".into(), runs: rows(&sweep.folder).unwrap() };
    assert_eq!(
        serde_json::to_value(status).unwrap(),
        json!({"sweep": "lr", "runs": [{
            "id": "lr1e-4-s0", "status": "done", "step": 30, "steps": 30, "seed": 0,
            "overrides": {"train.*.lr": 1e-4}, "device": "cpu:flex", "attempts": 1, "wall_secs": 11.0,
            "weights_digest": "blake3:77",
            "metrics": {
                "loss/discriminator": {"last": 1.25, "last_step": 30},
                "loss/generator": {"last": 4.25, "last_step": 30},
            },
        }]})
    );
}

#[test]
fn an_evaluated_run_has_the_values_of_one_step() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let mut attempt = sweep.start("lr1e-4-s0", 0);
    attempt.evaluation(10, "train", &[("frechet", 3.0), ("kid", 0.9)]);
    attempt.evaluation(20, "train", &[("frechet", 5.0), ("kid", 0.1)]);
    let row = serde_json::to_value(&rows(&sweep.folder).unwrap()[0]).unwrap();
    assert_eq!(row["selected_step"], 10);
    assert_eq!(row["selected_by"], "frechet");
    assert_eq!(row["selected"], json!({"frechet": 3.0, "kid": 0.9}));
    assert_eq!((&row["metrics"]["kid"]["best_step"], &row["metrics"]["kid"]["last"]), (&json!(20), &json!(0.1)));
}

#[test]
fn every_planned_run_has_its_row_in_plan_order() {
    let sweep = Sweep::mixed();
    let states = |live_since: Option<f64>| {
        let lock = live_since.map(|since| sweep.lock(since));
        let rows = rows(&sweep.folder).unwrap();
        drop(lock);
        rows.into_iter().map(|row| (row.status, row.step, row.reason)).collect::<Vec<_>>()
    };
    let diverged = (Status::Diverged, 20, Some("the generator's loss is not a number".to_owned()));
    let killed = (Status::Interrupted, 10, Some("killed: the record has no end".to_owned()));
    let done = (Status::Done, 30, None);
    assert_eq!(states(None), [done.clone(), diverged.clone(), killed, (Status::Queued, 0, None)]);
    let now = record::now();
    assert_eq!(states(Some(now)), states(None), "it was killed in an earlier sweep and waits for its turn");
    assert_eq!(states(Some(0.0)), [done, diverged, (Status::Running, 10, None), (Status::Queued, 0, None)]);
}

#[test]
fn a_record_that_cannot_be_read_hides_no_other_run() {
    let sweep = Sweep::of(vec![planned(1e-4, 0), planned(1e-3, 0)]);
    std::fs::create_dir_all(sweep.folder.runs()).unwrap();
    std::fs::write(sweep.folder.run("lr1e-4-s0").path(), "a file").unwrap();
    sweep.attempt("lr1e-3-s0", 0, 30).end(Status::Done, None);
    let rows = rows(&sweep.folder).unwrap();
    assert_eq!((rows[0].status, rows[1].status), (Status::Queued, Status::Done));
    let reason = rows[0].reason.as_deref().unwrap();
    assert!(reason.starts_with("its record cannot be read: "), "{reason}");
    assert_eq!(sweep.build().warnings, [format!("lr1e-4-s0: {reason}")]);
}
