//! Pictures that keep their size unless another one is set: those that are equally large in their files.

use std::path::PathBuf;

use image::{ColorType, DynamicImage};

use crate::album::{Album, Pictures};
use crate::options::{Color, PictureOptions, SIDES};
use crate::{DataError, Dataset, Split};

/// Settings of pictures of which size and colour need not be set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UniformOptions {
    pub(crate) size: Option<u32>,
    pub(crate) color: Option<Color>,
    /// The other ones, with any size and colour.
    pub(crate) others: PictureOptions,
}

impl UniformOptions {
    /// Opens an album as [`Album::open`] does. What is not set is as in the first picture that can be read; without a size
    /// all pictures must be squares of that one's.
    ///
    /// # Errors
    /// As there; no picture can be read, or they have no common size.
    pub(crate) fn open<P: Pictures>(&self, album: Album<P>, split: Split) -> Result<Dataset, DataError> {
        let UniformOptions { size, color, others } = *self;
        if let (Some(size), Some(color)) = (size, color) {
            return album.open(&PictureOptions { size, color, ..others }, split);
        }
        let first = first(&album.pictures)?;
        let is_grey = matches!(first.color(), ColorType::L8 | ColorType::La8);
        let color = color.unwrap_or(if is_grey { Color::Grey } else { Color::Rgb });
        if let Some(size) = size {
            return album.open(&PictureOptions { size, color, ..others }, split);
        }
        let (width, height) = (first.width(), first.height());
        if width != height || !SIDES.contains(&width) {
            let reason = format!("its images are {width} x {height} pixels; set `size` to make squares of them");
            return Err(DataError::Unusable { path: album.place, reason });
        }
        let Album { name, place, pictures, labels, passed_over } = album;
        let album = Album { name, place, pictures: Uniform { pictures, side: width }, labels, passed_over };
        album.open(&PictureOptions { size: width, color, ..others }, split)
    }
}

fn first(pictures: &impl Pictures) -> Result<DynamicImage, DataError> {
    let mut read = (0..pictures.len()).map(|index| pictures.read(index));
    match read.next().expect("an album has a picture") {
        Ok(image) => Ok(image),
        Err(error) => read.find_map(Result::ok).ok_or(error),
    }
}

/// Pictures that are squares of one size.
struct Uniform<P> {
    pictures: P,
    side: u32,
}

impl<P: Pictures> Pictures for Uniform<P> {
    fn len(&self) -> usize {
        self.pictures.len()
    }

    fn place(&self, index: usize) -> PathBuf {
        self.pictures.place(index)
    }

    fn read(&self, index: usize) -> Result<DynamicImage, DataError> {
        let image = self.pictures.read(index)?;
        let (width, height, side) = (image.width(), image.height(), self.side);
        if (width, height) != (side, side) {
            let reason = format!(
                "it is {width} x {height} pixels, and the first image is {side} x {side}; `size` makes all equally large"
            );
            return Err(DataError::Unusable { path: self.place(index), reason });
        }
        Ok(image)
    }
}
