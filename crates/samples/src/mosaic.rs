//! Pictures of any size in tiles of one, which overlap, and back.

/// How a picture is cut into tiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mosaic {
    /// Of the picture.
    size: [usize; 2],
    tile: [usize; 2],
    /// Rows at which tiles begin, and columns.
    begins: [Vec<usize>; 2],
}

impl Mosaic {
    /// Of a picture of `size`, rows and columns, and tiles of `tile`, both at least 1; neighbours share at least a quarter of a
    /// tile.
    pub fn new(size: [usize; 2], tile: [usize; 2]) -> Self {
        let begins = [0, 1].map(|axis| begins(size[axis], tile[axis]));
        Self { size, tile, begins }
    }

    /// Number of tiles.
    pub fn tiles(&self) -> usize {
        self.begins[0].len() * self.begins[1].len()
    }

    /// The tiles, `[tiles, channels, rows, columns]`, of a picture `[channels, rows, columns]`. One that is smaller than a tile is
    /// mirrored at its end.
    pub fn cut(&self, picture: &[f32], channels: usize) -> Vec<f32> {
        let [height, width] = self.size;
        let mut tiles = Vec::with_capacity(self.tiles() * channels * self.tile[0] * self.tile[1]);
        for (top, left) in self.places() {
            for channel in 0..channels {
                for row in 0..self.tile[0] {
                    let line = &picture[(channel * height + mirrored(top + row, height)) * width..][..width];
                    tiles.extend((0..self.tile[1]).map(|column| line[mirrored(left + column, width)]));
                }
            }
        }
        tiles
    }

    /// The picture of which these are the tiles; where they overlap, their mean, in which a tile counts less towards its edge.
    pub fn join(&self, tiles: &[f32], channels: usize) -> Vec<f32> {
        let ([height, width], [rows, columns]) = (self.size, self.tile);
        let mut sums = vec![0.0f64; channels * height * width];
        let mut weights = vec![0.0f64; height * width];
        for ((top, left), tile) in self.places().zip(tiles.chunks_exact(channels * rows * columns)) {
            for row in 0..rows.min(height - top) {
                for column in 0..columns.min(width - left) {
                    let weight = weight(row, rows) * weight(column, columns);
                    let at = (top + row) * width + left + column;
                    weights[at] += weight;
                    for channel in 0..channels {
                        let value = tile[(channel * rows + row) * columns + column];
                        sums[channel * height * width + at] += weight * f64::from(value);
                    }
                }
            }
        }
        let weights = weights.iter().cycle();
        sums.iter().zip(weights).map(|(sum, weight)| (sum / weight) as f32).collect()
    }

    fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        self.begins[0].iter().flat_map(|top| self.begins[1].iter().map(|left| (*top, *left)))
    }
}

/// Where tiles begin, evenly from the first to the last.
fn begins(size: usize, tile: usize) -> Vec<usize> {
    let room = size.saturating_sub(tile);
    let steps = room.div_ceil((tile - tile / 4).max(1));
    (0..=steps).map(|step| (room * step).checked_div(steps).unwrap_or(0)).collect()
}

/// The place of what lies beyond the end, with the last line as the mirror's own.
fn mirrored(at: usize, size: usize) -> usize {
    let at = at % (2 * size);
    if at < size { at } else { 2 * size - 1 - at }
}

/// Full in the middle, down to a share at the edge.
fn weight(at: usize, size: usize) -> f64 {
    let from_edge = (at + 1).min(size - at) as f64;
    (from_edge / (size as f64 / 4.0).max(1.0)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_is_joined_again() {
        for (size, tile) in
            [([7, 11], [4, 4]), ([4, 4], [4, 4]), ([3, 9], [4, 8]), ([100, 33], [16, 32]), ([1, 1], [4, 4])]
        {
            let mosaic = Mosaic::new(size, tile);
            let picture: Vec<f32> = (0..2 * size[0] * size[1]).map(|at| at as f32).collect();
            let tiles = mosaic.cut(&picture, 2);
            assert_eq!(tiles.len(), mosaic.tiles() * 2 * tile[0] * tile[1]);
            for (found, expected) in mosaic.join(&tiles, 2).iter().zip(&picture) {
                assert!((found - expected).abs() <= 1e-4 * expected.max(1.0), "{size:?} {tile:?}");
            }
        }
    }

    #[test]
    fn tiles_overlap_and_cover_all() {
        assert_eq!(begins(16, 16), [0]);
        assert_eq!(begins(10, 16), [0]);
        assert_eq!(begins(17, 16), [0, 1]);
        assert_eq!(begins(28, 16), [0, 12]);
        assert_eq!(begins(40, 16), [0, 12, 24]);
        assert_eq!(begins(41, 16), [0, 8, 16, 25]);
    }

    #[test]
    fn a_small_picture_is_mirrored() {
        assert_eq!(Mosaic::new([1, 3], [1, 8]).cut(&[1.0, 2.0, 3.0], 1), [1.0, 2.0, 3.0, 3.0, 2.0, 1.0, 1.0, 2.0]);
    }

    /// Where one tile is black and the next white, the seam is a ramp.
    #[test]
    fn overlaps_go_over_from_one_tile_to_the_next() {
        let mosaic = Mosaic::new([1, 13], [1, 8]);
        assert_eq!(mosaic.tiles(), 2);
        let joined = mosaic.join(&[[0.0; 8], [1.0; 8]].concat(), 1);
        assert!(
            joined.is_sorted() && joined[4] == 0.0 && joined[8] == 1.0 && (0.2..0.8).contains(&joined[6]),
            "{joined:?}"
        );
    }
}
