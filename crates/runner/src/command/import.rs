//! `runner data import`.

use super::data::config;
use super::{out, print_json, warn};
use crate::cli::{Format, ImportArgs};
use crate::error::Error;
use data::{Dataset, Split};
use serde::Serialize;
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter};
use std::path::Path;
use std::process::ExitCode;

/// What was written.
#[derive(Serialize)]
struct Imported<'a> {
    out: &'a Path,
    images: usize,
    shape: [usize; 3],
    classes: Option<&'a [String]>,
    fingerprint: &'a str,
}

pub(crate) fn run(args: &ImportArgs) -> Result<ExitCode, Error> {
    let file = &args.out;
    if !args.force && file.symlink_metadata().is_ok() {
        return Err(Error::Usage(format!("{}: it exists; `--force` replaces it", file.display())));
    }
    let dataset = open(args)?;
    warn(&dataset.passed_over().warnings);
    if !matches!(dataset.format(), samples::Format::Image(_)) {
        return Err(Error::Usage(format!("{}: {} are no images", args.source, dataset.format().noun())));
    }
    write(&dataset, file, args.force).map_err(Error::io(file))?;
    let shape = dataset.format().shape();
    match args.format {
        Format::Json => print_json(&Imported {
            out: file,
            images: dataset.len(),
            shape,
            classes: dataset.class_names(),
            fingerprint: dataset.fingerprint(),
        })?,
        Format::Text => {
            let classes = dataset.classes().map_or(String::new(), |classes| format!(", {classes} classes"));
            let [_, height, width] = shape;
            out(format_args!("{}: {} images of {width} x {height}{classes}", args.out.display(), dataset.len()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn open(args: &ImportArgs) -> Result<Dataset, Error> {
    let source = &args.source;
    let mut sets = args.sets.clone();
    sets.extend(args.size.map(|size| format!("size={size}")));
    let path = args.name.as_ref().map(|_| source.into());
    let config = config(args.name.as_ref().unwrap_or(source), path, None, &sets)?;
    let is_folder = config.name() == "image-folder";
    if is_folder && !sets.iter().any(|set| set.starts_with("size=")) {
        return Err(Error::Usage(format!(
            "{source}: images of a folder have any size; `--size` makes them equally large"
        )));
    }
    let dataset = config.open(if args.test { Split::Test } else { Split::Train })?;
    if dataset.is_empty() {
        return Err(Error::Usage(format!("{source}: nothing of it is held out")));
    }
    Ok(dataset)
}

/// All of the file or none of it, also when the program is killed.
fn write(dataset: &Dataset, out: &Path, replace: bool) -> io::Result<()> {
    record::remove_stale_of(out);
    let temporary = record::temporary_sibling(out);
    let written = OpenOptions::new().write(true).create_new(true).open(&temporary).and_then(|file| {
        let mut file = BufWriter::new(file);
        dataset.write_zip(&mut file)?;
        file.into_inner()?.sync_all()?;
        if !replace {
            // Unlike a rename, it fails where another program was faster.
            match fs::hard_link(&temporary, out) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {}
                linked => return linked,
            }
        }
        fs::rename(&temporary, out)
    });
    let _ = fs::remove_file(&temporary);
    written
}
