//! Pixel-major images with a border of reflected pixels.

use crate::activation::add;
use crate::fresh::in_chunks;

/// Rows and columns beyond each border, as a mirror on the outermost pixels shows them.
#[derive(Clone, Copy, Debug)]
pub struct Mirror {
    /// Height and width of the image.
    pub size: [usize; 2],
    /// Rows and columns at each end, fewer than the image has.
    pub border: [usize; 2],
}

impl Mirror {
    /// Height and width with the border.
    pub fn large(&self) -> [usize; 2] {
        [0, 1].map(|axis| self.size[axis] + 2 * self.border[axis])
    }

    /// Which row (axis 0) or column (axis 1) of the image stands in each of those with the border.
    pub fn shown(&self, axis: usize) -> Vec<usize> {
        let (size, border) = (self.size[axis], self.border[axis]);
        let place = |at: usize| {
            let place = at.abs_diff(border);
            if place < size { place } else { 2 * (size - 1) - place }
        };
        (0..size + 2 * border).map(place).collect()
    }

    /// The image with the border; pixels are of so many numbers.
    pub fn forward(&self, x: &[f32], numbers: usize) -> Vec<f32> {
        let ([_, width], [_, wide]) = (self.size, self.large());
        let (rows, columns) = (self.shown(0), self.shown(1));
        in_chunks(rows.len() * wide * numbers, numbers, |pixel, y| {
            let from = rows[pixel / wide] * width + columns[pixel % wide];
            y.copy(&x[from * numbers..][..numbers])
        })
    }

    /// The gradient at the image from the one behind the border: sums in the order of the places that show a pixel.
    pub fn backward(&self, gradient: &[f32], numbers: usize) -> Vec<f32> {
        let ([height, width], [_, wide]) = (self.size, self.large());
        let [rows, columns] = [0, 1].map(|axis| self.places(axis));
        in_chunks(height * width * numbers, numbers, |pixel, sum| {
            let sum = sum.zeros();
            for row in &rows[pixel / width] {
                for column in &columns[pixel % width] {
                    add(sum, &gradient[(row * wide + column) * numbers..][..numbers]);
                }
            }
            sum
        })
    }

    /// Where each row or column of the image is shown.
    fn places(&self, axis: usize) -> Vec<Vec<usize>> {
        let mut places = vec![Vec::new(); self.size[axis]];
        self.shown(axis).into_iter().enumerate().for_each(|(at, place)| places[place].push(at));
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_stands_on_the_outermost_pixels() {
        let mirror = Mirror { size: [1, 4], border: [0, 3] };
        let x = [1.0, 10.0, 2.0, 20.0, 3.0, 30.0, 4.0, 40.0];
        let first: Vec<f32> = mirror.forward(&x, 2).chunks(2).map(|pixel| pixel[0]).collect();
        assert_eq!(first, [4.0, 3.0, 2.0, 1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0]);
        // A gradient of 1 everywhere counts the places.
        assert_eq!(mirror.backward(&[1.0; 10], 1), [2.0, 3.0, 3.0, 2.0]);
        let square = Mirror { size: [3, 2], border: [2, 1] };
        assert_eq!(square.shown(0), [2, 1, 0, 1, 2, 1, 0]);
        assert_eq!(square.backward(&[1.0; 28], 1).iter().sum::<f32>(), 28.0);
    }
}
