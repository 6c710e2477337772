//! The time limit of a run: first the run is asked to end with a checkpoint, which it does after its current step. Then its
//! worker is killed, if it is silent for longer than a step may take.

use crate::scheduler::Run;
use record::{Cause, RunFolder, RunRecord};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long a run past its limit may be silent at least: a tenth of the limit, within these.
const GRACE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(60));
/// How many times the longest step so far it may be silent.
const STEPS: u32 = 3;
/// Times that attempts which were killed before double that.
const MOST_DOUBLINGS: u32 = 10;

/// How long one attempt may take, and how long its steps do.
#[derive(Debug)]
pub(crate) struct TimeLimit {
    limit: Duration,
    /// The longest silence of any run that an answer ended.
    slowest: Duration,
    attempts: HashMap<Run, Attempt>,
}

/// A run's attempt under way.
#[derive(Debug)]
struct Attempt {
    /// When it answered last.
    last_answer: Instant,
    /// Attempts before it that were killed for their silence, one after the other.
    killed: u32,
}

impl TimeLimit {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, slowest: Duration::ZERO, attempts: HashMap::new() }
    }

    /// How long an attempt may take until it is asked to stop.
    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// An attempt at the run begins.
    pub(crate) fn begin(&mut self, run: Run, folder: &RunFolder) {
        self.attempts.insert(run, Attempt { last_answer: Instant::now(), killed: killed(folder) });
    }

    /// The run answered: a step is done, or something was recorded.
    pub(crate) fn answered(&mut self, run: Run) {
        if let Some(attempt) = self.attempts.get_mut(&run) {
            let silence = std::mem::replace(&mut attempt.last_answer, Instant::now()).elapsed();
            self.slowest = self.slowest.max(silence);
        }
    }

    /// Time that was slept through is no silence.
    pub(crate) fn delay(&mut self, by: Duration) {
        self.attempts.values_mut().for_each(|attempt| attempt.last_answer += by);
    }

    /// How long a run past its limit may be silent before its worker is killed. A run that was killed for it before gets twice
    /// the time: a step that takes longer than this would else never be done.
    pub(crate) fn patience(&self, run: Run) -> Duration {
        let killed = self.attempts.get(&run).map_or(0, |attempt| attempt.killed);
        let grace = (self.limit / 10).clamp(GRACE.0, GRACE.1).max(self.slowest.saturating_mul(STEPS));
        grace.saturating_mul(2_u32.pow(killed.min(MOST_DOUBLINGS)))
    }

    /// What is left of that.
    pub(crate) fn patience_left(&self, run: Run) -> Duration {
        let silence = self.attempts.get(&run).map_or(Duration::ZERO, |attempt| attempt.last_answer.elapsed());
        self.patience(run).saturating_sub(silence)
    }

    /// Why a run was asked to stop.
    pub(crate) fn reached(&self) -> String {
        format!("reached its time limit of {}", written(self.limit))
    }

    /// Why its worker was killed.
    pub(crate) fn ignored(&self, run: Run) -> String {
        let (limit, patience) = (written(self.limit), written(self.patience(run)));
        format!("did not answer for {patience}, past its time limit of {limit}")
    }
}

/// The newest attempts of a run that were killed for their silence. A record that cannot be read has none.
fn killed(folder: &RunFolder) -> u32 {
    let history = RunRecord::read(folder.clone()).map(|record| record.history).unwrap_or_default();
    let was_killed = |attempt: &&record::Attempt| {
        attempt.outcome.as_ref().is_some_and(|outcome| outcome.cause == Some(Cause::Timeout))
    };
    history.iter().rev().take_while(was_killed).count().try_into().unwrap_or(u32::MAX)
}

/// As an experiment file writes it: `90s` is `1m30s`.
fn written(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let text: String =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if text.is_empty() { format!("{duration:?}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::{EventLog, Outcome};

    #[test]
    fn durations_read_as_in_an_experiment_file() {
        let check = |duration, text: &str| assert_eq!(written(duration), text);
        check(Duration::from_secs(1), "1s");
        check(Duration::from_secs(90), "1m30s");
        check(Duration::from_secs(2 * 3600), "2h");
        check(Duration::from_secs(26 * 3600 + 61), "26h1m1s");
        check(Duration::from_millis(250), "250ms");
    }

    #[test]
    fn the_grace_is_a_tenth_of_the_limit_within_bounds() {
        let grace = |seconds| TimeLimit::new(Duration::from_secs(seconds)).patience(0).as_secs();
        assert_eq!([1, 100, 300, 600, 86_400].map(grace), [10, 10, 30, 60, 60]);
    }

    #[test]
    fn slow_steps_and_killed_attempts_get_more() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path());
        let mut limit = TimeLimit::new(Duration::from_secs(1));
        let mut killed = |expected: u64| {
            limit.begin(7, &folder);
            assert_eq!(limit.patience(7).as_secs(), expected);
            let outcome = Outcome::failed(Cause::Timeout, "x");
            EventLog::begin(&folder, None).unwrap().end(&outcome, 0.0).unwrap();
        };
        [10, 20, 40].into_iter().for_each(&mut killed);
        // A step was done after all.
        EventLog::begin(&folder, None).unwrap().end(&Outcome::early(record::Status::TimedOut, 1, "x"), 0.0).unwrap();
        limit.begin(7, &folder);
        assert_eq!(limit.patience(7).as_secs(), 10);
        limit.slowest = Duration::from_secs(15);
        assert_eq!(limit.patience(7).as_secs(), 45);
        limit.answered(7);
        assert!(limit.patience_left(7).as_secs() >= 40);
    }
}
