//! Edits that a user kept of a run, with the files that are there and whole.

use crate::media::{self, Content};
use record::{Edit, Media, RunRecord};
use std::path::PathBuf;

/// An edit that can be shown.
#[derive(Debug)]
pub(crate) struct KeptEdit {
    pub name: String,
    pub edit: Edit,
    /// For each of its pictures.
    pub files: Vec<Vec<EditFile>>,
}

/// A file of an edit whose beginning and end are there.
#[derive(Debug)]
pub(crate) struct EditFile {
    pub media: Media,
    pub content: Content,
    pub path: PathBuf,
    /// Bytes.
    pub length: u64,
}

/// What is missing or damaged becomes a warning: an edit is no part of the record.
pub(super) fn read(record: &RunRecord, warnings: &mut Vec<String>) -> Vec<KeptEdit> {
    let found = Edit::read_all(&record.folder, record.identity.as_ref()).unwrap_or_else(|error| {
        warnings.push(format!("edits cannot be listed: {error}"));
        Vec::new()
    });
    let mut kept = Vec::new();
    for (name, found) in found {
        let edit = match found {
            Ok(edit) => edit,
            Err(reason) => {
                warnings.push(format!("edit {name}: {reason}"));
                continue;
            }
        };
        let mut files = Vec::new();
        for picture in &edit.pictures {
            let look = |file: &record::EditFile| {
                let path = record.folder.edit_file(&name, &file.file).ok_or("is no plain name")?;
                let (media, content, length) = media::look(&path, &file.media)?;
                Ok::<_, String>(EditFile { media, content, path, length })
            };
            let mut whole = Vec::new();
            for file in &picture.files {
                match look(file) {
                    Ok(found) => whole.push(found),
                    Err(reason) => warnings.push(format!("edit {name}: the file {:?} {reason}", file.file)),
                }
            }
            // What plays shows what the picture of it shows, which is for paper.
            if whole.iter().any(|file| file.media == Media::Apng) {
                whole.retain(|file| file.media != Media::Png);
            }
            files.push(whole);
        }
        kept.push(KeptEdit { name, edit, files });
    }
    kept
}
