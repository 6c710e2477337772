//! `runner init`.

use super::out;
use crate::cli::InitArgs;
use crate::error::Error;
use crate::plan::identity::short;
use models::preset::{self, Preset};
use serde_json::Value;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use training::RunConfig;

/// Beside the experiment file, which names it in its first line.
const SCHEMA: &str = "runner.schema.json";

/// Bytes of the longest schema.
const MAX_SCHEMA: u64 = 64 << 20;

/// Longer lines of settings are left to `runner plan --format json`.
const MAX_LINE: usize = 110;

/// Settings of `train` that every file states, with the preset's value if it has one.
const STATED: [&str; 2] = ["steps", "batch_size"];

pub(crate) fn run(arguments: &InitArgs) -> Result<ExitCode, Error> {
    let unknown = || Error::Usage(format!("there is no preset `{}`; `runner models` lists them", arguments.preset));
    let preset = preset::find(&arguments.preset).ok_or_else(unknown)?;
    let file = arguments.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}.yaml", preset.name)));
    let schema = file.with_file_name(SCHEMA);
    write_new(&file, &experiment(preset, &file))?;
    let text = serde_json::to_string_pretty(&experiment::schema::<RunConfig>()).expect("a schema is plain data") + "\n";
    let beside = match files::read(&schema, MAX_SCHEMA) {
        Ok(there) if there == text.as_bytes() => String::new(),
        Ok(_) => format!("\n{} is of another version: `runner schema` prints this one's", schema.display()),
        Err(_) => {
            write_new(&schema, &text)?;
            format!("\n{}: for editors, which then complete keys and check values", schema.display())
        }
    };
    let shown = file.display();
    out(format_args!(
        "{shown}: an experiment with {}{beside}\nrunner plan {shown}\nrunner sweep {shown}",
        preset.name
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a file that must not exist.
fn write_new(path: &Path, text: &str) -> Result<(), Error> {
    let written = File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => {
            Error::Usage(format!("{} is there already: name another with --out", path.display()))
        }
        _ => Error::Io { path: path.to_owned(), source },
    })
}

/// An experiment file with a preset: what is usually changed as settings, the preset's own as comments.
fn experiment(preset: &Preset, file: &Path) -> String {
    let Preset { name, about, paper, .. } = preset;
    let settings = preset.settings();
    let own = |section: &str| -> String {
        let pairs = settings[section].as_object().into_iter().flatten();
        let others = pairs.filter(|(key, _)| !STATED.contains(&key.as_str()));
        let lines = others.map(|(key, value)| format!("    # {key}: {}\n", flow(value)));
        lines.filter(|line| line.len() <= MAX_LINE).collect()
    };
    let (model, train) = (own("model"), own("train"));
    let [steps, batch_size] = STATED.map(|key| settings["train"].get(key).map(short));
    let (steps, batch_size) = (steps.unwrap_or("600".into()), batch_size.unwrap_or("64".into()));
    let file = file.file_name().unwrap_or_default().to_string_lossy();
    let (own, data) = match settings["model"]["task"]["kind"].as_str() {
        _ if preset.is_for_sounds() => {
            ("sounds: { name: wav-folder, path: sounds, hold_out: 0.1 }", flow(&settings["data"]))
        }
        _ if preset.is_for_videos() => {
            ("clips: { name: frames-folder, path: clips, size: 32, hold_out: 0.1 }", flow(&settings["data"]))
        }
        Some("translation") => {
            ("pictures: { name: paired-folder, path: pairs, size: 32 }", "{ name: emoji-pairs }".to_owned())
        }
        Some(_) => (
            "pictures: { name: unpaired-folder, path: two-kinds, size: 32 }",
            "{ name: shapes, count: 10000, paired: false }".to_owned(),
        ),
        None => {
            let own = "pictures: { name: image-folder, path: pictures, size: 32, hold_out: 0.1 }";
            (own, "{ name: mnist-10k }".to_owned())
        }
    };
    let frechet = "# Fréchet distance to held-out samples, by which the report ranks.";
    // Metrics compare as many real samples with as many others.
    let (judge, count, metrics) = match settings["model"]["task"].is_object() {
        true => ("# Beside copies of the inputs and others that need no network.", 500, "pairs, partner"),
        false if preset.is_for_sounds() => (frechet, 70, "frechet"),
        false if preset.is_for_videos() => (frechet, 500, "frechet, video_frechet, moving_digits"),
        false => (frechet, 1000, "frechet"),
    };
    format!(
        "\
# yaml-language-server: $schema={SCHEMA}
#
# {name}: {about} ({paper})
#
#   runner plan {file}     the runs, and every mistake with its line
#   runner sweep {file}    trains them and writes results/{name}/report.html; run again, it goes on
#   runner models                other presets, architectures, losses and penalties
#   runner data list             other data sets
name: {name}
description: |
  What is to be found out, for the top of the report.
run:
  # Your own {own}
  data: {data}
  model:
    preset: {name}
    # Its settings; one that is stated here replaces the preset's.
{model}  train:
    steps: {steps}               # updates of the generator
    batch_size: {batch_size}
{train}  sample: {{ every: 100, count: 64 }}
  {judge}
  evaluate: {{ every: 300, count: {count}, metrics: [{metrics}] }}
  checkpoint: {{ every: 300 }}
sweep:
  # Every combination of these values:
  # grid:
  #   train.*.lr: [1e-4, 2e-4, 4e-4]
  seeds: 2                   # replicates: without them a difference may be luck
"
    )
}

/// A value on one line of YAML.
fn flow(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let pairs: Vec<_> = map.iter().map(|(key, value)| format!("{key}: {}", flow(value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        value => short(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{ExecutionArgs, ExperimentArgs};
    use crate::plan::planning;
    use std::fs;

    fn plan(file: &Path, sets: &[&str]) -> Result<usize, String> {
        let sets = sets.iter().map(|set| (*set).to_owned()).collect();
        let experiment = ExperimentArgs { file: file.to_owned(), sets, results: "results".into() };
        let planned = planning::plan(&experiment, &ExecutionArgs::default());
        planned.map(|planned| planned.plan.runs.len()).map_err(|error| error.report())
    }

    #[test]
    fn the_file_of_every_preset_plans_also_with_its_settings_stated() {
        let folder = tempfile::tempdir().unwrap();
        for preset in preset::ALL {
            let file = folder.path().join(format!("{}.yaml", preset.name));
            let text = experiment(&preset, &file);
            assert!(text.starts_with("# yaml-language-server: $schema=runner.schema.json\n"));
            fs::write(&file, &text).unwrap();
            assert_eq!(plan(&file, &[]), Ok(2), "{text}");
            let is_setting = |line: &&str| line.starts_with("    # ") && !line.ends_with('.');
            let uncommented = |line: &str| if is_setting(&line) { line.replacen("# ", "", 1) } else { line.to_owned() };
            let stated: String = text.lines().map(|line| uncommented(line) + "\n").collect();
            fs::write(&file, &stated).unwrap();
            assert_eq!(plan(&file, &[]), Ok(2), "{stated}");
        }
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("mine.yaml");
        let arguments = InitArgs { preset: "mlp".to_owned(), out: Some(out.clone()) };
        run(&arguments).unwrap();
        assert!(folder.path().join(SCHEMA).is_file());
        fs::write(&out, "mine").unwrap();
        assert!(run(&arguments).unwrap_err().message().contains("mine.yaml is there already"));
        assert_eq!(fs::read_to_string(&out).unwrap(), "mine");
    }

    #[test]
    fn a_pipe_in_place_of_the_schema_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let schema = folder.path().join(SCHEMA);
        rustix::fs::mkfifoat(rustix::fs::CWD, &schema, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
        let arguments = InitArgs { preset: "mlp".to_owned(), out: Some(folder.path().join("mine.yaml")) };
        let message = run(&arguments).unwrap_err().message();
        assert!(message.contains("runner.schema.json is there already"), "{message}");
    }
}
