//! Edits of samples that a user kept, in a section that is there if there are any.

use super::format::shell_word;
use super::gallery::{Asset, Moment, Shown, Source, url};
use crate::ReportError;
use crate::run::{EditFile, KeptEdit, RunView};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use record::EditPicture;
use std::path::Path;

/// What a page shows of edits.
#[derive(Default)]
pub(super) struct Edits {
    /// In the order of runs and names.
    pub shown: Vec<ShownEdit>,
    /// Files that must lie beside the page.
    pub assets: Vec<Asset>,
    /// Bytes of files in the page.
    pub embedded: u64,
}

/// An edit.
pub(super) struct ShownEdit {
    /// Position of the run.
    pub run: usize,
    pub id: String,
    pub name: String,
    /// `directions`, `apply` ...
    pub kind: String,
    pub what: String,
    pub layout: String,
    pub note: String,
    pub step: u64,
    /// How to make it again.
    pub command: String,
    pub pictures: Vec<ShownPicture>,
}

/// A picture of it.
pub(super) struct ShownPicture {
    pub label: String,
    pub note: String,
    /// For an element that shows it.
    pub title: String,
    pub moment: Moment,
}

impl Edits {
    /// Of all runs; the first files that fit `budget` bytes are in the page, the others in the folder beside it.
    pub(super) fn of(views: &[RunView], folder: &str, budget: u64) -> Result<Self, ReportError> {
        let mut all = Self::default();
        for (run, view) in views.iter().enumerate() {
            for kept in &view.edits {
                let pictures = kept.edit.pictures.iter().zip(&kept.files).filter(|(_, files)| !files.is_empty());
                let pictures = pictures
                    .map(|(picture, files)| all.picture(&view.row.id, kept, picture, files, folder, budget))
                    .collect::<Result<Vec<_>, _>>()?;
                let edit = &kept.edit;
                all.shown.push(ShownEdit {
                    run,
                    id: view.row.id.clone(),
                    name: kept.name.clone(),
                    kind: edit.edit.clone(),
                    what: edit.what.clone(),
                    layout: edit.layout.clone(),
                    note: edit.note.clone(),
                    step: edit.step,
                    command: ["runner"]
                        .into_iter()
                        .chain(edit.command.iter().map(String::as_str))
                        .map(shell_word)
                        .collect::<Vec<_>>()
                        .join(" "),
                    pictures,
                });
            }
        }
        Ok(all)
    }

    /// Its files.
    pub(super) fn files(&self) -> impl Iterator<Item = &Shown> {
        self.shown.iter().flat_map(|edit| &edit.pictures).flat_map(|picture| &picture.moment.files)
    }

    fn picture(
        &mut self,
        id: &str,
        kept: &KeptEdit,
        picture: &EditPicture,
        files: &[EditFile],
        folder: &str,
        budget: u64,
    ) -> Result<ShownPicture, ReportError> {
        let files = files.iter().map(|file| self.file(id, kept, file, folder, budget)).collect::<Result<_, _>>()?;
        let label = if picture.label.is_empty() { String::new() } else { format!(": {}", picture.label) };
        Ok(ShownPicture {
            title: format!("{} of {id}{label}", kept.name),
            label: picture.label.clone(),
            note: picture.note.clone(),
            moment: Moment { step: kept.edit.step, files },
        })
    }

    fn file(
        &mut self,
        id: &str,
        kept: &KeptEdit,
        file: &EditFile,
        folder: &str,
        budget: u64,
    ) -> Result<Shown, ReportError> {
        let fits = self.embedded + file.length <= budget;
        let source = if fits {
            self.embedded += file.length;
            Source::Embedded(STANDARD.encode(crate::media::bytes(&file.path, file.length)?))
        } else {
            let to = Path::new(id).join("edits").join(&kept.name).join(file.path.file_name().unwrap_or_default());
            let shown = Source::Linked(format!("{folder}/{}", url(&to)));
            self.assets.push(Asset { to, from: file.path.clone() });
            shown
        };
        Ok(Shown { media: file.media, label: None, content: file.content, source })
    }
}
