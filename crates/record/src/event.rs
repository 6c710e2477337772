//! One line of a run's events.

use crate::{Artifact, Evaluation, Histogram, Holder, Identity, Numerics, Origin, Outcome, Role, scalar_json, short};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Something that happened in a run. Written once, never changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Line 1 of every file.
    Format {
        /// [`FORMAT_VERSION`](crate::FORMAT_VERSION) of the writer.
        version: u32,
        /// Of which run the file is; absent in records of version 0.1.0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<Identity>,
        /// The command that held the sweep's lock when the attempt began, if one did; absent in records of version 0.1.0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Holder>,
        /// Whose steps the file holds, if the run did not train them itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Origin>,
    },
    /// A worker took the run up. What an earlier attempt recorded after `step` is void.
    Started {
        /// 1 for the first attempt.
        attempt: u32,
        /// The step of the checkpoint it goes on from; 0 for none.
        step: u64,
        /// `cpu:flex`, `cpu:ndarray`, `cuda:0` ...
        device: String,
        /// CPU threads of the run.
        threads: usize,
        /// What has trained the weights so far, and last what trains them now. More than one is a mixture. Empty in records
        /// of version 0.1.0.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        numerics: Vec<Numerics>,
        /// Unix time, seconds.
        at: f64,
    },
    /// Values averaged over the steps since the last such event.
    Scalars(Scalars),
    /// Metrics of samples of the averaged generator.
    Evaluation(Evaluation),
    /// A file that shows samples.
    Artifact(Artifact),
    /// How numbers are distributed at a step.
    Histograms(Histograms),
    /// A complete checkpoint stands on disk.
    Checkpoint {
        /// Generator updates done.
        step: u64,
        /// Unix time, seconds.
        at: f64,
    },
    /// Something a reader should know, such as a damaged checkpoint that was passed over.
    Warning {
        /// A sentence fragment.
        message: String,
        /// Unix time, seconds.
        at: f64,
    },
    /// Where the time of the attempt went.
    Times {
        /// Seconds by part: `data`, `discriminator`, `generator`, `log`, `samples`, `evaluation`, `checkpoint`. On a GPU
        /// networks only queue their work, and `log` waits for it.
        secs: BTreeMap<String, f64>,
        /// Unix time, seconds.
        at: f64,
    },
    /// The attempt is over.
    Ended {
        /// How.
        #[serde(flatten)]
        outcome: Outcome,
        /// Seconds of this attempt, from its start to its end.
        wall_secs: f64,
        /// Unix time, seconds.
        at: f64,
    },
}

/// Named values at a step, such as `loss/generator`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scalars {
    /// Generator updates done.
    pub step: u64,
    /// Unix time, seconds.
    pub at: f64,
    /// By name, `group/what`; may hold NaN and infinities.
    #[serde(with = "scalar_json")]
    pub values: BTreeMap<String, f64>,
}

/// Distributions at a step, such as `logits/real`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histograms {
    /// Generator updates done.
    pub step: u64,
    /// Unix time, seconds.
    pub at: f64,
    /// By name: `logits/real` and `logits/fake` of the step's batches, `weights/generator.0.weight` as in an export.
    pub values: BTreeMap<String, Histogram>,
}

/// A line for people.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Format { version, .. } => write!(f, "format {version}"),
            Self::Started { attempt, step, device, threads, .. } => {
                let threads = if *threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
                write!(f, "attempt {attempt} starts at step {step} on {device} with {threads}")
            }
            Self::Scalars(scalars) => {
                let values: Vec<_> =
                    scalars.values.iter().map(|(name, value)| format!("{name} {}", short(*value))).collect();
                write!(f, "step {}: {}", scalars.step, values.join(", "))
            }
            Self::Evaluation(evaluation) => {
                let Evaluation { step, count, features, split, .. } = evaluation;
                let values = evaluation.values.iter().map(|(name, found)| format!("{name} {}", short(found.value)));
                let problems = evaluation.problems.iter().map(|(name, why)| format!("no {name}: {why}"));
                let parts: Vec<_> = values.chain(problems).collect();
                write!(f, "step {step}: {count} samples, {features} features, {split} split: {}", parts.join(", "))
            }
            Self::Artifact(Artifact { role, step, file, label, spread, .. }) => {
                write!(f, "step {step}: {file}")?;
                let role = (*role != Role::SAMPLES).then(|| role.to_string());
                role.iter().chain(label).try_for_each(|word| write!(f, ", {word}"))?;
                spread.map_or(Ok(()), |spread| write!(f, ", spread {}", short(spread)))
            }
            Self::Histograms(Histograms { step, values, .. }) => write!(f, "step {step}: {} histograms", values.len()),
            Self::Times { secs, .. } => {
                let parts: Vec<_> = secs.iter().map(|(part, secs)| format!("{part} {secs:.1} s")).collect();
                write!(f, "time: {}", parts.join(", "))
            }
            Self::Checkpoint { step, .. } => write!(f, "step {step}: checkpoint"),
            Self::Warning { message, .. } => write!(f, "warning: {message}"),
            Self::Ended { outcome, wall_secs, .. } => {
                write!(f, "{} at step {} after {wall_secs:.1} s", outcome.status, outcome.step)?;
                outcome.reason.as_ref().map_or(Ok(()), |reason| write!(f, ": {reason}"))
            }
        }
    }
}
