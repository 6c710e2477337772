//! A run in a folder, on the device that is tested, that can be stopped at a step. Not every test needs all of it.
#![allow(dead_code, reason = "shared by tests that need parts of it")]

use data::{Dataset, Labels, Values};
use models::Domain;
use record::{Event, Outcome, RunFolder, Status};
use samples::Format;
use std::path::Path;
use std::sync::Arc;
use training::{DeviceKind, Job, Observer, RunConfig, Stop, train};

/// Stops the run when a number of steps is done.
pub(crate) struct StopAt(pub Option<u64>, pub Stop);

impl Observer for StopAt {
    fn step(&mut self, done: u64) {
        if self.0 == Some(done) {
            self.1.ask(Status::Interrupted, "a test stops it");
        }
    }
    fn event(&mut self, _: &Event) {}
}

pub(crate) fn device() -> DeviceKind {
    std::env::var("RUNNER_TEST_DEVICE").map_or(DeviceKind::Flex, |name| name.parse().unwrap())
}

const DIGITS: Domain = Domain::images([1, 28, 28], Some(10));

/// A preset with other settings.
pub(crate) fn config(preset: &str, settings: &str) -> RunConfig {
    let mut all = models::preset::find(preset).unwrap().settings();
    let settings: serde_json::Map<_, _> = serde_json::from_str(settings).unwrap();
    for (key, value) in settings {
        all[key] = value;
    }
    let mut config: RunConfig = serde_json::from_value(all).unwrap();
    config.resolve(9000);
    assert_eq!([config.check(), config.check_against(DIGITS, 9000)].concat(), []);
    config
}

/// What a configuration is trained on: digits, or short sounds instead of long ones.
pub(crate) fn dataset(config: &RunConfig) -> Dataset {
    if config.data.name() == "drums" { tones() } else { config.data.open(data::Split::Train).unwrap() }
}

/// Tones of ten pitches, which decay.
fn tones() -> Dataset {
    const LENGTH: usize = 640;
    let tone = |index: usize| {
        let frequency = 100.0 * (1 + index % 10) as f32;
        let phase = move |at: usize| std::f32::consts::TAU * frequency * at as f32 / 8000.0 + index as f32;
        (0..LENGTH).map(move |at| phase(at).sin() * (-(at as f32) / 100.0).exp())
    };
    let values = (0..100).flat_map(tone).collect();
    let labels = Labels::numbered((0..100).map(|index| index % 10).collect(), 10);
    let format = Format::Audio { channels: 1, length: LENGTH, rate: 8000 };
    Dataset::new("tones", format, Values::Numbers(values), Some(labels))
}

pub(crate) fn run(config: &RunConfig, folder: &Path, cache: &Path, threads: usize, stop_at: Option<u64>) -> Outcome {
    start(config, folder, (device(), threads), cache, false, stop_at)
}

/// On this device.
pub(crate) fn run_on(config: &RunConfig, folder: &Path, device: DeviceKind, stop_at: Option<u64>) -> Outcome {
    start(config, folder, (device, 1), &folder.with_file_name("cache"), false, stop_at)
}

/// On one thread, perhaps from a checkpoint of another arithmetic.
pub(crate) fn run_mixed(config: &RunConfig, folder: &Path, cache: &Path, mix: bool, stop_at: Option<u64>) -> Outcome {
    start(config, folder, (device(), 1), cache, mix, stop_at)
}

fn start(
    config: &RunConfig,
    folder: &Path,
    (device, threads): (DeviceKind, usize),
    cache: &Path,
    mix: bool,
    stop_at: Option<u64>,
) -> Outcome {
    let dataset = Arc::new(dataset(config));
    let (folder, cache) = (RunFolder::new(folder), cache.to_owned());
    let job = Job { config: config.clone(), identity: None, folder, dataset, device, cache, threads, mix };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let stop = Stop::default();
    pool.install(move || train(job, Box::new(StopAt(stop_at, stop.clone())), stop))
}
