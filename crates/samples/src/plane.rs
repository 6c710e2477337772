//! Points in the plane as a picture: a fixed square, so that a place means the same in every one.

use crate::Picture;

/// Pixels of a side.
const SIDE: usize = 256;

const GROUND: [f32; 3] = [255.0; 3];
/// Grey for the real ones and Okabe and Ito's vermilion for the generated, told apart by colour-blind readers: they differ
/// in brightness and in size, too.
const REAL: Dot = Dot { color: [150.0; 3], radius: 0.8, opacity: 0.5 };
const GENERATED: Dot = Dot { color: [213.0, 94.0, 0.0], radius: 1.5, opacity: 0.7 };

#[derive(Clone, Copy)]
struct Dot {
    color: [f32; 3],
    /// In pixels.
    radius: f32,
    opacity: f32,
}

/// A square around 0, in which points have the places of their first two coordinates.
#[derive(Clone)]
pub(crate) struct Plane {
    dims: usize,
    extent: f32,
    pixels: Vec<[f32; 3]>,
}

impl Plane {
    /// An empty one, for points of two coordinates or more; `extent` is half its side.
    pub(crate) fn new(dims: usize, extent: f32) -> Self {
        Self { dims, extent, pixels: vec![GROUND; SIDE * SIDE] }
    }

    /// The same with real points `[count, dims]` faintly beneath.
    pub(crate) fn over(mut self, points: &[f32]) -> Self {
        self.dots(points, REAL);
        self
    }

    /// Generated points `[count, dims]` on top, x to the right and y upwards. One beyond the square stands on its edge, one
    /// that is not a number nowhere.
    pub(crate) fn draw(&self, points: &[f32]) -> Picture {
        let mut drawn = self.clone();
        drawn.dots(points, GENERATED);
        let pixels = drawn.pixels.iter().flatten().map(|value| value.round() as u8).collect();
        Picture { width: SIDE, height: SIDE, channels: 3, pixels }
    }

    fn dots(&mut self, points: &[f32], dot: Dot) {
        for point in points.chunks_exact(self.dims) {
            let Some(&[x, y]) = point.first_chunk() else { continue };
            if x.is_nan() || y.is_nan() {
                continue;
            }
            let place = |value: f32| (value.clamp(-self.extent, self.extent) / self.extent + 1.0) * SIDE as f32 / 2.0;
            self.dot([place(x), SIDE as f32 - place(y)], dot);
        }
    }

    /// A disc around `[x, y]` in pixels from the upper left corner, smooth at its rim.
    fn dot(&mut self, [x, y]: [f32; 2], Dot { color, radius, opacity }: Dot) {
        // A float below 0 becomes 0.
        let reach = |at: f32| (at - radius - 1.0) as usize..((at + radius + 1.0) as usize + 1).min(SIDE);
        for row in reach(y) {
            for column in reach(x) {
                let [right, down] = [column as f32 + 0.5 - x, row as f32 + 0.5 - y];
                let covered = (radius + 0.5 - (right * right + down * down).sqrt()).clamp(0.0, 1.0);
                let pixel = &mut self.pixels[row * SIDE + column];
                for (value, color) in pixel.iter_mut().zip(color) {
                    *value += opacity * covered * (color - *value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Centre of mass of the ink, in pixels from the upper left corner.
    fn ink(image: &Picture) -> Option<[f32; 2]> {
        let (mut sum, mut at) = (0.0, [0.0; 2]);
        for (index, pixel) in image.pixels.chunks(3).enumerate() {
            let ink = 255.0 - f32::from(pixel[2]);
            sum += ink;
            at[0] += ink * ((index % SIDE) as f32 + 0.5);
            at[1] += ink * ((index / SIDE) as f32 + 0.5);
        }
        (sum > 0.0).then(|| at.map(|at| at / sum))
    }

    fn empty(extent: f32) -> Plane {
        Plane::new(2, extent)
    }

    #[test]
    fn a_point_stands_where_it_is() {
        let check = |point: [f32; 2], expected: [f32; 2]| {
            let [x, y] = ink(&empty(2.0).draw(&point)).unwrap();
            assert!((x - expected[0]).abs() < 0.1 && (y - expected[1]).abs() < 0.1, "{point:?} is at {x} {y}");
        };
        check([0.0, 0.0], [128.0, 128.0]);
        check([1.0, 0.0], [192.0, 128.0]);
        check([0.0, 1.0], [128.0, 64.0]);
        check([-1.51, -0.503], [31.36, 160.19]);
    }

    #[test]
    fn points_beyond_the_square_stand_on_its_edge_and_what_is_no_number_nowhere() {
        let side = SIDE as f32;
        for (point, near) in [
            ([1e30, 0.0], [side, 128.0]),
            ([f32::NEG_INFINITY, 5.0], [0.0, 0.0]),
            ([f32::INFINITY, -2.001], [side, side]),
        ] {
            let [x, y] = ink(&empty(2.0).draw(&point)).unwrap();
            assert!((x - near[0]).abs() < 2.0 && (y - near[1]).abs() < 2.0, "{point:?} is at {x} {y}");
        }
        assert_eq!(ink(&empty(2.0).draw(&[f32::NAN, 0.0, 0.0, f32::NAN])), None);
    }

    #[test]
    fn real_points_lie_fainter_beneath() {
        let plane = empty(1.5).over(&[1.0, 0.0].repeat(3));
        let pixel = |image: &Picture| {
            let at = 3 * (128 * SIDE + (128.0 + 128.0 / 1.5) as usize);
            [image.pixels[at], image.pixels[at + 1], image.pixels[at + 2]]
        };
        let [red, green, blue] = pixel(&plane.draw(&[]));
        assert!(red == green && green == blue && (140..200).contains(&red), "a real point is {red} {green} {blue}");
        let [red, _, blue] = pixel(&plane.draw(&[1.0, 0.0]));
        assert!(red > 100 + blue, "{red} {blue}");
    }

    #[test]
    fn further_coordinates_are_left_out() {
        let flat = empty(2.0).draw(&[1.0, 0.5]);
        assert_eq!(Plane::new(3, 2.0).draw(&[1.0, 0.5, -7.0]), flat);
    }
}
