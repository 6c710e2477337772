//! How far generated samples are from real ones. Plain arrays in, numbers out: nothing here knows of tensors, of files or
//! of terminals.
//!
//! A value depends on the samples, their number, the features and the seed, and on no number of threads: sums are added
//! in a fixed order. Never compare values at different numbers of samples or with different features.
//!
//! To add a metric, write its file and add it to [`ALL`].

mod classification_accuracy;
mod distances;
mod error;
mod features;
mod frechet;
mod inception_score;
mod kid;
mod metric;
mod mmd_variance;
mod modes;
mod ms_ssim;
mod nearest_neighbour;
mod neighbours;
mod prdc;
mod random;
mod sliced_wasserstein;
mod stacked_modes;

pub use classification_accuracy::classification_accuracy;
pub use error::{MetricError, Side};
pub use features::Features;
pub use frechet::{Moments, distance, frechet};
pub use inception_score::inception_score;
pub use kid::{Estimate, Kid, kid, kid_of_all};
pub use metric::{ALL, Direction, Input, Measured, Metric, Quantity, Smallest, View, find};
pub use modes::{Mixture, Modes, modes};
pub use ms_ssim::{Similarity, diversity, diversity_by_class};
pub use nearest_neighbour::{Accuracy, nearest_neighbour};
pub use neighbours::{Neighbour, neighbours};
pub use prdc::{Prdc, prdc};
pub use random::permutation;
pub use sliced_wasserstein::{Sliced, sliced_wasserstein, sliced_wasserstein_on};
pub use stacked_modes::{StackedModes, stacked_modes};
