//! Classes in the logit (Miyato and Koyama 2018, arXiv 1802.05637, eq. 3): f(x) + yᵀ V φ(x), with the features φ that the
//! logit f is read from.

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    name: "projection",
    about: "the logit has a further term y . V features",
    settings: "",
    paper: "Miyato and Koyama 2018, arXiv 1802.05637",
};
