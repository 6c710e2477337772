//! What a person sees.

use insta::assert_snapshot;

use super::toy::{Case, messages, problems};

fn from_outside(yaml: &str, sets: &[&str], environment: &[(&str, &str)]) -> String {
    let files = &[("lr.yaml", yaml)];
    let case = Case { files, sets, environment };
    case.problems()
}

#[test]
fn everything_is_told_at_once() {
    let yaml = "\
name: my sweep
run:
  train:
    generator:     { optimizer: adam, lr: 2e-4, betas1: 0.5 }
    steps: abc
  model:
    loss: hingee
    penalty: { gradient_norm: { weight: x, q: 1 } }
    generator: { architecture: dcgan, chanels: 3 }
  evaluate: { metrics: [frechet, kidd, 3, prdcc] }
runs: 5
execution: { jobs: 0, timeout: 5, retry: 2 }
sweep:
  grid:
    train.stps: [1]
    train.*.lrr: [1]
    train.batch_size: 5
    train.generator.lr: [1, abc, 2]
  seed: 5
";
    assert_snapshot!(problems(yaml), @r"
    error: the name `my sweep` cannot be a folder's
     --> lr.yaml:1:7
      |
    1 | name: my sweep
      |       ^^^^^^^^ letters, digits, `.`, `_` and `-`, not a `.` first

    error: unknown key `betas1` in `run.train.generator`
     --> lr.yaml:4:49
      |
    4 |     generator:     { optimizer: adam, lr: 2e-4, betas1: 0.5 }
      |                                                 ^^^^^^ did you mean `beta1`?

    error: `run.train.steps` must be a whole number from 0, not the text `abc`
     --> lr.yaml:5:12
      |
    5 |     steps: abc
      |            ^^^

    error: `hingee` is no value of `run.model.loss`
     --> lr.yaml:7:11
      |
    7 |     loss: hingee
      |           ^^^^^^ did you mean `hinge`?

    error: `run.model.penalty.gradient_norm.weight` must be a number, not the text `x`
     --> lr.yaml:8:41
      |
    8 |     penalty: { gradient_norm: { weight: x, q: 1 } }
      |                                         ^

    error: unknown key `q` in `run.model.penalty.gradient_norm`
     --> lr.yaml:8:44
      |
    8 |     penalty: { gradient_norm: { weight: x, q: 1 } }
      |                                            ^ the only valid name is `weight`

    error: unknown key `chanels` in `run.model.generator`
     --> lr.yaml:9:39
      |
    9 |     generator: { architecture: dcgan, chanels: 3 }
      |                                       ^^^^^^^ did you mean `channels`?

    error: `kidd` is no value of `run.evaluate.metrics[1]`
      --> lr.yaml:10:34
       |
    10 |   evaluate: { metrics: [frechet, kidd, 3, prdcc] }
       |                                  ^^^^ did you mean `kid`?

    error: `run.evaluate.metrics[2]` must be a name or a map of settings, not the number `3`
      --> lr.yaml:10:40
       |
    10 |   evaluate: { metrics: [frechet, kidd, 3, prdcc] }
       |                                        ^

    error: `prdcc` is no value of `run.evaluate.metrics[3]`
      --> lr.yaml:10:43
       |
    10 |   evaluate: { metrics: [frechet, kidd, 3, prdcc] }
       |                                           ^^^^^ did you mean `prdc`?

    error: unknown key `runs`
      --> lr.yaml:11:1
       |
    11 | runs: 5
       | ^^^^ did you mean `run`?

    error: `execution.jobs` must be `auto` or a whole number from 1, not the number `0`
      --> lr.yaml:12:20
       |
    12 | execution: { jobs: 0, timeout: 5, retry: 2 }
       |                    ^

    error: `execution.timeout` must be a duration such as `90s`, `2h` or `1h30m`, not the number `5`
      --> lr.yaml:12:32
       |
    12 | execution: { jobs: 0, timeout: 5, retry: 2 }
       |                                ^

    error: unknown key `retry` in `execution`
      --> lr.yaml:12:35
       |
    12 | execution: { jobs: 0, timeout: 5, retry: 2 }
       |                                   ^^^^^ did you mean `retries`?

    error: unknown key `stps` in `run.train`
      --> lr.yaml:15:11
       |
    15 |     train.stps: [1]
       |           ^^^^ did you mean `steps`?

    error: `train.*.lrr` fits no setting of `run`
      --> lr.yaml:16:5
       |
    16 |     train.*.lrr: [1]
       |     ^^^^^^^^^^^ did you mean `lr`?

    error: the axis `train.batch_size` must be a list, not the number `5`
      --> lr.yaml:17:23
       |
    17 |     train.batch_size: 5
       |                       ^ write `[...]` even for one value

    error: `run.train.generator.lr` must be a number, not the text `abc`
      --> lr.yaml:18:29
       |
    18 |     train.generator.lr: [1, abc, 2]
       |                             ^^^

    error: unknown key `seed` in `sweep`
      --> lr.yaml:19:3
       |
    19 |   seed: 5
       |   ^^^^ did you mean `seeds`?
    ");
}

#[test]
fn what_comes_from_outside_the_file_is_shown_as_it_was_given() {
    let environment = &[("RUNNER_TRAIN__STEP", "5")];
    let sets = &["train.steps=abc", "train.*.lx=1", "foo.bar=1", "data={name: {a: 1}}"];
    assert_snapshot!(from_outside("", sets, environment), @r"
    error: unknown key `step` in `run.train`
     --> environment
      |
      | RUNNER_TRAIN__STEP=5
      |               ^^^^ did you mean `steps`?

    error: `run.train.steps` must be a whole number from 0, not the text `abc`
     --> command line
      |
      | --set train.steps=abc
      |                   ^^^

    error: `train.*.lx` fits no setting of `run`
     --> command line
      |
      | --set train.*.lx=1
      |       ^^^^^^^^^^ did you mean `lr`?

    error: unknown key `foo` in `run`
     --> command line
      |
      | --set foo.bar=1
      |       ^^^ valid names: `seed`, `data`, `model`, `train`, `evaluate`

    error: `run.data.name` must be text, not a map
     --> command line
      |
      | --set data={name: {a: 1}}
      |                   ^^^^^^
    ");
    assert_snapshot!(from_outside("", &["steps", "a..b=1", "extends=x", "seed=[1"], &[]), @r"
    error: `steps` has no value
     --> command line
      |
      | --set steps
      |       ^^^^^ write `KEY=VALUE`

    error: a part of the key is empty
     --> command line
      |
      | --set a..b=1
      |       ^^^^

    error: `extends` can be set in a file only
     --> command line
      |
      | --set extends=x
      |       ^^^^^^^

    error: invalid YAML: while parsing a flow sequence, expected ',' or ']'
     --> command line
      |
      | --set seed=[1
      |              ^
    ");
}

#[test]
fn faults_of_a_sweep_are_shown_where_they_are_written() {
    let yaml = "\
sweep:
  grid:
    train.steps: []
    train.batch_size: { logspce: [1, 2, 3] }
    train.critic_steps: { range: [1, 2, 0] }
    seed: 3
  zip:
    - { data.name: [a, b, c], data.limit: [1, 2] }
    - {}
    - 5
  exclude: [ { train.genertor.lr: 1 }, {}, x ]
  include: [ { model.los: hinge } ]
  seeds: 0
";
    assert_snapshot!(problems(yaml), @r"
    error: the axis `train.steps` has no values
     --> lr.yaml:3:18
      |
    3 |     train.steps: []
      |                  ^^

    error: unknown key `logspce` in the axis `train.batch_size`
     --> lr.yaml:4:25
      |
    4 |     train.batch_size: { logspce: [1, 2, 3] }
      |                         ^^^^^^^ did you mean `logspace`?

    error: `range` needs a step other than 0
     --> lr.yaml:5:34
      |
    5 |     train.critic_steps: { range: [1, 2, 0] }
      |                                  ^^^^^^^^^^

    error: the axis `seed` must be a list, not the number `3`
     --> lr.yaml:6:11
      |
    6 |     seed: 3
      |           ^ write `[...]` even for one value

    error: lists in one entry of `sweep.zip` must be equally long: `data.name` has 3, `data.limit` has 2
     --> lr.yaml:8:43
      |
    8 |     - { data.name: [a, b, c], data.limit: [1, 2] }
      |                                           ^^^^^^^

    error: an entry of `sweep.zip` has no keys
     --> lr.yaml:9:7
      |
    9 |     - {}
      |       ^^

    error: an entry of `sweep.zip` must be a map from keys to lists, not the number `5`
      --> lr.yaml:10:7
       |
    10 |     - 5
       |       ^

    error: unknown key `genertor` in `run.train`
      --> lr.yaml:11:22
       |
    11 |   exclude: [ { train.genertor.lr: 1 }, {}, x ]
       |                      ^^^^^^^^ did you mean `generator`?

    error: an empty entry of `sweep.exclude` excludes everything
      --> lr.yaml:11:40
       |
    11 |   exclude: [ { train.genertor.lr: 1 }, {}, x ]
       |                                        ^^

    error: an entry of `sweep.exclude` must be a map from keys to values, not the text `x`
      --> lr.yaml:11:44
       |
    11 |   exclude: [ { train.genertor.lr: 1 }, {}, x ]
       |                                            ^

    error: unknown key `los` in `run.model`
      --> lr.yaml:12:22
       |
    12 |   include: [ { model.los: hinge } ]
       |                      ^^^ did you mean `loss`?

    error: `sweep.seeds` must be a number of seeds from 1 to 100000, not `0`
      --> lr.yaml:13:10
       |
    13 |   seeds: 0
       |          ^
    ");
}

#[test]
fn circles_and_missing_files_show_the_chain() {
    let files: &[(&str, &str)] = &[
        ("a.yaml", "run: {}\nextends:\n  - base/b.yaml\n  - base/guid.yaml\n"),
        ("base/b.yaml", "extends: [../c.yaml]\nrun: { sed: 1 }\n"),
        ("base/guide.yaml", ""),
        ("c.yaml", "extends: a.yaml\n"),
    ];
    let shown = Case { files, ..Case::default() }.problems();
    assert_snapshot!(shown.replace("base/../", ""), @r"
    error: cannot read `base/guid.yaml`: No such file or directory (os error 2)
     --> a.yaml:4:5
      |
    4 |   - base/guid.yaml
      |     ^^^^^^^^^^^^^^ did you mean `guide.yaml`?

    error: `extends` goes in a circle: a.yaml → base/b.yaml → c.yaml → a.yaml
     --> c.yaml:1:10
      |
    1 | extends: a.yaml
      |          ^^^^^^
    ");
}

#[test]
fn a_fault_in_an_extended_file_is_shown_there() {
    let files: &[(&str, &str)] = &[
        ("a.yaml", "extends: b.yaml\nrun: { train: { steps: 5 } }\n"),
        ("b.yaml", "run: { train: { steps: x, lr: 5 } }\n"),
    ];
    assert_snapshot!(Case { files, ..Case::default() }.problems(), @r"
    error: unknown key `lr` in `run.train`
     --> b.yaml:1:27
      |
    1 | run: { train: { steps: x, lr: 5 } }
      |                           ^^ valid names: `steps`, `batch_size`, `critic_steps`, `generator`, `discriminator`, `average`
    ");
}

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
        ("sweep: {grid: {evaluate.metrics: [[kid, kidd]]}}", "1:41 `kidd` is no value of `run.evaluate.metrics[1]`"),
        // Keys of axes.
        ("sweep: {grid: {train.*.beta3: [1]}}", "1:16 `train.*.beta3` fits no setting of `run`"),
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
        ("name: .x", "1:7 the name `.x` cannot be a folder's"),
        ("name: a/b", "1:7 the name `a/b` cannot be a folder's"),
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
        ("run: {data: {limit: 1e400}}", "1:21 `1e400` is no finite number"),
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
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message()).collect();
    assert_eq!(messages, ["unknown key `sed` in `run`", "`x` has no value"]);
}

#[test]
fn each_problem_is_told_once_however_many_points_have_it() {
    let yaml = "run: {train: {steps: x}}\nsweep: {grid: {data.limit: {range: [1, 300, 1]}}, seeds: 30}";
    assert_eq!(messages(yaml).len(), 1);
}
