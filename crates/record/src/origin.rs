//! The finished run whose steps a run took over, and how they are handed on.

use crate::format::first_line;
use crate::{
    Event, FORMAT_VERSION, Identity, Outcome, RunFolder, RunRecord, Status, SweepLock, link_own, parse_event,
    read_events,
};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write};

/// Of which run the first steps of another one are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The run that trained them.
    #[serde(flatten)]
    pub run: Identity,
    /// How many they are.
    pub step: u64,
}

impl Origin {
    /// That of the run in the folder; `None` of one that trained all of its steps itself.
    ///
    /// # Errors
    /// Its first log cannot be read.
    pub fn of_folder(folder: &RunFolder) -> io::Result<Option<Self>> {
        match parse_event(&first_line(&folder.events(1))?) {
            Some(Event::Format { from, .. }) => Ok(from),
            _ => Ok(None),
        }
    }
}

/// Begins the record of a run with steps of another one, which stays as it is: the first attempt of `to` has those events
/// of the run in `from` that `keeps` passes, and their files. It ends as `outcome` says, else as an interruption after
/// `origin`'s step. `to` is a folder that is not in its place yet.
///
/// # Errors
/// A record cannot be read or written.
pub fn hand_on(
    from: &RunFolder,
    to: &RunFolder,
    run: &Identity,
    origin: &Origin,
    outcome: Option<&Outcome>,
    keeps: &dyn Fn(&Event) -> bool,
) -> io::Result<()> {
    let record = RunRecord::from_events(from.clone(), read_events(from)?);
    Identity::check(record.identity.as_ref(), Some(&origin.run), &from.events(1))?;
    fs::create_dir_all(to.samples())?;
    let mut file = File::create_new(to.events(1))?;
    let mut bytes = Vec::new();
    for event in events(record, to, run, origin, outcome, keeps) {
        if let Event::Artifact(artifact) = &event
            && let (Some(old), Some(new)) = (from.artifact(&artifact.file), to.artifact(&artifact.file))
        {
            match link_own(&old, &new) {
                // A picture that was deleted is no reason to train again.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                linked => linked?,
            }
        }
        serde_json::to_writer(&mut bytes, &event)?;
        bytes.push(b'\n');
    }
    file.write_all(&bytes)?;
    file.sync_all()
}

fn events(
    record: RunRecord,
    to: &RunFolder,
    run: &Identity,
    origin: &Origin,
    outcome: Option<&Outcome>,
    keeps: &dyn Fn(&Event) -> bool,
) -> Vec<Event> {
    let (began, at) = (record.started_at.unwrap_or(0.0), record.updated_at.unwrap_or(0.0));
    let interrupted = || {
        let reason = format!("its first {} steps are those of {}", origin.step, origin.run.id);
        Outcome::early(Status::Interrupted, origin.step, reason)
    };
    let mut events = vec![
        Event::Format {
            version: FORMAT_VERSION,
            run: Some(run.clone()),
            by: to.sweep().as_ref().and_then(SweepLock::holder),
            from: Some(origin.clone()),
        },
        Event::Started {
            attempt: 1,
            step: 0,
            device: record.device.unwrap_or_default(),
            threads: record.threads.unwrap_or_default(),
            numerics: record.numerics,
            at: began,
        },
    ];
    events.extend(record.warnings.into_iter().map(|message| Event::Warning { message, at: began }));
    let mut recorded: Vec<(u64, Event)> = Vec::new();
    recorded.extend(record.scalars.into_iter().map(|scalars| (scalars.step, Event::Scalars(scalars))));
    recorded.extend(record.artifacts.into_iter().map(|artifact| (artifact.step, Event::Artifact(artifact))));
    recorded.extend(record.histograms.into_iter().map(|histograms| (histograms.step, Event::Histograms(histograms))));
    recorded.extend(record.evaluations.into_iter().map(|evaluation| (evaluation.step, Event::Evaluation(evaluation))));
    recorded.sort_by_key(|(step, _)| *step);
    events.extend(recorded.into_iter().map(|(_, event)| event).filter(keeps));
    let outcome = outcome.cloned().unwrap_or_else(interrupted);
    events.extend([Event::Times { secs: record.times, at }, Event::Ended { outcome, wall_secs: record.wall_secs, at }]);
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Artifact, EventLog, Media, Role, Scalars};

    #[test]
    fn a_record_is_handed_on_under_another_name() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = |name: &str| RunFolder::new(temporary.path().join("runs").join(name));
        let identity = |id: &str| Identity { id: id.into(), digest: format!("{id}{id}") };
        let (a, b) = (folder("a"), folder("b"));
        let mut log = EventLog::begin(&a, Some(&identity("a"))).unwrap();
        let scalars = |step, at| Event::Scalars(Scalars { step, at, values: [("loss/x".into(), 0.5)].into() });
        let picture = |step| {
            let file = Role::SAMPLES.file(Some(step), None, Media::Png);
            fs::create_dir_all(a.samples()).unwrap();
            fs::write(a.artifact(&file).unwrap(), format!("{step}")).unwrap();
            let (role, media) = (Role::SAMPLES, Media::Png.into());
            Event::Artifact(Artifact { role, media, step, file, label: None, spread: Some(0.5), at: 2.0 })
        };
        for event in [
            Event::Started { attempt: 1, step: 0, device: "d".into(), threads: 1, numerics: vec![], at: 1.0 },
            scalars(10, 2.0),
            picture(10),
            scalars(20, 3.0),
            picture(20),
        ] {
            log.append(&event).unwrap();
        }
        let done = Outcome { reason: None, ..Outcome::early(Status::Done, 20, "") };
        log.end(&done, 7.0).unwrap();
        let origin = Origin { run: identity("a"), step: 20 };
        let keeps = |event: &Event| !matches!(event, Event::Scalars(scalars) if scalars.step == 20);
        hand_on(&a, &b, &identity("b"), &origin, None, &keeps).unwrap();

        let record = RunRecord::read(b.clone()).unwrap();
        assert_eq!((record.identity.clone(), record.origin.clone()), (Some(identity("b")), Some(origin.clone())));
        assert_eq!(Origin::of_folder(&b).unwrap(), Some(origin.clone()));
        assert_eq!(
            (record.status(&crate::Live::default()), record.step, record.wall_secs),
            (Status::Interrupted, 20, 7.0)
        );
        assert_eq!(record.scalars.iter().map(|scalars| scalars.step).collect::<Vec<_>>(), [10]);
        assert_eq!(fs::read(b.samples().join("step-000020.png")).unwrap(), b"20");
        // The next attempt is of the same run, and what it replaces stays as it is in the other's folder.
        assert_eq!(EventLog::begin(&b, Some(&identity("b"))).unwrap().attempt(), 2);
        crate::write_derived(&b.samples().join("step-000020.png"), b"new").unwrap();
        assert_eq!(fs::read(a.samples().join("step-000020.png")).unwrap(), b"20");
        // Of another run than it is said to be.
        let foreign = Origin { run: identity("c"), step: 20 };
        assert!(hand_on(&a, &folder("c"), &identity("b"), &foreign, None, &keeps).is_err());
    }
}
