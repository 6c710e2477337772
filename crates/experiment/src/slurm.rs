//! What tasks ask a cluster with Slurm for: `execution.slurm`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::execution::{Count, timeout};

/// The `execution.slurm` section. What is absent is left to the site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SlurmSettings {
    /// Partition of the cluster.
    pub partition: Option<String>,
    /// Account that pays.
    pub account: Option<String>,
    /// Quality of service.
    pub qos: Option<String>,
    /// Time limit of a task; two minutes before it, runs write a checkpoint and go on in another one.
    #[serde(with = "timeout")]
    #[schemars(schema_with = "timeout::schema")]
    pub time: Option<Duration>,
    /// CPU cores of a task.
    pub cpus: Option<NonZeroUsize>,
    /// GPUs of a task.
    pub gpus: Option<NonZeroUsize>,
    /// Parts of a GPU, where the site shares GPUs (`--gres=shard:N`).
    pub shards: Option<NonZeroUsize>,
    /// Memory of a task, such as `8G`.
    pub memory: Option<String>,
    /// Features that its node must have.
    pub constraint: Option<String>,
    /// Tasks of an array that run at once at most.
    pub at_once: Option<NonZeroUsize>,
    /// Runs that a task trains, one after the other; `auto` for so many that it takes two minutes.
    pub runs_per_task: Count,
    /// Lines of a shell before the program, such as `module load cuda`.
    pub setup: Vec<String>,
    /// Further arguments of `sbatch`.
    pub extra: Vec<String>,
    /// The program for the nodes, if it is another file than this one.
    pub program: Option<PathBuf>,
}
