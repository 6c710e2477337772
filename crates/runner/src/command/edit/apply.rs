//! `runner edit RUN apply`.

use super::chosen::Chosen;
use super::method::Named;
use super::{Context, Done};
use crate::cli::ApplyArgs;
use crate::error::Error;
use serde_json::json;
use training::Codes;

pub(super) fn run(context: &Context, arguments: &ApplyArgs) -> Result<Done, Error> {
    let chosen = Chosen::of(context, &arguments.chosen)?;
    let (edited, what) = match &arguments.to_class {
        Some(class) => (to_class(context, &chosen.codes, class)?, format!("class {class}")),
        None => along(context, &chosen.codes, arguments)?,
    };
    let made = [&chosen.codes, &edited].map(|codes| context.editor.samples(codes));
    let columns: Vec<Vec<f32>> = chosen.pictures.into_iter().chain(made).collect();
    context.draw(&context.rows(&columns), columns.len(), &arguments.out)?;
    let count = chosen.codes.len();
    Ok(Done {
        json: json!({ "count": count, "edit": what, "out": arguments.out }),
        text: format!("{count} samples of {}, before and after {what}: {}", context.of(), arguments.out.display()),
    })
}

fn to_class(context: &Context, codes: &Codes, name: &str) -> Result<Codes, Error> {
    let class = context.class("--to-class", name)?;
    context.editor.of_class(codes, class).ok_or_else(|| {
        Error::Usage("--to-class: the run's styles are made of the class and the latent vector together".to_owned())
    })
}

fn along(context: &Context, codes: &Codes, arguments: &ApplyArgs) -> Result<(Codes, String), Error> {
    let (direction, amount) = (arguments.direction, arguments.amount);
    if !amount.is_finite() {
        return Err(Error::Usage("--amount must be a number".to_owned()));
    }
    let class = codes.classes().and_then(|classes| classes.first().copied()).unwrap_or_default();
    let Named { found, name } = Named::of(context, &arguments.method, direction + 1, class)?;
    if direction >= found.deviations.len() {
        let there = found.deviations.len();
        return Err(Error::Usage(format!("--direction {direction}: there are {there} by {name}, from 0")));
    }
    let what = format!("{amount} deviations along {name} {direction}");
    Ok((context.editor.moved(codes, &found, direction, amount), what))
}
