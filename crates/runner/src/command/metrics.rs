//! `runner metrics`.

use super::{gate, out, print_json, warn, write};
use crate::cli::{Format, MetricsArgs};
use crate::error::Error;
use crate::inspect::requirement::{Candidate, Requirement};
use crate::inspect::source::{Reading, Source};
use crate::text::{number, table};
use data::Samples;
use evaluation::{ClassValue, Comparison, ComparisonError, Request, Statistics, Value};
use features::{Extractor, Inception};
use metrics::Direction;
use serde_json::{Value as Json, json};
use std::num::NonZero;
use std::process::ExitCode;

/// What is measured when nothing is named.
const USUAL: [&str; 3] = ["frechet", "kid", "prdc"];

pub(crate) fn run(arguments: &MetricsArgs) -> Result<ExitCode, Error> {
    let reading = Reading { range: arguments.range, side: arguments.size, like: None, results: &arguments.results };
    let [mut real, mut fake] = Source::pair(&arguments.real, &arguments.fake, &reading)?;
    if let (Some(side), Some(source)) = (arguments.size, [&real, &fake].iter().find(|one| one.format().is_none())) {
        return Err(Error::Usage(format!("--size {side} is for images; {} holds features", source.name)));
    }
    let matched = Source::match_channels(&mut real, &mut fake);
    if fake.statistics().is_some() {
        return Err(Error::Usage(format!("{} holds statistics: they replace REAL only", fake.name)));
    }
    let warnings_of = |source: &Source| source.samples().map(|samples| samples.passed_over().warnings.clone());
    let mut warnings = warnings_of(&real).unwrap_or_default();
    warnings.extend(warnings_of(&fake).filter(|_| arguments.real != arguments.fake).unwrap_or_default());
    warnings.extend(matched);
    warn(&warnings);
    let named = arguments.metrics.iter().map(String::as_str);
    let usual = || match real.statistics() {
        Some(statistics) => statistics.header.metrics.iter().map(String::as_str).collect(),
        None => USUAL.to_vec(),
    };
    let mut names: Vec<&str> = if arguments.metrics.is_empty() { usual() } else { Vec::new() };
    for name in named {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let option =
        (arguments.features.as_ref().map(|_| "--features")).or(arguments.inception.as_ref().map(|_| "--inception"));
    if let (Some(option), Some(samples), None) = (option, real.samples(), real.format()) {
        let (name, width) = (&real.name, samples.width());
        return Err(Error::Usage(format!(
            "{option} is for images; {name} holds {width} features, which are seen as they are"
        )));
    }
    let inception = arguments.inception.as_deref().map(|file| Inception::open(file, None)).transpose()?;
    warn(&Vec::from_iter(inception.and_then(Inception::stranger)));
    let extractor: &'static dyn Extractor = match (inception, &arguments.features) {
        (Some(inception), _) => inception,
        (None, Some(name)) => features::find(name).expect("the command line takes no other name"),
        (None, None) => match real.statistics() {
            Some(statistics) => features::find(&statistics.header.extractor).ok_or_else(|| {
                let made_with = &statistics.header.extractor;
                Error::Usage(format!(
                    "{}: its statistics are of `{made_with}` features: add --inception FILE",
                    real.name
                ))
            })?,
            None => features::usual(match (&real.dataset, real.format()) {
                (Some(dataset), _) => dataset,
                (None, Some(samples::Format::Audio { .. })) => "wav-folder",
                (None, _) => "",
            }),
        },
    };
    if let Some(statistics) = real.statistics() {
        check_statistics(&real.name, statistics, extractor, &names)?;
    }
    let request = Request {
        metrics: names.into_iter().filter_map(metrics::find).collect(),
        is_named: !arguments.metrics.is_empty(),
        count: arguments.count.map(NonZero::get),
        seed: arguments.seed,
        real: real.named(),
        fake: fake.named(),
        extractor,
    };
    let measured: Vec<&str> =
        request.metrics.iter().flat_map(|metric| metric.entry().quantities).map(|quantity| quantity.name).collect();
    let requirements = &arguments.require.requirements;
    if let Some(lacking) = requirements.iter().find(|requirement| !measured.contains(&&*requirement.quantity)) {
        let (name, measured) = (&lacking.quantity, measured.join(", "));
        return Err(Error::Usage(format!(
            "--require {lacking}: {name} is not measured; --metrics measures {measured}"
        )));
    }
    let saved = match (&arguments.save_statistics, real.samples()) {
        (None, _) => None,
        (Some(_), None) => return Err(Error::Usage(format!("{} holds statistics already", real.name))),
        (Some(path), Some(samples)) => {
            let statistics = Statistics::of(&real.name, samples, extractor, &request.metrics);
            Some((path, statistics.map_err(|error| Error::Usage(format!("--save-statistics: {error}")))?))
        }
    };
    let comparison = request.run().map_err(|error| {
        let hint = match error {
            ComparisonError::Format { .. } if arguments.size.is_none() && real.format().is_some() => {
                ": with --size N, images of any size are cropped and scaled to N x N"
            }
            _ => "",
        };
        Error::Usage(format!("{error}{hint}"))
    })?;
    if let Some((path, statistics)) = saved {
        write(path, &statistics.write())?;
    }
    let mut features = features(&real, extractor);
    if let Some(inception) = inception.filter(|_| real.format().is_some()) {
        features["weights"] = json!(inception.weights());
        features["published"] = json!(inception.stranger().is_none());
    }
    match arguments.format {
        Format::Json => print_json(&json!({
            "real": source(&real, comparison.samples),
            "fake": source(&fake, comparison.samples),
            "features": features,
            "floor": { "samples": comparison.floor_samples },
            "seed": arguments.seed,
            "values": comparison.values,
        }))?,
        Format::Text => out(text(&comparison, &real, &fake, &features))?,
    }
    let unmet: Vec<String> =
        requirements.iter().flat_map(|requirement| unmet(requirement, &comparison, &fake.name)).collect();
    Ok(gate(&unmet))
}

/// Whether saved statistics are what is to be measured with.
fn check_statistics(
    name: &str,
    statistics: &Statistics,
    extractor: &dyn Extractor,
    metrics: &[&str],
) -> Result<(), Error> {
    let header = &statistics.header;
    if header.extractor_hash != extractor.hash() || extractor.width(statistics.format()) != Ok(statistics.width()) {
        let (made_with, wanted) = (&header.extractor, extractor.name());
        return Err(Error::Usage(format!(
            "{name}: its statistics are of `{made_with}` features ({}), not of these `{wanted}` features ({})",
            header.extractor_hash,
            extractor.hash()
        )));
    }
    match metrics.iter().find(|metric| !header.metrics.iter().any(|known| known == *metric)) {
        Some(metric) => {
            Err(Error::Usage(format!("{name}: its statistics are for {}, not for {metric}", header.metrics.join(", "))))
        }
        None => Ok(()),
    }
}

fn unmet(requirement: &Requirement, comparison: &Comparison, fake: &str) -> Vec<String> {
    let of_requirement = comparison.values.iter().filter(|value| value.name == requirement.quantity);
    let candidate = |value: &Value| Candidate {
        name: fake.to_owned(),
        value: value.value.ok_or_else(|| value.reason.clone().unwrap_or_default()),
    };
    requirement.unmet(&of_requirement.map(candidate).collect::<Vec<_>>())
}

fn source(source: &Source, samples: usize) -> Json {
    json!({
        "source": source.name,
        "available": source.len(),
        "samples": samples,
        "fingerprint": source.fingerprint,
        "range": source.samples().and_then(Samples::range).map(|range| format!("[{range}]")),
    })
}

/// What a sample's features are. The hash is of their definition: values with different ones cannot be compared.
fn features(source: &Source, extractor: &dyn Extractor) -> Json {
    const GIVEN: &str = "given 1: the array's columns as they are";
    match source.format() {
        Some(format) => {
            let width = extractor.width(format).ok();
            json!({ "name": extractor.name(), "hash": extractor.hash(), "width": width })
        }
        None => {
            let hash = format!("blake3:{}", blake3::hash(GIVEN.as_bytes()).to_hex());
            json!({ "name": "given", "hash": hash, "width": source.samples().map(Samples::width) })
        }
    }
}

fn text(comparison: &Comparison, real: &Source, fake: &Source, features: &Json) -> String {
    let rows: Vec<Vec<String>> = comparison.values.iter().flat_map(rows).collect();
    let name = features["name"].as_str().unwrap_or_default();
    let mut text = format!(
        "{} samples of {} against {} of {}; features: {name}, {}\n",
        comparison.samples, fake.name, comparison.samples, real.name, features["width"]
    );
    text += &table(&["", "value", "± error", "floor", "unit", "best", "settings", "paper"], &rows);
    text += &format!("\n\nfloor: {} real samples against as many others\n", comparison.floor_samples);
    let mut notes: Vec<String> = Vec::new();
    for source in [real, fake] {
        let range = source.samples().and_then(Samples::range);
        notes.extend(range.map(|range| format!("{}: floats of the range [{range}]\n", source.name)));
    }
    for value in &comparison.values {
        let notes_of = [("value", &value.reason), ("floor", &value.floor_reason)];
        notes.extend(notes_of.into_iter().filter_map(|(what, why)| Some(format!("no {what}: {}\n", why.as_ref()?))));
    }
    notes.dedup();
    (text + &notes.concat()).trim_end().to_owned()
}

/// A number, and below it those of its classes.
fn rows(value: &Value) -> Vec<Vec<String>> {
    let cell = |value: Option<f64>| value.map(number).unwrap_or_default();
    let best = match value.direction {
        Direction::Lower => "low",
        Direction::Higher => "high",
        Direction::Half => "0.5",
        Direction::Floor => "as the floor",
    };
    let words = [value.unit, best, &value.settings, value.paper].map(str::to_owned);
    let numbers = [value.name.to_owned(), cell(value.value), cell(value.standard_error), cell(value.floor)];
    let mut rows = vec![numbers.into_iter().chain(words).collect()];
    rows.extend(value.by_class.iter().map(|ClassValue { class, value, floor }| {
        let mut row = vec![format!("  {class}"), cell(*value), String::new(), cell(*floor)];
        row.resize(8, String::new());
        row
    }));
    rows
}
