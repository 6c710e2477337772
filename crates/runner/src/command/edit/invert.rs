//! `runner edit RUN invert`.

use super::chosen::{read, request};
use super::drawn::{Drawn, Made, Picture, Place};
use super::{Context, Done, mean, rounded};
use crate::cli::InvertArgs;
use crate::error::Error;
use crate::text::{self, number, table};
use data::Split;
use samples::npy;
use serde_json::{Value, json};

/// Of the picture's usual name.
const STEM: &str = "inverted";

/// Seed of the generated samples that are measured; the candidates have another.
const SEED: u64 = 1;

pub(super) fn run(context: &Context, arguments: &InvertArgs) -> Result<Done, Error> {
    let place = Place::of_picture(context, arguments.out.as_ref(), STEM)?;
    if arguments.images.is_empty() {
        return measure(context, arguments, &place);
    }
    let pictures = read(context, &arguments.images, &arguments.search)?;
    let found = invert(context, &pictures, arguments);
    if let Some(file) = &arguments.codes {
        let (numbers, width) = found.inverted.codes.numbers();
        super::super::write(file, &npy::write(&[numbers.len() / width, width], &numbers))?;
    }
    let drawn = Drawn::of(context, &found.rows, 3);
    place.write(&drawn)?;
    let row = |(at, file): (usize, &std::path::PathBuf)| {
        let [start, reached] = [found.inverted.started[at], found.inverted.reached[at]].map(number);
        vec![file.display().to_string(), start, reached]
    };
    let rows: Vec<Vec<String>> = arguments.images.iter().enumerate().map(row).collect();
    let classes = found.inverted.codes.classes();
    let pictures = text::count(arguments.images.len(), "picture");
    Ok(Done {
        json: json!({
            "images": arguments.images, "start": rounded(&found.inverted.started),
            "distortion": rounded(&found.inverted.reached), "classes": classes, "out": place.path,
        }),
        text: format!(
            "{pictures} in the {} space of {}: {}\n{}",
            context.space(),
            context.of(),
            place.path.display(),
            table(&["picture", "nearest sample", "distortion"], &rows)
        ),
        made: made(
            format!("{pictures} as codes"),
            drawn,
            &[("distortion", mean(&found.inverted.reached)), ("start", mean(&found.inverted.started))],
        ),
    })
}

/// As it is kept, with mean distortions.
fn made(what: String, drawn: Drawn, distortions: &[(&str, f64)]) -> Made {
    let layout =
        "A row for each: the picture, the nearest of 1,000 random samples, the sample of the code that was found.";
    let means: Vec<String> =
        distortions.iter().map(|(name, value)| format!("{} {}", name.replace('_', " "), number(*value))).collect();
    Made {
        note: format!("Mean distortions as shares of white - black: {}.", means.join(", ")),
        values: distortions.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
        pictures: vec![Picture::alone(STEM, drawn)],
        ..Made::new("invert", what, layout.to_owned())
    }
}

/// What was found, and it in rows: the picture, the nearest sample, the sample of the code.
struct Found {
    inverted: training::Inverted,
    rows: Vec<f32>,
}

fn invert(context: &Context, pictures: &[f32], arguments: &InvertArgs) -> Found {
    let inverted = context.editor.invert(pictures, &request(&arguments.search));
    let [start, made] = [&inverted.start, &inverted.codes].map(|codes| context.editor.samples(codes));
    let rows = context.rows(&[pictures.to_vec(), start, made]);
    Found { inverted, rows }
}

/// How near codes come to real samples that no network has seen, and to the generator's own.
fn measure(context: &Context, arguments: &InvertArgs, place: &Place) -> Result<Done, Error> {
    let count = arguments.count.get();
    let test = context.config.data.open(Split::Test)?;
    let (dataset, split) =
        if test.is_empty() { (context.config.data.open(Split::Train)?, "training") } else { (test, "held-out") };
    let chosen: Vec<usize> = metrics::permutation(dataset.len(), 0).into_iter().take(count).collect();
    let mut real = Vec::new();
    dataset.read_into(&chosen, &mut real);
    let own = context.editor.samples(&context.editor.draw(count, SEED, None));
    let [of_real, of_own] = [invert(context, &real, arguments), invert(context, &own, arguments)];
    let drawn = Drawn::of(context, &[&of_real.rows[..], &of_own.rows].concat(), 3);
    place.write(&drawn)?;
    let row = |what: &str, found: &Found| {
        let [start, reached] = [&found.inverted.started, &found.inverted.reached].map(|values| number(mean(values)));
        vec![what.to_owned(), found.inverted.reached.len().to_string(), start, reached]
    };
    let described = |found: &Found| -> Value {
        json!({ "start": rounded(&found.inverted.started), "distortion": rounded(&found.inverted.reached) })
    };
    let rows = [row(&format!("real, {split}"), &of_real), row("generated", &of_own)];
    Ok(Done {
        json: json!({ "split": split, "real": described(&of_real), "generated": described(&of_own), "out": place.path }),
        text: format!(
            "codes in the {} space of {}: {}\n{}",
            context.space(),
            context.of(),
            place.path.display(),
            table(&["pictures", "count", "nearest sample", "distortion"], &rows)
        ),
        made: made(
            format!("{count} real ({split}) and {count} generated samples as codes"),
            drawn,
            &[
                ("distortion_real", mean(&of_real.inverted.reached)),
                ("start_real", mean(&of_real.inverted.started)),
                ("distortion_generated", mean(&of_own.inverted.reached)),
                ("start_generated", mean(&of_own.inverted.started)),
            ],
        ),
    })
}
