//! What samples are, how they are drawn, and what files they are written as. Numbers in, pictures and bytes out: nothing
//! here knows of tensors, of data sets, of networks or of folders.
//!
//! A new format is a variant of [`Format`], and what [`Canvas`] makes of it.

mod canvas;
mod domain;
mod film;
mod format;
mod fourier;
mod media;
mod mosaic;
pub mod npy;
mod picture;
mod plane;
mod rows;
mod shrunk;
pub mod spectrogram;
pub mod wav;
pub mod waveform;

pub use canvas::{Canvas, Encoded};
pub use domain::Domain;
pub use format::Format;
pub use media::Media;
pub use mosaic::Mosaic;
pub use picture::Picture;
pub use rows::rows;
pub use shrunk::{shrunk, shrunk_clip, shrunk_frame};
