//! Timers: values that fall due at a time, soonest first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

/// Values that fall due, soonest first.
#[derive(Debug)]
pub(crate) struct Timers<T>(BinaryHeap<Reverse<(Instant, T)>>);

impl<T: Ord> Timers<T> {
    /// None.
    pub(crate) fn new() -> Self {
        Self(BinaryHeap::new())
    }

    /// `value` falls due after `pause`.
    pub(crate) fn set(&mut self, pause: Duration, value: T) {
        // A pause that ends beyond the range of the clock never ends.
        if let Some(due) = Instant::now().checked_add(pause) {
            self.0.push(Reverse((due, value)));
        }
    }

    /// How long until the next value falls due.
    pub(crate) fn pause(&self) -> Option<Duration> {
        self.0.peek().map(|Reverse((due, _))| due.saturating_duration_since(Instant::now()))
    }

    /// The next value, if it is due.
    pub(crate) fn due(&mut self) -> Option<T> {
        self.pause().filter(Duration::is_zero)?;
        self.0.pop().map(|Reverse((_, value))| value)
    }

    /// Delays all of them: time that was slept through does not count.
    pub(crate) fn delay(&mut self, by: Duration) {
        self.0 =
            self.0.drain().filter_map(|Reverse((due, value))| Some(Reverse((due.checked_add(by)?, value)))).collect();
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
        timers.delay(Duration::from_secs(1000));
        assert!(timers.pause() > Some(Duration::from_secs(1500)));
    }
}
