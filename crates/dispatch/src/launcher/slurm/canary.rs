//! The first task of a sweep: one that tries a node before a thousand others are submitted.

use super::followed::tail;
use super::queue::{QueueError, State, call, queue};
use super::script::{pattern, script};
use super::{Setting, Slurm, TaskFolder};
use record::now;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

/// Between two looks.
const LOOK: Duration = Duration::from_millis(200);

/// Between two questions to Slurm.
const POLL: Duration = Duration::from_secs(1);

/// Clocks may be this far apart.
const APART: f64 = 30.0;

/// What a task found on its node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Version of the program there.
    pub version: String,
    /// The node.
    pub host: String,
    /// Which devices, and why.
    pub devices: String,
    /// Its numeric class.
    pub numeric_class: String,
    /// Its clock, Unix time in seconds.
    pub at: f64,
    /// Seconds that a run is expected to take, as far as a few of its steps tell.
    pub run_secs: Option<f64>,
}

/// A canary that was submitted.
#[derive(Debug)]
pub struct Canary {
    /// Its job, for others that wait for it.
    pub id: String,
    name: String,
    folder: std::path::PathBuf,
}

/// Why nothing more was submitted.
#[derive(Debug, thiserror::Error)]
pub enum CanaryError {
    /// Slurm refuses it, or does not answer.
    #[error("Slurm does not take a task")]
    Queue(#[from] QueueError),
    /// Its folder cannot be written.
    #[error("cannot write the folder of the first task")]
    Io(#[from] io::Error),
    /// It failed.
    #[error("the first task, which tries a node, failed ({how}): {why}")]
    Failed {
        /// How, in Slurm's words.
        how: String,
        /// What it wrote last.
        why: String,
    },
}

impl Canary {
    /// Submits it; it executes the command with the path of its result as the last argument.
    ///
    /// # Errors
    /// Slurm refuses it.
    pub fn submit(setting: &Setting) -> Result<Self, CanaryError> {
        let (name, folder) = setting.tasks.array()?;
        let resources = &setting.resources;
        let mut arguments = setting.command.arguments.clone();
        arguments.extend(["--canary".into(), folder.join("probe.json").into()]);
        let text = script(&resources.setup, &[], &setting.command.program, &arguments, None);
        let path = folder.join("script.sh");
        fs::write(&path, text)?;
        let mut arguments = resources.arguments(&name, None, &pattern(&folder, "log.txt"), None);
        arguments.push(path.display().to_string());
        let refused = |error: &QueueError| TaskFolder::refused(&folder, error.refusal());
        let answer = call("sbatch", &arguments).inspect_err(refused)?;
        let id = answer.trim().split(';').next().unwrap_or_default().to_owned();
        Ok(Self { id, name, folder })
    }

    /// Waits for its result; `None` if it has not begun by then.
    ///
    /// # Errors
    /// It failed.
    pub fn wait(&self, patience: Duration) -> Result<Option<Probe>, CanaryError> {
        let (began, mut polled, mut absent) = (Instant::now(), Instant::now(), 0);
        let mut is_running = false;
        loop {
            if let Some(probe) = self.probe() {
                return Ok(Some(probe));
            }
            if polled.elapsed() >= POLL {
                polled = Instant::now();
                if let Ok(jobs) = queue(&self.name) {
                    let job = jobs.iter().find(|job| job.name == self.name);
                    absent = if job.is_none() { absent + 1 } else { 0 };
                    is_running = job.is_some_and(|job| matches!(job.state, State::Running(_)));
                    if let Some((job, why)) = job.and_then(|job| Some((job, job.state.hopeless()?.to_owned()))) {
                        let _ = call("scancel", std::slice::from_ref(&job.id));
                        return Err(CanaryError::Failed { how: "in the queue".to_owned(), why });
                    }
                    if let Some(State::Ended(end)) = job.map(|job| &job.state) {
                        return self
                            .probe()
                            .map_or_else(|| Err(self.failed(&end.word, end.status)), |probe| Ok(Some(probe)));
                    }
                }
                if absent >= 2 {
                    return Ok(None);
                }
            }
            if !is_running && began.elapsed() >= patience {
                return Ok(None);
            }
            thread::sleep(LOOK);
        }
    }

    fn probe(&self) -> Option<Probe> {
        serde_json::from_slice(&fs::read(self.folder.join("probe.json")).ok()?).ok()
    }

    fn failed(&self, word: &str, status: i32) -> CanaryError {
        let log = self.folder.join("log.txt");
        let why = match (log.exists(), tail(&log)) {
            (true, said) if said.is_empty() => {
                format!("it wrote nothing into {}; is it a line of `execution.slurm.setup`?", log.display())
            }
            (true, said) => said,
            (false, _) => format!(
                "it wrote nothing: probably its node does not see {}, or cannot write there; put the results on a file \
                 system that the nodes share (`--results`)",
                self.folder.display()
            ),
        };
        CanaryError::Failed { how: format!("{word}, exit code {}", status >> 8), why }
    }
}

impl Probe {
    /// What is wrong with the node, for people, if nothing failed.
    pub fn warnings(&self, version: &str) -> Vec<String> {
        let mut warnings = Vec::new();
        let apart = (now() - self.at).abs();
        if apart > APART {
            warnings.push(format!(
                "the clock of {} and that of this machine are {apart:.0} s apart: times in records are not comparable",
                self.host
            ));
        }
        if self.version != version {
            warnings.push(format!("{} has version {} of the program, and this is {version}", self.host, self.version));
        }
        warnings
    }
}

impl Slurm {
    /// Submits a job that waits for the end of all tasks of the sweep, whatever it is, and executes the command then; its id.
    ///
    /// # Errors
    /// Slurm refuses it.
    pub fn submit_after_all(setting: &Setting, arguments: &[std::ffi::OsString]) -> Result<String, CanaryError> {
        let mut jobs: Vec<String> = queue(setting.tasks.prefix())?
            .into_iter()
            .filter(|job| job.state.is_alive())
            .map(|job| job.id.split('_').next().unwrap_or_default().to_owned())
            .collect();
        jobs.dedup();
        let (name, folder) = setting.tasks.array()?;
        let text = script(&setting.resources.setup, &[], &setting.command.program, arguments, None);
        let path = folder.join("script.sh");
        fs::write(&path, text)?;
        let mut arguments = setting.resources.arguments(&name, None, &pattern(&folder, "log.txt"), None);
        if !jobs.is_empty() {
            arguments.push(format!("--dependency=afterany:{}", jobs.join(":")));
        }
        arguments.push(path.display().to_string());
        let answer = call("sbatch", &arguments)?;
        Ok(answer.trim().split(';').next().unwrap_or_default().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_and_versions_that_differ_are_named() {
        let probe = Probe {
            version: "1".into(),
            host: "n1".into(),
            devices: "cpu".into(),
            numeric_class: "x".into(),
            at: now() - 100.0,
            run_secs: None,
        };
        let warnings = probe.warnings("2");
        assert!(warnings[0].contains("the clock of n1") && warnings[0].contains("100 s apart"), "{warnings:?}");
        assert!(warnings[1].contains("n1 has version 1"), "{warnings:?}");
        assert!(Probe { at: now(), ..probe }.warnings("1").is_empty());
    }
}
