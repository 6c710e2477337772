//! Of many runs, the one that shares most settings with another.

use serde_json::{Map, Value};
use std::collections::HashMap;

/// Runs to compare with. Settings are numbered, so that comparing thousands with thousands takes no strings.
pub(crate) struct Candidates {
    keys: HashMap<String, usize>,
    values: HashMap<String, u32>,
    runs: Vec<Candidate>,
    by_seed: HashMap<u64, Vec<usize>>,
}

struct Candidate {
    /// Of each key the number of its value, [`ABSENT`] if the run does not have it.
    settings: Vec<u32>,
    planned: bool,
}

const ABSENT: u32 = 0;
/// A value that no candidate has.
const UNKNOWN: u32 = u32::MAX;

impl Candidates {
    /// Of runs' seeds, flattened configurations, and whether they are planned now.
    pub(crate) fn of<'a>(runs: impl Iterator<Item = (u64, &'a Map<String, Value>, bool)>) -> Self {
        let mut all = Self { keys: HashMap::new(), values: HashMap::new(), runs: Vec::new(), by_seed: HashMap::new() };
        for (seed, settings, planned) in runs {
            let settings = all.number(settings);
            all.by_seed.entry(seed).or_default().push(all.runs.len());
            all.runs.push(Candidate { settings, planned });
        }
        for run in &mut all.runs {
            run.settings.resize(all.keys.len(), ABSENT);
        }
        all
    }

    /// The position of the closest one. A replicate with another seed says little, so runs of this seed come first. Of
    /// those that are equally close, one that is no longer planned: it is most likely the one that was edited.
    pub(crate) fn closest(&self, seed: u64, settings: &Map<String, Value>) -> Option<usize> {
        let mut sought = vec![ABSENT; self.keys.len()];
        for (key, value) in settings {
            // A key that no candidate has differs from all of them alike.
            if let Some(key) = self.keys.get(key) {
                sought[*key] = self.values.get(&text(value)).copied().unwrap_or(UNKNOWN);
            }
        }
        let rank = |run: &usize| (distance(&self.runs[*run].settings, &sought), self.runs[*run].planned);
        match self.by_seed.get(&seed) {
            Some(same_seed) => same_seed.iter().copied().min_by_key(rank),
            None => (0..self.runs.len()).min_by_key(rank),
        }
    }

    fn number(&mut self, settings: &Map<String, Value>) -> Vec<u32> {
        let mut numbers = vec![ABSENT; self.keys.len()];
        for (key, value) in settings {
            let next = self.keys.len();
            let key = *self.keys.entry(key.clone()).or_insert(next);
            let next = self.values.len() as u32 + 1;
            let value = *self.values.entry(text(value)).or_insert(next);
            numbers.resize(self.keys.len(), ABSENT);
            numbers[key] = value;
        }
        numbers
    }
}

fn distance(one: &[u32], other: &[u32]) -> usize {
    one.iter().zip(other).filter(|(one, other)| one != other).count()
}

/// The same for values that are the same: `1` is `1.0`.
fn text(value: &Value) -> String {
    value.as_f64().map_or_else(|| value.to_string(), |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::settings::flatten;
    use serde_json::json;

    #[test]
    fn the_closest_shares_most_settings() {
        let candidates = [
            (0, json!({"lr": 1e-4, "steps": 600}), true),
            (0, json!({"lr": 1e-3, "steps": 600}), true),
            (0, json!({"lr": 1e-3, "steps": 900}), false),
            (1, json!({"lr": 1e-3, "steps": 800, "new": 1}), false),
        ];
        let flat: Vec<_> =
            candidates.iter().map(|(seed, config, planned)| (*seed, flatten(config), *planned)).collect();
        let all = Candidates::of(flat.iter().map(|(seed, settings, planned)| (*seed, settings, *planned)));
        let check =
            |seed, config, expected| assert_eq!(all.closest(seed, &flatten(&config)), Some(expected), "{config}");
        check(0, json!({"lr": 1e-4, "steps": 800}), 0);
        check(0, json!({"lr": 1e-4, "steps": 600.0}), 0);
        // As close as the one before it, and no longer planned.
        check(0, json!({"lr": 1e-3, "steps": 800}), 2);
        check(0, json!({"lr": 1e-3, "steps": 600, "other": 7}), 1);
        // Its own seed, however far.
        check(1, json!({"lr": 1e-4, "steps": 600}), 3);
        check(2, json!({"lr": 1e-3, "steps": 800, "new": 1.0}), 3);
        assert_eq!(Candidates::of([].into_iter()).closest(0, &Map::new()), None);
    }
}
