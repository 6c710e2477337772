//! Nothing that a file holds makes the reader panic or hang.

use std::fs;
use std::path::Path;
use std::time::Instant;

use tempfile::TempDir;

use super::toy::{Case, Toy, messages, problems};
use crate::{Request, Tags, load};

/// A small generator of the same numbers each time (Marsaglia's xorshift).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// The file alone, without layers above or below it.
fn request(file: &Path) -> Request<'_> {
    Request {
        file,
        sets: &[],
        environment: &[],
        preset: &|_| None,
        presets: &[],
        tags: Tags::default(),
        paths: &[],
        devices: &|_| None,
    }
}

fn load_bytes(bytes: &[u8]) -> String {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("x.yaml");
    fs::write(&file, bytes).unwrap();
    let loaded = load::<Toy>(&request(&file));
    match loaded {
        Ok(_) => "no problems".to_owned(),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn garbage_ends_in_an_error() {
    let mut noise = Noise(42);
    let megabyte = 1 << 20;
    let bytes: Vec<u8> = (0..megabyte).map(|_| noise.next() as u8).collect();
    assert!(load_bytes(&bytes).contains("it is not UTF-8 text (line 1)"));

    let alphabet: Vec<char> = "abc:-[]{},&*!|>'\"%@`#? \n\té0.1e".chars().collect();
    let text = |noise: &mut Noise, length: usize| -> String {
        (0..length).map(|_| alphabet[noise.below(alphabet.len())]).collect()
    };
    load_bytes(text(&mut noise, megabyte).as_bytes());
    for _ in 0..2000 {
        let length = noise.below(60);
        let garbage = text(&mut noise, length);
        problems(&garbage);
    }
}

#[test]
fn large_and_flat_files_end_in_time() {
    let started = Instant::now();
    for text in [
        "a".repeat(1 << 20),
        "a: 1\n".repeat(1 << 18),
        "a,".repeat(1 << 19),
        format!("run: [{}]", "a,".repeat(1 << 19)),
        format!("run: {{{}}}", "a: 1,".repeat(1 << 17)),
        (0..1 << 16).map(|i| format!("k{i}: 1\n")).collect(),
        format!("run:\n{}", (0..1 << 15).map(|i| format!("  k{i}: 1\n")).collect::<String>()),
        "[".repeat(1 << 20),
        "{".repeat(1 << 20),
        "- ".repeat(1 << 19),
        "? ".repeat(1 << 19),
        "&a ".repeat(1 << 18),
        "\"".to_owned() + &"x".repeat(1 << 20),
        "'".repeat(1 << 20),
        "\n".repeat(1 << 20),
        "#".repeat(1 << 20),
        "a:\n".repeat(1 << 10),
        "!".repeat(1 << 20),
        "x".repeat(5 << 20),
    ] {
        let shown = load_bytes(text.as_bytes());
        assert!(shown.len() < 200_000);
    }
    assert!(started.elapsed().as_secs() < 180, "{:?}", started.elapsed());
}

#[test]
fn mutated_experiments_do_not_panic() {
    let valid = "name: lr
run:
  seed: 0
  model: { preset: guide, loss: { kind: hinge, margin: 1 }, penalty: { gradient_norm: { weight: 1 } } }
  train: { steps: 600, generator: { optimizer: adam, lr: 2.0e-4 } }
sweep:
  grid:
    train.*.lr: { logspace: [1.0e-5, 1.0e-2, 4] }
    model.loss: [non_saturating, hinge]
    train.critic_steps: { values: [1, 2], when: { model.loss: hinge, train.*.lr: [1e-4, 1e-3] } }
  zip: [ { train.steps: [1, 2], data.name: [a, b] } ]
  exclude: [ { model.loss: hinge, train.*.lr: 1.0e-2 } ]
  include: [ { model.loss: hinge } ]
  seeds: 3
execution: { devices: [cpu], jobs: 2, timeout: 2h }
";
    assert_eq!(problems(valid), "no problems");
    let mut noise = Noise(7);
    let words: Vec<&str> = valid.split_whitespace().collect();
    for _ in 0..2000 {
        let mut text = valid.to_owned();
        for _ in 0..=noise.below(3) {
            let at = noise.below(text.len());
            match noise.below(3) {
                0 => {
                    text.remove(at);
                }
                1 => text.insert_str(at, words[noise.below(words.len())]),
                _ => text.replace_range(at..=at, ["{", "}", "[", "]", ":", ",", " "][noise.below(7)]),
            }
        }
        problems(&text);
    }
}

#[test]
fn what_is_no_experiment_is_refused() {
    for (yaml, expected) in [
        (
            "- a\n- b",
            "1:1 an experiment is a map with the keys `name`, `description`, `extends`, `run`, `sweep`, `execution`, not a list",
        ),
        (
            "hello",
            "1:1 an experiment is a map with the keys `name`, `description`, `extends`, `run`, `sweep`, `execution`, not the text `hello`",
        ),
        ("a: \0", "1:4 this text contains a control character that YAML forbids"),
        ("run: {}\n---\nrun: {}", "2:1 a second YAML document begins here, but an experiment is one document"),
        ("run:\n  train: {}\n\tseed: 1", "3:2 invalid YAML: "),
    ] {
        let found = messages(yaml);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(expected), "{found:?}");
    }
}

#[test]
fn folders_and_missing_files_are_refused() {
    let folder = TempDir::new().unwrap();
    for (file, expected) in
        [(folder.path().to_path_buf(), "it is a folder"), (folder.path().join("no.yaml"), "No such file")]
    {
        let problems = load::<Toy>(&request(&file)).unwrap_err().to_string();
        assert!(problems.contains(expected), "{problems}");
    }
}

#[test]
fn diamonds_of_files_are_limited() {
    let names: Vec<(String, String)> = (0..40)
        .map(|level| {
            let next = format!("f{}.yaml", level + 1);
            (format!("f{level}.yaml"), format!("extends: [{next}, {next}]"))
        })
        .chain([("f40.yaml".to_owned(), String::new())])
        .collect();
    let files: Vec<(&str, &str)> = names.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let case = Case { files: &files, ..Case::default() };
    assert!(case.problems().contains("more than 256 files are merged"));
}

#[test]
fn keys_and_sweeps_are_limited() {
    let long = format!("{}=1", vec!["a"; 5000].join("."));
    let files = &[("lr.yaml", "")];
    let case = Case { files, sets: &[&long], ..Case::default() };
    assert!(case.problems().contains("the key has more than 64 parts"));
    let axis = format!("sweep: {{grid: {{{}: [1]}}}}", vec!["a"; 5000].join("."));
    assert!(problems(&axis).contains("has too many parts"));
    let many = "{range: [1, 1000, 1]}";
    let grid = format!("sweep: {{grid: {{train.steps: {many}, train.batch_size: {many}, seed: {many}}}}}");
    assert!(problems(&grid).contains("the sweep has more than 100000 points"));
    let axes: String = (0..5000).map(|index| format!("x{index}: {{values: [1], when: {{seed: 0}}}},")).collect();
    assert!(problems(&format!("sweep: {{grid: {{{axes}}}}}")).contains("the sweep has more than 100 axes"));
    // Of a product that is too large, the points that exist may be few.
    let grid = format!(
        "sweep: {{grid: {{seed: {many}, train.steps: {{range: [1, 500, 1], when: {{seed: 5}}}},
           train.batch_size: {{range: [1, 300, 1], when: {{train.steps: 7}}}}}}}}"
    );
    assert_eq!(super::toy::points(&super::toy::experiment(&grid)).len(), 999 + 499 + 300);
}
