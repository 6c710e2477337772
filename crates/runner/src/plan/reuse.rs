//! Finished runs in a sweep's folder whose steps new runs can take over.

use crate::plan::part::Part;
use crate::plan::{identity, planning};
use crate::text;
use record::{Identity, Origin, Plan, PlannedRun, Provenance, RunFolder, RunRecord, SweepFolder};
use serde::{Deserialize, Serialize};
use std::cell::OnceCell;
use std::collections::HashMap;
use training::{DeviceKind, Missing, NoPast, Past, RunConfig};

/// What the new runs of a plan can take over.
#[derive(Debug, Default)]
pub(crate) struct Reuse {
    /// In the order of the plan.
    pub taken: Vec<Taken>,
    /// Runs that are trained from their first step, although a finished one has trained such steps.
    refused: Vec<Refused>,
}

/// A run, and steps of another one.
#[derive(Debug)]
pub(crate) struct Taken {
    /// Position in the plan.
    pub run: usize,
    /// Where the steps are.
    pub from: RunFolder,
    /// Whose they are.
    pub origin: Origin,
    /// What of the other's record is this run's, too.
    pub past: Past,
    /// What is not, and is not made either.
    pub missing: Missing,
}

/// As `plan --format json` has it.
#[derive(Debug, Serialize)]
pub(crate) struct TakenLine<'a> {
    id: &'a str,
    from: &'a str,
    steps_saved: u64,
    #[serde(skip_serializing_if = "Missing::is_empty")]
    missing: &'a Missing,
}

#[derive(Debug)]
struct Refused {
    id: String,
    from: String,
    why: String,
}

/// How new runs may take over steps.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rules {
    /// The device that they go on on, if it is known.
    pub device: Option<DeviceKind>,
    /// Whether steps may be of another arithmetic.
    pub mix: bool,
    /// Whether runs are trained anew whose record would not be whole.
    pub retrain: bool,
}

/// A finished run of the folder.
struct Candidate {
    folder: RunFolder,
    provenance: Provenance,
    /// As it is noted; the settings decide.
    trajectory: String,
    state: OnceCell<Option<State>>,
}

struct State {
    config: RunConfig,
    record: RunRecord,
    identity: Identity,
    checkpoints: Vec<(u64, bool)>,
}

impl Reuse {
    /// Looks for steps of each run that has no folder yet.
    pub(crate) fn find(plan: &Plan, part: &Part, sweep: &SweepFolder, rules: Rules) -> Self {
        let is_new =
            |(run, planned): &(usize, &PlannedRun)| part.contains(*run) && !sweep.run(&planned.id).path().exists();
        let new: Vec<_> = plan.runs.iter().enumerate().filter(is_new).collect();
        let mut all = Self::default();
        let candidates = if new.is_empty() { HashMap::new() } else { candidates(sweep) };
        if candidates.is_empty() {
            return all;
        }
        for (position, run) in new {
            let Ok(config) = RunConfig::deserialize(&run.config) else { continue };
            let Ok(trajectory) = planning::trajectory(&config) else { continue };
            all.add(position, run, &config, candidates.get(&trajectory).map_or(&[], |of| of), rules);
        }
        all
    }

    /// The steps that save most, and of those the ones with the fewest gaps in their record.
    fn add(&mut self, run: usize, planned: &PlannedRun, config: &RunConfig, candidates: &[Candidate], rules: Rules) {
        let mut taken: Option<Taken> = None;
        let mut refused = None;
        for candidate in candidates {
            let Some(state) = candidate.state() else { continue };
            let found = state.past(config, rules).map(|past| {
                let checkpoints: Vec<u64> = state.checkpoints.iter().map(|(step, _)| *step).collect();
                let missing = past.missing(&state.record, &checkpoints);
                let origin = Origin { run: state.identity.clone(), step: past.step };
                Taken { run, from: candidate.folder.clone(), origin, past, missing }
            });
            let found = found.and_then(|found| match rules.retrain && !found.missing.is_empty() {
                true => Err(format!("{} would be missing", found.missing)),
                false => Ok(found),
            });
            let rank = |taken: &Taken| (taken.past.step, std::cmp::Reverse(taken.missing.size()));
            match found {
                Ok(found) if taken.as_ref().is_none_or(|taken| rank(&found) > rank(taken)) => taken = Some(found),
                Ok(_) => {}
                // A longer one has few checkpoints of its first steps in any case.
                Err(_) if state.config.steps() > config.steps() => {}
                Err(why) => {
                    refused.get_or_insert(Refused { id: planned.id.clone(), from: state.identity.id.clone(), why });
                }
            }
        }
        match taken {
            Some(taken) => self.taken.push(taken),
            None => self.refused.extend(refused),
        }
    }

    /// Whether a run goes on from another one.
    pub(crate) fn has(&self, plan: &Plan, id: &str) -> bool {
        self.taken.iter().any(|taken| plan.runs[taken.run].id == id)
    }

    /// How many steps the run at a position of the plan takes over.
    pub(crate) fn steps(&self, run: usize) -> u64 {
        self.taken.iter().find(|taken| taken.run == run).map_or(0, |taken| taken.past.step)
    }

    /// Steps that need not be trained.
    pub(crate) fn saved(&self) -> u64 {
        self.taken.iter().map(|taken| taken.past.step).sum()
    }

    /// What it comes to, for people; nothing without anything.
    pub(crate) fn lines(&self, plan: &Plan) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.taken.is_empty() {
            let verb = if self.taken.len() == 1 { "goes" } else { "go" };
            let runs = text::count(self.taken.len(), "new run");
            let saved = text::count(self.saved() as usize, "step");
            lines.push(format!("{runs} {verb} on from finished ones, which saves {saved}:"));
        }
        for Taken { run, origin, past, missing, .. } in &self.taken {
            let PlannedRun { id, steps, .. } = &plan.runs[*run];
            let what = match past.is_whole {
                true => format!("ended at step {}, as it would", origin.step),
                false => format!("{} of {steps} steps", origin.step),
            };
            lines.push(format!("  {id} ← {}: {what}", origin.run.id));
            if !missing.is_empty() {
                lines.push(format!("    without {missing}; --retrain makes them"));
            }
        }
        for Refused { id, from, why } in &self.refused {
            lines.push(format!("{id} does not go on from {from}: {why}"));
        }
        lines
    }

    /// The same for programs.
    pub(crate) fn json<'a>(&'a self, plan: &'a Plan) -> Vec<TakenLine<'a>> {
        let line = |taken: &'a Taken| TakenLine {
            id: &plan.runs[taken.run].id,
            from: &taken.origin.run.id,
            steps_saved: taken.past.step,
            missing: &taken.missing,
        };
        self.taken.iter().map(line).collect()
    }
}

/// All runs of the folder that say what they have trained, by trajectory.
fn candidates(sweep: &SweepFolder) -> HashMap<String, Vec<Candidate>> {
    let mut all = HashMap::<String, Vec<Candidate>>::new();
    for folder in sweep.run_folders() {
        let Some(provenance) = Provenance::of(&folder) else { continue };
        // Earlier versions did not note it.
        let computed = || {
            let config = planning::stored(&folder).ok()?;
            Some(identity::trajectory(&config, &provenance.data_fingerprint))
        };
        if let Some(trajectory) = provenance.trajectory.clone().or_else(computed) {
            let candidate = Candidate { folder, provenance, trajectory: trajectory.clone(), state: OnceCell::new() };
            all.entry(trajectory).or_default().push(candidate);
        }
    }
    all
}

impl Candidate {
    fn state(&self) -> Option<&State> {
        let state = || {
            let state = State::read(&self.folder)?;
            let found = identity::trajectory(&state.config, &self.provenance.data_fingerprint);
            (found == self.trajectory).then_some(state)
        };
        self.state.get_or_init(state).as_ref()
    }
}

impl State {
    /// `None` of a run that is not finished, or whose record or settings cannot be relied on.
    fn read(folder: &RunFolder) -> Option<Self> {
        let record = RunRecord::read(folder.clone()).ok().filter(RunRecord::is_finished)?;
        let (config, identity) = (planning::stored(folder).ok()?, record.identity.clone()?);
        let steps = folder.checkpoint_steps().into_iter();
        let checkpoints = steps.map(|step| (step, training::holds_optimizers(folder, step))).collect();
        Some(Self { config, record, identity, checkpoints })
    }

    fn past(&self, config: &RunConfig, rules: Rules) -> Result<Past, String> {
        let here = rules.device.map(training::numerics);
        let is_other = |of: &record::Numerics| here.as_ref().is_some_and(|here| here != of);
        if !rules.mix && self.record.numerics.iter().any(is_other) {
            return Err("it was trained by another arithmetic; --mix goes on from it".to_owned());
        }
        Past::of(config, &self.config, &self.record, &self.checkpoints).map_err(|error: NoPast| error.to_string())
    }
}
