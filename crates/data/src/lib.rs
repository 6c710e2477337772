//! Data sets and their readers: what `run.data` of an experiment file names becomes pixels, points or sounds. Arrays and folders
//! of images from other programs become [`Samples`].
//!
//! `source/` has a file for each data set, `file/` one for each format of files, `picture/` the formats of single images,
//! `sound/` those of recordings. Pictures of every source become samples in `album.rs`, recordings in `sound/recordings.rs`.
//!
//! Nothing here knows of tensors, of training or of terminals, and nothing is ever downloaded. A data set that is not on
//! the machine is a [`DataError::Missing`], which says where it was looked for and how to get it.
//!
//! To add a data set, write its file in `source/` and add a line to the list in `source/mod.rs`; other programs
//! add theirs to [`SOURCES`].

mod album;
mod background;
mod catalog;
mod classes;
mod dataset;
mod error;
mod file;
mod fingerprint;
mod fit;
mod hold_out;
mod layout;
mod options;
mod passed_over;
mod photo;
mod picture;
mod pictures;
mod pixel_range;
mod points;
mod resized;
mod samples;
mod set;
mod sizes;
mod sound;
mod source;
mod source_of;
mod state;
mod stored;
mod translation;
mod uniform;

pub use self::samples::Samples;
pub use background::Background;
pub use catalog::{ClassCount, Description, Entry};
pub use dataset::{Dataset, Labels, Split};
pub use error::DataError;
pub use hold_out::HoldOut;
pub use layout::Layout;
pub use options::{Color, Fit, Memory, OnError};
pub use passed_over::PassedOver;
pub use photo::{Photo, pictures_of};
pub use pixel_range::PixelRange;
pub use set::{Set, Values};
pub use sizes::Sizes;
pub use sound::clip::Crop;
pub use sound::recordings::Recorded;
pub use source::array::Array;
pub use source::cifar_10::Cifar10;
pub use source::drums::Drums;
pub use source::emoji_pairs::EmojiPairs;
pub use source::fashion_mnist::FashionMnist;
pub use source::frames_folder::FramesFolder;
pub use source::grid_25::Grid25;
pub use source::idx::Idx;
pub use source::image_folder::ImageFolder;
pub use source::image_parquet::ImageParquet;
pub use source::image_zip::ImageZip;
pub use source::mnist_10k::Mnist10k;
pub use source::moving_digits::MovingDigits;
pub use source::notes::Notes;
pub use source::paired_folder::PairedFolder;
pub use source::points_csv::{Column, PointsCsv};
pub use source::ring_8::Ring8;
pub use source::shapes::{Kinds, Shapes};
pub use source::spiral::Spiral;
pub use source::stacked_mnist::StackedMnist;
pub use source::two_hands::TwoHands;
pub use source::unpaired_folder::UnpairedFolder;
pub use source::wav_folder::WavFolder;
pub use source::web_dataset::WebDataset;
pub use source::{DataConfig, SOURCES, Source, catalog};
pub use source_of::source_of;
pub use state::state;
pub use translation::options::Direction;
