//! The runs that a task of a queue was ordered to train.

use super::{Ending, Next, Source};
use crate::error::Error;
use crate::work::{Answers, Work};
use dispatch::channel::{self, Ordered, Post};
use dispatch::protocol::{Answer, Order, Update};
use record::{Claim, Joined, Lease, Numerics, Outcome, TaskStart};
use std::collections::VecDeque;
use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Between two looks at the orders.
const LOOK: Duration = Duration::from_millis(200);

/// A task without anything to do leaves after this time.
const IDLE: Duration = Duration::from_secs(1);

/// Steps are answered at most this often: each is a write to a shared file system.
const STEP_INTERVAL: Duration = Duration::from_secs(2);

/// Before another look at a run that someone else trains.
const TAKEN: Duration = Duration::from_secs(2);

/// Takes orders from a channel.
pub(crate) struct Task<'a> {
    work: &'a Work,
    lease: &'a Lease,
    ending: &'a Ending,
    state: Mutex<State>,
    answers: Answers,
}

struct State {
    post: Post,
    ordered: VecDeque<String>,
    running: usize,
    joined: Joined,
    ended: bool,
    /// Since when there is nothing to do.
    idle: Option<Instant>,
}

impl<'a> Task<'a> {
    /// Of a task that was taken up; what its earlier starts trained is this one's.
    pub(crate) fn new(
        work: &'a Work,
        lease: &'a Lease,
        ending: &'a Ending,
        post: Post,
        start: Option<&TaskStart>,
        answers: Answers,
    ) -> Self {
        let joined = Joined::new(&work.folder);
        start.iter().for_each(|start| joined.retire(start));
        let state = State { post, ordered: VecDeque::new(), running: 0, joined, ended: false, idle: None };
        Self { work, lease, ending, state: Mutex::new(state), answers }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self, state: &mut State) -> Result<(), Error> {
        let orders = match state.post.look().map_err(Error::io(self.work.folder.path()))? {
            Ordered::More(orders) => orders,
            Ordered::Last(orders) => {
                state.ended = true;
                orders
            }
        };
        for order in orders {
            match order {
                Order::Train(run) => {
                    self.ending.enter(&run);
                    state.ordered.push_back(run);
                }
                order => self.work.controls.obey(&order),
            }
        }
        Ok(())
    }

    /// The first ordered run that no one else trains. Those that have ended meanwhile are answered.
    fn claim(&self, state: &mut State, here: &Numerics) -> Result<Option<Next>, Error> {
        let others = state.joined.look();
        for _ in 0..state.ordered.len() {
            let Some(run) = state.ordered.pop_front() else { break };
            let Some(planned) = self.work.planned(&run) else {
                self.answer(&run, Outcome::failed(record::Cause::Config, "the run is not in the plan"));
                continue;
            };
            let folder = self.work.folder.run(&run);
            let lives = |holder: &record::Holder| others.iter().any(|other| other.holder.is(holder));
            let mut misplaced = None;
            let fits = || {
                misplaced = self.work.misplaced(&run, here);
                misplaced.is_none()
            };
            let claim = Claim::make(planned, &folder, self.lease.holder(), None, lives, fits);
            match claim.map_err(Error::record(folder.path()))? {
                Claim::Mine(log) => {
                    let stop = self.work.controls.stop_of(&run).unwrap_or_else(|| self.ending.enter(&run));
                    return Ok(Some(Next { run, log, stop }));
                }
                Claim::Finished(outcome) | Claim::Failed(outcome) => self.answer(&run, outcome),
                Claim::Taken => state.ordered.push_back(run),
                Claim::Unfit => misplaced.into_iter().for_each(|why| {
                    (self.answers)(&Answer { run: run.clone(), update: Update::Misplaced(why) });
                }),
            }
        }
        Ok(None)
    }

    fn answer(&self, run: &str, outcome: Outcome) {
        (self.answers)(&Answer { run: run.to_owned(), update: Update::Ended(outcome) });
    }
}

impl Source for Task<'_> {
    fn next(&self, here: &Numerics) -> Result<Option<Next>, Error> {
        loop {
            if self.ending.is_asked() {
                return Ok(None);
            }
            let mut state = self.state();
            self.look(&mut state)?;
            if let Some(next) = self.claim(&mut state, here)? {
                state.running += 1;
                state.idle = None;
                return Ok(Some(next));
            }
            let is_taken = !state.ordered.is_empty();
            if !is_taken && state.running == 0 {
                let idle = *state.idle.get_or_insert_with(Instant::now);
                if state.ended || idle.elapsed() > IDLE {
                    state.post.close().map_err(Error::io(self.work.folder.path()))?;
                    self.look(&mut state)?;
                    if state.ordered.is_empty() {
                        return Ok(None);
                    }
                    continue;
                }
            }
            drop(state);
            std::thread::sleep(if is_taken { TAKEN } else { LOOK });
        }
    }

    fn ended(&self, run: &str, outcome: &Outcome) -> Result<(), Error> {
        // A run that ends with its task, or because another start has taken it up, is answered by a later start.
        let is_over = !self.ending.is_asked() || outcome.status.is_finished();
        if is_over && !outcome.is_superseded() {
            self.answer(run, outcome.clone());
        }
        self.state().running -= 1;
        Ok(())
    }
}

/// Writes answers into a file; steps not too often.
pub(crate) fn answers(file: File) -> Answers {
    let state = Mutex::new((file, None::<Instant>));
    Arc::new(move |answer: &Answer| {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Update::Step(_) = answer.update {
            if state.1.is_some_and(|last| last.elapsed() < STEP_INTERVAL) {
                return;
            }
            state.1 = Some(Instant::now());
        }
        // What is lost here is in the run's own record.
        let _ = channel::answer(&mut state.0, answer);
    })
}
