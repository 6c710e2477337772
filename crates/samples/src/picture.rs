//! 8-bit pictures, and images as such: a fixed tone map, so that brightness means the same in every grid.

/// An 8-bit picture, rows of pixels, channels interleaved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// 1 (grey) or 3 (red, green, blue).
    pub channels: usize,
    /// `height * width * channels` values.
    pub pixels: Vec<u8>,
}

impl Picture {
    /// Encodes it as PNG; the same picture gives the same bytes.
    pub fn png(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let written =
            encoder(&mut bytes, self).write_header().and_then(|mut writer| writer.write_image_data(&self.pixels));
        written.expect("memory takes all bytes, and the picture has as many as its header says");
        bytes
    }
}

/// Of pictures like this one.
pub(crate) fn encoder<'a>(bytes: &'a mut Vec<u8>, picture: &Picture) -> png::Encoder<'static, &'a mut Vec<u8>> {
    let mut encoder = png::Encoder::new(bytes, picture.width as u32, picture.height as u32);
    encoder.set_color(if picture.channels == 3 { png::ColorType::Rgb } else { png::ColorType::Grayscale });
    encoder.set_depth(png::BitDepth::Eight);
    encoder
}

/// Images `[count, channels, height, width]` in `[-1, 1]`, row major, as pictures: -1 is 0, 1 is 255, what lies outside is
/// cut.
pub(crate) fn tiles(values: &[f32], [channels, height, width]: [usize; 3]) -> Vec<Picture> {
    let plane = height * width;
    let tile = |image: &[f32]| {
        let pixels = (0..plane).flat_map(|at| (0..channels).map(move |channel| tone(image[channel * plane + at])));
        Picture { width, height, channels, pixels: pixels.collect() }
    };
    values.chunks_exact(channels * plane).map(tile).collect()
}

/// Pictures of one size side by side in reading order: in so many columns where there are as many pictures, otherwise as
/// near to a square as they fill.
pub(crate) fn grid(tiles: &[Picture], columns: usize) -> Picture {
    let Some(first) = tiles.first() else {
        return Picture { width: 0, height: 0, channels: 1, pixels: Vec::new() };
    };
    let square = || (1..).find(|columns| columns * columns >= tiles.len()).unwrap_or(1);
    let columns = if (1..=tiles.len()).contains(&columns) { columns } else { square() };
    let rows = tiles.len().div_ceil(columns);
    let (row_bytes, width) = (first.width * first.channels, columns * first.width);
    let mut pixels = vec![0; rows * first.height * width * first.channels];
    for (index, tile) in tiles.iter().enumerate() {
        for (y, row) in tile.pixels.chunks_exact(row_bytes).enumerate() {
            let at = ((index / columns * first.height + y) * columns + index % columns) * row_bytes;
            pixels[at..at + row_bytes].copy_from_slice(row);
        }
    }
    Picture { width, height: rows * first.height, channels: first.channels, pixels }
}

/// Pictures of one width and as many channels, one below the other.
pub(crate) fn column(pictures: &[Picture]) -> Picture {
    let (width, channels) = pictures.first().map_or((0, 1), |first| (first.width, first.channels));
    let height = pictures.iter().map(|picture| picture.height).sum();
    let pixels = pictures.iter().flat_map(|picture| &picture.pixels).copied().collect();
    Picture { width, height, channels, pixels }
}

fn tone(value: f32) -> u8 {
    ((value + 1.0) * 127.5).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tone_map_is_fixed_and_cuts() {
        let tones = [-1.0, 1.0, 0.0, -5.0, 5.0, f32::NAN].map(tone);
        assert_eq!(tones, [0, 255, 128, 0, 255, 0]);
    }

    #[test]
    fn images_stand_in_reading_order_with_interleaved_channels() {
        let values: Vec<f32> = (0..3 * 3 * 2).map(|i| i as f32 / 127.5 - 1.0).collect();
        let tiles = tiles(&values, [3, 1, 2]);
        assert_eq!(tiles[0].pixels, [0, 2, 4, 1, 3, 5]);
        let columns = |columns| grid(&tiles, columns).width / 2;
        assert_eq!([0, 1, 2, 3, 4].map(columns), [2, 1, 2, 3, 2]);
        let grid = grid(&tiles, 0);
        assert_eq!((grid.width, grid.height, grid.channels), (4, 2, 3));
        assert_eq!(grid.pixels[..12], [0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11]);
        assert_eq!(grid.pixels[12..], [12, 14, 16, 13, 15, 17, 0, 0, 0, 0, 0, 0]);
        let decoder = png::Decoder::new(std::io::Cursor::new(grid.png()));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels, grid.pixels);
    }
}
