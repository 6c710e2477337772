//! Any two sets of samples, measured: the same number of both, and beside each value what real samples get.

use crate::Statistics;
use crate::measure::{Sets, see};
use data::{Labels, Samples};
use features::{CasClassifier, Extractor, FeatureError, Rows, Views};
use metrics::{Direction, Features, Measured, MetricConfig, MetricError, Side, View};
use serde::Serialize;
use std::collections::BTreeSet;

/// One number.
#[derive(Debug, Serialize)]
pub struct Value {
    /// Its name, unique.
    pub name: &'static str,
    /// The metric that it is of.
    pub metric: &'static str,
    /// Null if there is none.
    pub value: Option<f64>,
    /// Null if the metric estimates none.
    pub standard_error: Option<f64>,
    /// What real samples get against other real ones; null if there are too few.
    pub floor: Option<f64>,
    /// Why there is no floor beside the value.
    pub floor_reason: Option<String>,
    /// Where the value should be.
    pub direction: Direction,
    /// Empty if it has none.
    pub unit: &'static str,
    /// How it came out.
    pub outcome: Outcome,
    /// Why there is no value.
    pub reason: Option<String>,
    /// How it was measured.
    pub settings: String,
    /// Where the metric is from.
    pub paper: &'static str,
    /// The same of each class, where the metric looks at classes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by_class: Vec<ClassValue>,
}

/// A number of one class.
#[derive(Clone, Debug, Serialize)]
pub struct ClassValue {
    /// What the class is called.
    pub class: String,
    /// Null if it has too few samples.
    pub value: Option<f64>,
    /// What real samples of it get; null if there are too few.
    pub floor: Option<f64>,
}

/// How a measurement came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// With a value.
    Measured,
    /// There are fewer samples than the metric needs.
    TooFewSamples,
    /// The metric is of other samples: images, probabilities, points.
    NotOfThisKind,
    /// A sample, or what became of it, is infinite or not a number.
    NotFinite,
}

/// What was measured, and with how many samples.
#[derive(Debug)]
pub struct Comparison {
    /// Of both sets.
    pub samples: usize,
    /// Of each half of the real ones.
    pub floor_samples: usize,
    /// All numbers of all metrics.
    pub values: Vec<Value>,
}

/// A set of samples with what it is called.
#[derive(Clone, Copy)]
pub struct NamedSamples<'a> {
    /// In messages.
    pub name: &'a str,
    /// At least one.
    pub samples: Set<'a>,
}

/// Samples, or what was saved of them.
#[derive(Clone, Copy)]
pub enum Set<'a> {
    /// The samples themselves.
    Samples(&'a Samples),
    /// What an extractor made of them.
    Statistics(&'a Statistics),
}

impl<'a> Set<'a> {
    fn len(self) -> usize {
        match self {
            Self::Samples(samples) => samples.len(),
            Self::Statistics(statistics) => statistics.header.count,
        }
    }

    fn labels(self) -> Option<&'a Labels> {
        match self {
            Self::Samples(samples) => samples.labels(),
            Self::Statistics(_) => None,
        }
    }

    /// What they are, for messages.
    fn kind(self) -> String {
        match self {
            Self::Samples(samples) => match samples.format() {
                Some(format) => format.to_string(),
                None => format!("{} features", samples.width()),
            },
            Self::Statistics(statistics) => statistics.format().to_string(),
        }
    }
}

/// Why two sets cannot be compared. The texts name the sets.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ComparisonError {
    /// They are of different formats.
    #[error("{real} holds {holds}, {fake} {found}")]
    Format {
        /// The real set.
        real: String,
        /// What it holds.
        holds: String,
        /// The other one.
        fake: String,
        /// What that holds.
        found: String,
    },
    /// One has fewer samples than were asked for.
    #[error("{count} samples are asked for, and {name} holds {found}")]
    Count {
        /// Asked for.
        count: usize,
        /// Of the set.
        name: String,
        /// Samples in it.
        found: usize,
    },
    /// The extractor takes no such samples.
    #[error(transparent)]
    Features(#[from] FeatureError),
    /// A metric that was asked for by name has no value.
    #[error("{0}")]
    Metric(String),
}

/// What is to be measured.
pub struct Request<'a> {
    /// Which.
    pub metrics: Vec<MetricConfig>,
    /// They were asked for by name: what they lack is an error.
    pub is_named: bool,
    /// Samples of each set; by default as many as both have.
    pub count: Option<usize>,
    /// Decides which samples, subsets and projections.
    pub seed: u64,
    /// Real samples.
    pub real: NamedSamples<'a>,
    /// Generated ones.
    pub fake: NamedSamples<'a>,
    /// What is seen of images.
    pub extractor: &'static dyn Extractor,
}

impl Request<'_> {
    /// Measures.
    ///
    /// # Errors
    /// The sets do not fit each other, the count, or a metric that was asked for by name.
    pub fn run(&self) -> Result<Comparison, ComparisonError> {
        let (real, fake) = (self.real.samples, self.fake.samples);
        self.check_fit()?;
        let samples = self.count()?;
        // Halves do not overlap, nor does the one hold copies of the other.
        let half = samples.min(real.len() / 2);
        // Copies are looked for in all of them.
        let all = self.metrics.iter().any(|metric| metric.entry().view == View::Training);
        let seen = if all { real.len() } else { samples.max(2 * half) };
        let classes = self.classes();
        let (reals, fakes) = (self.views(real, seen, &classes)?, self.views(fake, samples, &classes)?);
        let (format, seed) = (fakes.format(), self.seed);
        let of = |metric: &MetricConfig, real: Features, fake, training| {
            let taught_by = match metric.entry().view {
                View::Trainable => Some(fake),
                View::Judged => Some(real),
                _ => None,
            };
            let classifier = taught_by.zip(format).and_then(|(samples, format)| CasClassifier::on_cpu(samples, format));
            Sets { real, fake, training, format, seed }.measure(metric, classifier.as_ref())
        };
        let measure = |metric: &MetricConfig| {
            let (reals, fake) = (see(metric, &reals)?, see(metric, &fakes)?);
            of(metric, reals.slice(0..samples), fake, reals)
        };
        let measure_floor = |metric: &MetricConfig| {
            let reals = see(metric, &reals)?;
            let (fake, rest) = (reals.slice(0..half), reals.slice(half..seen));
            of(metric, rest.slice(0..half), fake, rest)
        };
        let broken = first_not_finite(real, fake);
        let mut values = Vec::new();
        for metric in &self.metrics {
            let found = broken.clone().map_or_else(|| measure(metric), Err);
            let found = found.map_err(|error| (outcome_of(&error), error));
            if let Err((Outcome::TooFewSamples | Outcome::NotOfThisKind, error)) = &found
                && self.is_named
            {
                return Err(ComparisonError::Metric(self.words(error)));
            }
            values.extend(match found {
                Ok(found) => {
                    let floor = measure_floor(metric).map_err(|error| self.floor_words(&error));
                    rows(metric, &found, &floor, &classes)
                }
                Err((outcome, error)) => missing(metric, outcome, &self.words(&error)),
            });
        }
        Ok(Comparison { samples, floor_samples: half, values })
    }

    /// Names of the classes that either set has a sample of; a class of both has one name.
    fn classes(&self) -> Vec<&str> {
        let mut all = Vec::new();
        for labels in [self.real, self.fake].iter().filter_map(|set| set.samples.labels()) {
            let occurring = BTreeSet::from_iter(&labels.of_samples);
            for name in occurring.into_iter().map(|class| labels.names[usize::from(*class)].as_str()) {
                if !all.contains(&name) {
                    all.push(name);
                }
            }
        }
        all
    }

    /// The first `count` samples in random order, their classes numbered as those of both sets are.
    fn views(&self, set: Set, count: usize, classes: &[&str]) -> Result<Views, ComparisonError> {
        let samples = match set {
            Set::Samples(samples) => samples,
            Set::Statistics(statistics) => {
                let order = metrics::permutation(set.len(), self.seed);
                return Ok(Views::of_extracted(Vec::new(), statistics.format(), statistics.at(&order[..count])));
            }
        };
        let (width, order) = (samples.width(), metrics::permutation(samples.len(), self.seed));
        let row = |index: &usize| &samples.values()[index * width..(index + 1) * width];
        let values: Vec<f32> = order[..count].iter().flat_map(row).copied().collect();
        let Some(format) = samples.format() else {
            return Ok(Views::given(Rows { values, width }));
        };
        let own = samples.labels().map(|own| {
            let number = |name: &String| classes.iter().position(|class| class == name).unwrap_or_default() as u16;
            let numbers: Vec<u16> = own.names.iter().map(number).collect();
            order[..count].iter().map(|index| numbers[usize::from(own.of_samples[*index])]).collect()
        });
        let views = Views::on_cpu(self.extractor, values, format);
        Ok(views?.with_classes(own))
    }

    fn check_fit(&self) -> Result<(), ComparisonError> {
        let (real, fake) = (self.real.samples.kind(), self.fake.samples.kind());
        if real != fake {
            let (first, second) = (self.real.name.to_owned(), self.fake.name.to_owned());
            return Err(ComparisonError::Format { real: first, holds: real, fake: second, found: fake });
        }
        Ok(())
    }

    fn count(&self) -> Result<usize, ComparisonError> {
        let most = self.real.samples.len().min(self.fake.samples.len());
        let Some(count) = self.count else { return Ok(most) };
        match [self.real, self.fake].iter().find(|source| source.samples.len() < count) {
            Some(source) => {
                let (name, found) = (source.name.to_owned(), source.samples.len());
                Err(ComparisonError::Count { count, name, found })
            }
            None => Ok(count),
        }
    }

    /// The floor is of the real samples alone.
    fn floor_words(&self, error: &MetricError) -> String {
        match error {
            MetricError::TooFew { metric, needed, found, .. } => {
                format!("{}: {metric} needs {needed} samples in each half, found {found}", self.real.name)
            }
            _ => format!("{}: {error}", self.real.name),
        }
    }

    /// An error with the names of the sets.
    fn words(&self, error: &MetricError) -> String {
        let name = |side: &Side| match side {
            Side::Real => self.real.name,
            Side::Fake => self.fake.name,
        };
        match error {
            // Both give as many samples as the smaller of them has, or as were asked for.
            MetricError::TooFew { metric, needed, found, because, .. } if self.count().ok() == Some(*found) => {
                let (real, fake) = (self.real.samples, self.fake.samples);
                match self.count {
                    Some(count) => {
                        format!("{metric} needs {needed} samples, and {count} are asked for: {because}")
                    }
                    None => {
                        let smaller = if fake.len() < real.len() { self.fake.name } else { self.real.name };
                        format!("{smaller}: {metric} needs {needed} samples, found {found}: {because}")
                    }
                }
            }
            MetricError::TooFew { side, .. } | MetricError::NotFinite { side, .. } => {
                format!("{}: {error}", name(side))
            }
            // Classes may be known of the other set alone.
            MetricError::Kind { metric, .. } if is_of_classes(metric) && self.real.samples.labels().is_none() => {
                format!("{}: {error}", self.real.name)
            }
            _ => format!("{}: {error}", self.fake.name),
        }
    }
}

fn is_of_classes(metric: &str) -> bool {
    metrics::METRICS.find(metric).is_some_and(|metric| metric.entry().view.is_of_classes())
}

fn outcome_of(error: &MetricError) -> Outcome {
    match error {
        MetricError::TooFew { .. } => Outcome::TooFewSamples,
        MetricError::Kind { .. } | MetricError::Width { .. } => Outcome::NotOfThisKind,
        MetricError::NotFinite { .. } | MetricError::Eigenvalues { .. } => Outcome::NotFinite,
    }
}

fn rows(
    metric: &MetricConfig,
    found: &[Measured],
    floor: &Result<Vec<Measured>, String>,
    classes: &[&str],
) -> Vec<Value> {
    let row = |(index, value): (usize, Value)| {
        let Measured { value: number, standard_error, ref by_class, ref settings } = found[index];
        let settings = [&value.settings].into_iter().chain(settings).filter(|part| !part.is_empty());
        let settings = settings.map(String::as_str).collect::<Vec<_>>().join(", ");
        let floors = floor.as_ref().map_or(&[][..], |floor| &floor[index].by_class);
        let at = |values: &[Option<f64>], class: usize| values.get(class).copied().flatten();
        let of_class = |(class, name): (usize, &&str)| ClassValue {
            class: (*name).to_owned(),
            value: at(by_class, class),
            floor: at(floors, class),
        };
        // Samples may be finite where their squares are not.
        let is_finite = number.is_finite();
        Value {
            value: is_finite.then_some(number),
            standard_error: standard_error.filter(|error| error.is_finite()),
            floor: floor.as_ref().ok().map(|floor| floor[index].value).filter(|value| value.is_finite()),
            floor_reason: floor.as_ref().err().cloned(),
            outcome: if is_finite { Outcome::Measured } else { Outcome::NotFinite },
            reason: (!is_finite).then(|| format!("the value is {number}")),
            by_class: classes.iter().enumerate().map(of_class).filter(|_| !by_class.is_empty()).collect(),
            settings,
            ..value
        }
    };
    missing(metric, Outcome::Measured, "").into_iter().enumerate().map(row).collect()
}

/// What there is to say of a metric's numbers without them.
fn missing(metric: &MetricConfig, outcome: Outcome, reason: &str) -> Vec<Value> {
    let entry = metric.entry();
    let row = |quantity: &metrics::Quantity| Value {
        name: quantity.name,
        metric: metric.name(),
        value: None,
        standard_error: None,
        floor: None,
        floor_reason: None,
        direction: quantity.direction,
        unit: quantity.unit,
        outcome,
        reason: Some(reason.to_owned()),
        settings: entry.settings.to_owned(),
        paper: entry.paper,
        by_class: Vec::new(),
    };
    entry.quantities.iter().map(row).collect()
}

/// Looked for before the samples are shuffled, so that the row is the file's.
fn first_not_finite(real: Set, fake: Set) -> Option<MetricError> {
    let check = |set: Set, side| match set {
        Set::Samples(samples) => Features::single(samples.values(), samples.width()).check_finite(side).err(),
        Set::Statistics(_) => None,
    };
    check(fake, Side::Fake).or_else(|| check(real, Side::Real))
}
