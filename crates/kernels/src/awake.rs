//! Threads that stay awake between the layers of a step.

use rayon::Yield;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Keeps the threads of a rayon pool looking for work while steps follow each other: a small layer is done in less time than
/// it takes to wake a thread. Where none comes, they sleep after a millisecond.
#[derive(Debug, Default)]
pub struct Awake {
    looking: Arc<AtomicUsize>,
}

impl Awake {
    /// How long a thread looks for work in vain.
    const PATIENCE: Duration = Duration::from_millis(1);

    /// Wakes the other threads of this one's pool, if all of them sleep. To be called at the start of each step; outside of a
    /// pool it does nothing.
    pub fn wake(&self) {
        let Some(this) = rayon::current_thread_index() else { return };
        let others = rayon::current_num_threads() - 1;
        let all_sleep = self.looking.compare_exchange(0, others, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if others == 0 || !all_sleep {
            return;
        }
        let looking = self.looking.clone();
        rayon::spawn_broadcast(move |thread| {
            if thread.index() != this {
                look();
                looking.fetch_sub(1, Ordering::Relaxed);
            }
        });
    }
}

fn look() {
    /// Times that a thread looks before it yields its core.
    const LOOKS: usize = 64;
    let mut since = Instant::now();
    while since.elapsed() < Awake::PATIENCE {
        for _ in 0..LOOKS {
            if rayon::yield_now() == Some(Yield::Executed) {
                since = Instant::now();
            }
            std::hint::spin_loop();
        }
        std::thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::ThreadPoolBuilder;

    #[test]
    fn others_look_for_work_and_sleep_again() {
        let awake = Awake::default();
        awake.wake();
        assert_eq!(awake.looking.load(Ordering::Relaxed), 0, "outside of a pool");
        for threads in 1..=3 {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            for _ in 0..3 {
                pool.install(|| {
                    awake.wake();
                    assert_eq!(awake.looking.load(Ordering::Relaxed), threads - 1);
                    awake.wake();
                    assert_eq!(rayon::join(|| 1, || 2), (1, 2));
                    assert!(awake.looking.load(Ordering::Relaxed) < threads, "no thread looks twice");
                });
                while awake.looking.load(Ordering::Relaxed) > 0 {
                    std::thread::yield_now();
                }
            }
        }
    }
}
