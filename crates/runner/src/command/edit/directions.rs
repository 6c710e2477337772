//! `runner edit RUN directions`.

use super::chosen::Chosen;
use super::drawn::{Drawn, Made, Picture, Place};
use super::method::{Judged, Named};
use super::{Context, Done};
use crate::cli::DirectionsArgs;
use crate::error::Error;
use crate::inspect::judge::Judge;
use crate::text::{number, table};
use samples::npy;
use serde_json::json;
use std::collections::BTreeMap;
use training::Editability;

/// Samples of a strip, from one side to the other.
const ON_STRIP: usize = 7;

pub(super) fn run(context: &Context, arguments: &DirectionsArgs) -> Result<Done, Error> {
    let amount = arguments.amount;
    if !amount.is_finite() {
        return Err(Error::Usage("--amount must be a number".to_owned()));
    }
    let class = arguments.chosen.class.as_deref().map(|name| context.class("--class", name)).transpose()?;
    let Named { found, name, judged } =
        Named::of(context, &arguments.method, arguments.top.get(), class.unwrap_or_default())?;
    let judged = match judged {
        None if arguments.editability => {
            Some(Judged { judge: Judge::of(context.config, &context.domain, "--editability")?, class: None })
        }
        judged => judged,
    };
    let measured = judged
        .as_ref()
        .map(|judged| context.editor.editability(&found, amount, class, |one, other| judged.change(one, other)));
    let chosen = Chosen::of(context, &arguments.chosen)?;
    let place = Place::of_folder(context, arguments.out.as_ref(), "directions");
    let vectors = &found.directions.vectors;
    let numbers: Vec<f32> = vectors.iter().map(|value| *value as f32).collect();
    let others = vec![(format!("{name}.npy"), npy::write(&[vectors.nrows(), vectors.ncols()], &numbers))];
    let amounts: Vec<f64> = (0..ON_STRIP).map(|at| (at as f64 / (ON_STRIP - 1) as f64 * 2.0 - 1.0) * amount).collect();
    let (mut rows, mut described, mut pictures) = (Vec::new(), Vec::new(), Vec::new());
    for (direction, (strength, deviation)) in found.directions.strengths.iter().zip(&found.deviations).enumerate() {
        let moved =
            |amount: &f64| context.editor.samples(&context.editor.moved(&chosen.codes, &found, direction, *amount));
        let columns: Vec<Vec<f32>> = amounts.iter().map(moved).collect();
        let stem = format!("{name}-{direction:02}");
        let file = place.file(&stem);
        let mut row = vec![direction.to_string(), number(*strength), number(*deviation)];
        let mut values = vec![("strength", *strength), ("deviation", *deviation)];
        let mut note = format!("strength {}", number(*strength));
        if let Some(Editability { change, random, interval: [low, high] }) =
            measured.as_ref().map(|measured| measured[direction])
        {
            let interval = format!("{} to {}", number(low), number(high));
            note += &format!(", change {}; random directions {} ({interval})", number(change), number(random));
            row.extend([number(change), number(random), interval]);
            values.extend([("change", change), ("random", random), ("random_low", low), ("random_high", high)]);
        }
        row.push(file.display().to_string());
        rows.push(row);
        let values: BTreeMap<String, f64> = values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let mut line = json!(values);
        line["file"] = json!(file);
        described.push(line);
        let drawn = Drawn::of(context, &context.rows(&columns), ON_STRIP);
        pictures.push(Picture { stem, label: format!("{name} {direction}"), note, values, drawn });
    }
    place.write_all(&pictures, &others)?;
    let explained = judged.as_ref().map(explained);
    let text = format!(
        "{name} of {}, in {} space; from -{amount} to {amount} standard deviations\n{}",
        context.of(),
        context.space(),
        table(&heads(judged.is_some()), &rows),
    );
    let accuracy = judged.as_ref().and_then(|judged| judged.judge.accuracy);
    let mut json = json!({ "method": name, "directions": described, "amounts": amounts });
    if judged.is_some() {
        json["classifier_accuracy"] = json!(accuracy);
    }
    Ok(Done {
        json,
        text: [text].into_iter().chain(explained.clone()).collect::<Vec<_>>().join("\n"),
        made: Made {
            method: Some(name.clone()),
            note: explained.unwrap_or_default(),
            values: accuracy.map(|accuracy| ("classifier_accuracy".to_owned(), accuracy)).into_iter().collect(),
            amounts,
            pictures,
            others,
            ..Made::new("directions", format!("by {name}"), layout(amount))
        },
    })
}

fn layout(amount: f64) -> String {
    format!("A row for each sample, from -{amount} to {amount} standard deviations; in the middle the sample.")
}

fn heads(judged: bool) -> Vec<&'static str> {
    let measured: &[&str] = if judged { &["change", "random", "95 %"] } else { &[] };
    [&["direction", "strength", "deviation"], measured, &["strip"]].concat()
}

/// What the numbers are.
fn explained(Judged { judge, class }: &Judged) -> String {
    let what = match class {
        Some(_) => "by how much likelier the classifier takes samples for the class",
        None => "how far the classifier's probabilities move (total variation, 0 to 1)",
    };
    let right = judge
        .accuracy
        .map(|accuracy| format!(" The classifier gets {:.1} % of held-out samples right.", accuracy * 100.0));
    format!(
        "Change: {what} from one end to the other, in the mean over {} samples; random: the same of ten random directions as long, \
         their mean and where 95 % of further ones would be.{}",
        Editability::MOVED,
        right.unwrap_or_default(),
    )
}
