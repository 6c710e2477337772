//! The folder of a sweep: claimed, with the plan that is to be trained in it.

use crate::error::Error;
use crate::host;
use crate::plan::changes::{self, Changes};
use crate::sweep::display::Display;
use record::{Plan, SweepFolder, SweepLock};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Makes the folder and locks it; `fresh` moves an earlier one aside.
pub(crate) fn claim(folder: &SweepFolder, fresh: bool, display: &Display) -> Result<SweepLock, Error> {
    if fresh {
        move_aside(folder.path(), display)?;
    }
    fs::create_dir_all(folder.runs()).map_err(Error::io(&folder.runs()))?;
    let lock = SweepLock::acquire(folder, &host::name())
        .map_err(|source| Error::Lock { folder: folder.path().to_owned(), source })?;
    record::remove_stale(folder.path());
    Ok(lock)
}

/// Renames an earlier folder to the first free `<name>.old-<n>`.
fn move_aside(folder: &Path, display: &Display) -> Result<(), Error> {
    if !folder.exists() {
        return Ok(());
    }
    let sweep = SweepFolder::new(folder);
    if SweepLock::is_held(&sweep) {
        let lock = SweepLock::acquire(&sweep, &host::name());
        lock.map_err(|source| Error::Lock { folder: folder.to_owned(), source })?;
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let aside = (1..).map(|n| folder.with_file_name(format!("{name}.old-{n}"))).find(|path| !path.exists());
    let aside = aside.expect("there is always a larger number");
    fs::rename(folder, &aside).map_err(Error::io(folder))?;
    display.line(&format!("the earlier results are in {} now", aside.display()));
    Ok(())
}

/// Writes the plan unless the folder has the same one; returns what changed, for people.
pub(crate) fn freeze(plan: &Plan, folder: &SweepFolder, display: &Display) -> Result<String, Error> {
    let earlier = changes::frozen(folder, |warning| display.line(warning))?;
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

/// Whether the report is newer than everything that it shows.
pub(crate) fn has_current_report(folder: &SweepFolder, plan: &Plan) -> bool {
    let modified = |path: PathBuf| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let Some(page) = modified(folder.page()) else { return false };
    let older = |time: Option<SystemTime>| time.is_none_or(|time| time <= page);
    folder.tensorboard().is_dir()
        && older(modified(folder.plan()))
        && plan.runs.iter().all(|run| older(folder.run(&run.id).modified()))
}
