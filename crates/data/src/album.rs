//! The one place where pictures of one's own become samples, whatever file they are from.

use std::path::{Path, PathBuf};

use image::DynamicImage;
use rayon::prelude::*;
use samples::Format;

use crate::dataset::Labels;
use crate::error;
use crate::fingerprint::Fingerprint;
use crate::fit::fit;
use crate::options::{Color, OnError, PictureOptions};
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
        let is_labelled = labels.is_some();
        let Scan { kept, hashes, found, mut fingerprint } = Scan::of(&pictures, options, format, is_labelled);
        let (used, sizes, errors) = sort(found);
        match options.on_error {
            OnError::Fail => error::all_sound(&place, pictures.len(), errors)?,
            OnError::Skip => passed_over.skip(&place, pictures.len(), &errors),
        }
        labels.iter().for_each(|labels| fingerprint.labels(labels));
        let output = if kept.len() == pictures.len() * format.values() {
            Set::new(format, Values::Bytes(kept))
        } else {
            let options = *options;
            let decode = move |index, out: &mut [u8]| sample(&pictures, index, &options, out).map(|_| ());
            Set::stored(format, Stored::new(format.values(), kept, hashes, Box::new(decode)))
        };
        let all = Dataset::of(name, output, labels)
            .with_fingerprint(fingerprint.finish())
            .with_passed_over(passed_over)
            .with_sizes(Sizes::of(sizes.into_iter()));
        let all = if used.len() < all.len() { self::used(&all, &used, &place)? } else { all };
        options.hold_out.split(all, split, &place)
    }
}

/// What a look at every picture brings.
struct Scan {
    /// Samples of the first pictures: of all, if they fit into the memory.
    kept: Vec<u8>,
    /// Of the samples, where not all are kept.
    hashes: Vec<blake3::Hash>,
    found: Vec<Result<Size, DataError>>,
    /// Of all samples, without their labels.
    fingerprint: Fingerprint,
}

impl Scan {
    fn of(pictures: &impl Pictures, options: &PictureOptions, format: Format, is_labelled: bool) -> Scan {
        let (count, width) = (pictures.len(), format.values());
        let room = (options.memory.bytes() / width).min(count) * width;
        let mut scan = Scan {
            kept: Vec::with_capacity(room),
            hashes: Vec::new(),
            found: Vec::with_capacity(count),
            fingerprint: Fingerprint::new(format, count, is_labelled),
        };
        let (mut pixels, chunk) = (Vec::new(), at_once(width));
        for first in (0..count).step_by(chunk) {
            pixels.clear();
            pixels.resize(chunk.min(count - first) * width, 0);
            let read = |(at, out): (usize, &mut [u8])| sample(pictures, first + at, options, out);
            scan.found.par_extend(pixels.par_chunks_mut(width).enumerate().map(read));
            scan.fingerprint.bytes(&pixels);
            scan.kept.extend_from_slice(&pixels[..pixels.len().min(room - scan.kept.len())]);
            if room < count * width {
                scan.hashes.par_extend(pixels.par_chunks(width).map(blake3::hash));
            }
        }
        scan
    }
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
