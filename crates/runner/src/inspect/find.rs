//! A run by its folder, or by an unambiguous prefix of its id.

use crate::error::Error;
use models::Domain;
use record::{Plan, Provenance, RunFolder, SweepFolder};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use training::RunConfig;

/// Runs that a message names.
const MAX_NAMES: usize = 6;

/// A run that has a folder.
pub(crate) fn started(run: &str, results: &Path) -> Result<RunFolder, Error> {
    find(run, results, |sweep| sweep.run_folders().iter().map(RunFolder::id).collect())
}

/// A run that has a folder or is in a plan. Its folder may not exist.
pub(crate) fn known(run: &str, results: &Path) -> Result<RunFolder, Error> {
    find(run, results, |sweep| {
        let folders = sweep.run_folders().into_iter().map(|folder| folder.id());
        // A plan that cannot be read names no runs; their folders do.
        let planned = Plan::read(sweep).map(|plan| plan.runs).unwrap_or_default().into_iter().map(|run| run.id);
        folders.chain(planned).collect()
    })
}

fn find(run: &str, results: &Path, ids: impl Fn(&SweepFolder) -> BTreeSet<String>) -> Result<RunFolder, Error> {
    if let Some(folder) = by_path(Path::new(run), &ids) {
        return Ok(folder);
    }
    let in_sweep = |sweep: SweepFolder| {
        let ids = ids(&sweep).into_iter().filter(|id| id.starts_with(run));
        ids.map(|id| sweep.run(&id)).collect::<Vec<_>>()
    };
    let mut found: Vec<RunFolder> = sweeps(results).into_iter().flat_map(in_sweep).collect();
    if found.iter().any(|folder| folder.id() == run) {
        found.retain(|folder| folder.id() == run);
    }
    match &found[..] {
        [one] => Ok(one.clone()),
        [] => Err(Error::Usage(format!("no run in {} has an id that begins with `{run}`", results.display()))),
        several => {
            let (first, rest) = several.split_at(several.len().min(MAX_NAMES));
            let names: Vec<_> = first.iter().map(|folder| folder.path().display().to_string()).collect();
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            Err(Error::Usage(format!("`{run}` could be any of {}{more}", names.join(", "))))
        }
    }
}

fn by_path(path: &Path, ids: impl Fn(&SweepFolder) -> BTreeSet<String>) -> Option<RunFolder> {
    // A run that never started has no folder that the file system could resolve.
    let path = fs::canonicalize(path).or_else(|_| std::path::absolute(path)).ok()?;
    let folder = RunFolder::new(path);
    let in_sweep = || folder.sweep().is_some_and(|sweep| ids(&sweep).contains(&folder.id()));
    (folder.config().is_file() || in_sweep()).then_some(folder)
}

/// Folders of sweeps, without those that `--fresh` moved aside, by name.
fn sweeps(results: &Path) -> Vec<SweepFolder> {
    let entries = fs::read_dir(results).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_old = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().contains(".old-");
    let mut sweeps: Vec<PathBuf> = entries.filter(|path| !is_old(path)).collect();
    sweeps.sort();
    sweeps.into_iter().map(SweepFolder::new).collect()
}

/// What a run recorded of its data, so that results that were copied to another machine can be
/// sampled without their data set.
pub(crate) fn domain(folder: &RunFolder, config: &RunConfig) -> Result<Domain, Error> {
    let provenance = fs::read(folder.provenance()).ok().and_then(|text| serde_json::from_slice(&text).ok());
    match provenance {
        Some(Provenance { domain: Some(domain), .. }) => Ok(domain),
        // The program of then had two channels for points alone, and those are computed on any machine.
        Some(Provenance { image_shape: Some(shape), classes, .. }) if shape[0] != 2 => {
            Ok(Domain::images(shape, classes))
        }
        _ => Ok(config.data.describe()?.domain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let make = |path: &str| fs::create_dir_all(folder.path().join(path)).unwrap();
        make("a/runs/mlp-s0-1111");
        make("a/runs/mlp-s0-11112222");
        make("a/runs/.mlp-s0-9.tmp-1-0");
        make("a.old-1/runs/mlp-s1-3333");
        make("b/runs/mlp-s1-3333");
        fs::write(folder.path().join("b/runs/mlp-s1-notes.txt"), "").unwrap();
        fs::write(folder.path().join("b/plan.json"), "{").unwrap();
        folder
    }

    #[test]
    fn a_prefix_finds_one_run_or_says_why_not() {
        let results = folder();
        let check = |run: &str, expected: Result<&str, &str>| match (known(run, results.path()), expected) {
            (Ok(found), Ok(path)) => assert_eq!(found.path(), results.path().join(path), "{run}"),
            (Err(error), Err(words)) => assert!(error.message().contains(words), "{run}: {}", error.message()),
            (found, _) => panic!("{run}: {found:?}"),
        };
        check("mlp-s0-1111", Ok("a/runs/mlp-s0-1111"));
        check("mlp-s0-11112", Ok("a/runs/mlp-s0-11112222"));
        check("mlp-s1", Ok("b/runs/mlp-s1-3333"));
        check("mlp-s0", Err("could be any of"));
        check("mlp-s2", Err("begins with `mlp-s2`"));
        check(".mlp", Err("begins with"));
    }

    #[test]
    fn a_path_names_a_run_where_a_sweep_has_it() {
        let results = folder();
        let run = results.path().join("a/runs/mlp-s0-1111/");
        let found = started(run.to_str().unwrap(), Path::new("nowhere")).unwrap();
        assert_eq!(found.id(), "mlp-s0-1111");
        assert_eq!(found.sweep().unwrap().path(), fs::canonicalize(results.path().join("a")).unwrap());
        let sweep = results.path().join("a");
        assert!(started(sweep.to_str().unwrap(), Path::new("nowhere")).is_err());
    }
}
