//! A target under a number of inputs: what breaks it is kept, with the seed that makes it again.

use crate::targets::Target;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;
use testing::Mutator;

/// A reader that takes longer than this for one small input hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a session does.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// Of the inputs.
    pub seed: u64,
    /// How many.
    pub inputs: u64,
}

/// An input that a reader did not survive.
#[derive(Debug)]
pub struct Broken {
    /// Where the input lies.
    pub input: PathBuf,
    /// What happened, as a sentence.
    pub what: String,
}

impl Session {
    /// Gives the target its inputs, each in the same empty folder. `keep` gets the input that breaks it.
    ///
    /// # Errors
    /// The first input that makes the reader panic or hang.
    ///
    /// # Panics
    /// The folders cannot be written.
    pub fn run(self, target: &'static Target, keep: &Path) -> Result<(), Broken> {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        let path = folder.path().to_owned();
        let (sender, receiver) = channel();
        thread::spawn(move || {
            let seeds = target.all_seeds();
            let mut mutator = Mutator::new(self.seed);
            for number in 0..self.inputs {
                let bytes = mutator.mutated(&seeds, target.words);
                // Lies there, if the process is ended for its memory.
                let _ = fs::write(path.join("input"), &bytes);
                let sent = sender.send((number, bytes.clone(), None));
                let read = catch_unwind(AssertUnwindSafe(|| (target.read)(&path, &bytes)));
                if let Err(panic) = read {
                    let _ = sender.send((number, bytes, Some(text(&*panic))));
                    return;
                }
                if sent.is_err() {
                    return;
                }
            }
        });
        let mut last = (0, Vec::new());
        loop {
            let (number, bytes, what) = match receiver.recv_timeout(PATIENCE) {
                Ok((number, bytes, None)) => {
                    last = (number, bytes);
                    continue;
                }
                Ok((number, bytes, Some(what))) => (number, bytes, format!("panics: {what}")),
                Err(RecvTimeoutError::Timeout) => {
                    (last.0, last.1, format!("hangs: no answer for {} s", PATIENCE.as_secs()))
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            let input = keep.join(format!("{}-{:x}-{number}", target.name, self.seed));
            fs::create_dir_all(keep).and_then(|()| fs::write(&input, bytes)).expect("the input can be kept");
            return Err(Broken { input, what });
        }
    }
}

fn text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(read: fn(&Path, &[u8])) -> &'static Target {
        Box::leak(Box::new(Target { name: "test", seeds: || vec![vec![0; 8]], words: &[], read }))
    }

    #[test]
    fn a_reader_that_panics_is_found_and_its_input_kept() {
        let keep = tempfile::tempdir().unwrap();
        let session = Session { seed: 7, inputs: 1000 };
        assert!(session.run(target(|_, _| {}), keep.path()).is_ok());
        let broken = session.run(target(|_, bytes| assert!(bytes.first() != Some(&0xff))), keep.path()).unwrap_err();
        assert_eq!(fs::read(&broken.input).unwrap()[0], 0xff);
        assert!(broken.what.contains("panics"), "{}", broken.what);
    }
}
