//! The page: one self-contained file that needs no network and, for all but curves, no script.
//!
//! Text reaches the page through the templates' escaping, the data island's escaping or `textContent`, never as markup;
//! the content security policy names its script and style by hash.

mod comparison;
mod explain;
mod format;
mod island;
mod markdown;
mod matrix;
mod measure;
mod palette;
mod pictures;
mod policy;
mod provenance;
mod table;
mod template;
mod view;

pub(crate) use markdown::markdown;
pub(crate) use pictures::Asset;
pub(crate) use template::{Rendered, render};
pub(crate) use view::{RunView, tags};
