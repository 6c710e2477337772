//! Which arithmetic trains here: what the bits of weights depend on besides a run's configuration.

use crate::DeviceKind;
use crate::device::simd_features;
use record::Numerics;

/// The number of this version's arithmetic. Attempts record it, and a run goes on across two numbers only where that is
/// asked for.
///
/// Raise it by one in every change after which some configuration that could be trained before ends with other weights in
/// the same numeric class: another order of a sum, another kernel, a mended layer, loss, optimizer or average, other random
/// numbers. A new setting that changes nothing where it is not used is no reason.
///
/// - 1: version 0.1.0.
/// - 2: averaged generators are spectrally normalised; adaptive augmentation follows the loss's threshold, with
///   `least_squares` 0.5.
pub(crate) const NUMERICS: u32 = 2;

/// The arithmetic of this program on the device.
pub fn numerics(kind: DeviceKind) -> Numerics {
    Numerics { class: numeric_class(kind), version: NUMERICS }
}

/// What the bits of a CPU run depend on besides its configuration: backend, processor family and SIMD level, system, and
/// the C library's mathematical functions, whose last bits differ between libraries, versions and processors. Runs of
/// one class agree bit for bit. GPUs promise no bits; their class says so.
pub fn numeric_class(kind: DeviceKind) -> String {
    let features = simd_features();
    let has = |name: &str| features.iter().any(|feature| feature == name);
    let (arch, os) = (std::env::consts::ARCH, std::env::consts::OS);
    let level = match arch {
        "x86_64" if has("amx") => "amx",
        "x86_64" if has("avx512f") => "avx512",
        "x86_64" if has("avx2") && has("fma") => "avx2",
        _ => "base",
    };
    let backend = match kind {
        DeviceKind::Cuda(_) => return "cuda".to_owned(),
        DeviceKind::Vulkan(_) => return "vulkan".to_owned(),
        DeviceKind::Flex => "flex",
        DeviceKind::Ndarray => "ndarray",
    };
    format!("{backend}-{arch}-{level}-{os}-libm.{}", math_fingerprint())
}

/// Eight digits over the values of the functions that networks use, at fixed inputs.
fn math_fingerprint() -> String {
    const INPUTS: u16 = 4096;
    let functions: [fn(f32) -> f32; 7] = [f32::exp, f32::exp_m1, f32::ln, f32::ln_1p, f32::tanh, f32::sin, f32::cos];
    let mut digest = blake3::Hasher::new();
    for function in functions {
        for index in 1..=INPUTS {
            let input = f32::from(index) * 0.003_7;
            digest.update(&function(input).to_le_bytes()).update(&function(-0.05 * input).to_le_bytes());
        }
    }
    digest.finalize().to_hex()[..8].to_owned()
}
