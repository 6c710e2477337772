//! Metrics as a family: what a metric says of itself, how it is measured, and the one list. Each metric's file owns its
//! formula and its member of the list.

use crate::classification_accuracy::ClassificationAccuracy;
use crate::conditional_accuracy::ConditionalAccuracy;
use crate::confident_share::ConfidentShare;
use crate::digit_kept::DigitKept;
use crate::frechet::Frechet;
use crate::inception_score::InceptionScore;
use crate::kid::KernelDistance;
use crate::label_kept::LabelKept;
use crate::modes::{ModesGrid25, ModesRing8};
use crate::moving_digits::MovingDigits;
use crate::ms_ssim::{MsSsim, MsSsimByClass};
use crate::nearest_neighbour::NearestNeighbour;
use crate::neighbours::Neighbours;
use crate::note_pitches::NotePitches;
use crate::pairs::Pairs;
use crate::partner::Partner;
use crate::prdc::PrecisionRecall;
use crate::sliced_wasserstein::SlicedWasserstein;
use crate::sound_faults::SoundFaults;
use crate::spectral_distance::SpectralDistance;
use crate::stacked_modes::ModesStackedMnist;
use crate::video_frechet::VideoFrechet;
use crate::{Features, MetricError};
use family::{Choice, Family, Holds, Member, Registry, Settings};
use record::Direction;
use samples::Format;
use std::fmt;
use std::sync::Arc;

/// Every built-in metric, in the order in which to show them.
const ALL: &[Member<dyn Metric>] = &[
    Member::of::<Frechet>(),
    Member::of::<KernelDistance>(),
    Member::of::<PrecisionRecall>(),
    Member::of::<SlicedWasserstein>(),
    Member::of::<NearestNeighbour>(),
    Member::of::<Neighbours>(),
    Member::of::<MsSsim>(),
    Member::of::<MsSsimByClass>(),
    Member::of::<ClassificationAccuracy>(),
    Member::of::<ConditionalAccuracy>(),
    Member::of::<Pairs>(),
    Member::of::<Partner>(),
    Member::of::<LabelKept>(),
    Member::of::<InceptionScore>(),
    Member::of::<ConfidentShare>(),
    Member::of::<ModesRing8>(),
    Member::of::<ModesGrid25>(),
    Member::of::<ModesStackedMnist>(),
    Member::of::<SpectralDistance>(),
    Member::of::<SoundFaults>(),
    Member::of::<NotePitches>(),
    Member::of::<VideoFrechet>(),
    Member::of::<MovingDigits>(),
    Member::of::<DigitKept>(),
];

/// Every metric.
pub static METRICS: Registry<dyn Metric> = Registry::new(ALL);

/// An entry of `run.evaluate.metrics`: a metric with its settings.
pub type MetricConfig = Choice<dyn Metric>;

/// A way to compare generated samples with real ones.
///
/// Values of quantities with the same name are compared with one another, whatever the settings of the metric: one that is
/// measured in another way needs another name.
pub trait Metric: Send + Sync {
    /// What it needs and what it measures.
    fn entry() -> Entry
    where
        Self: Sized;

    /// Whether it can be measured of samples of this format. Rows of an array are points with a coordinate for each column.
    fn takes(&self, _format: Format) -> bool {
        true
    }

    /// A value for each quantity of its [`entry`](Self::entry), in their order. The same input gives the same values, with
    /// any number of threads.
    ///
    /// # Errors
    /// What the samples lack.
    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError>;
}

/// What there is to say of a metric without measuring it. The texts are fragments.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it measures.
    pub about: &'static str,
    /// Where it was published.
    pub paper: &'static str,
    /// What it measures: completes "`name` needs".
    pub samples: &'static str,
    /// What it sees of the samples.
    pub view: View,
    /// The smallest number of samples of each set.
    pub smallest: Smallest,
    /// How it is measured; empty if there is nothing to choose.
    pub settings: &'static str,
    /// Its numbers. Their names are unique among all metrics'.
    pub quantities: Vec<Quantity>,
}

/// One number of a metric.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    /// Its name, unique among all metrics'.
    pub name: &'static str,
    /// Where it should be.
    pub direction: Direction,
    /// Its unit; empty if it has none.
    pub unit: &'static str,
    /// Whether `runner status` has a column for it; JSON, tables for other programs and the page have all quantities.
    pub in_tables: bool,
}

impl Quantity {
    /// One that should be low.
    pub const fn lower(name: &'static str, unit: &'static str) -> Self {
        Self { name, direction: Direction::Lower, unit, in_tables: false }
    }

    /// One that should be high.
    pub const fn higher(name: &'static str, unit: &'static str) -> Self {
        Self { direction: Direction::Higher, ..Self::lower(name, unit) }
    }

    /// One that should be one half.
    pub const fn half(name: &'static str, unit: &'static str) -> Self {
        Self { direction: Direction::Half, ..Self::lower(name, unit) }
    }

    /// One that should be what real samples get.
    pub const fn floor(name: &'static str, unit: &'static str) -> Self {
        Self { direction: Direction::Floor, ..Self::lower(name, unit) }
    }

    /// The same with a column in `runner status`.
    #[must_use]
    pub const fn in_tables(self) -> Self {
        Self { in_tables: true, ..self }
    }
}

impl View {
    /// Whether it shows classes as a classifier predicts them that learned from real samples, and is asked of fake ones.
    pub fn asks_judge(self) -> bool {
        matches!(self, Self::Kept | Self::Judged)
    }

    /// Whether it shows the classes of the samples.
    pub fn is_of_classes(self) -> bool {
        matches!(self, Self::LabelledSamples | Self::Trainable | Self::Judged)
    }

    /// What it shows says something of translated samples only.
    pub fn is_of_translations(self) -> bool {
        matches!(self, Self::Pairs | Self::PairFeatures | Self::Kept)
    }
}

/// What a metric sees of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Features.
    Features,
    /// Features, those of all training samples among them.
    Training,
    /// The samples themselves: pixels in `[-1, 1]`, coordinates of points.
    Samples,
    /// The samples themselves with their classes.
    LabelledSamples,
    /// The same, where they are sounds or images that are large enough to train a classifier on, and its predictions.
    Trainable,
    /// The same samples, and what a classifier that learned from real ones takes the fake ones for.
    Judged,
    /// The samples themselves, where fake sample i was made of the input whose true partner is real sample i.
    Pairs,
    /// Features of the same.
    PairFeatures,
    /// Samples with the classes of the inputs that they were made of, where they are images that are large enough for a
    /// classifier, and what one that learned from real samples takes the fake ones for.
    Kept,
    /// Probabilities of classes.
    Probabilities,
    /// The likeliest class of each channel.
    Classes,
}

/// The smallest number of samples of each set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Smallest {
    /// So many, with any features.
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

/// Two sets to compare, as the metric's [`View`] shows them.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Real samples.
    pub real: Features<'a>,
    /// Generated samples.
    pub fake: Features<'a>,
    /// Everything that copies could be of; holds `real`.
    pub training: Features<'a>,
    /// Of the samples; `None` for rows of an array.
    pub format: Option<Format>,
    /// Classes of the real samples, as predicted by a classifier that was trained on the fake ones, if there is one; for
    /// [`View::Kept`] and [`View::Judged`] those of the fake samples by one that was trained on real ones.
    pub predicted: Option<&'a [u16]>,
    /// Decides subsets, pairs and projections.
    pub seed: u64,
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
    /// How it was measured besides what the [`Entry`] says, where that follows from the samples: a fragment.
    pub settings: Option<String>,
}

impl From<f64> for Measured {
    fn from(value: f64) -> Self {
        Self { value, standard_error: None, by_class: Vec::new(), settings: None }
    }
}

impl Family for dyn Metric {
    const NAME: &'static str = "Metric";
    const ABOUT: &'static str = "An entry of `run.evaluate.metrics`.";
    const TAG: &'static str = "kind";
    const WRITES_WORDS: bool = true;
    type Entry = Entry;

    fn registry() -> &'static Registry<Self> {
        &METRICS
    }

    fn hint(name: &str) -> Option<&'static str> {
        let is_fid = name.eq_ignore_ascii_case("fid");
        is_fid.then_some("the FID is `frechet` with `inception: FILE`, the weights of its network")
    }
}

impl<S: Settings + Metric> Holds<S> for dyn Metric {
    fn hold(settings: S) -> Arc<Self> {
        Arc::new(settings)
    }

    fn entry() -> Entry {
        S::entry()
    }
}

/// The metrics that need no settings, by their names.
pub fn names() -> Vec<&'static str> {
    METRICS.defaults().map(|metric| metric.name()).collect()
}

/// The metric of a name, with default settings.
pub fn find(name: &str) -> Option<MetricConfig> {
    METRICS.find(name).and_then(Member::with_defaults)
}

/// Every quantity of every metric.
pub fn quantities() -> impl Iterator<Item = Quantity> {
    METRICS.members().iter().flat_map(|metric| metric.entry().quantities)
}
