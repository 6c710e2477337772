//! `runner edit RUN directions`.

use super::chosen::Chosen;
use super::drawn::{Drawn, Made, Picture, Place};
use super::method::Named;
use super::{Context, Done};
use crate::cli::DirectionsArgs;
use crate::error::Error;
use crate::text::{number, table};
use samples::npy;
use serde_json::json;

/// Samples of a strip, from one side to the other.
const ON_STRIP: usize = 7;

pub(super) fn run(context: &Context, arguments: &DirectionsArgs) -> Result<Done, Error> {
    let amount = arguments.amount;
    if !amount.is_finite() {
        return Err(Error::Usage("--amount must be a number".to_owned()));
    }
    let class = arguments.chosen.class.as_deref().map(|name| context.class("--class", name)).transpose()?;
    let Named { found, name } = Named::of(context, &arguments.method, arguments.top.get(), class.unwrap_or_default())?;
    let chosen = Chosen::of(context, &arguments.chosen)?;
    let place = Place::of_folder(context, arguments.out.as_ref(), "directions");
    let vectors = &found.directions.vectors;
    let numbers: Vec<f32> = vectors.iter().map(|value| *value as f32).collect();
    let others = vec![(format!("{name}.npy"), npy::write(&[vectors.nrows(), vectors.ncols()], &numbers))];
    let amounts: Vec<f64> = (0..ON_STRIP).map(|at| (at as f64 / (ON_STRIP - 1) as f64 * 2.0 - 1.0) * amount).collect();
    let (mut rows, mut told, mut pictures) = (Vec::new(), Vec::new(), Vec::new());
    for (direction, (strength, deviation)) in found.directions.strengths.iter().zip(&found.deviations).enumerate() {
        let moved =
            |amount: &f64| context.editor.samples(&context.editor.moved(&chosen.codes, &found, direction, *amount));
        let columns: Vec<Vec<f32>> = amounts.iter().map(moved).collect();
        let stem = format!("{name}-{direction:02}");
        let file = place.file(&stem);
        rows.push(vec![direction.to_string(), number(*strength), number(*deviation), file.display().to_string()]);
        told.push(json!({ "strength": strength, "deviation": deviation, "file": file }));
        pictures.push(Picture {
            stem,
            label: format!("{name} {direction}"),
            note: format!("strength {}", number(*strength)),
            values: [("strength", *strength), ("deviation", *deviation)]
                .map(|(key, value)| (key.to_owned(), value))
                .into(),
            drawn: Drawn::of(context, &context.rows(&columns), ON_STRIP),
        });
    }
    place.write_all(&pictures, &others)?;
    let text = format!(
        "{name} of {}, in {} space; from -{amount} to {amount} standard deviations\n{}",
        context.of(),
        context.space(),
        table(&["direction", "strength", "deviation", "strip"], &rows),
    );
    Ok(Done {
        json: json!({ "method": name, "directions": told, "amounts": amounts }),
        text,
        made: Made {
            method: Some(name.clone()),
            layout: format!(
                "A row for each sample, from -{amount} to {amount} standard deviations; in the middle the sample."
            ),
            amounts,
            pictures,
            others,
            ..Made::new("directions", format!("by {name}"), String::new())
        },
    })
}
