//! The sounds of a folder, for training and for `metrics` alike.

use std::path::Path;

use samples::Format;

use crate::file::content::find;
use crate::file::listing::{self, Listing};
use crate::options::OnError;
use crate::picture;
use crate::samples::Samples;
use crate::sound::clip::{ClipOptions, Crop};
use crate::sound::recordings::Recordings;
use crate::sound::{KINDS, decode};
use crate::{DataError, Dataset};

/// The sounds of a folder as a data set of this name; `Ok(None)` if it is not there or there is nothing in it at all.
pub(crate) fn recordings(name: &'static str, folder: &Path) -> Result<Option<Recordings>, DataError> {
    if find(&[folder.to_owned()]).is_none() {
        return Ok(None);
    }
    let Some(Listing { paths, labels, passed_over }) = listing::list(folder, &KINDS)? else { return Ok(None) };
    let places = paths.clone();
    let read = Box::new(move |index: usize| {
        let path = &paths[index];
        files::read(path, decode::MAX_BYTES).map_err(|source| DataError::Io { path: path.clone(), source })
    });
    Ok(Some(Recordings { name, place: folder.to_owned(), places, read, labels, passed_over }))
}

/// Whether a folder holds sounds, and no images.
pub(crate) fn is_of_sounds(folder: &Path) -> bool {
    let holds = |kinds| matches!(listing::list(folder, kinds), Ok(Some(_)));
    holds(&KINDS) && !holds(&picture::KINDS)
}

/// The sounds of a folder that holds some, in the format of others that they are compared with: longer ones are cut, shorter
/// ones end in silence. Without others, as long as the longest, at the rate of the first.
pub(crate) fn read(folder: &Path, like: Option<Format>) -> Result<Samples, DataError> {
    let nothing = || DataError::Unusable { path: folder.to_owned(), reason: format!("it holds {}", KINDS.none()) };
    let recordings = recordings("wav-folder", folder)?.ok_or_else(nothing)?;
    let dataset: Dataset = match like {
        Some(Format::Audio { length, rate, .. }) => {
            let options = ClipOptions { rate, length, crop: Crop::First, pieces: 1 };
            recordings.samples(&options, OnError::Fail)?.0
        }
        _ => recordings.whole()?,
    };
    Ok(Samples::of(&dataset))
}
