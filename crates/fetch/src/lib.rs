//! Public data sets from their official addresses. `runner data fetch` is the only user, and nothing else in the program
//! opens a connection.
//!
//! Each file is checked against a published SHA-256 before it gets its name; an interrupted download goes on where it was.

mod catalog;
mod download;
mod error;
mod unpack;

pub use catalog::{ALL, RemoteFile, RemoteSet, Setting, find};
pub use download::{Client, Fetched};
pub use error::FetchError;
