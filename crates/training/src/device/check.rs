//! Whether a device computes what the CPU computes, before runs are given to it.
//!
//! A backend may lose every kernel that it is told to launch and go on: memory then holds what it held, a run ends as `done`,
//! and its numbers are nonsense. So a worker on a GPU begins with a product of whole numbers, which every device gets right
//! to the bit, and with two steps of a small network, compared with those of the CPU.

use super::{DeviceError, DeviceKind};
use crate::RunConfig;
use crate::state::State;
use crate::window::Window;
use burn::tensor::{Tensor, TensorData};
use models::task::Batch;
use models::{Domain, Samples, Stream};
use serde_json::json;
use std::env;

/// `off` in this variable of the environment leaves the check out, for tests of what is around the device. What is trained
/// then is marked as unchecked.
pub const CHECK_SWITCH: &str = "RUNNER_DEVICE_CHECK";

/// How far scalars of the two steps may be from the CPU's, beside one and in relation to them. Products in TF32 have an error
/// of a thousandth.
const SCALARS: f64 = 2e-2;
/// How far weights may be after the two steps, which move each of them by at most ten times as much.
const WEIGHTS: f64 = 2e-3;
/// Of the images.
const SIDE: usize = 28;
/// Of them in a step.
const BATCH: usize = 4;

/// Whether nothing is known of what the device computes, because the check is switched off.
pub fn is_unchecked(device: DeviceKind) -> bool {
    !device.is_cpu() && env::var(CHECK_SWITCH).is_ok_and(|value| value == "off")
}

/// Compares the device with the CPU; if the check is switched off, it only has to answer. The CPU needs none.
///
/// # Errors
/// It is not there, or it computes other numbers.
///
/// # Panics
/// As the backend does, where the device fails in the middle.
pub fn check_device(device: DeviceKind) -> Result<(), DeviceError> {
    match device.is_cpu() {
        true => Ok(()),
        false if is_unchecked(device) => product(device).map(drop),
        false => compare(device),
    }
}

fn compare(device: DeviceKind) -> Result<(), DeviceError> {
    let wrong = |what: String| DeviceError::Wrong { device, what };
    product(device)?.map_or(Ok(()), |what| Err(wrong(what)))?;
    let (expected, found) = (steps(DeviceKind::Flex)?, steps(device)?);
    match difference(&expected, &found) {
        Some(what) => Err(wrong(what)),
        None => Ok(()),
    }
}

/// A product of whole numbers that even factors of 8 significant bits hold; what is wrong with it.
fn product(device: DeviceKind) -> Result<Option<String>, DeviceError> {
    const ROWS: usize = 48;
    const INNER: usize = 64;
    const COLUMNS: usize = 33;
    let (left, right) =
        (|row: usize, at: usize| (row * 7 + at * 3) % 11, |at: usize, column: usize| (at * 5 + column) % 13);
    let device = device.open()?;
    let matrix = |rows: usize, columns: usize, value: &dyn Fn(usize, usize) -> usize| {
        let values: Vec<f32> = (0..rows * columns).map(|at| value(at / columns, at % columns) as f32).collect();
        Tensor::<2>::from_data(TensorData::new(values, [rows, columns]), &device)
    };
    let found = matrix(ROWS, INNER, &left).matmul(matrix(INNER, COLUMNS, &right));
    let found: Vec<f32> = found.into_data().iter().collect();
    let expected = (0..ROWS * COLUMNS).map(|at| {
        let (row, column) = (at / COLUMNS, at % COLUMNS);
        (0..INNER).map(|at| left(row, at) * right(at, column)).sum::<usize>() as f32
    });
    let mut pairs = expected.zip(found).enumerate();
    Ok(pairs.find(|(_, (expected, found))| expected != found).map(|(at, (expected, found))| {
        format!("number {at} of a product of whole numbers is {found}, and {expected} is right")
    }))
}

/// What two steps of a small convolutional network came to.
struct Steps {
    /// Losses, logits and norms of gradients, as a run records them.
    scalars: Vec<(String, f64)>,
    weights: Vec<(String, Vec<f32>)>,
}

fn steps(kind: DeviceKind) -> Result<Steps, DeviceError> {
    let config = config();
    let device = kind.open()?.autodiff();
    let domain = Domain::from([1, SIDE, SIDE]);
    let (mut state, mut window) = (State::new(&config, domain, kind, &device), Window::default());
    for step in 0..config.steps() {
        for phase in 0..state.phases.len() {
            let mut stream = Stream::new(config.seed, "check", 2 * step + phase as u64);
            let pixels = TensorData::new(stream.normals(BATCH * SIDE * SIDE, 0.5), [BATCH, 1, SIDE, SIDE]);
            let real = Samples::from(Tensor::<4>::from_data(pixels, &device));
            let input = config.model.update_input([1, SIDE, SIDE], BATCH, None, &mut stream, &device);
            state.update(&config, Batch { phase, update: step, is_last: true, real, input }, &mut window);
        }
    }
    let scalars = window.read(None).values.into_iter().collect();
    let mut weights = Vec::new();
    state.networks.visit(&mut |path, read| weights.push((path.join("/"), read().iter().collect())));
    Ok(Steps { scalars, weights })
}

/// The first number of the one that is too far from that of the other.
fn difference(expected: &Steps, found: &Steps) -> Option<String> {
    let differs = |expected: f64, found: f64, tolerance: f64| found.is_nan() || (expected - found).abs() > tolerance;
    let what = |name: &str, expected: f64, found: f64| {
        format!("`{name}` of two small training steps is {found:.5}, and the CPU has {expected:.5}")
    };
    for ((name, expected), (_, found)) in expected.scalars.iter().zip(&found.scalars) {
        if differs(*expected, *found, SCALARS * (1.0 + expected.abs())) {
            return Some(what(name, *expected, *found));
        }
    }
    for ((path, expected), (_, found)) in expected.weights.iter().zip(&found.weights) {
        let mut pairs = expected.iter().zip(found).map(|(expected, found)| (f64::from(*expected), f64::from(*found)));
        if let Some((expected, found)) = pairs.find(|(expected, found)| differs(*expected, *found, WEIGHTS)) {
            return Some(what(path, expected, found));
        }
    }
    None
}

/// Adam with an epsilon that lets a weight move in proportion to a small gradient, so that its rounding does not turn the step
/// around.
fn config() -> RunConfig {
    let network = json!({"architecture": "dcgan", "channels": 4});
    let optimizer = json!({"optimizer": "adam", "lr": 0.01, "epsilon": 0.01});
    let settings = json!({
        "model": {"generator": network, "discriminator": network, "latent": {"dim": 8}},
        "train": {"steps": 2, "batch_size": BATCH, "generator": optimizer, "discriminator": optimizer},
        "log": {"every": 1},
    });
    serde_json::from_value(settings).expect("these are settings of a run")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_computes_what_it_computes() {
        assert_eq!(config().check(), []);
        assert_eq!(compare(DeviceKind::Flex), Ok(()));
    }

    #[test]
    fn a_wrong_number_is_found() {
        let right = || steps(DeviceKind::Flex).unwrap();
        assert_eq!(difference(&right(), &right()), None);
        assert!(right().scalars.iter().any(|(name, _)| name == "loss/generator"));
        let mut wrong = right();
        wrong.scalars[0].1 += 0.1;
        assert!(difference(&right(), &wrong).is_some());
        for value in [0.5, f32::NAN] {
            let mut wrong = right();
            wrong.weights.last_mut().unwrap().1[0] += value;
            assert!(difference(&right(), &wrong).unwrap().contains("the CPU has"), "{value}");
        }
        // Kernels that do nothing leave what memory held.
        let mut nothing = right();
        nothing.scalars.iter_mut().for_each(|(_, value)| *value = 0.0);
        assert!(difference(&right(), &nothing).is_some());
    }

    #[cfg(feature = "ndarray")]
    #[test]
    fn another_backend_passes() {
        assert_eq!(compare(DeviceKind::Ndarray), Ok(()));
    }
}
