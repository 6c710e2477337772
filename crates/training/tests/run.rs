//! What a run promises: the same weights whatever happens to it, and a record that can be trusted.

use crate::common::{self, StopAt, device};
use data::DataConfig;
use models::task::Gan;
use models::{Domain, Stream};
use record::{Cause, Event, EventLog, Media, MediaType, Outcome, Role, RunFolder, RunRecord, Status};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use training::{
    DeviceKind, Job, LastCheckpoint, Observer, Precision, RunConfig, SampleRequest, Stop, TrainConfig, generate, train,
};

const DIGITS: Domain = Domain::images([1, 28, 28], Some(10));

fn config(preset: &str, train: &str) -> RunConfig {
    let mut config: RunConfig = serde_json::from_value(models::preset::find(preset).unwrap().settings()).unwrap();
    config.train = serde_json::from_str(train).unwrap();
    config.sample.count = 4;
    config.sample.every = 2;
    config.checkpoint.every = 2;
    config.log.every = 2;
    config.resolve(9000);
    assert_eq!(config.check(), []);
    config
}

fn small(preset: &str) -> RunConfig {
    config(preset, r#"{"steps": 6, "batch_size": 4, "critic_steps": 2}"#)
}

fn run(config: &RunConfig, folder: &Path, threads: usize, stop_at: Option<u64>) -> Outcome {
    common::run(config, folder, &folder.with_file_name("cache"), threads, stop_at)
}

fn digest(outcome: &Outcome) -> String {
    assert_eq!(outcome.status, Status::Done, "{outcome:?}");
    outcome.weights_digest.clone().unwrap()
}

#[test]
fn threads_stops_and_resumes_change_no_bit() {
    for preset in ["mlp", "dcgan", "wavegan-small"] {
        let config = small(preset);
        let folder = tempfile::tempdir().unwrap();
        let straight = digest(&run(&config, &folder.path().join("straight"), 1, None));
        assert_eq!(straight, digest(&run(&config, &folder.path().join("threads"), 2, None)), "{preset}: 2 threads");

        let stopped = folder.path().join("stopped");
        for at in [2, 4] {
            let outcome = run(&config, &stopped, 1, Some(at));
            assert_eq!((outcome.status, outcome.step), (Status::Interrupted, at + 1), "{preset}");
        }
        assert_eq!(straight, digest(&run(&config, &stopped, 1, None)), "{preset}: resumed");

        let grid = |run: &str, step| {
            fs::read(folder.path().join(run).join(Role::SAMPLES.file(Some(step), None, Media::Png))).unwrap()
        };
        assert_eq!(grid("straight", 6), grid("stopped", 6), "{preset}");
        let record = RunRecord::read(RunFolder::new(&stopped)).unwrap();
        assert_eq!(record.attempts, 3);
        assert!(record.scalars.is_sorted_by(|a, b| a.step < b.step));
        let grids = record.artifacts_of(Role::SAMPLES).filter(|sample| sample.media == MediaType::Known(Media::Png));
        assert_eq!(grids.map(|sample| sample.step).collect::<Vec<_>>(), [2, 4, 6]);
    }
}

/// Factors are rounded where the processor can, and nowhere in silence.
#[test]
fn rounded_factors_are_a_choice_that_changes_training_alone() {
    let single = config("guide", r#"{"steps": 2, "batch_size": 16}"#);
    let rounded =
        RunConfig { train: TrainConfig { precision: Precision::Bf16, ..single.train.clone() }, ..single.clone() };
    let folder = tempfile::tempdir().unwrap();
    let train = |config, name: &str, threads| run(config, &folder.path().join(name), threads, None);
    if let Err(error) = Precision::Bf16.check(device()) {
        let outcome = train(&rounded, "refused", 1);
        assert_eq!((outcome.status, outcome.cause), (Status::Failed, Some(Cause::Device)));
        assert_eq!(outcome.reason, Some(error.to_string()));
        testing::skip("amx", "no rounded factors on this processor, only their refusal");
        return;
    }
    let weights = digest(&train(&rounded, "rounded", 1));
    assert_ne!(weights, digest(&train(&single, "single", 1)));
    for threads in [2, 4] {
        assert_eq!(weights, digest(&train(&rounded, &threads.to_string(), threads)), "{threads} threads");
    }
    // Samples of the same weights, whatever they were trained in.
    let request = SampleRequest { count: 3, ..SampleRequest::default() };
    let folder = RunFolder::new(folder.path().join("rounded"));
    let samples = |config| generate(config, DIGITS, &folder, device(), &request).unwrap().unwrap();
    assert_eq!(samples(&single), samples(&rounded));
}

/// Points are drawn for an update, so a run that resumes draws those that it would have drawn; `every` counts updates
/// from the run's first.
#[test]
fn penalties_resume_and_are_recorded() {
    for (loss, penalty) in [
        ("wasserstein", r#"{"kind": "gradient_norm", "every": 3}"#),
        ("non_saturating", r#"{"kind": "dragan"}"#),
        ("relativistic", r#"[{"kind": "r1", "weight": 0.1}, {"kind": "r2", "weight": 0.1}]"#),
        ("wasserstein", r#"{"kind": "clip"}"#),
    ] {
        let mut config = small("mlp");
        config.model.loss = serde_json::from_value(serde_json::json!({"kind": loss})).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let without = digest(&run(&config, &folder.path().join("without"), 1, None));
        config.model.penalty = serde_json::from_str(penalty).unwrap();
        let straight = digest(&run(&config, &folder.path().join("straight"), 1, None));
        assert_ne!(straight, without, "{penalty}");
        assert_eq!(straight, digest(&run(&config, &folder.path().join("threads"), 2, None)), "{penalty}: 2 threads");
        let stopped = folder.path().join("stopped");
        for at in [1, 4] {
            assert_eq!(run(&config, &stopped, 1, Some(at)).status, Status::Interrupted);
        }
        assert_eq!(straight, digest(&run(&config, &stopped, 1, None)), "{penalty}: resumed");

        let record = |run: &str| RunRecord::read(RunFolder::new(folder.path().join(run))).unwrap();
        let values = |run: &str| {
            let scalars = record(run).scalars;
            scalars.iter().filter_map(|s| s.values.get("penalty/discriminator").copied()).collect::<Vec<_>>()
        };
        assert_eq!(values("without"), [0.0; 0]);
        let count = if penalty.contains("clip") { 0 } else { 3 };
        assert_eq!(values("straight").len(), count, "{penalty}");
        assert!(values("straight").iter().all(|value| value.is_finite() && *value > 0.0), "{penalty}");
    }
}

/// What every preset promises: with its own training settings it trains both networks, repeats, and resumes as if it had
/// never stopped.
#[test]
fn every_preset_trains_and_resumes() {
    for preset in models::preset::ALL.iter().filter(|preset| !preset.translates()) {
        let mut settings = preset.settings();
        settings["train"]["steps"] = 3.into();
        settings["train"]["batch_size"] = 2.into();
        settings["checkpoint"] = serde_json::json!({"every": 1});
        settings["log"] = serde_json::json!({"every": 1});
        settings["sample"] = serde_json::json!({"every": 0, "count": 1});
        if preset.is_for_sounds() {
            // The published networks take long on a CPU; their shapes are tested in `models`.
            for network in ["generator", "discriminator"] {
                settings["model"][network]["channels"] = 4.into();
            }
        }
        let mut config: RunConfig = serde_json::from_value(settings).unwrap();
        config.resolve(9000);
        let dataset = common::dataset(&config);
        let problems = [config.check(), config.check_against(dataset.domain(), dataset.len())].concat();
        assert_eq!(problems, [], "{}", preset.name);
        let folder = tempfile::tempdir().unwrap();
        let straight = digest(&run(&config, &folder.path().join("straight"), 2, None));
        let stopped = folder.path().join("stopped");
        assert_eq!(run(&config, &stopped, 1, Some(1)).status, Status::Interrupted);
        assert_eq!(straight, digest(&run(&config, &stopped, 1, None)), "{}: resumed", preset.name);

        let record = RunRecord::read(RunFolder::new(folder.path().join("straight"))).unwrap();
        let [first, .., last] = &record.scalars[..] else { panic!("no scalars") };
        for name in ["loss/generator", "loss/discriminator", "output/real", "output/fake"] {
            assert_ne!(first.values[name], last.values[name], "{}: {name} stands still", preset.name);
        }
        let unlisted = first.values.keys().find(|tag| record::tag::group_of(tag).is_none());
        assert_eq!(unlisted, None, "{}: tables and charts know the group of each number", preset.name);
        let on_gradient = config.model.penalty.0.iter().any(|penalty| penalty.on_gradient().is_some());
        assert_eq!(first.values.contains_key("penalty/discriminator"), on_gradient, "{}", preset.name);
    }
}

/// k is state of the game: what it was when a run was stopped decides about what follows.
#[test]
fn the_boundary_equilibrium_resumes_and_is_recorded() {
    let mut config = small("mlp");
    config.model.loss = serde_json::from_str(r#"{"kind": "boundary_equilibrium", "rate": 0.5}"#).unwrap();
    config.model.discriminator =
        serde_json::from_str(r#"{"architecture": "autoencoder", "channels": 4, "code": 8}"#).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let straight = digest(&run(&config, &folder.path().join("straight"), 1, None));
    let stopped = folder.path().join("stopped");
    for at in [1, 4] {
        assert_eq!(run(&config, &stopped, 1, Some(at)).status, Status::Interrupted);
    }
    assert_eq!(straight, digest(&run(&config, &stopped, 1, None)), "resumed");

    let record = RunRecord::read(RunFolder::new(folder.path().join("straight"))).unwrap();
    let values = |name: &str| record.scalars.iter().map(|scalars| scalars.values[name]).collect::<Vec<_>>();
    let k = values("balance/k");
    assert!(k.iter().all(|k| (0.0..=1.0).contains(k)) && k[0] != k[2], "{k:?}");
    // M is at least the energy of real images, the negative logit.
    let least = values("output/real");
    assert!(values("balance/convergence").iter().zip(least).all(|(m, real)| *m >= -real - 1e-6));
}

#[test]
fn every_optimizer_resumes() {
    for optimizer in ["adamw", "rmsprop", "sgd"] {
        let mut config = small("mlp");
        let settings = format!(r#"{{"optimizer": "{optimizer}"}}"#);
        config.train.generator = serde_json::from_str(&settings).unwrap();
        let settings = settings.replace('}', if optimizer == "adamw" { "}" } else { r#", "momentum": 0.9}"# });
        config.train.discriminator = serde_json::from_str(&settings).unwrap();
        assert_eq!(config.check(), []);
        let folder = tempfile::tempdir().unwrap();
        let straight = digest(&run(&config, &folder.path().join("straight"), 1, None));
        let stopped = folder.path().join("stopped");
        for at in [1, 4] {
            assert_eq!(run(&config, &stopped, 1, Some(at)).status, Status::Interrupted);
        }
        assert_eq!(straight, digest(&run(&config, &stopped, 1, None)), "{optimizer}: resumed");
    }
}

/// Its singular vectors are state that the next step follows from.
#[test]
fn spectral_normalisation_resumes() {
    for (preset, penalty) in [("mlp", r#"{"kind": "gradient_norm"}"#), ("dcgan", r#""none""#)] {
        let folder = tempfile::tempdir().unwrap();
        let mut config = small(preset);
        let plain = digest(&run(&config, &folder.path().join("plain"), 1, None));
        let mut discriminator = serde_json::to_value(&config.model.discriminator).unwrap();
        discriminator["spectral_norm"] = true.into();
        config.model.discriminator = serde_json::from_value(discriminator).unwrap();
        config.model.penalty = serde_json::from_str(penalty).unwrap();
        let straight = digest(&run(&config, &folder.path().join("straight"), 1, None));
        assert_ne!(straight, plain, "{preset}");
        assert_eq!(straight, digest(&run(&config, &folder.path().join("threads"), 2, None)), "{preset}: 2 threads");
        let stopped = folder.path().join("stopped");
        for at in [1, 4] {
            assert_eq!(run(&config, &stopped, 1, Some(at)).status, Status::Interrupted);
        }
        assert_eq!(straight, digest(&run(&config, &stopped, 1, None)), "{preset}: resumed");
    }
}

/// Latent vectors to mix are drawn for an update; samples on request may have styles near their mean.
#[test]
fn style_networks_resume_and_sample_near_their_mean() {
    let folder = tempfile::tempdir().unwrap();
    let with = |settings: &str| {
        let mut config = small("stylegan2");
        config.train.critic_steps = 1;
        config.model.generator = serde_json::from_str(settings).unwrap();
        config.model.discriminator = serde_json::from_str(r#"{"architecture": "stylegan2", "channels": 4}"#).unwrap();
        config
    };
    let plain = with(r#"{"architecture": "stylegan2", "channels": 4, "style": 8}"#);
    let plain = digest(&run(&plain, &folder.path().join("plain"), 1, None));
    let config =
        with(r#"{"architecture": "stylegan2", "channels": 4, "style": 8, "style_mixing": 0.9, "mapping_rate": 0.01}"#);
    let straight = digest(&run(&config, &folder.path().join("straight"), 1, None));
    assert_ne!(straight, plain);
    let stopped = folder.path().join("stopped");
    for at in [1, 4] {
        assert_eq!(run(&config, &stopped, 1, Some(at)).status, Status::Interrupted);
    }
    assert_eq!(straight, digest(&run(&config, &stopped, 1, None)), "resumed");

    let stopped = RunFolder::new(stopped);
    let sample = |style_truncation| {
        let request = SampleRequest { count: 2, style_truncation, ..SampleRequest::default() };
        generate(&config, DIGITS, &stopped, device(), &request).unwrap().unwrap().values
    };
    let (whole, half) = (sample(None), sample(Some(0.5)));
    assert_eq!(half, sample(Some(0.5)));
    assert_ne!(whole, half);
}

/// The probability of adaptive augmentation is state, too; packs and statistics of a batch are not.
#[test]
fn augmentation_packing_and_minibatch_layers_resume() {
    for (minibatch, augmentation) in [
        ("standard_deviation", r#"{"kind": "adaptive", "images": 20, "target": -0.5}"#),
        ("discrimination", r#"{"kind": "diff_augment"}"#),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut config = small("mlp");
        config.model.packing = 2;
        config.model.minibatch = serde_json::from_value(minibatch.into()).unwrap();
        let plain = digest(&run(&config, &folder.path().join("plain"), 1, None));
        config.model.augmentation = serde_json::from_str(augmentation).unwrap();
        let straight = digest(&run(&config, &folder.path().join("straight"), 1, None));
        assert_ne!(straight, plain, "{augmentation}");
        assert_eq!(
            straight,
            digest(&run(&config, &folder.path().join("threads"), 2, None)),
            "{augmentation}: 2 threads"
        );
        let stopped = folder.path().join("stopped");
        for at in [1, 4] {
            assert_eq!(run(&config, &stopped, 1, Some(at)).status, Status::Interrupted);
        }
        assert_eq!(straight, digest(&run(&config, &stopped, 1, None)), "{augmentation}: resumed");
        let record = RunRecord::read(RunFolder::new(stopped)).unwrap();
        let probability = record.scalars.last().unwrap().values.get("augmentation/probability");
        assert_eq!(probability.is_some_and(|p| *p > 0.0), augmentation.contains("adaptive"), "{probability:?}");
    }
}

#[test]
fn both_networks_learn_and_another_seed_is_another_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = small("mlp");
    let first = run(&config, &folder.path().join("0"), 1, None);
    config.seed = 1;
    assert_ne!(digest(&first), digest(&run(&config, &folder.path().join("1"), 1, None)));

    let record = RunRecord::read(RunFolder::new(folder.path().join("0"))).unwrap();
    let [early, .., late] = &record.scalars[..] else { panic!("no scalars") };
    for name in ["loss/generator", "loss/discriminator", "output/real", "output/fake"] {
        assert_ne!(early.values[name], late.values[name], "{name} stands still");
    }
}

#[test]
fn a_damaged_newest_checkpoint_falls_back_to_the_one_before_with_a_warning() {
    let config = small("mlp");
    let folder = tempfile::tempdir().unwrap();
    let straight = digest(&run(&config, &folder.path().join("straight"), 1, None));
    type Damage = fn(Vec<u8>) -> Vec<u8>;
    let damages: [(&str, Damage); 3] = [
        ("gan.bpk", |bytes| bytes[..bytes.len() / 2].to_vec()),
        ("generator-optimizer.bpk", |mut bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            bytes
        }),
        ("manifest.json", |_| Vec::new()),
    ];
    for (file, damage) in damages {
        let damaged = RunFolder::new(folder.path().join(file));
        assert_eq!(run(&config, damaged.path(), 1, Some(3)).status, Status::Interrupted);
        assert_eq!(damaged.checkpoint_steps(), [4, 2]);
        let path = damaged.checkpoint(4).join(file);
        fs::write(&path, damage(fs::read(&path).unwrap())).unwrap();
        assert_eq!(straight, digest(&run(&config, damaged.path(), 1, None)), "{file}");
        let warnings = RunRecord::read(damaged).unwrap().warnings;
        assert!(warnings.len() == 1 && warnings[0].contains(file), "{warnings:?}");
    }
}

/// A run that is stopped again and again must get on, also when all the checkpoints that it may keep are damaged.
#[test]
fn a_damaged_checkpoint_does_not_crowd_out_those_after_it() {
    let mut config = small("mlp");
    config.checkpoint.keep = 1;
    let folder = tempfile::tempdir().unwrap();
    let damaged = RunFolder::new(folder.path().join("damaged"));
    assert_eq!(run(&config, damaged.path(), 1, Some(4)).step, 5);
    fs::write(damaged.checkpoint(5).join("gan.bpk"), "torn").unwrap();
    assert_eq!(run(&config, damaged.path(), 1, Some(2)).step, 3);
    assert_eq!(damaged.checkpoint_steps(), [3]);
    let straight = digest(&run(&config, &folder.path().join("straight"), 1, None));
    assert_eq!(straight, digest(&run(&config, damaged.path(), 1, None)));
}

#[test]
fn samples_are_those_of_the_grid_with_and_without_an_average() {
    for average in ["none", "{decay: 0.9}"] {
        let mut config = small("mlp");
        if average == "none" {
            config.train.average = None;
        }
        let folder = tempfile::tempdir().unwrap();
        digest(&run(&config, folder.path(), 1, None));
        let folder = RunFolder::new(folder.path());
        let request = SampleRequest { count: 2, ..SampleRequest::default() };
        let sampled = generate(&config, [1, 28, 28], &folder, device(), &request).unwrap().unwrap();
        let untrained = Gan::new(&config.model, [1, 28, 28], config.seed, &device().open().unwrap());
        let latent = config.model.latent.draw(2, &mut Stream::new(0, "latent/request", 0), &device().open().unwrap());
        let untrained: Vec<f32> = untrained.generator.forward(latent).into_data().iter().collect();
        assert_eq!(sampled.step, 6);
        assert_ne!(sampled.values, untrained, "average {average}: the generator of the start");
        let between = SampleRequest { interpolate: Some(3), ..request };
        let between = generate(&config, [1, 28, 28], &folder, device(), &between).unwrap().unwrap();
        let (first, last) = (&between.values[..784], &between.values[3 * 784..]);
        assert_eq!(between.shape, [4, 1, 28, 28]);
        let close = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
        assert!(close(first, &sampled.values[..784]) && close(last, &sampled.values[784..]));
    }
}

/// The class of an image decides about it, whichever way the networks get it; a truncated latent is nearer to the mean.
#[test]
fn samples_are_of_the_class_that_was_asked_for() {
    for conditioning in ["concat", "projection", "auxiliary_classifier", "info"] {
        let mut config = small("mlp");
        config.model.conditioning = serde_json::from_value(serde_json::json!({"kind": conditioning})).unwrap();
        assert_eq!(config.check_against(DIGITS, 9000), []);
        let folder = tempfile::tempdir().unwrap();
        let straight = digest(&run(&config, &folder.path().join("straight"), 1, None));
        let stopped = folder.path().join("stopped");
        assert_eq!(run(&config, &stopped, 1, Some(3)).status, Status::Interrupted);
        assert_eq!(straight, digest(&run(&config, &stopped, 2, None)), "{conditioning}: resumed");

        let folder = RunFolder::new(folder.path().join("straight"));
        let sample = |class, truncation| {
            let request = SampleRequest { count: 12, class, truncation, ..SampleRequest::default() };
            generate(&config, DIGITS, &folder, device(), &request).unwrap().unwrap()
        };
        let in_turn = sample(None, None);
        assert_eq!(in_turn.classes, 10, "{conditioning}");
        let image = |values: &[f32], at: usize| values[at * 784..(at + 1) * 784].to_vec();
        for class in [0, 3] {
            let of_class = sample(Some(class), None);
            assert_eq!(of_class.classes, 0);
            for at in 0..12 {
                let same = image(&in_turn.values, at) == image(&of_class.values, at);
                assert_eq!(same, at % 10 == class, "{conditioning}: image {at} of class {class}");
            }
        }
        assert_ne!(in_turn.values, sample(None, Some(0.5)).values);
        assert_eq!(in_turn.values, sample(None, Some(100.0)).values, "nothing is outside");
    }
}

#[test]
fn weights_that_are_not_finite_after_the_last_step_are_no_success() {
    let mut config = small("mlp");
    config.train.steps = Some(1);
    config.train.generator.lr = 1e39;
    let folder = tempfile::tempdir().unwrap();
    let outcome = run(&config, folder.path(), 1, None);
    assert_eq!((outcome.status, outcome.step, outcome.weights_digest), (Status::Diverged, 1, None));
}

#[test]
fn an_infinite_loss_is_an_outcome_with_its_step() {
    let mut config = small("mlp");
    config.train.generator.lr = 1e30;
    config.train.discriminator.lr = 1e30;
    let folder = tempfile::tempdir().unwrap();
    let outcome = run(&config, folder.path(), 1, None);
    assert_eq!((outcome.status, outcome.weights_digest), (Status::Diverged, None));
    assert!(outcome.reason.unwrap().contains(&format!("step {}", outcome.step)));
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    fs::write(&file, "in the way").unwrap();
    let dataset = Arc::new(DataConfig::default().open(data::Split::Train).unwrap());
    let folder = RunFolder::new(file.join("run"));
    let job = Job {
        config: small("mlp"),
        identity: None,
        folder,
        dataset,
        device: DeviceKind::Flex,
        cache: PathBuf::new(),
        threads: 1,
        mix: false,
    };
    let outcome = train(job, Box::new(StopAt(None, Stop::default())), Stop::default());
    assert_eq!((outcome.status, outcome.cause), (Status::Failed, Some(Cause::Io)));
    assert!(outcome.reason.as_ref().unwrap().contains("a file/run"), "{outcome:?}");
}

/// Begins a later attempt when a number of steps is done, as a cluster does that takes a machine for dead.
struct TakenForDead(RunFolder, u64);

impl Observer for TakenForDead {
    fn step(&mut self, done: u64) {
        if done == self.1 {
            EventLog::begin(&self.0, None).unwrap();
        }
    }
    fn event(&mut self, _: &Event) {}
}

#[test]
fn an_attempt_that_is_superseded_leaves_without_another_word() {
    let config = small("mlp");
    let temporary = tempfile::tempdir().unwrap();
    let straight = digest(&run(&config, &temporary.path().join("straight"), 1, None));
    for at in 1..=5 {
        let folder = RunFolder::new(temporary.path().join(at.to_string()));
        let dataset = Arc::new(DataConfig::default().open(data::Split::Train).unwrap());
        let job = Job {
            config: config.clone(),
            identity: None,
            folder: folder.clone(),
            dataset,
            device: device(),
            cache: PathBuf::new(),
            threads: 1,
            mix: false,
        };
        let outcome = train(job, Box::new(TakenForDead(folder.clone(), at)), Stop::default());
        assert_eq!(outcome.status, Status::Interrupted, "{outcome:?}");
        assert!(outcome.reason.unwrap().contains("superseded by attempt 2"));
        // A checkpoint and a grid are due after every second step: those after the takeover were not written.
        assert_eq!(folder.checkpoint_steps().first().copied().unwrap_or(0), at / 2 * 2, "superseded at step {at}");
        assert!(!folder.path().join(Role::SAMPLES.file(Some(at / 2 * 2 + 2), None, Media::Png)).exists());
        assert_eq!(straight, digest(&run(&config, folder.path(), 1, None)), "superseded at step {at}");
        assert_eq!(RunRecord::read(folder).unwrap().attempts, 3);
    }
}

/// Two live copies write into one folder; whichever ends, the weights are those of a run that was alone.
#[test]
fn two_live_copies_of_a_run_leave_one_sound_run() {
    let config = small("mlp");
    let temporary = tempfile::tempdir().unwrap();
    let straight = digest(&run(&config, &temporary.path().join("straight"), 1, None));
    for round in 0..8 {
        let folder = temporary.path().join(round.to_string());
        let outcomes = std::thread::scope(|scope| {
            let copies = [0, 1].map(|_| scope.spawn(|| run(&config, &folder, 1, None)));
            copies.map(|copy| copy.join().unwrap())
        });
        let done = outcomes.iter().filter(|outcome| outcome.status == Status::Done);
        assert!(done.clone().count() >= 1, "{outcomes:?}");
        assert!(done.clone().all(|outcome| outcome.weights_digest.as_ref() == Some(&straight)), "{outcomes:?}");
        let others = outcomes.iter().filter(|outcome| outcome.status != Status::Done);
        for outcome in others {
            assert_eq!(outcome.status, Status::Interrupted, "{outcome:?}");
        }
        let record = RunRecord::read(RunFolder::new(&folder)).unwrap();
        assert_eq!(record.outcome.unwrap().weights_digest, Some(straight.clone()));
        assert!(record.scalars.is_sorted_by(|a, b| a.step < b.step));
    }
}

/// Checkpoints by the clock fall into the middle of windows of losses, and change nothing of them.
#[test]
fn checkpoints_by_the_clock_change_no_bit_and_no_loss() {
    let mut config = config("mlp", r#"{"steps": 7, "batch_size": 4, "critic_steps": 2}"#);
    (config.log.every, config.checkpoint.every) = (3, 0);
    let folder = tempfile::tempdir().unwrap();
    let losses = |run: &str| {
        let scalars = RunRecord::read(RunFolder::new(folder.path().join(run))).unwrap().scalars;
        let named = |(name, _): &(&String, &f64)| *name != record::tag::IMAGES_PER_SECOND;
        let bits = |scalars: &record::Scalars| {
            let values = scalars.values.iter().filter(named).map(|(name, value)| (name.clone(), value.to_bits()));
            (scalars.step, values.collect::<Vec<_>>())
        };
        scalars.iter().map(bits).collect::<Vec<_>>()
    };
    let plain = digest(&run(&config, &folder.path().join("plain"), 1, None));
    (config.checkpoint.minutes, config.checkpoint.keep) = (Some(1e-9), 9);
    assert_eq!(digest(&run(&config, &folder.path().join("clock"), 1, None)), plain);
    assert_eq!(losses("clock"), losses("plain"));
    let steps = |run: &str| RunFolder::new(folder.path().join(run)).checkpoint_steps();
    assert_eq!((steps("clock").len(), steps("plain")), (7, vec![7]));
}

#[test]
fn the_last_checkpoint_holds_the_optimizers_unless_it_is_of_weights_alone() {
    let mut config = config("mlp", r#"{"steps": 1, "batch_size": 4}"#);
    let folder = tempfile::tempdir().unwrap();
    let mut optimizers = |last| {
        config.checkpoint.last = last;
        let path = folder.path().join(format!("{last:?}"));
        let outcome = run(&config, &path, 1, None);
        let files = fs::read_dir(RunFolder::new(path).checkpoint(1)).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        (digest(&outcome), names.filter(|name| name.ends_with("-optimizer.bpk")).count())
    };
    let (all, weights) = (optimizers(LastCheckpoint::All), optimizers(LastCheckpoint::Weights));
    assert_eq!((all.1, weights.1), (2, 0));
    assert_eq!(all.0, weights.0);
}
