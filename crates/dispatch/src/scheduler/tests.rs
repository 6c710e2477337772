use super::*;
use crate::policy::TrainAll;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn done() -> Outcome {
    Outcome { status: Status::Done, step: 1, reason: None, cause: None, weights_digest: None }
}

fn died(worker: WorkerId) -> Input {
    Input::Died {
        worker,
        culprit: None,
        cause: Cause::Signal,
        reason: "signal: 9 (SIGKILL)".to_owned(),
        is_blameless: false,
    }
}

fn scheduler(runs: usize, slots: &[usize], retries: u32) -> Scheduler {
    with_policy(runs, slots, retries, TrainAll)
}

fn with_policy(runs: usize, slots: &[usize], retries: u32, policy: impl Policy + 'static) -> Scheduler {
    let limits = Limits { retries, max_failures: None };
    Scheduler::new(0..runs, slots.to_vec(), BTreeMap::new(), limits, Box::new(policy))
}

fn evaluation(step: u64) -> Evaluation {
    Evaluation {
        step,
        at: 0.0,
        count: 1,
        features: String::new(),
        features_hash: String::new(),
        split: Evaluation::TRAIN.to_owned(),
        values: BTreeMap::new(),
        floors: BTreeMap::new(),
        baselines: BTreeMap::new(),
        problems: BTreeMap::new(),
        by_class: BTreeMap::new(),
        settings: BTreeMap::new(),
    }
}

/// Stops the run whose number is the step of an evaluation.
struct StopByStep;

impl Policy for StopByStep {
    fn evaluated(&mut self, _: Run, evaluation: &Evaluation) -> Vec<(Run, String)> {
        vec![(evaluation.step as Run, "not good enough".to_owned())]
    }
}

/// What is around a scheduler, as far as its actions show it.
struct World {
    slots: Vec<usize>,
    on: BTreeMap<Run, WorkerId>,
    waiting: BTreeSet<Run>,
    stopped: BTreeSet<Run>,
    starts: Vec<u32>,
    ends: Vec<u32>,
    /// Nothing may start any more.
    closed: bool,
}

impl World {
    fn new(runs: usize, slots: Vec<usize>) -> Self {
        let (on, waiting, stopped) = Default::default();
        Self { slots, on, waiting, stopped, starts: vec![0; runs], ends: vec![0; runs], closed: false }
    }

    fn act(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Start(worker, run) => {
                    assert!(!self.closed, "run {run} starts after the stop");
                    assert_eq!(self.ends[run], 0, "run {run} starts after its end");
                    assert!(!self.waiting.contains(&run), "run {run} starts before its pause is over");
                    assert!(!self.stopped.contains(&run), "run {run} starts after it was stopped");
                    assert!(self.on.insert(run, worker).is_none(), "two attempts of run {run}");
                    let busy = self.on.values().filter(|on| **on == worker).count();
                    assert!(busy <= self.slots[worker], "{busy} runs on worker {worker}");
                    self.starts[run] += 1;
                }
                Action::Stop { run, .. } => {
                    assert!(!self.closed && self.on.contains_key(&run), "run {run}");
                    assert!(self.stopped.insert(run), "run {run} is stopped twice");
                }
                Action::Retry { run, pause, count, outcome, .. } => {
                    assert!(!self.closed && !self.on.contains_key(&run) && self.ends[run] == 0, "run {run}");
                    assert!(pause >= FIRST_PAUSE && pause <= LONGEST_PAUSE && count.failures > 0);
                    assert!(!self.stopped.contains(&run), "run {run} is tried again after it was stopped");
                    assert_eq!(outcome.status, Status::Interrupted);
                    assert!(self.waiting.insert(run), "run {run} waits twice");
                }
                Action::Finish(run, _) => {
                    assert!(!self.on.contains_key(&run), "run {run}");
                    // A policy may end the wait.
                    self.waiting.remove(&run);
                    self.ends[run] += 1;
                    assert_eq!(self.ends[run], 1, "run {run} ends twice");
                }
                Action::Halt(_) | Action::Strand(_) => self.close(),
                Action::Narrow(worker, slots) => {
                    assert!(slots < self.slots[worker], "worker {worker} is not narrowed");
                    self.slots[worker] = slots;
                }
                Action::Retire(worker, _) => {
                    assert!(self.on.values().all(|on| *on != worker), "runs on worker {worker}");
                    self.slots[worker] = 0;
                }
            }
        }
    }

    fn close(&mut self) {
        self.closed = true;
        self.waiting.clear();
    }

    /// The event that a number stands for, out of those that can happen now.
    fn happen(&mut self, number: u32, stops: bool) -> Option<Input> {
        let pick = |of: usize| (number as usize / 16) % of;
        let runs: Vec<Run> = self.on.keys().copied().collect();
        let waiting: Vec<Run> = self.waiting.iter().copied().collect();
        if runs.is_empty() || (number.is_multiple_of(4) && !waiting.is_empty()) {
            let run = *waiting.get(pick(waiting.len().max(1)))?;
            self.waiting.remove(&run);
            return Some(Input::Waited(run));
        }
        let run = runs[pick(runs.len())];
        let worker = self.on[&run];
        let ended = |outcome| Input::Ended(run, outcome);
        let mut dead = |culprit, cause| {
            self.on.retain(|_, on| *on != worker);
            Input::Died { worker, culprit, cause, reason: "x".to_owned(), is_blameless: false }
        };
        Some(match number % 16 {
            1 if stops => {
                self.close();
                Input::Stop
            }
            2 | 3 => dead(None, Cause::Signal),
            13 | 14 => Input::Evaluated(run, evaluation(u64::from(number / 16 % 16))),
            5 => dead(None, Cause::OutOfMemory),
            8 => dead(None, Cause::Device),
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
    #![proptest_config(ProptestConfig { cases: 2000, rng_seed: RngSeed::Fixed(testing::seed()), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens: never two attempts of a run, never more than the slots, no start after an end, and in the end
    /// every run has exactly one final status, after a bounded number of attempts.
    #[test]
    fn every_run_ends_once(
        runs in 0..12_usize,
        slots in prop::collection::vec(1..4_usize, 1..4),
        retries in 0..4_u32,
        events in prop::collection::vec(any::<u32>(), 400),
    ) {
        let mut scheduler = with_policy(runs, &slots, retries, StopByStep);
        let mut world = World::new(runs, slots);
        world.act(scheduler.start());
        let mut events = events.into_iter();
        while !scheduler.is_done() {
            // Out of numbers, everything succeeds.
            let number = events.next().unwrap_or(12);
            let input = world.happen(number, false);
            let input = input.or_else(|| world.happen(0, false)).expect("something can happen to runs that are not done");
            world.act(scheduler.next(input));
        }
        prop_assert!(world.on.is_empty() && world.waiting.is_empty());
        // Without a device the runs that are left wait for the next sweep.
        let is_stranded = world.closed;
        prop_assert!(world.ends.iter().all(|ends| *ends == 1 || (is_stranded && *ends == 0)), "{:?}", world.ends);
        prop_assert!(!is_stranded || world.slots.iter().all(|slots| *slots == 0));
    }

    /// The same when it is stopped, or stops itself after too many failures: running runs end, and no other starts.
    #[test]
    fn after_a_stop_what_runs_ends_and_nothing_starts(
        runs in 1..12_usize,
        slots in prop::collection::vec(1..4_usize, 1..4),
        retries in 0..4_u32,
        max_failures in prop::option::of(1..4_u32),
        events in prop::collection::vec(any::<u32>(), 400),
    ) {
        let limits = Limits { retries, max_failures };
        let mut scheduler = Scheduler::new(0..runs, slots.clone(), BTreeMap::new(), limits, Box::new(StopByStep));
        let mut world = World::new(runs, slots);
        world.act(scheduler.start());
        let mut events = events.into_iter();
        while !scheduler.is_done() {
            let input = world.happen(events.next().unwrap_or(12), true).or_else(|| world.happen(0, true));
            world.act(scheduler.next(input.expect("something can happen to runs that are not done")));
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
        let mut world = World::new(runs, slots.clone());
        world.act(scheduler.start());
        let mut numbers = events.into_iter().zip(picks);
        while !scheduler.is_done() {
            let (event, pick) = numbers.next().expect("it ends before the numbers do");
            let input = match world.on.is_empty() {
                true => world.happen(0, false),
                false => world.happen(event + 16 * pick, false),
            };
            world.act(scheduler.next(input.expect("something can happen to runs that are not done")));
        }
        // Deaths in company prove nothing: two of them, and one more try alone, may come on top.
        let most = if retries == 0 { 1 } else { retries + 3 };
        // Runs that crowd a worker's memory start again at no cost, in one with half the slots: with up to three, once.
        let most = most + slots.len() as u32;
        // A bystander of another run's time-out starts again at no cost, as often as others time out.
        let timeouts = world.starts.iter().map(|starts| (*starts).min(most)).sum::<u32>();
        prop_assert!(world.starts.iter().all(|starts| *starts <= most + timeouts), "{:?}", world.starts);
    }
}

#[test]
fn a_run_is_tried_again_after_a_death_and_quarantined_after_the_second() {
    let mut scheduler = scheduler(1, &[1], 5);
    assert_eq!(scheduler.start(), [Action::Start(0, 0)]);
    let [Action::Retry { run: 0, count, pause, .. }] = &scheduler.next(died(0))[..] else { panic!("no retry") };
    assert_eq!((count.failures, count.deaths, *pause), (1, 1, FIRST_PAUSE));
    assert_eq!(scheduler.next(Input::Waited(0)), [Action::Start(0, 0)]);
    let [Action::Finish(0, outcome)] = &scheduler.next(died(0))[..] else { panic!("no quarantine") };
    assert_eq!((outcome.status, outcome.cause), (Status::Failed, Some(Cause::Signal)));
    assert_eq!(outcome.reason.as_deref(), Some("quarantined after 2 deaths: signal: 9 (SIGKILL)"));
    assert!(scheduler.is_done());
}

#[test]
fn failures_of_an_earlier_sweep_count() {
    let counts = BTreeMap::from([(0, FailureCount { failures: 2, ..FailureCount::default() })]);
    let mut scheduler =
        Scheduler::new(0..1, vec![1], counts, Limits { retries: 2, max_failures: None }, Box::new(TrainAll));
    scheduler.start();
    let failed = Outcome::failed(Cause::Io, "disk full");
    assert_eq!(scheduler.next(Input::Ended(0, failed.clone())), [Action::Finish(0, failed)]);
}

#[test]
fn pauses_grow_up_to_a_bound() {
    let mut scheduler = scheduler(1, &[1], 20);
    scheduler.start();
    let mut pauses = Vec::new();
    for _ in 0..8 {
        let actions = scheduler.next(Input::Ended(0, Outcome::failed(Cause::Io, "disk full")));
        let [Action::Retry { pause, .. }] = &actions[..] else { panic!("{actions:?}") };
        pauses.push(pause.as_secs());
        scheduler.next(Input::Waited(0));
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
}

#[test]
fn results_and_hopeless_failures_are_not_tried_again() {
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

/// A queue that refuses a worker for good would refuse it again.
#[test]
fn the_runs_of_a_worker_that_cannot_be_had_fail_at_once() {
    let mut scheduler = scheduler(3, &[2, 1], 2);
    scheduler.start();
    let reason = "invalid partition".to_owned();
    let died = Input::Died { worker: 0, culprit: None, cause: Cause::Config, reason, is_blameless: false };
    let failed = Outcome::failed(Cause::Config, "invalid partition");
    assert_eq!(scheduler.next(died), [0, 2].map(|run| Action::Finish(run, failed.clone())));
}

/// Three runs share a worker and one of them kills it: that one fails, the others end well.
#[test]
fn of_several_runs_in_a_worker_the_killer_is_found() {
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
                    None => Input::Waited(world.waiting.pop_first().unwrap()),
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
fn a_run_out_of_memory_is_tried_again_after_all_others_and_alone() {
    let mut scheduler = scheduler(4, &[1, 1], 2);
    scheduler.start();
    let memory = Outcome::failed(Cause::OutOfMemory, "no memory");
    let actions = scheduler.next(Input::Ended(0, memory));
    assert!(matches!(&actions[..], [Action::Retry { run: 0, alone: true, .. }, Action::Start(0, 2)]), "{actions:?}");
    assert_eq!(scheduler.next(Input::Waited(0)), []);
    assert_eq!(scheduler.next(Input::Ended(1, done()))[1..], [Action::Start(1, 3)]);
    assert_eq!(scheduler.next(Input::Ended(2, done())).len(), 1, "a slot is free and another run still trains");
    assert_eq!(scheduler.next(Input::Ended(3, done()))[1..], [Action::Start(0, 0)]);
}

#[test]
fn the_runs_beside_one_that_hangs_go_on_at_no_cost() {
    let mut scheduler = scheduler(2, &[2], 0);
    scheduler.start();
    let hung = Input::Died {
        worker: 0,
        culprit: Some(1),
        cause: Cause::Timeout,
        reason: "hangs".to_owned(),
        is_blameless: false,
    };
    let actions = scheduler.next(hung);
    let [Action::Finish(1, outcome), Action::Start(0, 0)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!(outcome.status, Status::TimedOut);
}

#[test]
fn nothing_starts_after_a_stop_and_a_death_is_then_an_interruption() {
    let mut scheduler = scheduler(3, &[1], 2);
    assert_eq!(scheduler.start(), [Action::Start(0, 0)]);
    assert_eq!(scheduler.next(Input::Stop), []);
    let actions = scheduler.next(died(0));
    let [Action::Finish(0, outcome)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!(outcome.status, Status::Interrupted);
    assert!(scheduler.is_done());
}

#[test]
fn too_many_failures_stop_everything() {
    let limits = Limits { retries: 0, max_failures: Some(2) };
    let mut scheduler = Scheduler::new(0..5, vec![1, 1], BTreeMap::new(), limits, Box::new(TrainAll));
    scheduler.start();
    let failed = |run| Input::Ended(run, Outcome::failed(Cause::Config, "x"));
    assert_eq!(scheduler.next(failed(0)).len(), 2, "the next one starts");
    let actions = scheduler.next(failed(1));
    assert_eq!(actions[1..], [Action::Halt(2)]);
    let stopped = Outcome::early(Status::Interrupted, 3, "stopped");
    assert_eq!(scheduler.next(Input::Ended(2, stopped.clone())), [Action::Finish(2, stopped)]);
    assert!(scheduler.is_done());
}

#[test]
fn a_policy_stops_runs_that_train_and_runs_that_wait() {
    let mut scheduler = with_policy(4, &[1, 1], 2, StopByStep);
    scheduler.start();
    let evaluated = |run, step| Input::Evaluated(run, evaluation(step));
    let reason = "not good enough".to_owned();
    assert_eq!(scheduler.next(evaluated(0, 1)), [Action::Stop { run: 1, reason: reason.clone() }]);
    assert_eq!(scheduler.evaluation(0).map(|evaluation| evaluation.step), Some(1));
    assert_eq!(scheduler.next(evaluated(0, 1)), [], "once is enough");
    assert_eq!(scheduler.next(evaluated(2, 0)), [], "run 2 does not train");
    let stopped = |reason: &str| Outcome::early(Status::Interrupted, 0, reason);
    assert_eq!(scheduler.next(evaluated(0, 2)), [Action::Finish(2, stopped(&reason))]);
    let ended = Outcome::early(Status::Interrupted, 7, reason);
    let actions = scheduler.next(Input::Ended(1, ended.clone()));
    assert_eq!(actions, [Action::Finish(1, ended), Action::Start(1, 3)]);
    scheduler.next(evaluated(3, 3));
    assert_eq!(scheduler.next(died(1)), [Action::Finish(3, stopped("signal: 9 (SIGKILL)"))], "it is not tried again");
    scheduler.next(Input::Ended(0, done()));
    assert!(scheduler.is_done());
}

#[test]
fn a_cancelled_run_ends_whether_it_trains_or_waits_and_the_others_go_on() {
    let mut scheduler = scheduler(3, &[1], 2);
    assert_eq!(scheduler.start(), [Action::Start(0, 0)]);
    let cancel = |run| Input::Cancel(run, "too slow".to_owned());
    let ended = |run| Action::Finish(run, Outcome::early(Status::Interrupted, 0, "too slow"));
    assert_eq!(scheduler.next(cancel(1)), [ended(1)]);
    assert_eq!(scheduler.next(cancel(0)), [Action::Stop { run: 0, reason: "too slow".to_owned() }]);
    assert_eq!(scheduler.next(cancel(0)), [], "once is enough");
    let interrupted = Outcome::early(Status::Interrupted, 7, "too slow");
    let actions = scheduler.next(Input::Ended(0, interrupted.clone()));
    assert_eq!(actions, [Action::Finish(0, interrupted), Action::Start(0, 2)]);
    assert_eq!(scheduler.next(cancel(1)), [], "it has ended");
}

fn device_failed(worker: WorkerId) -> Input {
    Input::Died { worker, culprit: None, cause: Cause::Device, reason: "wrong numbers".to_owned(), is_blameless: false }
}

#[test]
fn the_runs_of_a_lost_device_move_to_the_others() {
    let mut scheduler = scheduler(4, &[1, 1], 0);
    assert_eq!(scheduler.start(), [Action::Start(0, 0), Action::Start(1, 1)]);
    assert_eq!(scheduler.next(device_failed(1)), [Action::Start(1, 1)], "it is tried once more");
    assert_eq!(scheduler.next(device_failed(1)), [Action::Retire(1, "wrong numbers".to_owned())]);
    let finish = |run| Action::Finish(run, done());
    assert_eq!(scheduler.next(Input::Ended(0, done())), [finish(0), Action::Start(0, 1)], "it comes next");
    assert_eq!(scheduler.next(Input::Ended(1, done())), [finish(1), Action::Start(0, 2)]);
    assert_eq!(scheduler.next(Input::Ended(2, done())), [finish(2), Action::Start(0, 3)]);
    assert_eq!(scheduler.next(Input::Ended(3, done())), [finish(3)]);
    assert!(scheduler.is_done());
}

#[test]
fn a_device_that_has_worked_since_is_not_lost() {
    let mut scheduler = scheduler(3, &[1], 0);
    scheduler.start();
    assert_eq!(scheduler.next(device_failed(0)), [Action::Start(0, 0)]);
    scheduler.next(Input::Ended(0, done()));
    assert_eq!(scheduler.next(device_failed(0)), [Action::Start(0, 1)]);
    assert_eq!(scheduler.next(device_failed(0)).len(), 2);
}

#[test]
fn without_any_device_the_sweep_ends_and_no_run_has_failed() {
    let mut scheduler = scheduler(3, &[2, 1], 2);
    scheduler.start();
    scheduler.next(device_failed(0));
    scheduler.next(device_failed(1));
    scheduler.next(device_failed(0));
    let reason = "wrong numbers".to_owned();
    assert_eq!(scheduler.next(device_failed(1)), [Action::Retire(1, reason.clone()), Action::Strand(reason)]);
    assert!(scheduler.is_done());
}

#[test]
fn runs_that_crowd_a_device_go_on_in_half_of_its_slots() {
    let mut scheduler = scheduler(6, &[4], 0);
    assert_eq!(scheduler.start().len(), 4);
    let memory = || Input::Died {
        worker: 0,
        culprit: None,
        cause: Cause::OutOfMemory,
        reason: "none left".to_owned(),
        is_blameless: false,
    };
    let starts = [Action::Narrow(0, 2), Action::Start(0, 0), Action::Start(0, 1)];
    assert_eq!(scheduler.next(memory()), starts);
    assert_eq!(scheduler.next(memory()), [Action::Narrow(0, 1), Action::Start(0, 0)]);
    let actions = scheduler.next(memory());
    let [Action::Finish(0, outcome), Action::Start(0, 1)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!((outcome.status, outcome.cause), (Status::Failed, Some(Cause::OutOfMemory)));
}

/// As a time limit of a cluster does, again and again, to a run that takes days.
#[test]
fn interruptions_count_as_long_as_no_checkpoint_is_written_between_them() {
    let ended = || Input::Died {
        worker: 0,
        culprit: None,
        cause: Cause::LostWorker,
        reason: "preempted".to_owned(),
        is_blameless: true,
    };
    let mut scheduler = scheduler(1, &[1], 0);
    scheduler.start();
    for _ in 0..3 * MOST_INTERRUPTIONS {
        scheduler.progressed(0);
        assert!(matches!(scheduler.next(ended())[..], [Action::Retry { run: 0, .. }]));
        assert_eq!(scheduler.next(Input::Waited(0)), [Action::Start(0, 0)]);
    }
    for _ in 1..MOST_INTERRUPTIONS {
        assert!(matches!(scheduler.next(ended())[..], [Action::Retry { run: 0, .. }]));
        scheduler.next(Input::Waited(0));
    }
    assert!(matches!(scheduler.next(ended())[..], [Action::Finish(0, _)]));
}
