//! Attacks the program: `cargo run -p tests --bin soak -- --minutes 60`, and `--attack SEED` for one again.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn main() {
    let mut seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let mut minutes = 1;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let number: u64 = arguments.next().and_then(|text| text.parse().ok()).expect("a number follows each option");
        match argument.as_str() {
            "--seed" => seed = number,
            "--minutes" => minutes = number,
            "--attack" => {
                tests::soak::attack(number);
                return;
            }
            _ => panic!("--seed N, --minutes N or --attack SEED, not {argument}"),
        }
    }
    for (name, count) in tests::soak::soak(seed, Duration::from_secs(60 * minutes)) {
        println!("{name}: {count}");
    }
}
