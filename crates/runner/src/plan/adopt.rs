//! A run keeps the folder that it has. An id's slug says what the sweep varied when the folder was made; with another
//! axis in the file it would say it differently, though the run is the same.

use record::{Plan, RunFolder, SweepFolder};
use std::collections::HashMap;

/// Gives planned runs the ids of the folders that they have already.
pub(crate) fn adopt(plan: &mut Plan, folder: &SweepFolder) {
    let ids: Vec<String> = folder.run_folders().iter().map(RunFolder::id).collect();
    let by_identity: HashMap<&str, &String> = ids.iter().rev().map(|id| (identity(id), id)).collect();
    for run in &mut plan.runs {
        if !folder.run(&run.id).path().exists()
            && let Some(id) = by_identity.get(identity(&run.id))
        {
            run.id = (*id).clone();
        }
    }
}

/// The end of an id, which the slug does not change: `s0-3fa9c21b`.
fn identity(id: &str) -> &str {
    let mut dashes = id.rmatch_indices('-');
    dashes.next();
    dashes.next().map_or(id, |(at, _)| &id[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_is_seed_and_hash() {
        assert_eq!(identity("mlp-lr1e-4-s0-3fa9c21b"), "s0-3fa9c21b");
        assert_eq!(identity("odd"), "odd");
    }
}
