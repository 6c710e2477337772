//! An error with its causes, as people read it.

use std::error::Error;
use std::fmt::Write;

/// The message of an error and those of its causes, in one line: `cannot read x.png: Permission denied (os error 13)`.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Errors of other crates often end with their cause's words, and a cause may name the file again.
        let words = error.to_string();
        if words.starts_with(&text) {
            text = words;
        } else if !text.ends_with(&words) {
            let _ = write!(text, ": {words}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[derive(Debug, thiserror::Error)]
    #[error("{words}")]
    struct Layer {
        words: &'static str,
        source: Option<Box<dyn Error>>,
    }

    #[test]
    fn each_cause_is_told_once() {
        let layer = |words, source: Option<Box<dyn Error>>| Layer { words, source };
        let system = || Some(Box::new(io::Error::other("disk full")) as Box<dyn Error>);
        assert_eq!(with_causes(&layer("cannot write x", None)), "cannot write x");
        assert_eq!(with_causes(&layer("cannot write x", system())), "cannot write x: disk full");
        let repeats = layer("failed: disk full", system());
        assert_eq!(with_causes(&layer("cannot write x", Some(Box::new(repeats)))), "cannot write x: failed: disk full");
    }
}
