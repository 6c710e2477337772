//! Where the numbers come from, and how to get them again.

use super::format::{duration, shell_word};
use crate::run::RunView;
use crate::study::{Destination, Study, Sweep};
use record::{Plan, Provenance, SweepFolder};

/// Shell lines and what they do.
pub(super) fn commands(study: &Study, destination: &Destination) -> Vec<(&'static str, String)> {
    let logs = destination.tensorboard().to_string_lossy().into_owned();
    let sweep = |sweep: &Sweep| sweep_command(&sweep.folder, &sweep.plan);
    vec![
        (
            "Train again, or go on: runs that are done are kept",
            study.sweeps.iter().map(sweep).collect::<Vec<_>>().join("\n"),
        ),
        (
            "Open the curves and all samples in TensorBoard",
            format!(
                "tensorboard --host 127.0.0.1 --samples_per_plugin images=1000,audio=1000 --logdir {}",
                shell_word(&logs)
            ),
        ),
    ]
}

/// The command with all that lay over the experiment file.
fn sweep_command(folder: &SweepFolder, plan: &Plan) -> String {
    let environment = plan.environment.iter().filter_map(|setting| setting.split_once('='));
    let mut words: Vec<String> = environment.map(|(key, value)| format!("{key}={}", shell_word(value))).collect();
    words.push(format!("runner sweep {}", shell_word(&plan.experiment)));
    words.extend(plan.sets.iter().map(|set| format!("--set {}", shell_word(set))));
    let results = folder.path().parent().map(|results| results.to_string_lossy().into_owned()).unwrap_or_default();
    if !results.is_empty() && results != "results" {
        words.push(format!("--results {}", shell_word(&results)));
    }
    words.join(" ")
}

/// What the runs have in common; where they differ, each value once.
pub(super) fn summary(study: &Study, views: &[RunView]) -> Vec<(&'static str, String)> {
    let each = |value: fn(&Plan) -> &String| distinct(study.sweeps.iter().map(|sweep| value(&sweep.plan).clone()));
    let mut lines = vec![
        ("Experiment", each(|plan| &plan.experiment)),
        ("Digest of the experiment", each(|plan| &plan.experiment_digest)),
    ];
    if !study.members.is_empty() {
        lines.push(("Seeds", distinct(views.iter().map(|view| view.row.seed.to_string()))));
    }
    let known: Vec<_> = views.iter().filter_map(|view| view.provenance.as_ref()).map(lines_of).collect();
    if let Some(first) = known.first() {
        for (at, (label, _)) in first.iter().enumerate() {
            lines.push((label, distinct(known.iter().map(|lines| lines[at].1.clone()))));
        }
    }
    let features = views.iter().flat_map(|view| view.evaluations.iter());
    let features: Vec<String> = features.map(|found| format!("{} · {}", found.features, found.features_hash)).collect();
    if !features.is_empty() {
        lines.push(("Features", distinct(features.into_iter())));
    }
    lines
}

/// The commits of the runs, shortened.
pub(super) fn commits(views: &[RunView]) -> String {
    let short = |provenance: &Provenance| {
        let commit: String = provenance.git_commit.as_ref()?.chars().take(9).collect();
        Some(if provenance.git_dirty == Some(true) { format!("{commit} + changes") } else { commit })
    };
    distinct(views.iter().filter_map(|view| short(view.provenance.as_ref()?)))
}

/// All lines of one run.
pub(super) fn of_run(view: &RunView) -> Vec<(&'static str, String)> {
    let mut lines = view.provenance.as_ref().map(|provenance| lines_of(provenance).to_vec()).unwrap_or_default();
    let row = &view.row;
    lines.push(("Attempts", row.attempts.to_string()));
    lines.push(("Training time", duration(row.wall_secs)));
    lines.extend(row.weights_digest.clone().map(|digest| ("Digest of the final weights", digest)));
    lines
}

fn lines_of(provenance: &Provenance) -> [(&'static str, String); 7] {
    let commit = match (&provenance.git_commit, provenance.git_dirty) {
        (None, _) => "not in a repository".into(),
        (Some(commit), Some(true)) => format!("{commit}, with uncommitted changes"),
        (Some(commit), _) => commit.clone(),
    };
    let threads = if provenance.threads == 1 { "thread" } else { "threads" };
    let unchecked = if provenance.unchecked { " · unchecked: its numbers mean nothing" } else { "" };
    [
        ("Program", format!("runner {}", provenance.version)),
        ("Git commit", commit),
        ("Data set", format!("{} · {}{}", provenance.data, provenance.data_fingerprint, samples(provenance))),
        ("Classes", classes(provenance)),
        ("Device", format!("{} · {} {threads}{unchecked}", provenance.device, provenance.threads)),
        ("Machine", format!("{} · {}", provenance.host, provenance.os)),
        ("Numeric class", provenance.numeric_class.clone()),
    ]
}

/// ` · 90 to train on, 10 held out`, where that is recorded.
fn samples(provenance: &Provenance) -> String {
    let count = |key: &str| provenance.data_found.as_ref()?.get(key)?.as_u64();
    match (count("length"), count("held_out")) {
        (Some(length), Some(0)) => format!(" · {length} samples, none held out"),
        (Some(length), Some(held_out)) => format!(" · {length} samples to train on, {held_out} held out"),
        _ => String::new(),
    }
}

/// Their names, or how many there are.
fn classes(provenance: &Provenance) -> String {
    let count = provenance.domain.and_then(|domain| domain.classes).or(provenance.classes);
    match (&provenance.class_names[..], count) {
        ([], None) => "none".to_owned(),
        ([], Some(count)) => count.to_string(),
        (names, _) => bounded(names.iter().map(String::as_str)),
    }
}

/// The classes of the columns of the grids, a sentence; nothing where columns are no classes or have no names.
pub(super) fn columns(views: &[RunView]) -> String {
    let named = views.iter().filter_map(|view| view.provenance.as_ref()).map(|provenance| &provenance.column_classes);
    let names = named.filter(|names| !names.is_empty()).map(|names| bounded(names.iter().map(String::as_str)));
    let names = distinct(names);
    if names.is_empty() { names } else { format!(" Columns are classes, from the left: {names}.") }
}

/// Some names in a line.
fn bounded<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 40;
    let more = names.len().saturating_sub(SHOWN);
    let shown = names.take(SHOWN).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

fn distinct(values: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 6;
    let mut known: Vec<String> = Vec::new();
    for value in values {
        if !known.contains(&value) {
            known.push(value);
        }
    }
    let more = known.len().saturating_sub(SHOWN);
    known.truncate(SHOWN);
    let shown = known.join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}
