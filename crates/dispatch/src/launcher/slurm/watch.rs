//! The tasks of a launcher, from the wish to start one to its end.

use super::queue::{Ended, QueueError, Queued, State, call, queue};
use super::script::{pattern, script};
use super::{Setting, Task};
use crate::channel::{Answers, Channel, Tail};
use crate::launcher::exit::{Exit, LastLines};
use crate::launcher::{Event, WorkerEvent, WorkerSpec};
use crate::protocol::{Order, Update};
use crate::scheduler::WorkerId;
use record::{Cause, Joined, Plan, SweepFolder, TaskStart};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// Workers that are asked for within this time of each other are one array.
const GATHER: Duration = Duration::from_millis(150);

/// Between two questions to Slurm: from the first, after a change, to the second.
const POLL: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];

/// A task that this many answers in a row do not know is lost, and so is an end that they show.
const LOOKS: u32 = 2;

/// Tasks of one array, if the site does not say how many it takes.
const ARRAY: usize = 1000;

/// Before a submission that was refused for the moment is tried again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes at the end of a log that explain an end.
const TAIL: usize = 4096;

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

/// A task that was submitted.
#[derive(Debug)]
struct Followed {
    name: String,
    index: u32,
    channel: Channel,
    answers: Answers,
    /// Runs whose ends are still to come; by run, as often as they were ordered.
    open: HashMap<String, i64>,
    is_ready: bool,
    is_running: bool,
    /// Its log, as far as it was passed on, and the last lines of that.
    log: Tail,
    last: LastLines,
    /// Answers of Slurm in a row that did not know it, or that showed its end.
    absent: u32,
    ended: u32,
    /// As Slurm knows it.
    id: Option<String>,
    kill_sent: bool,
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
            task.listen(*id, &worker.events);
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
                let _ = worker.events.send(Event::Worker(*id, WorkerEvent::Stderr(line)));
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
        let mut groups: Vec<(WorkerSpec, Vec<WorkerId>)> = Vec::new();
        for id in waiting {
            let spec = self.workers[&id].spec.clone();
            match groups.iter_mut().find(|(of, _)| *of == spec) {
                Some((_, ids)) => ids.push(id),
                None => groups.push((spec, vec![id])),
            }
        }
        for (spec, ids) in groups {
            let most = *self.array.get_or_insert_with(array_size);
            for ids in ids.chunks(most.max(1)) {
                if let Err(error) = self.submit_array(&spec, ids) {
                    self.refused(ids, error);
                    return;
                }
            }
        }
    }

    fn submit_array(&mut self, spec: &WorkerSpec, ids: &[WorkerId]) -> Result<(), SubmitError> {
        let Setting { command, resources, tasks, slots, after, plan } = &self.setting;
        let (name, folder) = tasks.array()?;
        let mut followed = Vec::new();
        for (index, id) in (0..).zip(ids) {
            let worker = &self.workers[id];
            let channel = Channel::create(&folder.join(index.to_string()), &worker.orders)?;
            if let Some(plan) = plan {
                let part = serde_json::to_vec(&part_of(plan, &self.places, &worker.orders)).map_err(io::Error::from)?;
                record::write_derived(&SweepFolder::new(channel.folder()).plan(), &part)?;
            }
            if worker.is_dismissed {
                channel.end()?;
            }
            let mut task = Followed::new(name.clone(), index, channel);
            worker.orders.iter().for_each(|order| task.ordered(order));
            followed.push(task);
        }
        let at_once = WorkerSpec { slots: slots.unwrap_or(spec.slots), ..spec.clone() };
        let arguments = [command.arguments(&at_once), vec!["--task".into()]].concat();
        let last = Some((folder.as_path(), "SLURM_ARRAY_TASK_ID"));
        let text = script(&resources.setup, &spec.environment, &command.program, &arguments, last);
        let path = folder.join("script.sh");
        fs::write(&path, text)?;
        let log = pattern(&folder, "%a/log.txt");
        let mut arguments = resources.arguments(&name, Some(ids.len()), &log, after.as_deref());
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
        for (id, task) in ids.iter().zip(followed) {
            if let Some(worker) = self.workers.get_mut(id) {
                worker.orders.clear();
                worker.task = Some(task);
            }
        }
        self.polled = Instant::now();
        self.interval = POLL[0];
        Ok(())
    }

    /// Tries again later, with smaller arrays where the site limits the jobs of a user; what can never be submitted has
    /// failed.
    fn refused(&mut self, ids: &[WorkerId], error: SubmitError) {
        match &error {
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

impl Followed {
    fn new(name: String, index: u32, channel: Channel) -> Self {
        Self {
            name,
            index,
            answers: Answers::of(&channel),
            channel,
            open: HashMap::new(),
            is_ready: false,
            is_running: false,
            log: Tail::default(),
            last: LastLines::default(),
            absent: 0,
            ended: 0,
            id: None,
            kill_sent: false,
        }
    }

    fn ordered(&mut self, order: &Order) {
        if let Order::Train(run) = order {
            *self.open.entry(run.clone()).or_default() += 1;
        }
    }

    /// Passes on answers, and lines of the log.
    fn listen(&mut self, id: WorkerId, events: &Sender<Event>) {
        // What cannot be read now is read at the next look.
        let answers = self.answers.read().unwrap_or_default();
        let report = |event| drop(events.send(Event::Worker(id, event)));
        if !self.is_ready && (self.answers.starts() > 0 || self.is_running) {
            self.is_ready = true;
            report(WorkerEvent::Ready);
        }
        for line in self.log.read(&self.channel.log()).unwrap_or_default() {
            let line = String::from_utf8_lossy(&line).into_owned();
            self.last.push(&line);
            report(WorkerEvent::Stderr(line));
        }
        for answer in answers {
            if let Update::Ended(_) = answer.update {
                *self.open.entry(answer.run.clone()).or_default() -= 1;
            }
            report(WorkerEvent::Answer(answer));
        }
    }

    /// Whether it has left, and nothing is open.
    fn has_left(&self) -> bool {
        self.channel.is_closed() && self.open.values().all(|open| *open <= 0)
    }

    /// What Slurm says of it now; returns how it ended, if that is certain: `None` inside for a job that is lost.
    fn see(&mut self, job: Option<&Queued>) -> Option<Option<Ended>> {
        let Some(job) = job else {
            self.absent += 1;
            return (self.absent >= LOOKS).then_some(None);
        };
        self.absent = 0;
        self.id = Some(job.id.clone());
        match &job.state {
            State::Ended(end) => {
                // A job that is put back into the queue looks ended for a moment.
                self.ended += 1;
                return (self.ended >= LOOKS).then(|| Some(end.clone()));
            }
            state => {
                self.ended = 0;
                self.is_running = matches!(state, State::Running(_));
            }
        }
        None
    }
}

/// The last lines of a log.
pub(super) fn tail(path: &PathBuf) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let bytes = &bytes[bytes.len().saturating_sub(TAIL)..];
    let text = String::from_utf8_lossy(bytes);
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" | ")
}
