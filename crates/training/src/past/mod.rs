//! What a run may take over from a finished one of the same trajectory, one that trained the same weights as far as both go:
//! its steps up to a checkpoint, and of its record what the run itself would have recorded.

mod ending;
mod missing;

pub use missing::Missing;

use crate::RunConfig;
use ending::ends_alike;
use record::{Event, Role, RunRecord, Status};

/// Steps of a finished run that another one need not train.
#[derive(Clone, Debug)]
pub struct Past {
    /// How many they are.
    pub step: u64,
    /// Whether the finished run ended by itself before its last step, where the other one would have ended, too.
    pub is_whole: bool,
    config: RunConfig,
    earlier: RunConfig,
}

/// Why there are none. Completes the sentence "it is trained from its first step, because ...".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPast {
    /// The learning rates of the first steps are others.
    #[error("`train.{network}.schedule` depends on the number of steps")]
    Schedule {
        /// `generator` or `discriminator`.
        network: &'static str,
    },
    /// It is not known whether the run would have ended earlier.
    #[error("`{rule}` reads what the other run has not recorded")]
    Stop {
        /// The rule.
        rule: &'static str,
    },
    /// The finished run ended by itself.
    #[error("the other run ended by itself, with other settings of what it recorded")]
    Ended,
    /// No checkpoint can be gone on from.
    #[error("the other run has no checkpoint with the state of its optimizers")]
    Checkpoint,
}

impl Past {
    /// What a run of this configuration may take over from one of the `earlier` configuration, which is finished and has
    /// these checkpoints: their steps, and whether they hold the optimizers. Both have the same seed, data, model and
    /// `train` settings, the number of steps apart.
    ///
    /// # Errors
    /// Nothing.
    pub fn of(
        config: &RunConfig,
        earlier: &RunConfig,
        record: &RunRecord,
        checkpoints: &[(u64, bool)],
    ) -> Result<Self, NoPast> {
        let past = |step, is_whole| Self { step, is_whole, config: config.clone(), earlier: earlier.clone() };
        let outcome = record.outcome.as_ref();
        let trained_all =
            outcome.is_some_and(|outcome| outcome.status == Status::Done && outcome.step == earlier.steps());
        let (rates, network) = same_rates(config, earlier);
        if !trained_all {
            // What ends a run is seen by one that is longer at the same step, if it looks as often.
            let ended = outcome.filter(|outcome| outcome.status.is_finished());
            let step = ended.map_or(0, |outcome| outcome.step);
            let is_same = record.step < earlier.steps().min(config.steps()) && records_alike(config, earlier);
            return match network.filter(|_| record.step > rates) {
                Some(network) => Err(NoPast::Schedule { network }),
                None if is_same && step > 0 => Ok(past(step, true)),
                None => Err(NoPast::Ended),
            };
        }
        let last = config.steps();
        let usable = checkpoints.iter().filter(|(step, all)| *step > 0 && *step <= last && (*all || *step == last));
        let newest = usable.clone().map(|(step, _)| *step).filter(|step| *step <= rates).max();
        let Some(step) = newest else {
            let network = network.filter(|_| usable.count() > 0);
            return Err(network.map_or(NoPast::Checkpoint, |network| NoPast::Schedule { network }));
        };
        ends_alike(config, earlier, record, step)?;
        Ok(past(step, false))
    }

    /// Whether an event of the finished run is one of this run's record.
    pub fn keeps(&self, event: &Event) -> bool {
        let Self { step: last, is_whole, config, earlier } = self;
        if *is_whole {
            return true;
        }
        let ends = *last == config.steps();
        let due = |every: u64, step: u64| step <= *last && (regular(every, step) || ends && step == *last);
        match event {
            Event::Scalars(scalars) => {
                let (log, checkpoint) = (earlier.log.every, earlier.checkpoint.every);
                due(log, scalars.step) || due(checkpoint, scalars.step)
            }
            Event::Histograms(histograms) => due(config.sample.every, histograms.step),
            Event::Artifact(artifact) if artifact.role.is_data() => true,
            Event::Artifact(artifact) if [Role::INTERPOLATION, Role::NEIGHBOURS].contains(&artifact.role) => {
                ends && artifact.step == *last
            }
            Event::Artifact(artifact) => {
                config.sample.count == earlier.sample.count && due(config.sample.every, artifact.step)
            }
            Event::Evaluation(evaluation) => config.evaluate.as_ref().is_some_and(|settings| {
                let every = settings.every;
                let of_earlier = earlier.evaluate.clone().map(|earlier| crate::EvaluateConfig { every, ..earlier });
                of_earlier.as_ref() == Some(settings) && due(every, evaluation.step)
            }),
            _ => true,
        }
    }

    /// What the run itself would have recorded in these steps, and neither has in its record nor can make from one of these
    /// checkpoints.
    pub fn missing(&self, record: &RunRecord, checkpoints: &[u64]) -> Missing {
        if self.is_whole {
            return Missing::default();
        }
        let kept = |event: Event| self.keeps(&event);
        let mut record = record.clone();
        record.scalars.retain(|scalars| kept(Event::Scalars(scalars.clone())));
        record.artifacts.retain(|artifact| kept(Event::Artifact(artifact.clone())));
        record.evaluations.retain(|evaluation| kept(Event::Evaluation(evaluation.clone())));
        Missing::of(&self.config, &record, self.step).without(checkpoints)
    }
}

/// Whether something that is due every so many steps is due after this one.
pub(crate) fn regular(every: u64, step: u64) -> bool {
    every > 0 && step.is_multiple_of(every)
}

/// In how many first steps both have the same learning rates, and in which network they differ then.
fn same_rates(config: &RunConfig, earlier: &RunConfig) -> (u64, Option<&'static str>) {
    let (steps, before) = (config.steps(), earlier.steps());
    let train = &config.train;
    let differ = |step: u64| {
        let networks = [("discriminator", &train.discriminator), ("generator", &train.generator)];
        let differs = |of: &crate::OptimizerConfig| of.lr_at(step, steps).to_bits() != of.lr_at(step, before).to_bits();
        networks.into_iter().find(|(_, optimizer)| differs(optimizer)).map(|(network, _)| network)
    };
    let both = steps.min(before);
    let first = if steps == before { None } else { (0..both).find_map(|step| Some((step, Some(differ(step)?)))) };
    first.unwrap_or((both, None))
}

/// Whether both record the same, and end by the same rules.
fn records_alike(config: &RunConfig, earlier: &RunConfig) -> bool {
    let of = |config: &RunConfig| {
        (
            config.sample.clone(),
            config.evaluate.clone(),
            config.stop.clone(),
            config.log.clone(),
            config.checkpoint.every,
        )
    };
    of(config) == of(earlier)
}

#[cfg(test)]
mod tests;
