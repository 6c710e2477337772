//! GAN variants as compositions: architecture × conditioning × adversarial loss × penalty × latent distribution. Tensors in,
//! tensors out.
//!
//! Nothing here reads a file, a clock or a global random generator: every draw comes from a [`Stream`].

pub mod architecture;
pub mod augmentation;
pub mod check;
pub mod conditioning;
pub mod flex;
pub mod layer;
pub mod loss;
pub mod onnx;
pub mod penalty;
pub mod preset;
pub mod python;
pub mod task;
pub mod word;

mod config;
mod discriminator;
mod editable;
mod energy;
mod generator;
mod initialization;
mod input;
mod latent;
mod minibatch;
mod ops;
mod packing;
mod random;
mod representation;
mod samples;
mod variables;
mod weights;

pub use self::samples::{Samples, one_hot};
pub use ::samples::Domain;
pub use architecture::{DiscriminatorConfig, GeneratorConfig};
pub use augmentation::AugmentationConfig;
pub use conditioning::ConditioningConfig;
pub use config::ModelConfig;
pub use discriminator::Discriminator;
pub use editable::{Editable, Space};
pub use energy::Distance;
pub use generator::Generator;
pub use initialization::Initialization;
pub use input::GeneratorInput;
pub use latent::{Distribution, LatentConfig};
pub use loss::LossConfig;
pub use minibatch::Minibatch;
pub use penalty::{Penalties, PenaltyConfig};
pub use random::Stream;
pub use representation::Representation;
pub use variables::{Adaptation, Scalars, Variables};
pub use weights::Weights;
