//! How a worker ended: its exit status and its last lines, classed by their words.

use crate::protocol::DEVICE_FAILED;
use record::Cause;
use signal_hook::consts::SIGKILL;
use std::collections::VecDeque;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// Lines of a worker's standard error that are kept to explain its end.
const LINES: usize = 12;
/// Characters of such a line that are kept.
const LINE_LENGTH: usize = 300;

/// What is said where memory runs out: by Rust's allocator, by NVIDIA's driver, by Burn of a device, and by its launch of a
/// kernel.
const OUT_OF_MEMORY: [&str; 5] =
    ["memory allocation of", "out of memory", "out_of_memory", "out of device memory", "out-of-memory"];

/// How a worker ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Its kind, which decides about another try.
    pub cause: Cause,
    /// Its exit status, and its last lines.
    pub reason: String,
    /// Whether the cluster ended it, and not a fault of what it trained.
    pub is_blameless: bool,
}

impl Exit {
    /// From its exit status and its last lines.
    pub fn of(status: ExitStatus, lines: &LastLines) -> Self {
        let says = |words: &&str| lines.0.iter().any(|line| line.to_ascii_lowercase().contains(words));
        let cause = if status.code() == Some(DEVICE_FAILED) {
            Cause::Device
        } else if OUT_OF_MEMORY.iter().any(says) {
            Cause::OutOfMemory
        } else if status.signal().is_some() {
            Cause::Signal
        } else {
            Cause::LostWorker
        };
        let mut reason = status.to_string();
        if status.signal() == Some(SIGKILL) {
            reason += ", perhaps because memory ran out";
        }
        if !lines.0.is_empty() {
            let lines: Vec<&str> = lines.0.iter().map(String::as_str).collect();
            reason += &format!(": {}", lines.join(" | "));
        }
        Self { cause, reason, is_blameless: false }
    }
}

/// The last lines of a worker's standard error, without backtraces.
#[derive(Clone, Debug, Default)]
pub struct LastLines(VecDeque<String>);

impl LastLines {
    /// Adds a line; the oldest one goes when there are too many.
    pub fn push(&mut self, line: &str) {
        if is_frame(line) {
            return;
        }
        if self.0.len() == LINES {
            self.0.pop_front();
        }
        self.0.push_back(line.chars().take(LINE_LENGTH).collect());
    }
}

/// Whether the line is a part of a backtrace, which would crowd out the message before it.
fn is_frame(line: &str) -> bool {
    let line = line.trim();
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.is_empty()
        || line.starts_with("at ")
        || (digits.len() < line.len() && digits.starts_with(": "))
        || line.starts_with("stack backtrace:")
        || line.starts_with("note: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backtraces_are_left_out() {
        let frames = ["   0: __rustc::rust_begin_unwind", "             at /a/b.rs:3:9", "stack backtrace:", ""];
        assert!(frames.into_iter().all(is_frame));
        let words = ["thread 'main' panicked at src/a.rs:1:2:", "memory allocation of 9 bytes failed", "0 of 3: x"];
        assert!(!words.into_iter().any(is_frame));
    }

    #[test]
    fn an_exit_is_classed_by_its_status_and_its_last_lines() {
        let check = |raw, lines: &[&str], cause, reason: &str| {
            let mut last = LastLines::default();
            lines.iter().for_each(|line| last.push(line));
            assert_eq!(
                Exit::of(ExitStatus::from_raw(raw), &last),
                Exit { cause, reason: reason.to_owned(), is_blameless: false }
            );
        };
        check(101 << 8, &["thread panicked", "oh"], Cause::LostWorker, "exit status: 101: thread panicked | oh");
        check(11, &[], Cause::Signal, "signal: 11 (SIGSEGV)");
        check(9, &[], Cause::Signal, "signal: 9 (SIGKILL), perhaps because memory ran out");
        let words = "memory allocation of 8000000000 bytes failed";
        check(6, &[words], Cause::OutOfMemory, &format!("signal: 6 (SIGABRT): {words}"));
        let words = "CUDA_ERROR_OUT_OF_MEMORY";
        check(101 << 8, &[words], Cause::OutOfMemory, &format!("exit status: 101: {words}"));
        for words in ["out of device memory allocating 4096 bytes", "An out-of-memory error happened during launch"] {
            check(101 << 8, &[words], Cause::OutOfMemory, &format!("exit status: 101: {words}"));
        }
        let words = "error: device `cuda:0` computes wrong numbers";
        check(DEVICE_FAILED << 8, &[words], Cause::Device, &format!("exit status: 69: {words}"));
        let long = "é".repeat(1000);
        let lines = [&long[..]; 40];
        let kept = [&long[..2 * LINE_LENGTH]; LINES].join(" | ");
        check(1 << 8, &lines, Cause::LostWorker, &format!("exit status: 1: {kept}"));
    }
}
