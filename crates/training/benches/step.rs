//! Milliseconds of one training step of each preset at batch 64, in the real loop: `cargo bench -p training`.
//!
//! A run trains in a thread of its own and waits after each step until the benchmark lets it go on, so that an
//! iteration is one step with all that the loop does: data, latents, both updates, the moving average, losses.

use divan::Bencher;
use record::{Event, RunFolder, Status};
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use training::{DeviceKind, Job, Observer, RunConfig, Stop, train};

struct Case {
    preset: &'static str,
    threads: usize,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}, {} thread(s)", self.preset, self.threads)
    }
}

fn cases() -> impl Iterator<Item = Case> {
    let of_digits = models::preset::ALL.iter().filter(|preset| !preset.translates());
    of_digits.flat_map(|preset| [1, 2].map(|threads| Case { preset: preset.name, threads }))
}

struct Gate {
    go: Receiver<()>,
    done: Sender<()>,
    stop: Stop,
}

impl Observer for Gate {
    fn step(&mut self, _: u64) {
        let _ = self.done.send(());
        if self.go.recv().is_err() {
            self.stop.ask(Status::Interrupted, "measured");
        }
    }
    fn event(&mut self, _: &Event) {}
}

#[divan::bench(args = cases(), sample_count = 15, sample_size = 1)]
fn step(bencher: Bencher, case: &Case) {
    let preset = models::preset::find(case.preset).expect("the list names presets");
    let mut config: RunConfig = serde_json::from_value(preset.settings()).expect("settings are a part of `run`");
    config.train.steps = Some(1_000_000);
    config.checkpoint.every = 0;
    config.sample.every = 0;

    let folder = tempfile::tempdir().expect("a temporary folder");
    let (go, going) = channel();
    let (doing, done) = channel();
    let stop = Stop::default();
    let dataset = config.data.open(data::Split::Train).expect("it is embedded");
    let job = Job {
        config,
        identity: None,
        folder: RunFolder::new(folder.path()),
        dataset: Arc::new(dataset),
        device: DeviceKind::Flex,
        cache: folder.path().join("cache"),
        threads: case.threads,
        mix: false,
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(case.threads).build().expect("a pool");
    let run = std::thread::spawn(move || {
        let gate = Gate { go: going, done: doing, stop: stop.clone() };
        pool.install(move || train(job, Box::new(gate), stop))
    });
    done.recv().expect("the first step ends");
    bencher.bench_local(|| {
        go.send(()).expect("the run waits");
        done.recv().expect("the step ends");
    });
    drop(go);
    run.join().expect("the run ends");
}

fn main() {
    divan::main();
}
