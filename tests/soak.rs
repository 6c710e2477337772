//! A short form of the attack that `soak` makes for as long as wanted.

use std::time::Duration;

#[test]
fn half_a_minute_of_attacks_finds_nothing() {
    let counts = tests::soak::soak(testing::seed(), Duration::from_secs(30));
    assert!(counts.iter().any(|(_, count)| *count > 0), "{counts:?}");
}
