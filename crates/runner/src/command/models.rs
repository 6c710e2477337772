//! `runner models`.

use super::{out, print_json};
use crate::cli::{Format, FormatArgs};
use crate::error::Error;
use crate::text::table;
use family::{Family, Member, Settings};
use models::conditioning::CONDITIONINGS;
use models::conditioning::unconditional::Unconditional;
use models::loss::LOSSES;
use models::penalty::PENALTIES;
use models::task::TASKS;
use models::{architecture, preset};
use serde::Serialize;
use serde_json::{Value, json};
use std::process::ExitCode;

pub(crate) fn run(arguments: &FormatArgs) -> Result<ExitCode, Error> {
    let conditionings = || CONDITIONINGS.members().iter().filter(|member| member.name() != Unconditional::NAME);
    match arguments.format {
        Format::Json => {
            let settings = |preset: &preset::Preset| {
                json!({
                    "name": preset.name,
                    "about": preset.about,
                    "paper": preset.paper,
                    "settings": preset.settings(),
                })
            };
            print_json(&json!({
                "presets": preset::ALL.iter().map(settings).collect::<Vec<_>>(),
                "tasks": TASKS.members().iter().map(named).collect::<Vec<_>>(),
                "architectures": architecture::entries(),
                "conditionings": conditionings().map(named).collect::<Vec<_>>(),
                "losses": LOSSES.members().iter().map(named).collect::<Vec<_>>(),
                "penalties": PENALTIES.members().iter().map(named).collect::<Vec<_>>(),
            }))?;
        }
        Format::Text => {
            let row = |cells: &[&str]| cells.iter().map(ToString::to_string).collect();
            let rows: Vec<Vec<String>> = preset::ALL.iter().map(|p| row(&[p.name, p.about, p.paper])).collect();
            out(format_args!("{}\n", table(&["model.preset", "", "paper"], &rows)))?;
            let rows = rows_of(TASKS.members(), |entry| [entry.about, entry.paper]);
            out(format_args!("{}\n", table(&["model.task", "", "paper"], &rows)))?;
            let rows: Vec<_> =
                architecture::entries().iter().map(|a| row(&[a.name, a.about, a.settings, a.paper])).collect();
            out(format_args!("{}\n", table(&["architecture", "", "settings (default)", "paper"], &rows)))?;
            let rows = rows_of(conditionings(), |entry| [entry.about, entry.settings, entry.paper]);
            out(format_args!("{}\n", table(&["model.conditioning", "", "settings (default)", "paper"], &rows)))?;
            let rows = rows_of(LOSSES.members(), |entry| [entry.discriminator, entry.generator, entry.paper]);
            out(format_args!("{}\n", table(&["model.loss", "discriminator", "generator", "paper"], &rows)))?;
            let rows = rows_of(PENALTIES.members(), |entry| [entry.formula, entry.settings, entry.paper]);
            out(table(&["model.penalty", "", "settings (default)", "paper"], &rows))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A line for each member: its name and what its entry says.
fn rows_of<'a, T: ?Sized + Family, const CELLS: usize>(
    members: impl IntoIterator<Item = &'a Member<T>>,
    cells: impl Fn(T::Entry) -> [&'static str; CELLS],
) -> Vec<Vec<String>> {
    let row = |member: &Member<T>| {
        let cells = cells(member.entry());
        [member.name()].into_iter().chain(cells).map(str::to_owned).collect()
    };
    members.into_iter().map(row).collect()
}

/// A member for programs: its name, then what its entry says.
fn named<T: ?Sized + Family>(member: &Member<T>) -> Value
where
    T::Entry: Serialize,
{
    let mut line = json!({ "name": member.name() });
    if let (Value::Object(line), Ok(Value::Object(entry))) = (&mut line, serde_json::to_value(member.entry())) {
        line.extend(entry);
    }
    line
}
