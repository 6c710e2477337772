//! What run folders tell, for the commands that only look, clean up or compare.

pub mod evaluate;
pub mod export;
pub mod find;
pub mod gc;
pub mod known;
pub mod reference;
pub mod screen;
pub mod source;
pub mod why;
