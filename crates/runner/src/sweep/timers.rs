//! What is to happen later.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

/// Things that fall due, soonest first.
#[derive(Debug)]
pub struct Timers<T>(BinaryHeap<Reverse<(Instant, T)>>);

impl<T: Ord> Timers<T> {
    /// None.
    pub fn new() -> Self {
        Self(BinaryHeap::new())
    }

    /// `what` falls due after a while.
    pub fn set(&mut self, pause: Duration, what: T) {
        // A pause beyond what a clock can tell is for ever.
        if let Some(due) = Instant::now().checked_add(pause) {
            self.0.push(Reverse((due, what)));
        }
    }

    /// How long until the next thing falls due.
    pub fn pause(&self) -> Option<Duration> {
        self.0.peek().map(|Reverse((due, _))| due.saturating_duration_since(Instant::now()))
    }

    /// The next thing, if it is due.
    pub fn due(&mut self) -> Option<T> {
        self.pause().filter(Duration::is_zero)?;
        self.0.pop().map(|Reverse((_, what))| what)
    }

    /// Puts everything off: time that was slept through does not count.
    pub fn put_off(&mut self, by: Duration) {
        self.0 =
            self.0.drain().filter_map(|Reverse((due, what))| Some(Reverse((due.checked_add(by)?, what)))).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soonest_comes_first_and_nothing_before_its_time() {
        let mut timers = Timers::new();
        assert_eq!((timers.pause(), timers.due()), (None, None));
        timers.set(Duration::from_secs(1000), "late");
        timers.set(Duration::MAX, "never");
        timers.set(Duration::ZERO, "now");
        assert_eq!(timers.pause(), Some(Duration::ZERO));
        assert_eq!((timers.due(), timers.due()), (Some("now"), None));
        timers.put_off(Duration::from_secs(1000));
        assert!(timers.pause() > Some(Duration::from_secs(1500)));
    }
}
