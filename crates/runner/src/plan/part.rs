//! A part of a plan: the runs with certain settings, and no more than so many of them.

use crate::cli::PartArgs;
use crate::error::Error;
use crate::plan::identity::short;
use record::{Plan, PlannedRun};
use serde_json::Value;
use std::collections::BTreeSet;

/// Keys and values that a message names.
const MAX_NAMES: usize = 12;

/// Runs of a plan, by their places in it.
#[derive(Clone)]
pub(crate) struct Part {
    runs: BTreeSet<usize>,
    of: usize,
}

impl Part {
    /// The whole plan.
    pub(crate) fn whole(plan: &Plan) -> Self {
        Self { runs: (0..plan.runs.len()).collect(), of: plan.runs.len() }
    }

    /// What `--only` and `--limit` leave.
    ///
    /// # Errors
    /// A condition is none, or no run meets it; no run meets all of them.
    pub(crate) fn of(plan: &Plan, arguments: &PartArgs) -> Result<Self, Error> {
        let conditions =
            arguments.only.iter().map(|text| Condition::read(text, plan)).collect::<Result<Vec<_>, _>>()?;
        let keys: BTreeSet<&str> = conditions.iter().map(|condition| condition.key).collect();
        let meets_key = |run: &PlannedRun, key: &str| {
            conditions.iter().filter(|condition| condition.key == key).any(|condition| condition.holds(run))
        };
        let meets_all = |run: &PlannedRun| keys.iter().all(|key| meets_key(run, key));
        let met = plan.runs.iter().enumerate().filter(|(_, run)| meets_all(run)).map(|(index, _)| index);
        let most = arguments.limit.map_or(usize::MAX, Into::into);
        let part = Self { runs: met.take(most).collect(), of: plan.runs.len() };
        match part.runs.is_empty() && !conditions.is_empty() {
            true => Err(Error::Usage(format!("no run of {} meets all of: {}", plan.sweep, arguments.only.join(", ")))),
            false => Ok(part),
        }
    }

    /// One run alone.
    pub(crate) fn single(plan: &Plan, id: &str) -> Self {
        let of_id = plan.runs.iter().enumerate().filter(|(_, run)| run.id == id);
        Self { runs: of_id.map(|(index, _)| index).collect(), of: plan.runs.len() }
    }

    /// The same part of the plan after runs were added at its end; they belong to the whole.
    pub(crate) fn grown(self, plan: &Plan) -> Self {
        if self.left_out() == 0 { Self::whole(plan) } else { Self { of: plan.runs.len(), ..self } }
    }

    /// Whether a run belongs to it.
    pub(crate) fn contains(&self, run: usize) -> bool {
        self.runs.contains(&run)
    }

    /// How many runs of the plan it leaves out.
    pub(crate) fn left_out(&self) -> usize {
        self.of - self.runs.len()
    }

    /// `6 runs`, `2 of 6 runs`.
    pub(crate) fn size(&self) -> String {
        let all = crate::text::count(self.of, "run");
        if self.left_out() == 0 { all } else { format!("{} of {all}", self.runs.len()) }
    }
}

/// `model.loss=hinge`.
struct Condition<'a> {
    /// Below `run`.
    key: &'a str,
    value: &'a str,
}

impl<'a> Condition<'a> {
    fn read(text: &'a str, plan: &Plan) -> Result<Self, Error> {
        let Some((key, value)) = text.split_once('=') else {
            return Err(Error::Usage(format!("--only {text}: write KEY=VALUE, such as `--only model.loss=hinge`")));
        };
        let (key, value) = (key.trim(), value.trim());
        let condition = Self { key: key.strip_prefix("run.").unwrap_or(key), value };
        if plan.runs.iter().any(|run| condition.holds(run)) {
            return Ok(condition);
        }
        let listed = |names: &mut dyn Iterator<Item = String>| {
            let names: BTreeSet<String> = names.collect();
            let more = if names.len() > MAX_NAMES { " ..." } else { "" };
            names.into_iter().take(MAX_NAMES).collect::<Vec<_>>().join(", ") + more
        };
        let values = listed(&mut plan.runs.iter().flat_map(|run| condition.values(run)).map(short));
        Err(Error::Usage(match values.is_empty() {
            false => format!("--only {text}: no run has this value; there are {values}"),
            true => {
                let varied = plan.runs.iter().flat_map(|run| run.overrides.keys().cloned());
                let varied = listed(&mut varied.chain(["seed".to_owned()]));
                format!("--only {text}: no run has such a setting; the sweep varies {varied}")
            }
        }))
    }

    fn holds(&self, run: &PlannedRun) -> bool {
        let values = self.values(run);
        !values.is_empty() && values.iter().all(|value| is(value, self.value))
    }

    /// What the sweep set, else what the run resolved to: several values where the key has a `*`.
    fn values<'r>(&self, run: &'r PlannedRun) -> Vec<&'r Value> {
        if let Some(value) = run.overrides.get(self.key) {
            return vec![value];
        }
        let mut found = vec![&run.config];
        for name in self.key.split('.') {
            found = match name {
                "*" => found.iter().filter_map(|value| value.as_object()).flat_map(|map| map.values()).collect(),
                name => found.iter().filter_map(|value| value.get(name)).collect(),
            };
        }
        found
    }
}

/// Whether a value is meant by a text: a number by any spelling, a member of a family by its word.
fn is(value: &Value, text: &str) -> bool {
    match value {
        Value::String(word) => word == text,
        Value::Number(number) => text.parse().is_ok_and(|wanted: f64| number.as_f64() == Some(wanted)),
        Value::Object(map) if !text.starts_with('{') => ["kind", "architecture", "optimizer", "name"]
            .iter()
            .any(|tag| map.get(*tag).is_some_and(|word| word == text)),
        value => serde_json::from_str::<Value>(text).is_ok_and(|wanted| wanted == *value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plan() -> Plan {
        let runs = [("hinge", 1e-4, 0), ("hinge", 1e-3, 1), ("wasserstein", 1e-4, 0), ("r1", 1e-3, 1)];
        let run = |(loss, lr, seed): &(&str, f64, u64)| PlannedRun {
            id: format!("{loss}-s{seed}"),
            digest: None,
            seed: *seed,
            overrides: json!({"model.loss": loss, "train.*.lr": lr}).as_object().unwrap().clone(),
            steps: 6,
            config: json!({"seed": seed, "model": {"loss": loss, "penalty": {"kind": "r1", "weight": 10.0}, "hidden": [8, 4]},
                "train": {"generator": {"lr": lr, "beta1": 0.5}, "discriminator": {"lr": lr, "beta1": 0.9}}}),
        };
        Plan {
            format: 1,
            sweep: "x".into(),
            description: String::new(),
            experiment: String::new(),
            environment: Vec::new(),
            sets: Vec::new(),
            experiment_digest: String::new(),
            created: 0.0,
            extended: Vec::new(),
            runs: runs.iter().map(run).collect(),
        }
    }

    fn part(only: &[&str], limit: usize) -> Result<Part, String> {
        let only = only.iter().map(|text| (*text).to_owned()).collect();
        let limit = std::num::NonZeroUsize::new(limit);
        Part::of(&plan(), &PartArgs { only, limit }).map_err(|error| error.message())
    }

    #[test]
    fn values_of_a_key_are_alternatives_and_all_keys_must_agree() {
        let check = |only: &[&str], limit, expected: &[usize]| {
            let part = part(only, limit).unwrap();
            assert_eq!(part.runs.iter().copied().collect::<Vec<_>>(), expected, "{only:?}, {limit}");
            assert_eq!(part.left_out(), 4 - expected.len());
        };
        check(&[], 0, &[0, 1, 2, 3]);
        check(&[], 3, &[0, 1, 2]);
        check(&["model.loss=hinge"], 0, &[0, 1]);
        check(&["model.loss=hinge", "model.loss=r1"], 0, &[0, 1, 3]);
        check(&["run.model.loss=hinge", "seed=1"], 0, &[1]);
        check(&["train.*.lr=0.0001"], 1, &[0]);
        check(&["train.generator.lr = 1e-3"], 0, &[1, 3]);
        check(&["model.penalty=r1", "model.penalty.weight=10", "model.hidden=[8, 4]"], 9, &[0, 1, 2, 3]);
    }

    #[test]
    fn a_condition_that_no_run_meets_is_refused_with_what_there_is() {
        let check = |only: &[&str], words: &str| {
            let message = part(only, 0).err().unwrap();
            assert!(message.contains(words), "{message}");
        };
        check(&["hinge"], "write KEY=VALUE");
        check(&["model.loss=hing"], "no run has this value; there are hinge, r1, wasserstein");
        check(&["model.los=hinge"], "no run has such a setting; the sweep varies model.loss, seed, train.*.lr");
        check(&["train.*.beta1=0.5"], "there are 0.5, 0.9");
        check(&["model.loss=wasserstein", "seed=1"], "meets all of: model.loss=wasserstein, seed=1");
    }
}
