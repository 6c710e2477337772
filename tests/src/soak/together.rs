//! Two commands at once on one folder.

use super::kill::{UNDISTURBED, results};
use super::{answered, any, lab};
use std::thread::sleep;
use std::time::Duration;
use testing::Mutator;

const COMMANDS: [&str; 7] = [
    "sweep long.yaml",
    "sweep long.yaml --fresh",
    "report results/long",
    "gc results/long",
    "status results/long",
    "export results/long",
    "plan long.yaml --diff",
];

pub(super) fn attack(random: &mut Mutator) {
    let lab = lab();
    if random.below(2) == 0 {
        lab.run("sweep long.yaml").exits(0);
    }
    let mut running = vec![lab.start("sweep long.yaml")];
    for _ in 0..6 {
        sleep(Duration::from_millis(random.below(400) as u64));
        running.push(lab.start(any(random, &COMMANDS)));
    }
    for running in running {
        let ended = answered(running.wait());
        assert!(ended.code != Some(3), "a failure of the machine: {ended:#?}");
    }
    lab.run("sweep long.yaml").exits(0);
    assert_eq!(results(&lab.sweep("long")).0, UNDISTURBED.0);
    lab.run("report results/long").exits(0);
}
