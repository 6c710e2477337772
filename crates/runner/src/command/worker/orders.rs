//! Orders from standard input, and how they reach runs under way.

use crate::error::STOPPED;
use dispatch::protocol::Order;
use std::collections::HashMap;
use std::io;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use training::Stop;

/// Receives the runs that are ordered. The end of the orders means that the sweep is gone, and with it the right to write
/// into its folder: the process ends at that moment, whatever it is doing.
///
/// # Errors
/// No thread can be started.
pub(crate) fn listen(controls: Arc<Controls>) -> io::Result<Receiver<(String, Stop)>> {
    let (sender, receiver) = channel();
    std::thread::Builder::new().spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            match serde_json::from_str(&line) {
                Ok(Order::Train(id)) => {
                    let stop = Stop::default();
                    controls.stops().insert(id.clone(), stop.clone());
                    let _ = sender.send((id, stop));
                }
                Ok(Order::Stop { run, status, reason }) => {
                    let stops = controls.stops();
                    let selected = stops.iter().filter(|(id, _)| run.as_ref().is_none_or(|run| run == *id));
                    selected.for_each(|(_, stop)| stop.ask(status, &reason));
                }
                Ok(Order::Pause) => controls.pause(true),
                Ok(Order::Resume) => controls.pause(false),
                Err(error) => eprintln!("not an order: {error}: {line}"),
            }
        }
        std::process::exit(i32::from(STOPPED));
    })?;
    Ok(receiver)
}

/// How orders reach runs under way.
#[derive(Default)]
pub(crate) struct Controls {
    /// Of the runs that this worker was ordered to train, by id.
    stops: Mutex<HashMap<String, Stop>>,
    paused: Mutex<bool>,
    resumed: Condvar,
}

impl Controls {
    /// By the id of the run.
    pub(crate) fn stops(&self) -> MutexGuard<'_, HashMap<String, Stop>> {
        self.stops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pause(&self, paused: bool) {
        *self.paused.lock().unwrap_or_else(PoisonError::into_inner) = paused;
        self.resumed.notify_all();
    }

    /// Waits while the worker is paused.
    pub(crate) fn hold(&self) {
        let paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.resumed.wait_while(paused, |paused| *paused));
    }
}
