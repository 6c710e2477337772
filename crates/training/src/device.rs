//! Which devices there are, which of them a request means, and what their numbers depend on.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A place to train on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum DeviceKind {
    /// Burn's fast CPU backend.
    Flex,
    /// Burn's ndarray backend, slow; in the binary with the feature `ndarray`.
    Ndarray,
    /// An NVIDIA GPU by its CUDA index; in the binary with the feature `cuda`.
    Cuda(usize),
}

/// What a request for devices came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// At least one.
    pub devices: Vec<DeviceKind>,
    /// Which and why, in one line.
    pub because: String,
}

/// Why a request cannot be met.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// Not the name of a device.
    #[error("unknown device `{0}`; known are auto, cpu, ndarray, cuda and cuda:N")]
    Unknown(String),
    /// Known, but not in this binary or not on this machine.
    #[error("device `{device}` is not available: {reason}")]
    Unavailable {
        /// As asked for.
        device: String,
        /// Why not.
        reason: String,
    },
    /// It cannot round factors to 8 significant bits.
    #[error("`train.precision: bf16` is for CPUs with AMX: not for {device} of this machine; `f32` is for all")]
    Precision {
        /// Which.
        device: DeviceKind,
    },
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Flex => f.write_str("cpu:flex"),
            Self::Ndarray => f.write_str("cpu:ndarray"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
        }
    }
}

impl FromStr for DeviceKind {
    type Err = DeviceError;

    fn from_str(name: &str) -> Result<Self, DeviceError> {
        match name {
            "cpu" | "flex" | "cpu:flex" => Ok(Self::Flex),
            "ndarray" | "cpu:ndarray" => Ok(Self::Ndarray),
            _ => match name.strip_prefix("cuda:").map(str::parse) {
                Some(Ok(index)) => Ok(Self::Cuda(index)),
                _ => Err(DeviceError::Unknown(name.to_owned())),
            },
        }
    }
}

impl From<DeviceKind> for String {
    fn from(kind: DeviceKind) -> Self {
        kind.to_string()
    }
}

impl TryFrom<String> for DeviceKind {
    type Error = DeviceError;

    fn try_from(name: String) -> Result<Self, DeviceError> {
        name.parse()
    }
}

impl DeviceKind {
    /// Whether it is the CPU, where the same run gives the same bits.
    pub fn is_cpu(self) -> bool {
        !matches!(self, Self::Cuda(_))
    }

    /// The device for Burn, without automatic differentiation. Nothing is loaded before its first tensor.
    ///
    /// # Errors
    /// It is not in this binary or not on this machine.
    pub fn open(self) -> Result<Device, DeviceError> {
        match self {
            Self::Flex => Ok(Device::flex()),
            Self::Ndarray => open_ndarray(),
            Self::Cuda(index) => open_cuda(index),
        }
    }
}

fn unavailable<T>(device: impl ToString, reason: impl ToString) -> Result<T, DeviceError> {
    Err(DeviceError::Unavailable { device: device.to_string(), reason: reason.to_string() })
}

#[cfg(feature = "ndarray")]
#[expect(deprecated, reason = "Burn deprecates it in favour of flex; it stays selectable as a second implementation")]
fn open_ndarray() -> Result<Device, DeviceError> {
    Ok(Device::ndarray())
}

#[cfg(not(feature = "ndarray"))]
fn open_ndarray() -> Result<Device, DeviceError> {
    unavailable(DeviceKind::Ndarray, "this binary was built without the feature `ndarray`")
}

#[cfg(feature = "cuda")]
fn open_cuda(index: usize) -> Result<Device, DeviceError> {
    match cuda_devices() {
        Ok(count) if index < count => Ok(Device::cuda(index)),
        Ok(count) => unavailable(DeviceKind::Cuda(index), format!("{count} CUDA devices answer")),
        Err(reason) => unavailable(DeviceKind::Cuda(index), reason),
    }
}

#[cfg(not(feature = "cuda"))]
fn open_cuda(index: usize) -> Result<Device, DeviceError> {
    unavailable(DeviceKind::Cuda(index), NO_CUDA)
}

#[cfg(not(feature = "cuda"))]
const NO_CUDA: &str = "this binary was built without the feature `cuda`";

/// How many CUDA devices answer, or why none can. Safe without a driver.
#[cfg(feature = "cuda")]
pub fn cuda_devices() -> Result<usize, String> {
    // Enumeration asks for the driver library first; the first tensor on a missing driver would panic.
    match std::panic::catch_unwind(|| Device::enumerate(burn::tensor::DeviceType::Cuda).len()) {
        Ok(0) => Err("no CUDA device answers (is the NVIDIA driver loaded?)".to_owned()),
        Ok(count) => Ok(count),
        Err(_) => Err("the NVIDIA driver failed while it was asked for its devices".to_owned()),
    }
}

/// How many CUDA devices answer, or why none can.
#[cfg(not(feature = "cuda"))]
pub fn cuda_devices() -> Result<usize, String> {
    Err(NO_CUDA.to_owned())
}

/// Whether the request names devices, whatever this machine has.
///
/// # Errors
/// A name is unknown.
pub fn check_names(request: &str) -> Result<(), DeviceError> {
    match request.trim() {
        "auto" | "cuda" => Ok(()),
        list => names(list).map(drop),
    }
}

fn names(list: &str) -> Result<Vec<DeviceKind>, DeviceError> {
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    let devices = names.map(str::parse).collect::<Result<Vec<DeviceKind>, _>>()?;
    if devices.is_empty() { Err(DeviceError::Unknown(list.to_owned())) } else { Ok(devices) }
}

/// Turns `auto`, `cpu`, `ndarray`, `cuda` or a list such as `cuda:0,cuda:2` into devices that can be opened.
///
/// # Errors
/// A name is unknown, or what it names is not available; `auto` always finds the CPU.
pub fn select(request: &str) -> Result<Selection, DeviceError> {
    let all_cuda = |count| (0..count).map(DeviceKind::Cuda).collect::<Vec<_>>();
    match request.trim() {
        "auto" => Ok(match cuda_devices() {
            Ok(count) => {
                Selection { devices: all_cuda(count), because: format!("{count} CUDA device(s): they answer") }
            }
            Err(reason) => Selection { devices: vec![DeviceKind::Flex], because: format!("the CPU (flex): {reason}") },
        }),
        "cuda" => match cuda_devices() {
            Ok(count) => Ok(Selection { devices: all_cuda(count), because: format!("{count} CUDA device(s)") }),
            Err(reason) => unavailable("cuda", reason),
        },
        list => {
            let devices = names(list)?;
            for device in &devices {
                device.open()?;
            }
            let names: Vec<_> = devices.iter().map(ToString::to_string).collect();
            Ok(Selection { devices, because: format!("{}: as asked", names.join(", ")) })
        }
    }
}

/// SIMD extensions that the CPU backends choose their kernels by, as this processor has them.
pub fn simd_features() -> Vec<String> {
    let mut found: Vec<&str> = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        let features = [
            ("avx2", is_x86_feature_detected!("avx2")),
            ("fma", is_x86_feature_detected!("fma")),
            ("avx512f", is_x86_feature_detected!("avx512f")),
            ("amx", kernels::has_tiles()),
        ];
        found.extend(features.iter().filter(|(_, has)| *has).map(|(name, _)| *name));
    }
    #[cfg(target_arch = "aarch64")]
    found.push("neon");
    found.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_name_devices() {
        let devices = |request: &str| select(request).map(|selection| selection.devices);
        assert_eq!(devices("cpu"), Ok(vec![DeviceKind::Flex]));
        assert_eq!(devices("cpu, flex"), Ok(vec![DeviceKind::Flex; 2]));
        for unknown in ["gpu", "cuda:", "cuda:x", "", ","] {
            assert_eq!(devices(unknown), Err(DeviceError::Unknown(unknown.trim().to_owned())), "{unknown:?}");
        }
        assert!(!select("auto").unwrap().devices.is_empty());
    }

    #[test]
    fn names_read_back() {
        for kind in [DeviceKind::Flex, DeviceKind::Ndarray, DeviceKind::Cuda(3)] {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_binary_without_cuda_says_so() {
        assert!(select("cuda").unwrap_err().to_string().contains("feature `cuda`"));
        assert!(select("auto").unwrap().because.contains("feature `cuda`"));
        assert!(DeviceKind::Cuda(0).open().is_err());
    }
}
