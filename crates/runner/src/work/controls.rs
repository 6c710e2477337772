//! How orders reach runs under way.

use dispatch::protocol::Order;
use record::Status;
use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use training::Stop;

/// The runs of this process that can be stopped, and whether all are held still.
#[derive(Default)]
pub(crate) struct Controls {
    /// By id.
    stops: Mutex<HashMap<String, Stop>>,
    paused: Mutex<bool>,
    resumed: Condvar,
}

impl Controls {
    /// From now on the run can be stopped, whether it trains yet or not.
    pub(crate) fn enter(&self, run: &str) -> Stop {
        let stop = Stop::default();
        self.stops().insert(run.to_owned(), stop.clone());
        stop
    }

    /// That of a run that was entered.
    pub(crate) fn stop_of(&self, run: &str) -> Option<Stop> {
        self.stops().get(run).cloned()
    }

    /// The run has ended.
    pub(crate) fn leave(&self, run: &str) {
        self.stops().remove(run);
    }

    /// Carries an order out that is not one to train.
    pub(crate) fn obey(&self, order: &Order) {
        match order {
            Order::Train(_) => {}
            Order::Stop { run, status, reason } => self.stop(run.as_deref(), *status, reason),
            Order::Pause => self.pause(true),
            Order::Resume => self.pause(false),
        }
    }

    /// Asks a run to end, or all of them.
    pub(crate) fn stop(&self, run: Option<&str>, status: Status, reason: &str) {
        let stops = self.stops();
        let selected = stops.iter().filter(|(id, _)| run.is_none_or(|run| run == *id));
        selected.for_each(|(_, stop)| stop.ask(status, reason));
    }

    /// Waits while the process is paused.
    pub(super) fn hold(&self) {
        let paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.resumed.wait_while(paused, |paused| *paused));
    }

    fn stops(&self) -> MutexGuard<'_, HashMap<String, Stop>> {
        self.stops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pause(&self, paused: bool) {
        *self.paused.lock().unwrap_or_else(PoisonError::into_inner) = paused;
        self.resumed.notify_all();
    }
}
