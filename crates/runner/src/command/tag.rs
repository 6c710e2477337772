//! `runner tag`.

use super::note::unchanged;
use super::out;
use crate::cli::TagArgs;
use crate::error::Error;
use crate::inspect::find;
use record::Annotation;
use std::process::ExitCode;

pub(crate) fn run(arguments: &TagArgs) -> Result<ExitCode, Error> {
    let folder = find::started(&arguments.run, &arguments.results)?;
    let annotation = match (&arguments.tags[..], arguments.remove) {
        ([], _) => Annotation::read(&folder).map_err(Error::io(&folder.annotation()))?,
        (tags, false) => Annotation::add_tags(&folder, tags).map_err(unchanged(&folder))?,
        (tags, true) => Annotation::remove_tags(&folder, tags).map_err(unchanged(&folder))?,
    };
    let tags = match &annotation.tags[..] {
        [] => "no tags".to_owned(),
        tags => tags.join(" "),
    };
    out(format_args!("{}: {tags}", folder.id()))?;
    Ok(ExitCode::SUCCESS)
}
