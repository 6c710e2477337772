//! Edited samples as files: where the command line wants them, and kept beside the run's record.

use super::Context;
use crate::error::Error;
use record::{Edit, EditFile, EditPicture, Identity};
use samples::{Canvas, Encoded, Media};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Samples as a picture, and as what plays of them.
pub(super) struct Drawn(Vec<Encoded>);

impl Drawn {
    /// Samples `[count, channels, height, width]`, so many in a row.
    pub(super) fn of(context: &Context, values: &[f32], columns: usize) -> Self {
        let canvas = Canvas::new(context.domain.output, columns);
        let picture = Encoded { media: Media::Png, bytes: canvas.draw(values).png() };
        Self([picture].into_iter().chain(canvas.played(values)).collect())
    }

    /// Writes the picture, and beside it what plays, each with the extension of its media type.
    fn write(&self, to: &Path) -> Result<(), Error> {
        self.0.iter().try_for_each(|Encoded { media, bytes }| {
            crate::command::write(&to.with_extension(media.extension()), bytes)
        })
    }
}

/// A picture of an edit, in the order of the page.
pub(super) struct Picture {
    /// Its file's name without the ending.
    pub stem: String,
    /// Which one of several.
    pub label: String,
    /// What was measured of it, for people.
    pub note: String,
    pub values: BTreeMap<String, f64>,
    pub drawn: Drawn,
}

impl Picture {
    /// The only one of an edit.
    pub(super) fn alone(stem: &str, drawn: Drawn) -> Self {
        let (label, note, values) = (String::new(), String::new(), BTreeMap::new());
        Self { stem: stem.to_owned(), label, note, values, drawn }
    }
}

/// What a command has made, as it is kept.
pub(super) struct Made {
    pub edit: &'static str,
    pub what: String,
    pub layout: String,
    pub note: String,
    pub method: Option<String>,
    pub amounts: Vec<f64>,
    pub values: BTreeMap<String, f64>,
    pub pictures: Vec<Picture>,
    /// Further files, such as directions as numbers: names and contents.
    pub others: Vec<(String, Vec<u8>)>,
}

impl Made {
    /// Without anything measured.
    pub(super) fn new(edit: &'static str, what: String, layout: String) -> Self {
        let (note, method, amounts, values) = (String::new(), None, Vec::new(), BTreeMap::new());
        Self { edit, what, layout, note, method, amounts, values, pictures: Vec::new(), others: Vec::new() }
    }
}

/// Where a command's files go: to the place that was named, else, if the edit is kept, beside the run's record alone, else to
/// the usual place.
pub(super) struct Place {
    written: bool,
    /// For people and programs.
    pub path: PathBuf,
}

impl Place {
    /// Of one picture.
    pub(super) fn of_picture(context: &Context, out: Option<&PathBuf>, stem: &str) -> Result<Self, Error> {
        let place = Self::new(context, out, &format!("{stem}.png"), &format!("{stem}.png"));
        if !place.path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png")) {
            return Err(Error::Usage(format!("{} is to be written as a .png", place.path.display())));
        }
        Ok(place)
    }

    /// Of several.
    pub(super) fn of_folder(context: &Context, out: Option<&PathBuf>, usual: &str) -> Self {
        Self::new(context, out, usual, "")
    }

    fn new(context: &Context, out: Option<&PathBuf>, usual: &str, kept: &str) -> Self {
        let path = match (out, context.keep) {
            (Some(out), _) => out.clone(),
            (None, Some(name)) => context.folder.edits().join(name).join(kept),
            (None, None) => PathBuf::from(usual),
        };
        Self { written: out.is_some() || context.keep.is_none(), path }
    }

    /// Writes the picture there, unless it is only kept.
    pub(super) fn write(&self, drawn: &Drawn) -> Result<(), Error> {
        if self.written { drawn.write(&self.path) } else { Ok(()) }
    }

    /// Writes pictures and other files into the folder, unless they are only kept.
    pub(super) fn write_all(&self, pictures: &[Picture], others: &[(String, Vec<u8>)]) -> Result<(), Error> {
        if !self.written {
            return Ok(());
        }
        std::fs::create_dir_all(&self.path).map_err(Error::io(&self.path))?;
        pictures.iter().try_for_each(|picture| picture.drawn.write(&self.file(&picture.stem)))?;
        others.iter().try_for_each(|(name, bytes)| crate::command::write(&self.path.join(name), bytes))
    }

    /// A picture of the folder.
    pub(super) fn file(&self, stem: &str) -> PathBuf {
        self.path.join(format!("{stem}.png"))
    }
}

/// Keeps what was made beside the run's record; returns where.
pub(super) fn keep(context: &Context, name: &str, made: Made) -> Result<PathBuf, Error> {
    let run = Identity::of_folder(context.folder).map_err(Error::record(context.folder.path()))?;
    let Made { edit, what, layout, note, method, amounts, values, pictures, others } = made;
    let named = |stem: &str, drawn: &Encoded| EditFile::new(stem, drawn.media);
    let mut files: Vec<(String, &[u8])> = Vec::new();
    for Picture { stem, drawn, .. } in &pictures {
        files.extend(drawn.0.iter().map(|file| (named(stem, file).file, &file.bytes[..])));
    }
    files.extend(others.iter().map(|(name, bytes)| (name.clone(), &bytes[..])));
    let picture = |Picture { stem, label, note, values, drawn }: &Picture| EditPicture {
        label: label.clone(),
        note: note.clone(),
        files: drawn.0.iter().map(|file| named(stem, file)).collect(),
        values: values.clone(),
    };
    let edit = Edit {
        run,
        step: context.editor.step(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        at: record::now(),
        command: std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect(),
        edit: edit.to_owned(),
        what,
        layout,
        note,
        space: context.space().to_owned(),
        method,
        amounts,
        values,
        pictures: pictures.iter().map(picture).collect(),
    };
    edit.keep(context.folder, name, &files).map_err(unkept)
}

/// Why an edit is not kept, as an error of the command.
pub(super) fn unkept(error: record::EditError) -> Error {
    match error {
        record::EditError::Io { path, source } => Error::Io { path, source },
        error => Error::Usage(format!("--keep: {error}")),
    }
}
