//! `runner extractor`.

use super::{out, print_json, say, write};
use crate::cli::{ExtractorCommand, Format, FormatArgs};
use crate::error::Error;
use crate::text::{number, table};
use data::{DataConfig, Split};
use features::{Classifier, Extractor, Labelled};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(command: ExtractorCommand) -> Result<ExitCode, Error> {
    match command {
        ExtractorCommand::List(FormatArgs { format }) => list(format)?,
        ExtractorCommand::Train { name, out, format } => train(&name, &out, format)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(format: Format) -> Result<(), Error> {
    match format {
        Format::Json => {
            let entry = |extractor: &&dyn Extractor| json!({ "name": extractor.name(), "about": extractor.about(), "hash": extractor.hash() });
            print_json(&features::ALL.iter().map(entry).collect::<Vec<Value>>())
        }
        Format::Text => {
            let row = |extractor: &&dyn Extractor| {
                vec![extractor.name().to_owned(), extractor.about().to_owned(), extractor.hash()]
            };
            out(table(&["name", "about", "hash"], &features::ALL.iter().map(row).collect::<Vec<_>>()))
        }
    }
}

/// Trains a classifier as its embedded weights were trained, and writes them.
fn train(name: &str, path: &Path, format: Format) -> Result<(), Error> {
    let found = Classifier::ALL.into_iter().find(|classifier| classifier.name() == name);
    let classifier = found.expect("the command line takes no other name");
    let config: DataConfig = serde_json::from_str(classifier.data).expect("its data set is one of this program");
    let (training, held_out) = (labelled(&config, Split::Train)?, labelled(&config, Split::Test)?);
    let weights = classifier.teach(&training, |epoch, loss| {
        say(&format!("epoch {epoch} of {}: loss {}", classifier.epochs, number(loss)));
    });
    let accuracy = classifier.accuracy(&weights, &held_out).expect("they are its weights");
    write(path, &weights)?;
    let digest = format!("blake3:{}", blake3::hash(&weights).to_hex());
    match format {
        Format::Json => print_json(&json!({
            "name": name, "out": path, "bytes": weights.len(), "digest": digest,
            "accuracy": accuracy, "held_out": held_out.classes.len(),
        })),
        Format::Text => out(format_args!(
            "{}: {} bytes, {digest}\n{:.2} % of {} held-out samples of {} are classified right",
            path.display(),
            weights.len(),
            100.0 * accuracy,
            held_out.classes.len(),
            config.name()
        )),
    }
}

fn labelled(config: &DataConfig, split: Split) -> Result<Labelled, Error> {
    let dataset = config.open(split)?;
    let mut samples = Vec::new();
    dataset.read_into(&Vec::from_iter(0..dataset.len()), &mut samples);
    let classes = dataset.labels().expect("its data set is labelled").to_vec();
    Ok(Labelled { samples, classes, format: dataset.format() })
}
