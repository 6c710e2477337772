//! What a file comes to: runs with their ids, and how they differ from those before.

pub(crate) mod adopt;
pub(crate) mod changes;
pub(crate) mod closest;
pub(crate) mod config_file;
pub(crate) mod identity;
pub(crate) mod part;
pub(crate) mod planning;
pub(crate) mod remembered;
pub(crate) mod reuse;
pub(crate) mod settings;
