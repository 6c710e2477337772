//! How many workers there are, on which devices, and how many runs each of them trains at once.

use crate::error::Error;
use crate::work::environment;
use dispatch::{Device, WorkerCommand, WorkerSpec};
use experiment::{Count, Execution};
use record::SweepFolder;
use std::num::NonZeroUsize;
use std::path::Path;
use training::DeviceKind;

/// Threads of all runs at once; more is a typing mistake.
const MAX_THREADS: usize = 1024;

/// Refuses numbers that would bring the machine down.
pub(crate) fn check_size(execution: &Execution) -> Result<(), Error> {
    let number = |count| match count {
        Count::Auto => 1,
        Count::Number(number) => number.get(),
    };
    let (jobs, threads) = (number(execution.jobs), number(execution.threads));
    if jobs.saturating_mul(threads) > MAX_THREADS {
        return Err(Error::Usage(format!("{jobs} x {threads} threads (jobs x threads) are more than {MAX_THREADS}")));
    }
    Ok(())
}

/// `runner worker` for a sweep's folder, on this machine: the program of this very process, even after another one has been
/// built or installed in its place.
pub(crate) fn local_command(folder: &SweepFolder, mix: bool) -> Result<WorkerCommand, Error> {
    let running = Path::new("/proc/self/exe");
    let program = if running.exists() {
        running.to_owned()
    } else {
        std::env::current_exe().map_err(Error::io(Path::new("this program")))?
    };
    let mut arguments = vec!["worker".into(), folder.path().into()];
    arguments.extend(mix.then(|| "--mix".into()));
    Ok(WorkerCommand { program, arguments })
}

/// Workers for so many pending runs on so many cores.
///
/// On the CPU a worker trains one run, and two runs on a thread each finish sooner than one after the other on two, so
/// cores go to runs first. A GPU has one worker, which compiles its kernels once and trains all runs of that GPU.
/// `slots` overrules both.
pub(crate) fn workers(
    devices: &[DeviceKind],
    execution: &Execution,
    slots: Option<NonZeroUsize>,
    pending: usize,
    cores: usize,
) -> Vec<WorkerSpec> {
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
    let mut workers = Vec::new();
    for (index, device) in devices.iter().enumerate() {
        let mut left = jobs / devices.len() + usize::from(index < jobs % devices.len());
        let most = match slots {
            Some(slots) => slots.get(),
            None if device.is_cpu() => 1,
            None => left,
        };
        while left > 0 {
            let slots = left.min(most);
            workers.push(worker(*device, slots, threads));
            left -= slots;
        }
    }
    workers
}

fn worker(kind: DeviceKind, slots: usize, threads: usize) -> WorkerSpec {
    let device = Device::try_from(kind.to_string()).expect("the names of devices are plain words");
    WorkerSpec { device, slots, threads, environment: environment(slots, threads, kind.is_cpu()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(devices: &[DeviceKind], jobs: &str, threads: &str, slots: usize, expected: &[(usize, usize, usize)]) {
        let count = |text: &str| text.parse().unwrap();
        let execution = Execution { jobs: count(jobs), threads: count(threads), ..Execution::default() };
        let workers = workers(devices, &execution, NonZeroUsize::new(slots), 100, 8);
        let index = |worker: &WorkerSpec| {
            devices.iter().position(|device| device.to_string() == worker.device.to_string()).unwrap()
        };
        let found: Vec<_> = workers.iter().map(|worker| (index(worker), worker.slots, worker.threads)).collect();
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
        assert_eq!(workers(&[DeviceKind::Flex], &Execution::default(), None, 3, 8).len(), 3);
    }
}
