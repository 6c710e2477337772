//! The program as a user meets it, a topic a file: `cargo test -p tests kill::` runs one.
//!
//! One executable, so that it is linked once.
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails with the place")]

mod augment;
mod cases;
mod changes;
mod commands;
mod copies;
mod damage;
mod digests;
mod disk;
mod edit;
mod evaluate;
mod export;
mod failure;
mod fetch;
mod format_1;
mod gc;
mod half_copied;
mod housekeeping;
mod identity;
mod image_to_image;
mod input;
mod join;
mod kill;
mod layers;
mod limits;
mod longer;
mod many;
mod metrics;
mod own_data;
mod own_loss;
mod own_members;
mod part;
mod sample;
mod schema;
mod shipped;
mod slurm;
mod soak;
mod sounds;
mod status;
mod sweep;
mod task;
mod together;
mod verify;
mod video;
mod weights;
