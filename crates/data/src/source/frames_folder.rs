//! A folder of films: subfolders of frames, and animated files. Files and classes as `file/listing.rs` has them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use family::{Problem, Settings};
use image::DynamicImage;
use rayon::prelude::*;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::background::Background;
use crate::file::content::find;
use crate::file::listing::{self, Files};
use crate::fit::fit;
use crate::options::{Color, Fit, Memory, OnError, PictureOptions, is_default};
use crate::picture::{self, film};
use crate::source::{DataConfig, absolute};
use crate::{DataError, Dataset, Entry, HoldOut, Source, Split, Values};

const NAME: &str = "frames-folder";
const HOW_TO_GET: &str =
    "set `path` to a folder that holds a subfolder of frames for each film, or animated GIF, PNG or WebP files";
const FRAMES: std::ops::RangeInclusive<usize> = 2..=256;
const MAX_BYTES: usize = 4 << 30;

/// Films: a subfolder of frames for each, in the order of their numbers or names, and animated GIF, PNG and WebP files. What is
/// longer than a clip is as many clips as it holds.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FramesFolder {
    /// The folder.
    pub path: PathBuf,
    /// Side of the frames in pixels, 4 to 1024.
    #[serde(default = "default_size")]
    pub size: u32,
    /// Frames of a clip, 2 to 256.
    #[serde(default = "default_frames")]
    pub frames: usize,
    /// Frames a second at which clips are shown, 1 to 60.
    #[serde(default = "default_fps")]
    pub fps: u32,
    /// Every how many frames of a film one is taken, from 1 (all of them) on.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub every: usize,
    /// `rgb` or `grey`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub color: Color,
    /// How a frame of another shape becomes a square: `crop`, `pad` or `stretch`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fit: Fit,
    /// Colour behind what is transparent, such as `[255, 255, 255]` or `white`; without it, such a frame is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<Background>,
    /// What happens when a film cannot be used: `fail`, or `skip` it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_error: OnError,
    /// Share of the films to hold out for metrics, such as 0.1.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hold_out: HoldOut,
}

fn default_size() -> u32 {
    32
}

fn default_frames() -> usize {
    16
}

fn default_fps() -> u32 {
    8
}

fn one() -> usize {
    1
}

fn is_one(every: &usize) -> bool {
    *every == 1
}

impl Settings for FramesFolder {
    const NAME: &'static str = NAME;
}

impl Source for FramesFolder {
    fn entry() -> Entry {
        Entry::of_own_files(
            NAME,
            "films of your own: a folder with a subfolder of frames for each, or with animated GIF, PNG or WebP files",
            HOW_TO_GET,
        )
    }

    fn absolute(&self) -> Option<DataConfig> {
        Some(DataConfig::of(Self { path: absolute(&self.path), ..self.clone() }))
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.path.clone()]
    }

    fn check(&self) -> Vec<Problem> {
        let Self { frames, fps, every, .. } = *self;
        let (least, most) = (FRAMES.start(), FRAMES.end());
        let own = [
            Problem::unless(
                FRAMES.contains(&frames),
                "frames",
                format!("{frames} frames are not within {least} and {most}"),
            ),
            Problem::unless((1..=60).contains(&fps), "fps", format!("{fps} frames a second are not within 1 and 60")),
            Problem::unless(every > 0, "every", "every 0 frames none is taken: set 1 for all of them".to_owned()),
        ];
        own.into_iter().flatten().chain(self.options().check()).collect()
    }

    fn open(&self, split: Split) -> Result<Dataset, DataError> {
        let folder = &self.path;
        let missing = || DataError::Missing { name: NAME, looked_for: vec![folder.clone()], how_to_get: HOW_TO_GET };
        find(std::slice::from_ref(folder)).ok_or_else(missing)?;
        let files = listing::files(folder, &picture::KINDS)?.ok_or_else(missing)?;
        let Files { paths, mut passed_over, .. } = files;
        let read: Vec<Vec<Result<Vec<u8>, DataError>>> =
            folders(paths).par_iter().map(|(place, files)| self.films(place, files)).collect();
        let read: Vec<Result<Vec<u8>, DataError>> = read.into_iter().flatten().collect();
        let count = read.len();
        let format = self.format();
        let (mut pixels, mut hashes, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for film in read {
            match film {
                // All clips of a film are on one side of what is held out.
                Ok(clips) => {
                    let hash = blake3::hash(&clips);
                    hashes.extend((0..clips.len() / format.values()).map(|_| hash));
                    pixels.extend(clips);
                }
                Err(error) => errors.push(error),
            }
            if pixels.len() > MAX_BYTES {
                let reason = "its clips take more than 4 GiB; lower `size` or `frames`, or raise `every`".to_owned();
                return Err(DataError::Unusable { path: folder.clone(), reason });
            }
        }
        self.on_error.decide(errors, folder, "films", count, &mut passed_over)?;
        if pixels.is_empty() {
            let reason = format!("no film can be used: {}", passed_over.warnings.join("; "));
            return Err(DataError::Unusable { path: folder.clone(), reason });
        }
        if hashes.len() == 1 {
            let text = "one clip is all that a network can learn here";
            passed_over.warnings.push(format!("{}: {text}", folder.display()));
        }
        let all = Dataset::new(NAME, format, Values::Bytes(pixels), None).with_passed_over(passed_over);
        self.hold_out.split_by(all, |_| hashes.clone(), split, folder)
    }
}

impl FramesFolder {
    /// With the defaults of all settings but the folder.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            size: default_size(),
            frames: default_frames(),
            fps: default_fps(),
            every: one(),
            color: Color::default(),
            fit: Fit::default(),
            background: None,
            on_error: OnError::default(),
            hold_out: HoldOut::default(),
        }
    }

    fn options(&self) -> PictureOptions {
        let Self { size, color, fit, background, on_error, hold_out, .. } = *self;
        PictureOptions { size, color, fit, background, on_error, hold_out, memory: Memory::default() }
    }

    fn format(&self) -> Format {
        let (side, channels) = (self.size as usize, if self.color == Color::Rgb { 3 } else { 1 });
        Format::Video { frames: self.frames, image: [channels, side, side], fps: self.fps }
    }

    /// The films of a folder: each animated file is one, all others are the frames of one. Of each the pixels of its clips.
    fn films(&self, folder: &Path, files: &[PathBuf]) -> Vec<Result<Vec<u8>, DataError>> {
        let (mut films, mut frames, mut failed) = (Vec::new(), Vec::new(), None);
        for file in files {
            let read = || {
                let bytes = files::read(file, picture::MAX_BYTES)
                    .map_err(|source| DataError::Io { path: file.clone(), source })?;
                Ok(match film::frames(&bytes, file)? {
                    Some(animation) => {
                        Found::Film(self.small(animation.into_iter().map(|frame| (frame, file.as_path())))?)
                    }
                    None => Found::Frame(self.small([(picture::decode(&bytes, file)?, file.as_path())].into_iter())?),
                })
            };
            match read() {
                Ok(Found::Film(frames)) => films.push(self.clips(frames, file)),
                Ok(Found::Frame(frame)) => frames.extend(frame),
                // Without one of its frames a film jumps.
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        match failed {
            Some(error) => films.push(Err(error)),
            None if !frames.is_empty() => films.push(self.clips(frames, folder)),
            None => {}
        }
        films
    }

    /// Frames as pixels `[channel][row][column]`; with each the file that it is from.
    fn small<'a>(&self, frames: impl Iterator<Item = (DynamicImage, &'a Path)>) -> Result<Vec<Vec<u8>>, DataError> {
        let (options, size) = (self.options(), self.format().values() / self.frames);
        let small = |(frame, file): (DynamicImage, &Path)| {
            let mut pixels = vec![0; size];
            fit(frame, &options, &mut pixels)
                .map_err(|reason| DataError::Unusable { path: file.to_owned(), reason })?;
            Ok(pixels)
        };
        frames.map(small).collect()
    }

    /// `[clip][channel][frame][row][column]`.
    fn clips(&self, frames: Vec<Vec<u8>>, place: &Path) -> Result<Vec<u8>, DataError> {
        let taken: Vec<&Vec<u8>> = frames.iter().step_by(self.every).collect();
        if taken.len() < self.frames {
            let of = if self.every > 1 { format!(", of which {} are taken", taken.len()) } else { String::new() };
            let reason = format!("it has {} frames{of}, and a clip has {}", frames.len(), self.frames);
            return Err(DataError::Unusable { path: place.to_owned(), reason });
        }
        let plane = (self.size as usize).pow(2);
        let channels = taken[0].len() / plane;
        let clip = |frames: &[&Vec<u8>]| {
            let planes = (0..channels).flat_map(|channel| frames.iter().map(move |frame| (channel, frame)));
            planes
                .flat_map(|(channel, frame)| &frame[channel * plane..(channel + 1) * plane])
                .copied()
                .collect::<Vec<u8>>()
        };
        Ok(taken.chunks_exact(self.frames).flat_map(clip).collect())
    }
}

enum Found {
    Film(Vec<Vec<u8>>),
    Frame(Vec<Vec<u8>>),
}

/// Files by the folder that they lie in, those of a folder in the order of their numbers or names.
fn folders(paths: Vec<PathBuf>) -> Vec<(PathBuf, Vec<PathBuf>)> {
    let mut folders = BTreeMap::<PathBuf, Vec<PathBuf>>::new();
    for path in paths {
        let place = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        folders.entry(place).or_default().push(path);
    }
    folders.values_mut().for_each(|files| files.sort_by_key(|file| numbered(file)));
    folders.into_iter().collect()
}

/// A name with its numbers as such: frame 2 comes before frame 10.
fn numbered(path: &Path) -> Vec<(String, u64)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (mut parts, mut rest) = (Vec::new(), name.as_str());
    while !rest.is_empty() {
        let digits = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(digits);
        let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
        let (number, behind) = behind.split_at(end);
        parts.push((word.to_owned(), number.parse().unwrap_or(u64::MAX)));
        rest = behind;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_their_numbers() {
        let mut names = ["f-10.png", "f-2.png", "f-1.png", "a9.png", "10.png", "9.png", "f-2b.png"].map(PathBuf::from);
        names.sort_by_key(|name| numbered(name));
        let names = names.map(|name| name.display().to_string());
        assert_eq!(names, ["9.png", "10.png", "a9.png", "f-1.png", "f-2.png", "f-2b.png", "f-10.png"]);
    }
}
