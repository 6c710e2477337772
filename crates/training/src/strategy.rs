//! Alternating updates of two networks, as a custom strategy of burn-train.
//!
//! The learner brings the networks in. Each network has an optimizer of its own here, because a checkpoint must hold
//! both and burn-train's learner keeps its one to itself.

use crate::RunConfig;
use crate::digest::weights_digest;
use crate::evaluation::Evaluator;
use crate::histograms::histograms;
use crate::pictures::Pictures;
use crate::run::{Recorder, TrainError};
use crate::state::State;
use crate::stop::Stop;
use crate::verdict::{Verdict, spread};
use crate::window::Window;
use burn::module::Module;
use burn::train::{
    InferenceStep, Learner, SupervisedLearningStrategy, SupervisedTrainingEventProcessor, TrainLoader,
    TrainingComponents, ValidLoader,
};
use kernels::Awake;
use models::{Gan, GeneratorInput, Images};
use record::{Event, Histograms, Outcome, PictureKind, RunFolder, Scalars, Status, now};
use samples::Picture;
use std::cell::RefCell;
use std::time::{Duration, Instant};

/// Plays a run from the state that it is given to its end.
pub(crate) struct Alternating {
    game: RefCell<Option<Game>>,
    outcome: RefCell<Option<Result<Outcome, TrainError>>>,
}

/// What a run needs besides the learner.
pub(crate) struct Game {
    pub config: RunConfig,
    pub folder: RunFolder,
    pub state: State,
    pub evaluator: Option<Evaluator>,
    pub verdict: Verdict,
    pub recorder: Recorder,
    pub pictures: Pictures,
    pub stop: Stop,
    /// The threads of the pool, where they have work.
    pub awake: Option<Awake>,
}

impl Alternating {
    pub fn new(game: Game) -> Self {
        Self { game: RefCell::new(Some(game)), outcome: RefCell::new(None) }
    }

    /// How the run ended. Ask once, after training.
    pub fn outcome(&self) -> Result<Outcome, TrainError> {
        self.outcome.take().expect("burn-train calls `fit` before it returns")
    }
}

impl SupervisedLearningStrategy<Gan> for Alternating {
    fn fit(
        &self,
        components: TrainingComponents<Gan>,
        learner: Learner<Gan>,
        turns: TrainLoader<Gan>,
        codes: ValidLoader<Gan>,
        _starting_epoch: usize,
    ) -> (Gan, SupervisedTrainingEventProcessor<Gan>) {
        let mut game = self.game.take().expect("a strategy plays one run");
        game.state.gan = learner.model();
        drop(learner); // Weights that it held, too, could not be changed in place.
        let (gan, outcome) = game.play(&turns, &codes);
        self.outcome.replace(Some(outcome));
        (gan, components.event_processor)
    }
}

impl Game {
    /// The networks in the end, and how it came.
    fn play(mut self, turns: &TrainLoader<Gan>, codes: &ValidLoader<Gan>) -> (Gan, Result<Outcome, TrainError>) {
        let steps = self.config.steps();
        let mut turns = turns.iter();
        let mut window = Window::default();
        let mut window_began = (self.state.step, Instant::now());
        if let Err(error) = self.show_real() {
            return (self.state.gan, Err(error));
        }
        let precision = self.config.train.precision.into();
        window.clock.done("samples");
        let outcome = 'steps: loop {
            if self.state.step >= steps {
                break Ok(self.end(Status::Done, None));
            }
            self.awake.iter().for_each(Awake::wake);
            for turn in (&mut *turns).take(self.config.train.critic_steps + 1) {
                let turn = match turn {
                    Ok(turn) => turn,
                    Err(error) => break 'steps Err(error.into()),
                };
                window.clock.done("data");
                self.state = kernels::with_precision(precision, || self.state.play(&self.config, turn, &mut window));
            }
            if let Some(outcome) = self.record(codes, &mut window, &mut window_began).transpose() {
                break outcome;
            }
        };
        let outcome = outcome.and_then(|outcome| {
            self.recorder.event(Event::Times { secs: window.clock.secs(), at: now() })?;
            Ok(outcome)
        });
        (self.state.gan, outcome)
    }

    /// Records what is due after a step; if that was the run's last, tells how it ended.
    fn record(
        &mut self,
        codes: &ValidLoader<Gan>,
        window: &mut Window,
        window_began: &mut (u64, Instant),
    ) -> Result<Option<Outcome>, TrainError> {
        let (done, steps) = (self.state.step, self.config.steps());
        let stop = self.stop.asked();
        let due = |every: u64| done == steps || (every > 0 && done.is_multiple_of(every));
        let logs = stop.is_some() || due(self.config.log.every) || due(self.config.checkpoint.every);
        if logs && let Some(diverged) = self.log(window, window_began)? {
            return Ok(Some(diverged));
        }
        window.clock.done("log");
        let samples = due(self.config.sample.every);
        if samples {
            self.sample(codes, window)?;
        }
        window.clock.done("samples");
        let evaluates = self.evaluator.as_ref().is_some_and(|evaluator| evaluator.is_due(done));
        if evaluates {
            window_began.1 += self.evaluate()?;
        }
        window.clock.done("evaluation");
        let ending = self.verdict.ending();
        if ending.is_some() {
            // The last step has all records, whichever it is.
            if let Some(diverged) = self.log(window, window_began)? {
                return Ok(Some(diverged));
            }
            if !samples {
                self.sample(codes, window)?;
            }
            if !evaluates {
                self.evaluate()?;
            }
        }
        if done == steps || ending.is_some() {
            self.show_last()?;
        }
        window.clock.done("samples");
        if stop.is_some() || ending.is_some() || due(self.config.checkpoint.every) {
            self.recorder.check_owner()?;
            let best = |steps: &[u64]| self.verdict.best(steps);
            self.state.save(&self.folder, self.config.checkpoint.keep, best, done == steps)?;
            self.recorder.event(Event::Checkpoint { step: done, at: now() })?;
            if done < steps {
                self.recorder.sync()?; // The last step is followed by the run's end, which syncs.
            }
        }
        window.clock.done("checkpoint");
        self.recorder.step(done);
        window.clock.skip(); // An observer may hold the run still.
        if let Some((status, reason)) = ending
            && (status == Status::Collapsed || done < steps)
        {
            return Ok(Some(self.end(status, Some(reason))));
        }
        if let Some((status, reason)) = stop
            && done < steps
        {
            return Ok(Some(Outcome::early(status, done, reason)));
        }
        Ok(None)
    }

    /// The outcome of a run whose weights are what they will be.
    fn end(&self, status: Status, reason: Option<String>) -> Outcome {
        let (step, gan) = (self.state.step, self.state.gan.valid());
        let digest = weights_digest(&gan.generator, &gan.discriminator, &self.state.sampled());
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
        let train = &self.config.train;
        let images = (done - first) as f64 * train.batch_size as f64;
        let mut values = reading.values;
        let steps = self.config.steps();
        values.insert("speed/images_per_second".to_owned(), images / since.elapsed().as_secs_f64());
        values.insert("learning_rate/generator".to_owned(), train.generator.lr_at(done - 1, steps));
        values.insert("learning_rate/discriminator".to_owned(), train.discriminator.lr_at(done - 1, steps));
        self.recorder.event(Event::Scalars(Scalars { step: done, at: now(), values }))?;
        Ok(reading
            .diverged
            .map(|(step, what)| Outcome::early(Status::Diverged, step + 1, format!("{what} at step {}", step + 1))))
    }

    /// Records the metrics of this step, if the run has any; tells the time that it took.
    fn evaluate(&mut self) -> Result<Duration, TrainError> {
        let began = Instant::now();
        let Some(evaluator) = &mut self.evaluator else { return Ok(Duration::ZERO) };
        for evaluation in evaluator.evaluate(&self.state.sampled(), self.state.step)? {
            self.verdict.evaluated(&evaluation);
            self.recorder.event(Event::Evaluation(evaluation))?;
        }
        Ok(began.elapsed())
    }

    /// Writes the picture of the fixed codes, and how logits and weights are distributed.
    fn sample(&mut self, codes: &ValidLoader<Gan>, window: &Window) -> Result<(), TrainError> {
        let painter = Gan { generator: self.state.sampled(), ..self.state.gan.valid() };
        let mut values = Vec::new();
        for code in codes.iter() {
            let code: GeneratorInput = code?;
            let Images(images) = InferenceStep::step(&painter, code);
            values.extend(images.into_data().iter::<f32>());
        }
        let file = RunFolder::sample_name(self.state.step);
        self.recorder.write(&self.folder.path().join(&file), &self.pictures.canvas.draw(&values).png())?;
        let size = values.len() / self.config.sample.count;
        let spread = Some(spread(&values, size)).filter(|spread| self.config.sample.count > 1 && spread.is_finite());
        spread.into_iter().for_each(|spread| self.verdict.sampled(spread));
        self.recorder.event(Event::Sample { step: self.state.step, file, spread, at: now() })?;
        let values = histograms(&self.state.gan, window.logits());
        self.recorder.event(Event::Histograms(Histograms { step: self.state.step, at: now(), values }))
    }

    /// What the samples should look like.
    fn show_real(&mut self) -> Result<(), TrainError> {
        let (image, values) = self.pictures.real();
        let size = self.pictures.dataset.format().values();
        let spread = (values.len() > size).then(|| spread(&values, size));
        self.show(PictureKind::Real, 0, &image, spread)
    }

    /// What is worth its time once: of the weights that the run ends with.
    fn show_last(&mut self) -> Result<(), TrainError> {
        let (generator, step) = (self.state.sampled(), self.state.step);
        self.show(PictureKind::Interpolation, step, &self.pictures.interpolation(&generator), None)?;
        // All training images are looked at, which takes longer than a tiny run: for those that are to be measured.
        let neighbours = self.config.evaluate.is_some().then(|| self.pictures.neighbours(&generator)).flatten();
        neighbours.map_or(Ok(()), |image| self.show(PictureKind::Neighbours, step, &image, None))
    }

    fn show(&mut self, kind: PictureKind, step: u64, image: &Picture, spread: Option<f64>) -> Result<(), TrainError> {
        let file = kind.file();
        self.recorder.write(&self.folder.path().join(&file), &image.png())?;
        self.recorder.event(Event::Picture { kind, step, file, spread, at: now() })
    }
}
