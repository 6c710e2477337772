//! `runner edit RUN apply`.

use super::chosen::Chosen;
use super::drawn::{Drawn, Made, Picture, Place};
use super::method::Named;
use super::{Context, Done};
use crate::cli::ApplyArgs;
use crate::error::Error;
use crate::text;
use serde_json::json;
use training::Codes;

/// Of the picture's usual name.
const STEM: &str = "edit";

/// Codes after an edit.
struct Edited {
    codes: Codes,
    what: String,
    method: Option<String>,
    amounts: Vec<f64>,
}

pub(super) fn run(context: &Context, arguments: &ApplyArgs) -> Result<Done, Error> {
    let place = Place::of_picture(context, arguments.out.as_ref(), STEM)?;
    let chosen = Chosen::of(context, &arguments.chosen)?;
    let Edited { codes, what, method, amounts } = match &arguments.to_class {
        Some(class) => to_class(context, &chosen.codes, class)?,
        None => along(context, &chosen.codes, arguments)?,
    };
    let samples = [&chosen.codes, &codes].map(|codes| context.editor.samples(codes));
    let in_front = if chosen.pictures.is_some() { "the picture, the sample of its code" } else { "before" };
    let columns: Vec<Vec<f32>> = chosen.pictures.into_iter().chain(samples).collect();
    let drawn = Drawn::of(context, &context.rows(&columns), columns.len());
    place.write(&drawn)?;
    let count = chosen.codes.len();
    Ok(Done {
        json: json!({ "count": count, "edit": what, "out": place.path }),
        text: format!(
            "{} of {}, before and after {what}: {}",
            text::count(count, "sample"),
            context.of(),
            place.path.display()
        ),
        made: Made {
            method,
            amounts,
            pictures: vec![Picture::alone(STEM, drawn)],
            ..Made::new("apply", what, format!("A row for each sample: {in_front}, and after."))
        },
    })
}

fn to_class(context: &Context, codes: &Codes, name: &str) -> Result<Edited, Error> {
    let class = context.class("--to-class", name)?;
    let codes = context.editor.of_class(codes, class).ok_or_else(|| {
        Error::Usage("--to-class: the run's styles are made of the class and the latent vector together".to_owned())
    })?;
    Ok(Edited { codes, what: format!("class {name}"), method: None, amounts: Vec::new() })
}

fn along(context: &Context, codes: &Codes, arguments: &ApplyArgs) -> Result<Edited, Error> {
    let (direction, amount) = (arguments.direction, arguments.amount);
    if !amount.is_finite() {
        return Err(Error::Usage("--amount must be a number".to_owned()));
    }
    let class = codes.classes().and_then(|classes| classes.first().copied()).unwrap_or_default();
    let Named { found, name, .. } = Named::of(context, &arguments.method, direction + 1, class)?;
    if direction >= found.deviations.len() {
        let there = found.deviations.len();
        return Err(Error::Usage(format!("--direction {direction}: there are {there} by {name}, from 0")));
    }
    let what = format!("{amount} deviations along {name} {direction}");
    let codes = context.editor.moved(codes, &found, direction, amount);
    Ok(Edited { codes, what, method: Some(name), amounts: vec![amount] })
}
