//! The tasks that translate resume bit for bit, with what they leave out at random and with earlier samples in a pool.

use crate::common;
use record::{Outcome, RunFolder, RunRecord, Status};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use training::RunConfig;

/// A preset, or the task `mapping` in place of CycleGAN's, on shapes with smaller networks.
fn config(preset: &str, model: &[(&str, Value)], train: Value) -> RunConfig {
    let of = if preset == "mapping" { "cyclegan" } else { preset };
    let mut settings = models::preset::find(of).unwrap().settings();
    for (path, value) in model {
        *settings["model"].pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value.clone();
    }
    for (key, value) in train.as_object().unwrap() {
        settings["train"][key] = value.clone();
    }
    let paired = preset == "pix2pix";
    settings["data"] = json!({"name": "shapes", "count": 400, "size": 16, "paired": paired});
    settings["checkpoint"] = json!({"every": 2});
    settings["sample"] = json!({"every": 0, "count": 8});
    settings["log"] = json!({"every": 1});
    let mut config: RunConfig = serde_json::from_value(settings).unwrap();
    config.resolve(400);
    let domain = config.data.describe().unwrap().domain;
    assert_eq!([config.check(), config.check_against(domain, 400)].concat(), []);
    config
}

fn small(preset: &str) -> RunConfig {
    let networks = match preset {
        "pix2pix" => {
            [json!({"architecture": "unet", "channels": 4}), json!({"architecture": "patchgan", "channels": 4})]
        }
        _ => [
            json!({"architecture": "residual", "channels": 4, "blocks": 1, "dropout": 0.2}),
            json!({"architecture": "patchgan", "channels": 4, "norm": "instance"}),
        ],
    };
    let [generator, discriminator] = networks;
    let mut model = vec![("/generator", generator), ("/discriminator", discriminator)];
    match preset {
        // Full after three updates.
        "cyclegan" => model.push(("/task/pool", json!(6))),
        "mapping" => model.push(("/task", json!({"kind": "mapping", "features": 8, "patches": 20}))),
        _ => {}
    }
    config(preset, &model, json!({"steps": 8, "batch_size": 2, "critic_steps": 2}))
}

fn run(config: &RunConfig, folder: &Path, threads: usize, stop_at: Option<u64>) -> Outcome {
    common::run(config, folder, &folder.with_file_name("cache"), threads, stop_at)
}

#[test]
fn presets_resume_bit_for_bit_and_show_what_they_translate() {
    for preset in ["pix2pix", "cyclegan", "mapping"] {
        let config = small(preset);
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let straight = run(&config, &path("straight"), 1, None);
        assert_eq!((straight.status, straight.step), (Status::Done, 8), "{preset}: {straight:?}");
        for at in [2, 5] {
            assert_eq!(run(&config, &path("stopped"), 2, Some(at)).status, Status::Interrupted);
        }
        assert_eq!(run(&config, &path("stopped"), 1, None), straight, "{preset}");

        let record = RunRecord::read(RunFolder::new(path("straight"))).unwrap();
        let shown: BTreeSet<_> = record.artifacts.iter().map(|artifact| artifact.role.name().to_owned()).collect();
        assert_eq!(shown.iter().collect::<Vec<_>>(), ["input", "real", "translation"], "{preset}");
        let [first, .., last] = &record.scalars[..] else { panic!("no scalars") };
        let curves: &[&str] = match preset {
            "pix2pix" => &["loss/discriminator", "loss/generator", "loss/l1", "output/real", "accuracy/fake"],
            "mapping" => &["loss/discriminator", "loss/generator", "loss/contrast", "loss/identity", "output/real"],
            _ => {
                &["loss/input-discriminator", "loss/output-generator", "loss/cycle", "loss/identity", "loss/generators"]
            }
        };
        for curve in curves {
            assert_ne!(first.values[*curve], last.values[*curve], "{preset}: {curve} stands still");
        }
        let unlisted = first.values.keys().find(|tag| record::tag::group_of(tag).is_none());
        assert_eq!(unlisted, None, "{preset}: tables and charts know the group of each number");
    }
}

/// Where terms are left out, so are the networks and the curves of them.
#[test]
fn l1_alone_has_no_discriminator() {
    let mut config = small("pix2pix");
    config.model.task = serde_json::from_value(json!({"kind": "translation", "adversarial": 0.0})).unwrap();
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(&config, folder.path(), 1, None).status, Status::Done);
    let record = RunRecord::read(RunFolder::new(folder.path())).unwrap();
    let names: BTreeSet<_> = record.scalars[0].values.keys().map(String::as_str).collect();
    assert!(names.contains("loss/l1") && names.contains("gradient/generator"), "{names:?}");
    assert!(!names.iter().any(|name| name.contains("discriminator") || name.contains("loss/generator")), "{names:?}");
}
