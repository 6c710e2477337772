//! How many workers there are, on what, and how many runs each of them trains at once.

use crate::error::Error;
use crate::sweep::launcher::local::Place;
use experiment::{Count, Execution};
use std::num::NonZeroUsize;
use training::DeviceKind;

/// Threads of all runs at once; more is a slip of the hand.
const MOST_THREADS: usize = 1024;

/// Refuses what would bring the machine down.
pub fn check_size(execution: &Execution) -> Result<(), Error> {
    let number = |count| match count {
        Count::Auto => 1,
        Count::Number(number) => number.get(),
    };
    let (jobs, threads) = (number(execution.jobs), number(execution.threads));
    if jobs.saturating_mul(threads) > MOST_THREADS {
        return Err(Error::Usage(format!("{jobs} x {threads} threads (jobs x threads) are more than {MOST_THREADS}")));
    }
    Ok(())
}

/// Workers for so many pending runs on so many cores.
///
/// On the CPU a worker trains one run, and two runs on a thread each finish sooner than one after the other on two, so
/// cores go to runs first. A GPU has one worker, which compiles its kernels once and trains all runs of that GPU.
/// `slots` overrules both.
pub fn places(
    devices: &[DeviceKind],
    execution: &Execution,
    slots: Option<NonZeroUsize>,
    pending: usize,
    cores: usize,
) -> Vec<Place> {
    let jobs = match (execution.jobs, execution.threads) {
        (Count::Number(jobs), _) => jobs.get(),
        (Count::Auto, _) if devices.iter().any(|device| !device.is_cpu()) => devices.len(),
        (Count::Auto, Count::Number(threads)) => cores / threads.get(),
        (Count::Auto, Count::Auto) => cores,
    };
    let jobs = jobs.clamp(1, pending.max(1));
    let threads = match execution.threads {
        Count::Number(threads) => threads.get(),
        Count::Auto => (cores / jobs).max(1),
    };
    let mut places = Vec::new();
    for (index, device) in devices.iter().enumerate() {
        let mut left = jobs / devices.len() + usize::from(index < jobs % devices.len());
        let most = match slots {
            Some(slots) => slots.get(),
            None if device.is_cpu() => 1,
            None => left,
        };
        while left > 0 {
            let slots = left.min(most);
            places.push(Place { device: *device, slots, threads });
            left -= slots;
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(devices: &[DeviceKind], jobs: &str, threads: &str, slots: usize, expected: &[(usize, usize, usize)]) {
        let count = |text: &str| text.parse().unwrap();
        let execution = Execution { jobs: count(jobs), threads: count(threads), ..Execution::default() };
        let places = places(devices, &execution, NonZeroUsize::new(slots), 100, 8);
        let index = |place: &Place| devices.iter().position(|device| *device == place.device).unwrap();
        let found: Vec<_> = places.iter().map(|place| (index(place), place.slots, place.threads)).collect();
        assert_eq!(found, expected, "{devices:?}, {jobs} jobs, {threads} threads, {slots} slots");
    }

    #[test]
    fn a_core_gets_a_worker_and_a_gpu_gets_one_for_all_its_runs() {
        let cpu = [DeviceKind::Flex];
        let gpus = [DeviceKind::Cuda(0), DeviceKind::Cuda(2)];
        check(&cpu, "auto", "auto", 0, &[(0, 1, 1); 8]);
        check(&cpu, "auto", "3", 0, &[(0, 1, 3); 2]);
        check(&cpu, "2", "auto", 0, &[(0, 1, 4); 2]);
        check(&cpu, "5", "1", 2, &[(0, 2, 1), (0, 2, 1), (0, 1, 1)]);
        check(&gpus, "auto", "auto", 0, &[(0, 1, 4), (1, 1, 4)]);
        check(&gpus, "5", "1", 0, &[(0, 3, 1), (1, 2, 1)]);
        check(&gpus, "1", "2", 0, &[(0, 1, 2)]);
        check(&gpus, "4", "1", 1, &[(0, 1, 1), (0, 1, 1), (1, 1, 1), (1, 1, 1)]);
    }

    #[test]
    fn there_are_no_more_workers_than_runs() {
        assert_eq!(places(&[DeviceKind::Flex], &Execution::default(), None, 3, 8).len(), 3);
    }
}
