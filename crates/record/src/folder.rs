//! Where each file lies.

use crate::own_file::append_own;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// More attempts than a run can come to. A log with a higher number is damaged, and no attempt could follow it.
const MAX_ATTEMPT: u64 = 1_000_000;

/// The folder of a sweep: `results/<name>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepFolder {
    path: PathBuf,
}

impl SweepFolder {
    /// Names the folder; touches nothing.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The frozen [`Plan`](crate::Plan).
    pub fn plan(&self) -> PathBuf {
        self.path.join("plan.json")
    }

    /// [`Failures`](crate::Failures) of runs that are to be tried again.
    pub fn failures(&self) -> PathBuf {
        self.path.join("failures.json")
    }

    /// Locked by the sweep that works here.
    pub fn lock(&self) -> PathBuf {
        self.path.join(".lock")
    }

    /// A lease of each process that has joined the sweep.
    pub fn joined(&self) -> PathBuf {
        self.path.join(".joined")
    }

    /// There and locked while a report is written into the folder.
    pub fn report_lock(&self) -> PathBuf {
        self.path.join(".report.lock")
    }

    /// What evaluations of all sweeps here find out of real samples; may be deleted at any time.
    pub fn cache(&self) -> PathBuf {
        self.path.with_file_name(".cache")
    }

    /// [`CancelRequest`](crate::CancelRequest)s to the sweep that works here.
    pub fn cancel_requests(&self) -> PathBuf {
        self.path.join(".cancel")
    }

    /// One folder a run.
    pub fn runs(&self) -> PathBuf {
        self.path.join("runs")
    }

    /// The folder of one run.
    pub fn run(&self, id: &str) -> RunFolder {
        RunFolder::new(self.runs().join(id))
    }

    /// The folders below [`runs`](Self::runs), also of runs that are no longer planned, by name. A link to a run's folder
    /// is one, too. Files, other links and what a killed writer left are passed over.
    pub fn run_folders(&self) -> Vec<RunFolder> {
        let entries = std::fs::read_dir(self.runs()).into_iter().flatten().flatten();
        let is_run = |entry: &std::fs::DirEntry| {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let is_link = || RunFolder::new(entry.path()).config().is_file();
            (is_folder || is_link()) && !entry.file_name().to_string_lossy().starts_with('.')
        };
        let mut folders: Vec<_> = entries.filter(is_run).map(|entry| RunFolder::new(entry.path())).collect();
        folders.sort_by(|a, b| a.path.cmp(&b.path));
        folders
    }

    /// Where runs lie that were trained again, in whose place others are now.
    pub fn replaced(&self) -> PathBuf {
        self.path.join("replaced")
    }

    /// TensorBoard's event files.
    pub fn tensorboard(&self) -> PathBuf {
        self.path.join("tensorboard")
    }

    /// The page.
    pub fn page(&self) -> PathBuf {
        self.path.join("report.html")
    }

    /// Pictures that the page has no room for.
    pub fn assets(&self) -> PathBuf {
        self.path.join("report-assets")
    }
}

/// The folder of a run: `results/<name>/runs/<id>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Names the folder; touches nothing.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The run's id: the folder's name.
    pub fn id(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The sweep that the folder lies in, if it lies in one.
    pub fn sweep(&self) -> Option<SweepFolder> {
        let runs = self.path.parent()?;
        let sweep = SweepFolder::new(runs.parent()?);
        (sweep.runs() == runs).then_some(sweep)
    }

    /// The resolved settings: what changes numbers, and nothing else.
    pub fn config(&self) -> PathBuf {
        self.path.join("config.yaml")
    }

    /// Versions, machine, device, data.
    pub fn provenance(&self) -> PathBuf {
        self.path.join("provenance.json")
    }

    /// The [`EventLog`](crate::EventLog) of an attempt, counted from 1: `events.jsonl`, `events.2.jsonl` and so on.
    pub fn events(&self, attempt: u32) -> PathBuf {
        match attempt {
            0 | 1 => self.path.join("events.jsonl"),
            attempt => self.path.join(format!("events.{attempt}.jsonl")),
        }
    }

    /// Evaluations that were made after the run, or beside it: a [`LaterEvaluation`](crate::LaterEvaluation) a line.
    pub fn evaluations(&self) -> PathBuf {
        self.path.join("evaluations.jsonl")
    }

    /// The [`Annotation`](crate::Annotation): note and tags of a person.
    pub fn annotation(&self) -> PathBuf {
        self.path.join("annotation.json")
    }

    /// What [`Edit`](crate::Edit)s a person kept: a folder each.
    pub fn edits(&self) -> PathBuf {
        self.path.join("edits")
    }

    /// A file of a kept edit; `None` unless `file` is a plain name.
    pub fn edit_file(&self, edit: &str, file: &str) -> Option<PathBuf> {
        (is_plain(edit) && is_plain(file)).then(|| self.edits().join(edit).join(file))
    }

    /// Attempts that have a log, oldest first. The last one owns the run.
    ///
    /// # Errors
    /// The folder is there and cannot be listed, or has a log of an attempt that no run can come to.
    pub fn attempts(&self) -> io::Result<Vec<u32>> {
        let entries = match std::fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut attempts = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let number = name.to_str().and_then(attempt_of).unwrap_or(0);
            if number > MAX_ATTEMPT {
                let path = self.path.join(name);
                let refusal = format!("{}: no run has {number} attempts; move it away", path.display());
                return Err(io::Error::new(io::ErrorKind::InvalidData, refusal));
            }
            attempts.extend(u32::try_from(number).ok().filter(|number| *number > 0));
        }
        attempts.sort_unstable();
        Ok(attempts)
    }

    /// When the newest attempt last recorded something.
    pub fn modified(&self) -> Option<SystemTime> {
        let newest = self.attempts().ok()?.pop()?;
        std::fs::metadata(self.events(newest)).and_then(|metadata| metadata.modified()).ok()
    }

    /// Files of [`Artifact`](crate::Artifact)s.
    pub fn samples(&self) -> PathBuf {
        self.path.join("samples")
    }

    /// The file of an artifact; `None` unless `file` is `samples/` and a plain name. A record is no reason to read,
    /// link or mail anything else.
    pub fn artifact(&self, file: &str) -> Option<PathBuf> {
        let name = file.strip_prefix("samples/")?;
        is_plain(name).then(|| self.samples().join(name))
    }

    /// Checkpoints.
    pub fn checkpoints(&self) -> PathBuf {
        self.path.join("checkpoints")
    }

    /// The checkpoint of a step.
    pub fn checkpoint(&self, step: u64) -> PathBuf {
        self.checkpoints().join(format!("step-{step:06}"))
    }

    /// Steps that have a checkpoint folder, newest first.
    pub fn checkpoint_steps(&self) -> Vec<u64> {
        let entries = std::fs::read_dir(self.checkpoints()).into_iter().flatten().flatten();
        let mut steps: Vec<u64> =
            entries.filter_map(|entry| entry.file_name().to_str()?.strip_prefix("step-")?.parse().ok()).collect();
        steps.sort_unstable_by(|a, b| b.cmp(a));
        steps
    }

    /// What the worker says of the run, for people.
    pub fn log(&self) -> PathBuf {
        self.path.join("log.txt")
    }

    /// Opens [`log`](Self::log) to append to it.
    ///
    /// # Errors
    /// It cannot be opened, or is a link or something else that is no file of this program.
    pub fn open_log(&self) -> io::Result<File> {
        append_own(&self.log())
    }
}

/// A name of a visible file, and no path.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
}

/// The attempt whose log has this name: 1 has no number.
fn attempt_of(name: &str) -> Option<u64> {
    match name.strip_prefix("events.")?.strip_suffix("jsonl")? {
        "" => Some(1),
        number => number.strip_suffix('.')?.parse().ok().filter(|number| *number > 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EventLog, RunRecord};

    #[test]
    fn a_log_that_no_attempt_can_follow_is_refused() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path());
        for number in ["4294967295", "99999999999"] {
            let log = temporary.path().join(format!("events.{number}.jsonl"));
            std::fs::write(&log, "").unwrap();
            let error = EventLog::begin(&folder, None).unwrap_err().to_string();
            assert!(error.contains(&format!("events.{number}.jsonl: no run has {number} attempts")), "{error}");
            assert!(RunRecord::read(folder.clone()).is_err() && !folder.events(1).exists());
            std::fs::remove_file(log).unwrap();
        }
    }

    #[test]
    fn artifacts_are_plain_names_below_samples() {
        let folder = RunFolder::new("/x/run");
        assert_eq!(folder.artifact("samples/real.png"), Some(PathBuf::from("/x/run/samples/real.png")));
        for file in [
            "",
            "samples",
            "samples/",
            "samples//etc/passwd",
            "/etc/passwd",
            "../plan.json",
            "samples/../config.yaml",
            "samples/a/b.png",
            "samples/..",
            "samples/.hidden",
            "config.yaml",
            "samples\\x.png",
            "samples/..\\x.png",
        ] {
            assert_eq!(folder.artifact(file), None, "{file:?}");
        }
    }
}
