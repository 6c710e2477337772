//! The tasks of a launcher, from the wish to start one to its end.

mod submit;

use super::followed::Followed;
use super::queue::{Ended, Queued, State, call, queue};
use super::{Setting, Task};
use crate::launcher::exit::{Exit, LastLines};
use crate::launcher::{Event, WorkerEvent, WorkerSpec};
use crate::protocol::{Misplaced, Order};
use crate::scheduler::WorkerId;
use record::{Cause, Joined, SweepFolder, TaskStart};
use std::collections::{BTreeMap, HashMap};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// Workers that are asked for within this time of each other are one array.
const GATHER: Duration = Duration::from_millis(150);

/// Between two questions to Slurm: from the first, after a change, to the second.
const POLL: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];

/// See the module.
#[derive(Debug)]
pub(super) struct Watch {
    setting: Setting,
    workers: BTreeMap<WorkerId, Worker>,
    /// When a worker was asked for last.
    asked: Instant,
    /// No submission before this.
    not_before: Instant,
    /// How many tasks an array may have: at most, and now, while the site takes no larger ones.
    array: Option<(usize, usize)>,
    polled: Instant,
    interval: Duration,
    warned: bool,
    /// Why tasks are not submitted yet, as it was said.
    refusal: Option<String>,
    /// Whether this process leaves.
    leaves: bool,
    /// Of each run in the plan, by its id.
    places: HashMap<String, usize>,
    /// Whether the sweep was told to leave.
    is_given_up: bool,
    /// Numeric classes of nodes, as far as they matter.
    classes: BTreeMap<String, String>,
    /// Runs that were misplaced, by id: no other class than that of their checkpoints goes on with them.
    misplaced: HashMap<String, Misplaced>,
}

#[derive(Debug)]
struct Worker {
    spec: WorkerSpec,
    events: Sender<Event>,
    /// Orders that no task has got yet.
    orders: Vec<Order>,
    is_dismissed: bool,
    is_killed: bool,
    task: Option<Followed>,
}

impl Watch {
    pub(super) fn new(setting: Setting) -> Self {
        let now = Instant::now();
        let runs = setting.plan.iter().flat_map(|plan| &plan.runs);
        let places = runs.enumerate().map(|(place, run)| (run.id.clone(), place)).collect();
        Self {
            setting,
            places,
            workers: BTreeMap::new(),
            asked: now,
            not_before: now,
            array: None,
            polled: now,
            interval: POLL[0],
            warned: false,
            refusal: None,
            leaves: false,
            is_given_up: false,
            classes: BTreeMap::new(),
            misplaced: HashMap::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.workers.is_empty()
    }

    pub(super) fn start(&mut self, id: WorkerId, spec: &WorkerSpec, events: &Sender<Event>, adopted: Option<Task>) {
        let task = adopted.map(|task| {
            let open = task.channel.unanswered().unwrap_or_default();
            let mut followed = Followed::new(task.name, task.index, task.channel);
            open.into_iter().for_each(|run| *followed.open.entry(run).or_default() += 1);
            // What was answered before is in the records.
            let _ = followed.answers.read();
            followed
        });
        let (spec, events, orders) = (spec.clone(), events.clone(), Vec::new());
        self.workers.insert(id, Worker { spec, events, orders, is_dismissed: false, is_killed: false, task });
        self.asked = Instant::now();
    }

    pub(super) fn send(&mut self, id: WorkerId, order: &Order) {
        let Some(worker) = self.workers.get_mut(&id) else { return };
        if let Some(task) = &mut worker.task {
            // One that has left gets no orders: the next task of this worker has them.
            if task.channel.order(order).unwrap_or(false) {
                task.ordered(order);
                return;
            }
        }
        worker.orders.push(order.clone());
    }

    pub(super) fn kill(&mut self, id: WorkerId) {
        if let Some(worker) = self.workers.get_mut(&id) {
            worker.is_killed = true;
            self.interval = POLL[0];
        }
    }

    pub(super) fn kill_all(&mut self) {
        self.workers.retain(|_, worker| worker.task.is_some());
        self.workers.values_mut().for_each(|worker| worker.is_killed = true);
    }

    pub(super) fn dismiss(&mut self, id: WorkerId) {
        let Some(worker) = self.workers.get_mut(&id) else { return };
        worker.is_dismissed = true;
        if let Some(task) = &worker.task {
            let _ = task.channel.end();
        }
    }

    /// Looks at files and, when it is time, asks Slurm.
    pub(super) fn tick(&mut self) {
        if self.setting.tasks.is_given_up() {
            if let (Some(worker), false) = (self.workers.values().next(), self.is_given_up) {
                self.is_given_up = true;
                let _ = worker.events.send(Event::Stop);
            }
            return;
        }
        if self.asked.elapsed() >= GATHER {
            self.submit();
        }
        self.listen();
        if self.polled.elapsed() >= self.interval {
            self.poll();
        }
    }

    /// Passes on what running tasks have written.
    fn listen(&mut self) {
        let mut gone = Vec::new();
        for (id, worker) in &mut self.workers {
            let Some(task) = worker.task.as_mut().filter(|task| task.is_running || task.is_ready) else { continue };
            for (run, why) in task.listen(*id, &worker.events) {
                let line = format!("{run} moves to another node: {why}");
                let _ = worker.events.send(Event::Worker(*id, WorkerEvent::Warning(line)));
                self.classes.insert(why.node.clone(), why.here.class.clone());
                // The next task of this worker has it.
                worker.orders.push(Order::Train(run.clone()));
                self.misplaced.insert(run, why);
            }
            // A task that has done all it was ordered to and left has ended, whatever Slurm says.
            if task.has_left() {
                gone.push(*id);
            }
        }
        for id in gone {
            self.end(id, Exit::of(ExitStatus::from_raw(0), &LastLines::default()));
        }
    }

    fn poll(&mut self) {
        self.polled = Instant::now();
        let Ok(jobs) = queue(self.setting.tasks.prefix()) else {
            // Nothing is known of any task: they are as they were.
            self.interval = (self.interval * 2).min(POLL[1]);
            return;
        };
        let mut known: HashMap<(String, u32), Queued> = HashMap::new();
        for job in jobs {
            let key = (job.name.clone(), job.index.unwrap_or(0));
            // A name is given once; of two jobs that have it, the living one counts.
            if known.get(&key).is_none_or(|other| !other.state.is_alive()) {
                known.insert(key, job);
            }
        }
        let (mut ended, mut changed) = (Vec::new(), false);
        for (id, worker) in &mut self.workers {
            let Some(task) = &mut worker.task else { continue };
            let job = known.get(&(task.name.clone(), task.index));
            let before = task.is_running;
            match task.see(job) {
                Some(end) => ended.push((*id, end)),
                None if worker.is_killed && !task.kill_sent => {
                    if let Some(job) = &task.id {
                        let signal = ["--signal=KILL", "--full"].map(str::to_owned);
                        let word = [&signal[..], std::slice::from_ref(job)].concat();
                        let running = task.is_running && call("scancel", &word).is_ok();
                        task.kill_sent = running || call("scancel", std::slice::from_ref(job)).is_ok();
                    }
                }
                None => {}
            }
            changed |= before != task.is_running;
            if let (Some(Queued { state: State::Unknown(word), .. }), false) = (job, self.warned) {
                self.warned = true;
                let line = format!("Slurm calls a job {word}, which this version does not know: it counts as alive");
                let _ = worker.events.send(Event::Worker(*id, WorkerEvent::Warning(line)));
            }
        }
        changed |= !ended.is_empty();
        self.interval = if changed { POLL[0] } else { (self.interval * 3 / 2).min(POLL[1]) };
        for (id, end) in ended {
            self.finish(id, end);
        }
    }

    /// The task has ended, or is lost.
    fn finish(&mut self, id: WorkerId, end: Option<Ended>) {
        let Some(worker) = self.workers.get_mut(&id) else { return };
        let Some(task) = &mut worker.task else { return };
        task.is_running = true;
        task.listen(id, &worker.events);
        let lines = task.last.clone();
        let exit = match end {
            _ if worker.is_killed => Exit::of(ExitStatus::from_raw(9), &lines),
            Some(end) => end.exit(self.setting.resources.limit().as_deref(), &lines),
            None => Exit {
                cause: Cause::LostWorker,
                reason: "Slurm does not know its job any more".to_owned(),
                is_blameless: true,
            },
        };
        // Slurm says that it is dead: its runs may be taken up at once.
        if let Some(sweep) = self.setting.tasks.path().parent() {
            let task = task.channel.name();
            Joined::new(&SweepFolder::new(sweep)).retire(&TaskStart { task, restarts: u32::MAX });
        }
        self.end(id, exit);
    }

    /// The worker is gone, unless it was given orders that its task did not take any more.
    fn end(&mut self, id: WorkerId, exit: Exit) {
        let Some(worker) = self.workers.get_mut(&id) else { return };
        let is_clean = worker.task.as_ref().is_some_and(Followed::has_left);
        worker.task = None;
        if is_clean && !worker.orders.is_empty() && !worker.is_killed {
            self.asked = Instant::now();
            return;
        }
        if let Some(worker) = self.workers.remove(&id) {
            let _ = worker.events.send(Event::Worker(id, WorkerEvent::Exited(exit)));
        }
    }
}
