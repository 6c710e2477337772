//! How many runs at once pay on one worker: found by measuring; the caller has the clock.
//!
//! Small networks leave a large GPU idle between their kernels, so several runs at once get more done; from some number on they
//! only take turns. A worker begins with one run. While steps per second of all its runs together grow by a tenth or more
//! with twice as many runs, and the device's memory has room for twice as many, it takes twice as many; when they do not, it
//! goes back to the number before, and stays there.

use crate::launcher::WorkerSpec;
use crate::scheduler::{Run, WorkerId};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What twice as many runs must bring.
const GAIN: f64 = 1.1;
/// Of a device's memory that runs may take, as far as the memory of those that train tells.
const MEMORY: f64 = 0.9;
/// After a change, kernels are compiled and memory is taken.
const WARM_UP: Duration = Duration::from_secs(5);
/// Steps that have to be done in the warm-up, too.
const WARM_STEPS: u64 = 20;
/// How long steps are counted.
const WINDOW: Duration = Duration::from_secs(10);
/// Steps that have to be counted, too.
const WINDOW_STEPS: u64 = 50;

/// What is known of a worker at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reading {
    /// Since any fixed moment.
    pub(crate) at: Duration,
    /// Steps that its runs have done since any fixed moment.
    pub(crate) steps: u64,
    /// Runs that train on it.
    pub(crate) runs: usize,
    /// The share of its device's memory that is taken, by anyone; none where that is not known.
    pub(crate) memory: Option<f64>,
}

/// The search of one worker.
#[derive(Clone, Debug)]
pub(crate) struct Packing {
    /// Runs at once, now.
    slots: usize,
    /// It cannot take more.
    most: usize,
    /// The number of runs before, and their steps a second.
    before: Option<(usize, f64)>,
    /// The first reading with all slots taken since the last change.
    warming: Option<Reading>,
    /// The first reading after the warm-up.
    window: Option<Reading>,
    is_settled: bool,
}

impl Packing {
    /// From one run to at most so many.
    pub(crate) fn new(most: usize) -> Self {
        Self { slots: 1, most, before: None, warming: None, window: None, is_settled: most <= 1 }
    }

    /// Stays with this number: more were out of memory.
    pub(crate) fn settle(&mut self, slots: usize) {
        (self.slots, self.is_settled) = (slots, true);
    }

    /// Takes a reading; the new number of slots if it changes.
    pub(crate) fn read(&mut self, reading: Reading) -> Option<usize> {
        if self.is_settled {
            return None;
        }
        if reading.runs < self.slots {
            // A run has ended and the next one begins, or none is left. What was counted so far would count the gap.
            (self.warming, self.window) = (None, None);
            return None;
        }
        let is_over = |since: &Reading, time: Duration, steps: u64| {
            reading.at.saturating_sub(since.at) >= time && reading.steps.saturating_sub(since.steps) >= steps
        };
        let Some(began) = &self.window else {
            match &self.warming {
                None => self.warming = Some(reading),
                Some(began) if is_over(began, WARM_UP, WARM_STEPS) => self.window = Some(reading),
                Some(_) => {}
            }
            return None;
        };
        if !is_over(began, WINDOW, WINDOW_STEPS) {
            return None;
        }
        let throughput = (reading.steps - began.steps) as f64 / (reading.at - began.at).as_secs_f64();
        self.decide(throughput, reading.memory)
    }

    fn decide(&mut self, throughput: f64, memory: Option<f64>) -> Option<usize> {
        if let Some((slots, before)) = self.before
            && throughput < GAIN * before
        {
            self.settle(slots);
            return Some(slots);
        }
        let next = (2 * self.slots).min(self.most);
        let has_room = memory.is_none_or(|taken| taken * next as f64 / self.slots as f64 <= MEMORY);
        if next == self.slots || !has_room {
            self.is_settled = true;
            return None;
        }
        self.before = Some((self.slots, throughput));
        (self.slots, self.warming, self.window) = (next, None, None);
        Some(next)
    }
}

/// The searches of all workers, fed with what their runs answer.
pub(crate) struct Meters {
    began: Instant,
    workers: Vec<Meter>,
    /// The newest step of each run, where it trains.
    reached: BTreeMap<Run, u64>,
}

struct Meter {
    /// None if its number of slots is given.
    packing: Option<Packing>,
    steps: u64,
    memory: Option<f64>,
}

impl Meters {
    /// For workers that are about to start.
    pub(crate) fn new(workers: &[WorkerSpec]) -> Self {
        let meter = |worker: &WorkerSpec| Meter {
            packing: worker.packs.then(|| Packing::new(worker.slots)),
            steps: 0,
            memory: None,
        };
        Self { began: Instant::now(), workers: workers.iter().map(meter).collect(), reached: BTreeMap::new() }
    }

    /// A run, one of so many on the worker, has come to this step; the worker's new number of slots if it changes.
    pub(crate) fn stepped(&mut self, worker: WorkerId, run: Run, step: u64, runs: usize) -> Option<usize> {
        let before = self.reached.insert(run, step);
        let meter = &mut self.workers[worker];
        // An attempt that has just begun may be far along.
        meter.steps += before.map_or(0, |before| step.saturating_sub(before));
        let reading = Reading { at: self.began.elapsed(), steps: meter.steps, runs, memory: meter.memory };
        meter.packing.as_mut()?.read(reading)
    }

    /// The attempt at the run is over.
    pub(crate) fn ended(&mut self, run: Run) {
        self.reached.remove(&run);
    }

    /// This share of the memory of the worker's device is taken.
    pub(crate) fn memory(&mut self, worker: WorkerId, share: f64) {
        self.workers[worker].memory = Some(share);
    }

    /// The worker stays with this number of slots.
    pub(crate) fn settle(&mut self, worker: WorkerId, slots: usize) {
        self.workers[worker].packing.iter_mut().for_each(|packing| packing.settle(slots));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of slots that a worker goes through, whose runs do so many steps a second together and take so much of the
    /// memory each.
    fn slots(most: usize, throughput: impl Fn(usize) -> f64, memory: Option<f64>) -> Vec<usize> {
        let (mut packing, mut steps, mut found) = (Packing::new(most), 0.0, vec![1]);
        for tenth in 0..6000 {
            let runs = *found.last().unwrap();
            steps += throughput(runs) / 10.0;
            let at = Duration::from_millis(100 * tenth);
            let memory = memory.map(|each| each * runs as f64);
            found.extend(packing.read(Reading { at, steps: steps as u64, runs, memory }));
        }
        found
    }

    #[test]
    fn it_packs_while_throughput_grows() {
        let up_to = |best: f64| move |runs: usize| 20.0 * (runs as f64).min(best);
        assert_eq!(slots(16, up_to(1.0), None), [1, 2, 1], "a large network fills the device alone");
        assert_eq!(slots(16, up_to(4.0), None), [1, 2, 4, 8, 4]);
        assert_eq!(slots(16, up_to(5.0), None), [1, 2, 4, 8, 16, 8], "a quarter more is a gain");
        assert_eq!(slots(16, up_to(100.0), None), [1, 2, 4, 8, 16]);
        assert_eq!(slots(6, up_to(100.0), None), [1, 2, 4, 6]);
        assert_eq!(slots(1, up_to(100.0), None), [1]);
        assert_eq!(slots(16, |runs| 20.0 / runs as f64, None), [1, 2, 1], "they are in each other's way");
    }

    #[test]
    fn memory_bounds_it() {
        let more = |runs: usize| 20.0 * runs as f64;
        assert_eq!(slots(16, more, Some(0.5)), [1]);
        assert_eq!(slots(16, more, Some(0.2)), [1, 2, 4]);
        assert_eq!(slots(16, more, Some(0.01)), [1, 2, 4, 8, 16]);
    }

    #[test]
    fn what_was_out_of_memory_is_not_tried_again() {
        let mut packing = Packing::new(8);
        packing.settle(2);
        let reading = |at| Reading { at: Duration::from_secs(at), steps: 100 * at, runs: 2, memory: None };
        assert!((0..100).all(|at| packing.read(reading(at)).is_none()));
    }

    #[test]
    fn a_slot_that_stands_empty_is_no_measure() {
        let mut packing = Packing::new(8);
        let reading = |at: u64| Reading {
            at: Duration::from_secs(at),
            steps: 100 * at,
            runs: (at % 7).min(1) as usize,
            memory: None,
        };
        assert!((0..1000).all(|at| packing.read(reading(at)).is_none()));
    }

    #[test]
    fn few_steps_are_no_measure() {
        let mut packing = Packing::new(8);
        let reading = |at: u64| Reading { at: Duration::from_secs(at), steps: at / 10, runs: 1, memory: None };
        assert!((0..600).all(|at| packing.read(reading(at)).is_none()));
    }
}
