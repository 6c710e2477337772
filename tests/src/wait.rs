//! Waiting that ends: a condition that does not come true is a failure that says what was waited for.

use std::time::{Duration, Instant};

/// Far beyond what any wait takes on a slow machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(600);

/// Often enough to catch a run between two checkpoints.
const INTERVAL: Duration = Duration::from_millis(2);

/// Looks until there is an answer.
///
/// # Panics
/// There is none within ten minutes.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = look() {
            return answer;
        }
        assert!(began.elapsed() < LIMIT, "waited {} s for this: {what}", LIMIT.as_secs());
        std::thread::sleep(INTERVAL);
    }
}
