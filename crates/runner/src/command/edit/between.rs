//! `runner edit RUN between`.

use super::chosen::Chosen;
use super::{Context, Done};
use crate::cli::BetweenArgs;
use crate::error::Error;
use serde_json::json;

pub(super) fn run(context: &Context, arguments: &BetweenArgs) -> Result<Done, Error> {
    let images = &arguments.chosen.images;
    if !images.is_empty() && images.len() != 2 {
        return Err(Error::Usage(format!("a way is between two pictures, and {} are named", images.len())));
    }
    if images.is_empty() && arguments.chosen.count.get() < 2 {
        return Err(Error::Usage("a way is between two samples: --count 2".to_owned()));
    }
    let chosen = Chosen::of(context, &arguments.chosen)?;
    let steps = usize::from(arguments.steps);
    let values = context.editor.samples(&context.editor.between(&chosen.codes, steps));
    let size = context.domain.output.values();
    // The pictures themselves stand at the ends.
    let values = match &chosen.pictures {
        Some(pictures) => [&pictures[..size], &values, &pictures[size..]].concat(),
        None => values,
    };
    context.draw(&values, values.len() / size, &arguments.out)?;
    Ok(Done {
        json: json!({ "steps": steps, "out": arguments.out }),
        text: format!("{steps} samples of {} on the way: {}", context.of(), arguments.out.display()),
    })
}
