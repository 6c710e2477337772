//! What runs are compared by: configurations, evaluated quantities, and a ranking of the ones by the others.

mod configuration;
mod floor;
mod quantity;
mod ranking;

pub(crate) use configuration::{Configuration, configurations};
pub(crate) use floor::floor;
pub(crate) use quantity::{Quantity, chosen_by, quantities};
pub(crate) use ranking::{Place, Ranking, ranking, score};
