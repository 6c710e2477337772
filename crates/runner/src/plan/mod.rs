//! What a file comes to: runs with their ids, and how they differ from those before.

pub mod adopt;
pub mod changes;
pub mod closest;
pub mod identity;
pub mod planning;
pub mod settings;
