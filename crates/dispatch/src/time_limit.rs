//! The time limit of a run: first the run is asked to end with a checkpoint, then its worker is killed.

use std::time::Duration;

/// How long a run past its limit may take for its last step and its checkpoint: a tenth of the limit, within these.
const GRACE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(60));

/// How long one attempt may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeLimit(pub(crate) Duration);

impl TimeLimit {
    /// From the request to stop to the death of the worker.
    pub(crate) fn grace(self) -> Duration {
        (self.0 / 10).clamp(GRACE.0, GRACE.1)
    }

    /// Why a run was asked to stop.
    pub(crate) fn reached(self) -> String {
        format!("reached its time limit of {}", written(self.0))
    }

    /// Why its worker was killed.
    pub(crate) fn ignored(self) -> String {
        format!("did not stop within {} after its time limit of {}", written(self.grace()), written(self.0))
    }
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
        let grace = |seconds| TimeLimit(Duration::from_secs(seconds)).grace().as_secs();
        assert_eq!([1, 100, 300, 600, 86_400].map(grace), [10, 10, 30, 60, 60]);
    }
}
