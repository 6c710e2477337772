//! What a report is about: one sweep, or several side by side.

use crate::ReportError;
use crate::settings::{self, Settings};
use record::{Live, Plan, PlannedRun, RunFolder, SweepFolder};
use serde_json::{Map, Value};
use std::path::{Component, Path, PathBuf};

/// The setting that distinguishes the sweeps of a comparison.
const SWEEP: &str = "sweep";

/// All runs of all sweeps, in the order of the command line and of the plans.
#[derive(Debug)]
pub(crate) struct Study {
    pub name: String,
    pub description: String,
    /// Unix time of the oldest plan, seconds.
    pub created: f64,
    pub sweeps: Vec<Sweep>,
    pub members: Vec<Member>,
    pub settings: Settings,
}

/// Where a part of the runs comes from.
#[derive(Debug)]
pub(crate) struct Sweep {
    pub folder: SweepFolder,
    /// Without its runs.
    pub plan: Plan,
    /// The commands that work in the folder.
    pub live: Live,
}

/// A planned run. Among several sweeps its id begins with the sweep's name, and the sweep is one of its settings.
#[derive(Debug)]
pub(crate) struct Member {
    pub planned: PlannedRun,
    pub folder: RunFolder,
    pub sweep: usize,
}

impl Study {
    /// Reads the plans.
    ///
    /// # Errors
    /// One of them cannot be read, or names a run that cannot have a folder.
    pub(crate) fn read(folders: &[SweepFolder]) -> Result<Self, ReportError> {
        let mut sweeps = Vec::new();
        let mut members = Vec::new();
        for folder in folders {
            let mut plan = Plan::read(folder)?;
            for planned in std::mem::take(&mut plan.runs) {
                let run = run_folder(folder, &planned.id)?;
                members.push(Member { planned, folder: run, sweep: sweeps.len() });
            }
            sweeps.push(Sweep { live: Live::of(folder), folder: folder.clone(), plan });
        }
        let names = match sweeps.as_slice() {
            [sweep] => vec![sweep.plan.sweep.clone()],
            _ => names(&sweeps),
        };
        if sweeps.len() > 1 {
            set_apart(&mut members, &names);
        }
        let runs: Vec<&PlannedRun> = members.iter().map(|member| &member.planned).collect();
        let settings = Settings::of(&runs);
        let described = |sweep: &Sweep| sweep.plan.description.trim().to_owned();
        let description = match sweeps.as_slice() {
            [sweep] => described(sweep),
            _ => {
                let lines = sweeps.iter().zip(&names).map(|(sweep, name)| (name, described(sweep)));
                lines.filter(|(_, text)| !text.is_empty()).map(|(name, text)| format!("{name}: {text}\n")).collect()
            }
        };
        let created = sweeps.iter().map(|sweep| sweep.plan.created).min_by(f64::total_cmp).unwrap_or(0.0);
        Ok(Self { name: names.join(", "), description, created, sweeps, members, settings })
    }
}

/// Sweeps of one name are distinguished by a number.
fn names(sweeps: &[Sweep]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for sweep in sweeps {
        // An id becomes a path in `tensorboard/`.
        let plain = sweep.plan.sweep.replace(['/', '\\'], "-");
        let mut name = plain.clone();
        for number in 2.. {
            if !names.contains(&name) {
                break;
            }
            name = format!("{plain}-{number}");
        }
        names.push(name);
    }
    names
}

/// Names the sweep in each run, and makes a setting of all else that the sweeps do not have in common.
fn set_apart(members: &mut [Member], names: &[String]) {
    let leaves: Vec<Map<String, Value>> =
        members.iter().map(|member| settings::leaves(&member.planned.config)).collect();
    let mut keys: Vec<&String> = Vec::new();
    for key in leaves.iter().flat_map(Map::keys) {
        let is_override =
            || members.iter().any(|member| member.planned.overrides.keys().any(|own| settings::covers(own, key)));
        if key != "seed" && !keys.contains(&key) && !is_override() {
            keys.push(key);
        }
    }
    keys.retain(|key| leaves.iter().any(|other| other.get(*key) != leaves[0].get(*key)));
    for (member, leaves) in members.iter_mut().zip(&leaves) {
        let name = &names[member.sweep];
        let mut overrides = Map::from_iter([(SWEEP.to_owned(), Value::from(name.clone()))]);
        overrides.append(&mut member.planned.overrides);
        overrides.extend(keys.iter().filter_map(|key| Some(((*key).clone(), leaves.get(*key)?.clone()))));
        member.planned.overrides = overrides;
        member.planned.id = format!("{name}/{}", member.planned.id);
    }
}

/// An id becomes a path here and in `tensorboard/`: one that leads elsewhere is refused.
pub(crate) fn run_folder(sweep: &SweepFolder, id: &str) -> Result<RunFolder, ReportError> {
    let mut components = Path::new(id).components();
    match (components.next(), components.next()) {
        (Some(Component::Normal(name)), None) if name == id => Ok(sweep.run(id)),
        _ => Err(ReportError::RunId { path: sweep.plan(), id: id.into() }),
    }
}

/// Where a report goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    /// The folder of page and event files.
    pub folder: PathBuf,
}

impl Destination {
    pub(crate) fn page(&self) -> PathBuf {
        SweepFolder::new(&self.folder).page()
    }

    pub(crate) fn assets(&self) -> PathBuf {
        SweepFolder::new(&self.folder).assets()
    }

    pub(crate) fn tensorboard(&self) -> PathBuf {
        SweepFolder::new(&self.folder).tensorboard()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_leads_out_of_the_folder_is_refused() {
        let sweep = SweepFolder::new("results/x");
        for id in ["", ".", "..", "../x", "a/b", "/etc", "a/"] {
            assert!(run_folder(&sweep, id).is_err(), "{id:?}");
        }
        assert!(run_folder(&sweep, "guide-lr1e-4-s0-3fa9c21b").is_ok());
    }
}
