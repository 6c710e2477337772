//! A run as its folder records it.

use crate::numerics::mixed;
use crate::{
    Annotation, Artifact, Evaluation, Event, Histograms, Holder, Identity, Live, Numerics, Origin, Outcome, PlannedRun,
    Role, RunFolder, Scalars, Selection, Status, read_evaluations, read_events, selection,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// All that the events of a run say, with what later attempts made void taken out: steps only ever grow.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// The folder it was read from.
    pub folder: RunFolder,
    /// Of which run it is; `None` in records of version 0.1.0.
    pub identity: Option<Identity>,
    /// Whose steps it began with; `None` if it trained all of them itself.
    pub origin: Option<Origin>,
    /// The command that began the newest attempt, as far as it is known.
    pub by: Option<Holder>,
    /// Attempts so far; one that failed before its first step counts.
    pub attempts: u32,
    /// Unix time of the first start, seconds.
    pub started_at: Option<f64>,
    /// Unix time of the newest event, seconds.
    pub updated_at: Option<f64>,
    /// Device of the newest attempt.
    pub device: Option<String>,
    /// CPU threads of the newest attempt.
    pub threads: Option<usize>,
    /// What has trained the weights, oldest first; see [`Event::Started`].
    pub numerics: Vec<Numerics>,
    /// Scalars in the order of their steps.
    pub scalars: Vec<Scalars>,
    /// Evaluations in the order of their steps.
    pub evaluations: Vec<Evaluation>,
    /// Files that show samples, in the order of their steps; each file once.
    pub artifacts: Vec<Artifact>,
    /// Distributions in the order of their steps.
    pub histograms: Vec<Histograms>,
    /// Seconds by part of the work, of all attempts that came to an end; see [`Event::Times`].
    pub times: BTreeMap<String, f64>,
    /// Warnings of all attempts.
    pub warnings: Vec<String>,
    /// The newest step that is known to be done.
    pub step: u64,
    /// How the newest attempt ended; `None` while it runs and after it was killed.
    pub outcome: Option<Outcome>,
    /// Attempts in order, as far as events tell of them.
    pub history: Vec<Attempt>,
    /// Seconds of training in all attempts; killed ones count up to their newest event.
    pub wall_secs: f64,
    /// Note and tags of a person.
    pub annotation: Annotation,
}

/// One attempt at a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    /// The step that it went on from, or would have: it may have ended before its first.
    pub from: u64,
    /// The newest step that it recorded.
    pub step: u64,
    /// How it ended; `None` while it runs and if it was killed.
    pub outcome: Option<Outcome>,
}

/// A scalar or an evaluated quantity over a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricSummary {
    /// Its newest value.
    pub last: f64,
    /// The step of the newest value.
    pub last_step: u64,
    /// Its value at the best step; only of evaluated quantities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best: Option<f64>,
    /// The best step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_step: Option<u64>,
    /// What other real samples get in place of the generated ones; only of evaluated quantities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
}

impl MetricSummary {
    /// Of a value that is not known to be better than others.
    pub fn last(last: f64, last_step: u64) -> Self {
        Self { last, last_step, best: None, best_step: None, floor: None }
    }
}

impl RunRecord {
    /// Reads a run's folder; a folder that does not exist is a run that never started.
    pub fn read(folder: RunFolder) -> io::Result<Self> {
        let events = read_events(&folder)?;
        let later = read_evaluations(&folder)?;
        let mut run = Self::from_events(folder, events);
        for found in &later {
            Identity::check(found.run.as_ref(), run.identity.as_ref(), &run.folder.evaluations())?;
        }
        run.evaluations.extend(later.into_iter().map(|later| later.evaluation));
        run.evaluations.sort_by(|a, b| (a.step).cmp(&b.step).then(a.at.total_cmp(&b.at)));
        match Annotation::read(&run.folder) {
            Ok(annotation) => run.annotation = annotation,
            Err(error) => run.warnings.push(format!("{} cannot be read: {error}", run.folder.annotation().display())),
        }
        Ok(run)
    }

    /// As [`read`](Self::read), of the folder of a planned run.
    ///
    /// # Errors
    /// The record cannot be read, or is of another run.
    pub fn of(planned: &PlannedRun, folder: RunFolder) -> io::Result<Self> {
        let record = Self::read(folder)?;
        let path = record.folder.events(1);
        Identity::check(record.identity.as_ref(), planned.identity().as_ref(), &path)?;
        Ok(record)
    }

    /// Folds events into a record.
    pub fn from_events(folder: RunFolder, events: Vec<Event>) -> Self {
        let mut run = Self {
            folder,
            identity: None,
            origin: None,
            by: None,
            attempts: 0,
            started_at: None,
            updated_at: None,
            device: None,
            threads: None,
            numerics: Vec::new(),
            scalars: Vec::new(),
            evaluations: Vec::new(),
            artifacts: Vec::new(),
            histograms: Vec::new(),
            times: BTreeMap::new(),
            warnings: Vec::new(),
            step: 0,
            outcome: None,
            history: Vec::new(),
            wall_secs: 0.0,
            annotation: Annotation::default(),
        };
        let mut attempt_began = None;
        for event in events {
            run.take(event, &mut attempt_began);
        }
        run.artifacts.sort_by_key(|artifact| artifact.step);
        run.evaluations.sort_by_key(|evaluation| evaluation.step);
        if let (Some(began), Some(updated)) = (attempt_began, run.updated_at) {
            run.wall_secs += f64::max(updated - began, 0.0);
        }
        run
    }

    fn take(&mut self, event: Event, attempt_began: &mut Option<f64>) {
        match event {
            Event::Format { run, by, from, .. } => {
                self.by = by;
                self.origin = self.origin.take().or(from);
                self.identity = self.identity.take().or(run);
                self.attempts += 1;
                let (number, step) = (self.attempts, self.step);
                self.history.push(Attempt { number, from: step, step, outcome: None });
            }
            Event::Started { attempt, step, device, threads, numerics, at } => {
                if let (Some(began), Some(updated)) = (attempt_began.replace(at), self.updated_at) {
                    self.wall_secs += f64::max(updated - began, 0.0);
                }
                self.attempts = attempt;
                self.started_at.get_or_insert(at);
                self.updated_at = Some(at);
                (self.device, self.threads, self.numerics) = (Some(device), Some(threads), numerics);
                self.scalars.retain(|scalars| scalars.step <= step);
                self.evaluations.retain(|evaluation| evaluation.step <= step);
                self.artifacts.retain(|artifact| artifact.step <= step);
                self.histograms.retain(|histograms| histograms.step <= step);
                (self.step, self.outcome) = (step, None);
                // One that began with a file of its own is there already.
                self.history.pop_if(|last| last.number == attempt && last.outcome.is_none());
                self.history.push(Attempt { number: attempt, from: step, step, outcome: None });
            }
            Event::Scalars(scalars) => {
                self.reach(scalars.step, scalars.at);
                self.scalars.push(scalars);
            }
            Event::Evaluation(evaluation) => {
                self.reach(evaluation.step, evaluation.at);
                self.evaluations.push(evaluation);
            }
            Event::Artifact(artifact) => {
                self.reach(artifact.step, artifact.at);
                self.artifacts.retain(|earlier| earlier.file != artifact.file);
                match self.folder.artifact(&artifact.file) {
                    Some(_) => self.artifacts.push(artifact),
                    None => self.warnings.push(format!(
                        "the record names {:?} at step {}, which is no plain name below samples/: ignored",
                        artifact.file, artifact.step
                    )),
                }
            }
            Event::Histograms(mut histograms) => {
                histograms.values.retain(|_, histogram| !histogram.counts.is_empty());
                self.reach(histograms.step, histograms.at);
                self.histograms.push(histograms);
            }
            Event::Times { secs, .. } => {
                for (part, secs) in secs {
                    *self.times.entry(part).or_default() += secs;
                }
            }
            Event::Checkpoint { step, at } => self.reach(step, at),
            Event::Warning { message, .. } => self.warnings.push(message),
            Event::Ended { outcome, wall_secs, at } => {
                // An end that the sweep wrote for a dead worker knows no time: count up to what the worker wrote last.
                let seen = || attempt_began.zip(self.updated_at).map_or(0.0, |(began, updated)| updated - began);
                self.wall_secs += if wall_secs > 0.0 { wall_secs } else { f64::max(seen(), 0.0) };
                *attempt_began = None;
                self.reach(outcome.step, at);
                if let Some(attempt) = self.history.last_mut() {
                    attempt.outcome = Some(outcome.clone());
                }
                self.outcome = Some(outcome);
            }
        }
    }

    fn reach(&mut self, step: u64, at: f64) {
        self.step = self.step.max(step);
        self.updated_at = Some(at);
        if let Some(attempt) = self.history.last_mut() {
            attempt.step = attempt.step.max(step);
        }
    }

    /// Where the run stands. `live` are the commands that work in the sweep's folder now: a run without an end is running
    /// if one of them began its newest attempt, else it was killed.
    pub fn status(&self, live: &Live) -> Status {
        // An attempt of version 0.1.0 does not say who began it: it is a live command's if it has a record since then.
        let is_of = |live: &Holder| match &self.by {
            Some(by) => by.is(live),
            None => self.updated_at.is_none_or(|at| at >= live.since),
        };
        match &self.outcome {
            Some(outcome) => outcome.status,
            None if self.attempts == 0 => Status::Queued,
            None if live.holders().any(is_of) => Status::Running,
            None => Status::Interrupted,
        }
    }

    /// Whether a sweep that is run again leaves the run alone.
    pub fn is_finished(&self) -> bool {
        self.outcome.as_ref().is_some_and(|outcome| outcome.status.is_finished())
    }

    /// The artifacts of a role, in the order of their steps.
    pub fn artifacts_of(&self, role: Role) -> impl Iterator<Item = &Artifact> {
        self.artifacts.iter().filter(move |artifact| artifact.role == role)
    }

    /// That more than one arithmetic has trained the weights, and which, if it is so: `a, then b`.
    pub fn mixture(&self) -> Option<String> {
        mixed(&self.numerics)
    }

    /// Newest value of each scalar, newest one of each evaluated quantity, and the best, each at a step of its choice.
    ///
    /// Values are those of the test split, where there are any. The best step is chosen by the training split, so that
    /// its value is not the luckiest of many; the first of equals counts.
    pub fn metrics(&self) -> BTreeMap<String, MetricSummary> {
        let mut metrics = BTreeMap::new();
        // From the newest on: a name is copied once.
        for scalars in self.scalars.iter().rev() {
            for (name, value) in &scalars.values {
                if !metrics.contains_key(name) {
                    metrics.insert(name.clone(), MetricSummary::last(*value, scalars.step));
                }
            }
        }
        let names: BTreeSet<&String> =
            self.evaluations.iter().flat_map(|evaluation| evaluation.values.keys()).collect();
        metrics.extend(names.into_iter().filter_map(|name| Some((name.clone(), self.evaluated(name)?))));
        metrics
    }

    fn evaluated(&self, name: &str) -> Option<MetricSummary> {
        let reported = || selection::reported(&self.evaluations, name);
        let has_train = selection::comparable(&self.evaluations, Evaluation::TRAIN, name).next().is_some();
        let chosen = if has_train { Evaluation::TRAIN } else { Evaluation::TEST };
        let last = reported().next_back()?;
        let of_chosen = selection::comparable(&self.evaluations, chosen, name);
        let distances = of_chosen.filter_map(|e| Some((e.step, e.distance(name)?)));
        let best_step = distances.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(step, _)| step);
        let at_best = |step| reported().rfind(|e| e.step == step).map(|e| e.values[name].value);
        let best = best_step.and_then(at_best);
        let (value, floor) = (last.values[name].value, last.floors.get(name).copied());
        Some(MetricSummary { last: value, last_step: last.step, best, best_step: best.and(best_step), floor })
    }

    /// The step that stands for the run, with its values.
    pub fn selection(&self) -> Option<Selection> {
        selection::select(&self.evaluations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Direction, EventLog, LaterEvaluation, Measurement, Media, append_evaluations};
    use std::io::Write;
    use std::sync::OnceLock;
    use std::time::Duration;

    fn started(attempt: u32, step: u64, at: f64) -> Event {
        Event::Started { attempt, step, device: "cpu:flex".into(), threads: 1, numerics: Vec::new(), at }
    }

    fn loss(step: u64, at: f64, value: f64) -> Event {
        Event::Scalars(Scalars { step, at, values: [("loss".into(), value)].into() })
    }

    fn ended(status: Status, step: u64, wall_secs: f64, at: f64) -> Event {
        let outcome = Outcome { status, step, reason: None, cause: None, weights_digest: None };
        Event::Ended { outcome, wall_secs, at }
    }

    #[test]
    fn what_a_later_attempt_did_again_counts_once() {
        let run = RunRecord::from_events(
            RunFolder::new("x"),
            vec![
                started(1, 0, 0.0),
                loss(10, 1.0, 1.0),
                loss(20, 2.0, 2.0),
                loss(30, 3.0, 3.0),
                started(2, 10, 100.0),
                loss(20, 101.0, 2.0),
                ended(Status::Done, 20, 4.0, 104.0),
            ],
        );
        assert_eq!(run.scalars.iter().map(|s| s.step).collect::<Vec<_>>(), [10, 20]);
        assert_eq!((run.attempts, run.step, run.wall_secs), (2, 20, 3.0 + 4.0));
        assert_eq!(run.metrics()["loss"], MetricSummary::last(2.0, 20));
        let history: Vec<_> = run.history.iter().map(|a| (a.number, a.from, a.step, a.outcome.is_some())).collect();
        assert_eq!(history, [(1, 0, 30, false), (2, 10, 20, true)]);
    }

    #[test]
    fn what_a_later_attempt_shows_anew_is_void_and_its_time_adds_up() {
        let picture = |role: Role, step, at| {
            let file = role.file(None, None, Media::Png);
            Event::Artifact(Artifact { role, media: Media::Png.into(), step, file, label: None, spread: None, at })
        };
        let histograms = |step| Event::Histograms(Histograms { step, at: 0.0, values: BTreeMap::new() });
        let times = |secs| Event::Times { secs: [("data".to_owned(), secs)].into(), at: 0.0 };
        let events = vec![
            started(1, 0, 0.0),
            picture(Role::REAL, 0, 1.0),
            picture(Role::NEIGHBOURS, 10, 1.0),
            histograms(10),
            histograms(30),
            picture(Role::INTERPOLATION, 30, 2.0),
            times(1.5),
            started(2, 20, 5.0),
            picture(Role::REAL, 0, 6.0),
            times(0.25),
        ];
        let run = RunRecord::from_events(RunFolder::new("x"), events);
        assert_eq!(
            run.artifacts.iter().map(|shown| (shown.role.clone(), shown.at)).collect::<Vec<_>>(),
            [(Role::REAL, 6.0), (Role::NEIGHBOURS, 1.0)]
        );
        assert_eq!(run.histograms.iter().map(|found| found.step).collect::<Vec<_>>(), [10]);
        assert_eq!(run.times, [("data".to_owned(), 1.75)].into());
    }

    #[test]
    fn artifacts_elsewhere_are_ignored_with_a_warning() {
        let at = |file: &str| {
            Event::Artifact(Artifact {
                role: Role::SAMPLES,
                media: Media::Png.into(),
                step: 5,
                file: file.into(),
                label: None,
                spread: None,
                at: 1.0,
            })
        };
        let events = vec![at("/etc/passwd"), at("samples/../../plan.json"), at("samples/step-000005.png")];
        let run = RunRecord::from_events(RunFolder::new("x"), events);
        assert_eq!(
            run.artifacts.iter().map(|shown| shown.file.as_str()).collect::<Vec<_>>(),
            ["samples/step-000005.png"]
        );
        assert_eq!(
            run.warnings,
            ["/etc/passwd", "samples/../../plan.json"].map(|file| format!(
                "the record names {file:?} at step 5, which is no plain name below samples/: ignored"
            ))
        );
    }

    /// A machine that was taken for dead writes on; what it writes after the next attempt began changes nothing.
    #[test]
    fn the_last_attempt_owns_the_run_whoever_else_still_writes() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path().join("run"));
        let mut stale = EventLog::begin(&folder, None).unwrap();
        stale.append(&started(1, 0, 0.0)).unwrap();
        stale.append(&loss(10, 1.0, 1.0)).unwrap();
        assert_eq!(stale.superseded_by(), None);
        let mut owner = EventLog::begin(&folder, None).unwrap();
        assert_eq!(stale.superseded_by(), Some(2));
        owner.append(&started(2, 10, 5.0)).unwrap();
        owner.append(&loss(20, 6.0, 2.0)).unwrap();
        stale.append(&loss(20, 7.0, 77.0)).unwrap();
        stale.append(&loss(30, 8.0, 77.0)).unwrap();
        stale.append(&ended(Status::Failed, 30, 8.0, 8.0)).unwrap();

        let run = RunRecord::read(folder).unwrap();
        assert_eq!((run.attempts, run.step, &run.outcome), (2, 20, &None));
        let losses: Vec<_> = run.scalars.iter().map(|scalars| (scalars.step, scalars.values["loss"])).collect();
        assert_eq!(losses, [(10, 1.0), (20, 2.0)]);
    }

    fn evaluation(step: u64, split: &str, values: &[(&str, f64)]) -> Event {
        let lower = |value| Measurement { value, standard_error: None, direction: Direction::Lower };
        Event::Evaluation(Evaluation {
            step,
            at: step as f64,
            count: 100,
            features: "pixels".into(),
            features_hash: "blake3:0".into(),
            split: split.into(),
            values: values.iter().map(|(name, value)| ((*name).to_owned(), lower(*value))).collect(),
            floors: BTreeMap::new(),
            baselines: BTreeMap::new(),
            problems: BTreeMap::new(),
            by_class: BTreeMap::new(),
            settings: BTreeMap::new(),
        })
    }

    /// Step 20 was lucky on the test split; step 30 of the first attempt is void.
    #[test]
    fn the_best_step_is_chosen_by_the_training_split_and_its_value_is_the_test_splits() {
        let (train, test) = (Evaluation::TRAIN, Evaluation::TEST);
        let events = vec![
            started(1, 0, 0.0),
            evaluation(10, train, &[("frechet", 3.0), ("kid", 2.0)]),
            evaluation(10, test, &[("frechet", 4.0)]),
            evaluation(20, train, &[("frechet", 5.0), ("kid", 2.0)]),
            evaluation(20, test, &[("frechet", 1.0)]),
            evaluation(30, train, &[("frechet", 0.0)]),
            evaluation(30, test, &[("frechet", 0.0)]),
            started(2, 20, 100.0),
        ];
        let run = RunRecord::from_events(RunFolder::new("x"), events);
        assert_eq!(run.evaluations.len(), 4);
        let summary =
            |last, best| MetricSummary { last, last_step: 20, best: Some(best), best_step: Some(10), floor: None };
        let expected = [("frechet".to_owned(), summary(1.0, 4.0)), ("kid".to_owned(), summary(2.0, 2.0))];
        assert_eq!(run.metrics(), expected.into());
    }

    #[test]
    fn values_at_another_count_are_not_compared_and_the_newest_ones_count() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path().join("run"));
        let mut log = EventLog::begin(&folder, None).unwrap();
        for event in [evaluation(10, "train", &[("frechet", 1.0)]), evaluation(20, "train", &[("frechet", 2.0)])] {
            log.append(&event).unwrap();
        }
        let Event::Evaluation(evaluation) = evaluation(20, "train", &[("frechet", 7.0)]) else { panic!("it is one") };
        let evaluation = Evaluation { count: 500, at: 99.0, ..evaluation };
        let later = LaterEvaluation {
            evaluation,
            version: "1".into(),
            host: "here".into(),
            device: "cpu:flex".into(),
            run: None,
        };
        append_evaluations(&folder, std::slice::from_ref(&later)).unwrap();
        std::fs::OpenOptions::new()
            .append(true)
            .open(folder.evaluations())
            .unwrap()
            .write_all(b"{\"step\": 3")
            .unwrap();
        let expected = MetricSummary { best: Some(7.0), best_step: Some(20), ..MetricSummary::last(7.0, 20) };
        let read = || RunRecord::read(folder.clone()).unwrap();
        assert_eq!((read().evaluations.len(), read().metrics()["frechet"]), (3, expected));
        // A line that was cut spoils none after it.
        append_evaluations(&folder, &[later]).unwrap();
        assert_eq!((read().evaluations.len(), read().attempts), (4, 1));
    }

    #[test]
    fn an_attempt_whose_end_someone_else_wrote_counts_up_to_its_last_sign_of_life() {
        let events = vec![started(1, 0, 10.0), loss(10, 14.0, 1.0), ended(Status::Failed, 0, 0.0, 99.0)];
        let run = RunRecord::from_events(RunFolder::new("x"), events);
        assert_eq!((run.wall_secs, run.step), (4.0, 10));
    }

    #[test]
    fn status_follows_the_events_and_whether_a_sweep_is_alive() {
        let holder = |pid, since| Holder { pid, host: "here".into(), since, shares: false };
        let check = |events: Vec<Event>, live_since: Option<f64>, expected| {
            let live = Live::from(live_since.map(|since| holder(1, since)));
            assert_eq!(RunRecord::from_events(RunFolder::new("x"), events).status(&live), expected);
        };
        let live = Some(0.0);
        let format = || Event::Format { version: 1, run: None, by: None, from: None };
        check(vec![], None, Status::Queued);
        check(vec![], live, Status::Queued);
        check(vec![format()], live, Status::Running);
        check(vec![started(1, 0, 0.0)], live, Status::Running);
        check(vec![started(1, 0, 0.0)], Some(7.0), Status::Interrupted);
        check(vec![started(1, 0, 0.0), loss(1, 8.0, 1.0)], Some(7.0), Status::Running);
        check(vec![started(1, 0, 0.0)], None, Status::Interrupted);
        check(vec![started(1, 0, 0.0), ended(Status::Diverged, 7, 1.0, 1.0)], live, Status::Diverged);
        check(vec![started(1, 0, 0.0), ended(Status::Failed, 7, 1.0, 1.0), started(2, 0, 2.0)], live, Status::Running);

        // A clock that was set back has every event before the sweep began, and one that was set forth after it.
        let began_by = |pid| {
            vec![Event::Format { version: 2, run: None, by: Some(holder(pid, 7.0)), from: None }, started(1, 0, 5.0)]
        };
        check(began_by(1), Some(7.0), Status::Running);
        check(began_by(2), Some(7.0), Status::Interrupted);
        check(began_by(1), Some(4.0), Status::Interrupted);
        check(began_by(1), None, Status::Interrupted);
    }

    #[test]
    fn a_clock_that_is_set_does_not_change_how_long_an_attempt_took() {
        const DAY: f64 = 86_400.0;
        let run = |events| RunRecord::from_events(RunFolder::new("x"), events).wall_secs;
        assert_eq!(run(vec![started(1, 0, 1.0), loss(1, DAY, 1.0), ended(Status::Done, 2, 7.0, DAY + 1.0)]), 7.0);
        assert_eq!(run(vec![started(1, 0, DAY), loss(1, 1.0, 1.0), ended(Status::Done, 2, 7.0, 2.0)]), 7.0);
        let began = OnceLock::new();
        let before = crate::seconds(&began, || DAY);
        std::thread::sleep(Duration::from_millis(2));
        let set_back = crate::seconds(&began, || 0.0);
        assert!((0.002..60.0).contains(&(set_back - before)));
    }
}
