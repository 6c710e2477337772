//! The mean over seeds and how far one can trust it.

/// The mean of a sample and half the width of its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mean {
    pub mean: f64,
    /// `None` for a single value.
    pub half: Option<f64>,
    pub count: usize,
}

/// Student's interval; `None` for no values.
pub(crate) fn mean(values: &[f64]) -> Option<Mean> {
    let count = values.len();
    if count == 0 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let half = half_width(count).map(|factor| factor * (squares / (count - 1) as f64).sqrt());
    Some(Mean { mean, half, count })
}

/// Half the width of the 95 % interval of a mean of `count` values, in standard deviations of these.
pub(crate) fn half_width(count: usize) -> Option<f64> {
    (count > 1).then(|| quantile(count - 1) / (count as f64).sqrt())
}

/// The 97.5 % quantile of Student's t distribution.
///
/// Exact to three decimals: tabled up to ten degrees of freedom, then by Cornish and Fisher's expansion about the
/// normal quantile (Abramowitz and Stegun, 26.7.5).
fn quantile(degrees: usize) -> f64 {
    const TABLE: [f64; 10] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
    if let Some(value) = TABLE.get(degrees - 1) {
        return *value;
    }
    let (z, n) = (1.959_964_f64, degrees as f64);
    let first = (z.powi(3) + z) / 4.0;
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    let third = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
    z + first / n + second / n.powi(2) + third / n.powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_the_published_ones() {
        // Abramowitz and Stegun, table 26.10.
        for (degrees, expected) in [(1, 12.706), (4, 2.776), (10, 2.228), (11, 2.201), (20, 2.086), (120, 1.980)] {
            assert!((quantile(degrees) - expected).abs() < 6e-4, "{degrees}: {}", quantile(degrees));
        }
    }

    #[test]
    fn an_interval_needs_two_values() {
        assert_eq!(mean(&[]), None);
        assert_eq!(mean(&[3.0]), Some(Mean { mean: 3.0, half: None, count: 1 }));
        // Standard deviation 1, three values: 4.303 / sqrt(3).
        let Mean { mean, half, .. } = mean(&[1.0, 2.0, 3.0]).unwrap();
        assert_eq!(mean, 2.0);
        assert!((half.unwrap() - 2.4843).abs() < 1e-4);
    }
}
