//! Where the time of a run goes.

use std::collections::BTreeMap;
use std::time::Instant;

/// Seconds by part of the work. All time between two calls belongs to the second one's part.
pub(crate) struct Clock {
    secs: BTreeMap<&'static str, f64>,
    since: Instant,
}

impl Default for Clock {
    /// Starts now.
    fn default() -> Self {
        Self { secs: BTreeMap::new(), since: Instant::now() }
    }
}

impl Clock {
    /// The part is done.
    pub(crate) fn done(&mut self, part: &'static str) {
        *self.secs.entry(part).or_default() += self.skip();
    }

    /// The time since the last call belongs to no part; returns it in seconds.
    pub(crate) fn skip(&mut self) -> f64 {
        let now = Instant::now();
        now.duration_since(std::mem::replace(&mut self.since, now)).as_secs_f64()
    }

    pub(crate) fn secs(&self) -> BTreeMap<String, f64> {
        self.secs.iter().map(|(part, secs)| ((*part).to_owned(), *secs)).collect()
    }
}
