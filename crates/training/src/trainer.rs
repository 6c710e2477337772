//! The training loop: updates of each phase, step after step, and what is due after a step.

use crate::batches::Batches;
use crate::checkpoint::load_average;
use crate::device::Meter;
use crate::digest::weights_digest;
use crate::error::TrainError;
use crate::evaluation::Evaluator;
use crate::histograms::histograms;
use crate::past::Missing;
use crate::pictures::Pictures;
use crate::recorder::Recorder;
use crate::state::State;
use crate::stop::Stop;
use crate::verdict::{Verdict, spread};
use crate::window::{Sums, Window};
use crate::{LastCheckpoint, RunConfig};
use burn::tensor::Tensor;
use kernels::Awake;
use models::task::{AnySampler, Made};
use record::{Artifact, Event, Histograms, Media, Outcome, Role, RunFolder, RunRecord, Scalars, Status, now};
use samples::{Canvas, Encoded, Format, Picture};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Trains one run from its state on.
pub(crate) struct Trainer {
    pub config: RunConfig,
    pub folder: RunFolder,
    pub state: State,
    /// What the checkpoint that the run goes on from holds of its window.
    pub sums: Sums,
    /// What is not in the record of steps that another run has trained, if one has.
    pub missing: Option<Missing>,
    pub evaluator: Option<Evaluator>,
    pub verdict: Verdict,
    pub recorder: Recorder,
    pub pictures: Pictures,
    pub stop: Stop,
    /// When the newest checkpoint was written, or the attempt began.
    pub saved: Instant,
    /// The threads of the pool, where they have work.
    pub awake: Option<Awake>,
    /// Of a GPU.
    pub meter: Option<Meter>,
    /// Whether the device may compute nonsense, for a test of what is around it.
    pub unchecked: bool,
}

impl Trainer {
    /// Trains until the run ends.
    pub(crate) fn run(mut self, batches: Batches) -> Result<Outcome, TrainError> {
        let (mut batches, updates) = (batches.into_iter(), self.state.updates());
        let mut window = Window::resumed(std::mem::take(&mut self.sums));
        let mut window_began = (self.state.step, Instant::now());
        self.show_real()?;
        if let Some(missing) = self.missing.take() {
            self.catch_up(&missing)?;
        }
        let precision = self.config.train.precision.into();
        window.clock.done("samples");
        // A kill may have come between the last checkpoint and the run's end.
        let mut over = self.over();
        let outcome = loop {
            if let Some(outcome) = over {
                break outcome;
            }
            self.awake.iter().for_each(Awake::wake);
            for batch in (&mut batches).take(updates) {
                window.clock.done("data");
                kernels::with_precision(precision, || self.state.update(&self.config, batch, &mut window));
            }
            over = self.record(&mut window, &mut window_began)?;
        };
        self.recorder.event(Event::Times { secs: window.clock.secs(), at: now() })?;
        Ok(outcome)
    }

    /// Records what is due after a step; returns the outcome if that was the last step of the run.
    fn record(
        &mut self,
        window: &mut Window,
        window_began: &mut (u64, Instant),
    ) -> Result<Option<Outcome>, TrainError> {
        let (done, steps) = (self.state.step, self.config.steps());
        let stop = self.stop.asked();
        let regular = |every: u64| every > 0 && done.is_multiple_of(every);
        let due = |every: u64| done == steps || regular(every);
        let logs = due(self.config.log.every) || due(self.config.checkpoint.every);
        // A longer run would not record its losses here: it goes on with the window as it stands.
        let is_open = logs && !regular(self.config.log.every) && !regular(self.config.checkpoint.every);
        let open = is_open.then(|| window.open(self.config.stop.gradient_norm));
        if logs && let Some(diverged) = self.log(window, window_began)? {
            return Ok(Some(diverged));
        }
        window.clock.done("log");
        let samples = due(self.config.sample.every);
        if samples {
            self.sample(&*self.state.sampler(), done)?;
            self.histograms(window)?;
        }
        window.clock.done("samples");
        let evaluates = self.evaluator.as_ref().is_some_and(|evaluator| evaluator.is_due(done));
        if evaluates {
            window_began.1 += self.evaluate(&*self.state.sampler(), done)?;
        }
        window.clock.done("evaluation");
        let ending = self.verdict.ending();
        if ending.is_some() {
            // The last step has all records, whichever it is.
            if let Some(diverged) = self.log(window, window_began)? {
                return Ok(Some(diverged));
            }
            if !samples {
                self.sample(&*self.state.sampler(), done)?;
                self.histograms(window)?;
            }
            if !evaluates {
                self.evaluate(&*self.state.sampler(), done)?;
            }
        }
        if done == steps || ending.is_some() {
            self.show_last()?;
        }
        window.clock.done("samples");
        let overdue = |minutes: f64| self.saved.elapsed().as_secs_f64() >= 60.0 * minutes;
        let is_overdue = self.config.checkpoint.minutes.is_some_and(overdue);
        if stop.is_some() || ending.is_some() || is_overdue || due(self.config.checkpoint.every) {
            self.recorder.check_owner()?;
            let best = |steps: &[u64]| self.verdict.best(steps);
            let sums = open.unwrap_or_else(|| window.sums(self.config.stop.gradient_norm).clone());
            let with_optimizers = done < steps || self.config.checkpoint.last == LastCheckpoint::All;
            self.state.save(&self.folder, &sums, self.config.checkpoint.keep, best, with_optimizers)?;
            self.saved = Instant::now();
            self.recorder.event(Event::Checkpoint { step: done, at: now() })?;
            if done < steps {
                self.recorder.sync()?; // The last step is followed by the run's end, which syncs.
            }
        }
        window.clock.done("checkpoint");
        self.recorder.step(done);
        window.clock.skip(); // An observer may hold the run still.
        let stopped = || stop.map(|(status, reason)| Outcome::early(status, done, reason));
        Ok(self.over().or_else(stopped))
    }

    /// The outcome, if the run ends with the step that is done: by a rule or because it is the last.
    fn over(&self) -> Option<Outcome> {
        let is_last = self.state.step >= self.config.steps();
        match self.verdict.ending() {
            Some((status, reason)) if status == Status::Collapsed || !is_last => Some(self.end(status, Some(reason))),
            _ => is_last.then(|| self.end(Status::Done, None)),
        }
    }

    /// The outcome of a run whose weights are what they will be.
    fn end(&self, status: Status, reason: Option<String>) -> Outcome {
        let step = self.state.step;
        let digest = weights_digest(&*self.state.networks, &*self.state.sampler());
        let not_finite = || format!("a weight is not finite after step {step}");
        let (status, reason) = match digest {
            Some(_) => (status, reason),
            None => (Status::Diverged, Some(not_finite())),
        };
        Outcome { status, step, reason, cause: None, weights_digest: digest }
    }

    /// Records the means of the window; if the run has diverged, that is its end.
    fn log(&mut self, window: &mut Window, began: &mut (u64, Instant)) -> Result<Option<Outcome>, TrainError> {
        let reading = window.read(self.config.stop.gradient_norm);
        let done = self.state.step;
        let (first, since) = std::mem::replace(began, (done, Instant::now()));
        if done == first {
            return Ok(None);
        }
        if !self.unchecked
            && let Some((name, value)) = impossible(&reading.values, self.config.model.loss.least())
        {
            return Err(TrainError::Impossible { name, value, step: done });
        }
        let train = &self.config.train;
        let images = (done - first) as f64 * train.batch_size as f64;
        let mut values = reading.values;
        let steps = self.config.steps();
        values.insert(record::tag::IMAGES_PER_SECOND.to_owned(), images / since.elapsed().as_secs_f64());
        if let Some(load) = self.meter.as_ref().and_then(Meter::read) {
            values.insert(record::tag::DEVICE_MEMORY.to_owned(), load.memory);
            values.extend(load.utilization.map(|share| (record::tag::DEVICE_UTILIZATION.to_owned(), share)));
        }
        for of in &self.state.phases {
            values.insert(record::tag::learning_rate(of.phase.name), of.settings.lr_at(done - 1, steps));
        }
        self.recorder.event(Event::Scalars(Scalars { step: done, at: now(), values }))?;
        Ok(reading
            .diverged
            .map(|(step, what)| Outcome::early(Status::Diverged, step + 1, format!("{what} at step {}", step + 1))))
    }

    /// Makes what is missing of steps that another run has trained, as far as their checkpoints are there.
    fn catch_up(&mut self, missing: &Missing) -> Result<(), TrainError> {
        let ends = self.state.step == self.config.steps();
        let mut steps = self.folder.checkpoint_steps();
        steps.retain(|step| *step <= self.state.step);
        for step in steps.into_iter().rev() {
            let (samples, evaluation) = (missing.samples.contains(&step), missing.evaluations.contains(&step));
            if !samples && !evaluation {
                continue;
            }
            let sampler = match step == self.state.step {
                true => self.state.sampler(),
                false => match load_average(&*self.state.networks, &self.folder, step) {
                    Ok(sampler) => sampler,
                    Err(_) => continue,
                },
            };
            if samples {
                self.sample(&*sampler, step)?;
            }
            if evaluation {
                self.evaluate(&*sampler, step)?;
            }
        }
        if ends {
            self.show_last()?;
        }
        let events = record::read_events(&self.folder).map_err(TrainError::io(self.folder.path()))?;
        let record = RunRecord::from_events(self.folder.clone(), events);
        self.verdict = Verdict::new(self.config.stop.clone(), self.pictures.dataset.clone(), &record);
        Ok(())
    }

    /// Records the metrics of a step's samples, if the run has any; returns the time that it took.
    fn evaluate(&mut self, sampler: &dyn AnySampler, step: u64) -> Result<Duration, TrainError> {
        let began = Instant::now();
        let Some(evaluator) = &mut self.evaluator else { return Ok(Duration::ZERO) };
        for evaluation in evaluator.evaluate(sampler, step)? {
            self.verdict.evaluated(&evaluation);
            self.recorder.event(Event::Evaluation(evaluation))?;
        }
        Ok(began.elapsed())
    }

    /// Draws what is made of the fixed input. The spread is that of the samples that metrics measure.
    fn sample(&mut self, sampler: &dyn AnySampler, step: u64) -> Result<(), TrainError> {
        let count = self.config.sample.count;
        let Made(made) = sampler.sample(self.pictures.input.draw());
        let read = |(role, values): (&'static str, Tensor<4>)| {
            let [_, channels, height, width] = values.dims();
            (role, Format::Image([channels, height, width]), values.into_data().iter().collect())
        };
        let made: Vec<(&str, Format, Vec<f32>)> = made.into_iter().map(read).collect();
        let images: Vec<_> = made.iter().map(|(_, format, values)| (*format, values.clone())).collect();
        if let Some(picture) = self.pictures.translations(&images, self.config.sample.differences) {
            let values = &made[0].2;
            let spread = (count > 1).then(|| spread(values, values.len() / count)).filter(|spread| spread.is_finite());
            spread.into_iter().for_each(|spread| self.verdict.sampled(spread));
            return self.show(Role::TRANSLATION, Some(step), &picture, spread);
        }
        for (at, (role, _, values)) in made.into_iter().enumerate() {
            let spread = (at == 0 && count > 1).then(|| spread(&values, values.len() / count));
            let spread = spread.filter(|spread| spread.is_finite());
            spread.into_iter().for_each(|spread| self.verdict.sampled(spread));
            let picture = self.pictures.canvas.draw(&values);
            self.show(Role::new(role), Some(step), &picture, spread)?;
            self.play(Role::new(role), Some(step), &self.pictures.canvas.clone(), &values)?;
        }
        Ok(())
    }

    /// Records how logits and weights are distributed.
    fn histograms(&mut self, window: &Window) -> Result<(), TrainError> {
        let (step, values) = (self.state.step, histograms(&*self.state.networks, window.logits()));
        self.recorder.event(Event::Histograms(Histograms { step, at: now(), values }))
    }

    /// What the samples should look like, and what they are translated from.
    fn show_real(&mut self) -> Result<(), TrainError> {
        let (image, values) = self.pictures.real();
        let size = self.pictures.dataset.format().values();
        let spread = (values.len() > size).then(|| spread(&values, size));
        self.show(Role::REAL, None, &image, spread)?;
        self.play(Role::REAL, None, &self.pictures.canvas.clone(), &values)?;
        self.pictures.sources().map_or(Ok(()), |image| self.show(Role::INPUT, None, &image, None))
    }

    /// What is worth its time once: of the weights that the run ends with.
    fn show_last(&mut self) -> Result<(), TrainError> {
        let sampler = self.state.sampler();
        if let Some((image, values)) = self.pictures.interpolation(&*sampler) {
            self.show(Role::INTERPOLATION, None, &image, None)?;
            self.play(Role::INTERPOLATION, None, &self.pictures.in_rows(), &values)?;
        }
        // All training images are looked at, which takes longer than a tiny run: for those that are to be measured.
        let neighbours = self.config.evaluate.is_some().then(|| self.pictures.neighbours(&*sampler)).flatten();
        let Some((image, values)) = neighbours else { return Ok(()) };
        self.show(Role::NEIGHBOURS, None, &image, None)?;
        self.play(Role::NEIGHBOURS, None, &self.pictures.in_rows(), &values)
    }

    /// Writes a picture; without a step, the one of its role in the run.
    fn show(&mut self, role: Role, of: Option<u64>, image: &Picture, spread: Option<f64>) -> Result<(), TrainError> {
        self.artifact(role, of, None, &Encoded { media: Media::Png, bytes: image.png() }, spread)
    }

    /// Writes what is heard of samples, or how they move.
    fn play(&mut self, role: Role, of: Option<u64>, canvas: &Canvas, values: &[f32]) -> Result<(), TrainError> {
        let Some(played) = canvas.played(values) else { return Ok(()) };
        // Beside the picture of all frames, which is one, too.
        let label = (played.media == Media::Apng).then_some("film");
        self.artifact(role, of, label, &played, None)
    }

    fn artifact(
        &mut self,
        role: Role,
        of: Option<u64>,
        label: Option<&str>,
        shown: &Encoded,
        spread: Option<f64>,
    ) -> Result<(), TrainError> {
        let (media, step) = (shown.media, of.unwrap_or(if role.is_data() { 0 } else { self.state.step }));
        let file = role.file(of, label, media);
        self.recorder.write(&self.folder.path().join(&file), &shown.bytes)?;
        let (media, label) = (media.into(), label.map(str::to_owned));
        self.recorder.event(Event::Artifact(Artifact { role, media, step, file, label, spread, at: now() }))
    }
}

/// How far the rounding of a mean may take a loss below its least value.
const ROUNDING: f64 = 1e-6;

/// The first scalar with a value that no logits lead to. Numbers that are not finite are a divergence.
fn impossible(values: &BTreeMap<String, f64>, least: [f64; 2]) -> Option<(String, f64)> {
    let [discriminator, generator] = least;
    let range = |name: &str| match name {
        "loss/discriminator" => (discriminator, f64::INFINITY),
        "loss/generator" => (generator, f64::INFINITY),
        "loss/classifier" => (0.0, f64::INFINITY),
        name if name.starts_with("accuracy/") => (0.0, 1.0),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    };
    let found = values.iter().find(|(name, value)| {
        let (least, most) = range(name);
        **value < least - ROUNDING || (value.is_finite() && **value > most + ROUNDING)
    });
    found.map(|(name, value)| (name.clone(), *value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_below_its_least_value_is_impossible() {
        let check = |name: &str, value: f64, least: [f64; 2]| impossible(&[(name.to_owned(), value)].into(), least);
        let free = [f64::NEG_INFINITY; 2];
        for (name, value) in
            [("loss/discriminator", -0.1), ("loss/generator", -1.0), ("loss/generator", f64::NEG_INFINITY)]
        {
            assert_eq!(check(name, value, [0.0; 2]), Some((name.to_owned(), value)));
            assert_eq!(check(name, value, free), None);
        }
        assert_eq!(check("loss/generator", -1.0, [0.0, f64::NEG_INFINITY]), None);
        assert_eq!(check("loss/discriminator", -1e-8, [0.0; 2]), None);
        assert_eq!(check("loss/discriminator", f64::INFINITY, [0.0; 2]), None);
        assert_eq!(check("loss/discriminator", f64::NAN, [0.0; 2]), None);
        assert_eq!(check("accuracy/real", 1.5, free), Some(("accuracy/real".to_owned(), 1.5)));
        assert_eq!(check("accuracy/real", 1.0, free), None);
        assert_eq!(check("output/real", -4.0, [0.0; 2]), None);
    }
}
