//! Tests that cannot run on this machine.

use std::env;
use std::io::{Write, stderr};

/// One `NAME: REASON` a line.
const ALLOWED: &str = include_str!("../../../.ci/allowed-skips");

/// Reports a test that cannot run here; the test returns afterwards. It writes past the capture of the test harness, so that a
/// skip is seen where the test passes.
///
/// # Panics
/// In CI, where the environment variable `CI` is set, unless `.ci/allowed-skips` lists `name`.
pub fn skip(name: &str, reason: &str) {
    let _ = writeln!(stderr(), "skipped: {name}: {reason}");
    let is_ci = env::var_os("CI").is_some_and(|value| !value.is_empty());
    assert!(!is_ci || lists(ALLOWED, name), "{name} is not in .ci/allowed-skips: skipping it fails in CI");
}

fn lists(allowed: &str, name: &str) -> bool {
    let lines = allowed.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(": ")).any(|(listed, _)| listed == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_outside_of_comments_are_listed() {
        let allowed = "# disk: of a comment\namx: no tiles\nfashion-mnist: no package: none\n";
        assert!(lists(allowed, "amx") && lists(allowed, "fashion-mnist"));
        assert!(["disk", "# disk", "am", "amx: no tiles", ""].iter().all(|name| !lists(allowed, name)));
    }

    #[test]
    fn every_listed_skip_has_a_reason() {
        let lines = ALLOWED.lines().filter(|line| !line.starts_with('#'));
        for line in lines {
            let (name, reason) = line.split_once(": ").unwrap_or_default();
            assert!(!name.contains(' ') && reason.len() > 20, "{line}");
        }
    }
}
