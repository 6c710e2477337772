//! Data sets as another crate opens them: configurations, and files that are right, wrong or not there.

#![allow(clippy::unwrap_used)]

mod config;
mod damaged;
mod fashion_mnist;
mod idx;
mod image_folder;
mod samples;
mod written;
