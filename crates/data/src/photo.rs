//! One picture of any size, to be translated.

use std::path::{Path, PathBuf};

use image::imageops::{FilterType, resize};
use image::{GrayImage, RgbImage};

use crate::background::opaque;
use crate::fit::write;
use crate::options::Color;
use crate::set::scaled;
use crate::translation::Side;
use crate::{Background, DataError, picture};

/// A picture: pixels in `[-1, 1]`, `[channel][row][column]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Photo {
    /// 1 or 3, rows, columns.
    pub shape: [usize; 3],
    /// Of all channels.
    pub values: Vec<f32>,
}

impl Photo {
    /// Reads a file as training does.
    ///
    /// # Errors
    /// It cannot be read or is damaged, or transparent without a background.
    pub fn read(path: &Path, color: Color, background: Option<Background>) -> Result<Photo, DataError> {
        let image = opaque(picture::read(path)?, background);
        let image = image.map_err(|reason| DataError::Unusable { path: path.to_owned(), reason })?;
        let channels = if color == Color::Rgb { 3 } else { 1 };
        let shape = [channels, image.height() as usize, image.width() as usize];
        let mut pixels = vec![0; shape.iter().product()];
        write(image, color, &mut pixels);
        Ok(Photo { shape, values: pixels.into_iter().map(scaled).collect() })
    }

    /// The same picture in another size, rounded to 8 bits.
    pub fn resized(&self, height: usize, width: usize) -> Photo {
        let [channels, own_height, own_width] = self.shape;
        if [own_height, own_width] == [height, width] {
            return self.clone();
        }
        let plane = own_height * own_width;
        let byte = |value: f32| ((value + 1.0) * 127.5).round() as u8;
        let bytes = (0..plane).flat_map(|at| (0..channels).map(move |channel| byte(self.values[channel * plane + at])));
        let bytes: Vec<u8> = bytes.collect();
        let (from, to) = ([own_width as u32, own_height as u32], [width as u32, height as u32]);
        let holds = "a byte for each channel of each pixel";
        let image = match channels {
            1 => {
                let image = GrayImage::from_raw(from[0], from[1], bytes).expect(holds);
                resize(&image, to[0], to[1], FilterType::Lanczos3).into()
            }
            _ => {
                let image = RgbImage::from_raw(from[0], from[1], bytes).expect(holds);
                image::DynamicImage::ImageRgb8(resize(&image, to[0], to[1], FilterType::Lanczos3))
            }
        };
        let mut pixels = vec![0; channels * height * width];
        write(image, if channels == 1 { Color::Grey } else { Color::Rgb }, &mut pixels);
        Photo { shape: [channels, height, width], values: pixels.into_iter().map(scaled).collect() }
    }
}

/// The pictures of a folder, by their names within it without an ending; none if it is empty.
///
/// # Errors
/// It cannot be read, holds no picture that can be, or two that differ in the ending of their names only.
pub fn pictures_of(folder: &Path) -> Result<Vec<(String, PathBuf)>, DataError> {
    let side = Side::list(folder, "input")?;
    Ok(side.into_iter().flat_map(|side| side.names.into_iter().zip(side.files)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_colours_in_another_size() {
        let values = [vec![1.0; 12], vec![-1.0; 12], vec![0.2; 12]].concat();
        let photo = Photo { shape: [3, 3, 4], values };
        assert_eq!(photo.resized(3, 4), photo);
        let large = photo.resized(9, 7);
        assert_eq!(large.shape, [3, 9, 7]);
        let channels: Vec<f32> = large.values.chunks(63).map(|plane| plane[31]).collect();
        assert!(channels[0] == 1.0 && channels[1] == -1.0 && (channels[2] - 0.2).abs() < 0.01, "{channels:?}");
        let grey = Photo { shape: [1, 1, 2], values: vec![-1.0, 1.0] }.resized(2, 2);
        assert_eq!(grey.values.len(), 4);
    }
}
