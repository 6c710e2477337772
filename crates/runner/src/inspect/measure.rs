//! Two sets of samples, measured: the same number of both, and beside each value what real samples get.

use crate::error::Error;
use crate::inspect::source::Source;
use data::{Samples, Shape};
use features::{Extractor, Rows, Views};
use metrics::{Direction, Features, Input, Measured, Metric, MetricError, Side, View};
use serde::Serialize;

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
    pub settings: &'static str,
    /// Where the metric is from.
    pub paper: &'static str,
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

/// What is to be measured.
pub struct Request<'a> {
    /// Which.
    pub metrics: Vec<&'static Metric>,
    /// They were asked for by name: what they lack is an error.
    pub is_named: bool,
    /// Samples of each set; by default as many as both have.
    pub count: Option<usize>,
    /// Decides which samples, subsets and projections.
    pub seed: u64,
    /// Real samples.
    pub real: &'a Source,
    /// Generated ones.
    pub fake: &'a Source,
    /// What is seen of images.
    pub extractor: &'static dyn Extractor,
}

impl Request<'_> {
    /// Measures.
    ///
    /// # Errors
    /// The sets do not fit each other, the count, or a metric that was asked for by name.
    pub fn run(&self) -> Result<Comparison, Error> {
        let (real, fake) = (&self.real.samples, &self.fake.samples);
        self.check_fit()?;
        let samples = self.count()?;
        // Halves do not overlap, nor does the one hold copies of the other.
        let half = samples.min(real.len() / 2);
        // Copies are looked for in all of them.
        let all = self.metrics.iter().any(|metric| metric.view == View::Training);
        let seen = if all { real.len() } else { samples.max(2 * half) };
        let (reals, fakes) = (self.views(real, seen)?, self.views(fake, samples)?);
        let (image, seed) = (fakes.image(), self.seed);
        let measure = |metric: &Metric| {
            let (reals, fake) = (see(metric, &reals)?, see(metric, &fakes)?);
            metric.measure(&Input { real: reals.slice(0..samples), fake, training: reals, image, seed })
        };
        let measure_floor = |metric: &Metric| {
            let reals = see(metric, &reals)?;
            let (fake, rest) = (reals.slice(0..half), reals.slice(half..seen));
            metric.measure(&Input { real: rest.slice(0..half), fake, training: rest, image, seed })
        };
        let broken = first_not_finite(real, fake);
        let mut values = Vec::new();
        for metric in &self.metrics {
            let found = broken.clone().map_or_else(|| measure(metric), Err);
            let found = found.map_err(|error| (outcome_of(&error), error));
            if let Err((Outcome::TooFewSamples | Outcome::NotOfThisKind, error)) = &found
                && self.is_named
            {
                return Err(Error::Usage(self.words(error)));
            }
            values.extend(match found {
                Ok(found) => rows(metric, &found, &measure_floor(metric).map_err(|error| self.floor_words(&error))),
                Err((outcome, error)) => missing(metric, outcome, &self.words(&error)),
            });
        }
        Ok(Comparison { samples, floor_samples: half, values })
    }

    /// The first `count` samples in random order.
    fn views(&self, samples: &Samples, count: usize) -> Result<Views, Error> {
        let (width, order) = (samples.width(), metrics::permutation(samples.len(), self.seed));
        let row = |index: &usize| &samples.values()[index * width..(index + 1) * width];
        let values: Vec<f32> = order[..count].iter().flat_map(row).copied().collect();
        match samples.shape() {
            Some(Shape { channels, height, width }) => Views::on_cpu(self.extractor, values, [channels, height, width])
                .map_err(|error| Error::Usage(error.to_string())),
            None => Ok(Views::given(Rows { values, width })),
        }
    }

    fn check_fit(&self) -> Result<(), Error> {
        let kind = |source: &Source| match source.samples.shape() {
            Some(shape) => {
                format!("images of {} x {} x {} (channels, height, width)", shape.channels, shape.height, shape.width)
            }
            None => format!("{} features", source.samples.width()),
        };
        let (real, fake) = (kind(self.real), kind(self.fake));
        if real != fake {
            let (first, second) = (&self.real.name, &self.fake.name);
            return Err(Error::Usage(format!("{first} holds {real}, {second} {fake}")));
        }
        Ok(())
    }

    fn count(&self) -> Result<usize, Error> {
        let most = self.real.samples.len().min(self.fake.samples.len());
        let Some(count) = self.count else { return Ok(most) };
        match [self.real, self.fake].iter().find(|source| source.samples.len() < count) {
            Some(source) => {
                let (name, found) = (&source.name, source.samples.len());
                Err(Error::Usage(format!("--count {count}, but {name} holds {found} samples")))
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
            Side::Real => &self.real.name,
            Side::Fake => &self.fake.name,
        };
        match error {
            MetricError::TooFew { side, .. } | MetricError::NotFinite { side, .. } => {
                format!("{}: {error}", name(side))
            }
            _ => format!("{}: {error}", self.fake.name),
        }
    }
}

fn see<'a>(metric: &Metric, views: &'a Views) -> Result<Features<'a>, MetricError> {
    views.see(metric.view).ok_or(MetricError::Kind { metric: metric.name, needed: metric.samples })
}

fn outcome_of(error: &MetricError) -> Outcome {
    match error {
        MetricError::TooFew { .. } => Outcome::TooFewSamples,
        MetricError::Kind { .. } | MetricError::Width { .. } => Outcome::NotOfThisKind,
        MetricError::NotFinite { .. } | MetricError::Eigenvalues { .. } => Outcome::NotFinite,
    }
}

fn rows(metric: &Metric, found: &[Measured], floor: &Result<Vec<Measured>, String>) -> Vec<Value> {
    let row = |(index, value): (usize, Value)| {
        let Measured { value: number, standard_error } = found[index];
        // Samples may be finite where their squares are not.
        let is_finite = number.is_finite();
        Value {
            value: is_finite.then_some(number),
            standard_error: standard_error.filter(|error| error.is_finite()),
            floor: floor.as_ref().ok().map(|floor| floor[index].value).filter(|value| value.is_finite()),
            floor_reason: floor.as_ref().err().cloned(),
            outcome: if is_finite { Outcome::Measured } else { Outcome::NotFinite },
            reason: (!is_finite).then(|| format!("the value is {number}")),
            ..value
        }
    };
    missing(metric, Outcome::Measured, "").into_iter().enumerate().map(row).collect()
}

/// What there is to say of a metric's numbers without them.
fn missing(metric: &Metric, outcome: Outcome, reason: &str) -> Vec<Value> {
    let row = |quantity: &metrics::Quantity| Value {
        name: quantity.name,
        metric: metric.name,
        value: None,
        standard_error: None,
        floor: None,
        floor_reason: None,
        direction: quantity.direction,
        unit: quantity.unit,
        outcome,
        reason: Some(reason.to_owned()),
        settings: metric.settings,
        paper: metric.paper,
    };
    metric.quantities.iter().map(row).collect()
}

/// Looked for before the samples are shuffled, so that the row is the file's.
fn first_not_finite(real: &Samples, fake: &Samples) -> Option<MetricError> {
    let check = |samples: &Samples, side| Features::single(samples.values(), samples.width()).check_finite(side).err();
    check(fake, Side::Fake).or_else(|| check(real, Side::Real))
}
