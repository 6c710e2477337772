//! Files that hold samples, by format: what is read of them before it is a picture or a point.

pub(crate) mod array_writer;
pub(crate) mod content;
pub(crate) mod idx_file;
pub(crate) mod listing;
pub(crate) mod npy;
pub(crate) mod parquet_file;
pub(crate) mod pickle;
pub(crate) mod points_file;
pub(crate) mod shards;
pub(crate) mod tar_file;
pub(crate) mod zip_file;
pub(crate) mod zip_writer;
