//! Which pixels a window connects.

use super::Window;

/// A window and the two images between which it moves. A convolution goes from the large one to the small one, a transposed
/// convolution back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// The kernel and its steps.
    pub window: Window,
    /// Height and width of the small image.
    pub small: [usize; 2],
    /// Height and width of the large image. What a tap sees beyond it is zero.
    pub large: [usize; 2],
}

/// A pixel, and the tap of the kernel that connects it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub tap: usize,
    pub pixel: usize,
}

impl Geometry {
    /// Pixels of the small image.
    pub fn small_pixels(&self) -> usize {
        self.small.iter().product()
    }

    /// Pixels of the large image.
    pub fn large_pixels(&self) -> usize {
        self.large.iter().product()
    }

    /// Pairs of pixels that a tap connects.
    pub fn links(&self) -> usize {
        self.by_tap().iter().map(Vec::len).sum()
    }

    /// For each pixel of the small image, those of the large image that it is connected to. What would lie outside is not
    /// among them.
    pub(crate) fn links_of_small(&self) -> Vec<Vec<Link>> {
        let mut links = vec![Vec::new(); self.small_pixels()];
        self.each(|small, link| links[small].push(link));
        links
    }

    /// For each pixel of the large image, those of the small image that it is connected to.
    pub(crate) fn links_of_large(&self) -> Vec<Vec<Link>> {
        let mut links = vec![Vec::new(); self.large_pixels()];
        self.each(|small, Link { tap, pixel }| links[pixel].push(Link { tap, pixel: small }));
        links
    }

    /// For each tap, the pairs of a pixel of the small image and one of the large image that it connects.
    pub(crate) fn by_tap(&self) -> Vec<Vec<[usize; 2]>> {
        let mut pairs = vec![Vec::new(); self.window.taps()];
        self.each(|small, Link { tap, pixel }| pairs[tap].push([small, pixel]));
        pairs
    }

    fn each(&self, mut visit: impl FnMut(usize, Link)) {
        let Window { kernel, stride, before, .. } = self.window;
        let at = |axis: usize, small: usize, tap: usize| {
            let place = small * stride[axis] + tap;
            place.checked_sub(before[axis]).filter(|place| *place < self.large[axis])
        };
        for small in 0..self.small_pixels() {
            let [row, column] = [small / self.small[1], small % self.small[1]];
            for tap in 0..self.window.taps() {
                let y = at(0, row, tap / kernel[1]);
                let x = at(1, column, tap % kernel[1]);
                if let (Some(y), Some(x)) = (y, x) {
                    visit(small, Link { tap, pixel: y * self.large[1] + x });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_by_hand() {
        let window = Window::padded([1, 3], [1, 2], [0, 0]);
        let geometry = Geometry { window, small: [1, 2], large: [1, 4] };
        let link = |tap, pixel| Link { tap, pixel };
        // The second pixel's last tap is outside.
        assert_eq!(geometry.links_of_small(), [vec![link(0, 0), link(1, 1), link(2, 2)], vec![link(0, 2), link(1, 3)]]);
        assert_eq!(
            geometry.links_of_large(),
            [vec![link(0, 0)], vec![link(1, 0)], vec![link(2, 0), link(0, 1)], vec![link(1, 1)]]
        );
        assert_eq!(geometry.by_tap(), [vec![[0, 0], [1, 2]], vec![[0, 1], [1, 3]], vec![[0, 2]]]);
    }

    #[test]
    fn padding_moves_the_kernel_back() {
        let window = Window::padded([3, 3], [1, 1], [1, 1]);
        let geometry = Geometry { window, small: [2, 2], large: [2, 2] };
        let pixels: Vec<usize> = geometry.links_of_small()[0].iter().map(|link| link.tap).collect();
        assert_eq!(pixels, [4, 5, 7, 8]);
    }
}
