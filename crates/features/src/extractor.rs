//! The one list of the family, and what its members have in common.

use crate::classifier::{DIGITS, DRUMS, FASHION, WORDS};
use crate::clips::Clips;
use crate::moving_digits::MovingDigits;
use crate::pixels::Pixels;
use crate::spectrum::Spectrum;
use burn::tensor::{Device, Tensor, TensorData};
use samples::Format;

/// Images that pass through a network at once.
const BATCH: usize = 256;

/// From images to rows of numbers.
pub trait Extractor: Sync {
    /// Its name in files and on the command line.
    fn name(&self) -> &'static str;

    /// What its features are, as a fragment.
    fn about(&self) -> &'static str;

    /// `blake3:<hex>` of its definition and its weights. Values with different ones cannot be compared.
    fn hash(&self) -> String;

    /// Features of a sample.
    ///
    /// # Errors
    /// It was not made for samples of this format.
    fn width(&self, format: Format) -> Result<usize, FeatureError>;

    /// What it makes of samples of this format, `[count, channels, height, width]` in `[-1, 1]`.
    ///
    /// # Panics
    /// If [`width`](Self::width) refuses their format.
    fn extract(&self, images: Tensor<4>, format: Format) -> Extracted;
}

/// Every extractor, in the order in which to show them.
pub static ALL: [&dyn Extractor; 8] = [&Pixels, &DIGITS, &FASHION, &Spectrum, &DRUMS, &WORDS, &Clips, &MovingDigits];

/// The extractor of a name.
pub fn find(name: &str) -> Option<&'static dyn Extractor> {
    ALL.iter().copied().find(|extractor| extractor.name() == name)
}

/// The default extractor of a data set.
pub fn usual(data: &str) -> &'static dyn Extractor {
    match data {
        "mnist-10k" | "stacked-mnist" => &DIGITS,
        "fashion-mnist" => &FASHION,
        "drums" | "notes" | "wav-folder" => &Spectrum,
        "moving-digits" => &MovingDigits,
        "frames-folder" => &Clips,
        _ => &Pixels,
    }
}

/// Why an extractor has nothing to say of images.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FeatureError {
    /// It was made for others.
    #[error("`{extractor}` features are of {wanted}, not of {found}")]
    Format {
        /// Its name.
        extractor: &'static str,
        /// The samples that it takes.
        wanted: &'static str,
        /// The samples' format.
        found: Format,
    },
}

/// A matrix, row-major.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Row by row.
    pub values: Vec<f32>,
    /// Numbers of a row.
    pub width: usize,
}

impl Rows {
    pub(crate) fn of(matrix: Tensor<2>) -> Self {
        let [_, width] = matrix.dims();
        Self { values: matrix.into_data().iter().collect(), width }
    }

    fn append(&mut self, other: Self) {
        self.width = other.width;
        self.values.extend(other.values);
    }
}

/// What an extractor makes of images, a row for each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extracted {
    /// Features.
    pub features: Rows,
    /// Probabilities of classes, if the extractor is a classifier and the image holds one thing.
    pub probabilities: Option<Rows>,
    /// The likeliest class of each channel, if the extractor is a classifier.
    pub classes: Option<Rows>,
}

impl Extracted {
    /// Takes in what the same extractor made of other images.
    pub fn append(&mut self, other: Self) {
        self.features.append(other.features);
        for (all, other) in [(&mut self.probabilities, other.probabilities), (&mut self.classes, other.classes)] {
            if let Some(other) = other {
                all.get_or_insert_default().append(other);
            }
        }
    }
}

/// What `extractor` makes of images, `[count, channels, height, width]` in `[-1, 1]`, row-major.
///
/// # Errors
/// It was not made for samples of this format.
///
/// # Panics
/// If `images` are not whole.
pub fn extract(
    extractor: &dyn Extractor,
    images: &[f32],
    format: Format,
    device: &Device,
) -> Result<Extracted, FeatureError> {
    extractor.width(format)?;
    let ([channels, height, width], size) = (format.shape(), format.values());
    let mut all = Extracted::default();
    for batch in images.chunks(BATCH * size) {
        let data = TensorData::new(batch.to_vec(), [batch.len() / size, channels, height, width]);
        all.append(extractor.extract(Tensor::from_data(data, device), format));
    }
    Ok(all)
}
