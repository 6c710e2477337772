//! A run by its folder, or by an unambiguous prefix of its id.

use crate::error::Error;
use models::Domain;
use record::{Plan, Provenance, RunFolder, SweepFolder};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
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
    // By its name, if that is enough: a folder that is a link lies in the sweep where the link is, and one of a run that
    // never started is none that the file system could resolve.
    let goes_up = path.components().any(|part| part == Component::ParentDir);
    let resolved = if goes_up { fs::canonicalize(path).ok() } else { None };
    let folder = RunFolder::new(resolved.or_else(|| std::path::absolute(path).ok())?);
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
    match Provenance::of(folder) {
        Some(Provenance { domain: Some(domain), .. }) => Ok(domain),
        // The program of then had two channels for points alone, and those are computed on any machine.
        Some(Provenance { image_shape: Some(shape), classes, .. }) if shape[0] != 2 => {
            Ok(Domain::images(shape, classes))
        }
        _ => Ok(config.data.describe()?.domain),
    }
}

/// What the classes of a run's data are called, as it has noted it; none where they are called 0, 1 ...
pub(crate) fn class_names(folder: &RunFolder) -> Vec<String> {
    Provenance::of(folder).map(|provenance| provenance.class_names).unwrap_or_default()
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

    #[test]
    fn a_folder_that_is_a_link_is_a_run_of_the_sweep_where_the_link_is() {
        let results = folder();
        let path = |name: &str| results.path().join(name);
        fs::create_dir_all(path("disk/moved")).unwrap();
        fs::write(path("disk/moved/config.yaml"), "").unwrap();
        std::os::unix::fs::symlink(path("disk/moved"), path("a/runs/mlp-s5-5555")).unwrap();
        std::os::unix::fs::symlink(path("disk"), path("a/runs/mlp-s6-6666")).unwrap();
        let expected = path("a/runs/mlp-s5-5555");
        for name in ["mlp-s5", expected.to_str().unwrap(), path("b/../a/runs/mlp-s5-5555").to_str().unwrap()] {
            let found = started(name, results.path()).unwrap();
            assert!(found.config().is_file(), "{name}");
            if !name.contains("..") {
                assert_eq!((found.path(), found.sweep().unwrap().path()), (&*expected, &*path("a")), "{name}");
            }
        }
        assert!(started("mlp-s6", results.path()).is_err(), "no run's folder");
    }
}
