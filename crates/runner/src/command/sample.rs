//! `runner sample`: images or points from a run's averaged generator.

use super::{no_checkpoint, out, print_json};
use crate::cli::{Format, SampleArgs};
use crate::error::Error;
use crate::inspect::find;
use crate::inspect::singles::Singles;
use crate::plan::planning;
use models::Distribution;
use samples::{Canvas, npy};
use serde_json::json;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;
use training::{GenerateError, Generated, LEAST_TRUNCATION, RunConfig, SampleRequest};

/// More samples than this are a slip of the hand.
const MAX_SAMPLES: usize = 100_000;

pub(crate) fn run(arguments: &SampleArgs) -> Result<ExitCode, Error> {
    let count = arguments.count.get();
    let steps = arguments.interpolate.map_or(1, NonZeroUsize::get);
    if count.saturating_mul(steps) > MAX_SAMPLES {
        return Err(Error::Usage(format!("--count x --interpolate are more than {MAX_SAMPLES} samples")));
    }
    if arguments.interpolate.is_some() && count < 2 {
        return Err(Error::Usage("--interpolate needs at least two latents: --count 2".to_owned()));
    }
    let target = Target::of(&arguments.out)?;
    let folder = find::started(&arguments.run, &arguments.results)?;
    let device = training::select(&arguments.devices)?.devices[0];
    let config = planning::resolved(&folder.config())?;
    let domain = find::domain(&folder, &config)?;
    let is_point = domain.output.is_points();
    if is_point && matches!(target, Target::Folder) {
        return Err(Error::Usage(format!(
            "{} makes points, and one point is no picture: --out can be a .png or a .npy",
            folder.id()
        )));
    }
    if matches!(target, Target::Folder) {
        Singles::at(&arguments.out)?;
    }
    check_class(arguments.class, config.model.conditioning.classes(&domain))?;
    check_truncation(arguments.truncation, &config)?;
    let request = SampleRequest {
        count,
        seed: arguments.seed,
        interpolate: arguments.interpolate.map(NonZeroUsize::get),
        class: arguments.class,
        step: arguments.step,
        truncation: arguments.truncation,
    };
    let generated = training::generate(&config, domain, &folder, device, &request).map_err(|error| match error {
        GenerateError::Device(error) => error.into(),
        GenerateError::Data(error) => error.into(),
        GenerateError::Interpolation { .. } => Error::Usage(error.to_string()),
    })?;
    let Some(generated) = generated else {
        return Err(no_checkpoint(&folder, arguments.step));
    };
    // Points lie on real ones, which are computed on any machine.
    let classes = generated.classes;
    let canvas = match is_point {
        true => training::canvas(&config.data.open(data::Split::Train)?, classes),
        false => Canvas::new(domain.output, classes),
    };
    target.write(&generated, &canvas, &arguments.out)?;
    let count = generated.shape[0];
    match arguments.format {
        Format::Json => print_json(&json!({
            "run": folder.id(), "step": generated.step, "count": count, "out": arguments.out,
        }))?,
        Format::Text => {
            out(format_args!(
                "{count} {} of {} at step {}: {}",
                domain.output.noun(),
                folder.id(),
                generated.step,
                arguments.out.display()
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn check_class(class: Option<usize>, classes: usize) -> Result<(), Error> {
    match class {
        Some(_) if classes == 0 => Err(Error::Usage(
            "--class: the run's generator knows no classes; `model.conditioning` teaches them".to_owned(),
        )),
        Some(class) if class >= classes => {
            Err(Error::Usage(format!("--class {class}: the run's generator knows the classes 0 to {}", classes - 1)))
        }
        _ => Ok(()),
    }
}

fn check_truncation(bound: Option<f32>, config: &RunConfig) -> Result<(), Error> {
    let Some(bound) = bound else { return Ok(()) };
    if config.model.latent.distribution != Distribution::Normal {
        return Err(Error::Usage("--truncation is for normal latents; the run's are uniform".to_owned()));
    }
    if !(bound.is_finite() && bound >= LEAST_TRUNCATION) {
        return Err(Error::Usage(format!("--truncation must be at least {LEAST_TRUNCATION}")));
    }
    Ok(())
}

/// What to write, by the name's ending.
enum Target {
    Grid,
    Array,
    Folder,
}

impl Target {
    fn of(out: &Path) -> Result<Self, Error> {
        match out.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase()).as_deref() {
            Some("png") => Ok(Self::Grid),
            Some("npy") => Ok(Self::Array),
            None => Ok(Self::Folder),
            Some(other) => Err(Error::Usage(format!("--out can be a .png, a .npy or a folder, not a .{other}"))),
        }
    }

    fn write(self, generated: &Generated, canvas: &Canvas, out: &Path) -> Result<(), Error> {
        let Generated { shape, values, .. } = generated;
        match self {
            Self::Grid => super::write(out, &canvas.draw(values).png()),
            // Points are features of their own.
            Self::Array if canvas.format().is_points() => super::write(out, &npy::write(&shape[..2], values)),
            Self::Array => super::write(out, &npy::write(shape, values)),
            Self::Folder => {
                let singles = canvas.singles(values);
                Singles::at(out)?.write(singles.iter().flatten()).map_err(Error::io(out))
            }
        }
    }
}
