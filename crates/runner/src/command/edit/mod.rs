//! `runner edit`: what a run's generator makes, changed: along directions, to another class, from pictures of one's own.

mod apply;
mod between;
mod chosen;
mod directions;
mod drawn;
mod invert;
mod method;

use super::{no_checkpoint, out, print_json};
use crate::cli::{EditArgs, EditCommand, Format};
use crate::error::Error;
use crate::inspect::find;
use crate::plan::planning;
use drawn::Made;
use models::{Domain, Space};
use record::RunFolder;
use serde_json::{Value, json};
use std::process::ExitCode;
use training::{EditError, Editor, RunConfig};

/// A run whose generator is edited.
struct Context<'a> {
    folder: &'a RunFolder,
    config: &'a RunConfig,
    domain: Domain,
    editor: Editor<'a>,
    /// Of the classes that the generator knows; empty where they are called 0, 1 ...
    names: Vec<String>,
    /// Under which name the edit is kept.
    keep: Option<&'a str>,
}

/// What a command has done: for programs, for people, and as it is kept.
struct Done {
    json: Value,
    text: String,
    made: Made,
}

pub(crate) fn run(arguments: &EditArgs) -> Result<ExitCode, Error> {
    let keep = arguments.keep.as_deref();
    keep.map_or(Ok(()), record::Edit::check_name).map_err(drawn::unkept)?;
    let folder = find::started(&arguments.run, &arguments.results)?;
    let device = training::select(&arguments.devices)?.devices[0];
    let config = planning::stored(&folder)?;
    let domain = find::domain(&folder, &config)?;
    if domain.output.is_points() {
        let id = folder.id();
        return Err(Error::Usage(format!("{id} makes points, and one point is nothing to edit")));
    }
    let refused = |error| refused(error, &folder);
    let Some(editor) = Editor::open(&config, domain, &folder, device, arguments.step).map_err(refused)? else {
        return Err(no_checkpoint(&folder, arguments.step));
    };
    let names = find::class_names(&folder);
    let context = Context { folder: &folder, config: &config, domain, editor, names, keep };
    let Done { mut json, mut text, made } = match &arguments.command {
        EditCommand::Directions(arguments) => directions::run(&context, arguments)?,
        EditCommand::Apply(arguments) => apply::run(&context, arguments)?,
        EditCommand::Invert(arguments) => invert::run(&context, arguments)?,
        EditCommand::Between(arguments) => between::run(&context, arguments)?,
    };
    if let Some(name) = keep {
        let kept = drawn::keep(&context, name, made)?;
        text += &format!("\nkept as {name}: `runner report` shows it");
        json["kept"] = json!(kept);
    }
    match arguments.format {
        Format::Json => {
            json["run"] = folder.id().into();
            json["step"] = context.editor.step().into();
            json["space"] = context.space().into();
            print_json(&json)?;
        }
        Format::Text => out(text)?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Context<'_> {
    /// What codes are, in a word.
    fn space(&self) -> &'static str {
        match self.editor.space() {
            Space::Latent => "latent",
            Space::Style => "style",
            Space::Frame => "frame",
        }
    }

    /// Where an edit is from, for people.
    fn of(&self) -> String {
        format!("{} at step {}", self.folder.id(), self.editor.step())
    }

    /// The number of a class that the generator knows.
    fn class(&self, option: &str, name: &str) -> Result<usize, Error> {
        let classes = self.config.model.conditioning.classes(&self.domain);
        super::sample::find_class(option, name, classes, &self.names)
    }

    /// Samples of several sets as rows: row i has sample i of each.
    fn rows(&self, columns: &[Vec<f32>]) -> Vec<f32> {
        let size = self.domain.output.values();
        let count = columns.first().map_or(0, Vec::len) / size;
        let row = |at: usize| columns.iter().flat_map(move |column| &column[at * size..(at + 1) * size]);
        (0..count).flat_map(row).copied().collect()
    }
}

fn refused(error: EditError, folder: &RunFolder) -> Error {
    match error {
        EditError::Device(error) => error.into(),
        error => Error::Usage(format!("{}: {error}", folder.id())),
    }
}

/// A number of a distortion, for programs.
fn rounded(values: &[f64]) -> Value {
    json!(values.iter().map(|value| (value * 1e6).round() / 1e6).collect::<Vec<_>>())
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
