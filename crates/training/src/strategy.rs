//! Alternating updates of two networks, as a custom strategy of burn-train.
//!
//! The learner brings the networks in. Each network has an optimizer of its own here, because a checkpoint must hold
//! both and burn-train's learner keeps its one to itself.

use crate::canvas::Canvas;
use crate::checkpoint::State;
use crate::digest::weights_digest;
use crate::evaluation::Evaluator;
use crate::gradient::gradient_norm;
use crate::run::{Recorder, TrainError};
use crate::stop::Stop;
use crate::verdict::{Verdict, spread};
use crate::window::Window;
use crate::{RunConfig, average};
use burn::module::Module;
use burn::train::{
    InferenceStep, Learner, SupervisedLearningStrategy, SupervisedTrainingEventProcessor, TrainLoader, TrainStep,
    TrainingComponents, ValidLoader,
};
use models::{Code, Gan, Images, Stream, Turn};
use record::{Event, Outcome, RunFolder, Scalars, Status, now};
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
    pub canvas: Canvas,
    pub stop: Stop,
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
        let outcome = game.play(&turns, &codes);
        self.outcome.replace(Some(outcome));
        (game.state.gan, components.event_processor)
    }
}

impl Game {
    fn play(&mut self, turns: &TrainLoader<Gan>, codes: &ValidLoader<Gan>) -> Result<Outcome, TrainError> {
        let steps = self.config.steps();
        let mut turns = turns.iter();
        let mut window = Window::default();
        let mut window_began = (self.state.step, Instant::now());
        while self.state.step < steps {
            self.step(&mut *turns, &mut window)?;
            let done = self.state.step;
            let stop = self.stop.asked();
            let due = |every: u64| done == steps || (every > 0 && done.is_multiple_of(every));
            let logs = stop.is_some() || due(self.config.log.every) || due(self.config.checkpoint.every);
            if logs && let Some(diverged) = self.log(&mut window, &mut window_began)? {
                return Ok(diverged);
            }
            let samples = due(self.config.sample.every);
            if samples {
                self.sample(codes)?;
            }
            let evaluates = self.evaluator.as_ref().is_some_and(|evaluator| evaluator.is_due(done));
            if evaluates {
                window_began.1 += self.evaluate()?;
            }
            let ending = self.verdict.ending();
            if ending.is_some() {
                // The last step has all records, whichever it is.
                if let Some(diverged) = self.log(&mut window, &mut window_began)? {
                    return Ok(diverged);
                }
                if !samples {
                    self.sample(codes)?;
                }
                if !evaluates {
                    self.evaluate()?;
                }
            }
            if stop.is_some() || ending.is_some() || due(self.config.checkpoint.every) {
                self.recorder.check_owner()?;
                self.state.save(&self.folder, self.config.checkpoint.keep, done == steps)?;
                self.recorder.event(Event::Checkpoint { step: done, at: now() })?;
                if done < steps {
                    self.recorder.sync()?; // The last step is followed by the run's end, which syncs.
                }
            }
            self.recorder.step(done);
            if let Some((status, reason)) = ending
                && (status == Status::Collapsed || done < steps)
            {
                return Ok(self.end(status, Some(reason)));
            }
            if let Some((status, reason)) = stop
                && done < steps
            {
                return Ok(Outcome::early(status, done, reason));
            }
        }
        Ok(self.end(Status::Done, None))
    }

    /// The outcome of a run whose weights are what they will be.
    fn end(&self, status: Status, reason: Option<String>) -> Outcome {
        let (step, gan) = (self.state.step, self.state.gan.valid());
        let digest = weights_digest(&gan.generator, &gan.discriminator, &self.state.average);
        let not_finite = || format!("a weight is not finite after step {step}");
        let (status, reason) = match digest {
            Some(_) => (status, reason),
            None => (Status::Diverged, Some(not_finite())),
        };
        Outcome { status, step, reason, cause: None, weights_digest: digest }
    }

    /// One generator update and the discriminator updates before it.
    fn step(
        &mut self,
        turns: &mut dyn Iterator<Item = Result<Turn, burn::data::dataset::DatasetError>>,
        window: &mut Window,
    ) -> Result<(), TrainError> {
        let Self { config, state, .. } = self;
        let (train, step) = (&config.train, state.step);
        let lr = train.discriminator.lr_at(step, config.steps());
        let bounded = config.stop.gradient_norm.is_some();
        // The generator's images are compared with those that the discriminator saw last, if at all.
        let mut last_real = None;
        for _ in 0..train.critic_steps {
            let turn = turns.next().expect("the loader has a turn for each update")?;
            if let Turn::Discriminator { real, .. } = &turn {
                last_real = Some(real.clone());
            }
            state.gan.discriminator = state.gan.discriminator.clone().before_update();
            let output = TrainStep::step(&state.gan, turn);
            state.gan.state = output.item.state.clone();
            window.take(step, output.item);
            if bounded {
                window.gradient(step, "gradient/discriminator", gradient_norm(&state.gan.discriminator, &output.grads));
            }
            let discriminator = state.gan.discriminator.clone();
            let discriminator = state.discriminator_optimizer.step(lr, discriminator, output.grads);
            state.gan.discriminator = state.gan.config.penalty.after_update(discriminator);
        }

        let device = state.gan.devices().swap_remove(0);
        let mut stream = Stream::new(config.seed, "latent/generator", step);
        let real = last_real.expect("a step has at least one discriminator update");
        state.gan.generator = state.gan.generator.clone().before_update();
        let [_, channels, height, width] = real.images.dims();
        let image = [channels, height, width];
        let code = config.model.code(image, train.batch_size, real.labels.clone(), &mut stream, &device);
        let output = TrainStep::step(&state.gan, Turn::Generator { real, code, update: step });
        state.gan.state = output.item.state.clone();
        window.take(step, output.item);
        if bounded {
            window.gradient(step, "gradient/generator", gradient_norm(&state.gan.generator, &output.grads));
        }
        let lr = train.generator.lr_at(step, config.steps());
        let generator = state.gan.generator.clone();
        state.gan.generator = state.generator_optimizer.step(lr, generator, output.grads);
        let generator = state.gan.generator.valid();
        state.average = match train.average {
            Some(settings) => average::update(state.average.clone(), &generator, settings, step),
            None => generator,
        };
        state.step += 1;
        Ok(())
    }

    /// Records the means of the window; if the run has diverged, that is its end.
    fn log(&mut self, window: &mut Window, began: &mut (u64, Instant)) -> Result<Option<Outcome>, TrainError> {
        let reading = window.read(self.config.stop.gradient_norm.unwrap_or(f64::INFINITY));
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
        for evaluation in evaluator.evaluate(&self.state.average, self.state.step)? {
            self.verdict.evaluated(&evaluation);
            self.recorder.event(Event::Evaluation(evaluation))?;
        }
        Ok(began.elapsed())
    }

    /// Writes the picture of the fixed codes.
    fn sample(&mut self, codes: &ValidLoader<Gan>) -> Result<(), TrainError> {
        let painter = Gan { generator: self.state.average.clone(), ..self.state.gan.valid() };
        let mut values = Vec::new();
        for code in codes.iter() {
            let code: Code = code?;
            let Images(images) = InferenceStep::step(&painter, code);
            values.extend(images.into_data().iter::<f32>());
        }
        let file = RunFolder::sample_name(self.state.step);
        self.recorder.write(&self.folder.path().join(&file), &self.canvas.draw(&values).png())?;
        let size = values.len() / self.config.sample.count;
        let spread = Some(spread(&values, size)).filter(|spread| self.config.sample.count > 1 && spread.is_finite());
        spread.into_iter().for_each(|spread| self.verdict.sampled(spread));
        self.recorder.event(Event::Sample { step: self.state.step, file, spread, at: now() })
    }
}
