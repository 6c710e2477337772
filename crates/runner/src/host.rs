//! The machine that this process runs on.

/// Its name in the network.
pub(crate) fn name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
