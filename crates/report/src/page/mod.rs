//! The page: one self-contained file that needs no network and, for all but curves, no script.
//!
//! Text reaches the page through the templates' escaping, the data island's escaping or `textContent`, never as markup;
//! the content security policy names its script and style by hash.

mod baselines;
mod comparison;
mod edits;
mod explain;
mod format;
mod gallery;
mod island;
mod markdown;
mod matrix;
mod measure;
mod palette;
mod policy;
mod provenance;
mod role;
mod table;
mod template;

pub(crate) use comparison::{Line, comparison};
pub(crate) use gallery::{Asset, url};
pub(crate) use markdown::markdown;
pub(crate) use template::{Rendered, render};
