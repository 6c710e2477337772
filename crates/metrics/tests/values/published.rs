//! Against published implementations: `tests/fixtures/published.json`.

use crate::{close, rows, samples};
use metrics::{frechet, inception_score, kid_of_all, nearest_neighbour, neighbours, prdc, sliced_wasserstein_on};
use serde_json::Value;

#[test]
fn values_are_those_of_scipy_scikit_learn_prdc_and_torch_fidelity() {
    let file: Value = serde_json::from_str(include_str!("../fixtures/published.json")).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let whole = |key: &str| case[key].as_u64().unwrap() as usize;
        let number = |key: &str| case[key].as_f64().unwrap();
        let width = whole("width");
        let real = samples(whole("real"), width, 1);
        let fake: Vec<f64> = samples(whole("fake"), width, 2).into_iter().map(|x| x * 0.9 + 0.1).collect();
        let (logits, size) = (real.clone(), whole("real").min(whole("fake")) * width);
        let equal = [rows(&real[..size], width), rows(&fake[..size], width)];
        let (real, fake) = (rows(&real, width), rows(&fake, width));

        let theirs = |key: &str| case["torch_fidelity"][key].as_f64().unwrap();
        close(frechet(real, fake).unwrap(), theirs("frechet_inception_distance"), 1e-9);
        close(kid_of_all(equal[0], equal[1]).unwrap(), theirs("kernel_inception_distance_mean"), 1e-9);
        let (mean, deviation) = inception_score(rows(&softmax(&logits, width), width), 5).unwrap();
        close(mean, theirs("inception_score_mean"), 1e-9);
        close(deviation, theirs("inception_score_std"), 1e-9);

        close(frechet(real, fake).unwrap(), number("frechet"), 1e-9);
        close(kid_of_all(real, fake).unwrap(), number("kid"), 1e-9);
        let found = prdc(real, fake, whole("neighbours")).unwrap();
        for (value, name) in [
            (found.precision, "precision"),
            (found.recall, "recall"),
            (found.density, "density"),
            (found.coverage, "coverage"),
        ] {
            close(value, number(name), 1e-12);
        }
        close(nearest_neighbour(real, fake).unwrap().all, number("one_nn"), 1e-12);
        let nearest = neighbours(real, fake).unwrap();
        let mean = nearest.iter().map(|neighbour| neighbour.distance).sum::<f64>() / nearest.len() as f64;
        close(mean, number("nearest_mean"), 1e-12);
        let mut first = vec![0.0; width];
        first[0] = 1.0;
        close(sliced_wasserstein_on(real, fake, &[first]).unwrap().first, number("w1_of_feature_0"), 1e-9);
    }
}

/// Of each row.
fn softmax(logits: &[f64], width: usize) -> Vec<f64> {
    let of_row = |row: &[f64]| {
        let total: f64 = row.iter().map(|x| x.exp()).sum();
        row.iter().map(|x| x.exp() / total).collect::<Vec<_>>()
    };
    logits.chunks_exact(width).flat_map(of_row).collect()
}
