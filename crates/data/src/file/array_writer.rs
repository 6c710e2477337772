//! Labelled samples as files of arrays: IDX, as MNIST's, and NumPy's `.npz`. [`Idx`](crate::Idx) and [`Array`](crate::Array)
//! read them.

use std::io::{self, Seek, Write};

use samples::{Format, npy};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::Dataset;
use crate::file::idx_file::{IMAGES_MAGIC, LABELS_MAGIC};

/// What an IDX file can say of a side, and of a label.
const NO_IDX: &str = "IDX files hold grey images, and labels up to 255";

impl Dataset {
    /// The images and their labels as two IDX files. The same samples give the same bytes.
    ///
    /// # Errors
    /// Images are not grey, there are no labels, or one is beyond 255.
    pub fn idx(&self) -> io::Result<[Vec<u8>; 2]> {
        let refused = || io::Error::new(io::ErrorKind::InvalidInput, NO_IDX);
        let Format::Image([1, height, width]) = self.format() else { return Err(refused()) };
        let labels: Option<Vec<u8>> =
            self.label_numbers().and_then(|labels| labels.into_iter().map(|label| label.try_into().ok()).collect());
        let labels = labels.ok_or_else(refused)?;
        let head = |magic: u32, sides: &[usize]| {
            let sides = sides.iter().map(|side| *side as u32);
            [magic].into_iter().chain(sides).flat_map(u32::to_be_bytes).collect::<Vec<u8>>()
        };
        let images = [head(IMAGES_MAGIC, &[self.len(), height, width]), self.pixels()].concat();
        Ok([images, [head(LABELS_MAGIC, &[self.len()]), labels].concat()])
    }

    /// A `.npz` archive: `images` `[samples, rows, columns]` or, in colour, `[samples, rows, columns, channels]`, as bytes, or
    /// `points` `[samples, coordinates]`; `labels`, if there are any; and `about` as a file of this name. The same samples
    /// give the same bytes.
    ///
    /// # Errors
    /// As those of `file`; the samples are neither images nor points.
    pub fn write_npz(&self, file: impl Write + Seek, about: Option<(&str, &[u8])>) -> io::Result<()> {
        let samples = match self.format() {
            Format::Image([1, height, width]) => {
                ("images.npy", npy::write_bytes(&[self.len(), height, width], &self.pixels()))
            }
            Format::Image([channels, height, width]) => {
                ("images.npy", npy::write_bytes(&[self.len(), height, width, channels], &self.pixels()))
            }
            Format::Points { dims, .. } => ("points.npy", npy::write(&[self.len(), dims], &self.numbers())),
            other => {
                let message = format!("{} are neither images nor points", other.noun());
                return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
            }
        };
        let labels = self.label_numbers().map(|labels| ("labels.npy", npy::write_whole(&[self.len()], &labels)));
        // Without a time, so that the bytes do not depend on it.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::default());
        let mut zip = ZipWriter::new(file);
        for (name, bytes) in [samples].into_iter().chain(labels) {
            zip.start_file(name, options)?;
            zip.write_all(&bytes)?;
        }
        if let Some((name, bytes)) = about {
            zip.start_file(name, options)?;
            zip.write_all(bytes)?;
        }
        zip.finish()?.flush()
    }

    fn numbers(&self) -> Vec<f32> {
        let mut values = Vec::new();
        self.read_into(&Vec::from_iter(0..self.len()), &mut values);
        values
    }

    /// 0 black, 255 white, `[sample][row][column][channel]`.
    fn pixels(&self) -> Vec<u8> {
        let [channels, height, width] = self.format().shape();
        let (plane, values) = (height * width, self.numbers());
        let of_image = |image: &[f32]| {
            let pixel = |at: usize| ((image[at % channels * plane + at / channels] + 1.0) * 127.5).round() as u8;
            (0..image.len()).map(pixel).collect::<Vec<u8>>()
        };
        values.chunks(channels * plane).flat_map(of_image).collect()
    }

    /// The number of each sample's class: its name, where all classes are called by numbers, else its place.
    fn label_numbers(&self) -> Option<Vec<i64>> {
        let names: Option<Vec<i64>> = self.class_names()?.iter().map(|name| name.parse().ok()).collect();
        let number = |label: &u16| names.as_ref().map_or(i64::from(*label), |names| names[usize::from(*label)]);
        Some(self.labels()?.iter().map(number).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Labels, Values};
    use std::io::Cursor;

    fn dataset(format: Format, values: Vec<f32>, names: &[&str]) -> Dataset {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Dataset::new("test", format, Values::Numbers(values), Some(Labels { of_samples: vec![1, 0], names }))
    }

    #[test]
    fn idx_files_have_big_headers_and_the_numbers_of_the_classes() {
        let grey = dataset(Format::Image([1, 1, 2]), vec![-1.0, 1.0, 0.0, 5.0], &["3", "7"]);
        let [images, labels] = grey.idx().unwrap();
        assert_eq!(images, [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 128, 255]);
        assert_eq!(labels, [0, 0, 8, 1, 0, 0, 0, 2, 7, 3]);
        let colour = dataset(Format::Image([3, 1, 1]), vec![0.0; 6], &["a", "b"]);
        assert!(colour.idx().unwrap_err().to_string().contains("grey"));
    }

    #[test]
    fn an_archive_has_channels_last_and_says_where_it_is_from() {
        let colour =
            dataset(Format::Image([3, 1, 2]), [[-1.0, 1.0], [-1.0, -1.0], [1.0, 0.0]].concat().repeat(2), &["a", "b"]);
        let mut bytes = Cursor::new(Vec::new());
        colour.write_npz(&mut bytes, Some(("provenance.json", b"{}"))).unwrap();
        let mut archive = zip::ZipArchive::new(bytes).unwrap();
        let mut read = |name: &str| {
            let mut bytes = Vec::new();
            io::copy(&mut archive.by_name(name).unwrap(), &mut bytes).unwrap();
            bytes
        };
        let images = npy::read(&read("images.npy")).unwrap();
        assert_eq!(images.shape, [2, 1, 2, 3]);
        assert_eq!(images.numbers, npy::Numbers::Bytes([0, 0, 255, 255, 0, 128].repeat(2)));
        assert_eq!(npy::read(&read("labels.npy")).unwrap().numbers, npy::Numbers::Whole(vec![1, 0]));
        assert_eq!(read("provenance.json"), b"{}");
    }
}
