//! Plans dispatched to real worker processes: what is decided reaches the workers, and what they report is decided on.

use crate::common::{SharedFolder, script, spec};
use dispatch::launcher::Event;
use dispatch::protocol::{Answer, Order, Update};
use dispatch::{
    DispatchError, Dispatched, Dispatcher, Job, Launcher, Local, Notice, Observer, Policy, Retry, Run, Settings,
    TrainAll, WorkerCommand,
};
use record::{
    Cause, Direction, Evaluation, EventLog, Measurement, Outcome, Plan, PlannedRun, RunRecord, Status, SweepFolder,
};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// The time limit ends a test that would wait for ever.
const SETTINGS: Settings = Settings { retries: 2, max_failures: None, time_limit: Some(Duration::from_secs(60)) };

/// A sweep whose runs have these names.
struct Lab {
    temporary: TempDir,
    plan: Plan,
    folder: SweepFolder,
    workers: usize,
    slots: usize,
    settings: Settings,
    policy: Option<Box<dyn Policy>>,
    /// Sent when this many runs have started.
    stop_after: Option<usize>,
    notices: Vec<String>,
}

impl Lab {
    fn new(runs: &[&str]) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let run = |id: &&str| PlannedRun {
            id: (*id).to_owned(),
            digest: None,
            seed: 0,
            overrides: serde_json::Map::new(),
            steps: 1,
            config: serde_json::Value::Null,
        };
        let plan = Plan {
            format: record::FORMAT_VERSION,
            sweep: "test".to_owned(),
            description: String::new(),
            experiment: String::new(),
            environment: Vec::new(),
            sets: Vec::new(),
            experiment_digest: String::new(),
            created: 0.0,
            extended: Vec::new(),
            runs: runs.iter().map(run).collect(),
        };
        let folder = SweepFolder::new(temporary.path());
        let (policy, stop_after, notices) = Default::default();
        Self { temporary, plan, folder, workers: 2, slots: 1, settings: SETTINGS, policy, stop_after, notices }
    }

    fn run(&mut self) -> Result<Dispatched, DispatchError> {
        self.run_on(&mut Local::new(script("runs.sh")))
    }

    fn run_on(&mut self, launcher: &mut dyn Launcher) -> Result<Dispatched, DispatchError> {
        let mut spec = spec(self.slots);
        let folder = self.temporary.path().display().to_string();
        spec.environment = vec![("TEST_FOLDER".to_owned(), folder), ("TEST_EVALUATION".to_owned(), evaluation())];
        let job = Job {
            plan: &self.plan,
            folder: &self.folder,
            pending: (0..self.plan.runs.len()).collect(),
            workers: vec![spec; self.workers],
            ordered: Vec::new(),
        };
        let mut watcher = Watcher { plan: &self.plan, stop: None, notices: Vec::new() };
        let (policy, stop_after) = (self.policy.take().unwrap_or(Box::new(TrainAll)), self.stop_after);
        // The observer cannot send to a dispatcher that it is lent to before there is one.
        let (sender, receiver) = std::sync::mpsc::channel();
        watcher.stop = stop_after.map(|runs| (runs, receiver));
        let dispatcher = Dispatcher::new(job, self.settings, policy, launcher, &mut watcher);
        let _ = sender.send(dispatcher.events());
        let dispatched = dispatcher.run();
        self.notices = watcher.notices;
        dispatched
    }

    /// Runs in the order in which workers took them up.
    fn started(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.temporary.path().join("started")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

/// What a worker says of an evaluation of RUN, whose distance is 12345.
fn evaluation() -> String {
    let distance = Measurement { value: 12345.0, standard_error: None, direction: Direction::Lower };
    let evaluation = Evaluation {
        step: 1,
        at: 0.0,
        count: 8,
        features: "pixels".to_owned(),
        features_hash: String::new(),
        split: Evaluation::TRAIN.to_owned(),
        values: [("frechet".to_owned(), distance)].into(),
        floors: Default::default(),
        baselines: Default::default(),
        problems: Default::default(),
        by_class: Default::default(),
        settings: Default::default(),
    };
    let update = Update::Event(record::Event::Evaluation(evaluation));
    serde_json::to_string(&Answer { run: "RUN".to_owned(), update }).unwrap()
}

/// Writes down what happens; asks for a stop once so many runs have started.
struct Watcher<'a> {
    plan: &'a Plan,
    stop: Option<(usize, std::sync::mpsc::Receiver<std::sync::mpsc::Sender<Event>>)>,
    notices: Vec<String>,
}

impl Observer for Watcher<'_> {
    fn notice(&mut self, notice: Notice) {
        let id = |run: Run| &self.plan.runs[run].id;
        let line = match notice {
            Notice::Began(runs) => format!("{runs} runs"),
            Notice::Started(run) => format!("{} started", id(run)),
            Notice::Recorded(run, event) => format!("{} recorded: {event}", id(run)),
            Notice::Lost(run) => format!("{} lost", id(run)),
            Notice::Retrying { run, next: Retry::After(pause), .. } => format!("{} again after {pause:?}", id(run)),
            Notice::Retrying { run, next: Retry::Alone, .. } => format!("{} again alone", id(run)),
            Notice::Finished { run, outcome, evaluation } => {
                let value = evaluation.map(|evaluation| evaluation.values["frechet"].value);
                format!("{} {} {value:?}", id(run), outcome.status)
            }
            Notice::Narrowed { device, slots } => format!("{device} takes only {slots}"),
            Notice::Packed { device, slots } => format!("{device} takes {slots}"),
            Notice::Retired { device, reason } => format!("{device} is left out: {reason}"),
            Notice::Stderr(worker, line) => format!("worker {worker}: {line}"),
            Notice::Interrupted => "interrupted".to_owned(),
            Notice::Halted(reason) => reason.to_owned(),
            Notice::Unwritten(path, error) => panic!("{}: {error}", path.display()),
            Notice::Step(..) => return,
            Notice::Warning(line) => line.to_owned(),
            Notice::Ended => "ended".to_owned(),
            Notice::Left => "left".to_owned(),
        };
        self.notices.push(line);
        let started = self.notices.iter().filter(|line| line.ends_with(" started")).count();
        if let Some((_, dispatcher)) = self.stop.take_if(|(runs, _)| *runs == started) {
            dispatcher.recv().unwrap().send(Event::Stop).unwrap();
        }
    }
}

/// Stops every run whose distance is too large.
struct StopTheWorst;

impl Policy for StopTheWorst {
    fn evaluated(&mut self, run: Run, evaluation: &Evaluation) -> Vec<(Run, String)> {
        let distance = evaluation.values["frechet"].value;
        if distance > 10.0 { vec![(run, format!("a distance of {distance}"))] } else { Vec::new() }
    }
}

fn done() -> Outcome {
    // The script gives all of them a reason.
    Outcome { status: Status::Done, step: 1, reason: Some(String::new()), cause: None, weights_digest: None }
}

#[test]
fn all_runs_are_trained_in_the_order_of_the_plan() {
    let mut lab = Lab::new(&["good-0", "good-1", "good-2", "good-3"]);
    lab.workers = 1;
    let dispatched = lab.run().unwrap();
    assert_eq!(
        dispatched,
        Dispatched { outcomes: (0..4).map(|run| (run, done())).collect(), stopped: false, left: false, stranded: None }
    );
    assert_eq!(lab.started(), ["good-0", "good-1", "good-2", "good-3"]);
    assert_eq!(lab.notices[0], "4 runs");
    assert_eq!(lab.notices.last().unwrap(), "ended");
    assert!(lab.notices.contains(&"good-3 done Some(5.0)".to_owned()), "{:#?}", lab.notices);
}

/// From a worker's line through the policy to an order, and back as the run's end.
#[test]
fn a_policy_stops_a_run_by_its_evaluation() {
    let mut lab = Lab::new(&["good-0", "bad-1", "bad-2", "good-3"]);
    lab.policy = Some(Box::new(StopTheWorst));
    let dispatched = lab.run().unwrap();
    let stopped = || Outcome::early(Status::Interrupted, 1, "a distance of 50");
    let expected = [(0, done()), (1, stopped()), (2, stopped()), (3, done())];
    assert_eq!(dispatched, Dispatched { outcomes: expected.into(), stopped: false, left: false, stranded: None });
    assert!(lab.notices.contains(&"bad-2 interrupted Some(50.0)".to_owned()), "{:#?}", lab.notices);
}

#[test]
fn a_run_that_loses_its_worker_is_tried_again_and_its_record_says_so() {
    let mut lab = Lab::new(&["dies-once", "good"]);
    let dispatched = lab.run().unwrap();
    assert_eq!(dispatched.outcomes, [(0, done()), (1, done())].into());
    let of_run: Vec<&str> = lab.notices.iter().map(String::as_str).filter(|line| line.contains("dies-once")).collect();
    let expected = ["started", "lost", "again after 1s", "started", "done None"];
    assert_eq!(of_run, expected.map(|what| format!("dies-once {what}")));
    let outcome = RunRecord::read(lab.folder.run("dies-once")).unwrap().outcome.unwrap();
    assert_eq!((outcome.status, outcome.cause), (Status::Interrupted, Some(Cause::Signal)));
    let reason = "its worker died: signal: 9 (SIGKILL), perhaps because memory ran out: this is the end";
    assert_eq!(outcome.reason.as_deref(), Some(reason));
    assert!(!lab.folder.failures().exists(), "no failures are left to count");
}

#[test]
fn a_stop_ends_what_trains_and_starts_nothing_more() {
    let mut lab = Lab::new(&["waits-0", "waits-1", "good-2"]);
    lab.stop_after = Some(2);
    let dispatched = lab.run().unwrap();
    let stopped = || Outcome::early(Status::Interrupted, 1, "stopped by a signal");
    assert_eq!(
        dispatched,
        Dispatched { outcomes: [(0, stopped()), (1, stopped())].into(), stopped: true, left: false, stranded: None }
    );
}

#[test]
fn too_many_failures_stop_the_others() {
    let mut lab = Lab::new(&["dies-once", "waits", "good"]);
    lab.settings = Settings { retries: 0, max_failures: Some(1), ..SETTINGS };
    let outcomes = lab.run().unwrap().outcomes;
    let found: Vec<_> = outcomes.values().map(|outcome| (outcome.status, outcome.reason.as_deref().unwrap())).collect();
    assert_eq!(found[0].0, Status::Failed);
    assert_eq!(found[1..], [(Status::Interrupted, "stopped after 1 run had failed")]);
}

#[test]
fn a_time_limit_asks_a_run_to_stop() {
    let mut lab = Lab::new(&["waits"]);
    lab.settings = Settings { retries: 0, time_limit: Some(Duration::from_millis(50)), ..SETTINGS };
    let outcomes = lab.run().unwrap().outcomes;
    assert_eq!(outcomes[&0], Outcome::early(Status::TimedOut, 1, "reached its time limit of 50ms"));
}

/// One is known to be slow by its first step, the other one because an attempt was killed before.
#[test]
fn steps_that_are_slower_than_the_time_limit_are_waited_for() {
    let mut lab = Lab::new(&["slow-steps", "slow-start"]);
    lab.settings = Settings { retries: 0, time_limit: Some(Duration::from_millis(50)), ..SETTINGS };
    let killed = Outcome::failed(Cause::Timeout, "did not stop");
    EventLog::begin(&lab.folder.run("slow-start"), None).unwrap().end(&killed, 0.0).unwrap();
    let outcomes = lab.run().unwrap().outcomes;
    let expected = || Outcome::early(Status::TimedOut, 1, "reached its time limit of 50ms");
    assert_eq!(outcomes, [(0, expected()), (1, expected())].into());
}

/// A cluster's queue may take longer than the run.
#[test]
fn waiting_for_a_worker_uses_up_no_time_of_its_runs() {
    let mut lab = Lab::new(&["good-0", "good-1"]);
    lab.settings = Settings { retries: 0, time_limit: Some(Duration::from_secs(2)), ..SETTINGS };
    let files = tempfile::tempdir().unwrap();
    let mut launcher = SharedFolder::new(script("runs.sh"), files.path());
    launcher.queue = Duration::from_secs(3);
    let outcomes = lab.run_on(&mut launcher).unwrap().outcomes;
    assert!(launcher.orders.iter().all(|order| matches!(order, Order::Train(_))), "{:?}", launcher.orders);
    assert_eq!(outcomes, [(0, done()), (1, done())].into());
}

#[test]
fn answers_about_the_run_of_another_worker_are_ignored() {
    let mut lab = Lab::new(&["waits", "of-another-waits"]);
    lab.stop_after = None;
    lab.settings = Settings { retries: 0, time_limit: Some(Duration::from_secs(1)), ..SETTINGS };
    let outcomes = lab.run().unwrap().outcomes;
    assert_eq!(outcomes[&0].status, Status::TimedOut, "{outcomes:?}");
    assert_eq!(outcomes[&1], done());
}

#[test]
fn a_worker_that_cannot_be_started_is_an_error() {
    let nowhere = WorkerCommand { program: Path::new("/nowhere").to_owned(), arguments: Vec::new() };
    let error = Lab::new(&["good"]).run_on(&mut Local::new(nowhere)).unwrap_err();
    assert_eq!(error.to_string(), "cannot start a worker");
}
