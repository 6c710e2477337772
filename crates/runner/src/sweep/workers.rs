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

/// Runs at once on a GPU whose number is not given: more than this were of no use to the smallest networks.
const MOST_SLOTS: usize = 16;
/// CPU threads of a run on a GPU whose number is not given: for reading data and for metrics.
const THREADS_BESIDE_GPU: usize = 4;

/// Workers for so many pending runs on so many cores.
///
/// On the CPU a worker trains one run, and two runs on a thread each finish sooner than one after the other on two, so
/// cores go to runs first. A GPU has one worker, which compiles its kernels once and trains all runs of that GPU: as many at
/// once as pay, which it finds out, unless `jobs` or `slots` say how many.
///
/// Of a list with both, a core stays with each GPU, and the others train on the CPU. Of a number of jobs each GPU gets one, then
/// each core that is left, and the GPUs share the rest.
pub(crate) fn workers(
    devices: &[DeviceKind],
    execution: &Execution,
    slots: Option<NonZeroUsize>,
    pending: usize,
    cores: usize,
) -> Vec<WorkerSpec> {
    let (cpus, gpus): (Vec<usize>, Vec<usize>) = (0..devices.len()).partition(|index| devices[*index].is_cpu());
    let pending = pending.max(1);
    let jobs = match execution.jobs {
        Count::Number(jobs) => Some(jobs.get().min(pending)),
        Count::Auto => None,
    };
    let threads = match execution.threads {
        Count::Number(threads) => Some(threads.get()),
        Count::Auto => None,
    };
    let free = cores.saturating_sub(gpus.len()).max(1);
    let on_cpus = match (cpus.is_empty(), jobs) {
        (true, _) => 0,
        (false, Some(jobs)) if gpus.is_empty() => jobs,
        (false, Some(jobs)) => jobs.saturating_sub(gpus.len()).min(free),
        (false, None) => (free / threads.unwrap_or(1)).clamp(1, pending),
    };
    let on_gpus = jobs.map(|jobs| jobs - on_cpus);
    let threads_of = |runs: usize, device: DeviceKind| {
        threads.unwrap_or_else(|| match device.is_cpu() {
            true => (free / on_cpus.max(1)).max(1),
            false => (cores / runs.max(1)).clamp(1, THREADS_BESIDE_GPU),
        })
    };
    let mut workers = Vec::new();
    for (index, device) in devices.iter().enumerate() {
        let (same, runs) = if device.is_cpu() { (&cpus, Some(on_cpus)) } else { (&gpus, on_gpus) };
        let place = same.iter().position(|other| *other == index).expect("each device is of one kind");
        let Some(runs) = runs else {
            let most = slots.map_or(MOST_SLOTS, NonZeroUsize::get).min(pending.div_ceil(gpus.len()));
            workers.push(worker(*device, (most, slots.is_none()), threads_of(gpus.len(), *device)));
            continue;
        };
        let mut left = runs / same.len() + usize::from(place < runs % same.len());
        let most = match slots {
            Some(slots) => slots.get(),
            None if device.is_cpu() => 1,
            None => left,
        };
        while left > 0 {
            let slots = left.min(most);
            workers.push(worker(*device, (slots, false), threads_of(runs, *device)));
            left -= slots;
        }
    }
    workers
}

fn worker(kind: DeviceKind, (slots, packs): (usize, bool), threads: usize) -> WorkerSpec {
    let device = Device::try_from(kind.to_string()).expect("the names of devices are plain words");
    let mut environment = environment(slots, threads, kind.is_cpu());
    environment.extend(training::worker_environment(kind).into_iter().map(|(name, value)| (name.to_owned(), value)));
    WorkerSpec { device, slots, packs, threads, environment }
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
        check(&gpus, "auto", "auto", 0, &[(0, 16, 4), (1, 16, 4)]);
        check(&gpus, "auto", "2", 3, &[(0, 3, 2), (1, 3, 2)]);
        check(&gpus, "5", "1", 0, &[(0, 3, 1), (1, 2, 1)]);
        check(&gpus, "1", "2", 0, &[(0, 1, 2)]);
        check(&gpus, "4", "1", 1, &[(0, 1, 1), (0, 1, 1), (1, 1, 1), (1, 1, 1)]);
    }

    #[test]
    fn a_gpu_finds_out_how_many_runs_pay_unless_it_is_told() {
        let packs = |jobs: &str, slots: usize| {
            let execution = Execution { jobs: jobs.parse().unwrap(), ..Execution::default() };
            let workers = workers(&[DeviceKind::Cuda(0)], &execution, NonZeroUsize::new(slots), 100, 8);
            workers.iter().map(|worker| (worker.slots, worker.packs)).collect::<Vec<_>>()
        };
        assert_eq!(packs("auto", 0), [(16, true)]);
        assert_eq!(packs("auto", 5), [(5, false)]);
        assert_eq!(packs("3", 0), [(3, false)]);
    }

    #[test]
    fn of_a_mixed_list_gpus_come_first_and_keep_a_core_each() {
        let mixed = [DeviceKind::Cuda(0), DeviceKind::Flex];
        let cpu = (1, 1, 1);
        check(&mixed, "auto", "auto", 0, &[[(0, 16, 4)].as_slice(), &[cpu; 7]].concat());
        check(&mixed, "auto", "3", 0, &[[(0, 16, 3)].as_slice(), &[(1, 1, 3); 2]].concat());
        check(&mixed, "1", "1", 0, &[(0, 1, 1)]);
        check(&mixed, "3", "1", 0, &[(0, 1, 1), cpu, cpu]);
        check(&mixed, "10", "1", 0, &[[(0, 3, 1)].as_slice(), &[cpu; 7]].concat());
    }

    #[test]
    fn there_are_no_more_workers_than_runs() {
        assert_eq!(workers(&[DeviceKind::Flex], &Execution::default(), None, 3, 8).len(), 3);
    }
}
