//! `runner sample`: images from a run's averaged generator.

use super::print_json;
use crate::cli::{Format, SampleArgs};
use crate::error::Error;
use record::{Plan, RunFolder, SweepFolder};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use training::{Generated, RunConfig, SampleRequest};

pub fn run(arguments: &SampleArgs) -> Result<ExitCode, Error> {
    let folder = find(&arguments.run, &arguments.results)?;
    let device = training::select(&arguments.devices)?.devices[0];
    let config = config(&folder)?;
    let data = data::describe(&config.data)?;
    let shape = [data.shape.channels, data.shape.height, data.shape.width];
    let request = SampleRequest { count: arguments.count, seed: arguments.seed, interpolate: arguments.interpolate };
    let generated = training::generate(&config, shape, &folder, device, &request)?;
    let Some(generated) = generated else {
        return Err(Error::Usage(format!("run {} has no sound checkpoint yet", folder.id())));
    };
    write(&generated, &arguments.out).map_err(Error::io(&arguments.out))?;
    let count = generated.images.len();
    match arguments.format {
        Format::Json => print_json(&json!({
            "run": folder.id(), "step": generated.step, "count": count, "out": arguments.out,
        })),
        Format::Text => {
            println!("{count} images of {} at step {}: {}", folder.id(), generated.step, arguments.out.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A run's folder by its path, or by the beginning of its id.
fn find(run: &str, results: &Path) -> Result<RunFolder, Error> {
    let folder = RunFolder::new(run);
    if folder.events().is_file() {
        return Ok(folder);
    }
    let list = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let matches = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(run));
    let mut found: Vec<PathBuf> = list(results)
        .flat_map(|sweep| list(&SweepFolder::new(sweep).runs()).collect::<Vec<_>>())
        .filter(matches)
        .collect();
    found.sort();
    match &found[..] {
        [one] => Ok(RunFolder::new(one)),
        [] => Err(Error::Usage(format!("no run `{run}` in {}", results.display()))),
        several => {
            let names: Vec<_> = several.iter().map(|path| path.display().to_string()).collect();
            Err(Error::Usage(format!("`{run}` could be any of {}", names.join(", "))))
        }
    }
}

/// The run's settings from the plan of its sweep.
fn config(folder: &RunFolder) -> Result<RunConfig, Error> {
    let absolute = std::path::absolute(folder.path()).map_err(Error::io(folder.path()))?;
    let Some(sweep) = absolute.parent().and_then(Path::parent) else {
        return Err(Error::Usage(format!("{} lies in no sweep", folder.path().display())));
    };
    let id = folder.id();
    let planned = Plan::read(&SweepFolder::new(sweep))?.runs.into_iter().find(|run| run.id == id);
    let planned = planned.ok_or_else(|| Error::Usage(format!("the sweep's plan has no run {id} any more")))?;
    serde_json::from_value(planned.config).map_err(|error| Error::Usage(format!("the plan of run {id}: {error}")))
}

/// A grid, an array or single pictures, by the name.
fn write(generated: &Generated, out: &Path) -> std::io::Result<()> {
    let pictures = &generated.images;
    match out.extension().and_then(|extension| extension.to_str()) {
        Some("png") => record::write_atomic(out, &training::grid(pictures).png()),
        Some("npy") => record::write_atomic(out, &npy(&generated.shape, &generated.values)),
        _ => {
            fs::create_dir_all(out)?;
            pictures.iter().enumerate().try_for_each(|(index, picture)| {
                record::write_atomic(&out.join(format!("{index:06}.png")), &picture.png())
            })
        }
    }
}

/// NumPy's format, version 1.0: little-endian float32 in C order.
fn npy(shape: &[usize; 4], values: &[f32]) -> Vec<u8> {
    let [n, c, h, w] = shape;
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({n}, {c}, {h}, {w}), }}");
    let padding = 64 - (10 + header.len() + 1) % 64;
    header.push_str(&" ".repeat(padding));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}
