//! `runner edit RUN directions`.

use super::chosen::Chosen;
use super::method::Named;
use super::{Context, Done};
use crate::cli::DirectionsArgs;
use crate::error::Error;
use crate::text::{number, table};
use samples::npy;
use serde_json::json;
use std::fs;

/// Samples of a strip, from one side to the other.
const ON_STRIP: usize = 7;

pub(super) fn run(context: &Context, arguments: &DirectionsArgs) -> Result<Done, Error> {
    if !arguments.amount.is_finite() {
        return Err(Error::Usage("--amount must be a number".to_owned()));
    }
    let class = arguments.chosen.class.as_deref().map(|name| context.class("--class", name)).transpose()?;
    let Named { found, name } = Named::of(context, &arguments.method, arguments.top.get(), class.unwrap_or_default())?;
    let chosen = Chosen::of(context, &arguments.chosen)?;
    let out = &arguments.out;
    fs::create_dir_all(out).map_err(Error::io(out))?;
    let vectors = &found.directions.vectors;
    let numbers: Vec<f32> = vectors.iter().map(|value| *value as f32).collect();
    super::super::write(&out.join(format!("{name}.npy")), &npy::write(&[vectors.nrows(), vectors.ncols()], &numbers))?;
    let amounts: Vec<f64> =
        (0..ON_STRIP).map(|at| (at as f64 / (ON_STRIP - 1) as f64 * 2.0 - 1.0) * arguments.amount).collect();
    let mut rows = Vec::new();
    let mut told = Vec::new();
    for (direction, strength) in found.directions.strengths.iter().enumerate() {
        let moved =
            |amount: &f64| context.editor.samples(&context.editor.moved(&chosen.codes, &found, direction, *amount));
        let columns: Vec<Vec<f32>> = amounts.iter().map(moved).collect();
        let file = out.join(format!("{name}-{direction:02}.png"));
        context.draw(&context.rows(&columns), ON_STRIP, &file)?;
        rows.push(vec![
            direction.to_string(),
            number(*strength),
            number(found.deviations[direction]),
            file.display().to_string(),
        ]);
        told.push(json!({ "strength": strength, "deviation": found.deviations[direction], "file": file }));
    }
    let text = format!(
        "{name} of {}, in {} space; from -{amount} to {amount} standard deviations\n{}",
        context.of(),
        context.space(),
        table(&["direction", "strength", "deviation", "strip"], &rows),
        amount = arguments.amount,
    );
    Ok(Done { json: json!({ "method": name, "directions": told, "amounts": amounts }), text })
}
