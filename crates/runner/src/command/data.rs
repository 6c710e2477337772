//! `runner data`.

use super::{fetch, import, out, print_json, warn};
use crate::cli::{DataCommand, Format, FormatArgs};
use crate::error::Error;
use crate::text::table;
use data::{ClassCount, DataConfig, Description, Recorded, Sizes, catalog};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Classes that are named.
const MAX_CLASSES: usize = 40;

pub(crate) fn run(command: DataCommand) -> Result<ExitCode, Error> {
    match command {
        DataCommand::List(FormatArgs { format }) => list(format)?,
        DataCommand::Import(arguments) => return import::run(&arguments),
        DataCommand::Fetch { name, dir, mirror, format } => {
            fetch::run(&name, dir, mirror.as_deref(), format)?;
        }
        DataCommand::Show { name, path, labels, sets, format } => show(&config(&name, path, labels, &sets)?, format)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(format: Format) -> Result<(), Error> {
    let entries = catalog();
    match format {
        Format::Json => print_json(&entries)?,
        Format::Text => {
            let rows: Vec<Vec<String>> = entries
                .iter()
                .map(|entry| {
                    let here = if entry.available { "yes" } else { "no" };
                    let get = if entry.available { "" } else { entry.how_to_get };
                    [entry.name, here, entry.about, entry.licence, get].map(str::to_owned).to_vec()
                })
                .collect();
            out(table(&["name", "here", "about", "licence", "how to get it"], &rows))?;
        }
    }
    Ok(())
}

fn show(config: &DataConfig, format: Format) -> Result<(), Error> {
    let description = config.describe()?;
    warn(&description.passed_over.warnings);
    match format {
        Format::Json => print_json(&description)?,
        Format::Text => {
            let format = description.domain.output;
            let title = format!("{}:", format.noun());
            out(format_args!("name:         {}", description.name))?;
            out(format_args!("{title:<14}{}", length(&description)))?;
            if let samples::Format::Audio { channels, length, rate } = format {
                let seconds = length as f64 / f64::from(rate);
                out(format_args!(
                    "shape:        {channels} x {length} (channels, length) at {rate} Hz: {seconds:.2} s"
                ))?;
            } else if let samples::Format::Video { frames, image, fps } = format {
                let (axes, seconds) = (image.map(|side| side.to_string()).join(" x "), frames as f64 / f64::from(fps));
                out(format_args!(
                    "shape:        {frames} frames of {axes} (channels, height, width) at {fps} a second: {seconds:.2} s"
                ))?;
            } else if !format.is_points() {
                let axes = format.shape().map(|side| side.to_string()).join(" x ");
                out(format_args!("shape:        {axes} (channels, height, width)"))?;
            }
            out(format_args!("classes:      {}", classes(description.class_counts.as_deref())))?;
            if let Some(sizes) = description.sizes {
                out(format_args!("sizes:        {}", original(&sizes)))?;
            }
            if let Some(recorded) = &description.recorded {
                out(format_args!("recordings:   {}", recordings(recorded)))?;
            }
            if let Some(summary) = description.passed_over.summary() {
                out(format_args!("passed over:  {summary}"))?;
            }
            out(format_args!("fingerprint:  {}", description.fingerprint))?;
        }
    }
    Ok(())
}

/// `90 to train on, 10 held out`; the number alone where nothing is known of a test split.
pub(crate) fn length(description: &Description) -> String {
    match description.held_out {
        None => description.length.to_string(),
        Some(0) => format!("{}, none held out", description.length),
        Some(held_out) => format!("{} to train on, {held_out} held out", description.length),
    }
}

/// `32 x 32 to 640 x 480 (width, height), 3 not square`.
fn original(Sizes { smallest, largest, not_square }: &Sizes) -> String {
    let text = |[width, height]: &[u32; 2]| format!("{width} x {height}");
    let range = if smallest == largest { text(largest) } else { format!("{} to {}", text(smallest), text(largest)) };
    format!("{range} (width, height), {not_square} not square")
}

/// `0.12 to 3.40 s at 44100 Hz (90), 48000 Hz (10); mixed down: 40, resampled: 100, cut: 12, ended with silence: 88`.
pub(crate) fn recordings(recorded: &Recorded) -> String {
    let Recorded { shortest, longest, rates, mixed_down, resampled, cut, padded } = recorded;
    let rates: Vec<String> = rates.iter().map(|(rate, files)| format!("{rate} Hz ({files})")).collect();
    let done = [("mixed down", mixed_down), ("resampled", resampled), ("cut", cut), ("ended with silence", padded)];
    let done = done.iter().filter(|(_, files)| **files > 0).map(|(what, files)| format!("{what}: {files}"));
    let done = done.collect::<Vec<_>>().join(", ");
    let done = if done.is_empty() { done } else { format!("; {done}") };
    format!("{shortest:.2} to {longest:.2} s at {}{done}", rates.join(", "))
}

/// Their number, and how many samples each has.
pub(crate) fn classes(counts: Option<&[ClassCount]>) -> String {
    let Some(counts) = counts else { return "none".to_owned() };
    let text = |ClassCount { name, samples, held_out }: &ClassCount| match held_out {
        Some(held_out) => format!("{name} ({samples} + {held_out})"),
        None => format!("{name} ({samples})"),
    };
    let mut listed: Vec<String> = counts.iter().take(MAX_CLASSES).map(text).collect();
    if counts.len() > MAX_CLASSES {
        listed.push("...".to_owned());
    }
    format!("{}: {}", counts.len(), listed.join(", "))
}

/// A data set by its name, or that of the file or folder that `name` is. Goes through the configuration's own reader, so that
/// a new data set needs nothing here.
pub(super) fn config(
    name: &str,
    path: Option<PathBuf>,
    labels: Option<PathBuf>,
    sets: &[String],
) -> Result<DataConfig, Error> {
    let is_file = path.is_none() && catalog().iter().all(|entry| entry.name != name) && Path::new(name).exists();
    let (name, path) = if is_file { (data::source_of(Path::new(name))?, Some(name.into())) } else { (name, path) };
    let key = if name == "idx" { "images" } else { "path" };
    let mut value = serde_json::json!({ "name": name });
    for (key, path) in [(key, path), ("labels", labels)] {
        if let Some(path) = path {
            value[key] = path.to_string_lossy().into();
        }
    }
    for set in sets {
        let (key, text) = set.split_once('=').ok_or_else(|| Error::Usage(format!("`{set}`: write `KEY=VALUE`")))?;
        value[key] = serde_json::from_str(text).unwrap_or_else(|_| text.into());
    }
    let config: DataConfig = serde_json::from_value(value).map_err(|error| {
        let names: Vec<_> = catalog().iter().map(|entry| entry.name).collect();
        Error::Usage(format!("data set `{name}`: {error}; known are {}", names.join(", ")))
    })?;
    let problems: Vec<String> = config.check().into_iter().map(|problem| problem.message).collect();
    if problems.is_empty() { Ok(config) } else { Err(Error::Usage(problems.join("; "))) }
}
