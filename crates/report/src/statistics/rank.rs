//! Ranks, and how far two orders agree.

/// Ranks from 1; equal values share the mean of theirs.
pub(super) fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|a, b| values[*a] == values[*b]) {
        for at in equal {
            ranks[*at] = before as f64 + (equal.len() + 1) as f64 / 2.0;
        }
        before += equal.len();
    }
    ranks
}

/// Spearman's rank correlation; `None` where one side does not vary.
pub(super) fn spearman(left: &[f64], right: &[f64]) -> Option<f64> {
    let (left, right) = (ranks(left), ranks(right));
    // Ranks and shared ranks alike have this mean.
    let middle = (left.len() + 1) as f64 / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
    let scale = (product(&left, &left) * product(&right, &right)).sqrt();
    (scale > 0.0).then(|| product(&left, &right) / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_a_rank() {
        assert_eq!(ranks(&[10.0, 5.0, 10.0, 1.0]), [3.5, 2.0, 3.5, 1.0]);
    }

    #[test]
    fn spearman_agrees_with_the_textbook() {
        let check = |left: &[f64], right: &[f64], expected: Option<f64>| match (spearman(left, right), expected) {
            (Some(found), Some(expected)) => assert!((found - expected).abs() < 1e-12, "{found}"),
            (found, expected) => assert_eq!(found, expected),
        };
        check(&[1.0, 2.0, 3.0], &[10.0, 1e3, 1e9], Some(1.0));
        check(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0], Some(-1.0));
        // 1 - 6 Σd² / (n (n² - 1)) with d = -1, 1, -2, 1, 1: 1 - 48 / 120.
        check(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 1.0, 5.0, 2.9, 4.9], Some(0.6));
        check(&[1.0, 1.0], &[1.0, 2.0], None);
    }
}
