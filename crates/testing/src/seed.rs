//! Seeds of random tests.

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

/// The environment variable that repeats a random test.
pub const SEED: &str = "TEST_SEED";

/// The seed of a random test: that of [`SEED`] where it is set, else one from the clock. Printed, so that the harness shows how
/// to repeat a test that fails.
///
/// # Panics
/// The variable is no whole number below 2⁶⁴.
pub fn seed() -> u64 {
    let seed = match env::var(SEED) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{SEED}={text} is no whole number below 2^64")),
        Err(_) => from_clock(),
    };
    println!("{SEED}={seed} repeats this test");
    seed
}

/// Nanoseconds since 1970, which differ between two runs of a test.
fn from_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_differ_from_run_to_run() {
        if env::var_os(SEED).is_none() {
            let first = seed();
            assert!((0..1000).any(|_| seed() != first));
        }
    }
}
