//! What one may expect of a budget: the best of so many runs with settings drawn at random.
//!
//! Lucic et al. 2018, "Are GANs Created Equal?", figure 2; here exact instead of resampled.

/// Larger budgets are as good as all runs.
const LARGEST: usize = 100;

/// The expected least of 1, 2, 3 ... values, drawn from the scores with replacement.
///
/// # Returns
/// One number for each budget up to the number of scores, or a hundred: it falls from the mean towards the least score.
pub(crate) fn expected_best(scores: &[f64]) -> Vec<f64> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len() as f64;
    (1..=sorted.len().min(LARGEST))
        .map(|budget| {
            // The chance that all draws are at or after a place, by which the least one is there or later.
            let from = |place: usize| ((count - place as f64) / count).powi(budget as i32);
            sorted.iter().enumerate().map(|(place, score)| score * (from(place) - from(place + 1))).sum()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_scores_by_hand() {
        // One draw: the mean. Two draws: both are the larger one in a quarter of all cases.
        assert_eq!(expected_best(&[3.0, 1.0]), [2.0, 0.25 * 3.0 + 0.75 * 1.0]);
        assert_eq!(expected_best(&[]), Vec::<f64>::new());
    }

    #[test]
    fn a_larger_budget_is_never_worse() {
        let best = expected_best(&[5.0, 1.0, 9.0, 2.0, 2.0]);
        assert!(best.is_sorted_by(|a, b| a > b) && best[4] >= 1.0);
    }
}
