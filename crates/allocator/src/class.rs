//! Sizes that blocks come in.

use std::alloc::Layout;

/// The smallest block that is kept. The system's allocator keeps smaller ones itself.
const LEAST: usize = 1 << LEAST_LOG;
const LEAST_LOG: usize = 16;
/// The largest one.
const MOST_LOG: usize = 40;
/// Classes from one power of two to the next: a block is at most an eighth larger than what is asked for.
const STEPS: usize = 8;
/// How many there are.
pub(crate) const COUNT: usize = (MOST_LOG - LEAST_LOG) * STEPS + 1;

/// A page that the processor finds with one entry of its address cache, where the system gives such.
pub(crate) const HUGE_PAGE: usize = 2 << 20;
/// A line of the processor's cache.
const LINE: usize = 64;

/// Blocks that can stand for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class(pub usize);

impl Class {
    /// Where a request belongs; `None` if it is the system's own to serve.
    pub fn of(request: Layout) -> Option<Self> {
        let size = request.size();
        if !(LEAST..=1 << MOST_LOG).contains(&size) || request.align() > LINE {
            return None;
        }
        let log = size.ilog2() as usize;
        let step = (size - (1 << log)).div_ceil((1 << log) / STEPS);
        Some(Self((log - LEAST_LOG) * STEPS + step))
    }

    /// Size and alignment of its blocks.
    pub fn layout(self) -> Layout {
        let power = LEAST << (self.0 / STEPS);
        let size = power + power / STEPS * (self.0 % STEPS);
        let align = if size < HUGE_PAGE { LINE } else { HUGE_PAGE };
        Layout::from_size_align(size, align).expect("a power of two, and a size far below the largest")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_what_is_asked_for_and_hardly_more() {
        let layout = |size| Layout::from_size_align(size, 8).unwrap();
        for class in 0..COUNT {
            let size = Class(class).layout().size();
            assert_eq!(Class::of(layout(size)), Some(Class(class)));
            let next = Class::of(layout(size + 1));
            assert_eq!(next, (class + 1 < COUNT).then_some(Class(class + 1)));
            assert!(class == 0 || size * 8 <= Class(class - 1).layout().size() * 9, "{size}");
        }
        assert_eq!(Class(0).layout().size(), LEAST);
        assert_eq!(Class::of(layout(LEAST - 1)), None);
        assert_eq!(Class::of(Layout::from_size_align(LEAST, 128).unwrap()), None);
    }
}
