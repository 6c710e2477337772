//! `runner doctor`.

use super::{out, print_json};
use crate::cli::{DoctorArgs, Format};
use crate::error::Error;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use training::{DeviceKind, Gpu, numeric_class, select, simd_features};

pub(crate) fn run(arguments: &DoctorArgs) -> Result<ExitCode, Error> {
    let selection = select("auto")?;
    let device = selection.devices[0];
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let ndarray = DeviceKind::Ndarray.open().map_or_else(|error| error.to_string(), |_| "available".to_owned());
    let devices =
        |found: Result<usize, String>| found.map_or_else(|reason| reason, |count| format!("{count} device(s)"));
    let (cuda, vulkan) = (devices(training::cuda_devices()), devices(training::vulkan_devices()));
    let (driver, libdevice) = (training::nvidia_driver(), training::libdevice());
    let free = free_bytes(&arguments.results);
    let data = data::catalog();
    match arguments.format {
        Format::Json => print_json(&json!({
            "version": env!("CARGO_PKG_VERSION"),
            "auto": { "devices": selection.devices, "because": selection.because },
            "cuda": cuda,
            "nvidia": driver.as_ref().ok(),
            "libdevice": libdevice,
            "vulkan": vulkan,
            "ndarray": ndarray,
            "cores": cores,
            "simd": simd_features(),
            "numeric_class": numeric_class(device),
            "results": { "path": arguments.results, "free_bytes": free },
            "data": data,
        }))?,
        Format::Text => {
            out(format_args!("runner:         {}", env!("CARGO_PKG_VERSION")))?;
            out(format_args!("auto means:     {}", selection.because))?;
            out(format_args!("cuda:           {cuda}"))?;
            if let Ok(driver) = driver {
                out(format_args!("nvidia driver:  {}, CUDA {}", driver.version, driver.cuda))?;
                driver.gpus.iter().try_for_each(|gpu| out(format_args!("gpu:            {}", describe(gpu))))?;
            }
            if cfg!(feature = "cuda") {
                let libdevice = libdevice.map_or_else(
                    || format!("missing: {}", training::HOW_TO_GET_LIBDEVICE),
                    |root| format!("in {}", root.display()),
                );
                out(format_args!("libdevice:      {libdevice}"))?;
            }
            out(format_args!("vulkan:         {vulkan}"))?;
            out(format_args!("ndarray:        {ndarray}"))?;
            let cores = if cores == 1 { "1 core".to_owned() } else { format!("{cores} cores") };
            out(format_args!("processor:      {cores}, SIMD {}", simd_features().join(" ")))?;
            out(format_args!("numeric class:  {}", numeric_class(device)))?;
            let free =
                free.map_or("unknown".to_owned(), |bytes| format!("{:.1} GiB", bytes as f64 / f64::powi(2.0, 30)));
            out(format_args!("free disk:      {free} at {}", arguments.results.display()))?;
            for entry in data {
                let here = if entry.available { "here".to_owned() } else { format!("not here: {}", entry.how_to_get) };
                out(format_args!("data:           {} {here}", entry.name))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `NVIDIA H200, 139.8 GiB (2.1 GiB taken), compute capability 9.0, GPU-..., PCI 00000000:01:00.0`.
fn describe(gpu: &Gpu) -> String {
    let gib = |bytes: u64| bytes as f64 / f64::powi(2.0, 30);
    let capability = gpu.compute_capability.as_ref().map(|version| format!(", compute capability {version}"));
    format!(
        "{}, {:.1} GiB ({:.1} GiB taken){}, {}, PCI {}",
        gpu.name,
        gib(gpu.memory),
        gib(gpu.used),
        capability.unwrap_or_default(),
        gpu.uuid,
        gpu.pci
    )
}

/// Free space where `path` is or would be.
fn free_bytes(path: &Path) -> Option<u64> {
    let absolute = std::path::absolute(path).ok()?;
    let existing = absolute.ancestors().find(|path| path.exists())?;
    let disk = rustix::fs::statvfs(existing).ok()?;
    Some(disk.f_bavail * disk.f_frsize)
}
