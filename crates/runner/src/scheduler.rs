//! Which run starts where, and what happens after a worker's death: a pure state machine. No clock, no process.

use record::{Outcome, Status};
use std::collections::VecDeque;

/// Index of a run in the plan.
pub type Run = usize;
/// Index of a place where one run at a time trains.
pub type Slot = usize;

/// Decides; whoever holds it acts.
#[derive(Debug)]
pub struct Scheduler {
    waiting: VecDeque<Run>,
    slots: Vec<Option<Run>>,
    /// How often a run may still be started after its worker died.
    retries: Vec<u32>,
    ended: Vec<Option<Outcome>>,
    stopping: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The slot's run came to an end.
    Ended(Slot, Outcome),
    /// The slot's worker died in its run.
    Died(Slot, String),
    /// Start nothing more.
    Stop,
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Train the run on the slot.
    Start(Slot, Run),
    /// The run has its final status in this sweep.
    Finish(Run, Outcome),
}

impl Scheduler {
    /// Runs in the order in which to start them, on so many slots; `count` runs in the plan.
    pub fn new(runs: impl IntoIterator<Item = Run>, count: usize, slots: usize, retries: u32) -> Self {
        Self {
            waiting: runs.into_iter().collect(),
            slots: vec![None; slots],
            retries: vec![retries; count],
            ended: vec![None; count],
            stopping: false,
        }
    }

    /// What to do first.
    pub fn start(&mut self) -> Vec<Action> {
        self.fill()
    }

    /// What to do now.
    pub fn next(&mut self, input: Input) -> Vec<Action> {
        let mut actions = Vec::new();
        match input {
            Input::Ended(slot, outcome) => {
                if let Some(run) = self.slots[slot].take() {
                    actions.extend(self.finish(run, outcome));
                }
            }
            Input::Died(slot, reason) => {
                if let Some(run) = self.slots[slot].take() {
                    if self.stopping {
                        let outcome = ended(Status::Interrupted, reason);
                        actions.extend(self.finish(run, outcome));
                    } else if self.retries[run] == 0 {
                        let outcome = ended(Status::Failed, reason);
                        actions.extend(self.finish(run, outcome));
                    } else {
                        self.retries[run] -= 1;
                        self.waiting.push_back(run);
                    }
                }
            }
            Input::Stop => {
                self.stopping = true;
                self.waiting.clear();
            }
        }
        actions.extend(self.fill());
        actions
    }

    /// Whether nothing runs and nothing waits.
    pub fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.slots.iter().all(Option::is_none)
    }

    /// The run that trains on the slot.
    pub fn running(&self, slot: Slot) -> Option<Run> {
        self.slots[slot]
    }

    fn finish(&mut self, run: Run, outcome: Outcome) -> Option<Action> {
        if self.ended[run].is_some() {
            return None;
        }
        self.ended[run] = Some(outcome.clone());
        Some(Action::Finish(run, outcome))
    }

    fn fill(&mut self) -> Vec<Action> {
        let mut actions = Vec::new();
        for (slot, running) in self.slots.iter_mut().enumerate() {
            if running.is_none()
                && let Some(run) = self.waiting.pop_front()
            {
                *running = Some(run);
                actions.push(Action::Start(slot, run));
            }
        }
        actions
    }
}

fn ended(status: Status, reason: String) -> Outcome {
    Outcome { status, step: 0, reason: Some(reason), weights_digest: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done() -> Outcome {
        Outcome { status: Status::Done, step: 1, reason: None, weights_digest: None }
    }

    /// Plays any order of endings and deaths: every run ends exactly once, no slot holds two, and no run is on two.
    #[test]
    fn whatever_dies_every_run_ends_once() {
        for seed in 0..500u64 {
            let mut stream = models::Stream::new(seed, "scheduler", 0);
            let mut below = |bound: usize| ((stream.uniform() * bound as f32) as usize).min(bound - 1);
            let (count, slots, retries) = (below(8), 1 + below(4), below(3) as u32);
            let mut scheduler = Scheduler::new(0..count, count, slots, retries);
            let mut on: Vec<Option<Run>> = vec![None; slots];
            let (mut ends, mut starts) = (vec![0; count], vec![0u32; count]);
            let mut actions = scheduler.start();
            loop {
                for action in actions {
                    match action {
                        Action::Start(slot, run) => {
                            assert!(on[slot].is_none() && !on.contains(&Some(run)) && ends[run] == 0);
                            on[slot] = Some(run);
                            starts[run] += 1;
                        }
                        Action::Finish(run, _) => ends[run] += 1,
                    }
                }
                let busy: Vec<Slot> = (0..slots).filter(|slot| on[*slot].is_some()).collect();
                if busy.is_empty() {
                    break;
                }
                assert!(!scheduler.is_done());
                let slot = busy[below(busy.len())];
                on[slot] = None;
                let input = if below(2) == 0 { Input::Ended(slot, done()) } else { Input::Died(slot, String::new()) };
                actions = scheduler.next(input);
            }
            assert!(scheduler.is_done());
            assert!(ends.iter().all(|ends| *ends == 1), "{ends:?}");
            assert!(starts.iter().all(|starts| *starts <= retries + 1));
        }
    }

    #[test]
    fn a_stop_starts_nothing_more_and_a_death_after_it_is_an_interruption() {
        let mut scheduler = Scheduler::new(0..3, 3, 1, 2);
        assert_eq!(scheduler.start(), [Action::Start(0, 0)]);
        assert_eq!(scheduler.next(Input::Stop), []);
        let actions = scheduler.next(Input::Died(0, "killed".into()));
        let [Action::Finish(0, outcome)] = &actions[..] else { panic!("{actions:?}") };
        assert_eq!(outcome.status, Status::Interrupted);
        assert!(scheduler.is_done());
    }

    #[test]
    fn a_run_that_fails_by_itself_is_not_tried_again() {
        let mut scheduler = Scheduler::new(0..1, 1, 1, 2);
        scheduler.start();
        let failed = ended(Status::Failed, "no data".into());
        assert_eq!(scheduler.next(Input::Ended(0, failed.clone())), [Action::Finish(0, failed)]);
    }
}
