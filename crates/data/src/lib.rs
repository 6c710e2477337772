//! Data sets and their readers: what `run.data` of an experiment file names becomes 8-bit pixels, or points in the plane,
//! in memory.
//! Arrays and folders of images that somebody made become [`Samples`].
//!
//! Nothing here knows of tensors, of training or of terminals, and nothing is ever downloaded. A data set that is not on
//! the machine is a [`DataError::Missing`], which says where it was looked for and how to get it.
//!
//! To add a data set, write its file and add a line to the list in `source.rs`; a program of one's own adds it to
//! [`SOURCES`].

mod album;
mod array;
mod background;
mod catalog;
mod cifar_10;
mod classes;
mod content;
mod dataset;
mod error;
mod fashion_mnist;
mod fingerprint;
mod fit;
mod grid_25;
mod hold_out;
mod idx;
mod idx_file;
mod image_folder;
mod image_parquet;
mod image_zip;
mod layout;
mod listing;
mod mnist_10k;
mod npy;
mod options;
mod parquet_file;
mod passed_over;
mod pickle;
mod picture;
mod pictures;
mod pixel_range;
mod points;
mod points_csv;
mod points_file;
mod resized;
mod ring_8;
mod samples;
mod set;
mod shards;
mod sizes;
mod source;
mod source_of;
mod spiral;
mod stacked_mnist;
mod state;
mod stored;
mod tar_file;
mod uniform;
mod web_dataset;
mod zip_file;
mod zip_writer;

pub use self::samples::Samples;
pub use array::Array;
pub use background::Background;
pub use catalog::{ClassCount, Description, Entry};
pub use cifar_10::Cifar10;
pub use dataset::{Dataset, Labels, Split};
pub use error::DataError;
pub use fashion_mnist::FashionMnist;
pub use grid_25::Grid25;
pub use hold_out::HoldOut;
pub use idx::Idx;
pub use image_folder::ImageFolder;
pub use image_parquet::ImageParquet;
pub use image_zip::ImageZip;
pub use layout::Layout;
pub use mnist_10k::Mnist10k;
pub use options::{Color, Fit, Memory, OnError};
pub use passed_over::PassedOver;
pub use pixel_range::PixelRange;
pub use points_csv::{Column, PointsCsv};
pub use ring_8::Ring8;
pub use set::{Set, Values};
pub use sizes::Sizes;
pub use source::{DataConfig, SOURCES, Source, catalog};
pub use source_of::source_of;
pub use spiral::Spiral;
pub use stacked_mnist::StackedMnist;
pub use state::state;
pub use web_dataset::WebDataset;
