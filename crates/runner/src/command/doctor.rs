//! `runner doctor`.

use super::{out, print_json};
use crate::cli::{DoctorArgs, Format};
use crate::error::Error;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use training::{DeviceKind, numeric_class, select, simd_features};

pub(crate) fn run(arguments: &DoctorArgs) -> Result<ExitCode, Error> {
    let selection = select("auto")?;
    let device = selection.devices[0];
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let ndarray = DeviceKind::Ndarray.open().map_or_else(|error| error.to_string(), |_| "available".to_owned());
    let cuda = training::cuda_devices().map_or_else(|reason| reason, |count| format!("{count} device(s)"));
    let free = free_bytes(&arguments.results);
    let data = data::catalog();
    match arguments.format {
        Format::Json => print_json(&json!({
            "version": env!("CARGO_PKG_VERSION"),
            "auto": { "devices": selection.devices, "because": selection.because },
            "cuda": cuda,
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
            out(format_args!("ndarray:        {ndarray}"))?;
            out(format_args!("processor:      {cores} cores, SIMD {}", simd_features().join(" ")))?;
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

/// Free space where `path` is or would be.
fn free_bytes(path: &Path) -> Option<u64> {
    let absolute = std::path::absolute(path).ok()?;
    let existing = absolute.ancestors().find(|path| path.exists())?;
    let disk = rustix::fs::statvfs(existing).ok()?;
    Some(disk.f_bavail * disk.f_frsize)
}
