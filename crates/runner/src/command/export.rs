//! `runner export`.

use super::{no_checkpoint, out, out_for_programs, warn, write};
use crate::cli::{ExportArgs, ExportFormat};
use crate::error::Error;
use crate::inspect::curves::Curves;
use crate::inspect::export::Table;
use crate::inspect::find;
use crate::plan::planning;
use crate::text;
use models::Domain;
use record::{Plan, RunFolder, SweepFolder};
use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use training::{DeviceKind, GeneratorError, PythonExport, RunConfig};

pub(crate) fn run(arguments: &ExportArgs) -> Result<ExitCode, Error> {
    match (&arguments.weights, &arguments.python, &arguments.onnx) {
        (Some(file), ..) => weights(arguments, file),
        (_, Some(folder), _) => python(arguments, folder),
        (_, _, Some(file)) => onnx(arguments, file),
        _ => table(arguments),
    }
}

fn weights(arguments: &ExportArgs, file: &Path) -> Result<ExitCode, Error> {
    if let Some(other) = ending(file).filter(|ending| ending != "safetensors") {
        let hint = match &other[..] {
            "onnx" => "--onnx writes the generator as .onnx",
            _ => "name a .safetensors file, which `safetensors.torch.load_file` reads",
        };
        return Err(Error::Usage(format!(
            "--weights {}: weights are written as safetensors, not as .{other}: {hint}",
            file.display()
        )));
    }
    let (folder, config, domain) = of_run(arguments)?;
    let Some((step, bytes)) = training::export_weights(&config, domain, &folder, arguments.step, DeviceKind::Flex)?
    else {
        return Err(no_checkpoint(&folder, arguments.step));
    };
    write(file, &bytes)?;
    out(format_args!("{}: weights of {} at step {step}", file.display(), folder.id()))?;
    Ok(ExitCode::SUCCESS)
}

fn python(arguments: &ExportArgs, target: &Path) -> Result<ExitCode, Error> {
    let (folder, config, domain) = of_run(arguments)?;
    let exported = training::export_python(&config, domain, &folder, arguments.step, DeviceKind::Flex);
    let Some(PythonExport { step, module, weights }) = exported.map_err(of_generator)? else {
        return Err(no_checkpoint(&folder, arguments.step));
    };
    std::fs::create_dir_all(target).map_err(Error::io(target))?;
    for (name, content) in [("generator.safetensors", &weights[..]), ("generator.py", module.as_bytes())] {
        write(&target.join(name), content)?;
    }
    out(format_args!("{}: generator of {} at step {step}", target.display(), folder.id()))?;
    Ok(ExitCode::SUCCESS)
}

fn onnx(arguments: &ExportArgs, file: &Path) -> Result<ExitCode, Error> {
    if let Some(other) = ending(file).filter(|ending| ending != "onnx") {
        return Err(Error::Usage(format!(
            "--onnx {}: an ONNX model is not a .{other} file: name an .onnx file",
            file.display()
        )));
    }
    let (folder, config, domain) = of_run(arguments)?;
    let exported = training::export_onnx(&config, domain, &folder, arguments.step, DeviceKind::Flex);
    let Some((step, bytes)) = exported.map_err(of_generator)? else {
        return Err(no_checkpoint(&folder, arguments.step));
    };
    write(file, &bytes)?;
    out(format_args!("{}: generator of {} at step {step}", file.display(), folder.id()))?;
    Ok(ExitCode::SUCCESS)
}

fn of_generator(error: GeneratorError) -> Error {
    match error {
        GeneratorError::Device(error) => error.into(),
        GeneratorError::Data(error) => error.into(),
        GeneratorError::Task { .. } => Error::Usage(error.to_string()),
    }
}

fn of_run(arguments: &ExportArgs) -> Result<(RunFolder, RunConfig, Domain), Error> {
    let [run] = &arguments.dirs[..] else {
        return Err(Error::Usage("networks are exported of one run: name one".to_owned()));
    };
    let run = run.to_string_lossy();
    let folder = find::started(&run, &arguments.results)?;
    let config = planning::stored(&folder)?;
    let domain = find::domain(&folder, &config)?;
    Ok((folder, config, domain))
}

fn table(arguments: &ExportArgs) -> Result<ExitCode, Error> {
    let format = table_format(arguments)?;
    check_distinct(&arguments.dirs)?;
    if format == ExportFormat::Parquet && arguments.out.is_none() && io::stdout().is_terminal() {
        return Err(Error::Usage(
            "Parquet is nothing to read in a terminal: name a file, --out FILE.parquet".to_owned(),
        ));
    }
    let (written, what) = if arguments.curves { curves(arguments, format)? } else { runs(arguments, format)? };
    match &arguments.out {
        None => out_for_programs(&written)?,
        Some(path) => {
            write(path, &written)?;
            out(format_args!("{}: {what}", path.display()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A sweep that is there twice would have each of its rows twice.
fn check_distinct(folders: &[PathBuf]) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    let mut is_new = |folder: &&PathBuf| seen.insert(folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf()));
    match folders.iter().find(|folder| !is_new(folder)) {
        Some(twice) => Err(Error::Usage(format!("{} is named twice: leave one out", twice.display()))),
        None => Ok(()),
    }
}

/// One row a run, and how many there are.
fn runs(arguments: &ExportArgs, format: ExportFormat) -> Result<(Vec<u8>, String), Error> {
    let sweeps = arguments.dirs.iter().map(|folder| {
        let folder = SweepFolder::new(folder);
        let plan = Plan::read(&folder)?;
        let rows = report::rows_of(&plan, &folder)?;
        Ok((plan, rows))
    });
    let sweeps: Vec<_> = sweeps.collect::<Result<_, Error>>()?;
    let table = Table::of(&sweeps);
    let written = match format {
        ExportFormat::Csv => table.csv().map_err(Error::io(Path::new("CSV")))?,
        ExportFormat::Json => format!("{:#}\n", table.json()).into_bytes(),
        ExportFormat::Parquet => table.parquet().map_err(Error::io(Path::new("Parquet")))?,
    };
    Ok((written, text::count(sweeps.iter().map(|(plan, _)| plan.runs.len()).sum(), "run")))
}

/// One row a recorded value, and how many there are.
fn curves(arguments: &ExportArgs, format: ExportFormat) -> Result<(Vec<u8>, String), Error> {
    let mut curves = Curves::default();
    for folder in &arguments.dirs {
        let folder = SweepFolder::new(folder);
        for run in &Plan::read(&folder)?.runs {
            let (scalars, problem) = report::scalars(run, &folder)?;
            warn(&problem.map(|problem| format!("{}: {problem}", run.id)).into_iter().collect::<Vec<_>>());
            curves.add(&run.id, scalars);
        }
    }
    let written = match format {
        ExportFormat::Csv => curves.csv().map_err(Error::io(Path::new("CSV")))?,
        ExportFormat::Json => curves.json().into_bytes(),
        ExportFormat::Parquet => curves.parquet().map_err(Error::io(Path::new("Parquet")))?,
    };
    Ok((written, text::count(curves.count(), "value")))
}

/// What is asked for, else what the file's ending says; they must not differ.
fn table_format(arguments: &ExportArgs) -> Result<ExportFormat, Error> {
    let ending = arguments.out.as_deref().and_then(ending);
    let by_ending = match ending.as_deref() {
        None => None,
        Some("csv") => Some(ExportFormat::Csv),
        Some("json") => Some(ExportFormat::Json),
        Some("parquet") => Some(ExportFormat::Parquet),
        Some(other) if arguments.format.is_none() => {
            return Err(Error::Usage(format!(
                "--out: a table is written as .csv, .json or .parquet, not as .{other}; --format says which, whatever the name"
            )));
        }
        Some(_) => None,
    };
    match (arguments.format, by_ending) {
        (Some(format), Some(other)) if format != other => {
            Err(Error::Usage("--out: the file's ending is not that of --format".to_owned()))
        }
        (format, by_ending) => Ok(format.or(by_ending).unwrap_or_default()),
    }
}

/// What a file's name says of its format, in small letters.
fn ending(file: &Path) -> Option<String> {
    Some(file.extension()?.to_string_lossy().to_ascii_lowercase())
}
