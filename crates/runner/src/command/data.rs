//! `runner data`.

use super::{out, print_json, warn};
use crate::cli::{DataCommand, Format, FormatArgs};
use crate::error::Error;
use crate::text::table;
use data::{ClassCount, DataConfig, catalog};
use std::path::PathBuf;
use std::process::ExitCode;

/// Classes that are named.
const MAX_CLASSES: usize = 40;

pub(crate) fn run(command: DataCommand) -> Result<ExitCode, Error> {
    match command {
        DataCommand::List(FormatArgs { format }) => list(format)?,
        DataCommand::Show { name, path, labels, format } => show(&config(&name, path, labels)?, format)?,
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
            out(format_args!("{title:<14}{}", description.length))?;
            if !format.is_points() {
                let axes = format.shape().map(|side| side.to_string()).join(" x ");
                out(format_args!("shape:        {axes} (channels, height, width)"))?;
            }
            out(format_args!("classes:      {}", classes(description.class_counts.as_deref())))?;
            if let Some(summary) = description.passed_over.summary() {
                out(format_args!("passed over:  {summary}"))?;
            }
            out(format_args!("fingerprint:  {}", description.fingerprint))?;
        }
    }
    Ok(())
}

/// Their number, and how many samples each has.
fn classes(counts: Option<&[ClassCount]>) -> String {
    let Some(counts) = counts else { return "none".to_owned() };
    let mut listed: Vec<String> =
        counts.iter().take(MAX_CLASSES).map(|ClassCount { name, samples }| format!("{name} ({samples})")).collect();
    if counts.len() > MAX_CLASSES {
        listed.push("...".to_owned());
    }
    format!("{}: {}", counts.len(), listed.join(", "))
}

/// Goes through the configuration's own reader, so that a new data set needs nothing here.
fn config(name: &str, path: Option<PathBuf>, labels: Option<PathBuf>) -> Result<DataConfig, Error> {
    let key = if name == "idx" { "images" } else { "path" };
    let mut value = serde_json::json!({ "name": name });
    for (key, path) in [(key, path), ("labels", labels)] {
        if let Some(path) = path {
            value[key] = path.to_string_lossy().into();
        }
    }
    serde_json::from_value(value).map_err(|error| {
        let names: Vec<_> = catalog().iter().map(|entry| entry.name).collect();
        Error::Usage(format!("data set `{name}`: {error}; known are {}", names.join(", ")))
    })
}
