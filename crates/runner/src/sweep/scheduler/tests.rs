use super::*;
use proptest::prelude::*;

fn done() -> Outcome {
    Outcome { status: Status::Done, step: 1, reason: None, cause: None, weights_digest: None }
}

fn died(worker: WorkerId) -> Input {
    Input::Died { worker, culprit: None, cause: Cause::Signal, reason: "signal: 9 (SIGKILL)".to_owned() }
}

fn scheduler(runs: usize, slots: &[usize], retries: u32) -> Scheduler {
    Scheduler::new(0..runs, slots.to_vec(), BTreeMap::new(), Limits { retries, max_failures: None })
}

/// The world around a scheduler, as far as it can be seen from the actions alone.
struct World {
    slots: Vec<usize>,
    on: BTreeMap<Run, WorkerId>,
    resting: BTreeSet<Run>,
    starts: Vec<u32>,
    ends: Vec<u32>,
    /// Nothing may start any more.
    closed: bool,
}

impl World {
    fn new(runs: usize, slots: Vec<usize>) -> Self {
        let (on, resting) = Default::default();
        Self { slots, on, resting, starts: vec![0; runs], ends: vec![0; runs], closed: false }
    }

    fn act(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Start(worker, run) => {
                    assert!(!self.closed, "run {run} starts after the stop");
                    assert_eq!(self.ends[run], 0, "run {run} starts after its end");
                    assert!(!self.resting.contains(&run), "run {run} starts while it rests");
                    assert!(self.on.insert(run, worker).is_none(), "two attempts of run {run}");
                    let busy = self.on.values().filter(|on| **on == worker).count();
                    assert!(busy <= self.slots[worker], "{busy} runs on worker {worker}");
                    self.starts[run] += 1;
                }
                Action::Rest { run, pause, count, outcome, .. } => {
                    assert!(!self.closed && !self.on.contains_key(&run) && self.ends[run] == 0, "run {run}");
                    assert!(pause >= FIRST_REST && pause <= LONGEST_REST && count.failures > 0);
                    assert_eq!(outcome.status, Status::Interrupted);
                    assert!(self.resting.insert(run), "run {run} rests twice");
                }
                Action::Finish(run, _) => {
                    assert!(!self.on.contains_key(&run) && !self.resting.contains(&run), "run {run}");
                    self.ends[run] += 1;
                    assert_eq!(self.ends[run], 1, "run {run} ends twice");
                }
                Action::Halt(_) => self.close(),
            }
        }
    }

    fn close(&mut self) {
        self.closed = true;
        self.resting.clear();
    }

    /// The event that a number stands for, out of those that can happen now.
    fn happen(&mut self, number: u32, stops: bool) -> Option<Input> {
        let pick = |of: usize| (number as usize / 16) % of;
        let runs: Vec<Run> = self.on.keys().copied().collect();
        let resting: Vec<Run> = self.resting.iter().copied().collect();
        if runs.is_empty() || (number.is_multiple_of(4) && !resting.is_empty()) {
            let run = *resting.get(pick(resting.len().max(1)))?;
            self.resting.remove(&run);
            return Some(Input::Rested(run));
        }
        let run = runs[pick(runs.len())];
        let worker = self.on[&run];
        let ended = |outcome| Input::Ended(run, outcome);
        let mut dead = |culprit, cause| {
            self.on.retain(|_, on| *on != worker);
            Input::Died { worker, culprit, cause, reason: "x".to_owned() }
        };
        Some(match number % 16 {
            1 if stops => {
                self.close();
                Input::Stop
            }
            2 | 3 => dead(None, Cause::Signal),
            5 => dead(None, Cause::OutOfMemory),
            6 => dead(Some(run), Cause::Timeout),
            other => {
                self.on.remove(&run);
                match other {
                    7 => ended(Outcome::failed(Cause::Io, "disk full")),
                    9 => ended(Outcome::failed(Cause::Data, "no data")),
                    10 => ended(Outcome::early(Status::TimedOut, 3, "too late")),
                    11 => ended(Outcome::early(Status::Diverged, 3, "infinite")),
                    _ => ended(done()),
                }
            }
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens: never two attempts of a run, never more than the slots, no start after an end, and in the end
    /// every run has exactly one final status, after a bounded number of attempts.
    #[test]
    fn every_run_ends_once(
        runs in 0..12_usize,
        slots in prop::collection::vec(1..4_usize, 1..4),
        retries in 0..4_u32,
        events in prop::collection::vec(any::<u32>(), 400),
    ) {
        let mut scheduler = scheduler(runs, &slots, retries);
        let mut world = World::new(runs, slots);
        world.act(scheduler.start());
        let mut events = events.into_iter();
        while !scheduler.is_done() {
            // Out of numbers, everything succeeds.
            let number = events.next().unwrap_or(12);
            let input = world.happen(number, false);
            let input = input.or_else(|| world.happen(0, false)).expect("what is not done can go on");
            world.act(scheduler.next(input));
        }
        prop_assert!(world.on.is_empty() && world.resting.is_empty());
        prop_assert!(world.ends.iter().all(|ends| *ends == 1), "{:?}", world.ends);
    }

    /// The same when it is stopped, or stops itself after too many failures: what runs ends, nothing else starts.
    #[test]
    fn a_stop_is_the_beginning_of_the_end(
        runs in 1..12_usize,
        slots in prop::collection::vec(1..4_usize, 1..4),
        retries in 0..4_u32,
        max_failures in prop::option::of(1..4_u32),
        events in prop::collection::vec(any::<u32>(), 400),
    ) {
        let limits = Limits { retries, max_failures };
        let mut scheduler = Scheduler::new(0..runs, slots.clone(), BTreeMap::new(), limits);
        let mut world = World::new(runs, slots);
        world.act(scheduler.start());
        let mut events = events.into_iter();
        while !scheduler.is_done() {
            let input = world.happen(events.next().unwrap_or(12), true).or_else(|| world.happen(0, true));
            world.act(scheduler.next(input.expect("what is not done can go on")));
        }
        prop_assert!(world.on.is_empty());
        prop_assert!(world.closed || world.ends.iter().all(|ends| *ends == 1));
    }

    /// Every attempt fails: how often a run is tried is bounded.
    #[test]
    fn tries_are_bounded(
        runs in 1..6_usize,
        slots in prop::collection::vec(1..4_usize, 1..3),
        retries in 0..4_u32,
        events in prop::collection::vec(prop::sample::select(vec![2_u32, 5, 6, 7, 10]), 400),
        picks in prop::collection::vec(0..16_u32, 400),
    ) {
        let mut scheduler = scheduler(runs, &slots, retries);
        let mut world = World::new(runs, slots);
        world.act(scheduler.start());
        let mut numbers = events.into_iter().zip(picks);
        while !scheduler.is_done() {
            let (event, pick) = numbers.next().expect("it ends before the numbers do");
            let input = match world.on.is_empty() {
                true => world.happen(0, false),
                false => world.happen(event + 16 * pick, false),
            };
            world.act(scheduler.next(input.expect("what is not done can go on")));
        }
        // Deaths in company prove nothing: two of them, and one more try alone, may come on top.
        let most = if retries == 0 { 1 } else { retries + 3 };
        // A bystander of another run's time-out starts again at no cost, as often as others time out.
        let timeouts = world.starts.iter().map(|starts| (*starts).min(most)).sum::<u32>();
        prop_assert!(world.starts.iter().all(|starts| *starts <= most + timeouts), "{:?}", world.starts);
    }
}

#[test]
fn a_death_is_followed_by_a_rest_and_another_try_and_the_second_one_by_quarantine() {
    let mut scheduler = scheduler(1, &[1], 5);
    assert_eq!(scheduler.start(), [Action::Start(0, 0)]);
    let [Action::Rest { run: 0, count, pause, .. }] = &scheduler.next(died(0))[..] else { panic!("no rest") };
    assert_eq!((count.failures, count.deaths, *pause), (1, 1, FIRST_REST));
    assert_eq!(scheduler.next(Input::Rested(0)), [Action::Start(0, 0)]);
    let [Action::Finish(0, outcome)] = &scheduler.next(died(0))[..] else { panic!("no quarantine") };
    assert_eq!((outcome.status, outcome.cause), (Status::Failed, Some(Cause::Signal)));
    assert_eq!(outcome.reason.as_deref(), Some("quarantined after 2 deaths: signal: 9 (SIGKILL)"));
    assert!(scheduler.is_done());
}

#[test]
fn failures_of_an_earlier_sweep_count() {
    let counts = BTreeMap::from([(0, FailureCount { failures: 2, deaths: 0 })]);
    let mut scheduler = Scheduler::new(0..1, vec![1], counts, Limits { retries: 2, max_failures: None });
    scheduler.start();
    let failed = Outcome::failed(Cause::Io, "disk full");
    assert_eq!(scheduler.next(Input::Ended(0, failed.clone())), [Action::Finish(0, failed)]);
}

#[test]
fn rests_grow_up_to_a_bound() {
    let mut scheduler = scheduler(1, &[1], 20);
    scheduler.start();
    let mut pauses = Vec::new();
    for _ in 0..8 {
        let actions = scheduler.next(Input::Ended(0, Outcome::failed(Cause::Io, "disk full")));
        let [Action::Rest { pause, .. }] = &actions[..] else { panic!("{actions:?}") };
        pauses.push(pause.as_secs());
        scheduler.next(Input::Rested(0));
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
}

#[test]
fn what_cannot_succeed_and_what_is_a_result_is_not_tried_again() {
    let failed = |cause| Outcome::failed(cause, "x");
    let ends = [
        failed(Cause::Config),
        failed(Cause::Data),
        Outcome::early(Status::Diverged, 3, "infinite"),
        Outcome::early(Status::Collapsed, 3, "one digit"),
        done(),
    ];
    for outcome in ends {
        let mut scheduler = scheduler(1, &[1], 2);
        scheduler.start();
        assert_eq!(scheduler.next(Input::Ended(0, outcome.clone())), [Action::Finish(0, outcome)]);
    }
}

/// Three runs share a worker and one of them kills it. It is found out, and the others end well.
#[test]
fn of_several_in_a_worker_the_killer_is_found() {
    for retries in [1, 2, 5] {
        let mut scheduler = scheduler(5, &[3], retries);
        let mut world = World::new(5, vec![3]);
        let mut actions = scheduler.start();
        let mut ends = BTreeMap::new();
        while !scheduler.is_done() {
            for action in &actions {
                if let Action::Finish(run, outcome) = action {
                    ends.insert(*run, outcome.status);
                }
            }
            world.act(actions);
            let input = match world.on.get(&1) {
                Some(worker) => {
                    let worker = *worker;
                    world.on.retain(|_, on| *on != worker);
                    died(worker)
                }
                None => match world.on.pop_first() {
                    Some((run, _)) => Input::Ended(run, done()),
                    None => Input::Rested(world.resting.pop_first().unwrap()),
                },
            };
            actions = scheduler.next(input);
        }
        for action in actions {
            if let Action::Finish(run, outcome) = action {
                ends.insert(run, outcome.status);
            }
        }
        let expected = (0..5).map(|run| (run, if run == 1 { Status::Failed } else { Status::Done })).collect();
        assert_eq!(ends, expected, "{retries} retries");
    }
}

#[test]
fn what_ran_out_of_memory_is_tried_again_after_all_others_and_alone() {
    let mut scheduler = scheduler(4, &[1, 1], 2);
    scheduler.start();
    let memory = Outcome::failed(Cause::OutOfMemory, "no memory");
    let actions = scheduler.next(Input::Ended(0, memory));
    assert!(matches!(&actions[..], [Action::Rest { run: 0, alone: true, .. }, Action::Start(0, 2)]), "{actions:?}");
    assert_eq!(scheduler.next(Input::Rested(0)), []);
    assert_eq!(scheduler.next(Input::Ended(1, done()))[1..], [Action::Start(1, 3)]);
    assert_eq!(scheduler.next(Input::Ended(2, done())).len(), 1, "a slot is free and another run still trains");
    assert_eq!(scheduler.next(Input::Ended(3, done()))[1..], [Action::Start(0, 0)]);
}

#[test]
fn the_runs_beside_one_that_hangs_go_on_at_no_cost() {
    let mut scheduler = scheduler(2, &[2], 0);
    scheduler.start();
    let hung = Input::Died { worker: 0, culprit: Some(1), cause: Cause::Timeout, reason: "hangs".to_owned() };
    let actions = scheduler.next(hung);
    let [Action::Finish(1, outcome), Action::Start(0, 0)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!(outcome.status, Status::TimedOut);
}

#[test]
fn a_stop_starts_nothing_more_and_a_death_after_it_is_an_interruption() {
    let mut scheduler = scheduler(3, &[1], 2);
    assert_eq!(scheduler.start(), [Action::Start(0, 0)]);
    assert_eq!(scheduler.next(Input::Stop), []);
    let actions = scheduler.next(died(0));
    let [Action::Finish(0, outcome)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!(outcome.status, Status::Interrupted);
    assert!(scheduler.is_done());
}

#[test]
fn after_too_many_failures_everything_is_stopped() {
    let limits = Limits { retries: 0, max_failures: Some(2) };
    let mut scheduler = Scheduler::new(0..5, vec![1, 1], BTreeMap::new(), limits);
    scheduler.start();
    let failed = |run| Input::Ended(run, Outcome::failed(Cause::Config, "x"));
    assert_eq!(scheduler.next(failed(0)).len(), 2, "the next one starts");
    let actions = scheduler.next(failed(1));
    assert_eq!(actions[1..], [Action::Halt("stopped after 2 runs had failed".to_owned())]);
    let stopped = Outcome::early(Status::Interrupted, 3, "stopped");
    assert_eq!(scheduler.next(Input::Ended(2, stopped.clone())), [Action::Finish(2, stopped)]);
    assert!(scheduler.is_done());
}
