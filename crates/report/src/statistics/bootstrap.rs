//! Two configurations that were trained with the same seeds, compared seed by seed.

use super::random::Random;

const RESAMPLES: usize = 10_000;
/// Two differences give an interval that says nothing.
const FEWEST: usize = 3;

/// Differences of pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Paired {
    pub pairs: usize,
    pub mean: f64,
    /// How many differences are above zero.
    pub above: usize,
    /// Percentile interval of the mean, 95 %; `None` below three pairs.
    pub interval: Option<(f64, f64)>,
}

/// The bootstrap of a mean difference (Efron and Tibshirani 1993, chapter 13); `None` for no pairs.
///
/// With few pairs the percentile interval is too narrow: of three it is at most the range of the differences.
pub(crate) fn paired(differences: &[f64]) -> Option<Paired> {
    let pairs = differences.len();
    if pairs == 0 {
        return None;
    }
    let mean = differences.iter().sum::<f64>() / pairs as f64;
    let above = differences.iter().filter(|difference| **difference > 0.0).count();
    let interval = (pairs >= FEWEST).then(|| {
        let mut random = Random::new(pairs as u64);
        let mut means: Vec<f64> = (0..RESAMPLES)
            .map(|_| (0..pairs).map(|_| differences[random.below(pairs)]).sum::<f64>() / pairs as f64)
            .collect();
        means.sort_by(f64::total_cmp);
        let at = |part: f64| means[((RESAMPLES - 1) as f64 * part).round() as usize];
        (at(0.025), at(0.975))
    });
    Some(Paired { pairs, mean, above, interval })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_differences_leave_no_doubt() {
        let told = paired(&[2.0; 5]).unwrap();
        assert_eq!(told, Paired { pairs: 5, mean: 2.0, above: 5, interval: Some((2.0, 2.0)) });
        assert_eq!(paired(&[1.0, 2.0]).unwrap().interval, None);
        assert_eq!(paired(&[]), None);
    }

    /// The interval of a mean of many values is the normal one.
    #[test]
    fn many_pairs_give_the_normal_interval() {
        let differences: Vec<f64> = (0..400).map(|i| f64::from(i % 20) - 9.5).collect();
        let (low, high) = paired(&differences).unwrap().interval.unwrap();
        // Standard deviation of 0..20, uniform: sqrt((20² - 1) / 12) = 5.766; 1.96 · 5.766 / 20 = 0.565.
        assert!((low + 0.565).abs() < 0.03 && (high - 0.565).abs() < 0.03, "{low} {high}");
    }

    #[test]
    fn three_pairs_give_no_more_than_their_range() {
        assert_eq!(paired(&[-1.0, 2.0, 5.0]).unwrap().interval, Some((-1.0, 5.0)));
    }
}
