//! An attack on the program for as long as wanted: sweeps that are killed, records that are damaged, files that are mutated,
//! hostile names, two commands at once. Each attack has a seed that makes it again.

mod damage;
mod files;
mod kill;
mod names;
mod together;

use crate::lab::Lab;
use crate::process::{Ended, Running};
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use testing::Mutator;

/// One kind of attack.
struct Attack {
    name: &'static str,
    /// Of ten attacks, how many are of this kind.
    share: usize,
    run: fn(&mut Mutator),
}

const ATTACKS: [Attack; 5] = [
    Attack { name: "kill", share: 3, run: kill::attack },
    Attack { name: "damage", share: 3, run: damage::attack },
    Attack { name: "files", share: 2, run: files::attack },
    Attack { name: "names", share: 1, run: names::attack },
    Attack { name: "together", share: 1, run: together::attack },
];

/// Attacks until the time is over; returns how many there were of each kind. Says before each one how to repeat it.
///
/// # Panics
/// An attack found a fault.
pub fn soak(seed: u64, time: Duration) -> Vec<(&'static str, usize)> {
    let (started, mut next) = (Instant::now(), seed);
    let mut counts = vec![0; ATTACKS.len()];
    while started.elapsed() < time {
        counts[attack(next)] += 1;
        next = next.wrapping_add(1);
    }
    ATTACKS.iter().map(|attack| attack.name).zip(counts).collect()
}

/// The one attack of a seed; returns its kind's number.
///
/// # Panics
/// It found a fault.
pub fn attack(seed: u64) -> usize {
    let mut random = Mutator::new(seed);
    let mut share = random.below(ATTACKS.iter().map(|attack| attack.share).sum());
    let mut kind = 0;
    while share >= ATTACKS[kind].share {
        share -= ATTACKS[kind].share;
        kind += 1;
    }
    println!("soak --attack {seed}: {}", ATTACKS[kind].name);
    (ATTACKS[kind].run)(&mut random);
    kind
}

/// A sweep of two rates that takes a second or two, in an empty folder.
fn lab() -> Lab {
    let lab = Lab::new();
    lab.long("long", "sweep: { grid: { train.*.lr: [1.0e-4, 1.0e-3] } }\nexecution: { jobs: 2, threads: 1 }");
    lab
}

/// The same sweep, finished without a disturbance.
static SOUND: LazyLock<Lab> = LazyLock::new(|| {
    let lab = lab();
    lab.run("sweep long.yaml").exits(0);
    lab
});

/// Insists that a command answered: with one of the documented exit codes, and with no raw control character but line ends,
/// tabs and the colours of its live display, none of which it has without a terminal.
fn answered(ended: Ended) -> Ended {
    assert!(matches!(ended.code, Some(0..=3)), "{ended:#?}");
    for text in [&ended.stdout, &ended.stderr] {
        let raw = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t') || is_bidirectional(*c));
        assert!(raw.is_none(), "{raw:?} in {ended:#?}");
    }
    ended
}

/// Marks that change the order in which a terminal shows text (Unicode Standard Annex 9).
fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Waits until a started sweep has no workers left.
fn until_workers_are_gone(running: &Running) {
    crate::until("the end of all workers", || running.workers().is_empty().then_some(()));
}

/// One of the items.
fn any<T: Clone>(random: &mut Mutator, items: &[T]) -> T {
    items[random.below(items.len())].clone()
}
