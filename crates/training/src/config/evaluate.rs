//! `run.evaluate`: which metrics, of how many samples, how often.

use burn::tensor::Device;
use family::{Choice, Problem};
use features::{Extractor, FeatureError, Inception, InceptionError, Views};
use metrics::{Frechet, KernelDistance, MetricConfig, PrecisionRecall, Quantity, Smallest, View};
use models::{Domain, Weights};
use samples::Format;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Evaluating more takes too long.
const MAX_SAMPLES: usize = 100_000;

/// `run.evaluate`: metrics of samples of the averaged generator, from latents that are the same at every step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EvaluateConfig {
    /// Steps from evaluation to evaluation; the last step always has one. 0: only that.
    pub every: u64,
    /// Generated samples, and as many real ones.
    pub count: usize,
    /// What to measure.
    pub metrics: Vec<MetricConfig>,
    /// What the metrics see of an image; by default the extractor that was made for the data set, else pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "extractor_names")]
    pub features: Option<String>,
    /// A file of weights for pytorch-fid's Inception network, whose features the metrics see instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inception: Option<Weights>,
}

impl Default for EvaluateConfig {
    fn default() -> Self {
        let metrics = vec![Choice::of(Frechet {}), Choice::of(KernelDistance {}), Choice::of(PrecisionRecall {})];
        Self { every: 500, count: 1000, metrics, features: None, inception: None }
    }
}

impl EvaluateConfig {
    /// `blake3:<hex>` of what the metrics see of an image of this data set.
    ///
    /// # Errors
    /// The file of Inception's weights cannot be used.
    pub fn features_hash(&self, data: &str) -> Result<String, InceptionError> {
        Ok(self.extractor(data)?.hash())
    }

    /// The network of `inception`, if it is asked for.
    ///
    /// # Errors
    /// Its file cannot be read, is not what its digest says, or holds other weights.
    pub fn open_inception(&self) -> Result<Option<&'static Inception>, InceptionError> {
        let open = |weights: &Weights| Inception::open(&weights.file, weights.digest.as_deref());
        self.inception.as_ref().map(open).transpose()
    }

    /// Names of the numbers that the metrics come to.
    pub fn quantities(&self) -> Vec<&'static str> {
        self.metrics.iter().flat_map(quantities).collect()
    }

    /// Inception, the extractor of a [`check`](Self::check)ed name, or the data set's usual one.
    pub(crate) fn extractor(&self, data: &str) -> Result<&'static dyn Extractor, InceptionError> {
        Ok(match self.open_inception()? {
            Some(inception) => inception,
            None => self.embedded(data),
        })
    }

    fn embedded(&self, data: &str) -> &'static dyn Extractor {
        self.features.as_deref().and_then(features::find).unwrap_or_else(|| features::usual(data))
    }

    /// A sample as the metrics would see it, whatever is in a file of weights.
    fn blank(&self, data: &str, format: Format) -> Result<Views, FeatureError> {
        let blank = vec![0.0; format.values()];
        match self.inception {
            Some(_) => Ok(Views::of_extracted(blank, format, Inception::blank(format)?)),
            None => Views::of_images(self.embedded(data), blank, format, &Device::flex()),
        }
    }

    /// What is wrong with the values themselves; paths are below `run.evaluate`.
    pub(super) fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !(1..=MAX_SAMPLES).contains(&self.count) {
            problems.push(Problem::at("count", format!("{} samples are not within 1 and {MAX_SAMPLES}", self.count)));
        }
        if self.metrics.is_empty() {
            problems
                .push(Problem::at("metrics", "there is nothing to measure; leave `evaluate` out, or set it to `none`"));
        }
        for (index, metric) in self.metrics.iter().enumerate() {
            let earlier = self.metrics[..index].iter().filter(|earlier| *earlier != metric);
            let both =
                |earlier: &MetricConfig| quantities(earlier).find(|name| quantities(metric).any(|own| own == *name));
            let clash = earlier.filter_map(|earlier| Some((earlier.name(), both(earlier)?))).next();
            problems.extend(clash.map(|(earlier, quantity)| {
                let message = format!("`{earlier}` and `{}` both measure `{quantity}`: leave one out", metric.name());
                Problem::at(format!("metrics.{index}"), message)
            }));
        }
        if let Some(name) = self.features.as_ref().filter(|name| features::find(name).is_none()) {
            let hint = if name == Inception::NAME { "; its weights are in a file: `inception: FILE`" } else { "" };
            problems.push(Problem::at(
                "features",
                format!("no extractor `{name}`; there are {}{hint}", words(&extractors())),
            ));
        }
        if self.features.is_some() && self.inception.is_some() {
            problems
                .push(Problem::at("inception", "`features` and `inception` are both given; one of them can be `null`"));
        }
        problems
    }

    /// What is wrong with the values for this data. Call it with values that are right in themselves.
    pub(super) fn check_against(
        &self,
        data: &str,
        Domain { output, input, classes, .. }: Domain,
        is_by_class: bool,
        images: usize,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        if 2 * self.count > images {
            let message = format!(
                "{} samples need {} training images, for the floor compares as many with as many others; {images} are enough for {}",
                self.count,
                2 * self.count,
                images / 2
            );
            problems.push(Problem::at("count", message));
        }
        let (key, name) = match self.inception {
            Some(_) => ("inception", Inception::NAME),
            None => ("features", self.embedded(data).name()),
        };
        let classes = classes.filter(|_| is_by_class || input.is_some());
        let views = match self.blank(data, output) {
            // Which inputs have partners only the splits know.
            Ok(views) => views.with_classes(classes.map(|_| vec![0])).paired(input.is_some()),
            Err(error) => {
                problems.push(Problem::at(key, error.to_string()));
                return problems;
            }
        };
        for metric in &self.metrics {
            let entry = metric.entry();
            if entry.view.is_of_translations() && input.is_none() {
                let message =
                    format!("`{}` is of translated samples, and `{data}` has nothing to translate", metric.name());
                problems.push(Problem::at("metrics", message));
                continue;
            }
            let Some(seen) = views.seen_by(metric) else {
                let why = match (entry.view, classes) {
                    (view, None) if view.is_of_classes() => &format!(
                        "and this model makes no {} of a class of the data on demand: see `model.conditioning`",
                        output.noun().trim_end_matches('s')
                    ),
                    (View::Kept, None) => "and these data have no classes",
                    (View::Pairs | View::Kept | View::Samples, _) => &format!("not of {output}"),
                    (view, _) if view.is_of_classes() => &format!("not of {output}"),
                    _ => &format!("which `{name}` features are not"),
                };
                problems.push(Problem::at("metrics", format!("`{}` is of {}, {why}", metric.name(), entry.samples)));
                continue;
            };
            let needed = entry.smallest.of(seen.width(), classes.unwrap_or(0));
            if self.count < needed {
                let of = match entry.smallest {
                    Smallest::WidthPlusOne => format!(" of {} features", seen.width()),
                    Smallest::OfEachClass(_) => format!(" of {} classes", classes.unwrap_or(0)),
                    Smallest::Samples(_) => String::new(),
                };
                // Pixels of pictures of one's own soon are more than samples.
                let instead = match entry.smallest {
                    Smallest::WidthPlusOne => "; `kid` is a distance that needs few",
                    _ => "",
                };
                let message = format!("`{}`{of} needs {needed} samples, not {}{instead}", metric.name(), self.count);
                problems.push(Problem::at("count", message));
            }
        }
        problems
    }
}

fn extractors() -> Vec<&'static str> {
    features::ALL.iter().map(|extractor| extractor.name()).collect()
}

fn words(names: &[&str]) -> String {
    names.join(", ")
}

fn quantities(metric: &MetricConfig) -> impl Iterator<Item = &'static str> {
    metric.entry().quantities.into_iter().map(|Quantity { name, .. }| name)
}

fn extractor_names(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<Option<&str>> = extractors().into_iter().map(Some).chain([None]).collect();
    json_schema!({ "enum": names })
}
