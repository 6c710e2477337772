//! `runner note`.

use super::out;
use crate::cli::NoteArgs;
use crate::error::Error;
use crate::inspect::find;
use record::{Annotation, AnnotationError, RunFolder};
use std::process::ExitCode;

pub(crate) fn run(arguments: &NoteArgs) -> Result<ExitCode, Error> {
    let folder = find::started(&arguments.run, &arguments.results)?;
    let annotation = match &arguments.text {
        None => Annotation::read(&folder).map_err(Error::io(&folder.annotation()))?,
        Some(text) => Annotation::set_note(&folder, text).map_err(unchanged(&folder))?,
    };
    out(format_args!("{}: {}", folder.id(), annotation.note.as_deref().unwrap_or("no note")))?;
    Ok(ExitCode::SUCCESS)
}

/// Why notes or tags are as they were.
pub(super) fn unchanged(folder: &RunFolder) -> impl FnOnce(AnnotationError) -> Error {
    let path = folder.annotation();
    move |error| match error {
        AnnotationError::Unfit(why) => Error::Usage(why),
        AnnotationError::Io(source) => Error::Io { path, source },
    }
}
