//! Which settings matter for a measurement.

use super::forest::{Feature, Kind, permutation_importance};
use super::rank::{ranks, spearman};

/// Runs below which nothing is said.
const FEWEST_RUNS: usize = 10;

/// A setting over the runs, or their seed.
pub(crate) struct Factor {
    /// One number for each run: the setting itself, or the place of its value among those that occur.
    pub values: Vec<f64>,
    /// Whether larger means more.
    pub ordered: bool,
}

/// What one factor does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Importance {
    /// Growth of the forest's error when the factor is permuted, in parts of the variance.
    pub share: f64,
    /// Spearman's rank correlation, for ordered factors.
    pub rho: Option<f64>,
}

/// Importance of each factor for the ranks of the scores; `None` for fewer than ten runs, or scores that do not vary.
///
/// Ranks, because one diverged run would otherwise be all that there is to explain. Scores may be infinite, not NaN.
pub(crate) fn importance(factors: &[Factor], scores: &[f64]) -> Option<Vec<Importance>> {
    if scores.len() < FEWEST_RUNS || scores.iter().all(|score| *score == scores[0]) {
        return None;
    }
    let feature = |factor: &Factor| Feature {
        kind: if factor.ordered { Kind::Ordered } else { Kind::Named },
        values: factor.values.clone(),
    };
    let shares = permutation_importance(&factors.iter().map(feature).collect::<Vec<_>>(), &ranks(scores));
    let entry = |(factor, share): (&Factor, f64)| Importance {
        share,
        rho: factor.ordered.then(|| spearman(&factor.values, scores)).flatten(),
    };
    Some(factors.iter().zip(shares).map(entry).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_is_the_noise_floor() {
        let grid =
            || (0..3).flat_map(|a| (0..2).flat_map(move |b| (0..3).map(move |seed| [a, b, seed].map(f64::from))));
        let factor = |which: usize, ordered| Factor { values: grid().map(|point| point[which]).collect(), ordered };
        let factors = [factor(0, true), factor(1, false), factor(2, false)];
        let scores: Vec<f64> = grid().map(|[a, b, seed]| -a + 0.3 * b + 0.01 * seed).collect();
        let found = importance(&factors, &scores).unwrap();
        assert!(found[0].share > found[1].share && found[1].share > found[2].share, "{found:?}");
        assert!(found[0].rho.unwrap() < -0.9);
        assert_eq!((found[1].rho, found[2].rho), (None, None));
    }

    #[test]
    fn few_runs_and_equal_scores_say_nothing() {
        let factors = |count: usize| [Factor { values: (0..count).map(|i| i as f64).collect(), ordered: true }];
        assert_eq!(importance(&factors(9), &(0..9).map(f64::from).collect::<Vec<_>>()), None);
        assert_eq!(importance(&factors(20), &[1.0; 20]), None);
        assert!(importance(&factors(10), &(0..10).map(f64::from).collect::<Vec<_>>()).is_some());
    }
}
