//! What to write here, for those who write it as another program has it: Hydra's `key=value`, a setting that stands deeper
//! in the file, a metric by its other name.

use crate::plan::settings::{flatten, folded_key};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use family::Family;
use metrics::Metric;
use training::RunConfig;

/// Places that a hint names.
const MAX_PLACES: usize = 3;

/// Settings by the names that other programs have for them.
const OTHER_NAMES: [(&str, &str); 5] = [
    ("learning_rate", "lr"),
    ("bs", "batch_size"),
    ("z_dim", "dim"),
    ("latent_dim", "dim"),
    ("n_critic", "critic_steps"),
];

/// Adds hints to an error of the command line.
pub(crate) fn on_arguments(mut error: clap::Error) -> clap::Error {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    let (argument, value) = (text(ContextKind::InvalidArg), text(ContextKind::InvalidValue));
    let hint = match error.kind() {
        ErrorKind::UnknownArgument => for_argument(&argument),
        ErrorKind::InvalidValue if argument.starts_with("--metrics") => {
            <dyn Metric as Family>::hint(&value).map(str::to_owned)
        }
        _ => None,
    };
    if let Some(hint) = hint {
        // A name that only looks alike is no help beside it.
        error.remove(ContextKind::SuggestedValue);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![hint.into()]));
    }
    error
}

fn for_argument(argument: &str) -> Option<String> {
    if ["-m", "--multirun"].contains(&argument) {
        return Some("every `sweep` section is many runs: `sweep: { grid: { train.*.lr: [1e-4, 1e-3] } }`".to_owned());
    }
    let (key, value) = argument.trim_start_matches('+').split_once('=')?;
    if key.is_empty() || key.starts_with('-') {
        return None;
    }
    Some(match value.contains(',') && !value.starts_with(['[', '{', '"', '\'']) {
        true => format!("several values are an axis: `--set 'sweep.grid.{key}=[{value}]'`, or in the file's `sweep`"),
        false => format!("settings are given with `--set {key}={value}`"),
    })
}

/// Hints for the problems of an experiment file, as they are printed: each once.
pub(crate) fn on_problems(problems: &str) -> Vec<String> {
    let keys = problems.split("unknown key `").skip(1).filter_map(|rest| {
        let (key, rest) = rest.split_once("` in `run")?;
        let section = rest.split('`').next()?.trim_start_matches('.');
        elsewhere(key, section)
    });
    let mut hints: Vec<String> = Vec::new();
    for hint in keys {
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints
}

/// Where a setting of this name is, other than in the section in which it was sought.
fn elsewhere(key: &str, section: &str) -> Option<String> {
    let name = OTHER_NAMES.iter().find(|(other, _)| *other == key).map_or(key, |(_, name)| name);
    let defaults: RunConfig = serde_json::from_value(serde_json::json!({})).ok()?;
    let settings = flatten(&serde_json::to_value(defaults).ok()?);
    let is_meant = |path: &&String| path.rsplit('.').next() == Some(name) && path.starts_with(section);
    let found: Vec<&String> = settings.keys().filter(is_meant).collect();
    let folded = found.iter().filter_map(|path| folded_key(path, |other| found.iter().any(|path| *path == other)));
    let places: Vec<String> = folded.map(|path| format!("`{path}`")).collect();
    match &places[..] {
        [] => None,
        [one] => {
            let both = if one.contains('*') { ", of both networks, or of one by its name" } else { "" };
            Some(format!("`{key}`: there is {one}{both}"))
        }
        several => Some(format!("`{key}`: there are {}", several[..several.len().min(MAX_PLACES)].join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::Parser;

    #[test]
    fn what_hydra_would_take_is_answered_with_what_is_written_here() {
        let check = |line: &str, words: &str| {
            let error = Cli::try_parse_from(line.split(' ')).unwrap_err();
            let shown = on_arguments(error).to_string();
            assert!(shown.contains(words), "{line}: {shown}");
        };
        check("runner sweep x.yaml train.steps=100", "tip: settings are given with `--set train.steps=100`");
        check("runner plan x.yaml +model.loss=hinge", "`--set model.loss=hinge`");
        check("runner sweep x.yaml train.*.lr=1e-4,1e-3", "`--set 'sweep.grid.train.*.lr=[1e-4,1e-3]'`");
        check("runner sweep x.yaml -m", "every `sweep` section is many runs");
        check("runner metrics a b --metrics fid", "the FID is `frechet` with");
        check("runner metrics a b --metrics frechett", "a similar value exists: 'frechet'");
        check("runner sweep x.yaml --results=x --reslts=y", "'--results'");
    }

    #[test]
    fn a_setting_that_stands_elsewhere_is_named_with_its_place() {
        let check = |problem: &str, expected: &[&str]| assert_eq!(on_problems(problem), expected);
        let lr = "`lr`: there is `train.*.lr`, of both networks, or of one by its name";
        check("error: unknown key `lr` in `run.train`\n ... unknown key `lr` in `run.train`", &[lr]);
        check("unknown key `lr` in `run`", &[lr]);
        check("unknown key `batch_size` in `run`", &["`batch_size`: there is `train.batch_size`"]);
        check(
            "unknown key `learning_rate` in `run.train`",
            &["`learning_rate`: there is `train.*.lr`, of both networks, or of one by its name"],
        );
        check("unknown key `lr` in `run.model`", &[]);
        check("unknown key `nonsense` in `run`", &[]);
    }
}
