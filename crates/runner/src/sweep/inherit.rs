//! Folders of runs that begin with steps of finished ones. Each is made under a temporary name and renamed when it is whole: a
//! command that is killed meanwhile has begun nothing.

use crate::error::Error;
use crate::plan::config_file::config_file;
use crate::plan::identity;
use crate::plan::part::Part;
use crate::plan::reuse::{Reuse, Taken};
use record::{Origin, Plan, PlannedRun, Provenance, RunFolder, RunRecord, SweepFolder, fsync_dir, hand_on};
use serde::Deserialize;
use std::fs;
use std::io::Write;
use std::path::Path;
use training::{Missing, RunConfig};

/// Makes the folders; returns why some could not be made, whose runs are trained from their first step.
pub(crate) fn inherit(plan: &Plan, sweep: &SweepFolder, reuse: &Reuse) -> Vec<String> {
    let made = reuse.taken.iter().map(|taken| {
        let run = &plan.runs[taken.run];
        let folder = sweep.run(&run.id);
        let temporary = RunFolder::new(record::temporary_sibling(folder.path()));
        let built = build(run, taken, &temporary).and_then(|()| {
            fs::rename(temporary.path(), folder.path()).map_err(Error::io(folder.path()))?;
            fsync_dir(&sweep.runs()).map_err(Error::io(&sweep.runs()))
        });
        let _ = fs::remove_dir_all(temporary.path());
        built.map_err(|error| format!("{} is trained from its first step: {}", run.id, error.message()))
    });
    made.filter_map(Result::err).collect()
}

fn build(run: &PlannedRun, taken: &Taken, to: &RunFolder) -> Result<(), Error> {
    let Taken { from, origin, past, .. } = taken;
    fs::create_dir_all(to.path()).map_err(Error::io(to.path()))?;
    let record = RunRecord::read(from.clone()).map_err(Error::record(from.path()))?;
    let outcome = record.outcome.as_ref().filter(|_| past.is_whole);
    let identity = run.identity().expect("a run that is planned now has a digest");
    hand_on(from, to, &identity, origin, outcome, &|event| past.keeps(event)).map_err(Error::record(from.path()))?;
    fs::create_dir_all(to.checkpoints()).map_err(Error::io(&to.checkpoints()))?;
    for step in from.checkpoint_steps().into_iter().filter(|step| *step <= past.step) {
        match training::inherit_checkpoint(from, to, step) {
            Ok(()) => {}
            Err(error) if step == past.step && !past.is_whole => {
                return Err(Error::Usage(record::with_causes(&error)));
            }
            // One of the others is of use, but not needed.
            Err(_) => drop(fs::remove_dir_all(to.checkpoint(step))),
        }
    }
    describe(run, from, origin, to)
}

/// Says what the run is and where its first steps are from, until its worker does.
fn describe(run: &PlannedRun, from: &RunFolder, origin: &Origin, to: &RunFolder) -> Result<(), Error> {
    let write = |path: &Path, text: String| record::write_derived(path, text.as_bytes()).map_err(Error::io(path));
    write(&to.config(), config_file(&run.config))?;
    let missing = || Error::Usage(format!("{} cannot be read", from.provenance().display()));
    let provenance = Provenance::of(from).ok_or_else(missing)?;
    let config = RunConfig::deserialize(&run.config).ok();
    let trajectory = config.map(|config| identity::trajectory(&config, &provenance.data_fingerprint));
    let provenance = Provenance { digest: run.digest.clone(), trajectory, from: Some(origin.clone()), ..provenance };
    let text = serde_json::to_string_pretty(&provenance).expect("provenance is plain data");
    write(&to.provenance(), text + "\n")?;
    let said =
        to.open_log().and_then(|mut log| writeln!(log, "steps up to {} are those of {}", origin.step, origin.run));
    said.map_err(Error::io(&to.log()))
}

/// Moves runs aside whose record has gaps, because another run has trained their first steps; returns how many.
///
/// # Errors
/// A folder cannot be moved.
pub(crate) fn put_aside(plan: &Plan, part: &Part, sweep: &SweepFolder) -> Result<usize, Error> {
    let mut moved = 0;
    for (_, run) in plan.runs.iter().enumerate().filter(|(run, _)| part.contains(*run)) {
        let folder = sweep.run(&run.id);
        let Ok(record) = RunRecord::of(run, folder.clone()) else { continue };
        if !has_gaps(run, &record) {
            continue;
        }
        let aside = sweep.replaced();
        fs::create_dir_all(&aside).map_err(Error::io(&aside))?;
        let free = (1..).map(|number| aside.join(format!("{}-{number}", run.id))).find(|path| !path.exists());
        let free = free.expect("there is always a larger number");
        fs::rename(folder.path(), &free).map_err(Error::io(folder.path()))?;
        moved += 1;
    }
    Ok(moved)
}

fn has_gaps(run: &PlannedRun, record: &RunRecord) -> bool {
    let (Some(origin), Ok(config)) = (&record.origin, RunConfig::deserialize(&run.config)) else {
        return false;
    };
    // One that ended by itself in steps of the other one has all of its record.
    let ended =
        record.outcome.as_ref().is_some_and(|outcome| outcome.status.is_finished() && outcome.step == origin.step);
    let ended = ended && origin.step < config.steps();
    record.is_finished() && !ended && !Missing::of(&config, record, origin.step).is_empty()
}
