//! A kernel and how it moves.

/// A kernel that moves over a large image and makes one pixel of a small one wherever it stops; each axis, height and width,
/// has its own numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Pixels of the large image from one stop to the next, not 0.
    pub stride: [usize; 2],
    /// Rows and columns of zeros before the large image's first.
    pub before: [usize; 2],
    /// Rows and columns of zeros behind its last.
    pub behind: [usize; 2],
}

impl Window {
    /// So padded that the small image is the large one divided by the stride, rounded up.
    pub fn same(kernel: [usize; 2], stride: [usize; 2]) -> Self {
        let before = [0, 1].map(|axis| kernel[axis].saturating_sub(stride[axis]).div_ceil(2));
        Self { kernel, stride, before, behind: [0, 1].map(|axis| kernel[axis] - 1 - before[axis]) }
    }

    /// With as many zeros at both ends of an axis.
    pub fn padded(kernel: [usize; 2], stride: [usize; 2], padding: [usize; 2]) -> Self {
        Self { kernel, stride, before: padding, behind: padding }
    }

    /// Taps of the kernel.
    pub fn taps(&self) -> usize {
        self.kernel.iter().product()
    }

    /// Height and width of the small image for a large one; `None` if the kernel is larger than the padded image.
    pub fn small(&self, large: [usize; 2]) -> Option<[usize; 2]> {
        let size = |axis: usize| {
            let rest = (large[axis] + self.before[axis] + self.behind[axis]).checked_sub(self.kernel[axis])?;
            Some(rest / self.stride[axis] + 1)
        };
        Some([size(0)?, size(1)?])
    }

    /// Height and width of the smallest large image for a small one; `None` if padding leaves nothing of it.
    pub fn large(&self, small: [usize; 2]) -> Option<[usize; 2]> {
        let size = |axis: usize| {
            let reach = (small[axis] - 1) * self.stride[axis] + self.kernel[axis];
            reach.checked_sub(self.before[axis] + self.behind[axis]).filter(|size| *size > 0)
        };
        Some([size(0)?, size(1)?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_divides_by_the_stride() {
        for kernel in 1..8 {
            for stride in 1..5 {
                let window = Window::same([kernel, 1], [stride, 1]);
                for size in 1..20 {
                    assert_eq!(window.small([size, size]), Some([size.div_ceil(stride), size]), "{window:?} {size}");
                    let [smallest, _] = window.large([size, 1]).unwrap();
                    assert_eq!(smallest + stride - 1, size * stride, "{window:?} {size}");
                }
            }
        }
    }

    #[test]
    fn sizes_are_those_of_pytorch() {
        let window = Window::padded([3, 25], [2, 4], [1, 11]);
        assert_eq!(window.small([7, 16384]), Some([4, 4096]));
        assert_eq!(window.large([4, 16]), Some([7, 63]));
        assert_eq!(Window::padded([5, 1], [1, 1], [1, 0]).small([2, 9]), None);
        assert_eq!(Window::padded([2, 1], [1, 1], [1, 0]).large([1, 9]), None);
    }
}
