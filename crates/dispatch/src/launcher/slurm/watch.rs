//! The tasks of a launcher, from the wish to start one to its end.

use super::followed::Followed;
use super::queue::{Ended, QueueError, Queued, State, call, queue};
use super::script::{pattern, script};
use super::{Setting, Task};
use crate::channel::Channel;
use crate::launcher::exit::{Exit, LastLines};
use crate::launcher::{Event, WorkerEvent, WorkerSpec};
use crate::protocol::{Answer, Misplaced, Order, Update};
use crate::scheduler::WorkerId;
use record::{Cause, Joined, Plan, SweepFolder, TaskStart};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// Workers that are asked for within this time of each other are one array.
const GATHER: Duration = Duration::from_millis(150);

/// Between two questions to Slurm: from the first, after a change, to the second.
const POLL: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];

/// Tasks of one array, if the site does not say how many it takes.
const ARRAY: usize = 1000;

/// Before a submission that was refused for the moment is tried again.
const PATIENCE: Duration = Duration::from_secs(10);

/// See the module.
#[derive(Debug)]
pub(super) struct Watch {
    setting: Setting,
    workers: BTreeMap<WorkerId, Worker>,
    /// When a worker was asked for last.
    asked: Instant,
    /// No submission before this.
    not_before: Instant,
    /// How many tasks an array may have.
    array: Option<usize>,
    polled: Instant,
    interval: Duration,
    warned: bool,
    /// Of each run in the plan, by its id.
    places: HashMap<String, usize>,
    /// Whether the sweep was told to leave.
    is_given_up: bool,
    /// Numeric classes of nodes, as far as they matter.
    classes: BTreeMap<String, String>,
    /// Runs that were misplaced, by id: no other class than that of their checkpoints goes on with them.
    misplaced: HashMap<String, Misplaced>,
}

/// What tasks of one array have in common: also the numeric class of their nodes, if any are ruled out.
type Kind = (WorkerSpec, Option<String>);

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

    /// Submits all workers that wait for it, as few arrays as the site takes.
    pub(super) fn submit(&mut self) {
        if Instant::now() < self.not_before || self.setting.tasks.is_given_up() {
            return;
        }
        let waiting: Vec<WorkerId> =
            self.workers.iter().filter(|(_, worker)| worker.task.is_none()).map(|(id, _)| *id).collect();
        let mut groups: Vec<(Kind, Vec<WorkerId>)> = Vec::new();
        for id in waiting {
            let worker = &self.workers[&id];
            let class = worker.orders.first().and_then(|order| self.class_of(order));
            let key = (worker.spec.clone(), class.map(str::to_owned));
            match groups.iter_mut().find(|(of, _)| *of == key) {
                Some((_, ids)) => ids.push(id),
                None => groups.push((key, vec![id])),
            }
        }
        for ((spec, class), ids) in groups {
            let most = *self.array.get_or_insert_with(array_size);
            for ids in ids.chunks(most.max(1)) {
                if let Err(error) = self.submit_array(&spec, class.as_deref(), ids) {
                    self.refused(ids, class.as_deref(), error);
                    return;
                }
            }
        }
    }

    /// The numeric class of the only nodes that may train what is ordered, if any are ruled out.
    fn class_of(&self, order: &Order) -> Option<&str> {
        match order {
            Order::Train(run) => self.misplaced.get(run).map(|why| why.found.class.as_str()),
            _ => None,
        }
    }

    /// Submits a task for each worker, with those of its orders that the class of nodes may carry out.
    fn submit_array(&mut self, spec: &WorkerSpec, class: Option<&str>, ids: &[WorkerId]) -> Result<(), SubmitError> {
        let Setting { command, resources, tasks, slots, after, plan } = &self.setting;
        let (name, folder) = tasks.array()?;
        let mut followed = Vec::new();
        for (index, id) in (0..).zip(ids) {
            let worker = &self.workers[id];
            let (orders, later): (Vec<Order>, Vec<Order>) =
                worker.orders.iter().cloned().partition(|order| self.class_of(order) == class);
            let channel = Channel::create(&folder.join(index.to_string()), &orders)?;
            if let Some(plan) = plan {
                let part = serde_json::to_vec(&part_of(plan, &self.places, &orders)).map_err(io::Error::from)?;
                record::write_derived(&SweepFolder::new(channel.folder()).plan(), &part)?;
            }
            if worker.is_dismissed {
                channel.end()?;
            }
            let mut task = Followed::new(name.clone(), index, channel);
            orders.iter().for_each(|order| task.ordered(order));
            followed.push((task, later));
        }
        let at_once = WorkerSpec { slots: slots.unwrap_or(spec.slots), ..spec.clone() };
        let arguments = [command.arguments(&at_once), vec!["--task".into()]].concat();
        let last = Some((folder.as_path(), "SLURM_ARRAY_TASK_ID"));
        let text = script(&resources.setup, &spec.environment, &command.program, &arguments, last);
        let path = folder.join("script.sh");
        fs::write(&path, text)?;
        let log = pattern(&folder, "%a/log.txt");
        let others = self.classes.iter().filter(|(_, of)| class.is_some_and(|class| class != of.as_str()));
        let excluded: BTreeSet<&str> = others.map(|(node, _)| node.as_str()).collect();
        let mut arguments = resources.excluding(&excluded).arguments(&name, Some(ids.len()), &log, after.as_deref());
        arguments.push(path.display().to_string());
        match call("sbatch", &arguments) {
            Ok(_) => {}
            // It may have been accepted: its name will show it.
            Err(error) if error.is_transient() && !is_limit(&error) => self.not_before = Instant::now() + PATIENCE,
            Err(error) => {
                let _ = fs::remove_dir_all(&folder);
                return Err(error.into());
            }
        }
        for (id, (task, later)) in ids.iter().zip(followed) {
            if let Some(worker) = self.workers.get_mut(id) {
                worker.orders = later;
                worker.task = Some(task);
            }
        }
        self.polled = Instant::now();
        self.interval = POLL[0];
        Ok(())
    }

    /// No node of the class is left: its runs of that class cannot go on, and others wait for the next submission.
    fn strand(&mut self, id: WorkerId, class: Option<&str>) {
        let Some(worker) = self.workers.get_mut(&id) else { return };
        let report = |event| drop(worker.events.send(Event::Worker(id, event)));
        worker.orders.retain(|order| {
            let Order::Train(run) = order else { return true };
            let Some(why) = self.misplaced.get(run).filter(|why| Some(why.found.class.as_str()) == class) else {
                return true;
            };
            report(WorkerEvent::Answer(Answer { run: run.clone(), update: Update::Misplaced(why.clone()) }));
            false
        });
        if worker.orders.is_empty() {
            let reason = "its node was of another numeric class".to_owned();
            report(WorkerEvent::Exited(Exit { cause: Cause::LostWorker, reason, is_blameless: true }));
            self.workers.remove(&id);
        }
    }

    /// Tries again later, with smaller arrays where the site limits the jobs of a user; what can never be submitted has
    /// failed.
    fn refused(&mut self, ids: &[WorkerId], class: Option<&str>, error: SubmitError) {
        match &error {
            SubmitError::Queue(error) if class.is_some() && error.is_without_nodes() => {
                ids.iter().for_each(|id| self.strand(*id, class));
            }
            SubmitError::Queue(error) if is_limit(error) => {
                self.array = Some((ids.len() / 2).max(1));
                self.not_before = Instant::now() + if ids.len() > 1 { Duration::ZERO } else { PATIENCE };
            }
            _ => {
                for id in ids {
                    let exit = Exit { cause: Cause::Config, reason: record::with_causes(&error), is_blameless: false };
                    if let Some(worker) = self.workers.remove(id) {
                        let _ = worker.events.send(Event::Worker(*id, WorkerEvent::Exited(exit)));
                    }
                }
            }
        }
    }
}

/// The plan of the runs that are ordered, and of no other.
fn part_of(plan: &Plan, places: &HashMap<String, usize>, orders: &[Order]) -> Plan {
    let ordered = orders.iter().filter_map(|order| match order {
        Order::Train(run) => places.get(run),
        _ => None,
    });
    let runs = ordered.map(|place| plan.runs[*place].clone()).collect();
    Plan { runs, ..plan.without_runs() }
}

#[derive(Debug, thiserror::Error)]
enum SubmitError {
    #[error("cannot write the folder of its task")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// Whether the site allows the user no more jobs now.
fn is_limit(error: &QueueError) -> bool {
    matches!(error, QueueError::Refused { message, .. } if message.contains("SubmitJobLimit") || message.contains("violates accounting"))
}

/// Tasks that one array may have.
fn array_size() -> usize {
    let config = call("scontrol", &["show".to_owned(), "config".to_owned()]).unwrap_or_default();
    let size =
        config.lines().find_map(|line| line.strip_prefix("MaxArraySize")?.split('=').nth(1)?.trim().parse().ok());
    size.map_or(ARRAY, |size: usize| size.saturating_sub(1)).max(1)
}
