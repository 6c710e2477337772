//! One training run: from a resolved configuration to weights, samples and a record.
//!
//! It knows one run. It learns nothing of other runs, of sweeps, of processes or of terminals.

// A run, from its opening to its end.
mod config;
mod device;
mod error;
mod numerics;
mod past;
mod run;
mod stop;
mod trainer;
mod translate;
// A step.
mod batches;
mod optimizer;
mod prefetch;
mod resident;
mod state;
// What a run leaves behind.
mod checkpoint;
mod clock;
mod digest;
mod histograms;
mod recorder;
mod size;
mod verdict;
mod weights;
mod window;
// Samples.
mod augment;
mod averaged;
mod editing;
mod evaluation;
mod fixed_input;
mod generate;
mod pictures;

#[cfg(test)]
mod golden_steps;
#[cfg(test)]
mod golden_translation;

pub use augment::{AugmentError, AugmentRequest, Augmented, Filter, augment};
pub use checkpoint::{CheckpointError, check_checkpoint, holds_optimizers, inherit_checkpoint, trained_by};
pub use config::{
    Average, CheckpointConfig, Collapse, Decay, EvaluateConfig, LastCheckpoint, LogConfig, OptimizerConfig, Patience,
    Precision, RunConfig, SampleConfig, Schedule, StopConfig, TrainConfig, UpdateRule,
};
pub use device::{
    CHECK_SWITCH, DeviceError, DeviceKind, Driver, Gpu, HOW_TO_GET_LIBDEVICE, Selection, check_device, check_names,
    cuda_devices, is_unchecked, libdevice, nvidia_driver, select, simd_features, vulkan_devices, worker_environment,
};
pub use editing::{Codes, EditError, Editability, Editor, Found, InvertRequest, Inverted, Method};
pub use evaluation::{EvaluateError, Kept, evaluate};
pub use generate::{GenerateError, Generated, LEAST_TRUNCATION, SampleRequest, generate};
pub use kernels::TILES_SWITCH;
pub use numerics::{numeric_class, numerics};
pub use past::{Missing, NoPast, Past};
pub use pictures::canvas;
pub use run::{Job, Observer, train, train_attempt};
pub use size::CheckpointSize;
pub use stop::Stop;
pub use translate::{TranslateError, Translator};
pub use weights::{
    GeneratorError, PythonExport, WeightsError, check_weights, export_onnx, export_python, export_weights,
};
