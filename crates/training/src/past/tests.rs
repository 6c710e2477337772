use super::*;
use record::{Artifact, Direction, Evaluation, Measurement, Media, Outcome, RunFolder, Scalars};
use serde_json::{Value, json};

fn config(changes: Value) -> RunConfig {
    let mut settings = json!({"train": {"steps": 600}, "sample": {"every": 100}, "checkpoint": {"every": 300}});
    merge(&mut settings, changes);
    serde_json::from_value(settings).unwrap()
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            from.into_iter().for_each(|(key, value)| merge(into.entry(key).or_insert(json!({})), value));
        }
        (into, from) => *into = from,
    }
}

/// A run that recorded what its settings ask for.
fn record(config: &RunConfig, outcome: Outcome) -> RunRecord {
    let mut record = RunRecord::from_events(RunFolder::new("x"), Vec::new());
    let due = |every: u64, step: u64| regular(every, step) || step == config.steps();
    for step in 1..=outcome.step {
        if due(config.log.every, step) || due(config.checkpoint.every, step) {
            record.scalars.push(Scalars { step, at: 0.0, values: [("loss/generator".into(), 1.0)].into() });
        }
        if due(config.sample.every, step) {
            record.artifacts.push(picture(Role::SAMPLES, step));
        }
        if config.evaluate.as_ref().is_some_and(|evaluate| due(evaluate.every, step)) {
            record.evaluations.push(evaluation(step, step as f64));
        }
    }
    record.artifacts.extend([picture(Role::REAL, 0), picture(Role::INTERPOLATION, outcome.step)]);
    (record.step, record.outcome) = (outcome.step, Some(outcome));
    record
}

fn picture(role: Role, step: u64) -> Artifact {
    let file = role.file(Some(step), None, Media::Png);
    Artifact { role, media: Media::Png.into(), step, file, label: None, spread: Some(0.3), at: 0.0 }
}

fn evaluation(step: u64, value: f64) -> Evaluation {
    let measurement = Measurement { value, standard_error: None, direction: Direction::Lower };
    let values = [("frechet".to_owned(), measurement)].into();
    Evaluation {
        step,
        at: 0.0,
        count: 1,
        features: String::new(),
        features_hash: String::new(),
        split: Evaluation::TRAIN.into(),
        values,
        floors: Default::default(),
        baselines: Default::default(),
        problems: Default::default(),
        by_class: Default::default(),
        settings: Default::default(),
    }
}

fn ended(status: Status, step: u64) -> Outcome {
    Outcome { reason: None, ..Outcome::early(status, step, "") }
}

fn done(config: &RunConfig) -> RunRecord {
    record(config, ended(Status::Done, config.steps()))
}

const BOTH: [(u64, bool); 2] = [(300, true), (600, true)];

/// The step that a run with the changes goes on from, after one without them.
#[track_caller]
fn check(earlier: Value, changes: Value, checkpoints: &[(u64, bool)], expected: Result<u64, &str>) {
    let (earlier, config) = (config(earlier), config(changes.clone()));
    let found = Past::of(&config, &earlier, &done(&earlier), checkpoints);
    let found = found.map(|past| past.step).map_err(|error| error.to_string());
    match (found, expected) {
        (Err(found), Err(expected)) => assert!(found.contains(expected), "{changes}: {found}"),
        (found, expected) => assert_eq!(found, expected.map_err(str::to_owned), "{changes}"),
    }
}

#[test]
fn a_run_goes_on_from_the_newest_checkpoint_that_holds_enough() {
    let longer = || json!({"train": {"steps": 900}});
    check(json!({}), longer(), &BOTH, Ok(600));
    check(json!({}), longer(), &[(300, true), (600, false)], Ok(300));
    check(json!({}), longer(), &[(600, false)], Err("no checkpoint with the state"));
    check(json!({}), longer(), &[], Err("no checkpoint with the state"));
    // One of as many steps, or fewer, needs no optimizers.
    check(json!({}), json!({"sample": {"every": 200}}), &[(600, false)], Ok(600));
    check(json!({}), json!({"train": {"steps": 300}}), &BOTH, Ok(300));
    check(json!({}), json!({"train": {"steps": 400}}), &BOTH, Ok(300));
}

#[test]
fn schedules_decide_how_much_of_the_past_agrees() {
    let with = |steps: u64, network: &str, schedule: Value| json!({"train": {"steps": steps, network: {"schedule": schedule}}});
    let both = |network: &str, schedule: Value, expected| {
        check(with(600, network, schedule.clone()), with(900, network, schedule), &BOTH, expected);
    };
    both("generator", json!({"kind": "constant"}), Ok(600));
    both("generator", json!({"kind": "linear"}), Err("`train.generator.schedule` depends"));
    both("discriminator", json!({"kind": "cosine", "to": 0.5}), Err("`train.discriminator.schedule` depends"));
    both("discriminator", json!({"kind": "linear", "to": 1.0}), Ok(600));
    both("generator", json!({"kind": "cosine", "warmup": 600}), Ok(600));
    both("generator", json!({"kind": "cosine", "warmup": 400}), Ok(300));
}

#[test]
fn stop_rules_decide_whether_it_would_have_come_so_far() {
    let grids = |every: u64| json!({"sample": {"every": every}});
    // Of three grids in a row one at least is known to be of different samples.
    check(json!({}), grids(50), &BOTH, Ok(600));
    check(json!({}), grids(200), &BOTH, Ok(600));
    check(json!({}), grids(10), &BOTH, Err("`stop.collapsed` reads"));
    check(json!({}), json!({"sample": {"every": 10}, "stop": {"collapsed": "none"}}), &BOTH, Ok(600));
    check(json!({}), json!({"sample": {"count": 9}}), &BOTH, Err("`stop.collapsed` reads"));
    check(json!({}), json!({"stop": {"gradient_norm": 1e6}}), &BOTH, Err("`stop.gradient_norm` reads"));
    let patience = |every: u64, steps: u64, patience: u64| {
        json!({"train": {"steps": steps}, "evaluate": {"every": every, "metrics": ["frechet"]},
            "stop": {"metrics": [{"metric": "frechet", "patience": patience}]}})
    };
    check(patience(300, 600, 2), patience(300, 900, 2), &BOTH, Ok(600));
    check(patience(300, 600, 2), patience(100, 900, 2), &BOTH, Err("`stop.metrics` reads"));
    // It ended at its last step in any case.
    check(patience(300, 600, 1), patience(300, 900, 1), &BOTH, Err("`stop.metrics` reads"));
}

#[test]
fn a_run_that_ended_by_itself_ends_there_however_long_it_may_be() {
    let (earlier, longer) = (config(json!({})), config(json!({"train": {"steps": 900}})));
    let past = |config: &RunConfig, status, step| {
        let past = Past::of(config, &earlier, &record(&earlier, ended(status, step)), &BOTH[..1]);
        past.map(|past| (past.step, past.is_whole))
    };
    for status in [Status::Collapsed, Status::Diverged, Status::Done] {
        assert_eq!(past(&longer, status, 400), Ok((400, true)));
    }
    assert_eq!(past(&longer, Status::Diverged, 600), Err(NoPast::Ended));
    assert_eq!(past(&config(json!({"sample": {"every": 50}})), Status::Collapsed, 400), Err(NoPast::Ended));
    assert_eq!(past(&longer, Status::Interrupted, 400), Err(NoPast::Ended));
}

#[test]
fn a_longer_run_keeps_what_it_would_have_recorded() {
    // The last step of the shorter run is regular for nothing.
    let steps = |steps: u64| json!({"train": {"steps": steps}, "evaluate": {"every": 100}, "log": {"every": 10}});
    let (earlier, longer) = (config(steps(605)), config(steps(900)));
    let record = done(&earlier);
    let past = Past::of(&longer, &earlier, &record, &[(605, true)]).unwrap();
    let is_kept = |event: Event| past.keeps(&event);
    let last = record.scalars.last().unwrap();
    assert_eq!((past.step, last.step), (605, 605));
    assert!(!is_kept(Event::Scalars(last.clone())));
    let kept = |role: Role| {
        let kept = record.artifacts_of(role).filter(|of| is_kept(Event::Artifact((*of).clone())));
        kept.map(|of| of.step).collect::<Vec<_>>()
    };
    assert_eq!(kept(Role::SAMPLES), [100, 200, 300, 400, 500, 600]);
    assert_eq!((kept(Role::INTERPOLATION), kept(Role::REAL)), (vec![], vec![0]));
    let evaluated = record.evaluations.iter().filter(|of| is_kept(Event::Evaluation((*of).clone())));
    assert_eq!(evaluated.map(|of| of.step).collect::<Vec<_>>(), [100, 200, 300, 400, 500, 600]);
    assert!(past.missing(&record, &[]).is_empty());
}

#[test]
fn what_is_missing_is_named() {
    let check = |changes: Value, expected: &str| {
        let (earlier, config) = (config(json!({"evaluate": {"every": 300}})), config(changes.clone()));
        let record = done(&earlier);
        let past = Past::of(&config, &earlier, &record, &BOTH).unwrap();
        assert_eq!(past.missing(&record, &[300, 600]).to_string(), expected, "{changes}");
    };
    check(json!({}), "");
    check(json!({"evaluate": {"every": 300}, "sample": {"every": 200}}), "");
    check(json!({"sample": {"every": 50}}), "sample grids of steps 50, 150, 250, 350 and 2 more");
    check(
        json!({"evaluate": {"every": 200, "count": 9}, "log": {"every": 20}}),
        "evaluations of steps 200, 400; losses as means over the steps of these settings",
    );
    check(json!({"evaluate": {"every": 300, "count": 9}}), "");
}
