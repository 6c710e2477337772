//! `runner sample`: images, points or sounds from a run's averaged generator.

use super::{no_checkpoint, out, print_json};
use crate::cli::{Format, SampleArgs, TruncationArgs};
use crate::error::Error;
use crate::inspect::find;
use crate::inspect::singles::{Singles, class_folder};
use crate::plan::planning;
use models::Distribution;
use samples::{Canvas, npy};
use serde_json::json;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;
use training::{GenerateError, Generated, LEAST_TRUNCATION, RunConfig, SampleRequest};

/// Classes that a message names.
const MAX_CLASSES: usize = 40;

/// More samples than this are a slip of the hand.
pub(super) const MAX_SAMPLES: usize = 100_000;

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
    let config = planning::stored(&folder)?;
    let domain = find::domain(&folder, &config)?;
    let is_point = domain.output.is_points();
    if is_point && matches!(target, Target::Folder) {
        return Err(Error::Usage(format!(
            "{} makes points, and one point is no picture: --out can be a .png or a .npy",
            folder.id()
        )));
    }
    if matches!(target, Target::Sound) && !matches!(domain.output, samples::Format::Audio { .. }) {
        let (run, noun) = (folder.id(), domain.output.noun());
        return Err(Error::Usage(format!(
            "{run} makes {noun}, which are not heard: --out can be a .png, a .npy or a folder"
        )));
    }
    if matches!(target, Target::Folder) {
        Singles::at(&arguments.out, arguments.force)?;
    }
    let classes = config.model.conditioning.classes(&domain);
    let class =
        arguments.class.as_deref().map(|class| find_class("--class", class, classes, &find::class_names(&folder)));
    check_truncation(&arguments.typical, &config)?;
    let request = SampleRequest {
        count,
        seed: arguments.seed,
        interpolate: arguments.interpolate.map(NonZeroUsize::get),
        class: class.transpose()?,
        step: arguments.step,
        truncation: arguments.typical.truncation,
        style_truncation: arguments.typical.style_truncation,
    };
    let generated = training::generate(&config, domain, &folder, device, &request).map_err(refusal)?;
    let Some(generated) = generated else {
        return Err(no_checkpoint(&folder, arguments.step));
    };
    // Points lie on real ones, which are computed on any machine.
    let singles = Labels::of(&generated, request.class, classes, &find::class_names(&folder));
    let classes = generated.classes;
    let canvas = match is_point {
        true => training::canvas(&config.data.open(data::Split::Train)?, classes),
        false => Canvas::new(domain.output, classes),
    };
    target.write(&generated, &canvas, &singles, arguments)?;
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

/// Why nothing is generated, as an error of the command.
pub(super) fn refusal(error: GenerateError) -> Error {
    match error {
        GenerateError::Device(error) => error.into(),
        GenerateError::Data(error) => error.into(),
        GenerateError::Interpolation { .. } => Error::Usage(error.to_string()),
        GenerateError::NoStyles { .. } => Error::Usage(format!("--style-truncation: {error}")),
    }
}

/// A class by its name, else by its position. Numbers that are names are no positions: class 1 of the classes 1 to 26 is
/// the first, and there is no class 0.
pub(crate) fn find_class(option: &str, class: &str, classes: usize, names: &[String]) -> Result<usize, Error> {
    if classes == 0 {
        return Err(Error::Usage(format!(
            "{option}: the run's generator knows no classes; `model.conditioning` teaches them"
        )));
    }
    let has_numbers = !names.is_empty() && names.iter().all(|name| name.parse::<u64>().is_ok());
    let position = || class.parse().ok().filter(|position| *position < classes && !has_numbers);
    names.iter().position(|name| name == class).or_else(position).ok_or_else(|| {
        let known = match names {
            [] => format!("0 to {}", classes - 1),
            _ => {
                let more = if names.len() > MAX_CLASSES { " ..." } else { "" };
                names[..names.len().min(MAX_CLASSES)].join(", ") + more
            }
        };
        Error::Usage(format!("{option} {class}: the run's generator knows the classes {known}"))
    })
}

pub(super) fn check_truncation(typical: &TruncationArgs, config: &RunConfig) -> Result<(), Error> {
    if !typical.style_truncation.is_none_or(|share| (0.0..=1.0).contains(&share)) {
        return Err(Error::Usage("--style-truncation must be in [0, 1]".to_owned()));
    }
    let Some(bound) = typical.truncation else { return Ok(()) };
    if config.model.latent.distribution != Distribution::Normal {
        return Err(Error::Usage("--truncation is for normal latents; the run's are uniform".to_owned()));
    }
    if !(bound.is_finite() && bound >= LEAST_TRUNCATION) {
        return Err(Error::Usage(format!("--truncation must be at least {LEAST_TRUNCATION}")));
    }
    Ok(())
}

/// The names of the samples' classes, for folders.
struct Labels {
    /// Those that take turns, or the one that all samples have; empty without classes.
    names: Vec<String>,
}

impl Labels {
    /// `class` is the one that was asked for.
    fn of(generated: &Generated, class: Option<usize>, classes: usize, known: &[String]) -> Self {
        let names = match class {
            Some(class) => vec![class_folder(class, known)],
            None if generated.classes > 0 => (0..classes).map(|class| class_folder(class, known)).collect(),
            None => Vec::new(),
        };
        Self { names }
    }

    fn of_sample(&self, index: usize) -> Option<&str> {
        (!self.names.is_empty()).then(|| self.names[index % self.names.len()].as_str())
    }
}

/// What to write, by the name's ending.
enum Target {
    Grid,
    /// All samples one after the other.
    Sound,
    Array,
    Folder,
}

impl Target {
    fn of(out: &Path) -> Result<Self, Error> {
        match out.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase()).as_deref() {
            Some("png") => Ok(Self::Grid),
            Some("npy") => Ok(Self::Array),
            Some("wav") => Ok(Self::Sound),
            None => Ok(Self::Folder),
            Some(other) => Err(Error::Usage(format!(
                "--out can be a .png, a .npy, a folder or, of sounds, a .wav, not a .{other}"
            ))),
        }
    }

    fn write(
        self,
        generated: &Generated,
        canvas: &Canvas,
        labels: &Labels,
        arguments: &SampleArgs,
    ) -> Result<(), Error> {
        let out = &arguments.out;
        let Generated { shape, values, .. } = generated;
        match self {
            Self::Grid => super::write(out, &canvas.draw(values).png()),
            Self::Sound => super::write(out, &canvas.sound(values).expect("what makes no sound was refused").bytes),
            // Points are features of their own.
            Self::Array if canvas.format().is_points() => super::write(out, &npy::write(&shape[..2], values)),
            Self::Array => super::write(out, &npy::write(shape, values)),
            Self::Folder => {
                let singles = canvas.singles(values);
                let named =
                    singles.iter().flatten().enumerate().map(|(index, single)| (labels.of_sample(index), single));
                Singles::at(out, arguments.force)?.write(named).map_err(Error::io(out))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_found_by_its_name_and_by_its_place_where_names_are_no_numbers() {
        let check = |class: &str, names: &[&str], expected: Result<usize, &str>| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            match (find_class("--class", class, 3, &names), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{class}"),
                (Err(error), Err(words)) => assert!(error.message().ends_with(words), "{}", error.message()),
                (found, _) => panic!("{class}: {found:?}"),
            }
        };
        check("2", &[], Ok(2));
        check("3", &[], Err("--class 3: the run's generator knows the classes 0 to 2"));
        check("-1", &[], Err("0 to 2"));
        check("dogs", &["cats", "dogs", "7"], Ok(1));
        check("0", &["cats", "dogs", "7"], Ok(0));
        check("7", &["cats", "dogs", "7"], Ok(2));
        check("1", &["1", "2", "9"], Ok(0));
        check("0", &["1", "2", "9"], Err("knows the classes 1, 2, 9"));
        check("elks", &["cats", "dogs", "7"], Err("knows the classes cats, dogs, 7"));
    }
}
