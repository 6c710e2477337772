//! Claiming runs where several processes take them from one plan: the exclusive creation of the next attempt's log.

use crate::format::first_line;
use crate::own_file::open_own;
use crate::{Cause, Event, EventLog, Holder, Outcome, PlannedRun, RunFolder, Status, parse_event};
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::time::{Duration, SystemTime};

/// Bytes at the end of a log that its last event is looked for in.
const TAIL: u64 = 1 << 16;

/// Attempts at a run that may be killed before a checkpoint, one after the other; then something in it kills its process.
const MOST_DEATHS: u32 = 9;

/// How long a log without a first line may be one that is just being made.
const BIRTH: Duration = Duration::from_secs(60);

/// The newest attempt at a run, by a look that costs the same however long its log is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Glance {
    /// Attempts so far.
    pub attempts: u32,
    /// Who made the newest.
    pub by: Option<Holder>,
    /// How it ended; `None` while it runs and if it was killed.
    pub outcome: Option<Outcome>,
    /// Attempts, from the newest back, that failed for a cause that may pass.
    pub failures: u32,
    /// Attempts, from the newest back, that were killed before their first checkpoint.
    pub deaths: u32,
}

/// What came of an attempt to claim a run.
#[derive(Debug)]
pub enum Claim {
    /// It is this process's: the log of its new attempt.
    Mine(EventLog),
    /// It has ended, and is a result.
    Finished(Outcome),
    /// It has failed too often or for a cause that stays, or a person has cancelled it.
    Failed(Outcome),
    /// Someone else who lives trains it.
    Taken,
    /// It is free, and this process cannot go on with it.
    Unfit,
}

impl Glance {
    /// Looks at a run's folder.
    ///
    /// # Errors
    /// A file is there and cannot be read.
    pub fn of(folder: &RunFolder) -> io::Result<Self> {
        let attempts = folder.attempts()?;
        let Some(newest) = attempts.last().copied() else { return Ok(Self::default()) };
        let by = match parse_event(&first_line(&folder.events(newest))?) {
            Some(Event::Format { by, .. }) => by,
            _ => None,
        };
        let mut glance = Self { attempts: newest, by, ..Self::default() };
        for attempt in attempts.iter().rev() {
            match End::of(folder, *attempt)? {
                End::Ended(outcome) => {
                    let is_failure = matches!(outcome.status, Status::Failed | Status::TimedOut);
                    if *attempt == newest {
                        glance.outcome = Some(outcome);
                    }
                    if !is_failure {
                        break;
                    }
                    glance.failures += 1;
                }
                End::Killed { saved: false } => glance.deaths += 1,
                End::Killed { saved: true } => break,
            }
        }
        Ok(glance)
    }

    /// Whether the newest attempt is under way, where `lives` says which processes live.
    fn is_live(&self, folder: &RunFolder, lives: impl FnOnce(&Holder) -> bool) -> bool {
        match (&self.outcome, &self.by) {
            (Some(_), _) => false,
            _ if self.attempts == 0 => false,
            (None, Some(by)) => lives(by),
            (None, None) => {
                let written = fs::metadata(folder.events(self.attempts)).and_then(|metadata| metadata.modified());
                written.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age < BIRTH))
            }
        }
    }
}

impl Claim {
    /// Claims a run for the process `by` unless someone who `lives` trains it or it is none that `fits`. A run that failed is tried
    /// again at most `retries` times in a row; `None` for as often as it is claimed.
    ///
    /// # Errors
    /// The run's record cannot be read or written, or is of another run.
    pub fn make(
        run: &PlannedRun,
        folder: &RunFolder,
        by: &Holder,
        retries: Option<u32>,
        lives: impl FnOnce(&Holder) -> bool,
        fits: impl FnOnce() -> bool,
    ) -> io::Result<Self> {
        let glance = Glance::of(folder)?;
        if glance.is_live(folder, lives) {
            return Ok(Self::Taken);
        }
        let is_spent = retries.is_some_and(|retries| glance.failures > retries || glance.deaths > MOST_DEATHS);
        match glance.outcome {
            Some(outcome) if outcome.status.is_finished() => return Ok(Self::Finished(outcome)),
            Some(outcome) if retries.is_some() && (is_final(&outcome) || outcome.is_cancelled()) => {
                return Ok(Self::Failed(outcome));
            }
            Some(outcome) if is_spent => return Ok(Self::Failed(outcome)),
            None if is_spent => {
                let reason = format!("killed {} times before a checkpoint", glance.deaths);
                return Ok(Self::Failed(Outcome::failed(Cause::LostWorker, reason)));
            }
            _ => {}
        }
        if !fits() {
            return Ok(Self::Unfit);
        }
        let log = EventLog::claim(folder, run.identity().as_ref(), glance.attempts + 1, by)?;
        Ok(log.map_or(Self::Taken, Self::Mine))
    }
}

/// Whether another attempt would fail as well.
fn is_final(outcome: &Outcome) -> bool {
    outcome.status == Status::Failed && outcome.cause.is_some_and(|cause| !cause.is_transient())
}

/// The last events of an attempt.
enum End {
    Ended(Outcome),
    /// It has no end; whether its last events tell of a checkpoint.
    Killed {
        saved: bool,
    },
}

impl End {
    fn of(folder: &RunFolder, attempt: u32) -> io::Result<Self> {
        let mut file = open_own(&folder.events(attempt), OpenOptions::new().read(true))?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut tail = Vec::new();
        file.take(TAIL).read_to_end(&mut tail)?;
        let mut lines = tail.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        if let Some(Event::Ended { outcome, .. }) = lines.clone().next_back().and_then(parse_event) {
            return Ok(Self::Ended(outcome));
        }
        let saved = lines.any(|line| matches!(parse_event(line), Some(Event::Checkpoint { .. })));
        Ok(Self::Killed { saved })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lease, SweepFolder};
    use serde_json::{Map, Value};
    use std::sync::Mutex;

    fn planned(id: &str) -> PlannedRun {
        let (overrides, config) = (Map::new(), Value::Null);
        PlannedRun { id: id.to_owned(), digest: Some("11".to_owned()), seed: 0, overrides, steps: 1, config }
    }

    fn holder(pid: u32) -> Holder {
        Holder { pid, host: "here".into(), since: 7.0, shares: false }
    }

    #[test]
    fn of_many_who_claim_runs_each_run_has_one_owner() {
        let temporary = tempfile::tempdir().unwrap();
        let sweep = SweepFolder::new(temporary.path());
        let runs: Vec<PlannedRun> = (0..20).map(|run| planned(&format!("r-{run}"))).collect();
        let owned = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for pid in 1..=8 {
                let (runs, sweep, owned) = (&runs, &sweep, &owned);
                scope.spawn(move || {
                    for run in runs {
                        let claim =
                            Claim::make(run, &sweep.run(&run.id), &holder(pid), Some(2), |_| true, || true).unwrap();
                        if let Claim::Mine(log) = claim {
                            assert_eq!(log.attempt(), 1);
                            owned.lock().unwrap().push(run.id.clone());
                        }
                    }
                });
            }
        });
        let mut owned = owned.into_inner().unwrap();
        owned.sort();
        owned.dedup();
        assert_eq!(owned.len(), runs.len());
        assert_eq!(Glance::of(&sweep.run("r-3")).unwrap().attempts, 1);
    }

    #[test]
    fn the_dead_lose_their_runs_and_a_hopeless_run_is_left_alone() {
        let temporary = tempfile::tempdir().unwrap();
        let (run, folder) = (planned("r"), SweepFolder::new(temporary.path()).run("r"));
        let claim = |pid, lives| Claim::make(&run, &folder, &holder(pid), Some(2), |_| lives, || true).unwrap();
        let unfit = Claim::make(&run, &folder, &holder(1), Some(2), |_| true, || false).unwrap();
        assert!(matches!(unfit, Claim::Unfit) && !folder.events(1).exists());
        let Claim::Mine(first) = claim(1, true) else { panic!("it was free") };
        assert!(matches!(claim(2, true), Claim::Taken));
        for attempt in 2..=MOST_DEATHS + 1 {
            let Claim::Mine(log) = claim(2, false) else { panic!("its owner was dead") };
            assert_eq!(log.attempt(), attempt);
        }
        assert_eq!(first.superseded_by(), Some(2));
        let Claim::Failed(outcome) = claim(2, false) else { panic!("it kills whoever trains it") };
        assert_eq!(outcome.reason.as_deref(), Some("killed 10 times before a checkpoint"));
        // A queue that counts itself goes on.
        let Claim::Mine(mut log) = Claim::make(&run, &folder, &holder(2), None, |_| false, || true).unwrap() else {
            panic!()
        };
        log.end(&Outcome::early(Status::Interrupted, 3, "stopped"), 1.0).unwrap();
        let Claim::Mine(mut log) = claim(2, true) else { panic!("an interruption is no failure") };
        log.end(&Outcome::failed(Cause::Data, "no data"), 1.0).unwrap();
        assert!(matches!(claim(2, true), Claim::Failed(_)));
        let Claim::Mine(mut log) = Claim::make(&run, &folder, &holder(2), None, |_| false, || true).unwrap() else {
            panic!()
        };
        log.end(&Outcome { status: Status::Done, reason: None, ..Outcome::early(Status::Done, 3, "") }, 1.0).unwrap();
        assert!(matches!(claim(2, true), Claim::Finished(_)));
    }

    #[test]
    fn a_log_that_was_just_made_has_an_owner() {
        let temporary = tempfile::tempdir().unwrap();
        let sweep = SweepFolder::new(temporary.path());
        let (run, folder) = (planned("r"), sweep.run("r"));
        fs::create_dir_all(folder.path()).unwrap();
        fs::write(folder.events(1), "").unwrap();
        let lease = Lease::join(&sweep, None).unwrap();
        let claim = || Claim::make(&run, &folder, lease.holder(), Some(2), |_| false, || true).unwrap();
        assert!(matches!(claim(), Claim::Taken));
        let long_ago = SystemTime::now() - 2 * BIRTH;
        fs::File::open(folder.events(1)).unwrap().set_modified(long_ago).unwrap();
        assert!(matches!(claim(), Claim::Mine(_)));
    }
}
