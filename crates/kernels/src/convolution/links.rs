//! Which pixels a kernel connects.

/// A square-strided kernel between a large image and a small one. A convolution goes from the large one to the small one, a
/// transposed convolution back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Height and width of the small image.
    pub small: [usize; 2],
    /// Height and width of the large image.
    pub large: [usize; 2],
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Pixels of the large image from one pixel of the small image to the next.
    pub stride: usize,
    /// Rows and columns before the large image's first.
    pub padding: usize,
}

/// A pixel, and the tap of the kernel through which it is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub tap: usize,
    pub pixel: usize,
}

impl Window {
    /// Taps of the kernel.
    pub fn taps(&self) -> usize {
        self.kernel.iter().product()
    }

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
        let mut pairs = vec![Vec::new(); self.taps()];
        self.each(|small, Link { tap, pixel }| pairs[tap].push([small, pixel]));
        pairs
    }

    fn each(&self, mut visit: impl FnMut(usize, Link)) {
        let at = |small: usize, tap: usize, large: usize| {
            let place = small * self.stride + tap;
            place.checked_sub(self.padding).filter(|place| *place < large)
        };
        for small in 0..self.small_pixels() {
            let [row, column] = [small / self.small[1], small % self.small[1]];
            for tap in 0..self.taps() {
                let y = at(row, tap / self.kernel[1], self.large[0]);
                let x = at(column, tap % self.kernel[1], self.large[1]);
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
        let window = Window { small: [1, 2], large: [1, 4], kernel: [1, 3], stride: 2, padding: 0 };
        let link = |tap, pixel| Link { tap, pixel };
        // The second pixel's last tap is outside.
        assert_eq!(window.links_of_small(), [vec![link(0, 0), link(1, 1), link(2, 2)], vec![link(0, 2), link(1, 3)]]);
        assert_eq!(
            window.links_of_large(),
            [vec![link(0, 0)], vec![link(1, 0)], vec![link(2, 0), link(0, 1)], vec![link(1, 1)]]
        );
        assert_eq!(window.by_tap(), [vec![[0, 0], [1, 2]], vec![[0, 1], [1, 3]], vec![[0, 2]]]);
    }

    #[test]
    fn padding_moves_the_kernel_back() {
        let window = Window { small: [2, 2], large: [2, 2], kernel: [3, 3], stride: 1, padding: 1 };
        let pixels: Vec<usize> = window.links_of_small()[0].iter().map(|link| link.tap).collect();
        assert_eq!(pixels, [4, 5, 7, 8]);
    }
}
