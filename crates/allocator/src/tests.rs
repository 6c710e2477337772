use super::*;
use std::collections::HashSet;

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).unwrap()
}

/// Miri takes microseconds for each byte.
const ROUNDS: usize = if cfg!(miri) { 40 } else { 10_000 };
const STRIDE: usize = if cfg!(miri) { 4093 } else { 1 };

/// A block with what a test wrote into it.
struct Held {
    block: *mut u8,
    request: Layout,
    mark: u8,
}

impl Held {
    fn new(allocator: &Caching, request: Layout, mark: u8) -> Self {
        let block = unsafe { allocator.alloc(request) };
        assert!(!block.is_null());
        assert_eq!(block.addr() % request.align(), 0);
        unsafe { block.write_bytes(mark, request.size()) };
        Self { block, request, mark }
    }

    fn is_intact(&self) -> bool {
        self.begins_with_marks(self.request.size())
    }

    fn begins_with_marks(&self, size: usize) -> bool {
        let bytes = unsafe { std::slice::from_raw_parts(self.block, size) };
        bytes.iter().step_by(STRIDE).chain(bytes.last()).all(|byte| *byte == self.mark)
    }

    fn resize(&mut self, allocator: &Caching, size: usize) {
        self.block = unsafe { allocator.realloc(self.block, self.request, size) };
        let kept = self.request.size().min(size);
        self.request = Layout::from_size_align(size, self.request.align()).unwrap();
        assert!(self.begins_with_marks(kept));
        unsafe { self.block.write_bytes(self.mark, size) };
    }

    fn free(self, allocator: &Caching) {
        assert!(self.is_intact(), "another block lies over this one");
        unsafe { allocator.dealloc(self.block, self.request) };
    }
}

/// Numbers without a pattern that the allocator could know (Marsaglia 2003).
fn random(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state as usize
}

fn churn(allocator: &Caching, seed: u64, rounds: usize) {
    let mut state = seed;
    let mut held: Vec<Held> = Vec::new();
    for round in 0..rounds {
        let size = 1 << (10 + random(&mut state) % 9);
        let size = size + random(&mut state) % size;
        match random(&mut state) % 5 {
            0 | 1 => {
                let align = 1 << (random(&mut state) % 8);
                held.push(Held::new(allocator, Layout::from_size_align(size, align).unwrap(), round as u8));
            }
            2 if !held.is_empty() => {
                let at = random(&mut state) % held.len();
                held[at].resize(allocator, size);
            }
            _ if !held.is_empty() => {
                let at = random(&mut state) % held.len();
                held.swap_remove(at).free(allocator);
            }
            _ => {}
        }
    }
    held.into_iter().for_each(|held| held.free(allocator));
}

#[test]
fn blocks_hold_what_was_written_whatever_other_threads_do() {
    let allocator = Caching::new();
    std::thread::scope(|scope| {
        for seed in 1..5 {
            let allocator = &allocator;
            scope.spawn(move || churn(allocator, seed, ROUNDS));
        }
    });
    let Pool { used, kept, peak, .. } = *allocator.pool();
    assert_eq!(used, 0);
    assert!(0 < kept && kept <= peak, "{kept} kept, {peak} at most");
}

#[test]
fn the_next_step_gets_the_blocks_of_the_last_one() {
    let allocator = Caching::new();
    let step = || {
        let held = [70_000, 70_001, 300_000].map(|size| Held::new(&allocator, layout(size), 1));
        let blocks: HashSet<*mut u8> = held.iter().map(|held| held.block).collect();
        held.into_iter().for_each(|held| held.free(&allocator));
        blocks
    };
    let first = step();
    assert_eq!(first.len(), 3);
    assert_eq!(step(), first);
}

#[test]
fn a_block_that_was_used_is_cleared_where_zeros_are_asked_for() {
    let allocator = Caching::new();
    let used = Held::new(&allocator, layout(100_000), 7);
    let block = used.block;
    used.free(&allocator);
    let cleared = Held { block: unsafe { allocator.alloc_zeroed(layout(100_000)) }, request: layout(100_000), mark: 0 };
    assert_eq!(cleared.block, block);
    cleared.free(&allocator);
}

#[test]
fn no_more_is_held_than_was_in_use_at_once() {
    let allocator = Caching::new();
    for size in (80_000..2_000_000).step_by(130_000) {
        let block = Held::new(&allocator, layout(size), 3);
        let Pool { used, kept, peak, .. } = *allocator.pool();
        assert_eq!(used + kept, peak, "{size}");
        block.free(&allocator);
    }
    // A small one makes room by giving the large one back, rather than staying beside it.
    let small = Held::new(&allocator, layout(80_000), 3);
    let Pool { used, kept, .. } = *allocator.pool();
    assert_eq!((used, kept), (Class::of(layout(80_000)).unwrap().layout().size(), 0));
    small.free(&allocator);
}

#[test]
#[cfg_attr(miri, ignore = "Miri ends where memory does")]
fn what_the_system_cannot_give_is_null_and_leaves_nothing() {
    let allocator = Caching::new();
    let request = layout(isize::MAX as usize / 2);
    assert!(unsafe { allocator.alloc(request) }.is_null());
    assert_eq!(allocator.pool().used, 0);
}
