//! A small random forest for regression (Breiman 2001): enough to find which settings matter.

use super::random::Random;

const TREES: u64 = 64;
const DEEPEST: usize = 8;
const SMALLEST_LEAF: usize = 2;
const MAX_PLACES: usize = 16;
/// A tree of more samples, and a test of it on more, would give the same result.
const MAX_SAMPLES: usize = 1000;

/// How values of a feature are split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// By size.
    Ordered,
    /// One value against all others.
    Named,
}

/// Values of one feature, one for each sample.
pub(super) struct Feature {
    pub kind: Kind,
    pub values: Vec<f64>,
}

enum Node {
    Leaf(f64),
    Split { feature: usize, at: f64, left: Box<Node>, right: Box<Node> },
}

/// By how much the error on samples that a tree has not seen grows when a feature is permuted among them, for each
/// feature, in parts of the targets' variance: 0 for nothing; never below it.
pub(super) fn permutation_importance(features: &[Feature], targets: &[f64]) -> Vec<f64> {
    let count = targets.len();
    let mean = targets.iter().sum::<f64>() / count as f64;
    let variance = targets.iter().map(|target| (target - mean).powi(2)).sum::<f64>() / count as f64;
    let mut grown = vec![0.0; features.len()];
    if variance == 0.0 {
        return grown;
    }
    for index in 0..TREES {
        let mut random = Random::new(index);
        let bag: Vec<usize> = (0..count.min(MAX_SAMPLES)).map(|_| random.below(count)).collect();
        let mut is_seen = vec![false; count];
        bag.iter().for_each(|at| is_seen[*at] = true);
        let mut unseen: Vec<usize> = (0..count).filter(|at| !is_seen[*at]).collect();
        random.shuffle(&mut unseen);
        unseen.truncate(MAX_SAMPLES);
        unseen.sort_unstable();
        let tree = grow(features, targets, bag, 0, &mut random);
        let error = |value: &dyn Fn(usize, usize) -> f64| {
            let square = |at: &usize| (predict(&tree, features, &|feature| value(feature, *at)) - targets[*at]).powi(2);
            unseen.iter().map(square).sum::<f64>() / unseen.len().max(1) as f64
        };
        let plain = error(&|feature, at| features[feature].values[at]);
        for (permuted, grown) in grown.iter_mut().enumerate() {
            let mut others = unseen.clone();
            random.shuffle(&mut others);
            let place = |at: usize| unseen.binary_search(&at).map_or(at, |place| others[place]);
            let mixed =
                error(&|feature, at| features[feature].values[if feature == permuted { place(at) } else { at }]);
            *grown += (mixed - plain) / variance / TREES as f64;
        }
    }
    grown.into_iter().map(|part| part.max(0.0)).collect()
}

fn grow(features: &[Feature], targets: &[f64], samples: Vec<usize>, depth: usize, random: &mut Random) -> Node {
    let own: Vec<f64> = samples.iter().map(|at| targets[*at]).collect();
    let leaf = Node::Leaf(mean(&own));
    if depth == DEEPEST || samples.len() < 2 * SMALLEST_LEAF {
        return leaf;
    }
    // Half of the features at each split: few enough that a weak one gets its turn.
    let mut order: Vec<usize> = (0..features.len()).collect();
    random.shuffle(&mut order);
    order.truncate(features.len().div_ceil(2));
    let mut best: Option<(f64, usize, f64)> = None;
    // Targets on either side of a place.
    let (mut left, mut right) = (Vec::with_capacity(own.len()), Vec::with_capacity(own.len()));
    for feature in order {
        let values: Vec<f64> = samples.iter().map(|at| features[feature].values[*at]).collect();
        for place in places(values.clone()) {
            left.clear();
            right.clear();
            for (value, target) in values.iter().zip(&own) {
                let side = if goes_left(&features[feature], place, *value) { &mut left } else { &mut right };
                side.push(*target);
            }
            if left.len() < SMALLEST_LEAF || right.len() < SMALLEST_LEAF {
                continue;
            }
            let left_over = squares(&left) + squares(&right);
            if best.is_none_or(|(least, _, _)| left_over < least) {
                best = Some((left_over, feature, place));
            }
        }
    }
    let Some((left_over, feature, at)) = best else { return leaf };
    if left_over >= squares(&own) {
        return leaf;
    }
    let (left, right) =
        samples.into_iter().partition(|sample| goes_left(&features[feature], at, features[feature].values[*sample]));
    let [left, right] = [left, right].map(|side| Box::new(grow(features, targets, side, depth + 1, random)));
    Node::Split { feature, at, left, right }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The sum of squared distances from the mean.
fn squares(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum()
}

/// Where to try a split: at every value, or at some of them where they are many.
fn places(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values.dedup();
    let kept = values.len().min(MAX_PLACES);
    (0..kept).map(|place| values[place * values.len() / kept]).collect()
}

fn predict(node: &Node, features: &[Feature], value: &impl Fn(usize) -> f64) -> f64 {
    match node {
        Node::Leaf(mean) => *mean,
        Node::Split { feature, at, left, right } => {
            let side = if goes_left(&features[*feature], *at, value(*feature)) { left } else { right };
            predict(side, features, value)
        }
    }
}

fn goes_left(feature: &Feature, at: f64, value: f64) -> bool {
    match feature.kind {
        Kind::Ordered => value <= at,
        Kind::Named => value == at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(target: impl Fn(f64, f64, f64) -> f64, expected: [bool; 3]) {
        let grid = || (0..4).flat_map(|a| (0..4).flat_map(move |b| (0..4).map(move |c| [a, b, c].map(f64::from))));
        let feature = |kind, which: usize| Feature { kind, values: grid().map(|point| point[which]).collect() };
        let features = [feature(Kind::Ordered, 0), feature(Kind::Named, 1), feature(Kind::Ordered, 2)];
        let targets: Vec<f64> = grid().map(|[a, b, c]| target(a, b, c)).collect();
        let found = permutation_importance(&features, &targets);
        assert_eq!(found.iter().map(|part| *part > 0.1).collect::<Vec<_>>(), expected, "{found:?}");
    }

    #[test]
    fn what_the_target_depends_on_is_found() {
        check(|a, _, _| a, [true, false, false]);
        check(|_, b, _| if b == 2.0 { 1.0 } else { 0.0 }, [false, true, false]);
        check(|a, _, c| a + 10.0 * c, [false, false, true]);
        check(|a, _, c| if a > 1.0 && c > 1.0 { 1.0 } else { 0.0 }, [true, false, true]);
        check(|_, _, _| 7.0, [false, false, false]);
    }
}
