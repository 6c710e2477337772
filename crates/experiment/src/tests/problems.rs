//! Where problems are shown; how they look is in the cases of the whole program.

use super::toy::{Case, messages};

#[test]
fn places() {
    for (yaml, expected) in [
        // A check that fails by the file, by an axis, by a default.
        ("run: {train: {critic_steps: 5}}", "1:15 `run.train.critic_steps`: more than one critic step needs a critic"),
        (
            "sweep: {grid: {train.critic_steps: [1, 5]}}",
            "1:40 `run.train.critic_steps`: more than one critic step needs a critic",
        ),
        ("sweep: {zip: [{train.batch_size: [1, 0]}]}", "1:38 `run.train.batch_size`: a batch needs an image"),
        ("sweep: {include: [{train.batch_size: 0}]}", "1:38 `run.train.batch_size`: a batch needs an image"),
        // Presets.
        ("run: {model: {preset: guid}}", "1:23 unknown preset `guid`"),
        ("sweep: {grid: {model.preset: [guide, x]}}", "1:38 unknown preset `x`"),
        ("run: {model: {preset: 5}}", "1:23 `run.model.preset` must be text, not the number `5`"),
        // Maps in axis values.
        (
            "sweep: {grid: {model.generator: [{architecture: mlp, with: 1}]}}",
            "1:54 unknown key `with` in `run.model.generator`",
        ),
        (
            "sweep: {grid: {model.penalty: [{gradient_norm: {weight: a}}]}}",
            "1:57 `run.model.penalty.gradient_norm.weight` must be a number, not the text `a`",
        ),
        (
            "sweep: {grid: {model.penalty: [{gradient_norm: {}}]}}",
            "1:33 the key `weight` is missing in `run.model.penalty.gradient_norm`",
        ),
        (
            "sweep: {grid: {train.average.decay: [x]}}",
            "1:38 `run.train.average.decay` must be a number, not the text `x`",
        ),
        (
            "sweep: {grid: {evaluate.metrics: [[kid, kidd]]}}",
            "1:41 `kidd` is not a valid value of `run.evaluate.metrics[1]`",
        ),
        // Keys of axes.
        ("sweep: {grid: {train.*.beta3: [1]}}", "1:16 `train.*.beta3` matches no setting of `run`"),
        ("sweep: {grid: {'train.lr': [1]}}", "1:16 unknown key `lr` in `run.train`"),
        ("sweep: {grid: {run.train.lr: [1]}}", "1:26 unknown key `lr` in `run.train`"),
        ("sweep: {grid: {train.generator.lr.x: [1]}}", "1:32 `run.train.generator.lr` must be a number, not a map"),
        (
            "sweep: {grid: {train.*.lr: [1], train.generator.lr: [2]}}",
            "1:33 `train.generator.lr` is swept twice, also by `train.*.lr`",
        ),
        ("sweep: {grid: {seed: [1]}, seeds: 2}", "1:16 `seed` is set here and `sweep.seeds` is set: keep one of them"),
        ("sweep: {grid: {train..lr: [1]}}", "1:16 the key `train..lr` has an empty part"),
        ("sweep: {grid: {train.*: [1]}}", "1:16 the key `train.*` must end with a name, not with `*`"),
        ("sweep: {seeds: [1, -1]}", "1:20 a seed must be a whole number from 0, not the number `-1`"),
        ("sweep: {seeds: x}", "1:16 `sweep.seeds` must be a number of seeds or a list of seeds, not the text `x`"),
        ("sweep: {grid: {seed: [1]}, exclude: [{seed: 1}]}", "1:28 `sweep.exclude` excludes every point"),
        // Sections and what stands in them.
        ("run: 5", "1:6 `run` must be a map of settings, not the number `5`"),
        ("name: 5", "1:7 `name` must be text, not the number `5`"),
        ("name: .x", "1:7 the name `.x` cannot be used as a folder's name"),
        ("name: a/b", "1:7 the name `a/b` cannot be used as a folder's name"),
        ("run:\n\u{a0}\u{a0}seed: 1", "2:1 here stands U+00A0, a no-break space, which only looks like a space"),
        ("run: {seed:\u{a0}1}", "1:7 here stands U+00A0, a no-break space, which only looks like a space"),
        ("extends: {a: b}", "1:10 `extends` must be a path or a list of paths, not a map"),
        ("run: {train.steps: 5}", "1:7 unknown key `train.steps` in `run`"),
        ("run: {train: null}", "1:14 `run.train` must be a map of settings, not nothing"),
        ("run: {seed: -1}", "1:13 `run.seed` must be a whole number from 0, not the number `-1`"),
        ("run: {model: {loss: {kind: hinge, margn: 1}}}", "1:35 unknown key `margn` in `run.model.loss`"),
        (
            "run: {model: {loss: {kind: hinge, margin: x}}}",
            "1:43 `run.model.loss.margin` must be a number, not the text `x`",
        ),
        ("run: {model: {loss: {margin: 1}}}", "1:15 the key `kind` is missing in `run.model.loss`"),
        (
            "run: &a {seed: x}\nexecution: {jobs: x}",
            "1:16 `run.seed` must be a whole number from 0, not the text `x`; 2:19 `execution.jobs` must be `auto` or a whole number from 1, not the text `x`",
        ),
        ("run: {seed: 1, seed: 2}\nrun: {}", "1:16 duplicate key `seed`; 2:1 duplicate key `run`"),
        ("run: {data: {limit: 1e400}}", "1:21 `1e400` is not a finite number"),
    ] {
        assert_eq!(messages(yaml).join("; "), expected, "{yaml}");
    }
}

#[test]
fn places_do_not_depend_on_line_ends_or_aliases() {
    let yaml = "# ü\r\nrun:\r\n  train: &t { stps: 1 }\r\n";
    assert_eq!(messages(yaml), ["3:15 unknown key `stps` in `run.train`"]);
    let yaml = "run:\n  train:\n    generator: &g { lr: x }\n    discriminator: *g\n";
    let expected = [
        "3:25 `run.train.discriminator.lr` must be a number, not the text `x`",
        "3:25 `run.train.generator.lr` must be a number, not the text `x`",
    ];
    assert_eq!(messages(yaml), expected);
}

#[test]
fn a_faulty_argument_does_not_hide_the_file_s_faults() {
    let files = &[("lr.yaml", "run: {sed: 1, train: {critic_steps: 5}}")];
    let case = Case { files, sets: &["x"], ..Case::default() };
    let Err((_, problems)) = case.load() else {
        panic!("the argument has no value");
    };
    let messages: Vec<&str> = problems.iter().map(|problem| problem.summary.as_str()).collect();
    assert_eq!(messages, ["1:7 unknown key `sed` in `run`", "`x` has no value"]);
}

#[test]
fn each_problem_is_told_once_however_many_points_have_it() {
    let yaml = "run: {train: {steps: x}}\nsweep: {grid: {data.limit: {range: [1, 300, 1]}}, seeds: 30}";
    assert_eq!(messages(yaml).len(), 1);
}
