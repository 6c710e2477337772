//! A planned run and the folder that it has already.
//!
//! A folder is a run's if the configuration that it holds is the run's. An id alone is no proof: its slug names what the
//! sweep varied when the folder was made, and its hash is short.

use crate::plan::identity::{self, HASH_LENGTHS};
use crate::plan::planning;
use record::{Plan, PlannedRun, Provenance, RunFolder, SweepFolder};
use std::collections::HashMap;

/// Gives planned runs the ids of the folders that they have already, and longer ones where another run has the folder.
pub(crate) fn adopt(plan: &mut Plan, folder: &SweepFolder) {
    let mut folders = HashMap::<(String, String), Vec<RunFolder>>::new();
    for run in folder.run_folders() {
        if let Some(key) = key(&run.id()) {
            folders.entry(key).or_default().push(run);
        }
    }
    for run in &mut plan.runs {
        let (Some(digest), Some(key)) = (&run.digest, key(&run.id)) else { continue };
        let Some(candidates) = folders.get(&key) else { continue };
        let owners: Vec<(String, Owner)> =
            candidates.iter().map(|folder| (folder.id(), Owner::of(folder, run, digest))).collect();
        let is = |wanted: Owner| owners.iter().find(move |(_, owner)| *owner == wanted).map(|(id, _)| id.clone());
        let its_own = owners.iter().any(|(id, owner)| *id == run.id && *owner != Owner::Another);
        if its_own {
            continue;
        }
        if let Some(id) = is(Owner::Run).or_else(|| is(Owner::Unknown)) {
            run.id = id;
        } else if owners.iter().any(|(id, _)| *id == run.id) {
            let name = run.id.rsplit_once('-').map_or(&*run.id, |(name, _)| name).to_owned();
            let longer = HASH_LENGTHS.map(|length| identity::run_id(&name, digest, length));
            let is_taken = |id: &String| owners.iter().any(|(other, _)| other == id);
            run.id = longer.into_iter().find(|id| !is_taken(id)).unwrap_or_else(|| run.id.clone());
        }
    }
}

/// Whose a folder is, as seen from a planned run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    /// The run's.
    Run,
    /// Nothing in the folder speaks against it.
    Unknown,
    /// Another run's.
    Another,
}

impl Owner {
    fn of(folder: &RunFolder, run: &PlannedRun, digest: &str) -> Self {
        match stored(folder) {
            Some(stored) if stored == digest => Self::Run,
            Some(_) => Self::Another,
            None if folder.id().rsplit('-').next() == run.id.rsplit('-').next() => Self::Unknown,
            None => Self::Another,
        }
    }
}

/// The digest of the configuration that a folder holds. Version 0.1.0 left none: it is computed, and counts if the folder's
/// own id follows from it.
fn stored(folder: &RunFolder) -> Option<String> {
    let provenance = Provenance::of(folder)?;
    provenance.digest.or_else(|| {
        let config = planning::resolved(&folder.config()).ok()?;
        let digest = identity::digest(&config, &provenance.data_fingerprint);
        folder.id().ends_with(&digest[..HASH_LENGTHS[0]]).then_some(digest)
    })
}

/// What no other slug changes in an id: its seed, `s0`, and as much of its hash as every id has.
fn key(id: &str) -> Option<(String, String)> {
    let mut parts = id.rsplit('-');
    let (hash, seed) = (parts.next()?, parts.next()?);
    Some((seed.to_owned(), hash.get(..HASH_LENGTHS[0])?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_and_the_length_of_a_hash_say_nothing_of_whose_a_folder_is() {
        let expected = Some(("s0".to_owned(), "3fa9c21b".to_owned()));
        assert_eq!(key("mlp-lr1e-4-s0-3fa9c21b"), expected);
        assert_eq!(key("mlp-s0-3fa9c21b00001111"), expected);
        assert_eq!((key("odd"), key("mlp-s0-3fa9")), (None, None));
    }
}
