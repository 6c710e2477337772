//! How numbers are distributed, small enough to be recorded often.

use serde::{Deserialize, Serialize};

/// The most parts of a range.
const MAX_PARTS: usize = 30;

/// Counts of numbers in equal parts of their range, as many as the root of their number, at most 30. Numbers that are not
/// finite are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// The least number.
    pub min: f64,
    /// The greatest number.
    pub max: f64,
    /// Of all numbers.
    pub sum: f64,
    /// Of their squares.
    pub sum_squares: f64,
    /// In each part, from `min` to `max`; a single part where these are the same.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// `None` if none of the numbers is finite.
    pub fn of(numbers: &[f32]) -> Option<Self> {
        let finite = || numbers.iter().copied().filter(|number| number.is_finite()).map(f64::from);
        let (mut count, mut min, mut max, mut sum, mut sum_squares) = (0, f64::INFINITY, f64::NEG_INFINITY, 0.0, 0.0);
        for number in finite() {
            count += 1;
            (min, max) = (min.min(number), max.max(number));
            sum += number;
            sum_squares += number * number;
        }
        if count == 0 {
            return None;
        }
        let parts = f64::from(count).sqrt().ceil().min(MAX_PARTS as f64);
        let width = (max - min) / parts;
        let mut counts = vec![0; if width > 0.0 { parts as usize } else { 1 }];
        let last = counts.len() - 1;
        for number in finite() {
            // Without a width all are at 0: NaN becomes that.
            counts[(((number - min) / width) as usize).min(last)] += 1;
        }
        Some(Self { min, max, sum, sum_squares, counts })
    }

    /// How many numbers.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The upper end of each part.
    pub fn ends(&self) -> Vec<f64> {
        let width = (self.max - self.min) / self.counts.len() as f64;
        let inner = (1..self.counts.len()).map(|part| self.min + width * part as f64);
        inner.chain([self.max]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finite_number_is_in_one_part() {
        let numbers: Vec<f32> = (0..=900).map(|i| i as f32 / 2.0).chain([f32::NAN, f32::INFINITY]).collect();
        let histogram = Histogram::of(&numbers).unwrap();
        assert_eq!((histogram.min, histogram.max, histogram.count()), (0.0, 450.0, 901));
        // The sum of i / 2 and of its square for i = 0 ... 900.
        assert_eq!((histogram.sum, histogram.sum_squares), (202_725.0, 60_851_287.5));
        assert_eq!(histogram.counts, [vec![30; 29], vec![31]].concat(), "the greatest number is in the last part");
        assert_eq!(histogram.ends(), (1..=30).map(|end| 15.0 * f64::from(end)).collect::<Vec<_>>());
        let few = Histogram::of(&[0.0, 1.0, 2.0, 3.0, 9.0]).unwrap();
        assert_eq!((few.counts, few.sum), (vec![3, 1, 1], 15.0));
    }

    #[test]
    fn numbers_that_are_all_the_same_are_one_part_and_none_are_nothing() {
        let same = Histogram::of(&[0.5; 7]).unwrap();
        assert_eq!((same.counts.as_slice(), same.ends().as_slice()), ([7].as_slice(), [0.5].as_slice()));
        assert_eq!(Histogram::of(&[f32::NAN, f32::NEG_INFINITY]), None);
        let extreme = Histogram::of(&[f32::MIN, f32::MAX, 0.0]).unwrap();
        assert_eq!(extreme.counts, [1, 2]);
    }
}
