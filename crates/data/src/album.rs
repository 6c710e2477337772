//! The one place where pictures of one's own become samples, whatever file they are from.

use std::path::{Path, PathBuf};

use image::DynamicImage;
use rayon::prelude::*;
use samples::Format;

use crate::dataset::Labels;
use crate::fingerprint::Fingerprint;
use crate::fit::fit;
use crate::options::{Color, Memory, PictureOptions};
use crate::stored::{Stored, at_once};
use crate::{DataError, Dataset, PassedOver, Set, Sizes, Split, Values};

/// Pictures that are read one by one, in any order and on any thread.
pub(crate) trait Pictures: Send + Sync + 'static {
    /// How many there are.
    fn len(&self) -> usize;

    /// Where a picture is, for messages: its file, or its name behind the file that it is in.
    fn place(&self, index: usize) -> PathBuf;

    /// The picture as it is meant to be seen, with its transparency.
    ///
    /// # Errors
    /// It cannot be read or is damaged; the error names its place.
    fn read(&self, index: usize) -> Result<DynamicImage, DataError>;
}

/// Pictures, and what is known of them before they are read.
pub(crate) struct Album<P> {
    /// The source's, in the experiment file.
    pub(crate) name: &'static str,
    /// The file or folder that all pictures are in.
    pub(crate) place: PathBuf,
    /// At least one, in the order of the samples.
    pub(crate) pictures: P,
    /// A class for each, if there are classes.
    pub(crate) labels: Option<Labels>,
    /// What else is there.
    pub(crate) passed_over: PassedOver,
}

impl<P: Pictures> Album<P> {
    /// The samples of one split.
    ///
    /// # Errors
    /// A picture cannot be used and is not to be skipped, or a class or a split would be empty.
    pub(crate) fn open(self, options: &PictureOptions, split: Split) -> Result<Dataset, DataError> {
        let Album { name, place, pictures, labels, mut passed_over } = self;
        let (channels, side) = (if options.color == Color::Rgb { 3 } else { 1 }, options.size as usize);
        let format = Format::Image([channels, side, side]);
        if split == Split::Test && options.hold_out.is_none() {
            return Ok(Dataset::new(name, format, Values::Bytes(vec![]), labels.map(Labels::without_samples)));
        }
        let (count, decoded) = (pictures.len(), *options);
        let decode = move |index: usize, out: &mut [u8]| sample(&pictures, index, &decoded, out);
        let mut fingerprint = Fingerprint::new(format, count, labels.is_some());
        let (output, found) = scan(count, format, options.memory, &mut fingerprint, decode);
        let (used, sizes, errors) = sort(found);
        options.on_error.decide(errors, &place, "images", count, &mut passed_over)?;
        labels.iter().for_each(|labels| fingerprint.labels(labels));
        let all = Dataset::of(name, output, labels)
            .with_fingerprint(fingerprint.finish())
            .with_passed_over(passed_over)
            .with_sizes(Sizes::of(sizes.into_iter()));
        let all = if used.len() < all.len() { self::used(&all, &used, &place)? } else { all };
        options.hold_out.split(all, split, &place)
    }
}

/// Looks at so many pictures, whose samples of one format `decode` writes: the samples, as many of them in memory as fit, and
/// what it said of each picture. All of them go into the fingerprint.
pub(crate) fn scan<T: Send>(
    count: usize,
    format: Format,
    memory: Memory,
    fingerprint: &mut Fingerprint,
    decode: impl Fn(usize, &mut [u8]) -> Result<T, DataError> + Send + Sync + 'static,
) -> (Set, Vec<Result<T, DataError>>) {
    let width = format.values();
    let room = (memory.bytes() / width).min(count) * width;
    let (mut kept, mut hashes, mut found) = (Vec::with_capacity(room), Vec::new(), Vec::with_capacity(count));
    let (mut pixels, chunk) = (Vec::new(), at_once(width));
    for first in (0..count).step_by(chunk) {
        pixels.clear();
        pixels.resize(chunk.min(count - first) * width, 0);
        let read = |(at, out): (usize, &mut [u8])| decode(first + at, out);
        found.par_extend(pixels.par_chunks_mut(width).enumerate().map(read));
        fingerprint.bytes(&pixels);
        kept.extend_from_slice(&pixels[..pixels.len().min(room - kept.len())]);
        if room < count * width {
            hashes.par_extend(pixels.par_chunks(width).map(blake3::hash));
        }
    }
    let samples = if kept.len() == count * width {
        Set::new(format, Values::Bytes(kept))
    } else {
        let decode = move |index: usize, out: &mut [u8]| decode(index, out).map(|_| ());
        Set::stored(format, Stored::new(width, kept, hashes, Box::new(decode)))
    };
    (samples, found)
}

/// Writes a sample, `[channel][row][column]`. Returns width and height of the picture.
fn sample(pictures: &impl Pictures, index: usize, options: &PictureOptions, out: &mut [u8]) -> Result<Size, DataError> {
    let image = pictures.read(index)?;
    let size = [image.width(), image.height()];
    fit(image, options, out).map_err(|reason| DataError::Unusable { path: pictures.place(index), reason })?;
    Ok(size)
}

/// Width and height.
type Size = [u32; 2];

/// The pictures that can be used with their sizes, and why the others cannot.
fn sort(found: Vec<Result<Size, DataError>>) -> (Vec<usize>, Vec<Size>, Vec<DataError>) {
    let (mut kept, mut sizes, mut errors) = (Vec::with_capacity(found.len()), Vec::new(), Vec::new());
    for (index, found) in found.into_iter().enumerate() {
        match found {
            Ok(size) => {
                kept.push(index);
                sizes.push(size);
            }
            Err(error) => errors.push(error),
        }
    }
    (kept, sizes, errors)
}

/// The samples that are left. A class must not vanish: its number would be another's.
fn used(all: &Dataset, kept: &[usize], place: &Path) -> Result<Dataset, DataError> {
    let used = all.only(kept);
    let counts = |dataset: &Dataset| {
        let mut counts = vec![0; dataset.classes().unwrap_or(1)];
        (0..dataset.len()).for_each(|index| counts[dataset.class(index)] += 1);
        counts
    };
    let mut pairs = counts(all).into_iter().zip(counts(&used));
    let Some(empty) = pairs.position(|(before, after)| before > 0 && after == 0) else { return Ok(used) };
    let of = used.class_names().map_or(String::new(), |names| format!(" of class `{}`", names[empty]));
    let reasons = used.passed_over().warnings.join("; ");
    let reason = format!("no image{of} can be used: {reasons}");
    Err(DataError::Unusable { path: place.to_owned(), reason })
}
