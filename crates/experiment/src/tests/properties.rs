//! Random small sweeps against an expansion that is written as plainly as it can be.

use std::cell::Cell;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Map, Value, json};

use super::toy::{Case, points};

/// Settings that know nothing of each other, with their defaults.
const SETTINGS: [(&str, u64); 5] =
    [("train.steps", 600), ("train.batch_size", 64), ("train.critic_steps", 1), ("data.limit", 0), ("seed", 0)];
/// The values that they are given; some are the defaults.
const VALUES: [u64; 3] = [1, 2, 64];

#[derive(Clone, Debug)]
struct Axis {
    keys: Vec<&'static str>,
    /// A value for each key.
    steps: Vec<Vec<u64>>,
    /// An index among the keys of the axes above (beyond them: none), and values of which one will do.
    when: (usize, Vec<u64>),
}

#[derive(Clone, Debug)]
struct Sweep {
    grid: Vec<Axis>,
    zip: Vec<Axis>,
    exclude: Vec<Vec<(&'static str, u64)>>,
    include: Vec<Vec<(&'static str, u64)>>,
    seeds: Option<Vec<u64>>,
}

type Overrides = Vec<(&'static str, u64)>;

fn value() -> impl Strategy<Value = u64> {
    proptest::sample::select(VALUES.to_vec())
}

fn axis(keys: Vec<&'static str>) -> impl Strategy<Value = Axis> {
    let steps = vec(vec(value(), keys.len()), 1..5);
    (Just(keys), steps, (0_usize..3, vec(value(), 1..3))).prop_map(|(keys, steps, when)| Axis { keys, steps, when })
}

fn entries() -> impl Strategy<Value = Vec<Overrides>> {
    let keys: Vec<&'static str> = SETTINGS[..4].iter().map(|(key, _)| *key).collect();
    let entry = subsequence(keys, 1..3).prop_flat_map(|keys| {
        let count = keys.len();
        vec(value(), count).prop_map(move |values| keys.iter().copied().zip(values).collect())
    });
    vec(entry, 0..3)
}

fn sweep() -> impl Strategy<Value = Sweep> {
    let keys: Vec<&'static str> = SETTINGS[..4].iter().map(|(key, _)| *key).collect();
    let axes = subsequence(keys, 0..=4).prop_shuffle().prop_flat_map(|keys| {
        // The first axes are the grid's, the last two keys may be taken together.
        (Just(keys), 0_usize..=2).prop_flat_map(|(keys, zipped)| {
            let (grid, zip) = keys.split_at(keys.len().saturating_sub(zipped));
            let grid: Vec<_> = grid.iter().map(|key| axis(vec![*key])).collect();
            let zip: Vec<_> = (!zip.is_empty()).then(|| axis(zip.to_vec())).into_iter().collect();
            (grid, zip)
        })
    });
    let seeds = proptest::option::of(vec(0_u64..3, 1..4));
    (axes, entries(), entries(), seeds).prop_map(|((grid, zip), exclude, include, seeds)| Sweep {
        grid,
        zip,
        exclude,
        include,
        seeds,
    })
}

impl Sweep {
    fn axes(&self) -> Vec<&Axis> {
        self.grid.iter().chain(&self.zip).collect()
    }

    /// The key that an axis's condition looks at, if it has one.
    fn looks_at(&self, index: usize) -> Option<&'static str> {
        let axes = self.axes();
        let above: Vec<&'static str> = axes[..index].iter().flat_map(|axis| axis.keys.clone()).collect();
        above.get(axes[index].when.0).copied()
    }

    fn yaml(&self) -> String {
        let map = |entry: &Overrides| -> Value {
            entry.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect::<Map<_, _>>().into()
        };
        let lists = |index: usize, axis: &Axis| -> Map<String, Value> {
            let column = |at: usize| axis.steps.iter().map(|step| json!(step[at])).collect::<Value>();
            let mut map: Map<String, Value> =
                axis.keys.iter().enumerate().map(|(at, key)| ((*key).to_owned(), column(at))).collect();
            if let Some(key) = self.looks_at(index) {
                map.insert("when".to_owned(), json!({ key: axis.when.1 }));
            }
            map
        };
        let mut grid = Map::new();
        for (index, axis) in self.grid.iter().enumerate() {
            let mut lists = lists(index, axis);
            let values = lists.shift_remove(axis.keys[0]).unwrap();
            let when = lists.shift_remove("when");
            let value = when.map_or(values.clone(), |when| json!({ "values": values, "when": when }));
            grid.insert(axis.keys[0].to_owned(), value);
        }
        let zip: Vec<Value> = self.zip.iter().map(|axis| lists(self.grid.len(), axis).into()).collect();
        let exclude: Vec<Value> = self.exclude.iter().map(map).collect();
        let include: Vec<Value> = self.include.iter().map(map).collect();
        // JSON is YAML. More than one critic step needs a critic.
        let sweep = json!({ "grid": grid, "zip": zip, "exclude": exclude, "include": include, "seeds": self.seeds });
        json!({ "run": { "data": { "limit": 0 }, "model": { "loss": "hinge" } }, "sweep": sweep }).to_string()
    }

    /// Nested loops, as calls: the points as overrides and seed. `None` if a condition can never hold.
    fn naive(&self) -> Option<Vec<(Overrides, u64)>> {
        let axes = self.axes();
        let mut all: Vec<Overrides> = Vec::new();
        let mut met = vec![Vec::new(); axes.len()];
        self.descend(0, &mut Vec::new(), &mut all, &mut met);
        let is_met =
            |index: usize| self.looks_at(index).is_none() || axes[index].when.1.iter().all(|v| met[index].contains(v));
        if !(0..axes.len()).all(is_met) {
            return None;
        }
        if axes.is_empty() && !self.include.is_empty() {
            all.clear();
        }
        all.retain(|point| !self.exclude.iter().any(|entry| entry.iter().all(|(key, v)| of(point, key) == *v)));
        all.extend(self.include.iter().cloned());
        let mut found: Vec<(Overrides, u64)> = Vec::new();
        for point in all {
            for seed in self.seeds.clone().unwrap_or(vec![0]) {
                let is_known = found.iter().any(|(known, known_seed)| {
                    seed == *known_seed && SETTINGS.iter().all(|(key, _)| of(known, key) == of(&point, key))
                });
                if !is_known {
                    found.push((point.clone(), seed));
                }
            }
        }
        Some(found)
    }

    fn descend(&self, index: usize, point: &mut Overrides, all: &mut Vec<Overrides>, met: &mut [Vec<u64>]) {
        let axes = self.axes();
        let Some(axis) = axes.get(index) else {
            return all.push(point.clone());
        };
        if let Some(key) = self.looks_at(index) {
            let value = of(point, key);
            met[index].push(value);
            if !axis.when.1.contains(&value) {
                return self.descend(index + 1, point, all, met);
            }
        }
        for step in &axis.steps {
            let length = point.len();
            point.extend(axis.keys.iter().copied().zip(step.iter().copied()));
            self.descend(index + 1, point, all, met);
            point.truncate(length);
        }
    }
}

/// What a point has, by its overrides or by default.
fn of(point: &Overrides, key: &str) -> u64 {
    let stated = point.iter().find(|(known, _)| *known == key);
    let default = SETTINGS.iter().find(|(known, _)| *known == key);
    stated.or(default).map(|(_, value)| *value).unwrap()
}

/// Compares, and says whether the sweep has points and a condition.
fn check(sweep: &Sweep) -> Result<(bool, bool), TestCaseError> {
    let yaml = sweep.yaml();
    let files = &[("lr.yaml", yaml.as_str())];
    let case = Case { files, ..Case::default() };
    let load = || match case.load() {
        Ok(experiment) => points(&experiment).join("\n"),
        Err(_) => case.problems(),
    };
    let (loaded, expected) = (load(), sweep.naive());
    prop_assert_eq!(&load(), &loaded, "twice the same: {}", yaml);
    match &expected {
        None => prop_assert!(loaded.contains("never has the value"), "{}\n{}", yaml, loaded),
        Some(points) if points.is_empty() => {
            prop_assert!(loaded.contains("excludes every point"), "{}\n{}", yaml, loaded);
        }
        Some(points) => {
            let show = |(point, seed): &(Overrides, u64)| {
                let overrides: Vec<String> = point.iter().map(|(key, value)| format!("{key}={value}")).collect();
                format!("{} s{seed}", overrides.join(" "))
            };
            prop_assert_eq!(&loaded, &points.iter().map(show).collect::<Vec<_>>().join("\n"), "{}", yaml);
        }
    }
    Ok((expected.is_some_and(|points| !points.is_empty()), yaml.contains("when")))
}

#[test]
fn a_sweep_is_its_nested_loops() {
    let seed = RngSeed::Fixed(testing::seed());
    let mut runner =
        TestRunner::new(Config { cases: 400, rng_seed: seed, failure_persistence: None, ..Config::default() });
    let (expanded, conditional) = (Cell::new(0), Cell::new(0));
    let checked = runner.run(&sweep(), |sweep| {
        let (has_points, has_condition) = check(&sweep)?;
        expanded.set(expanded.get() + u32::from(has_points));
        conditional.set(conditional.get() + u32::from(has_points && has_condition));
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
    let (expanded, conditional) = (expanded.get(), conditional.get());
    assert!(expanded > 200 && conditional > 30, "{expanded} sweeps with points, {conditional} with a condition");
}
