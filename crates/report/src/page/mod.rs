//! The page: one self-contained file that needs no network and, for all but curves, no script.
//!
//! Text reaches the page through the templates' escaping, the data island's escaping or `textContent`, never as markup;
//! the content security policy names its script and style by hash.

mod comparison;
mod explain;
mod format;
mod island;
mod markdown;
mod measure;
mod palette;
mod policy;
mod provenance;
mod samples;
mod table;
mod template;
mod view;

pub(crate) use markdown::markdown;
pub(crate) use template::render;
pub(crate) use view::{RunView, tags};
