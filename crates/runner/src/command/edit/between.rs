//! `runner edit RUN between`.

use super::chosen::Chosen;
use super::drawn::{Drawn, Made, Picture, Place};
use super::{Context, Done};
use crate::cli::BetweenArgs;
use crate::error::Error;
use serde_json::json;

/// Of the picture's usual name.
const STEM: &str = "between";

pub(super) fn run(context: &Context, arguments: &BetweenArgs) -> Result<Done, Error> {
    let images = &arguments.chosen.images;
    if !images.is_empty() && images.len() != 2 {
        return Err(Error::Usage(format!("a way is between two pictures, and {} are named", images.len())));
    }
    if images.is_empty() && arguments.chosen.count.get() < 2 {
        return Err(Error::Usage("a way is between two samples: --count 2".to_owned()));
    }
    let place = Place::of_picture(context, arguments.out.as_ref(), STEM)?;
    let chosen = Chosen::of(context, &arguments.chosen)?;
    let steps = usize::from(arguments.steps);
    let values = context.editor.samples(&context.editor.between(&chosen.codes, steps));
    let size = context.domain.output.values();
    // The pictures themselves stand at the ends.
    let (values, ends) = match &chosen.pictures {
        Some(pictures) => ([&pictures[..size], &values, &pictures[size..]].concat(), "; at the ends the pictures"),
        None => (values, ""),
    };
    let drawn = Drawn::of(context, &values, values.len() / size);
    place.write(&drawn)?;
    Ok(Done {
        json: json!({ "steps": steps, "out": place.path }),
        text: format!("{steps} samples of {} on the way: {}", context.of(), place.path.display()),
        made: Made {
            pictures: vec![Picture::alone(STEM, drawn)],
            ..Made::new("between", "the way between two samples".to_owned(), format!("{steps} samples{ends}."))
        },
    })
}
