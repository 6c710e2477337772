//! What run folders tell, for the commands that only look, clean up or compare.

pub(crate) mod curves;
pub(crate) mod evaluate;
pub(crate) mod export;
pub(crate) mod find;
pub(crate) mod gc;
pub(crate) mod judge;
pub(crate) mod known;
pub(crate) mod leaderboard;
pub(crate) mod parquet;
pub(crate) mod reference;
pub(crate) mod requirement;
pub(crate) mod screen;
pub(crate) mod singles;
pub(crate) mod source;
pub(crate) mod tasks;
pub(crate) mod why;
