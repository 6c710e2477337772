//! `runner augment`: labelled samples from a run whose generator knows classes, with a note of where they are from.

use super::sample::{MAX_SAMPLES, check_truncation, refusal};
use super::{no_checkpoint, out, print_json};
use crate::cli::{AugmentArgs, Container, Format};
use crate::error::Error;
use crate::inspect::find;
use crate::inspect::judge::Judge;
use crate::inspect::singles::{PROVENANCE, Singles, class_folder};
use crate::plan::planning;
use data::{Dataset, Labels, Values};
use models::Domain;
use record::{Provenance, RunFolder};
use samples::Canvas;
use serde_json::{Value, json};
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::ExitCode;
use training::{AugmentError, AugmentRequest, Augmented, Filter};

/// Names of the two files of IDX, and the mark of their folder.
const IDX_FILES: [&str; 2] = ["images", "labels"];
const IDX: &str = "idx";

pub(crate) fn run(arguments: &AugmentArgs) -> Result<ExitCode, Error> {
    let folder = find::started(&arguments.run, &arguments.results)?;
    let device = training::select(&arguments.devices)?.devices[0];
    let config = planning::stored(&folder)?;
    let domain = find::domain(&folder, &config)?;
    let container = container(arguments, &domain)?;
    if let Some(least) = arguments.min_confidence.filter(|least| !(*least > 0.0 && *least < 1.0)) {
        return Err(Error::Usage(format!("--min-confidence {least} must be above 0 and below 1")));
    }
    check_truncation(&arguments.typical, &config)?;
    let classes = config.model.conditioning.classes(&domain);
    let count = arguments.count.get().saturating_mul(if arguments.per_class { classes.max(1) } else { 1 });
    if count > MAX_SAMPLES {
        return Err(Error::Usage(format!("{count} samples are more than {MAX_SAMPLES}")));
    }
    let request = AugmentRequest {
        count,
        seed: arguments.seed,
        step: arguments.step,
        truncation: arguments.typical.truncation,
        style_truncation: arguments.typical.style_truncation,
    };
    // What cannot be written is said before anything is computed.
    let target = Target::open(&arguments.out, container, arguments.force)?;
    let least = arguments.min_confidence.filter(|_| config.model.conditioning.is_by_class());
    let judge =
        least.map(|least| Ok::<_, Error>((Judge::of(&config, &domain, "--min-confidence")?, least))).transpose()?;
    let judge = judge.as_ref();
    let confidence = |values: &[f32], class: usize| {
        let (judge, _) = judge.expect("only a filter asks");
        judge.classifier.confidence(values, class)
    };
    let filter = judge.map(|(_, least)| Filter { confidence: &confidence, least: *least });
    let names = find::class_names(&folder);
    let made = training::augment(&config, domain, &folder, device, &request, filter.as_ref());
    let Some(made) = made.map_err(|error| refused(error, &folder, &names))? else {
        return Err(no_checkpoint(&folder, arguments.step));
    };
    let about = about(&folder, &request, &made, judge, &names);
    let [step, drawn] = [made.step, made.drawn.iter().sum::<usize>() as u64];
    let data = target.write(made, &domain, classes, &names, &about)?;
    match arguments.format {
        Format::Json => print_json(&json!({
            "run": folder.id(), "step": step, "count": count, "classes": classes, "drawn": drawn,
            "out": arguments.out, "data": data,
        }))?,
        Format::Text => {
            let kept = judge.map_or(String::new(), |(_, least)| format!(", kept of {drawn} at {least}"));
            out(format_args!(
                "{count} {} of {classes} classes of {} at step {step}{kept}: {}\ndata: {}",
                domain.output.noun(),
                folder.id(),
                arguments.out.display(),
                yaml(&data)
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What to write: as asked for, else as the name says. What has no such form is refused.
fn container(arguments: &AugmentArgs, domain: &Domain) -> Result<Container, Error> {
    let refuse = |why: String| Err(Error::Usage(why));
    let ending = arguments.out.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    let container = match (arguments.container, ending.as_deref()) {
        (Some(container), _) => container,
        (None, Some("npz")) => Container::Npz,
        (None, None) => Container::Folder,
        (None, Some(other)) => {
            return refuse(format!("OUT is a folder or an .npz, not a .{other}; --as says which, whatever the name"));
        }
    };
    let noun = domain.output.noun();
    match (container, domain.output) {
        (Container::Folder, samples::Format::Points { .. }) => {
            refuse(format!("{noun} are no files each: name an .npz, or add --as npz"))
        }
        (Container::Npz, samples::Format::Audio { .. } | samples::Format::Video { .. }) => {
            refuse(format!("{noun} go into a folder: name one, or add --as folder"))
        }
        (Container::Idx, format) if !matches!(format, samples::Format::Image([1, ..])) => {
            refuse(format!("IDX files hold grey images, and the run's are {format}: name a folder or an .npz"))
        }
        _ => Ok(container),
    }
}

fn refused(error: AugmentError, folder: &RunFolder, names: &[String]) -> Error {
    match error {
        AugmentError::Generate(error) => refusal(error),
        AugmentError::Unconditional { .. } => Error::Usage(format!("{}: {error}", folder.id())),
        AugmentError::Unsure { class, drawn, kept, wanted, least } => Error::Usage(format!(
            "--min-confidence {least}: the classifier is as sure of {kept} of {drawn} samples of class {}, and {wanted} are \
             wanted: ask for less confidence, or train longer",
            names.get(class).cloned().unwrap_or_else(|| class.to_string())
        )),
    }
}

/// Where the samples are from; nothing in it changes from call to call.
fn about(
    folder: &RunFolder,
    request: &AugmentRequest,
    made: &Augmented,
    judge: Option<&(Judge, f32)>,
    names: &[String],
) -> Value {
    let provenance = Provenance::of(folder);
    let name = |class: usize| names.get(class).cloned().unwrap_or_else(|| class.to_string());
    let of_class = |class: usize| {
        let count = made.classes.iter().filter(|label| usize::from(**label) == class).count();
        json!({ "class": name(class), "count": count, "drawn": made.drawn[class] })
    };
    json!({
        "what": "samples of a generator, made by `runner augment`",
        "version": env!("CARGO_PKG_VERSION"),
        "run": folder.id(),
        "digest": provenance.as_ref().and_then(|provenance| provenance.digest.clone()),
        "step": made.step,
        "weights": made.weights,
        "seed": request.seed,
        "count": made.classes.len(),
        "truncation": request.truncation,
        "style_truncation": request.style_truncation,
        "classes": (0..made.drawn.len()).map(of_class).collect::<Vec<_>>(),
        "filter": judge.map(|(judge, least)| json!({
            "min_confidence": least,
            "classifier": "3x3 convolutions 16, 32, 64; 20 passes over samples of the run's training data",
            "learned_from": judge.learned,
            "data_fingerprint": judge.fingerprint,
            "accuracy_held_out": judge.accuracy,
        })),
        "data": provenance.as_ref().map(|provenance| provenance.data.clone()),
        "data_fingerprint": provenance.map(|provenance| provenance.data_fingerprint),
    })
}

/// Where samples go.
enum Target<'a> {
    Folder(&'a Path, Singles<'a>),
    Idx(&'a Path),
    Npz(&'a Path),
}

impl<'a> Target<'a> {
    fn open(out: &'a Path, container: Container, force: bool) -> Result<Self, Error> {
        Ok(match container {
            Container::Folder => Self::Folder(out, Singles::at(out, force)?),
            Container::Idx => {
                let is_ours = force || record::marked(out, IDX).is_some();
                let mut names = IDX_FILES.into_iter().chain([PROVENANCE]).map(|name| out.join(name));
                if let Some(there) = names.find(|path| !is_ours && path.symlink_metadata().is_ok()) {
                    let there = there.display();
                    return Err(Error::Usage(format!(
                        "{there} is not this program's: name another folder, or add --force"
                    )));
                }
                Self::Idx(out)
            }
            Container::Npz => Self::Npz(out),
        })
    }

    /// Writes the samples, and says how an experiment file names them.
    fn write(
        self,
        made: Augmented,
        domain: &Domain,
        classes: usize,
        names: &[String],
        about: &Value,
    ) -> Result<Value, Error> {
        let about = serde_json::to_vec_pretty(about).expect("what is noted is plain data");
        let Augmented { values, classes: labels, .. } = made;
        match self {
            Self::Folder(out, singles) => {
                let files = Canvas::new(domain.output, 0).singles(&values).expect("points were refused");
                let folders: Vec<String> = (0..classes).map(|class| class_folder(class, names)).collect();
                let class = |label: &u16| Some(folders[usize::from(*label)].as_str());
                singles.write(labels.iter().map(class).zip(&files)).map_err(Error::io(out))?;
                singles.say(&about).map_err(Error::io(out))?;
                Ok(as_folder(out, domain.output))
            }
            Self::Idx(out) => {
                let files = IDX_FILES.map(|name| out.join(name));
                let both = dataset(domain, values, labels, classes, names).idx().map_err(Error::io(out))?;
                fs::create_dir_all(out).and_then(|()| record::mark(out, IDX, "")).map_err(Error::io(out))?;
                files.iter().zip(&both).try_for_each(|(path, bytes)| super::write(path, bytes))?;
                super::write(&out.join(PROVENANCE), &about)?;
                Ok(json!({ "name": "idx", "images": files[0], "labels": files[1] }))
            }
            Self::Npz(out) => {
                let mut bytes = Cursor::new(Vec::new());
                let dataset = dataset(domain, values, labels, classes, names);
                dataset.write_npz(&mut bytes, Some((PROVENANCE, &about))).map_err(Error::io(out))?;
                super::write(out, &bytes.into_inner())?;
                Ok(json!({ "name": "array", "path": out }))
            }
        }
    }
}

/// How an experiment file names a folder of such samples.
fn as_folder(out: &Path, format: samples::Format) -> Value {
    match format {
        samples::Format::Audio { length, rate, .. } => {
            json!({ "name": "wav-folder", "path": out, "rate": rate, "length": length })
        }
        format => {
            let [channels, height, _] = format.shape();
            let color = if channels == 1 { "grey" } else { "rgb" };
            json!({ "name": "image-folder", "path": out, "size": height, "color": color })
        }
    }
}

fn dataset(domain: &Domain, values: Vec<f32>, of_samples: Vec<u16>, classes: usize, names: &[String]) -> Dataset {
    let labels = match names {
        [] => Labels::numbered(of_samples, classes),
        names => Labels { of_samples, names: names.to_vec() },
    };
    Dataset::new("augmented", domain.output, Values::Numbers(values), Some(labels))
}

/// A map of words and numbers in one line.
fn yaml(data: &Value) -> String {
    let words = data.as_object().into_iter().flatten().map(|(key, value)| match value {
        Value::String(word) => format!("{key}: {word}"),
        value => format!("{key}: {value}"),
    });
    format!("{{ {} }}", words.collect::<Vec<_>>().join(", "))
}
