//! Samples of several kinds that belong together, side by side: an input, what was made of it, what it should have become.

use crate::Format;
use crate::picture::{Picture, grid, tiles};

/// Pixels between rows.
const GAP: usize = 2;

/// Draws images of one size in rows: row i holds image i of each column. Several rows stand side by side, so that the whole is
/// near to a square. Where one column has colour, all have. `None` where the columns are no images of one size, or not as many.
pub fn rows(columns: &[(Format, &[f32])]) -> Option<Picture> {
    let (first, values) = columns.first()?;
    let [_, height, width] = first.shape();
    let count = values.len() / first.values();
    let is_like = |(format, values): &(Format, &[f32])| {
        let Format::Image([channels, ..]) = format else { return false };
        format.shape()[1..] == [height, width] && values.len() == count * format.values() && [1, 3].contains(channels)
    };
    if count == 0 || !columns.iter().all(is_like) {
        return None;
    }
    let has_color = columns.iter().any(|(format, _)| format.shape()[0] == 3);
    let drawn: Vec<Vec<Picture>> = columns
        .iter()
        .map(|(format, values)| tiles(values, format.shape()))
        .map(|tiles| if has_color { tiles.into_iter().map(colored).collect() } else { tiles })
        .collect();
    let row = |index: usize| {
        let tiles: Vec<Picture> = drawn.iter().map(|column| column[index].clone()).collect();
        framed(&grid(&tiles, tiles.len()))
    };
    let side_by_side = ((count as f64 / columns.len() as f64).sqrt().round() as usize).clamp(1, count);
    Some(grid(&(0..count).map(row).collect::<Vec<_>>(), side_by_side))
}

/// The same with three channels.
fn colored(picture: Picture) -> Picture {
    match picture.channels {
        1 => Picture { channels: 3, pixels: picture.pixels.iter().flat_map(|pixel| [*pixel; 3]).collect(), ..picture },
        _ => picture,
    }
}

/// The same with a gap to the right and below.
fn framed(picture: &Picture) -> Picture {
    let Picture { width, height, channels, .. } = *picture;
    let (wide, high) = (width + GAP, height + GAP);
    let mut pixels = vec![128; wide * high * channels];
    for (row, line) in picture.pixels.chunks_exact(width * channels).enumerate() {
        pixels[row * wide * channels..][..line.len()].copy_from_slice(line);
    }
    Picture { width: wide, height: high, channels, pixels }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_holds_what_belongs_together() {
        let (grey, rgb) = (Format::Image([1, 1, 2]), Format::Image([3, 1, 2]));
        let inputs = [-1.0, 1.0, 1.0, -1.0];
        let outputs = [[1.0, 1.0, -1.0, -1.0, -1.0, -1.0], [-1.0, -1.0, 1.0, 1.0, -1.0, -1.0]].concat();
        let picture = rows(&[(grey, &inputs), (rgb, &outputs)]).unwrap();
        assert_eq!((picture.width, picture.height, picture.channels), (2 + 2 + GAP, 2 * (1 + GAP), 3));
        assert_eq!(picture.pixels[..12], [0, 0, 0, 255, 255, 255, 255, 0, 0, 255, 0, 0]);
        let second = &picture.pixels[(1 + GAP) * picture.width * 3..];
        assert_eq!(second[..12], [255, 255, 255, 0, 0, 0, 0, 255, 0, 0, 255, 0]);
        let four = [inputs, inputs].concat();
        assert_eq!(rows(&[(grey, &four)]).unwrap().width, 2 * (2 + GAP), "rows stand side by side");
    }

    #[test]
    fn what_has_no_rows_is_left_to_others() {
        let (small, large) = (Format::Image([1, 1, 2]), Format::Image([1, 2, 2]));
        let points = Format::Points { dims: 2, extent: 1.0 };
        assert!(rows(&[(small, &[0.0; 2]), (large, &[0.0; 4])]).is_none());
        assert!(rows(&[(small, &[0.0; 2]), (small, &[0.0; 4])]).is_none());
        assert!(rows(&[(points, &[0.0; 2])]).is_none());
        assert!(rows(&[]).is_none() && rows(&[(small, &[])]).is_none());
    }
}
