//! Runs claimed from the plan of a sweep, as long as there are any.

use super::{Ending, Next, Source};
use crate::error::Error;
use crate::work::{Answers, Work};
use dispatch::protocol::{Answer, Misplaced, Update};
use record::{Claim, Holder, Joined, Lease, Numerics, Outcome, Status};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long what is known of others holds.
const FRESH: Duration = Duration::from_secs(2);

/// Before a run that failed is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// Takes runs from the plan that are pending and that no one who lives trains.
pub(crate) struct Claims<'a> {
    work: &'a Work,
    lease: &'a Lease,
    ending: &'a Ending,
    /// Further attempts at a run that failed.
    retries: u32,
    answers: Answers,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// Places in the plan of runs that are not known to have ended.
    left: VecDeque<usize>,
    /// Runs of this process under way.
    running: usize,
    failed: usize,
    /// Runs that are left to machines of another numeric class, by id.
    misplaced: BTreeMap<String, Misplaced>,
    joined: Joined,
    others: Vec<Holder>,
    looked: Option<Instant>,
}

impl<'a> Claims<'a> {
    /// Each process begins at another place of the plan, so that many do not stand in each other's way.
    pub(crate) fn new(work: &'a Work, lease: &'a Lease, ending: &'a Ending, retries: u32, answers: Answers) -> Self {
        let runs = work.plan.runs.len();
        let begin = (lease.holder().since * 1e6) as usize % runs.max(1);
        let left = (begin..runs).chain(0..begin).collect();
        let joined = Joined::new(&work.folder);
        let state =
            State { left, running: 0, failed: 0, misplaced: BTreeMap::new(), joined, others: Vec::new(), looked: None };
        Self { work, lease, ending, retries, answers, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Runs that were found, or left, failed for good.
    pub(crate) fn failed(&self) -> usize {
        self.state().failed
    }

    /// Runs that are pending and left to machines of another numeric class, with the reason.
    pub(crate) fn misplaced(&self) -> Vec<(String, Misplaced)> {
        std::mem::take(&mut self.state().misplaced).into_iter().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first run that can be claimed, of all that are left.
    fn claim(&self, state: &mut State, here: &Numerics) -> Result<Option<Next>, Error> {
        for _ in 0..state.left.len() {
            let Some(position) = state.left.pop_front() else { break };
            let run = &self.work.plan.runs[position];
            let folder = self.work.folder.run(&run.id);
            let State { joined, others, looked, misplaced, .. } = &mut *state;
            let lives = |holder: &Holder| {
                let is_known = |others: &[Holder]| others.iter().any(|other| other.is(holder));
                if !(is_known(others) && looked.is_some_and(|looked| looked.elapsed() < FRESH)) {
                    *others = joined.look().into_iter().map(|leased| leased.holder).collect();
                    *looked = Some(Instant::now());
                }
                is_known(others)
            };
            let fits = || {
                let why = self.work.misplaced(&run.id, here);
                let fits = why.is_none();
                misplaced.extend(why.map(|why| (run.id.clone(), why)));
                fits
            };
            let claim = Claim::make(run, &folder, self.lease.holder(), Some(self.retries), lives, fits);
            let claim = claim.map_err(Error::record(folder.path()))?;
            if !matches!(claim, Claim::Unfit) {
                misplaced.remove(&run.id);
            }
            match claim {
                Claim::Mine(log) => {
                    state.left.push_back(position);
                    state.running += 1;
                    return Ok(Some(Next { run: run.id.clone(), log, stop: self.ending.enter(&run.id) }));
                }
                Claim::Taken => state.left.push_back(position),
                Claim::Unfit => state.left.push_back(position),
                Claim::Finished(_) => {}
                Claim::Failed(_) => state.failed += 1,
            }
        }
        Ok(None)
    }
}

impl Source for Claims<'_> {
    fn next(&self, here: &Numerics) -> Result<Option<Next>, Error> {
        let mut state = self.state();
        loop {
            if self.ending.is_asked() {
                return Ok(None);
            }
            if let Some(next) = self.claim(&mut state, here)? {
                return Ok(Some(next));
            }
            // What another slot trains may have to be tried again.
            if state.running == 0 {
                return Ok(None);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn ended(&self, run: &str, outcome: &Outcome) -> Result<(), Error> {
        (self.answers)(&Answer { run: run.to_owned(), update: Update::Ended(outcome.clone()) });
        if matches!(outcome.status, Status::Failed | Status::TimedOut) {
            std::thread::sleep(PAUSE);
        }
        self.state().running -= 1;
        self.changed.notify_all();
        Ok(())
    }
}
