//! Data sets as another crate opens them: configurations, and files that are right, wrong or not there.

#![expect(clippy::unwrap_used, reason = "a test that unwraps fails with the place")]

mod array;
mod config;
mod damaged;
mod fashion_mnist;
mod frames_folder;
mod hostile;
mod idx;
mod image_folder;
mod jpeg;
mod listing;
mod paired_folder;
mod picture;
mod samples;
mod sources;
mod unpaired_folder;
mod wav_folder;
mod written;
