//! Files that show samples: is each whole, and what does its header say? Their bytes go through unchanged.
//!
//! A media type that can be shown is a variant of [`Content`] with its reader here, a template in `templates/media.html`, a
//! few lines in `assets/media.js` and a value in `tensorboard/value.rs`.

mod png;
mod wav;

use crate::ReportError;
use record::{Artifact, Media, MediaType, Role, RunFolder, open_own};
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A file whose beginning and end are there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MediaFile {
    pub role: Role,
    pub media: Media,
    /// Which of several views of the same samples it is.
    pub label: Option<String>,
    pub step: u64,
    /// Unix time, seconds.
    pub at: f64,
    /// Root of the mean variance of what it shows, where it was recorded.
    pub spread: Option<f64>,
    pub path: PathBuf,
    /// Bytes.
    pub length: u64,
    pub content: Content,
}

/// What can be shown, with what a reader of its header knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Seen: a picture, or a film, which is a picture with further frames.
    Picture(Picture),
    /// Heard.
    Sound(Sound),
}

/// Header of a PNG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
    pub channels: u8,
}

/// Header of a WAV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sound {
    pub channels: u16,
    /// Frames a second.
    pub rate: u32,
    /// Values of each channel.
    pub frames: u64,
}

impl MediaFile {
    /// Looks at the file's ends; the error is a sentence fragment that goes after the file's name.
    pub(crate) fn open(folder: &RunFolder, artifact: &Artifact) -> Result<Self, String> {
        let path = folder.artifact(&artifact.file).ok_or("is not below samples/")?;
        let (media, content, length) = look(&path, &artifact.media)?;
        let Artifact { role, label, step, at, spread, .. } = artifact.clone();
        Ok(Self { role, media, label, step, at, spread, path, length, content })
    }

    /// Its bytes.
    pub(crate) fn read(&self) -> Result<Vec<u8>, ReportError> {
        bytes(&self.path, self.length)
    }

    /// Whether it is a picture, not a sound.
    pub(crate) fn is_picture(&self) -> bool {
        matches!(self.content, Content::Picture(_))
    }
}

/// What a file of a record is by its ends, and its bytes; the error is a sentence fragment that goes after the file's name.
pub(crate) fn look(path: &Path, media: &MediaType) -> Result<(Media, Content, u64), String> {
    let media = match media {
        MediaType::Known(media) => *media,
        MediaType::Other(name) => return Err(format!("has media type {name:?}, which is not shown")),
    };
    let read = || {
        // A link may lead to any file of the machine, a pipe would be waited for, a device read without end.
        let mut file = match open_own(path, OpenOptions::new().read(true)) {
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                return Ok(Err("is a link or no file".to_owned()));
            }
            file => file?,
        };
        let metadata = file.metadata()?;
        let content = match media {
            Media::Png | Media::Apng => png::read(&mut file)?.map(Content::Picture),
            Media::Wav => wav::read(&mut file, metadata.len())?.map(Content::Sound),
        };
        Ok(content.map(|content| (media, content, metadata.len())))
    };
    read().map_err(|error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "is missing".to_owned(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput => "is cut short".to_owned(),
        _ => format!("cannot be read: {error}"),
    })?
}

/// So many bytes of a file of a record.
pub(crate) fn bytes(path: &Path, length: u64) -> Result<Vec<u8>, ReportError> {
    let read = || {
        let mut bytes = Vec::new();
        open_own(path, OpenOptions::new().read(true))?.take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(ReportError::read(path))
}

#[cfg(test)]
pub(super) mod fixture {
    use super::*;

    /// Opens bytes as an artifact of a run.
    pub(crate) fn open(media: impl Into<MediaType>, bytes: &[u8]) -> Result<MediaFile, String> {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path());
        std::fs::create_dir(folder.samples()).unwrap();
        let artifact = artifact(media);
        std::fs::write(folder.artifact(&artifact.file).unwrap(), bytes).unwrap();
        MediaFile::open(&folder, &artifact)
    }

    pub(crate) fn artifact(media: impl Into<MediaType>) -> Artifact {
        let file = Role::SAMPLES.file(Some(1), None, Media::Png);
        Artifact { role: Role::SAMPLES, media: media.into(), step: 1, file, label: None, spread: None, at: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_or_of_an_unknown_type_says_so() {
        let missing = MediaFile::open(&RunFolder::new("/nowhere/at/all"), &fixture::artifact(Media::Png));
        assert_eq!(missing.unwrap_err(), "is missing");
        let unknown = fixture::open(MediaType::Other("video/webm".into()), b"x");
        assert_eq!(unknown.unwrap_err(), "has media type \"video/webm\", which is not shown");
        let temporary = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(temporary.path());
        let artifact = fixture::artifact(Media::Png);
        std::fs::create_dir_all(folder.artifact(&artifact.file).unwrap()).unwrap();
        let opened = || MediaFile::open(&folder, &artifact).unwrap_err();
        assert_eq!(opened(), "is a link or no file");
        let path = folder.artifact(&artifact.file).unwrap();
        std::fs::remove_dir(&path).unwrap();
        let secret = temporary.path().join("secret.png");
        std::fs::write(&secret, "an image that must not appear in the page").unwrap();
        std::os::unix::fs::symlink(secret, path).unwrap();
        assert_eq!(opened(), "is a link or no file");
    }
}
