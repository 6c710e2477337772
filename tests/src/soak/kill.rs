//! Signals at any moment: the next sweep ends with the weights and the record of one that nothing disturbed.

use super::{SOUND, any, lab, until_workers_are_gone};
use crate::sweep::Sweep;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::thread::sleep;
use std::time::Duration;
use testing::Mutator;

/// Weights by run, and scalars by run.
type Results = (BTreeMap<String, String>, BTreeMap<String, Vec<Value>>);

/// Those of the sweep that nothing disturbed.
pub(super) static UNDISTURBED: LazyLock<Results> = LazyLock::new(|| results(&SOUND.sweep("long")));

pub(super) fn attack(random: &mut Mutator) {
    let lab = lab();
    for _ in 0..random.below(6) {
        let mut running = lab.start("sweep long.yaml --retries 9");
        for _ in 0..=random.below(3) {
            sleep(Duration::from_millis(random.below(900) as u64));
            let victim = match random.below(3) {
                0 => running.is_running().then(|| running.process()),
                _ => running.workers().get(random.below(2)).copied(),
            };
            if let Some(victim) = victim {
                victim.signal(any(random, &["KILL", "KILL", "TERM", "INT", "HUP", "USR1", "STOP", "ALRM", "XFSZ"]));
            }
        }
        let workers = running.workers();
        if running.is_running() {
            running.kill();
        }
        // A parent's death ends the stopped ones, too.
        crate::until("the end of all workers", || workers.iter().all(|worker| !worker.lives()).then_some(()));
        until_workers_are_gone(&running);
    }
    lab.run("sweep long.yaml").exits(0);
    let found = results(&lab.sweep("long"));
    assert_eq!(found.0, UNDISTURBED.0);
    for (id, scalars) in &UNDISTURBED.1 {
        let (steps, found) = (scalars.len(), &found.1[id]);
        let unlike = scalars.iter().zip(found).find(|(undisturbed, found)| undisturbed != found);
        assert!(unlike.is_none() && found.len() == steps, "{id}: {} rows, not {steps}: {unlike:#?}", found.len());
    }
    lab.run("report results/long").exits(0);
}

/// Of a finished sweep; the scalars of a step that was done twice are the last ones.
pub(super) fn results(sweep: &Sweep) -> Results {
    let scalars = |id: &String| {
        let mut by_step = BTreeMap::new();
        for mut event in sweep.events_of(id, "scalars") {
            let step = event["step"].as_u64();
            let values = event["values"].as_object_mut();
            values.expect("scalars have values").retain(|name, _| !name.starts_with("speed/"));
            by_step.insert(step, event["values"].take());
        }
        (id.clone(), by_step.into_values().collect())
    };
    (sweep.digests(), sweep.ids().iter().map(scalars).collect())
}
