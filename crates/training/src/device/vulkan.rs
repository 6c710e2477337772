//! GPUs under Vulkan, by Burn's backend for wgpu. Kernels are WGSL: its SPIR-V kernels crash in Mesa's software Vulkan.

use super::{DeviceError, DeviceKind, unavailable};
use burn::tensor::Device;

/// The device of this number.
pub(super) fn open(index: usize) -> Result<Device, DeviceError> {
    let device = DeviceKind::Vulkan(index);
    match devices() {
        Ok(devices) if index < devices.len() => Ok(devices[index].clone()),
        Ok(devices) => unavailable(device, format!("{} Vulkan devices answer", devices.len())),
        Err(reason) => unavailable(device, reason),
    }
}

/// How many Vulkan devices answer, or why none can. Safe without a driver.
pub fn vulkan_devices() -> Result<usize, String> {
    devices().map(|devices| devices.len())
}

#[cfg(feature = "wgpu")]
fn devices() -> Result<Vec<Device>, String> {
    let enumerate = || Device::enumerate(burn::tensor::DeviceType::Wgpu).into_vec();
    match std::panic::catch_unwind(enumerate) {
        Ok(devices) if devices.is_empty() => Err(
            "no Vulkan device answers (its loader is Debian's libvulkan1; a driver comes with the GPU's, or with Mesa)"
                .to_owned(),
        ),
        Ok(devices) => Ok(devices),
        Err(_) => Err("the Vulkan driver failed while it was asked for its devices".to_owned()),
    }
}

#[cfg(not(feature = "wgpu"))]
fn devices() -> Result<Vec<Device>, String> {
    Err("this binary was built without the feature `wgpu`".to_owned())
}
