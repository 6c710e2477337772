//! Nothing but dependencies, see `Cargo.toml`: Cargo unites features over the packages that a command builds, so
//! `cargo test -p models` would compile all of Burn again if a crate below it had fewer features than in the workspace.
