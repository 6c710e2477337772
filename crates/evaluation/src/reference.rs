//! The real side of an evaluation: samples of one split, and the floors, which are what other training samples get in place
//! of the generated ones.

use crate::Cache;
use crate::baseline::Baseline;
use crate::cache::{read_extracted, write_extracted};
use crate::inputs::Inputs;
use crate::measure::{Sets, see};
use burn::tensor::Device;
use data::Dataset;
use features::{CasClassifier, Extracted, Extractor, Rows, Views, extract};
use metrics::{Features, Measured, MetricConfig, MetricError, Side, View};
use record::{ByClass, Evaluation, Measurement, now};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Images whose pixels are held at once while their features are extracted.
const CHUNK: usize = 4096;
/// Training samples that a classifier learns from.
const TAUGHT: usize = 4096;
/// Decides which real samples are taken, and the metrics' subsets, pairs and projections.
const SEED: u64 = 0;

/// Real samples of one split, which generated ones are compared with.
pub struct Reference {
    split: &'static str,
    count: usize,
    metrics: Vec<MetricConfig>,
    views: Views,
    /// Features of all training samples, if a metric asks for them.
    training: Option<Rows>,
    device: Device,
    floors: BTreeMap<String, Floor>,
    /// What is translated for this split, of data that have inputs.
    inputs: Option<Inputs>,
    baselines: BTreeMap<String, BTreeMap<String, f64>>,
    /// Learned from real samples of the training split, if a metric asks for it.
    judge: Option<Arc<CasClassifier>>,
    /// Of the classes, where they are not called 0, 1 ...
    class_names: Vec<String>,
}

/// What other real samples get, and of each class.
type Floor = (f64, Vec<Option<f64>>);

/// Where features of real samples come from.
pub struct FeatureContext<'a> {
    /// What the metrics see.
    pub extractor: &'static dyn Extractor,
    /// Where it is computed, without autodiff.
    pub device: &'a Device,
    /// What was computed before.
    pub cache: &'a Cache,
}

impl FeatureContext<'_> {
    /// The samples at `range` of the data set's random order.
    fn extracted(&self, dataset: &Dataset, range: &Range<usize>) -> Extracted {
        let make = || {
            let mut all = Extracted::default();
            for indices in order(dataset)[range.clone()].chunks(CHUNK) {
                let mut pixels = Vec::new();
                dataset.read_into(indices, &mut pixels);
                let found = extract(self.extractor, &pixels, dataset.format(), self.device);
                all.append(found.expect("the configuration was checked against the data"));
            }
            all
        };
        let key = ["features 1", dataset.fingerprint(), &self.extractor.hash(), &format!("{range:?} of order {SEED}")];
        self.cache.get(&key, make, write_extracted, read_extracted)
    }

    fn views(&self, dataset: &Dataset, range: Range<usize>) -> Views {
        let extracted = self.extracted(dataset, &range);
        let mut pixels = Vec::new();
        dataset.read_into(&order(dataset)[range.clone()], &mut pixels);
        let classes = dataset.labels().map(|labels| order(dataset)[range].iter().map(|index| labels[*index]).collect());
        let views = Views::of_extracted(pixels, dataset.format(), extracted).with_classes(classes);
        views.paired(dataset.is_paired())
    }

    /// A classifier of the training samples, if they have classes that it can learn.
    fn judge(&self, training: &Dataset) -> Option<Arc<CasClassifier>> {
        let (format, labels) = (training.format(), training.labels()?);
        let chosen = &order(training)[..training.len().min(TAUGHT)];
        let classes: Vec<u16> = chosen.iter().map(|index| labels[*index]).collect();
        let known = usize::from(*classes.iter().max()?) + 1;
        let make = || {
            let mut samples = Vec::new();
            training.read_into(chosen, &mut samples);
            let samples = Features::single(&samples, format.values()).with_classes(&classes);
            CasClassifier::of(samples, format, self.device).as_ref().map(CasClassifier::write)
        };
        let key = ["judge 1", training.fingerprint(), &format!("{TAUGHT} of order {SEED}")];
        let bytes =
            self.cache.get(&key, make, |made| made.clone().unwrap_or_default(), |found| Some(Some(found.to_vec())));
        CasClassifier::read(&bytes?, known, format, self.device).map(Arc::new)
    }
}

fn order(dataset: &Dataset) -> Vec<usize> {
    permutation(dataset.len())
}

fn permutation(samples: usize) -> Vec<usize> {
    metrics::permutation(samples, SEED)
}

/// Whether it can be measured of what is made of this data set's inputs. Partners may be known of one split only.
fn is_of(metric: &MetricConfig, dataset: &Dataset) -> bool {
    match metric.entry().view {
        View::Pairs | View::PairFeatures => dataset.is_paired(),
        View::Kept => dataset.input_labels().is_some(),
        _ => true,
    }
}

impl Reference {
    /// The training split with `count` samples, and the test split with as many if it has them, for the metrics that it
    /// has enough for. `training` holds twice `count` samples or more, `context`'s extractor takes them.
    pub fn open(
        context: &FeatureContext,
        training: &Dataset,
        test: &Dataset,
        count: usize,
        metrics: &[MetricConfig],
    ) -> Vec<Self> {
        let of_all = metrics.iter().any(|metric| metric.entry().view == View::Training);
        let all = || context.extracted(training, &(0..training.len())).features;
        let views = context.views(training, 0..count);
        let class_names = training.named_classes().to_vec();
        let asks_judge = metrics.iter().any(|metric| metric.entry().view.asks_judge());
        let judge = asks_judge.then(|| context.judge(training)).flatten();
        let mut splits = vec![Self {
            split: Evaluation::TRAIN,
            count,
            metrics: metrics.iter().filter(|metric| is_of(metric, training)).cloned().collect(),
            views,
            training: of_all.then(all),
            device: context.device.clone(),
            floors: BTreeMap::new(),
            inputs: Inputs::of(training, count, permutation),
            baselines: BTreeMap::new(),
            judge: judge.clone(),
            class_names: class_names.clone(),
        }];
        let inputs_of_test = test.input().map_or(usize::MAX, data::Set::len);
        let test_count = count.min(test.len()).min(inputs_of_test);
        if test_count > 0 {
            let views = context.views(test, 0..test_count);
            // Copies are of training samples: the test split says nothing of them.
            let classes = test.classes().unwrap_or(0);
            let has_enough = |metric: &&MetricConfig| {
                let (entry, width) = (metric.entry(), views.seen_by(metric).map_or(0, Features::width));
                entry.view != View::Training && is_of(metric, test) && entry.smallest.of(width, classes) <= test_count
            };
            let metrics: Vec<_> = metrics.iter().filter(has_enough).cloned().collect();
            let (split, floors) = (Evaluation::TEST, BTreeMap::new());
            if !metrics.is_empty() {
                let device = context.device.clone();
                splits.push(Self {
                    split,
                    count: test_count,
                    metrics,
                    views,
                    training: None,
                    device,
                    floors,
                    inputs: Inputs::of(test, test_count, permutation),
                    baselines: BTreeMap::new(),
                    judge,
                    class_names,
                });
            }
        }
        // Decoded once, and only if a floor is not known yet.
        let others = std::cell::LazyCell::new(|| context.views(training, count..2 * count));
        for (real, dataset) in splits.iter_mut().zip([training, test]) {
            real.baselines = baselines(context, real, training, dataset, count);
            for metric in real.metrics.clone() {
                let sizes = format!("{} of {count}", real.count);
                let entry = metric.entry();
                let settings = [metric.name(), entry.settings, &sizes, real.split];
                let key = ["floor 3", training.fingerprint(), dataset.fingerprint(), &context.extractor.hash()];
                let key = [&key[..], &settings].concat();
                let make = || real.floor(&metric, &others, count);
                let write = |found: &Vec<Option<Floor>>| serde_json::to_vec(found).expect("numbers are JSON");
                let found = context.cache.get(&key, make, write, |bytes| serde_json::from_slice(bytes).ok());
                let named = entry.quantities.iter().zip(found);
                let named = named.filter_map(|(quantity, value)| Some((quantity.name.to_owned(), value?)));
                real.floors.extend(named);
            }
        }
        splits
    }

    /// What training samples get that are neither in the reference nor among those that copies are looked for in.
    fn floor(&self, metric: &MetricConfig, others: &Views, count: usize) -> Vec<Option<Floor>> {
        let none = vec![None; metric.entry().quantities.len()];
        let of_kept =
            |found: Vec<Measured>| found.into_iter().map(|found| Some((found.value, found.by_class))).collect();
        match metric.entry().view {
            // Other real samples are no translations.
            View::Pairs | View::PairFeatures => return none,
            // How often the classifier is right of samples that it has not seen.
            view if view.asks_judge() && self.split == Evaluation::TRAIN => return none,
            view if view.asks_judge() => return self.measure(metric, &self.views, None).map_or(none, of_kept),
            _ => {}
        }
        let rest = self.training.as_ref().map(|all| {
            let (before, after) = (count * all.width, 2 * count * all.width);
            Rows { values: [&all.values[..before], &all.values[after..]].concat(), width: all.width }
        });
        match self.measure(metric, others, rest.as_ref()) {
            Ok(found) => {
                let floor = |Measured { value, by_class, .. }| value.is_finite().then_some((value, by_class));
                found.into_iter().map(floor).collect()
            }
            Err(_) => vec![None; metric.entry().quantities.len()],
        }
    }

    fn measure(
        &self,
        metric: &MetricConfig,
        fake: &Views,
        training: Option<&Rows>,
    ) -> Result<Vec<Measured>, MetricError> {
        let classifier = match metric.entry().view {
            View::Trainable => fake.classifier(&self.device),
            view if view.asks_judge() => self.judge.as_deref(),
            _ => None,
        };
        let own = 0..self.count;
        let (real, fake) = (see(metric, &self.views)?.slice(own.clone()), see(metric, fake)?.slice(own));
        let training = training.map_or(real, |all| Features::single(&all.values, all.width));
        Sets { real, fake, training, format: self.views.format(), seed: SEED }.measure(metric, classifier)
    }

    /// What is to be translated for this split, as many as are measured; `None` where samples are made of latent vectors.
    pub fn inputs(&self) -> Option<&Inputs> {
        self.inputs.as_ref()
    }

    /// The metrics of generated samples, at least as many as this split has.
    pub fn evaluate(&self, fake: &Views, extractor: &dyn Extractor, step: u64) -> Evaluation {
        let mut evaluation = Evaluation {
            step,
            at: now(),
            count: self.count,
            features: extractor.name().to_owned(),
            features_hash: extractor.hash(),
            split: self.split.to_owned(),
            values: BTreeMap::new(),
            floors: self.floors.iter().map(|(name, (value, _))| (name.clone(), *value)).collect(),
            baselines: self.baselines.clone(),
            problems: BTreeMap::new(),
            by_class: BTreeMap::new(),
            settings: BTreeMap::new(),
        };
        // A rectifier makes a plain zero of what is not a number: look at the samples themselves.
        let broken = fake.own().check_finite(Side::Fake).err();
        for metric in &self.metrics {
            let found = broken.clone().map_or_else(|| self.measure(metric, fake, self.training.as_ref()), Err);
            match found {
                Ok(found) => {
                    for (quantity, found) in metric.entry().quantities.iter().zip(found) {
                        let Measured { value, standard_error, by_class, settings } = found;
                        let settings = settings.map(|settings| (quantity.name.to_owned(), settings));
                        evaluation.settings.extend(settings);
                        let direction = quantity.direction;
                        evaluation.insert(quantity.name, Measurement { value, standard_error, direction });
                        if !by_class.is_empty() {
                            let floors = self.floors.get(quantity.name).map(|(_, by_class)| by_class.clone());
                            let (names, floors) = (self.class_names.clone(), floors.unwrap_or_default());
                            let found = ByClass { names, values: by_class, floors };
                            evaluation.by_class.insert(quantity.name.to_owned(), found);
                        }
                    }
                }
                Err(error) => {
                    let names = metric.entry().quantities.into_iter().map(|quantity| quantity.name.to_owned());
                    evaluation.problems.extend(names.map(|name| (name, error.to_string())));
                }
            }
        }
        evaluation
    }
}

/// What each baseline gets in place of a generator, by name and quantity: of metrics that look at the samples of the split
/// alone.
fn baselines(
    context: &FeatureContext,
    real: &Reference,
    training: &Dataset,
    dataset: &Dataset,
    count: usize,
) -> BTreeMap<String, BTreeMap<String, f64>> {
    let (format, inputs) = (training.format(), real.inputs.as_ref());
    // Of the training split the inputs' own samples are among those that are looked through.
    let own = if real.split == Evaluation::TRAIN { order(training)[..count].to_vec() } else { Vec::new() };
    let of_baseline = |baseline: Baseline| {
        let views = std::cell::LazyCell::new(|| {
            let made = match inputs {
                Some(inputs) => baseline.make(inputs, training, &own)?,
                None => {
                    let mut others = Vec::new();
                    training.read_into(&order(training)[count..2 * count], &mut others);
                    baseline.of_videos(&others, format)
                }
            };
            let views = Views::of_images(context.extractor, made, format, context.device).ok()?;
            let (classes, is_paired) = inputs.map_or((None, false), |of| (of.classes.clone(), of.is_paired));
            Some(views.with_classes(classes).paired(is_paired))
        });
        let of_metric = |metric: &MetricConfig| {
            let entry = metric.entry();
            let sizes = format!("{} of {count}", real.count);
            let settings = [metric.name(), entry.settings, &sizes, real.split, baseline.name()];
            let key = ["baseline 1", training.fingerprint(), dataset.fingerprint(), &context.extractor.hash()];
            let make = || {
                let measure = |views: &Views| real.measure(metric, views, None).ok();
                let found = views.as_ref().and_then(measure).unwrap_or_default();
                found.into_iter().map(|found| Some(found.value).filter(|value| value.is_finite())).collect::<Vec<_>>()
            };
            let write = |found: &Vec<Option<f64>>| serde_json::to_vec(found).expect("numbers are JSON");
            let read = |bytes: &[u8]| serde_json::from_slice(bytes).ok();
            let found = context.cache.get(&[&key[..], &settings].concat(), make, write, read);
            let named = entry.quantities.into_iter().zip(found);
            named.filter_map(|(quantity, value)| Some((quantity.name.to_owned(), value?))).collect::<Vec<_>>()
        };
        let is_alone = |metric: &&MetricConfig| !matches!(metric.entry().view, View::Training | View::Trainable);
        let values: BTreeMap<String, f64> = real.metrics.iter().filter(is_alone).flat_map(of_metric).collect();
        (!values.is_empty()).then(|| (baseline.name().to_owned(), values))
    };
    let is_for = |baseline: &Baseline| match inputs {
        Some(_) => baseline.translates(),
        None => format.frames() > 1 && !baseline.translates(),
    };
    Baseline::ALL.into_iter().filter(is_for).filter_map(of_baseline).collect()
}
