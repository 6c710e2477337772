//! `runner classify`: what a small classifier learns from labelled samples, real or generated, by its accuracy on others.

use super::{out, print_json, warn};
use crate::cli::{ClassifyArgs, Format};
use crate::error::Error;
use crate::inspect::source::{Reading, Source};
use crate::text::table;
use data::{Labels, Samples};
use features::{CasClassifier, Course};
use metrics::Features;
use serde_json::{Value, json};
use std::process::ExitCode;

pub(crate) fn run(arguments: &ClassifyArgs) -> Result<ExitCode, Error> {
    let reading = Reading { range: None, side: arguments.size, like: None, results: &arguments.results };
    let test = Labelled::open(&arguments.test, &reading)?;
    let open = |name: &String| Labelled::open(name, &reading);
    let train = arguments.train.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    let format = test.samples().format().filter(|format| CasClassifier::can_learn(*format));
    let Some(format) = format else {
        let (name, what) = (&test.source.name, test.what());
        let message = "a classifier learns from images of 8 pixels a side or more, or sounds, not from";
        return Err(Error::Usage(format!("{name}: {message} {what}")));
    };
    if let Some(other) = train.iter().find(|set| set.samples().format() != Some(format)) {
        let (of, name, what) = (&test.source.name, &other.source.name, other.what());
        return Err(Error::Usage(format!(
            "{name} holds {what}, and {of} {format}: add --size N, or use data of one format"
        )));
    }
    let lessons = train.iter().map(|set| Ok((set.samples().values(), set.classes_as(&test)?)));
    let lessons = lessons.collect::<Result<Vec<_>, Error>>()?;
    let sets: Vec<Features> = lessons
        .iter()
        .map(|(values, classes)| Features::single(values, format.values()).with_classes(classes))
        .collect();
    let course = |seed| Course { updates: arguments.updates.get(), seed, shift: arguments.shift };
    let truth = &test.labels().of_samples;
    let accuracies: Vec<f64> = (0..arguments.seeds.get() as u64)
        .map(|seed| {
            let classifier =
                CasClassifier::taught(&sets, format, course(seed)).expect("labelled samples that it can learn from");
            let found = classifier.classify(Features::single(test.samples().values(), format.values()));
            found.iter().zip(truth).filter(|(found, class)| found == class).count() as f64 / truth.len() as f64
        })
        .collect();
    let (mean, deviation) = moments(&accuracies);
    match arguments.format {
        Format::Json => print_json(&json!({
            "train": train.iter().map(Labelled::about).collect::<Vec<_>>(), "test": test.about(),
            "updates": arguments.updates, "shift": arguments.shift,
            "accuracies": accuracies, "mean": mean, "deviation": deviation,
        }))?,
        Format::Text => {
            let rows = accuracies.iter().enumerate().map(|(seed, share)| vec![seed.to_string(), format!("{share:.4}")]);
            let spread = deviation.map_or(String::new(), |deviation| format!(" ± {deviation:.4} between seeds"));
            let of: Vec<String> =
                train.iter().map(|set| format!("{} of {}", set.samples().len(), set.source.name)).collect();
            out(format_args!(
                "learned from {}; asked of {} of {}\n{}\n\naccuracy: {mean:.4}{spread}",
                of.join(" and "),
                test.samples().len(),
                test.source.name,
                table(&["seed", "accuracy"], &rows.collect::<Vec<_>>()),
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Mean, and the standard deviation of one of several.
fn moments(values: &[f64]) -> (f64, Option<f64>) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (values.len() > 1).then(|| (squares / (count - 1.0)).sqrt()))
}

/// Samples with their classes.
struct Labelled {
    source: Source,
}

impl Labelled {
    fn open(name: &str, reading: &Reading) -> Result<Self, Error> {
        let source = Source::open(name, reading)?;
        let Some(samples) = source.samples() else {
            return Err(Error::Usage(format!("{name} holds statistics, and a classifier learns from samples")));
        };
        warn(&samples.passed_over().warnings);
        if samples.labels().is_none() {
            let hint = "name a data set with classes, or a folder with a subfolder for each class";
            return Err(Error::Usage(format!("{name}: its samples have no classes: {hint}")));
        }
        Ok(Self { source })
    }

    fn samples(&self) -> &Samples {
        self.source.samples().expect("statistics were refused")
    }

    fn labels(&self) -> &Labels {
        self.samples().labels().expect("samples without classes were refused")
    }

    /// What its samples are, for people.
    fn what(&self) -> String {
        self.samples().format().map_or("features".to_owned(), |format| format.to_string())
    }

    /// Its samples' classes by the places of their names among those of `other`.
    fn classes_as(&self, other: &Self) -> Result<Vec<u16>, Error> {
        let (here, there) = (&self.labels().names, &other.labels().names);
        let place = |class: &String| there.iter().position(|name| name == class).map(|place| place as u16);
        let places: Vec<Option<u16>> = here.iter().map(place).collect();
        let class = |label: &u16| {
            places[usize::from(*label)].ok_or_else(|| {
                let (name, class, of) = (&self.source.name, &here[usize::from(*label)], &other.source.name);
                Error::Usage(format!("{name} has the class `{class}`, and {of} has {}", there.join(", ")))
            })
        };
        self.labels().of_samples.iter().map(class).collect()
    }

    fn about(&self) -> Value {
        json!({ "source": self.source.name, "samples": self.source.len(), "fingerprint": self.source.fingerprint })
    }
}
