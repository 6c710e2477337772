//! The submission of tasks: as few arrays as the site takes, and what becomes of those that it refuses.

use super::super::followed::Followed;
use super::super::queue::{QueueError, Refusal, call};
use super::super::script::{pattern, script};
use super::super::{Setting, TaskFolder};
use super::{POLL, Watch};
use crate::channel::Channel;
use crate::launcher::exit::Exit;
use crate::launcher::{Event, WorkerEvent, WorkerSpec};
use crate::protocol::{Answer, Order, Update};
use crate::scheduler::WorkerId;
use record::{Cause, Plan, SweepFolder};
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::time::{Duration, Instant};

/// Tasks of one array, if the site does not say how many it takes.
const ARRAY: usize = 1000;

/// Before a submission that was refused for the moment is tried again.
const PATIENCE: Duration = Duration::from_secs(5);

/// What tasks of one array have in common: also the numeric class of their nodes, if any are ruled out.
type Kind = (WorkerSpec, Option<String>);

impl Watch {
    /// Submits all workers that wait for it, as few arrays as the site takes.
    pub(in super::super) fn submit(&mut self) {
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
            let mut left = &ids[..];
            while !left.is_empty() {
                let (most, now) = *self.array.get_or_insert_with(|| [array_size(); 2].into());
                let (ids, others) = left.split_at(now.min(left.len()));
                if let Err(error) = self.submit_array(&spec, class.as_deref(), ids) {
                    self.refused(ids, class.as_deref(), error);
                    return;
                }
                self.array = Some((most, most.min(2 * now)));
                left = others;
            }
        }
    }

    pub(in super::super) fn unsubmitted(&self) -> usize {
        self.workers.values().filter(|worker| worker.task.is_none()).count()
    }

    /// Submits all that waits for it, before this process leaves, and says what was not taken.
    pub(in super::super) fn submit_all(&mut self) {
        self.leaves = true;
        while self.unsubmitted() > 0 && Instant::now() >= self.not_before && !self.setting.tasks.is_given_up() {
            self.submit();
        }
        let left = self.unsubmitted();
        if let Some(worker) = self.workers.values().find(|worker| worker.task.is_none()) {
            let tasks = if left == 1 { "task is" } else { "tasks are" };
            let why = self.refusal.as_deref().map_or_else(String::new, |why| format!(": {why}"));
            let line = format!("{left} {tasks} not submitted{why}; the same command submits what is left");
            let _ = worker.events.send(Event::Worker(0, WorkerEvent::Warning(line)));
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
            Err(error) if error.refusal() == Refusal::Unanswered => {
                self.not_before = Instant::now() + PATIENCE;
                self.waits(ids[0], &error);
            }
            Err(error) => {
                TaskFolder::refused(&folder, error.refusal());
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
            SubmitError::Queue(error) if error.refusal() == Refusal::Now => {
                self.array = self.array.map(|(most, _)| (most, (ids.len() / 2).max(1)));
                if ids.len() == 1 {
                    self.not_before = Instant::now() + PATIENCE;
                    self.waits(ids[0], error);
                }
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

    /// Says once why tasks are not submitted yet.
    fn waits(&mut self, id: WorkerId, error: &QueueError) {
        let why = error.to_string();
        if let Some(worker) = self.workers.get(&id).filter(|_| self.refusal.as_ref() != Some(&why)) {
            if !self.leaves {
                let line = format!("{why}; tried again until it is taken");
                let _ = worker.events.send(Event::Worker(id, WorkerEvent::Warning(line)));
            }
            self.refusal = Some(why);
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

/// Tasks that one array may have.
fn array_size() -> usize {
    let config = call("scontrol", &["show".to_owned(), "config".to_owned()]).unwrap_or_default();
    let size =
        config.lines().find_map(|line| line.strip_prefix("MaxArraySize")?.split('=').nth(1)?.trim().parse().ok());
    size.map_or(ARRAY, |size: usize| size.saturating_sub(1)).max(1)
}
