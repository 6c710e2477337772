//! The one list of the family: what there is to measure, and how it is measured when nobody says otherwise.

use crate::classification_accuracy::{self, classification_accuracy};
use crate::frechet::frechet;
use crate::inception_score::inception_score;
use crate::kid::{Kid, kid};
use crate::modes::{Mixture, modes};
use crate::ms_ssim::{diversity, diversity_by_class};
use crate::nearest_neighbour::nearest_neighbour;
use crate::neighbours::neighbours;
use crate::prdc::prdc;
use crate::sliced_wasserstein::sliced_wasserstein;
use crate::stacked_modes::stacked_modes;
use crate::{Features, MetricError, Side};
use serde::Serialize;
use std::fmt;

const NEIGHBOURS: usize = 5;
const PROJECTIONS: usize = 256;
const PAIRS: usize = 500;
const PAIRS_OF_CLASS: usize = 100;

/// Two sets to compare.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Real samples.
    pub real: Features<'a>,
    /// Generated samples.
    pub fake: Features<'a>,
    /// Everything that copies could be of; holds `real`.
    pub training: Features<'a>,
    /// `[channels, height, width]` of the images, if the features are their pixels in `[-1, 1]`.
    pub image: Option<[usize; 3]>,
    /// Classes of the real samples, as predicted by a classifier that was trained on the fake ones, if there is one.
    pub predicted: Option<&'a [u16]>,
    /// Decides subsets, pairs and projections.
    pub seed: u64,
}

/// Where a value should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// As low as it gets.
    Lower,
    /// As high as it gets.
    Higher,
    /// At one half.
    Half,
    /// Where real samples have it.
    Floor,
}

/// One number of a metric.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Quantity {
    /// Its name, unique among all metrics'.
    pub name: &'static str,
    /// Where it should be.
    pub direction: Direction,
    /// Its unit; empty if it has none.
    pub unit: &'static str,
}

/// A quantity's value.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The number.
    pub value: f64,
    /// Its standard error, where the metric estimates one.
    pub standard_error: Option<f64>,
    /// The same of each class, from class 0 on, where the metric looks at classes; none of a class with too few samples.
    pub by_class: Vec<Option<f64>>,
}

impl From<f64> for Measured {
    fn from(value: f64) -> Self {
        Self { value, standard_error: None, by_class: Vec::new() }
    }
}

/// What a metric sees of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// Features.
    Features,
    /// Features, those of all training samples among them.
    Training,
    /// Images: pixels in `[-1, 1]`.
    Images,
    /// Images with their classes.
    LabelledImages,
    /// The same, where they are large enough to train a classifier on, and its predictions.
    TrainableImages,
    /// Probabilities of classes.
    Probabilities,
    /// The likeliest class of each channel.
    Classes,
    /// Points in the plane.
    Points,
}

/// The smallest number of samples of each set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Smallest {
    /// Whatever the features.
    Samples(usize),
    /// One more than features.
    WidthPlusOne,
    /// Of each class.
    OfEachClass(usize),
}

impl Smallest {
    /// With `width` features and `classes` classes, 0 where there are none.
    pub fn of(self, width: usize, classes: usize) -> usize {
        match self {
            Self::Samples(samples) => samples,
            Self::WidthPlusOne => width + 1,
            Self::OfEachClass(samples) => samples * classes,
        }
    }
}

impl fmt::Display for Smallest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Samples(samples) => write!(f, "{samples}"),
            Self::WidthPlusOne => f.write_str("width + 1"),
            Self::OfEachClass(samples) => write!(f, "{samples} of each class"),
        }
    }
}

/// One member of the family.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Metric {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it tells, as a fragment.
    pub about: &'static str,
    /// Where it is from.
    pub paper: &'static str,
    /// What it measures, as a fragment.
    pub samples: &'static str,
    /// What it sees of them.
    pub view: View,
    /// The smallest number of samples of each set.
    pub smallest: Smallest,
    /// How it is measured.
    pub settings: &'static str,
    /// Its numbers.
    pub quantities: &'static [Quantity],
    #[serde(skip)]
    measure: fn(&Input) -> Result<Vec<Measured>, MetricError>,
}

const fn quantity(name: &'static str, direction: Direction, unit: &'static str) -> Quantity {
    Quantity { name, direction, unit }
}

/// Every metric, in the order in which to show them.
pub const ALL: [Metric; 13] = [
    Metric {
        name: "frechet",
        about: "distance of the Gaussians with the sets' means and covariances",
        paper: "Heusel et al. 2017",
        samples: "features",
        view: View::Features,
        smallest: Smallest::WidthPlusOne,
        settings: "",
        quantities: &[quantity("frechet", Direction::Lower, "features²")],
        measure: |input| Ok(vec![frechet(input.real, input.fake)?.into()]),
    },
    Metric {
        name: "kid",
        about: "unbiased squared MMD with a cubic kernel",
        paper: "Bińkowski et al. 2018",
        samples: "features",
        view: View::Features,
        smallest: Smallest::Samples(2),
        settings: "100 subsets of half, at most 1000",
        quantities: &[quantity("kid", Direction::Lower, "")],
        measure: |input| {
            // Subsets of everything would all be the same one, and their standard error nothing.
            let half = input.real.len().min(input.fake.len()) / 2;
            let usual = Kid::default();
            let settings = Kid { subset_size: usual.subset_size.min(half), seed: input.seed, ..usual };
            let estimate = kid(input.real, input.fake, settings)?;
            let standard_error = Some(estimate.standard_error);
            Ok(vec![Measured { standard_error, ..estimate.mean.into() }])
        },
    },
    Metric {
        name: "prdc",
        about: "fidelity (precision, density) and variety (recall, coverage)",
        paper: "Kynkäänniemi et al. 2019, Naeem et al. 2020",
        samples: "features",
        view: View::Features,
        smallest: Smallest::Samples(6),
        settings: "5 neighbours",
        quantities: &[
            quantity("precision", Direction::Higher, "share"),
            quantity("recall", Direction::Higher, "share"),
            quantity("density", Direction::Higher, ""),
            quantity("coverage", Direction::Higher, "share"),
        ],
        measure: |input| {
            let found = prdc(input.real, input.fake, NEIGHBOURS)?;
            Ok([found.precision, found.recall, found.density, found.coverage].map(Measured::from).to_vec())
        },
    },
    Metric {
        name: "sliced_wasserstein",
        about: "optimal transport on random lines",
        paper: "Bonneel et al. 2015, Deshpande et al. 2018",
        samples: "features",
        view: View::Features,
        smallest: Smallest::Samples(1),
        settings: "256 projections",
        quantities: &[
            quantity("sliced_wasserstein_1", Direction::Lower, "features"),
            quantity("sliced_wasserstein_2", Direction::Lower, "features"),
        ],
        measure: |input| {
            let found = sliced_wasserstein(input.real, input.fake, PROJECTIONS, input.seed)?;
            Ok(vec![found.first.into(), found.second.into()])
        },
    },
    Metric {
        name: "nearest_neighbour",
        about: "accuracy of the 1-nearest-neighbour classifier of real and fake",
        paper: "Lopez-Paz and Oquab 2017",
        samples: "features",
        view: View::Features,
        smallest: Smallest::Samples(2),
        settings: "leave one out",
        quantities: &[
            quantity("nearest_neighbour", Direction::Half, "share"),
            quantity("nearest_neighbour_real", Direction::Half, "share"),
            quantity("nearest_neighbour_fake", Direction::Half, "share"),
        ],
        measure: |input| {
            let found = nearest_neighbour(input.real, input.fake)?;
            Ok([found.all, found.real, found.fake].map(Measured::from).to_vec())
        },
    },
    Metric {
        name: "neighbours",
        about: "distances to the nearest of all real samples: copies show",
        paper: "Meehan et al. 2020",
        samples: "features",
        view: View::Training,
        smallest: Smallest::Samples(1),
        settings: "",
        quantities: &[
            quantity("neighbours_mean", Direction::Floor, "features"),
            quantity("neighbours_smallest", Direction::Floor, "features"),
            quantity("copies", Direction::Floor, "share"),
        ],
        measure: |input| {
            let found = neighbours(input.training, input.fake)?;
            let count = found.len() as f64;
            let mean = found.iter().map(|neighbour| neighbour.distance).sum::<f64>() / count;
            let smallest = found.iter().map(|neighbour| neighbour.distance).fold(f64::INFINITY, f64::min);
            let copies = found.iter().filter(|neighbour| neighbour.distance == 0.0).count() as f64 / count;
            Ok([mean, smallest, copies].map(Measured::from).to_vec())
        },
    },
    Metric {
        name: "ms_ssim",
        about: "likeness of the fake images among themselves",
        paper: "Odena et al. 2017, Wang et al. 2003",
        samples: "images",
        view: View::Images,
        smallest: Smallest::Samples(2),
        settings: "500 pairs",
        quantities: &[quantity("ms_ssim", Direction::Floor, "")],
        measure: |input| {
            let needed = MetricError::Kind { metric: "ms_ssim", needed: "images" };
            Ok(vec![diversity(input.fake, input.image.ok_or(needed)?, PAIRS, input.seed, Side::Fake)?.into()])
        },
    },
    Metric {
        name: "ms_ssim_by_class",
        about: "likeness of the fake images of each class, mean over the classes",
        paper: "Odena et al. 2017",
        samples: "images with their classes",
        view: View::LabelledImages,
        smallest: Smallest::OfEachClass(2),
        settings: "100 pairs a class",
        quantities: &[quantity("ms_ssim_by_class", Direction::Floor, "")],
        measure: |input| {
            let needed = MetricError::Kind { metric: "ms_ssim_by_class", needed: "images" };
            let by_class =
                diversity_by_class(input.fake, input.image.ok_or(needed)?, PAIRS_OF_CLASS, input.seed, Side::Fake)?;
            let values: Vec<f64> = by_class.iter().copied().flatten().collect();
            Ok(vec![Measured { by_class, ..(values.iter().sum::<f64>() / values.len() as f64).into() }])
        },
    },
    Metric {
        name: "classification_accuracy",
        about: "how well a classifier that learned from the fake images tells real ones",
        paper: "Ravuri and Vinyals 2019",
        samples: "images of 8 pixels a side or more with their classes",
        view: View::TrainableImages,
        smallest: Smallest::Samples(classification_accuracy::LEAST),
        settings: "20 passes of a small classifier",
        quantities: &[quantity("classification_accuracy", Direction::Higher, "share")],
        measure: |input| Ok(vec![classification_accuracy(input.real, input.fake, input.predicted)?]),
    },
    Metric {
        name: "inception_score",
        about: "sure of each sample's class, and all classes there",
        paper: "Salimans et al. 2016",
        samples: "class probabilities, of the fake samples",
        view: View::Probabilities,
        smallest: Smallest::Samples(1),
        settings: "1 split",
        quantities: &[quantity("inception_score", Direction::Higher, "classes")],
        measure: |input| Ok(vec![inception_score(input.fake, 1)?.0.into()]),
    },
    Metric {
        name: "modes_ring_8",
        about: "modes of eight Gaussians on a circle",
        paper: "Srivastava et al. 2017, Lin et al. 2018",
        samples: "points in the plane, of the fake samples",
        view: View::Points,
        smallest: Smallest::Samples(1),
        settings: "radius 1, deviation 0.01",
        quantities: &[
            quantity("ring_8_modes", Direction::Higher, "modes"),
            quantity("ring_8_high_quality", Direction::Higher, "share"),
            quantity("ring_8_reverse_kl", Direction::Lower, "nats"),
        ],
        measure: |input| of_modes(input, &Mixture::ring_8()),
    },
    Metric {
        name: "modes_grid_25",
        about: "modes of 25 Gaussians on a grid",
        paper: "Srivastava et al. 2017, Lin et al. 2018",
        samples: "points in the plane, of the fake samples",
        view: View::Points,
        smallest: Smallest::Samples(1),
        settings: "spacing 2, deviation 0.05",
        quantities: &[
            quantity("grid_25_modes", Direction::Higher, "modes"),
            quantity("grid_25_high_quality", Direction::Higher, "share"),
            quantity("grid_25_reverse_kl", Direction::Lower, "nats"),
        ],
        measure: |input| of_modes(input, &Mixture::grid_25()),
    },
    Metric {
        name: "modes_stacked_mnist",
        about: "modes of three digits in the channels of an image",
        paper: "Metz et al. 2017, Srivastava et al. 2017, Lin et al. 2018",
        samples: "digits that a classifier sees in three channels, of the fake samples",
        view: View::Classes,
        smallest: Smallest::Samples(1),
        settings: "1000 modes",
        quantities: &[
            quantity("stacked_mnist_modes", Direction::Higher, "modes"),
            quantity("stacked_mnist_kl", Direction::Lower, "nats"),
        ],
        measure: |input| {
            let found = stacked_modes(input.fake)?;
            Ok(vec![(found.covered as f64).into(), found.kl.into()])
        },
    },
];

/// The metric of a name.
pub fn find(name: &str) -> Option<&'static Metric> {
    ALL.iter().find(|metric| metric.name == name)
}

impl Metric {
    /// A value for each of its quantities, in their order.
    ///
    /// # Errors
    /// What the samples lack.
    pub fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        (self.measure)(input)
    }
}

fn of_modes(input: &Input, mixture: &Mixture) -> Result<Vec<Measured>, MetricError> {
    let found = modes(input.fake, mixture)?;
    Ok([found.covered as f64, found.high_quality, found.reverse_kl].map(Measured::from).to_vec())
}
