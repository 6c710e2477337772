//! On another device, which RUNNER_TEST_DEVICE names, small networks learn what they learn on the CPU.

use crate::common::{config, device, run_on};
use record::{RunFolder, RunRecord, Status};
use std::collections::BTreeMap;
use std::path::Path;
use training::{DeviceKind, RunConfig, check_device};

/// The device, if it is not the CPU.
fn other() -> Option<DeviceKind> {
    let device = Some(device()).filter(|device| !device.is_cpu());
    if device.is_none() {
        testing::skip("gpu", "RUNNER_TEST_DEVICE names no GPU, such as vulkan:0");
    }
    device
}

/// As many steps, a batch of 4, and only what there must be beside it.
fn small(preset: &str, steps: u64, model: &str) -> RunConfig {
    let mut config = config(preset, "{}");
    let mut all = serde_json::to_value(&config.model).unwrap();
    let changes: serde_json::Map<_, _> = serde_json::from_str(model).unwrap();
    for (key, value) in changes {
        all[key] = value;
    }
    config.model = serde_json::from_value(all).unwrap();
    (config.train.steps, config.train.batch_size, config.train.critic_steps) = (Some(steps), 4, 1);
    (config.sample.every, config.sample.count) = (0, 1);
    (config.checkpoint.every, config.log.every) = (0, 1);
    assert_eq!(config.check(), []);
    config
}

const DCGAN: &str = r#"{
    "generator": {"architecture": "dcgan", "channels": 4},
    "discriminator": {"architecture": "dcgan", "channels": 4}
}"#;
const RESNET: &str = r#"{
    "generator": {"architecture": "resnet", "channels": 4},
    "discriminator": {"architecture": "resnet", "channels": 4, "spectral_norm": true}
}"#;
const MLP: &str = r#"{
    "generator": {"architecture": "mlp", "hidden": [16]},
    "discriminator": {"architecture": "mlp", "hidden": [16]}
}"#;
const WITHOUT_NORM: &str = r#"{
    "generator": {"architecture": "dcgan", "channels": 4},
    "discriminator": {"architecture": "dcgan", "channels": 4, "norm": "none"}
}"#;

fn scalars(folder: &Path) -> Vec<BTreeMap<String, f64>> {
    let record = RunRecord::read(RunFolder::new(folder)).unwrap();
    record.scalars.into_iter().map(|scalars| scalars.values).collect()
}

#[test]
fn the_device_passes_its_check() {
    let Some(device) = other() else { return };
    assert_eq!(check_device(device), Ok(()));
}

/// Losses, penalties and logits of the first steps, within what rounding may do to them.
#[test]
fn losses_are_those_of_the_cpu() {
    let Some(device) = other() else { return };
    for (preset, model) in
        [("mlp", MLP), ("dcgan", DCGAN), ("sngan", RESNET), ("wgan-gp", WITHOUT_NORM), ("mlp", r#"{"penalty": "r1"}"#)]
    {
        let config = small(preset, 3, model);
        let folder = tempfile::tempdir().unwrap();
        let run = |name: &str, device| {
            let folder = folder.path().join(name);
            let outcome = run_on(&config, &folder, device, None);
            assert_eq!(outcome.status, Status::Done, "{preset} on {device}: {outcome:?}");
            scalars(&folder)
        };
        let (expected, found) = (run("here", DeviceKind::Flex), run("there", device));
        assert_eq!(expected.len(), 3);
        assert_eq!(found.len(), 3);
        for (step, (expected, found)) in expected.iter().zip(&found).enumerate() {
            for (name, expected) in
                expected.iter().filter(|(name, _)| ["loss", "penalty", "output"].contains(&record::tag::split(name).0))
            {
                let tolerance = 1e-4 * f64::powi(10.0, step as i32) * (1.0 + expected.abs());
                let found = found[name];
                assert!(
                    (expected - found).abs() < tolerance,
                    "{preset}, step {step}, {name}: {found}, and {expected} on the CPU"
                );
            }
        }
    }
}

#[test]
fn a_run_goes_on_from_its_checkpoint() {
    let Some(device) = other() else { return };
    let config = small("mlp", 4, MLP);
    let folder = tempfile::tempdir().unwrap();
    let straight = run_on(&config, &folder.path().join("straight"), device, None);
    let stopped = folder.path().join("stopped");
    assert_eq!(run_on(&config, &stopped, device, Some(2)).status, Status::Interrupted);
    let resumed = run_on(&config, &stopped, device, None);
    assert_eq!((resumed.status, resumed.step), (Status::Done, 4));
    if matches!(device, DeviceKind::Vulkan(_)) {
        // Without autotune the same kernels run in the same order.
        assert_eq!(resumed.weights_digest, straight.weights_digest);
    }
}
