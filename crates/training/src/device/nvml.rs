//! What NVIDIA's management library knows of the GPUs of this machine. It opens no device.

use serde::Serialize;

/// A GPU as its driver describes it, whether CUDA shows it to this process or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gpu {
    /// Such as `NVIDIA H200`.
    pub name: String,
    /// Bytes of its memory.
    pub memory: u64,
    /// Bytes that are taken, by all processes.
    pub used: u64,
    /// Percent of the time in which something ran on it; none where that is not measured.
    pub utilization: Option<u32>,
    /// Such as `9.0`.
    pub compute_capability: Option<String>,
    /// As CUDA_VISIBLE_DEVICES takes it.
    pub uuid: String,
    /// Its place on the bus, such as `00000000:01:00.0`.
    pub pci: String,
}

/// The driver, and the GPUs that it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Driver {
    /// Its version.
    pub version: String,
    /// The newest version of CUDA that it takes, such as `12.9`.
    pub cuda: String,
    /// In the order of their places on the bus, which need not be CUDA's.
    pub gpus: Vec<Gpu>,
}

/// The oldest version of CUDA whose driver is used: the first that takes PTX 8.0 and has the functions for tensor maps and for
/// launches in clusters, which kernels for newer GPUs need.
#[cfg(feature = "cuda")]
const OLDEST: (i32, i32) = (12, 0);

/// What is wrong with a driver that is older than this program needs; none where the library does not answer.
#[cfg(feature = "cuda")]
pub(super) fn too_old() -> Option<String> {
    use nvml_wrapper::{Nvml, cuda_driver_version_major, cuda_driver_version_minor};
    let nvml = Nvml::init().ok()?;
    let cuda = nvml.sys_cuda_driver_version().ok()?;
    let cuda = (cuda_driver_version_major(cuda), cuda_driver_version_minor(cuda));
    let driver = nvml.sys_driver_version().unwrap_or_else(|_| "of an unknown version".to_owned());
    (cuda < OLDEST).then(|| {
        let (oldest, newest) = (format!("{}.{}", OLDEST.0, OLDEST.1), format!("{}.{}", cuda.0, cuda.1));
        format!("the NVIDIA driver {driver} is too old: it takes CUDA {newest}, and CUDA {oldest} is needed; update the driver")
    })
}

/// Asks the library.
///
/// # Errors
/// It is not there, or does not answer.
#[cfg(feature = "cuda")]
pub fn nvidia_driver() -> Result<Driver, String> {
    read().map_err(|error| format!("NVIDIA's management library does not answer: {error}"))
}

/// Asks the library.
///
/// # Errors
/// This binary cannot.
#[cfg(not(feature = "cuda"))]
pub fn nvidia_driver() -> Result<Driver, String> {
    Err("this binary was built without the feature `cuda`".to_owned())
}

#[cfg(feature = "cuda")]
fn read() -> Result<Driver, nvml_wrapper::error::NvmlError> {
    use nvml_wrapper::{Nvml, cuda_driver_version_major, cuda_driver_version_minor};
    let nvml = Nvml::init()?;
    let cuda = nvml.sys_cuda_driver_version()?;
    let gpus = (0..nvml.device_count()?).map(|index| {
        let gpu = nvml.device_by_index(index)?;
        let memory = gpu.memory_info()?;
        let capability = gpu.cuda_compute_capability().ok();
        Ok(Gpu {
            name: gpu.name()?,
            memory: memory.total,
            used: memory.used,
            utilization: gpu.utilization_rates().ok().map(|rates| rates.gpu),
            compute_capability: capability.map(|version| format!("{}.{}", version.major, version.minor)),
            uuid: gpu.uuid()?,
            pci: gpu.pci_info()?.bus_id,
        })
    });
    Ok(Driver {
        version: nvml.sys_driver_version()?,
        cuda: format!("{}.{}", cuda_driver_version_major(cuda), cuda_driver_version_minor(cuda)),
        gpus: gpus.collect::<Result<_, nvml_wrapper::error::NvmlError>>()?,
    })
}

/// Reads how busy the GPU is that a run trains on.
pub(crate) struct Meter {
    #[cfg(feature = "cuda")]
    nvml: nvml_wrapper::Nvml,
    #[cfg(feature = "cuda")]
    pci: String,
}

/// Of a GPU, by all that run on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Load {
    /// Share of its memory.
    pub memory: f64,
    /// Share of the time, over about the last second.
    pub utilization: Option<f64>,
}

#[cfg(feature = "cuda")]
impl Meter {
    /// Of a device that is open; none where the library does not know it.
    pub(crate) fn of(device: &burn::tensor::Device) -> Option<Self> {
        let pci = device.identity()?.physical?.pci_address?.to_string();
        Some(Self { nvml: nvml_wrapper::Nvml::init().ok()?, pci })
    }

    pub(crate) fn read(&self) -> Option<Load> {
        let gpu = self.nvml.device_by_pci_bus_id(self.pci.as_str()).ok()?;
        let memory = gpu.memory_info().ok()?;
        let utilization = gpu.utilization_rates().ok().map(|rates| f64::from(rates.gpu) / 100.0);
        Some(Load { memory: memory.used as f64 / memory.total.max(1) as f64, utilization })
    }
}

#[cfg(not(feature = "cuda"))]
impl Meter {
    /// None: this binary has no GPU that the library knows.
    pub(crate) fn of(_: &burn::tensor::Device) -> Option<Self> {
        None
    }

    pub(crate) fn read(&self) -> Option<Load> {
        None
    }
}
