//! Penalty on the gradient at generated images (Mescheder et al. 2018, arXiv 1801.04406, section 4.1). Otherwise
//! [`r1`](super::r1).

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    name: "r2",
    formula: "weight / 2 * mean |g|^2 at f",
    settings: "weight (10), every (1)",
    paper: "Mescheder et al. 2018, arXiv 1801.04406",
};
