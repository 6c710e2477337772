//! A set of samples as the metrics see it: a view of a row-major matrix. Owns nothing, knows no file and no image.

use crate::{MetricError, Side};
use ndarray::Array2;
use std::ops::Range;

/// Features of samples, row-major `[samples, width]`, and their classes where these are known.
#[derive(Clone, Copy, Debug)]
pub struct Features<'a> {
    values: Values<'a>,
    width: usize,
    classes: Option<&'a [u16]>,
}

#[derive(Clone, Copy, Debug)]
enum Values<'a> {
    Single(&'a [f32]),
    Double(&'a [f64]),
}

impl<'a> Features<'a> {
    /// Of 32-bit numbers; all arithmetic is in 64 bits.
    ///
    /// # Panics
    /// If `width` is zero or `values` are not whole rows.
    pub fn single(values: &'a [f32], width: usize) -> Self {
        Self::new(Values::Single(values), values.len(), width)
    }

    /// Of 64-bit numbers.
    ///
    /// # Panics
    /// As [`Features::single`].
    pub fn double(values: &'a [f64], width: usize) -> Self {
        Self::new(Values::Double(values), values.len(), width)
    }

    fn new(values: Values<'a>, length: usize, width: usize) -> Self {
        assert!(width > 0 && length.is_multiple_of(width), "{length} values are no rows of {width}");
        Self { values, width, classes: None }
    }

    /// The same samples of these classes, one for each.
    ///
    /// # Panics
    /// If they are more or fewer.
    pub fn with_classes(self, classes: &'a [u16]) -> Self {
        assert_eq!(classes.len(), self.len(), "a class for each sample");
        Self { classes: Some(classes), ..self }
    }

    /// The class of each sample, if they are known.
    pub fn classes(self) -> Option<&'a [u16]> {
        self.classes
    }

    /// Number of samples.
    pub fn len(self) -> usize {
        let values = match self.values {
            Values::Single(values) => values.len(),
            Values::Double(values) => values.len(),
        };
        values / self.width
    }

    /// No samples.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Features of each sample.
    pub fn width(self) -> usize {
        self.width
    }

    /// The samples of a range.
    ///
    /// # Panics
    /// If it ends after the last.
    pub fn slice(self, rows: Range<usize>) -> Self {
        let classes = self.classes.map(|classes| &classes[rows.clone()]);
        let range = rows.start * self.width..rows.end * self.width;
        let values = match self.values {
            Values::Single(values) => Values::Single(&values[range]),
            Values::Double(values) => Values::Double(&values[range]),
        };
        Self { values, classes, ..self }
    }

    /// All numbers in 32 bits, row by row.
    pub fn to_single(self) -> Vec<f32> {
        match self.values {
            Values::Single(values) => values.to_vec(),
            Values::Double(values) => values.iter().map(|value| *value as f32).collect(),
        }
    }

    /// All samples as a matrix.
    pub(crate) fn matrix(self) -> Array2<f64> {
        let values = match self.values {
            Values::Single(values) => values.iter().map(|value| f64::from(*value)).collect(),
            Values::Double(values) => values.to_vec(),
        };
        Array2::from_shape_vec((self.len(), self.width), values).expect("whole rows, by construction")
    }

    /// One sample.
    ///
    /// # Panics
    /// If there is none at `index`.
    pub fn row(self, index: usize) -> Vec<f64> {
        self.slice(index..index + 1).matrix().into_raw_vec_and_offset().0
    }

    /// Row ranges of at most `size`, in order.
    pub(crate) fn blocks(self, size: usize) -> Vec<Range<usize>> {
        let length = self.len();
        (0..length).step_by(size).map(|from| from..(from + size).min(length)).collect()
    }

    /// # Errors
    /// The first number that is not finite.
    pub fn check_finite(self, side: Side) -> Result<(), MetricError> {
        let found = match self.values {
            Values::Single(values) => {
                values.iter().position(|value| !value.is_finite()).map(|index| (index, f64::from(values[index])))
            }
            Values::Double(values) => {
                values.iter().position(|value| !value.is_finite()).map(|index| (index, values[index]))
            }
        };
        match found {
            None => Ok(()),
            Some((index, value)) => {
                Err(MetricError::NotFinite { side, row: index / self.width, column: index % self.width, value })
            }
        }
    }
}

/// What every metric on two sets asks of them: the same width, finite numbers, and `needed` samples of each, `because`
/// fewer say nothing.
///
/// # Errors
/// What they lack.
pub fn check(
    metric: &'static str,
    real: Features,
    fake: Features,
    needed: usize,
    because: &'static str,
) -> Result<(), MetricError> {
    if real.width() != fake.width() {
        return Err(MetricError::Width { real: real.width(), fake: fake.width() });
    }
    for (side, features) in [(Side::Real, real), (Side::Fake, fake)] {
        check_one(metric, side, features, needed, because)?;
    }
    Ok(())
}

/// The same for one set.
pub(crate) fn check_one(
    metric: &'static str,
    side: Side,
    features: Features,
    needed: usize,
    because: &'static str,
) -> Result<(), MetricError> {
    features.check_finite(side)?;
    let found = features.len();
    if found < needed { Err(MetricError::TooFew { metric, side, needed, found, because }) } else { Ok(()) }
}

/// The matrix of class probabilities, rows that sum to 1.
pub(crate) fn check_probabilities(metric: &'static str, probabilities: Features) -> Result<Array2<f64>, MetricError> {
    /// How far a row may be from one; classifiers write 32-bit numbers.
    const TOLERANCE: f64 = 1e-3;
    let rows = probabilities.matrix();
    let are = |row: ndarray::ArrayView1<f64>| row.iter().all(|p| *p >= 0.0) && (row.sum() - 1.0).abs() < TOLERANCE;
    let needed = "class probabilities, rows that sum to 1";
    if rows.rows().into_iter().all(are) { Ok(rows) } else { Err(MetricError::Kind { metric, needed }) }
}
