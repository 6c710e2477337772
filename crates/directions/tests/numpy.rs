//! Directions against NumPy: `scripts/direction_fixtures.py`.
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails with the place")]

use directions::{DirectionError, Directions, factorised, principal, probe};
use ndarray::Array2;
use serde_json::Value;

fn fixtures() -> Value {
    serde_json::from_str(include_str!("fixtures/numpy.json")).unwrap()
}

fn wave(rows: usize, columns: usize, frequency: f64) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(i, j)| {
        let at = (i * columns + j + 1) as f64;
        (frequency * at).sin() + 0.3 * (1.7 * i as f64 - 0.9 * j as f64).cos()
    })
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn near(what: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let worst = found.iter().zip(expected).map(|(found, expected)| (found - expected).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-9, "{what}: {worst}");
}

fn same(what: &str, found: &Directions, expected: &Value) {
    near(what, &found.strengths, &numbers(&expected["strengths"]));
    for (row, expected) in found.vectors.rows().into_iter().zip(expected["vectors"].as_array().unwrap()) {
        near(what, &row.to_vec(), &numbers(expected));
    }
    assert_eq!(found.vectors.nrows(), found.strengths.len());
}

#[test]
fn sefa_is_that_of_numpy() {
    let weight = wave(6, 30, 0.71);
    let found = factorised(&weight, 4).unwrap();
    same("sefa", &found, &fixtures()["sefa"]);
    // The strength is what a step of length 1 changes.
    for (row, strength) in found.vectors.rows().into_iter().zip(&found.strengths) {
        let change = row.dot(&weight);
        near("|A n|²", &[change.dot(&change)], &[*strength]);
    }
}

#[test]
fn principal_components_are_those_of_numpy_by_either_matrix() {
    let codes = wave(40, 6, 0.37);
    for (name, width, frequency) in [("pca_narrow", 9, 0.71), ("pca_wide", 90, 0.53)] {
        let activations = codes.dot(&wave(6, width, frequency)).mapv(f64::tanh);
        same(name, &principal(&activations, &codes, 4).unwrap(), &fixtures()[name]);
    }
    // Of the codes themselves they are plain components, as many as the codes have rank.
    let plain = principal(&codes, &codes, 6).unwrap();
    let products = plain.vectors.dot(&plain.vectors.t());
    near(
        "orthonormal",
        &products.iter().copied().collect::<Vec<_>>(),
        &Array2::<f64>::eye(4).into_raw_vec_and_offset().0,
    );
}

#[test]
fn a_probe_is_that_of_numpy_and_points_towards_the_attribute() {
    let (codes, fixtures) = (wave(40, 6, 0.37), fixtures());
    let attribute: Vec<bool> = numbers(&fixtures["attribute"]).iter().map(|has| *has > 0.5).collect();
    let found = probe(&codes, &attribute).unwrap();
    near("probe", &found.vectors.row(0).to_vec(), &numbers(&fixtures["probe"]["vector"]));
    near("share", &found.strengths, &[fixtures["probe"]["strength"].as_f64().unwrap()]);
    let flipped: Vec<bool> = attribute.iter().map(|has| !has).collect();
    near("flipped", &(-probe(&codes, &flipped).unwrap().vectors).row(0).to_vec(), &found.vectors.row(0).to_vec());
}

#[test]
fn what_tells_nothing_is_an_error() {
    let codes = wave(8, 3, 0.37);
    let nothing = |found: Result<Directions, DirectionError>| matches!(found, Err(DirectionError::Nothing(_)));
    assert!(nothing(probe(&codes, &[true; 8])) && nothing(probe(&codes, &[false; 8])));
    assert!(nothing(principal(&Array2::ones((8, 5)), &codes, 2)));
    let mut broken = codes.clone();
    broken[(1, 1)] = f64::NAN;
    assert_eq!(factorised(&broken, 2), Err(DirectionError::NotFinite));
    assert_eq!(principal(&codes, &broken, 2), Err(DirectionError::NotFinite));
}
