//! How far generated samples are from real ones. Plain arrays in, numbers out: nothing here knows of tensors, of files or
//! of terminals.
//!
//! A value depends on the samples, their number, the features and the seed, and on no number of threads: sums are added
//! in a fixed order. Never compare values at different numbers of samples or with different features.
//!
//! A metric is a member of an open family ([`METRICS`]): a file with its formula, and a line in the list of `metric.rs`.

mod classification_accuracy;
mod conditional_accuracy;
mod confident_share;
mod digit_kept;
mod distances;
mod error;
mod features;
mod frechet;
mod inception_score;
mod kid;
mod label_kept;
mod metric;
mod mmd_variance;
mod modes;
mod moving_digits;
mod ms_ssim;
mod nearest_neighbour;
mod neighbours;
mod note_pitches;
mod pairs;
mod partner;
mod prdc;
mod random;
mod sliced_wasserstein;
mod sound_faults;
mod spectral_distance;
mod stacked_modes;
mod video_frechet;

pub use classification_accuracy::{ClassificationAccuracy, classification_accuracy};
pub use conditional_accuracy::{ConditionalAccuracy, conditional_accuracy};
pub use confident_share::{ConfidentShare, confident_share};
pub use digit_kept::{DigitKept, digit_kept};
pub use error::{MetricError, Side};
pub use features::{Features, check};
pub use frechet::{Frechet, Moments, distance, frechet};
pub use inception_score::{InceptionScore, inception_score};
pub use kid::{Estimate, KernelDistance, Kid, kid, kid_of_all};
pub use label_kept::{LabelKept, label_kept};
pub use metric::{
    Entry, Input, METRICS, Measured, Metric, MetricConfig, Quantity, Smallest, View, find, names, quantities,
};
pub use modes::{Mixture, Modes, ModesGrid25, ModesRing8, modes};
pub use moving_digits::{Motion, Moved, MovingDigits, motions};
pub use ms_ssim::{MsSsim, MsSsimByClass, Similarity, diversity, diversity_by_class};
pub use nearest_neighbour::{Accuracy, NearestNeighbour, nearest_neighbour};
pub use neighbours::{Neighbour, Neighbours, neighbours};
pub use note_pitches::{NotePitches, Played, note_pitches, pitch};
pub use pairs::{PairDistances, Pairs, pairs};
pub use partner::{Partner, Partners, partners};
pub use prdc::{Prdc, PrecisionRecall, prdc};
pub use random::permutation;
pub use record::Direction;
pub use sliced_wasserstein::{Sliced, SlicedWasserstein, sliced_wasserstein, sliced_wasserstein_on};
pub use sound_faults::{Faults, SoundFaults, sound_faults};
pub use spectral_distance::{Spectral, SpectralDistance, spectral_distance};
pub use stacked_modes::{ModesStackedMnist, StackedModes, stacked_modes};
pub use video_frechet::{VideoDistances, VideoFrechet, video_frechet};
