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
/// - 3: convolutions of batches under 16 sum over channels.
pub(crate) const NUMERICS: u32 = 3;

/// The arithmetic of this program on the device.
pub fn numerics(kind: DeviceKind) -> Numerics {
    Numerics { class: numeric_class(kind), version: NUMERICS }
}

/// What the bits of a CPU run depend on besides its configuration: backend, processor family and SIMD level, system, and
/// the C library's mathematical functions, whose last bits differ between libraries, versions and processors. Runs of
/// one class agree bit for bit. GPUs promise no bits; their class is backend and architecture. This opens a GPU.
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
        DeviceKind::Cuda(_) => return gpu_class("cuda", kind),
        DeviceKind::Vulkan(_) => return gpu_class("vulkan", kind),
        DeviceKind::Flex => "flex",
        DeviceKind::Ndarray => "ndarray",
    };
    format!("{backend}-{arch}-{level}-{os}-libm.{}", math_fingerprint())
}

/// The first architecture on which the backend multiplies matrices on tensor cores, whose factors are TF32: single precision
/// rounded to 11 significant bits. Burn has no switch for it.
#[cfg(any(feature = "cuda", feature = "wgpu"))]
const TENSOR_CORES: u32 = 80;

/// `cuda-sm90-tf32`, by what kernels are compiled for and what products are made of; `vulkan-` with the name of the GPU and its
/// driver, which compiles them.
#[cfg(any(feature = "cuda", feature = "wgpu"))]
fn gpu_class(backend: &str, kind: DeviceKind) -> String {
    // A device that fails while it is opened ends its worker elsewhere.
    let identity = std::panic::catch_unwind(|| kind.open().ok()?.identity()).ok().flatten();
    let Some(identity) = identity else { return backend.to_owned() };
    if let DeviceKind::Vulkan(_) = kind {
        let words = identity.name.split(|letter: char| !letter.is_ascii_alphanumeric());
        let words = words.filter(|word| !word.is_empty()).map(str::to_lowercase);
        return words.fold(backend.to_owned(), |class, word| class + "-" + &word);
    }
    let architecture = identity.fingerprint.trim_start_matches("ptx_");
    let number: Option<u32> = architecture.trim_start_matches("sm").parse().ok();
    let products = if number.is_some_and(|number| number >= TENSOR_CORES) { "-tf32" } else { "" };
    format!("{backend}-{architecture}{products}")
}

#[cfg(not(any(feature = "cuda", feature = "wgpu")))]
fn gpu_class(backend: &str, _: DeviceKind) -> String {
    backend.to_owned()
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
