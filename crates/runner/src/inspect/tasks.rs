//! The tasks of a sweep on a cluster, in words.

use crate::text;
use dispatch::launcher::slurm::{QueueError, State, Task, TaskFolder};
use record::{SweepFolder, SweepLock};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// Bytes of a task's log that are shown.
const LOG: usize = 1 << 16;

/// How many tasks of a sweep stand how.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Tasks {
    /// How the names of their jobs begin.
    pub name: String,
    /// That run.
    pub running: usize,
    /// That wait, by the reason.
    pub waiting: BTreeMap<String, usize>,
    /// Pending runs that no task has, in a sweep that no command follows.
    pub without_task: usize,
    /// Why nothing is known of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Tasks {
    /// Of a sweep that was submitted, with its pending runs; `None` for others, where there is no Slurm, and if there is nothing
    /// to say.
    pub(crate) fn of(sweep: &SweepFolder, pending: &[&str]) -> Option<Self> {
        let folder = TaskFolder::existing(sweep)?;
        let mut tasks = Self { name: folder.prefix().to_owned(), ..Self::default() };
        let mut ordered = BTreeSet::new();
        let known = match folder.known() {
            Ok(known) => known,
            Err(QueueError::Missing { .. }) => return None,
            Err(_) if pending.is_empty() => return None,
            Err(error) => return Some(Self { problem: Some(error.to_string()), ..tasks }),
        };
        for task in known {
            if task.state.is_alive() {
                ordered.extend(task.channel.unanswered().unwrap_or_default());
            }
            match task.state {
                State::Running(_) => tasks.running += 1,
                State::Waiting(reason) => *tasks.waiting.entry(reason).or_default() += 1,
                State::Unknown(word) => *tasks.waiting.entry(format!("is {word}")).or_default() += 1,
                State::Ended(_) => {}
            }
        }
        if !SweepLock::is_held(sweep) {
            tasks.without_task = pending.iter().filter(|run| !ordered.contains(**run)).count();
        }
        (tasks.running > 0 || !tasks.waiting.is_empty() || tasks.without_task > 0).then_some(tasks)
    }

    /// Lines for people.
    pub(crate) fn lines(&self) -> Vec<String> {
        if let Some(problem) = &self.problem {
            return vec![format!("nothing is known of its tasks, named {}*: {problem}", self.name)];
        }
        let mut lines =
            vec![format!("{} of the cluster at work, named {}*", text::count(self.running, "task"), self.name)];
        if self.without_task > 0 {
            let runs = text::count(self.without_task, "pending run");
            lines.push(format!(
                "no task has {runs}: jobs were cancelled, lost, or could not go on, and no command follows the sweep; \
                 `runner sweep FILE --launcher slurm`, as before, submits again"
            ));
        }
        lines.extend(self.waiting.iter().map(|(reason, count)| {
            let which = if *count == 1 { "it" } else { "each" };
            format!("{} in the queue: {which} {reason}", text::count(*count, "task"))
        }));
        lines
    }
}

/// The living task that has yet to train a run.
///
/// # Errors
/// Slurm does not answer.
pub(crate) fn of_run(tasks: &TaskFolder, run: &str) -> Result<Option<Task>, QueueError> {
    let has = |task: &Task| task.channel.unanswered().is_ok_and(|open| open.iter().any(|id| id == run));
    Ok(tasks.known()?.into_iter().find(|task| task.state.is_alive() && has(task)))
}

/// What Slurm says of the task that has yet to train a run, and where it stands among those of its sweep.
pub(crate) fn place(sweep: &SweepFolder, run: &str) -> Option<String> {
    let tasks = TaskFolder::existing(sweep)?.known().ok()?;
    let has = |task: &Task| task.channel.unanswered().is_ok_and(|open| open.iter().any(|id| id == run));
    let task = tasks.iter().find(|task| task.state.is_alive() && has(task))?;
    Some(match &task.state {
        State::Running(node) => format!("its task {} runs on {node}", task.id),
        State::Waiting(reason) => {
            let waits = |task: &&Task| matches!(task.state, State::Waiting(_));
            let before = tasks.iter().filter(waits).take_while(|other| other.id != task.id).count();
            let all = tasks.iter().filter(waits).count();
            format!("its task {} waits, number {} of {all} of this sweep: it {reason}", task.id, before + 1)
        }
        State::Unknown(word) => format!("its task {} is {word}", task.id),
        State::Ended(_) => return None,
    })
}

/// Logs of the tasks that were ordered to train a run, oldest first, then that of the run itself: path and text.
pub(crate) fn logs(sweep: &SweepFolder, run: &str) -> Vec<(PathBuf, String)> {
    let mut logs = Vec::new();
    if let Some(tasks) = TaskFolder::existing(sweep) {
        let below = |path: PathBuf| {
            let mut paths: Vec<(u32, PathBuf)> = fs::read_dir(path)
                .into_iter()
                .flatten()
                .flatten()
                .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
                .collect();
            paths.sort();
            paths.into_iter().map(|(_, path)| path)
        };
        let quoted = format!("\"{run}\"");
        for task in below(tasks.path().to_owned()).flat_map(below) {
            let orders =
                ["orders", "orders.closed"].map(|name| fs::read_to_string(task.join(name)).unwrap_or_default());
            if orders.iter().any(|orders| orders.contains(&quoted)) {
                logs.push(task.join("log.txt"));
            }
        }
    }
    logs.push(sweep.run(run).log());
    let read = |path: PathBuf| {
        let bytes = record::read_own(&path).ok()?;
        let text = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(LOG)..]).into_owned();
        Some((path, text))
    };
    logs.into_iter().filter_map(read).collect()
}
