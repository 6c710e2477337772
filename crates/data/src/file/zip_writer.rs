//! Images as a zip archive in the layout of StyleGAN's `dataset_tool.py`: PNG files that are stored as they are, and
//! `dataset.json` with their labels. [`ImageZip`](crate::ImageZip) reads it.

use std::io::{self, Seek, Write};

use samples::Picture;
use serde_json::json;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::Dataset;
use crate::source::image_zip::LABELS;

impl Dataset {
    /// Writes the images and labels. The same samples give the same bytes.
    ///
    /// # Errors
    /// As those of `file`; the samples are no images.
    pub fn write_zip(&self, file: impl Write + Seek) -> io::Result<()> {
        let [channels, height, width] = match self.format() {
            samples::Format::Image(shape) => shape,
            other => {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{} are no images", other.noun())));
            }
        };
        // Without a time, so that the bytes do not depend on it.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::default());
        let mut zip = ZipWriter::new(file);
        let mut values = Vec::new();
        for index in 0..self.len() {
            values.clear();
            self.read_into(&[index], &mut values);
            let plane = height * width;
            let pixel = |at: usize| ((values[at % channels * plane + at / channels] + 1.0) * 127.5).round() as u8;
            let picture = Picture { width, height, channels, pixels: (0..values.len()).map(pixel).collect() };
            zip.start_file(name(index), options)?;
            zip.write_all(&picture.png())?;
        }
        let labels = self.labels().map(|labels| {
            labels.iter().enumerate().map(|(index, label)| json!([name(index), label])).collect::<Vec<_>>()
        });
        let mut json = json!({ "labels": labels });
        if !self.named_classes().is_empty() {
            json["class_names"] = self.named_classes().into();
        }
        zip.start_file(LABELS, options)?;
        zip.write_all(json.to_string().as_bytes())?;
        zip.finish()?.flush()
    }
}

/// A thousand images a folder.
fn name(index: usize) -> String {
    let number = format!("{index:08}");
    format!("{}/img{number}.png", &number[..5])
}
