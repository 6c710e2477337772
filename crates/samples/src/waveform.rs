//! A sound's waveform as a picture: a fixed scale, so that height means the same in every one.

use crate::Picture;

/// Rows.
pub const HEIGHT: usize = 65;

/// Draws one channel `width` pixels wide: in each column a line from the smallest to the largest of its samples, 1 at the
/// top and -1 at the bottom. What lies outside is cut, what is not a number is left out.
pub fn picture(samples: &[f32], width: usize) -> Picture {
    let mut pixels = vec![0; HEIGHT * width];
    for column in 0..width {
        let bound = |column: usize| column * samples.len() / width;
        let own = samples[bound(column)..bound(column + 1)].iter().filter(|sample| !sample.is_nan());
        let ends = own.fold(None, |ends: Option<(f32, f32)>, sample| {
            Some(ends.map_or((*sample, *sample), |(least, most)| (least.min(*sample), most.max(*sample))))
        });
        if let Some((least, most)) = ends {
            (row(most)..=row(least)).for_each(|row| pixels[row * width + column] = u8::MAX);
        }
    }
    Picture { width, height: HEIGHT, channels: 1, pixels }
}

fn row(sample: f32) -> usize {
    ((1.0 - sample.clamp(-1.0, 1.0)) / 2.0 * (HEIGHT - 1) as f32).round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of a column that are lit: the first, the last, how many.
    fn lit(picture: &Picture, column: usize) -> Option<(usize, usize, usize)> {
        let rows = (0..HEIGHT).filter(|row| picture.pixels[row * picture.width + column] > 0);
        let rows: Vec<usize> = rows.collect();
        Some((*rows.first()?, *rows.last()?, rows.len()))
    }

    #[test]
    fn a_column_is_a_line_between_its_extremes() {
        let samples = [0.0, 0.0, 1.0, -1.0, 0.5, 0.25, -9.0, f32::NAN, f32::NAN, f32::NAN];
        let picture = picture(&samples, 5);
        let columns: Vec<_> = (0..5).map(|column| lit(&picture, column)).collect();
        assert_eq!(columns, [Some((32, 32, 1)), Some((0, 64, 65)), Some((16, 24, 9)), Some((64, 64, 1)), None]);
    }
}
