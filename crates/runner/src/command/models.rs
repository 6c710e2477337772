//! `runner models`.

use super::{out, print_json};
use crate::cli::{Format, FormatArgs};
use crate::error::Error;
use crate::text::table;
use family::{Family, Member};
use models::loss::LOSSES;
use models::{architecture, conditioning, penalty, preset};
use serde::Serialize;
use serde_json::{Value, json};
use std::process::ExitCode;

pub fn run(arguments: &FormatArgs) -> Result<ExitCode, Error> {
    let losses = LOSSES.members();
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
                "architectures": architecture::ALL,
                "conditionings": conditioning::ALL,
                "losses": losses.iter().map(named).collect::<Vec<_>>(),
                "penalties": penalty::ALL,
            }))?;
        }
        Format::Text => {
            let row = |cells: &[&str]| cells.iter().map(ToString::to_string).collect();
            let rows: Vec<Vec<String>> = preset::ALL.iter().map(|p| row(&[p.name, p.about, p.paper])).collect();
            out(format_args!("{}\n", table(&["model.preset", "", "paper"], &rows)))?;
            let rows: Vec<_> = architecture::ALL.iter().map(|a| row(&[a.name, a.about, a.settings, a.paper])).collect();
            out(format_args!("{}\n", table(&["architecture", "", "settings (default)", "paper"], &rows)))?;
            let rows: Vec<_> = conditioning::ALL.iter().map(|c| row(&[c.name, c.about, c.settings, c.paper])).collect();
            out(format_args!("{}\n", table(&["model.conditioning", "", "settings (default)", "paper"], &rows)))?;
            let rows: Vec<_> = losses
                .iter()
                .map(|member| (member.name(), member.entry()))
                .map(|(name, l)| row(&[name, l.discriminator, l.generator, l.paper]))
                .collect();
            out(format_args!("{}\n", table(&["model.loss", "discriminator", "generator", "paper"], &rows)))?;
            let rows: Vec<_> = penalty::ALL.iter().map(|p| row(&[p.name, p.formula, p.settings, p.paper])).collect();
            out(table(&["model.penalty", "", "settings (default)", "paper"], &rows))?;
        }
    }
    Ok(ExitCode::SUCCESS)
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
