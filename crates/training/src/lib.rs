//! One training run: from a resolved configuration to weights, samples and a record.
//!
//! It knows one run. It learns nothing of other runs, of sweeps, of processes or of terminals.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod ahead;
mod average;
mod checkpoint;
mod clock;
mod config;
mod device;
mod digest;
mod evaluation;
mod flex;
mod generate;
#[cfg(test)]
mod golden_steps;
mod gradient;
mod histograms;
mod loader;
mod optimizer;
mod pictures;
mod run;
mod silent;
mod state;
mod stop;
mod strategy;
mod verdict;
mod weights;
mod window;

pub use checkpoint::{CheckpointError, check_checkpoint};
pub use config::{
    Average, CheckpointConfig, Collapse, Decay, EvaluateConfig, LogConfig, OptimizerConfig, OptimizerKind, Patience,
    Precision, RunConfig, SampleConfig, Schedule, StopConfig, TrainConfig,
};
pub use device::{DeviceError, DeviceKind, Selection, check_names, cuda_devices, numeric_class, select, simd_features};
pub use evaluation::{EvaluateError, Kept, evaluate};
pub use generate::{Generated, LEAST_TRUNCATION, SampleRequest, generate};
pub use kernels::TILES_SWITCH;
pub use pictures::canvas;
pub use run::{Job, Observer, train};
pub use stop::Stop;
pub use weights::{WeightsError, check_weights, export_weights};
