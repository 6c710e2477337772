//! The folder of a sweep: claimed, with the plan that is to be trained in it.

use crate::error::Error;
use crate::plan::changes::Changes;
use crate::sweep::display::Display;
use record::{LockError, Plan, SweepFolder, SweepLock};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// How often the folder may be moved away by others before this command gives up.
const MOVES: usize = 5;

/// Makes the folder and locks it; `fresh` moves an earlier one aside, and others may join one that `shares` its runs.
pub(crate) fn claim(folder: &SweepFolder, fresh: bool, shares: bool, display: &Display) -> Result<SweepLock, Error> {
    let mut again = 1..MOVES;
    let lock = loop {
        match make_and_lock(folder, fresh, shares, display) {
            Err(error) if is_gone(&error) && again.next().is_some() => {}
            lock => break lock?,
        }
    };
    if lock.is_lease() {
        display.line(&format!(
            "warning: the file system of {} takes no locks: a file with signs of life stands in for one, and a command that \
             was killed on another machine blocks the folder for a minute",
            folder.path().display()
        ));
    }
    // Processes of other machines may be at work.
    if shares {
        return Ok(lock);
    }
    [folder.plan(), folder.failures()].iter().for_each(|path| record::remove_stale_of(path));
    record::remove_stale(&folder.cache());
    record::remove_stale(&folder.runs());
    Ok(lock)
}

fn make_and_lock(folder: &SweepFolder, fresh: bool, shares: bool, display: &Display) -> Result<SweepLock, Error> {
    if fresh {
        move_aside(folder.path(), display)?;
    }
    fs::create_dir_all(folder.runs()).map_err(Error::io(&folder.runs()))?;
    let lock = if shares { SweepLock::share(folder) } else { SweepLock::acquire(folder) };
    lock.map_err(locked(folder))
}

/// Another command with `fresh` moved the folder away while it was not locked.
fn is_gone(error: &Error) -> bool {
    match error {
        Error::Io { source, .. } => source.kind() == ErrorKind::NotFound,
        Error::Lock { source, .. } => matches!(source, LockError::Gone),
        _ => false,
    }
}

fn locked(folder: &SweepFolder) -> impl FnOnce(LockError) -> Error {
    |source| Error::Lock { folder: folder.path().to_owned(), source }
}

/// Renames an earlier folder to the first free `<name>.old-<n>`, unless a sweep works there or a report is written.
fn move_aside(folder: &Path, display: &Display) -> Result<(), Error> {
    if !folder.exists() {
        return Ok(());
    }
    let sweep = SweepFolder::new(folder);
    let _no_sweep = SweepLock::acquire(&sweep).map_err(locked(&sweep))?;
    let _no_report = report::claim(&sweep)?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let aside = (1..).map(|n| folder.with_file_name(format!("{name}.old-{n}"))).find(|path| !path.exists());
    let aside = aside.expect("there is always a larger number");
    fs::rename(folder, &aside).map_err(Error::io(folder))?;
    display.line(&format!("the earlier results are in {} now", aside.display()));
    Ok(())
}

/// Writes the plan unless the folder has the same one; returns what changed, for people.
pub(crate) fn freeze(plan: &Plan, earlier: Option<Plan>, folder: &SweepFolder) -> Result<String, Error> {
    let Some(earlier) = earlier else {
        plan.write(folder).map_err(Error::io(&folder.plan()))?;
        return Ok(String::new());
    };
    let changes = Changes::between(&earlier, plan, folder).summary();
    let plan = Plan { created: earlier.created, ..plan.clone() };
    if plan != earlier {
        plan.write(folder).map_err(Error::io(&folder.plan()))?;
    }
    Ok(changes.map_or_else(String::new, |changes| format!(" ({changes})")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::display::Detail;
    use std::sync::Barrier;
    use std::thread;

    /// Each command either holds the folder alone, with its plan, or gets an error that names the holder.
    #[test]
    fn many_who_want_a_fresh_folder_at_once_do_not_take_it_from_each_other() {
        const COMMANDS: usize = 8;
        let results = tempfile::tempdir().unwrap();
        let folder = SweepFolder::new(results.path().join("lr"));
        fs::create_dir(folder.path()).unwrap();
        for _ in 0..6 {
            let begin = Barrier::new(COMMANDS);
            let claimed = || {
                begin.wait();
                let lock = match claim(&folder, true, false, &Display::new(Detail::Quiet)) {
                    Ok(lock) => lock,
                    Err(error) => {
                        assert!(error.message().contains("another command works in this folder"), "{error:?}");
                        return 0;
                    }
                };
                fs::write(folder.plan(), "{}").unwrap();
                assert!(SweepLock::is_held(&folder));
                drop(lock);
                1
            };
            let had: usize = thread::scope(|scope| {
                let threads: Vec<_> = (0..COMMANDS).map(|_| scope.spawn(claimed)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).sum()
            });
            assert!(had > 0, "all were refused");
        }
    }
}
