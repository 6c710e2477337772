//! `runner schema` takes the files that the program takes, and refuses unknown keys.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Number, Value, json};
use std::fs;
use std::path::Path;
use tests::{Case, Lab, misfit};

fn schema() -> Value {
    let schema = Lab::new().run("schema").exits(0).json();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    schema
}

fn json(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => {
            Number::from_f64(value.into_inner()).map_or(Value::Null, Value::Number)
        }
        Yaml::Value(Scalar::String(text)) => json!(text),
        Yaml::Sequence(items) => items.iter().map(json).collect(),
        Yaml::Mapping(map) => {
            let entry = |(key, value): (&Yaml, &Yaml)| (key.as_str().unwrap().to_owned(), json(value));
            Value::Object(map.iter().map(entry).collect::<Map<_, _>>())
        }
        _ => panic!("{yaml:?}"),
    }
}

fn parse(text: &str) -> Value {
    Yaml::load_from_str(text).unwrap().first().map(json).unwrap_or_default()
}

#[test]
fn every_valid_file_fits() {
    let schema = schema();
    let check = |name: &str, text: &str| {
        let misfit = misfit(&schema, &parse(text));
        assert!(misfit.is_none(), "{name}: {}", misfit.unwrap_or_default());
    };
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../experiments");
    let files = [shipped.clone(), shipped.join("papers")].into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    for path in files.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        check(&path.display().to_string(), &fs::read_to_string(path).unwrap());
    }
    for case in Case::all().iter().filter(|case| case.is_valid()) {
        check(&case.name, &case.text);
    }
    let lab = Lab::new();
    lab.tiny("one", "sweep: { grid: { train.generator.schedule: [linear], train.average: [none] } }");
    lab.run("sweep one.yaml").exits(0);
    let run = fs::read_dir(lab.path("results/one/runs")).unwrap().next().unwrap().unwrap().path();
    check("config.yaml", &fs::read_to_string(run.join("config.yaml")).unwrap());
}

#[test]
fn every_case_with_an_unknown_key_is_refused() {
    let schema = schema();
    let mut count = 0;
    for case in Case::all() {
        let out = fs::read_to_string(case.expected()).unwrap();
        let here = format!("--> {}.yaml:", case.name);
        if out.split("\n\n").any(|problem| problem.contains("unknown key") && problem.contains(&here)) {
            assert!(misfit(&schema, &parse(&case.text)).is_some(), "{}", case.name);
            count += 1;
        }
    }
    assert!(count > 5, "{count} cases have an unknown key");
}

/// One slip at a time; the program refuses them, too.
#[test]
fn every_slip_is_refused() {
    let schema = schema();
    for text in [
        "runs: 5",
        "name: my sweep",
        "name: 5",
        "extends: { a: b }",
        "run: 5",
        "run: { sed: 1 }",
        "run: { train.steps: 5 }",
        "run: { seed: -1 }",
        "run: { data: { name: mnist } }",
        "run: { data: { nam: mnist-10k } }",
        "run: { data: { name: mnist-10k, path: x } }",
        "run: { model: { preset: mpl } }",
        "run: { model: { loss: hing } }",
        "run: { model: { generator: { architecture: mlp, channels: 3 } } }",
        "run: { model: { generator: { chanels: 3 } } }",
        "run: { model: { penalty: r3 } }",
        "run: { model: { penalty: { kind: r1, target: 1 } } }",
        "run: { model: { penalty: [{ kind: r1 }, { kind: r3 }] } }",
        "run: { model: { discriminator: { architecture: mlp, norm: none } } }",
        "run: { train: { stesp: 5 } }",
        "run: { train: { steps: many } }",
        "run: { train: { batch_size: 8.5 } }",
        "run: { train: { average: yes } }",
        "run: { train: { average: { deacy: 0.9 } } }",
        "run: { train: { generator: { betas1: 0.5 } } }",
        "run: { train: { generator: { schedule: linaer } } }",
        "run: { train: { generator: { schedule: { kind: constant, warmup: 1 } } } }",
        "run: { train: { generator: { schedule: { kind: linear, warmpu: 1 } } } }",
        "run: { train: null }",
        "execution: { retry: 2 }",
        "execution: { jobs: 0 }",
        "execution: { timeout: 5 }",
        "execution: { timeout: soon }",
        "execution: { devices: [] }",
        "sweep: { seed: 3 }",
        "sweep: { seeds: 0 }",
        "sweep: { seeds: [] }",
        "sweep: { grid: { train.stesp: [1] } }",
        "sweep: { grid: { train.*.rl: [1] } }",
        "sweep: { grid: { train.*: [1] } }",
        "sweep: { grid: { train.steps: [] } }",
        "sweep: { grid: { train.steps: [many] } }",
        "sweep: { grid: { model.loss: { values: [hing] } } }",
        "sweep: { grid: { train.steps: { when: { seed: 1 } } } }",
        "sweep: { grid: { model.generator: [{ architecture: mlp, channels: 1 }] } }",
        "sweep: { grid: { train.steps: { values: [1], when: { model.loss: hing } } } }",
        "sweep: { exclude: [{ model.loss: hing }] }",
        "sweep: { grid: { train.steps: 5 } }",
        "sweep: { grid: { train.steps: { rang: [1, 2, 1] } } }",
        "sweep: { grid: { train.steps: { range: [1, 2] } } }",
        "sweep: { grid: { train.steps: { values: [1], range: [1, 2, 1] } } }",
        "sweep: { grid: { train.steps: { values: [1], wen: { seed: 1 } } } }",
        "sweep: { grid: { train.steps: { values: [1], when: { sed: 1 } } } }",
        "sweep: { grid: { when: { seed: 1 } } }",
        "sweep: { zip: [{ train.stesp: [1] }] }",
        "sweep: { zip: [{ train.steps: [1], when: { sed: 1 } }] }",
        "sweep: { zip: [{}] }",
        "sweep: { exclude: [{ sed: 1 }] }",
        "sweep: { exclude: [{}] }",
        "sweep: { include: [{ sed: 1 }] }",
        "sweep: { runs: [{ sed: 1 }] }",
        "sweep: { runs: [] }",
        "sweep: { runs: [{ seed: 1 }], grid: { train.steps: [1] } }",
        "sweep: { runs: [{ seed: 1 }], include: [{ seed: 2 }] }",
        "[]",
    ] {
        assert!(misfit(&schema, &parse(text)).is_some(), "{text}");
        let lab = Lab::new();
        lab.write("x.yaml", text);
        lab.run("plan x.yaml").exits(2);
    }
}

/// A person reads these while typing.
#[test]
fn every_setting_is_described() {
    let schema = schema();
    let undescribed = |name: &str, map: &Value| {
        let properties = map["properties"].as_object().into_iter().flatten();
        let named = properties.filter(|(key, _)| !["name", "architecture", "kind", "when"].contains(&key.as_str()));
        let bare = named.filter(|(_, value)| value["description"].as_str().is_none_or(str::is_empty));
        bare.map(|(key, _)| format!("{name}.{key}")).collect::<Vec<_>>()
    };
    let mut found = undescribed("", &schema);
    let definitions = schema["$defs"].as_object().unwrap().iter();
    for (name, definition) in
        definitions.filter(|(name, _)| !["Axes", "ZippedAxes", "When", "Settings"].contains(&name.as_str()))
    {
        found.extend(undescribed(name, definition));
        for variant in definition["anyOf"].as_array().into_iter().flatten().filter(|_| name != "Sweep") {
            found.extend(undescribed(name, variant));
        }
    }
    assert_eq!(found, [""; 0]);
}
