//! How samples of each format are shown: many in one picture, and each in a file of its own.

use crate::film::{apng, frames};
use crate::picture::{Picture, column, grid, tiles};
use crate::plane::Plane;
use crate::{Format, Media, spectrogram, wav, waveform};

/// Seconds of samples that are heard one after the other.
const HEARD: f64 = 12.0;
/// Seconds of silence after each.
const PAUSE: f64 = 0.1;

/// A sample as the contents of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// What they are.
    pub media: Media,
    /// All of them.
    pub bytes: Vec<u8>,
}

/// Draws samples of one format. A picture depends on the format and the data set, never on the samples beside it, so that
/// all pictures of a run can be compared.
#[derive(Clone)]
pub struct Canvas {
    format: Format,
    columns: usize,
    /// For points.
    plane: Option<Plane>,
}

impl Canvas {
    /// `columns` samples stand in a row: as many as classes that take turns, or 0 for nearly a square. Points lie in one
    /// square, videos one below the other.
    pub fn new(format: Format, columns: usize) -> Self {
        let plane = match format {
            Format::Points { dims, extent } => Some(Plane::new(dims, extent)),
            Format::Image(_) | Format::Audio { .. } | Format::Video { .. } => None,
        };
        Self { format, columns, plane }
    }

    /// The same with real samples faintly beneath, where samples lie on top of each other: points.
    pub fn over(self, real: &[f32]) -> Self {
        Self { plane: self.plane.map(|plane| plane.over(real)), ..self }
    }

    /// The same with so many samples in a row.
    pub fn with_columns(self, columns: usize) -> Self {
        Self { columns, ..self }
    }

    /// Of the samples.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Draws samples `[count, channels, height, width]`, row-major.
    pub fn draw(&self, values: &[f32]) -> Picture {
        match (self.format, &self.plane) {
            (_, Some(plane)) => plane.draw(values),
            (Format::Audio { channels, length, .. }, _) => {
                let samples = values.chunks_exact(channels * length);
                let tiles: Vec<Picture> = samples.map(|sample| sound(sample, length)).collect();
                grid(&tiles, if self.columns == 0 { columns(&tiles) } else { self.columns })
            }
            (Format::Video { frames: count, image, .. }, _) => {
                let samples = values.chunks_exact(self.format.values());
                grid(&samples.map(|sample| grid(&frames(sample, count, image), count)).collect::<Vec<_>>(), 1)
            }
            (format, None) => grid(&tiles(values, format.shape()), self.columns),
        }
    }

    /// Samples one after the other in a WAV, in the order in which [`draw`](Self::draw) shows them, a tenth of a second of
    /// silence behind each; `None` for what makes no sound.
    pub fn sound(&self, values: &[f32]) -> Option<Encoded> {
        self.sequence(values, usize::MAX)
    }

    /// What a page plays of samples, beside the picture: of sounds as many as last 12 seconds, and at least one; videos all at
    /// once, side by side. `None` for what does not change with time.
    pub fn played(&self, values: &[f32]) -> Option<Encoded> {
        match self.format {
            Format::Audio { length, rate, .. } => {
                let one = length as f64 / f64::from(rate) + PAUSE;
                self.sequence(values, ((HEARD / one) as usize).max(1))
            }
            Format::Video { frames: count, image, fps } => {
                let videos = values.chunks_exact(self.format.values());
                let videos: Vec<Vec<Picture>> = videos.map(|video| frames(video, count, image)).collect();
                let moment = |at: usize| {
                    let tiles: Vec<Picture> = videos.iter().map(|video| video[at].clone()).collect();
                    grid(&tiles, self.columns)
                };
                let moments: Vec<Picture> = (0..count).map(moment).collect();
                Some(Encoded { media: Media::Apng, bytes: apng(&moments, fps) })
            }
            Format::Image(_) | Format::Points { .. } => None,
        }
    }

    fn sequence(&self, values: &[f32], most: usize) -> Option<Encoded> {
        let Format::Audio { channels, length, rate } = self.format else { return None };
        let pause = (f64::from(rate) * PAUSE) as usize;
        let samples: Vec<&[f32]> = values.chunks_exact(channels * length).take(most).collect();
        let channel = |channel: usize| {
            let own = samples.iter().map(move |sample| &sample[channel * length..(channel + 1) * length]);
            own.flat_map(move |own| own.iter().copied().chain(std::iter::repeat_n(0.0, pause)))
        };
        let values: Vec<f32> = (0..channels).flat_map(channel).collect();
        Some(Encoded { media: Media::Wav, bytes: wav::write(&values, channels, rate) })
    }

    /// A file of each sample: PNG, WAV, animated PNG. None for points, which are nothing alone.
    pub fn singles(&self, values: &[f32]) -> Option<Vec<Encoded>> {
        let samples = values.chunks_exact(self.format.values());
        let encoded = |media: Media, bytes: Vec<u8>| Encoded { media, bytes };
        match self.format {
            Format::Points { .. } => None,
            Format::Image(shape) => {
                Some(tiles(values, shape).iter().map(|tile| encoded(Media::Png, tile.png())).collect())
            }
            Format::Audio { channels, rate, .. } => {
                Some(samples.map(|sample| encoded(Media::Wav, wav::write(sample, channels, rate))).collect())
            }
            Format::Video { frames: count, image, fps } => {
                Some(samples.map(|sample| encoded(Media::Apng, apng(&frames(sample, count, image), fps))).collect())
            }
        }
    }
}

/// As many in a row as make their picture nearly a square, not their number.
fn columns(tiles: &[Picture]) -> usize {
    let Some(Picture { width, height, .. }) = tiles.first() else { return 0 };
    let side = (tiles.len() * height) as f64 / (*width).max(1) as f64;
    (side.sqrt().ceil() as usize).min(tiles.len())
}

/// For each channel its waveform, and below it its spectrogram.
fn sound(sample: &[f32], length: usize) -> Picture {
    let channels = sample.chunks_exact(length).flat_map(|channel| {
        let spectrogram = spectrogram::Spectrogram::of(channel).picture();
        [waveform::picture(channel, spectrogram.width), spectrogram]
    });
    column(&channels.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_stand_beside_each_other_and_each_in_a_png() {
        let canvas = Canvas::new(Format::Image([1, 2, 3]), 0);
        let values = [-1.0, 0.0, 1.0, -1.0, 0.0, 1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0];
        let picture = canvas.draw(&values);
        assert_eq!((picture.width, picture.height), (6, 2));
        assert_eq!(picture.pixels, [0, 128, 255, 255, 255, 255, 0, 128, 255, 0, 0, 0]);
        assert_eq!(canvas.clone().with_columns(1).draw(&values).height, 4);
        let singles = canvas.singles(&values).unwrap();
        assert_eq!((singles.len(), singles[0].media), (2, Media::Png));
        assert_eq!(singles[1].bytes, Canvas::new(Format::Image([1, 2, 3]), 0).draw(&values[6..]).png());
    }

    #[test]
    fn points_lie_in_one_square_and_are_nothing_alone() {
        let canvas = Canvas::new(Format::Points { dims: 2, extent: 1.0 }, 7);
        let empty = canvas.draw(&[]);
        assert_eq!((empty.width, empty.height), (256, 256));
        assert_ne!(canvas.clone().over(&[0.0, 0.0]).draw(&[]), empty);
        assert_ne!(canvas.draw(&[0.0, 0.0]), canvas.clone().over(&[0.0, 0.0]).draw(&[]), "real ones are fainter");
        assert!(canvas.singles(&[0.0, 0.0]).is_none());
    }

    #[test]
    fn sounds_are_waveforms_above_spectrograms_and_each_in_a_wav() {
        let (length, rate) = (1024, 8000);
        let sine = |hertz: f32| move |at: usize| (std::f32::consts::TAU * hertz * at as f32 / rate as f32).sin();
        // Two of one channel: 500 Hz, and silence.
        let values: Vec<f32> = (0..length).map(sine(500.0)).chain(vec![0.0; length]).collect();
        let canvas = Canvas::new(Format::Audio { channels: 1, length, rate }, 2);
        let picture = canvas.draw(&values);
        let (columns, rows) = (length / spectrogram::HOP, waveform::HEIGHT + spectrogram::BINS);
        assert_eq!((picture.width, picture.height, picture.channels), (2 * columns, rows, 1));
        // 500 Hz is bin 16 of 256 at 8000 Hz, counted from below.
        let row = |bin: usize| waveform::HEIGHT + spectrogram::BINS - 1 - bin;
        let pixel = |row: usize, column: usize| picture.pixels[row * picture.width + column];
        assert_eq!((pixel(row(16), columns / 2), pixel(row(40), columns / 2)), (255, 0));
        assert_eq!(pixel(row(16), columns + columns / 2), 0, "silence");
        let singles = canvas.singles(&values).unwrap();
        assert_eq!((singles.len(), singles[0].media, singles[0].bytes.len()), (2, Media::Wav, 44 + 2 * length));
        // One after the other, with a pause behind each.
        let heard = canvas.sound(&values).unwrap();
        assert_eq!((heard.media, heard.bytes.len()), (Media::Wav, 44 + 2 * 2 * (length + 800)));
        assert_eq!(heard.bytes[44..44 + 2 * length], singles[0].bytes[44..]);
        let many = [0.5].repeat(100 * length);
        let [all, first] = [canvas.sound(&many), canvas.played(&many)].map(|sound| sound.unwrap().bytes.len());
        assert_eq!((all, first), (44 + 2 * 100 * (length + 800), 44 + 2 * 52 * (length + 800)), "12 seconds");
        assert!(Canvas::new(Format::Image([1, 1, 2]), 0).sound(&[0.0, 0.0]).is_none());
        // As stereo, the channels stand one below the other.
        let stereo = Canvas::new(Format::Audio { channels: 2, length, rate }, 0).draw(&values);
        assert_eq!((stereo.width, stereo.height), (columns, 2 * rows));
    }

    #[test]
    fn videos_are_strips_and_each_is_animated() {
        let format = Format::Video { frames: 3, image: [1, 1, 2], fps: 8 };
        let values = [-1.0, -1.0, 0.0, 0.0, 1.0, 1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0];
        let canvas = Canvas::new(format, 2);
        let picture = canvas.draw(&values);
        assert_eq!((picture.width, picture.height), (6, 2));
        assert_eq!(picture.pixels, [0, 0, 128, 128, 255, 255, 255, 0, 255, 0, 255, 0]);
        let singles = canvas.singles(&values).unwrap();
        assert_eq!((singles.len(), singles[1].media), (2, Media::Apng));
        // Side by side they are a video of twice the width.
        let played = canvas.played(&values).unwrap();
        let beside = [-1.0, -1.0, 1.0, -1.0, 0.0, 0.0, 1.0, -1.0, 1.0, 1.0, 1.0, -1.0];
        let wide = Canvas::new(Format::Video { frames: 3, image: [1, 1, 4], fps: 8 }, 1).singles(&beside).unwrap();
        assert_eq!(played, wide[0]);
        assert!(Canvas::new(Format::Image([1, 1, 2]), 0).played(&[0.0, 0.0]).is_none());
    }
}
