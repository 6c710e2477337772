//! NVIDIA's GPUs: how many there are, and how a worker sees one of them alone.

#[cfg(feature = "cuda")]
use super::libdevice::{HOW_TO_GET_LIBDEVICE, is_in_sight, libdevice};
#[cfg(feature = "cuda")]
use super::nvml::too_old;
use super::{DeviceError, DeviceKind, unavailable};
use burn::tensor::Device;
use std::env;

/// The GPUs that CUDA shows to a process: indices, UUIDs or MIG instances.
const VISIBLE: &str = "CUDA_VISIBLE_DEVICES";
/// The name of the one GPU that a worker sees, which CUDA then counts as the first.
const ONLY: &str = "RUNNER_ONLY_DEVICE";

/// What a worker on this device finds in its environment beside what each process that trains does.
///
/// A worker on an NVIDIA GPU sees that one alone, so that a fault of one GPU is no other worker's. What the user shows to the
/// sweep is narrowed, never widened.
pub fn worker_environment(device: DeviceKind) -> Vec<(&'static str, String)> {
    match device {
        DeviceKind::Cuda(index) => {
            let shown = env::var(VISIBLE).ok();
            vec![(VISIBLE, narrowed(shown.as_deref(), index)), (ONLY, device.to_string())]
        }
        DeviceKind::Flex | DeviceKind::Ndarray | DeviceKind::Vulkan(_) => Vec::new(),
    }
}

/// The one of the GPUs in the list that has this index among them.
fn narrowed(shown: Option<&str>, index: usize) -> String {
    let only = shown.and_then(|list| list.split(',').nth(index));
    only.map_or_else(|| index.to_string(), |entry| entry.trim().to_owned())
}

/// The index by which this process sees the GPU.
#[cfg(any(feature = "cuda", test))]
fn seen(index: usize, only: Option<&str>) -> usize {
    if only == Some(&*DeviceKind::Cuda(index).to_string()) { 0 } else { index }
}

/// The index by which this process sees the GPU of this index, if it is there.
#[cfg(feature = "cuda")]
pub(super) fn find(index: usize) -> Result<usize, DeviceError> {
    let device = DeviceKind::Cuda(index);
    let seen = seen(index, env::var(ONLY).ok().as_deref());
    match cuda_devices() {
        Ok(count) if seen < count => Ok(seen),
        Ok(count) => unavailable(device, format!("{count} CUDA device(s) answer, counted from 0")),
        Err(reason) => unavailable(device, reason),
    }
}

#[cfg(not(feature = "cuda"))]
pub(super) fn find(index: usize) -> Result<usize, DeviceError> {
    unavailable(DeviceKind::Cuda(index), no_cuda())
}

/// The GPU of this index, in the process that uses it.
#[cfg(feature = "cuda")]
pub(super) fn open(index: usize) -> Result<Device, DeviceError> {
    let seen = find(index)?;
    match libdevice().filter(|_| !is_in_sight()) {
        Some(toolkit) => unavailable(
            DeviceKind::Cuda(index),
            format!("`libdevice.10.bc` is in sight only with CUDA_PATH={} in the environment", toolkit.display()),
        ),
        None => Ok(Device::cuda(seen)),
    }
}

#[cfg(not(feature = "cuda"))]
pub(super) fn open(index: usize) -> Result<Device, DeviceError> {
    unavailable(DeviceKind::Cuda(index), no_cuda())
}

/// How many CUDA devices answer, or why none can be used. Safe without a driver.
#[cfg(feature = "cuda")]
pub fn cuda_devices() -> Result<usize, String> {
    // Enumeration asks for the driver library first; the first tensor on a missing driver would panic.
    let count = std::panic::catch_unwind(|| Device::enumerate(burn::tensor::DeviceType::Cuda).len())
        .map_err(|_| "the NVIDIA driver failed while it was asked for its devices".to_owned())?;
    match (count, too_old()) {
        (0, _) => Err("no CUDA device answers (is the NVIDIA driver loaded?)".to_owned()),
        (_, Some(reason)) => Err(reason),
        (count, None) if libdevice().is_some() => Ok(count),
        (count, None) => {
            Err(format!("{count} CUDA device(s) answer, but `libdevice.10.bc` is missing: {HOW_TO_GET_LIBDEVICE}"))
        }
    }
}

/// How many CUDA devices answer, or why none can be used.
#[cfg(not(feature = "cuda"))]
pub fn cuda_devices() -> Result<usize, String> {
    Err(no_cuda())
}

#[cfg(not(feature = "cuda"))]
fn no_cuda() -> String {
    let driver = std::path::Path::new("/proc/driver/nvidia/version").exists();
    let hint = match driver {
        true => ", and this machine has an NVIDIA driver: build with `cargo build --release --features cuda`",
        false => "",
    };
    format!("this binary was built without the feature `cuda`{hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_sees_its_gpu_alone() {
        let gpu = "GPU-3f1a";
        assert_eq!(narrowed(None, 2), "2");
        assert_eq!(narrowed(Some("5,3"), 0), "5");
        assert_eq!(narrowed(Some("5, 3"), 1), "3");
        assert_eq!(narrowed(Some(gpu), 0), gpu);
        assert_eq!(narrowed(Some("MIG-a,MIG-b"), 1), "MIG-b");
        assert_eq!(seen(3, Some("cuda:3")), 0);
        assert_eq!(seen(3, Some("cuda:2")), 3);
        assert_eq!(seen(3, None), 3);
        let environment = worker_environment(DeviceKind::Cuda(1));
        assert!(environment.contains(&(ONLY, "cuda:1".to_owned())), "{environment:?}");
        assert_eq!(worker_environment(DeviceKind::Flex), []);
        assert_eq!(worker_environment(DeviceKind::Vulkan(1)), []);
    }
}
