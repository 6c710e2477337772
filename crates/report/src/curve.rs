//! A scalar over a run, thinned for the page so that a long run costs no more than a short one.

use record::Scalars;

/// Points that a curve may have.
pub(crate) const MOST_POINTS: usize = 500;

/// One scalar of one run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Curve {
    pub tag: String,
    pub steps: Vec<u64>,
    /// Values, or means of the finite values of a bucket; NaN where there is none.
    pub values: Vec<f32>,
    /// Least and greatest value of each bucket; `None` where each bucket is one point.
    pub range: Option<(Vec<f32>, Vec<f32>)>,
}

/// The curves of a run. `scalars` is in the order of its steps.
pub(crate) fn curves(scalars: &[Scalars], most_points: usize) -> Vec<Curve> {
    let mut tags: Vec<&String> = scalars.iter().flat_map(|scalars| scalars.values.keys()).collect();
    tags.sort_unstable();
    tags.dedup();
    let points = |tag: &String| -> Vec<(u64, f64)> {
        scalars.iter().filter_map(|scalars| Some((scalars.step, *scalars.values.get(tag)?))).collect()
    };
    tags.into_iter().map(|tag| thin(tag.clone(), &points(tag), most_points)).collect()
}

/// Buckets of equal count. A mean keeps the trend that smoothing needs; the range keeps the spikes that it would hide.
fn thin(tag: String, points: &[(u64, f64)], most_points: usize) -> Curve {
    if points.len() <= most_points {
        let (steps, values) = points.iter().map(|(step, value)| (*step, *value as f32)).unzip();
        return Curve { tag, steps, values, range: None };
    }
    let mut curve = Curve { tag, steps: Vec::new(), values: Vec::new(), range: None };
    let (mut least, mut greatest) = (Vec::new(), Vec::new());
    for bucket in 0..most_points {
        let bounds = [bucket, bucket + 1].map(|edge| edge * points.len() / most_points);
        let bucket = &points[bounds[0]..bounds[1]];
        let finite = || bucket.iter().map(|(_, value)| *value).filter(|value| value.is_finite());
        let count = finite().count() as f64;
        // The last step of a bucket: the curve then ends where the run ended.
        curve.steps.push(bucket[bucket.len() - 1].0);
        curve.values.push(
            (finite().map(|value| value / count).sum::<f64>() + if count == 0.0 { f64::NAN } else { 0.0 }) as f32,
        );
        least.push(finite().fold(f64::NAN, f64::min) as f32);
        greatest.push(finite().fold(f64::NAN, f64::max) as f32);
    }
    curve.range = Some((least, greatest));
    curve
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], most: usize) -> Curve {
        let scalars: Vec<Scalars> = values
            .iter()
            .enumerate()
            .map(|(i, value)| Scalars { step: 10 * (i as u64 + 1), at: 0.0, values: [("a".into(), *value)].into() })
            .collect();
        curves(&scalars, most).remove(0)
    }

    #[test]
    fn a_short_run_is_kept_as_it_is() {
        let curve = check(&[1.0, f64::NAN, 3.0], 3);
        assert_eq!((curve.steps.as_slice(), curve.range), ([10, 20, 30].as_slice(), None));
        assert!(curve.values[1].is_nan());
    }

    #[test]
    fn a_long_run_becomes_means_with_their_range() {
        let curve = check(&[1.0, 3.0, 5.0, 100.0], 2);
        assert_eq!(curve.steps, [20, 40]);
        assert_eq!(curve.values, [2.0, 52.5]);
        assert_eq!(curve.range, Some((vec![1.0, 5.0], vec![3.0, 100.0])));
    }

    #[test]
    fn what_is_not_finite_does_not_spoil_a_mean_and_is_not_hidden_either() {
        let curve = check(&[1.0, f64::INFINITY, f64::NAN, f64::NAN], 2);
        assert_eq!(curve.values[0], 1.0);
        assert!(curve.values[1].is_nan());
    }

    #[test]
    fn a_tag_that_is_logged_rarely_keeps_its_own_steps() {
        let at = |step, tags: &[&str]| Scalars {
            step,
            at: 0.0,
            values: tags.iter().map(|t| (t.to_string(), 0.5)).collect(),
        };
        let curves = curves(&[at(1, &["loss"]), at(2, &["fid", "loss"]), at(3, &["loss"])], 10);
        assert_eq!(
            curves.iter().map(|c| (c.tag.as_str(), c.steps.clone())).collect::<Vec<_>>(),
            [("fid", vec![2]), ("loss", vec![1, 2, 3])]
        );
    }
}
