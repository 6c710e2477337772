//! Samples that cannot be measured are refused, with the numbers that are missing.

use crate::{rows, samples};
use metrics::{
    Input, METRICS, MetricError, Mixture, Side, classification_accuracy, confident_share, diversity,
    diversity_by_class, frechet, inception_score, kid_of_all, modes, prdc,
};
use samples::Format;

#[test]
fn too_few_samples_are_told_with_the_number_needed() {
    let set = samples(40, 8, 1);
    let set = rows(&set, 8);
    let check = |result: Result<f64, MetricError>, side: Side, needed: usize, found: usize| match result {
        Err(MetricError::TooFew { side: a, needed: b, found: c, .. }) => assert_eq!((a, b, c), (side, needed, found)),
        other => panic!("{other:?}"),
    };
    check(frechet(set.slice(0..8), set), Side::Real, 9, 8);
    check(frechet(set, set.slice(0..3)), Side::Fake, 9, 3);
    assert!(frechet(set.slice(0..9), set).is_ok());
    check(prdc(set, set.slice(0..5), 5).map(|found| found.recall), Side::Fake, 6, 5);
    check(kid_of_all(set.slice(0..1), set), Side::Real, 2, 1);
    let classes: Vec<u16> = (0..40).collect();
    let size = [1, 11, 11];
    let images = samples(40, 121, 5);
    let alone = rows(&images, 121).with_classes(&classes);
    check(diversity_by_class(alone, size, 9, 0, Side::Fake).map(|_| 0.0), Side::Fake, 41, 40);
    check(classification_accuracy(alone, alone, Some(&classes)).map(|found| found.value), Side::Real, 64, 40);
    check(modes(rows(&[], 2), &Mixture::ring_8()).map(|found| found.reverse_kl), Side::Fake, 1, 0);
}

#[test]
fn every_metric_refuses_numbers_that_are_not_finite() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let set = samples(80, 2, 2);
        let mut broken = set.clone();
        broken[7] = value;
        let (real, fake) = (rows(&set, 2), rows(&broken, 2));
        let format = Some(Format::Image([1, 11, 11]));
        let input = Input { real, fake, training: real, format, predicted: None, seed: 0 };
        for metric in METRICS.defaults() {
            let found = metric.measure(&input);
            let place = matches!(found, Err(MetricError::NotFinite { side: Side::Fake, row: 3, column: 1, .. }));
            assert!(place, "{}: {found:?}", metric.name());
        }
    }
}

#[test]
fn numbers_whose_squares_overflow_end_with_an_error() {
    let huge: Vec<f64> = samples(40, 3, 4).iter().map(|x| x * 1e200).collect();
    assert_eq!(frechet(rows(&huge, 3), rows(&huge, 3)), Err(MetricError::Eigenvalues { width: 3 }));
}

#[test]
fn samples_of_another_kind_are_reported() {
    let (set, other) = (samples(40, 4, 3), samples(40, 5, 3));
    assert_eq!(frechet(rows(&set, 4), rows(&other, 5)), Err(MetricError::Width { real: 4, fake: 5 }));
    let is_kind = |found: Option<MetricError>| assert!(matches!(found, Some(MetricError::Kind { .. })), "{found:?}");
    is_kind(modes(rows(&set, 4), &Mixture::ring_8()).err());
    is_kind(inception_score(rows(&set, 4), 1).err());
    is_kind(confident_share(rows(&set, 4)).err());
    let size = [1, 2, 2];
    is_kind(diversity(rows(&set, 4), size, 10, 0, Side::Fake).err());
    let images = samples(80, 121, 5);
    let (images, size) = (rows(&images, 121), [1, 11, 11]);
    is_kind(diversity_by_class(images, size, 10, 0, Side::Fake).err());
    is_kind(classification_accuracy(images, images, Some(&[0; 80])).err());
    is_kind(classification_accuracy(images.with_classes(&[0; 80]), images, None).err());
    is_kind(classification_accuracy(images.with_classes(&[0; 80]), images, Some(&[0; 79])).err());
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = metrics::quantities().map(|quantity| quantity.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
