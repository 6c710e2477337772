//! The arithmetic of training on the CPU: plain slices in, plain vectors out. No tensor library's type, no network.
//!
//! # Layout
//! Images are `[height][width][channels][batch]` ("pixel-major"): the numbers of one channel at one pixel of all samples stand
//! together, so that every inner loop and every matrix product runs over the batch, whatever kernel, stride or border; where there are fewer
//! than 16 samples, over channels or pixels. A vector of each sample is `[length][batch]`. [`Strided`] brings other layouts there.
//!
//! # Bits
//! Results have the same bits for any number of threads and for any instruction set that `simd` picks: work is cut by shape
//! alone, and sums run in a fixed order. Matrix products come from the `gemm` crate or, where the processor [has
//! tiles](has_tiles), from those; their bits follow the processor's instruction set.

mod activation;
mod awake;
mod batch_norm;
mod convolution;
mod dense;
mod fresh;
mod instance_norm;
mod instances;
mod layout;
mod maxout;
mod mirror;
mod optimizer;
mod product;
mod shift;
mod simd;
mod transpose;

/// Samples from which on loops and products over them pay: a vector of the widest instruction set.
const FULL_BATCH: usize = 16;

pub use activation::Activation;
pub use awake::Awake;
pub use batch_norm::{BatchNorm, Gradients, Statistics};
pub use convolution::{Convolution, Geometry, Way, Window};
pub use dense::Dense;
pub use instance_norm::{InstanceNorm, Moments};
pub use layout::{Strided, channels_beside, channels_within, side_by_side};
pub use maxout::{maxout, maxout_back};
pub use mirror::Mirror;
pub use optimizer::{Adam, AdamW, RmsProp, Sgd, moving_average};
pub use product::{Precision, TILES_SWITCH, has_tiles, with_precision};
pub use shift::Shift;
