//! Which devices there are, which of them a request means, and whether they compute what they should.

mod check;
mod cuda;
mod libdevice;
mod nvml;
mod select;
mod vulkan;

pub use check::{CHECK_SWITCH, check_device, is_unchecked};
pub use cuda::{cuda_devices, worker_environment};
pub use libdevice::{HOW_TO_GET_LIBDEVICE, libdevice};
pub(crate) use nvml::Meter;
pub use nvml::{Driver, Gpu, nvidia_driver};
pub use select::{Selection, check_names, select};
pub use vulkan::vulkan_devices;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A place to train on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum DeviceKind {
    /// Burn's fast CPU backend.
    Flex,
    /// Burn's ndarray backend, slow; in the binary with the feature `ndarray`.
    Ndarray,
    /// An NVIDIA GPU by its CUDA index; in the binary with the feature `cuda`.
    Cuda(usize),
    /// A GPU, or a processor that acts as one, by its number under Vulkan; in the binary with the feature `wgpu`.
    Vulkan(usize),
}

/// Why a request cannot be met.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// Not the name of a device.
    #[error("unknown device `{0}`; known are auto, cpu, ndarray, cuda, cuda:N, vulkan and vulkan:N")]
    Unknown(String),
    /// Known, but not in this binary or not on this machine.
    #[error("device `{device}` is not available: {reason}")]
    Unavailable {
        /// As asked for.
        device: String,
        /// Why not.
        reason: String,
    },
    /// It computes other numbers than the CPU.
    #[error(
        "device `{device}` computes wrong numbers: {what}. Nothing was trained on it; look at its driver and its memory, \
         or train on others with --devices"
    )]
    Wrong {
        /// Which.
        device: DeviceKind,
        /// What was found where.
        what: String,
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
            Self::Vulkan(index) => write!(f, "vulkan:{index}"),
        }
    }
}

impl FromStr for DeviceKind {
    type Err = DeviceError;

    fn from_str(name: &str) -> Result<Self, DeviceError> {
        match name {
            "cpu" | "flex" | "cpu:flex" => return Ok(Self::Flex),
            "ndarray" | "cpu:ndarray" => return Ok(Self::Ndarray),
            _ => {}
        }
        match name.split_once(':').map(|(family, index)| (family, index.parse())) {
            Some(("cuda", Ok(index))) => Ok(Self::Cuda(index)),
            Some(("vulkan", Ok(index))) => Ok(Self::Vulkan(index)),
            _ => Err(DeviceError::Unknown(name.to_owned())),
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
        matches!(self, Self::Flex | Self::Ndarray)
    }

    /// Whether a worker could open it.
    ///
    /// # Errors
    /// It is not in this binary or not on this machine.
    pub fn find(self) -> Result<(), DeviceError> {
        match self {
            Self::Cuda(index) => cuda::find(index).map(drop),
            _ => self.open().map(drop),
        }
    }

    /// The device for Burn, without automatic differentiation. Nothing is loaded before its first tensor.
    ///
    /// # Errors
    /// It is not in this binary or not on this machine.
    pub fn open(self) -> Result<Device, DeviceError> {
        match self {
            Self::Flex => Ok(Device::flex()),
            Self::Ndarray => open_ndarray(),
            Self::Cuda(index) => cuda::open(index),
            Self::Vulkan(index) => vulkan::open(index),
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
    fn names_read_back() {
        for kind in [DeviceKind::Flex, DeviceKind::Ndarray, DeviceKind::Cuda(3), DeviceKind::Vulkan(0)] {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
    }

    #[test]
    fn names_of_no_device_are_unknown() {
        for name in ["", "gpu", "cuda", "cuda:", "cuda:x", "cuda:-1", "vulkan:", ":0", "metal:0"] {
            assert_eq!(name.parse::<DeviceKind>(), Err(DeviceError::Unknown(name.to_owned())));
        }
    }
}
