//! The pictures of one domain.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use image::DynamicImage;
use samples::Format;

use crate::album::scan;
use crate::background::opaque;
use crate::dataset::Labels;
use crate::file::content::find;
use crate::file::listing::{self, Listing};
use crate::fingerprint::Fingerprint;
use crate::fit::{fit, write};
use crate::options::Color;
use crate::translation::options::TranslationOptions;
use crate::{DataError, PassedOver, Set, picture};

/// Which part of a file a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Whole,
    Left,
    Right,
}

/// Pictures of one domain, in the order of their names.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    /// In messages: `input` or `output`.
    pub(crate) domain: &'static str,
    pub(crate) place: PathBuf,
    pub(crate) files: Vec<PathBuf>,
    /// Of each file within the folder, without its ending.
    pub(crate) names: Vec<String>,
    pub(crate) part: Part,
    /// A class for each, if they lie in subfolders.
    pub(crate) labels: Option<Labels>,
    pub(crate) passed_over: PassedOver,
}

/// What a look at a picture says of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// Width and height.
    pub(crate) size: [u32; 2],
    pub(crate) is_grey: bool,
}

impl Side {
    /// The pictures of a folder that the settings of the data set `name` name.
    ///
    /// # Errors
    /// As [`list`](Self::list), or there is no such folder or nothing in it, with `how_to_get` as advice.
    pub(crate) fn named(
        folder: &Path,
        domain: &'static str,
        name: &'static str,
        how_to_get: &'static str,
    ) -> Result<Side, DataError> {
        let looked_for = vec![folder.to_owned()];
        let listed = find(&looked_for).map(|_| Side::list(folder, domain)).transpose()?.flatten();
        listed.ok_or(DataError::Missing { name, looked_for, how_to_get })
    }

    /// The pictures of a folder; `Ok(None)` if there is nothing in it at all.
    ///
    /// # Errors
    /// It cannot be read, holds no picture that can be, or two that differ in the ending of their names only.
    pub(crate) fn list(folder: &Path, domain: &'static str) -> Result<Option<Side>, DataError> {
        let Some(Listing { paths: files, labels, passed_over }) = listing::list(folder, &picture::KINDS)? else {
            return Ok(None);
        };
        let name = |file: &PathBuf| {
            let within = file.strip_prefix(folder).unwrap_or(file).with_extension("");
            within.to_string_lossy().into_owned()
        };
        let names: Vec<String> = files.iter().map(name).collect();
        let mut seen = BTreeMap::new();
        for (name, file) in names.iter().zip(&files) {
            if let Some(other) = seen.insert(name, file) {
                let reason =
                    format!("{} has the same name but for its ending: one of them is too many", other.display());
                return Err(DataError::Unusable { path: file.clone(), reason });
            }
        }
        let place = folder.to_owned();
        Ok(Some(Side { domain, place, files, names, part: Part::Whole, labels, passed_over }))
    }

    /// Number of pictures.
    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// Some of the pictures.
    pub(crate) fn only(&self, indices: &[usize]) -> Side {
        let labels = self.labels.as_ref().map(|Labels { of_samples, names }| Labels {
            of_samples: indices.iter().map(|index| of_samples[*index]).collect(),
            names: names.clone(),
        });
        Side {
            files: indices.iter().map(|index| self.files[*index].clone()).collect(),
            names: indices.iter().map(|index| self.names[*index].clone()).collect(),
            labels,
            ..self.clone()
        }
    }

    /// The picture, opaque.
    ///
    /// # Errors
    /// It cannot be read or is damaged, is transparent without a background, or has no two halves.
    pub(crate) fn read(&self, index: usize, options: &TranslationOptions) -> Result<DynamicImage, DataError> {
        let path = &self.files[index];
        let unusable = |reason| DataError::Unusable { path: path.clone(), reason };
        let image = opaque(picture::read(path)?, options.background).map_err(unusable)?;
        let (width, height) = (image.width(), image.height());
        if self.part == Part::Whole {
            return Ok(image);
        }
        if !width.is_multiple_of(2) {
            return Err(unusable(format!("it is {width} x {height}: no two pictures of one width side by side")));
        }
        let left = if self.part == Part::Left { 0 } else { width / 2 };
        Ok(image.crop_imm(left, 0, width / 2, height))
    }

    /// All pictures as samples, and what was seen of each. Without `size` in the options they have `size`, width and height.
    pub(crate) fn load(
        &self,
        color: Color,
        size: [u32; 2],
        options: &TranslationOptions,
    ) -> (Set, Vec<Result<Seen, DataError>>) {
        let (side, options) = (self.clone(), *options);
        let [width, height] = options.size.map_or(size, |size| [size; 2]);
        let format = Format::Image([if color == Color::Rgb { 3 } else { 1 }, height as usize, width as usize]);
        let decode = move |index: usize, out: &mut [u8]| {
            let image = side.read(index, &options)?;
            let seen = Seen { size: [image.width(), image.height()], is_grey: super::color::is_grey(&image) };
            let unusable = |reason| DataError::Unusable { path: side.files[index].clone(), reason };
            match options.size {
                Some(size) => fit(image, &options.resizing(size, color), out).map_err(unusable)?,
                None if seen.size == [width, height] => write(image, color, out),
                None => {
                    let [own_width, own_height] = seen.size;
                    return Err(unusable(format!(
                        "it is {own_width} x {own_height} pixels, and others are {width} x {height}; `size` makes all equally large"
                    )));
                }
            }
            Ok(seen)
        };
        scan(self.len(), format, options.memory, &mut Fingerprint::new(format, self.len(), false), decode)
    }
}
