//! Items that are made while the ones before are used.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;

/// The items of an iterator, in its order. If prefetching is on and the rayon pool has another thread, that thread makes an
/// item while the one before is used.
pub(crate) struct Prefetch<I: Iterator> {
    next: Option<Next<I>>,
    is_on: bool,
}

enum Next<I: Iterator> {
    /// Made when it is asked for.
    Idle(Box<I>),
    /// Being made.
    Coming(Receiver<thread::Result<Made<I>>>),
}

/// An item and the rest.
type Made<I> = (Option<<I as Iterator>::Item>, Box<I>);

impl<I: Iterator> Prefetch<I> {
    pub(crate) fn new(items: I, is_on: bool) -> Self {
        Self { next: Some(Next::Idle(Box::new(items))), is_on }
    }
}

impl<I> Iterator for Prefetch<I>
where
    I: Iterator + Send + 'static,
    I::Item: Send,
{
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let (item, rest) = match self.next.take()? {
            Next::Idle(mut items) => (items.next(), items),
            Next::Coming(made) => wait(&made),
        };
        let item = item?;
        let has_help = self.is_on && rayon::current_thread_index().is_some() && rayon::current_num_threads() > 1;
        self.next = Some(if has_help { start(rest) } else { Next::Idle(rest) });
        Some(item)
    }
}

fn start<I>(mut items: Box<I>) -> Next<I>
where
    I: Iterator + Send + 'static,
    I::Item: Send,
{
    let (sender, made) = channel();
    rayon::spawn(move || {
        let made = catch_unwind(AssertUnwindSafe(|| (items.next(), items)));
        let _ = sender.send(made); // The run may have ended.
    });
    Next::Coming(made)
}

fn wait<T>(made: &Receiver<thread::Result<T>>) -> T {
    loop {
        match made.try_recv() {
            Ok(made) => return made.unwrap_or_else(|panic| resume_unwind(panic)),
            // If no other thread has begun, this one makes it now.
            Err(TryRecvError::Empty) => _ = rayon::yield_now(),
            Err(TryRecvError::Disconnected) => unreachable!("what is made is sent"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::ThreadPoolBuilder;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn items_come_in_their_order_wherever_they_are_made() {
        for is_on in [false, true] {
            assert!(Prefetch::new(0..100, is_on).eq(0..100), "outside of a pool");
            for threads in 1..=3 {
                let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let mut items = Prefetch::new(0..100, is_on);
                pool.install(|| assert!(items.by_ref().eq(0..100), "{threads} threads"));
                assert_eq!(items.next(), None);
            }
        }
    }

    #[test]
    fn another_thread_makes_them() {
        let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let made = Arc::new(AtomicUsize::new(0));
        let counter = made.clone();
        let maker = move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            rayon::current_thread_index()
        };
        pool.install(|| {
            let this = rayon::current_thread_index();
            let mut items = Prefetch::new((0..2).map(maker), true);
            assert_eq!(items.next(), Some(this), "the first one is wanted at once");
            while made.load(Ordering::Relaxed) < 2 {
                thread::yield_now(); // It would be made here only when it is asked for.
            }
            assert_ne!(items.next(), Some(this));
        });
    }

    #[test]
    fn a_panic_comes_where_the_item_is_wanted() {
        let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        pool.install(|| {
            let mut items = Prefetch::new((0..2).inspect(|item| assert_eq!(*item, 0, "no such item")), true);
            assert_eq!(items.next(), Some(0));
            assert!(catch_unwind(AssertUnwindSafe(|| items.next())).is_err());
        });
    }
}
