//! Answers that are known without a computer.

use crate::{close, rows, samples};
use metrics::{
    Features, Kid, Mixture, Moments, Side, Similarity, classification_accuracy, confident_share, distance, diversity,
    diversity_by_class, frechet, inception_score, kid, kid_of_all, modes, nearest_neighbour, neighbours, prdc,
    sliced_wasserstein, sliced_wasserstein_on, stacked_modes,
};

#[test]
fn a_set_is_at_no_distance_from_itself() {
    let set = samples(300, 6, 3);
    let set = rows(&set, 6);
    assert!(frechet(set, set).unwrap() < 1e-9);
    let found = sliced_wasserstein(set, set, 8, 0).unwrap();
    assert_eq!((found.first, found.second), (0.0, 0.0));
    let found = prdc(set, set, 5).unwrap();
    assert_eq!((found.precision, found.recall, found.coverage), (1.0, 1.0, 1.0));
    assert!(neighbours(set, set).unwrap().iter().enumerate().all(|(i, n)| n.index == i && n.distance == 0.0));
    // Every sample's copy is nearer than all others.
    assert_eq!(nearest_neighbour(set, set).unwrap().all, 0.0);
}

#[test]
fn a_shift_is_measured_as_its_length() {
    let set = samples(400, 4, 5);
    let moved: Vec<f64> = set.iter().map(|x| x + 0.5).collect();
    let (set, moved) = (rows(&set, 4), rows(&moved, 4));
    close(frechet(set, moved).unwrap(), 4.0 * 0.25, 1e-9);
    let along: Vec<f64> = vec![0.5; 4];
    let found = sliced_wasserstein_on(set, moved, &[along]).unwrap();
    close(found.first, 1.0, 1e-9);
    close(found.second, 1.0, 1e-9);
}

/// `|m - n|² + Σ (√c - √d)²` where covariances commute (Dowson and Landau 1982).
#[test]
fn gaussians_have_the_analytic_distance() {
    let left = Moments::new(vec![0.0, 1.0], vec![4.0, 0.0, 0.0, 9.0]);
    let right = Moments::new(vec![3.0, 1.0], vec![1.0, 0.0, 0.0, 0.0]);
    close(distance(&left, &right).unwrap(), 9.0 + 1.0 + 9.0, 1e-9);
    // Twice the same, turned by 45°.
    let turned = |a: f64, b: f64| vec![(a + b) / 2.0, (a - b) / 2.0, (a - b) / 2.0, (a + b) / 2.0];
    let left = Moments::new(vec![0.0; 2], turned(4.0, 9.0));
    let right = Moments::new(vec![0.0; 2], turned(1.0, 16.0));
    close(distance(&left, &right).unwrap(), 1.0 + 1.0, 1e-9);
}

/// Stretched three times about 24.5, a set has `(3 - 1)² tr C` more spread and other means, whatever the rank of C.
#[test]
fn a_singular_covariance_is_no_obstacle() {
    let line: Vec<f64> = (0..50).flat_map(|i| [f64::from(i), 2.0 * f64::from(i), 0.0]).collect();
    let longer: Vec<f64> = line.iter().map(|x| 3.0 * (x - 24.5) + 24.5).collect();
    let moments = |set: &[f64]| Moments::of(rows(set, 3), Side::Real).unwrap();
    let variance = (0..50).map(|i| (f64::from(i) - 24.5).powi(2)).sum::<f64>() / 49.0;
    // The means (24.5, 49, 0) become (24.5, 98, -49).
    let expected = 4.0 * 5.0 * variance + 2.0 * 49.0 * 49.0;
    close(distance(&moments(&line), &moments(&longer)).unwrap(), expected, 1e-6);
}

/// Features that never vary, as dead units of a classifier are, and copies of others: their rows of the covariance vanish
/// or repeat. Neither moves the distance of the others, whatever the order of the samples.
#[test]
fn features_that_never_vary_or_repeat_others_change_nothing() {
    let (real, fake) = (samples(400, 20, 15), samples(400, 20, 16));
    let expected = frechet(rows(&real, 20), rows(&fake, 20)).unwrap();
    let widened = |set: &[f64], scale: f64| -> Vec<f64> {
        set.chunks(20).flat_map(|row| (0..180).map(|at| if at % 9 == 0 { row[at / 9] * scale } else { 0.5 })).collect()
    };
    let twice = |set: &[f64]| -> Vec<f64> { set.chunks(20).flat_map(|row| [row, row].concat()).collect() };
    for scale in [1e-3, 1.0, 1e3] {
        let found = frechet(rows(&widened(&real, scale), 180), rows(&widened(&fake, scale), 180)).unwrap();
        close(found, expected * scale * scale, 1e-6);
    }
    close(frechet(rows(&twice(&real), 40), rows(&twice(&fake), 40)).unwrap(), 2.0 * expected, 1e-6);
    let nothing = vec![0.25; 400 * 20];
    let spread = Moments::of(rows(&real, 20), Side::Real).unwrap();
    close(distance(&spread, &spread).unwrap(), 0.0, 1e-6);
    let from_nothing = frechet(rows(&nothing, 20), rows(&real, 20)).unwrap();
    let mean_square = real.iter().map(|x| (x - 0.25) * (x - 0.25)).sum::<f64>() / 400.0;
    close(from_nothing, mean_square, 0.01);
}

/// Three real points on a line and three fakes: balls to the nearest neighbour have radii 1, 1, 3.
#[test]
fn balls_on_a_line() {
    let found = prdc(rows(&[0.0, 1.0, 4.0], 1), rows(&[0.5, 4.5, 9.0], 1), 1).unwrap();
    // Fakes: 0.5 is in the balls of 0 and 1, 4.5 in that of 4, 9 in none; their own radii are 4, 4, 4.5.
    assert_eq!((found.precision, found.density), (2.0 / 3.0, 1.0));
    assert_eq!((found.recall, found.coverage), (1.0, 1.0));
    // A point on the surface is outside.
    let found = prdc(rows(&[0.0, 1.0], 1), rows(&[2.0, 12.0], 1), 1).unwrap();
    assert_eq!((found.precision, found.coverage), (0.0, 0.0));
}

/// With the kernel `(x y + 1)³` of numbers.
#[test]
fn the_kernel_distance_of_four_numbers() {
    // Within {1, 1}: (1 + 1)³ = 8. Within {0, 0}: 1. Between: 1. 8 + 1 - 2.
    close(kid_of_all(rows(&[1.0, 1.0], 1), rows(&[0.0, 0.0], 1)).unwrap(), 7.0, 1e-12);
}

#[test]
fn halves_of_a_set_are_at_no_kernel_distance_but_for_chance() {
    let set = samples(800, 5, 7);
    let set = rows(&set, 5);
    let settings = Kid { subsets: 20, subset_size: 100, seed: 1 };
    let same = kid(set.slice(0..400), set.slice(400..800), settings).unwrap();
    assert!(same.mean.abs() < 5.0 * same.standard_error, "{same:?}");
    let moved: Vec<f64> = samples(400, 5, 8).iter().map(|x| x + 0.4).collect();
    let other = kid(set.slice(0..400), rows(&moved, 5), settings).unwrap();
    assert!(other.mean > 5.0 * other.standard_error && other.standard_error > 0.0, "{other:?}");
    assert_ne!(kid(set, rows(&moved, 5), settings), kid(set, rows(&moved, 5), Kid { seed: 2, ..settings }));
}

#[test]
fn a_classifier_that_knows_nothing_and_one_that_knows_all() {
    let uniform = vec![0.25; 40];
    close(inception_score(rows(&uniform, 4), 1).unwrap().0, 1.0, 1e-12);
    let sure: Vec<f64> = (0..40).flat_map(|i| (0..4).map(move |j| f64::from(u8::from(i % 4 == j)))).collect();
    close(inception_score(rows(&sure, 4), 2).unwrap().0, 4.0, 1e-12);
    assert_eq!(confident_share(rows(&uniform, 4)), Ok(0.0));
    assert_eq!(confident_share(rows(&sure, 4)), Ok(1.0));
    assert_eq!(confident_share(rows(&[0.05, 0.95, 0.94, 0.06, 1.0, 0.0, 0.5, 0.5], 2)), Ok(0.5));
}

/// Of 1,000 modes, as many as are there evenly leave `ln (1000 / them)` nats.
#[test]
fn modes_of_three_digits_are_counted() {
    let triples = |modes: u32| -> Vec<f64> {
        (0..2000).map(|i| i % modes).flat_map(|mode| [mode / 100, mode / 10 % 10, mode % 10].map(f64::from)).collect()
    };
    for modes in [1, 8, 1000] {
        let found = stacked_modes(rows(&triples(modes), 3)).unwrap();
        assert_eq!(found.covered, modes as usize);
        assert!((found.kl - (1000.0 / f64::from(modes)).ln()).abs() < 1e-12, "{found:?}");
    }
    for wrong in [[0.0, 10.0, 1.0], [0.5, 1.0, 1.0], [-1.0, 0.0, 0.0]] {
        assert!(stacked_modes(rows(&wrong, 3)).is_err(), "{wrong:?}");
    }
    assert!(stacked_modes(rows(&[1.0, 2.0], 2)).is_err());
}

#[test]
fn neighbours_tell_apart_what_is_apart() {
    let set = samples(100, 3, 9);
    let far: Vec<f64> = samples(100, 3, 10).iter().map(|x| x + 100.0).collect();
    assert_eq!(nearest_neighbour(rows(&set, 3), rows(&far, 3)).unwrap().all, 1.0);
    let found = neighbours(rows(&[0.0, 0.0, 3.0, 4.0], 2), rows(&[0.0, 1.0, 3.0, 4.0], 2)).unwrap();
    assert_eq!([found[0].index, found[1].index], [0, 1]);
    assert_eq!([found[0].distance, found[1].distance], [1.0, 0.0]);
}

#[test]
fn copies_are_at_distance_zero_far_from_the_origin_too() {
    let set: Vec<f64> = samples(20, 3, 11).iter().map(|x| x + 1e6).collect();
    assert!(neighbours(rows(&set, 3), rows(&set, 3)).unwrap().iter().all(|n| n.distance == 0.0));
}

#[test]
fn the_centres_cover_their_mixture_and_one_point_one_mode() {
    for mixture in [Mixture::ring_8(), Mixture::grid_25()] {
        let all: Vec<f64> = mixture.centres.iter().flatten().copied().collect();
        let found = modes(rows(&all, 2), &mixture).unwrap();
        assert_eq!((found.covered, found.high_quality), (mixture.centres.len(), 1.0));
        close(found.reverse_kl, 0.0, 1e-12);
        let one = modes(rows(&all[..2], 2), &mixture).unwrap();
        assert_eq!(one.covered, 1);
        close(one.reverse_kl, (mixture.centres.len() as f64).ln(), 1e-12);
        let between = modes(rows(&[0.5, 0.1], 2), &mixture).unwrap();
        assert_eq!((between.covered, between.high_quality), (0, 0.0));
    }
}

#[test]
fn equal_images_are_alike_and_noise_is_not() {
    let size = [1, 28, 28];
    let noise: Vec<f64> = samples(30, 28 * 28, 12).iter().map(|x| x / 3.0).collect();
    let similarity = Similarity::fitting(size, 2.0).unwrap();
    assert_eq!(similarity.weights.len(), 2, "28 and 14 pixels hold the window, 7 do not");
    close(similarity.of(&noise[..784], &noise[..784], size), 1.0, 1e-12);
    let of = |images: &[f64]| diversity(rows(images, 784), size, 40, 0, Side::Fake).unwrap();
    close(of(&noise[..784].repeat(5)), 1.0, 1e-12);
    assert!(of(&noise) < 0.3);
}

/// Copies of one image in class 0, none in 1, one image in 2, noise in 3; a single class is what is measured without.
#[test]
fn images_are_alike_within_their_classes() {
    let size = [1, 28, 28];
    let noise: Vec<f64> = samples(30, 28 * 28, 12).iter().map(|x| x / 3.0).collect();
    let images = [&noise[..784].repeat(8)[..], &noise[784..]].concat();
    let classes: Vec<u16> = (0..37).map(|image| [0, 2, 3][usize::from(image > 7) + usize::from(image > 8)]).collect();
    let set = rows(&images, 784);
    let found = diversity_by_class(set.with_classes(&classes), size, 40, 0, Side::Fake).unwrap();
    close(found[0].unwrap(), 1.0, 1e-12);
    assert_eq!((found.len(), found[1], found[2]), (4, None, None));
    assert!(found[3].unwrap() < 0.3);
    let all = diversity(rows(&noise, 784), size, 40, 0, Side::Fake).unwrap();
    let one = rows(&noise, 784).with_classes(&[0; 30]);
    assert_eq!(diversity_by_class(one, size, 40, 0, Side::Fake), Ok(vec![Some(all)]));
}

/// Of 48 samples of class 0 and 16 of class 2, 36 and 4 are classified right: 40 in 64.
#[test]
fn right_answers_are_counted() {
    let set = samples(64, 2, 14);
    let classes: Vec<u16> = (0..64).map(|sample| if sample < 48 { 0 } else { 2 }).collect();
    let predicted: Vec<u16> =
        (0..64).map(|sample| if (36..60).contains(&sample) { 1 } else { classes[sample] }).collect();
    let real = rows(&set, 2).with_classes(&classes);
    let found = classification_accuracy(real, rows(&set, 2), Some(&predicted)).unwrap();
    assert_eq!((found.value, &found.by_class[..]), (0.625, &[Some(0.75), None, Some(0.25)][..]));
    assert_eq!(found.standard_error, None, "trainings scatter, too");
}

#[test]
fn numbers_of_32_bits_are_those_of_64() {
    let set: Vec<f64> = samples(60, 4, 13).iter().map(|x| f64::from(*x as f32)).collect();
    let single: Vec<f32> = set.iter().map(|x| *x as f32).collect();
    let (double, single) = (rows(&set, 4), Features::single(&single, 4));
    assert_eq!(frechet(double.slice(0..30), double.slice(30..60)), frechet(single.slice(0..30), single.slice(30..60)));
}
