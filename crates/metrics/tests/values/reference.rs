//! Against an independent implementation: `tests/fixtures/reference.json`.

use crate::{close, rows};
use metrics::{
    Kid, Mixture, Moments, Side, Similarity, distance, frechet, inception_score, kid, kid_of_all, modes,
    nearest_neighbour, prdc, sliced_wasserstein_on,
};
use serde_json::Value;
use std::sync::LazyLock;

static FILE: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../fixtures/reference.json")).unwrap());

/// A tensor's values and its last dimension, at a place such as `/frechet/rank_one/x`.
fn tensor(place: &str) -> (Vec<f64>, usize) {
    let value = FILE.pointer(place).unwrap();
    if let Some(other) = value.as_str() {
        return tensor(&format!("/{}", other.replace('.', "/")));
    }
    let values = |key: &str| value[key].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect::<Vec<_>>();
    (values("data"), *values("shape").last().unwrap() as usize)
}

fn number(place: &str) -> f64 {
    FILE.pointer(place).unwrap_or_else(|| panic!("{place}")).as_f64().unwrap()
}

#[test]
fn frechet_distances_of_full_rank_and_of_less() {
    for (case, share) in [
        ("full_rank", 1e-9),
        ("rank_deficient_both", 1e-6),
        ("rank_deficient_one", 1e-6),
        ("rank_one", 1e-6),
        ("identical", 1e-6),
    ] {
        let ((x, width), (y, _)) = (tensor(&format!("/frechet/{case}/x")), tensor(&format!("/frechet/{case}/y")));
        let moments = |values: &[f64]| Moments::of(rows(values, width), Side::Real).unwrap();
        let value = distance(&moments(&x), &moments(&y)).unwrap();
        close(value, number(&format!("/frechet/{case}/value")), share);
        if case == "full_rank" {
            assert_eq!(frechet(rows(&x, width), rows(&y, width)), Ok(value));
        }
    }
    let gaussian = |set: &str| {
        let (mean, width) = tensor(&format!("/frechet/diagonal_gaussians/mean_{set}"));
        let (deviations, _) = tensor(&format!("/frechet/diagonal_gaussians/std_{set}"));
        let mut covariance = vec![0.0; width * width];
        deviations.iter().enumerate().for_each(|(i, deviation)| covariance[i * width + i] = deviation * deviation);
        Moments::new(mean, covariance)
    };
    let value = distance(&gaussian("x"), &gaussian("y")).unwrap();
    close(value, number("/frechet/diagonal_gaussians/value"), 1e-9);
}

#[test]
fn kernel_distances_of_all_and_of_subsets() {
    let ((real, width), (fake, _)) = (tensor("/features/real"), tensor("/features/fake"));
    let value = kid_of_all(rows(&real, width), rows(&fake, width)).unwrap();
    close(value, number("/kid/unbiased_single_block"), 1e-9);
    // One subset of everything is that, too.
    let all = Kid { subsets: 1, subset_size: 60, seed: 0 };
    let equal = rows(&real, width).slice(0..60);
    let whole = kid(equal, rows(&fake, width), all).unwrap().mean;
    close(whole, kid_of_all(equal, rows(&fake, width)).unwrap(), 1e-9);
    let block = |set: &[f64], place: &str, block: usize| {
        let (indices, count) = tensor(place);
        let indices = &indices[block * count..(block + 1) * count];
        indices.iter().flat_map(|&i| set[i as usize * width..(i as usize + 1) * width].to_vec()).collect::<Vec<_>>()
    };
    let (expected, _) = tensor("/kid/blocks/values");
    for (index, expected) in expected.into_iter().enumerate() {
        let real = block(&real, "/kid/blocks/real_index", index);
        let fake = block(&fake, "/kid/blocks/fake_index", index);
        close(kid_of_all(rows(&real, width), rows(&fake, width)).unwrap(), expected, 1e-9);
    }
}

#[test]
fn precision_recall_density_and_coverage() {
    let ((real, width), (fake, _)) = (tensor("/features/real"), tensor("/features/fake"));
    for (case, k, swapped) in [("k3", 3, false), ("k3_swapped", 3, true), ("k5", 5, false), ("k5_swapped", 5, true)] {
        let (real, fake) = if swapped { (&fake, &real) } else { (&real, &fake) };
        let found = prdc(rows(real, width), rows(fake, width), k).unwrap();
        close(found.precision, number(&format!("/prdc/{case}/precision")), 1e-12);
        close(found.recall, number(&format!("/prdc/{case}/recall")), 1e-12);
        close(found.density, number(&format!("/prdc/{case}/density")), 1e-12);
        close(found.coverage, number(&format!("/prdc/{case}/coverage")), 1e-12);
    }
}

#[test]
fn inception_scores_with_and_without_zeros() {
    for case in ["softmax", "with_zeros"] {
        let (probabilities, classes) = tensor(&format!("/inception_score/{case}/probs"));
        for splits in [1, 4] {
            let (mean, deviation) = inception_score(rows(&probabilities, classes), splits).unwrap();
            let place = format!("/inception_score/{case}/splits{splits}");
            close(mean, number(&format!("{place}/mean")), 1e-9);
            close(deviation, number(&format!("{place}/std_population")), 1e-9);
        }
    }
}

#[test]
fn sliced_distances_of_equal_and_unequal_numbers() {
    let lines = |place: &str| {
        let (values, width) = tensor(place);
        values.chunks(width).map(<[f64]>::to_vec).collect::<Vec<_>>()
    };
    let ((a, width), (b, _)) = (tensor("/sliced_wasserstein/points_a"), tensor("/sliced_wasserstein/points_b"));
    let lines_of_both = lines("/sliced_wasserstein/projections");
    let found = sliced_wasserstein_on(rows(&a, width), rows(&b, width), &lines_of_both).unwrap();
    close(found.first, number("/sliced_wasserstein/sw1"), 1e-9);
    close(found.second, number("/sliced_wasserstein/sw2"), 1e-9);
    let ((real, width), (fake, _)) = (tensor("/features/real"), tensor("/features/fake"));
    let others = lines("/sliced_wasserstein/unequal/projections");
    let found = sliced_wasserstein_on(rows(&real, width), rows(&fake, width), &others).unwrap();
    close(found.first, number("/sliced_wasserstein/unequal/sw1"), 1e-9);
}

#[test]
fn nearest_neighbours_in_the_union() {
    let ((real, width), (fake, _)) = (tensor("/features/real"), tensor("/features/fake"));
    let ((a, plane), (b, _)) = (tensor("/sliced_wasserstein/points_a"), tensor("/sliced_wasserstein/points_b"));
    let (real, fake) = (rows(&real, width), rows(&fake, width));
    for (case, real, fake) in [
        ("unequal_64_60", real, fake),
        ("equal_60_60", real.slice(0..60), fake),
        ("points_2d_200_200", rows(&a, plane), rows(&b, plane)),
    ] {
        let found = nearest_neighbour(real, fake).unwrap();
        close(found.all, number(&format!("/one_nn/{case}/accuracy")), 1e-12);
        close(found.real, number(&format!("/one_nn/{case}/accuracy_real")), 1e-12);
        close(found.fake, number(&format!("/one_nn/{case}/accuracy_fake")), 1e-12);
    }
}

#[test]
fn structural_similarities_at_many_scales() {
    for case in ["gray_48_win3_5scales", "rgb_odd_40x36_win3_5scales", "gray_48_win11_3scales"] {
        let at = |key: &str| format!("/ms_ssim/cases/{case}/{key}");
        let images = if case == "gray_48_win11_3scales" { "gray_48_win3_5scales" } else { case };
        let image = |key: &str| tensor(&format!("/ms_ssim/cases/{images}/{key}")).0;
        let shape = FILE.pointer(&format!("/ms_ssim/cases/{images}/a/shape")).unwrap();
        let side = |index: usize| shape[index].as_u64().unwrap() as usize;
        let size = [side(1), side(2), side(3)];
        let weights = FILE.pointer(&at("weights")).unwrap().as_array().unwrap();
        let weights = weights.iter().map(|weight| weight.as_f64().unwrap()).collect();
        let (window, deviation) = (number(&at("window")) as usize, number(&at("sigma")));
        let many = Similarity { window, deviation, weights, range: 255.0 };
        let one = Similarity { weights: vec![1.0], ..many.clone() };
        let values = size.iter().product();
        let (a, b) = (image("a"), image("b"));
        for (index, (a, b)) in a.chunks(values).zip(b.chunks(values)).enumerate() {
            close(many.of(a, b, size), number(&at(&format!("ms_ssim/data/{index}"))), 1e-9);
            close(one.of(a, b, size), number(&at(&format!("ssim/data/{index}"))), 1e-9);
        }
        if many.window == 11 {
            let fitting = Similarity::fitting(size, 255.0).unwrap();
            close(fitting.of(&a[..values], &b[..values], size), number(&at("ms_ssim/data/0")), 1e-9);
        }
    }
}

#[test]
fn structural_similarity_at_the_published_settings() {
    let size = [1, 176, 176];
    let pixels = |of: &dyn Fn(usize, usize) -> usize| {
        (0..176 * 176).map(|index| of(index / 176, index % 176) as f64).collect::<Vec<_>>()
    };
    let first = |i: usize, j: usize| (3 * i + 2 * j + (i * j + 11) % 37) % 256;
    let second = |i: usize, j: usize| (3 * first(i, j) + (7 * i + 5 * j + 13) % 256) / 4;
    let (a, b) = (pixels(&first), pixels(&second));
    let case = "/ms_ssim/cases/formula_176_win11_5scales";
    assert_eq!(a.iter().sum::<f64>(), number(&format!("{case}/sum_a")));
    assert_eq!(b.iter().sum::<f64>(), number(&format!("{case}/sum_b")));
    let similarity = Similarity::fitting(size, 255.0).unwrap();
    assert_eq!(similarity.weights, [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]);
    close(similarity.of(&a, &b, size), number(&format!("{case}/ms_ssim_mean")), 1e-9);
    for (side, scales) in [(175, 4), (87, 3), (28, 2), (21, 1)] {
        let weights = Similarity::fitting([1, side, 200], 2.0).unwrap().weights;
        assert_eq!(weights.len(), scales, "{side} pixels");
        close(weights.iter().sum(), 1.0, 1e-12);
    }
}

#[test]
fn modes_of_the_ring_and_the_grid() {
    for (case, mixture) in [("ring8", Mixture::ring_8()), ("grid25", Mixture::grid_25())] {
        let at = |key: &str| format!("/modes/{case}/{key}");
        let (centres, _) = tensor(&at("centres"));
        for (centre, expected) in mixture.centres.iter().zip(centres.chunks(2)) {
            assert!((centre[0] - expected[0]).hypot(centre[1] - expected[1]) < 1e-12);
        }
        assert_eq!((mixture.centres.len() * 2, mixture.deviation), (centres.len(), number(&at("sigma"))));
        let (points, _) = tensor(&at("points"));
        let found = modes(rows(&points, 2), &mixture).unwrap();
        assert_eq!(found.covered as f64, number(&at("modes_covered")));
        close(found.high_quality, number(&at("high_quality_share")), 1e-12);
        close(found.reverse_kl, number(&at("reverse_kl_all")), 1e-9);
    }
}
