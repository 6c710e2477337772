//! A scalar over a run, thinned for the page so that a long run costs no more than a short one.

use record::Scalars;

/// How many points a curve may have: fewer where there are more runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Thinning {
    points: u64,
    /// Whether least and greatest values are kept as well.
    range: bool,
}

impl Thinning {
    /// For one of so many runs. Ranges are drawn for few runs only, and are two thirds of the bytes.
    pub(crate) fn of(runs: usize) -> Self {
        Self { points: (50_000 / runs.max(1) as u64).clamp(60, 400), range: runs <= 64 }
    }

    /// Steps of a run whose distributions are drawn.
    pub(crate) fn distributions(self) -> usize {
        if self.range { 10 } else { 4 }
    }
}

/// One scalar of one run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Curve {
    pub tag: String,
    pub steps: Vec<u64>,
    /// Values, or means of the finite values of a bucket; NaN where there is none.
    pub values: Vec<f32>,
    /// Least and greatest value of each bucket; `None` where each bucket is one point.
    pub range: Option<(Vec<f32>, Vec<f32>)>,
    /// Unix times, seconds.
    pub at: Vec<f64>,
}

/// The curves of a run of `steps` steps. `scalars` is in the order of its steps.
///
/// Buckets are equal parts of the planned steps, so that the seeds of a configuration share them even if one ended
/// early. A mean keeps the trend that smoothing needs; the range keeps the spikes that it would hide.
pub(crate) fn curves(scalars: &[Scalars], steps: u64, thinning: Thinning) -> Vec<Curve> {
    let width = steps.div_ceil(thinning.points).max(1);
    let of_tag = |(tag, points): (&String, Vec<Point>)| {
        let mut curve = Curve { tag: tag.clone(), steps: vec![], values: vec![], range: None, at: vec![] };
        let (mut least, mut greatest) = (Vec::new(), Vec::new());
        for bucket in points.chunk_by(|a, b| a.step.div_ceil(width) == b.step.div_ceil(width)) {
            let [.., last] = bucket else { continue };
            let finite = || bucket.iter().map(|point| point.value).filter(|value| value.is_finite());
            let count = finite().count();
            let mean = match (bucket, count) {
                ([point], _) => point.value,
                (_, 0) => f64::NAN,
                _ => finite().map(|value| value / count as f64).sum(),
            };
            // The last step of a bucket: the curve then ends where the run ended.
            curve.steps.push(last.step);
            curve.at.push(last.at);
            curve.values.push(mean as f32);
            least.push(finite().fold(f64::NAN, f64::min) as f32);
            greatest.push(finite().fold(f64::NAN, f64::max) as f32);
        }
        if thinning.range && curve.steps.len() < points.len() {
            curve.range = Some((least, greatest));
        }
        curve
    };
    points(scalars).into_iter().map(of_tag).collect()
}

/// The points of each tag, by its name.
fn points(scalars: &[Scalars]) -> Vec<(&String, Vec<Point>)> {
    let mut tags: Vec<(&String, Vec<Point>)> = Vec::new();
    for Scalars { step, at, values } in scalars {
        // Both lists are in the order of names: the tag that comes next is most often the one that is sought.
        let mut next = 0;
        for (tag, value) in values {
            while tags.get(next).is_some_and(|(known, _)| *known < tag) {
                next += 1;
            }
            if tags.get(next).is_none_or(|(known, _)| *known != tag) {
                tags.insert(next, (tag, Vec::new()));
            }
            tags[next].1.push(Point { step: *step, at: *at, value: *value });
            next += 1;
        }
    }
    tags
}

struct Point {
    step: u64,
    at: f64,
    value: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value at each of the steps 10, 20, 30 ... of a run of `steps` steps.
    fn check(values: &[f64], steps: u64, points: u64) -> Curve {
        let scalars: Vec<Scalars> = values
            .iter()
            .enumerate()
            .map(|(i, value)| Scalars { step: 10 * (i as u64 + 1), at: 0.0, values: [("a".into(), *value)].into() })
            .collect();
        curves(&scalars, steps, Thinning { points, range: true }).remove(0)
    }

    #[test]
    fn a_short_run_is_kept_as_it_is() {
        let curve = check(&[1.0, f64::NAN, f64::INFINITY], 30, 3);
        assert_eq!((curve.steps.as_slice(), curve.range), ([10, 20, 30].as_slice(), None));
        assert!(curve.values[1].is_nan() && curve.values[2].is_infinite());
    }

    #[test]
    fn a_long_run_becomes_means_with_their_range() {
        let curve = check(&[1.0, 3.0, 5.0, 100.0], 40, 2);
        assert_eq!(curve.steps, [20, 40]);
        assert_eq!(curve.values, [2.0, 52.5]);
        assert_eq!(curve.range, Some((vec![1.0, 5.0], vec![3.0, 100.0])));
    }

    #[test]
    fn a_run_that_ended_early_has_the_buckets_of_its_replicates() {
        let (whole, early) = (check(&[1.0; 40], 400, 10), check(&[1.0; 13], 400, 10));
        assert_eq!(whole.steps.len(), 10);
        assert_eq!(early.steps, [&whole.steps[..3], &[130]].concat());
    }

    #[test]
    fn what_is_not_finite_does_not_spoil_a_mean_and_is_not_hidden_either() {
        let curve = check(&[1.0, f64::INFINITY, f64::NAN, f64::NAN], 40, 2);
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
        let scalars = [at(1, &["loss"]), at(2, &["fid", "loss"]), at(3, &["loss"])];
        assert_eq!(
            curves(&scalars, 3, Thinning::of(1)).iter().map(|c| (c.tag.as_str(), c.steps.clone())).collect::<Vec<_>>(),
            [("fid", vec![2]), ("loss", vec![1, 2, 3])]
        );
    }
}
