//! Experiment files, from text to checked runs.

use super::{Target, write};
use experiment::{Request, Tags, load};
use family::Problem;
use models::architecture::GENERATORS;
use models::loss::LOSSES;
use models::{Domain, preset};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;
use training::RunConfig;

/// An experiment file over digits.
pub(super) const EXPERIMENT: Target = Target {
    name: "experiment",
    seeds: || {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../experiments");
        let entries = fs::read_dir(folder).expect("the experiments are part of the repository");
        let paths = entries.map(|entry| entry.expect("the experiments can be read").path());
        let mut files: Vec<_> = paths.filter(|path| path.extension().is_some_and(|ending| ending == "yaml")).collect();
        files.sort();
        files.iter().map(|path| fs::read(path).expect("the experiments can be read")).collect()
    },
    words: &[
        "sweep: { grid: { train.*.lr: [1e-4, 2e-4] }, seeds: 3 }",
        "extends: other.yaml",
        "generator: { layers: [ { dense: 49 }, { reshape: [1, 7, 7] }, { conv_transpose: { channels: 1, stride: 4 } } ] }",
        "loss: { discriminator: \"softplus(-real) + softplus(fake)\", generator: \"softplus(-fake)\" }",
        "random: { count: 5 }",
        "preset: wgan-gp",
        "preset: stylegan2",
        "steps: 18446744073709551615",
        ".nan",
        "1e400",
        "-1",
        "*x",
        "&x",
        "!!binary",
        "\u{a0}",
        "\u{202e}",
        "...",
    ],
    read: |folder, bytes| {
        let file = folder.join("x.yaml");
        write(&file, bytes);
        let presets: Vec<&str> = preset::ALL.iter().map(|preset| preset.name).collect();
        let _ = load::<Section>(&Request {
            file: &file,
            sets: &[],
            environment: &[],
            preset: &|name| preset::find(name).map(preset::Preset::settings),
            presets: &presets,
            tags: Tags {
                implied: &LOSSES.implied().chain(GENERATORS.implied()).collect::<Vec<_>>(),
                words: &[("model.loss", "kind"), ("model.generator", "architecture")],
            },
            paths: &[],
            devices: &|names| training::check_names(names).err().map(|error| error.to_string()),
        })
        .map_err(|problems| problems.to_string());
    },
};

/// The `run` section over 9,000 digits, for any data that it names.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Section(RunConfig);

impl experiment::Run for Section {
    fn check(&self) -> Vec<Problem> {
        let mut problems = self.0.check();
        problems.extend(self.0.check_against(Domain::images([1, 28, 28], Some(10)), 9000));
        problems
    }
}
