//! The arithmetic of layers: this project's kernels on the CPU, Burn's operations on every other device.
//!
//! On the CPU each operation is one node of the tape, its activation included, and its result lies in memory as
//! `[height][width][channels][batch]`, the layout of the kernels; to Burn it is the usual `[batch, channels, height, width]`
//! with other strides. Operations take any strides, so layers of both kinds mix.

mod activation;
mod batch_norm;
mod convolution;
mod dense;
mod film;
mod instance_norm;
mod maxout;
mod node;
mod reflect;
mod reshape;
mod shift;

pub(crate) use activation::{Activation, activate, slopes};
pub(crate) use batch_norm::batch_norm;
pub(crate) use convolution::{convolution, transposed_convolution};
pub(crate) use dense::{dense, dense_transposed};
pub(crate) use film::{film, frames};
pub(crate) use instance_norm::{instance_norm, standard};
pub(crate) use maxout::maxout;
pub(crate) use reflect::{reflect, reflected_back};
pub(crate) use reshape::{add, average, beside, joined, pack, planes, pointwise, repeat, reshape, stack};
pub(crate) use shift::{shift, shift_back};
