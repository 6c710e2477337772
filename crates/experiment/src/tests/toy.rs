//! A run that resembles the real one, and experiments from texts.

use std::fmt;
use std::fs;

use family::Problem;
use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::load::Point;
use crate::{Experiment, Problems, Request, Run, Tags, load};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Toy {
    pub seed: u64,
    pub data: Data,
    pub model: Model,
    pub train: Train,
    pub evaluate: Evaluate,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Data {
    pub name: String,
    pub limit: Option<usize>,
}

impl Default for Data {
    fn default() -> Self {
        let name = "mnist-10k".to_owned();
        Data { name, limit: None }
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Model {
    pub preset: Option<String>,
    pub generator: Generator,
    pub loss: Loss,
    pub penalty: Penalty,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "architecture", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Generator {
    Guide {},
    Dcgan {
        #[serde(default)]
        channels: u32,
    },
    Mlp {
        #[serde(default)]
        width: u32,
    },
}

impl Default for Generator {
    fn default() -> Self {
        Generator::Guide {}
    }
}

/// A name, or a map with settings.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Loss {
    #[default]
    NonSaturating,
    Hinge {
        margin: f64,
    },
}

impl<'de> Deserialize<'de> for Loss {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
        enum Stated {
            NonSaturating {},
            Hinge {
                #[serde(default)]
                margin: f64,
            },
        }

        struct WordOrMap;

        impl<'de> Visitor<'de> for WordOrMap {
            type Value = Stated;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a word or a map with `kind`")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Stated, E> {
                Stated::deserialize(MapDeserializer::new([("kind", word)].into_iter()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Stated, A::Error> {
                Stated::deserialize(MapAccessDeserializer::new(map))
            }
        }

        Ok(match deserializer.deserialize_any(WordOrMap)? {
            Stated::NonSaturating {} => Loss::NonSaturating,
            Stated::Hinge { margin } => Loss::Hinge { margin },
        })
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Penalty {
    #[default]
    None,
    GradientNorm {
        weight: f64,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Train {
    pub steps: usize,
    pub batch_size: usize,
    pub critic_steps: u32,
    pub generator: Optimizer,
    pub discriminator: Optimizer,
    pub average: Option<Average>,
}

impl Default for Train {
    fn default() -> Self {
        Train {
            steps: 600,
            batch_size: 64,
            critic_steps: 1,
            generator: Optimizer::default(),
            discriminator: Optimizer::default(),
            average: None,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Optimizer {
    pub optimizer: String,
    pub lr: f64,
    pub beta1: f64,
    pub beta2: f64,
}

impl Default for Optimizer {
    fn default() -> Self {
        Optimizer { optimizer: "adam".to_owned(), lr: 2e-4, beta1: 0.5, beta2: 0.999 }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Average {
    pub decay: f64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Evaluate {
    pub metrics: Vec<Metric>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Metric {
    Frechet,
    Kid,
    Prdc,
}

impl Run for Toy {
    fn check(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if self.train.batch_size == 0 {
            found.push(Problem::at("train.batch_size", "a batch needs an image"));
        }
        if self.train.critic_steps > 1 && matches!(self.model.loss, Loss::NonSaturating) {
            found.push(Problem::at("train.critic_steps", "more than one critic step needs a critic"));
        }
        found
    }
}

fn preset(name: &str) -> Option<Value> {
    match name {
        "guide" => Some(json!({
            "model": {"generator": {"architecture": "guide"}},
            "train": {"steps": 100, "generator": {"lr": 1e-3}},
        })),
        "dcgan" => Some(json!({
            "model": {"generator": {"architecture": "dcgan", "channels": 64}, "loss": "hinge"},
            "train": {"steps": 200},
        })),
        _ => None,
    }
}

/// An experiment in files, the first of which is loaded.
#[derive(Default)]
pub(crate) struct Case<'a> {
    pub files: &'a [(&'a str, &'a str)],
    pub sets: &'a [&'a str],
    pub environment: &'a [(&'a str, &'a str)],
}

impl Case<'_> {
    pub(crate) fn load(&self) -> Result<Experiment<Toy>, (TempDir, Problems)> {
        let folder = TempDir::new().unwrap();
        for (name, text) in self.files {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let sets: Vec<String> = self.sets.iter().map(|set| (*set).to_owned()).collect();
        let environment: Vec<(String, String)> =
            self.environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let loaded = load(&Request {
            file: &folder.path().join(self.files[0].0),
            sets: &sets,
            environment: &environment,
            preset: &preset,
            presets: &["guide", "dcgan"],
            tags: Tags::default(),
            paths: &[],
            devices: &|_| None,
        });
        loaded.map_err(|problems| (folder, problems))
    }

    /// What a person sees, with the temporary folder left out.
    pub(crate) fn problems(&self) -> String {
        match self.load() {
            Ok(_) => "no problems".to_owned(),
            Err((folder, problems)) => {
                let folder = format!("{}/", folder.path().display());
                problems.to_string().replace(&folder, "")
            }
        }
    }

    pub(crate) fn experiment(&self) -> Experiment<Toy> {
        match self.load() {
            Ok(experiment) => experiment,
            Err((_, problems)) => panic!("{problems}"),
        }
    }
}

/// One file that is right.
pub(crate) fn experiment(yaml: &str) -> Experiment<Toy> {
    let files = &[("lr.yaml", yaml)];
    Case { files, ..Case::default() }.experiment()
}

/// What is wrong with one file.
pub(crate) fn problems(yaml: &str) -> String {
    let files = &[("lr.yaml", yaml)];
    Case { files, ..Case::default() }.problems()
}

/// The messages with line and column of one file's problems.
pub(crate) fn messages(yaml: &str) -> Vec<String> {
    let files = &[("lr.yaml", yaml)];
    let Err((_, problems)) = (Case { files, ..Case::default() }).load() else {
        return Vec::new();
    };
    problems.iter().map(|problem| problem.summary.clone()).collect()
}

/// The points' overrides and seeds, one line each.
pub(crate) fn points(experiment: &Experiment<Toy>) -> Vec<String> {
    let show = |point: &Point<Toy>| {
        let overrides: Vec<String> = point
            .overrides
            .iter()
            .map(|(key, value)| format!("{key}={}", value.to_string().replace('"', "")))
            .collect();
        format!("{} s{}", overrides.join(" "), point.seed)
    };
    experiment.points.iter().map(show).collect()
}

/// The resolved value at a dotted path of the only run.
pub(crate) fn resolved(experiment: &Experiment<Toy>, path: &str) -> Value {
    assert_eq!(experiment.points.len(), 1);
    let run = serde_json::to_value(&experiment.points[0].run).unwrap();
    run.pointer(&format!("/{}", path.replace('.', "/"))).cloned().unwrap_or_default()
}
