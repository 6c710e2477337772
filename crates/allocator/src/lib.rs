//! A global allocator that keeps large freed blocks for the next training step.
//!
//! A step frees what it has allocated, block after block of megabytes. The system's allocator gives those back, and the next
//! step has them cleared and mapped again, page by page. Here they wait in lists by size; everything small is the system's
//! own. Blocks in use and blocks kept are together never more than the most that ever were in use at once.
//!
//! # Unsafety
//! [`GlobalAlloc`] is an unsafe trait: the compiler cannot see that a block is handed out once at a time. It is, because it
//! is either with the program or in one list: `dealloc` alone puts it in, `Pool::take` alone takes it out, both under
//! the lock. Its class follows from the request's layout, which by the trait's contract is the same at both ends.
#![allow(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod class;

use class::{COUNT, Class};
use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The allocator: `#[global_allocator] static ALLOCATOR: Caching = Caching::new();`
pub struct Caching(Mutex<Pool>);

struct Pool {
    /// The first free block of each class. A free block begins with the address of the next one.
    free: [*mut u8; COUNT],
    /// Bytes with the program, and the most that there were.
    used: usize,
    peak: usize,
    /// Bytes in lists.
    kept: usize,
}

// SAFETY: the blocks that a pool points to are its own, whichever thread they were freed on.
unsafe impl Send for Pool {}

impl Caching {
    /// Nothing is kept yet.
    pub const fn new() -> Self {
        Self(Mutex::new(Pool { free: [ptr::null_mut(); COUNT], used: 0, peak: 0, kept: 0 }))
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A block that was free, or a new one, for which others are given back to the system if too much is kept.
    fn block(&self, class: Class) -> *mut u8 {
        let layout = class.layout();
        let mut pool = self.pool();
        pool.used += layout.size();
        pool.peak = pool.peak.max(pool.used);
        if let Some(block) = pool.take(class) {
            return block;
        }
        while pool.used + pool.kept > pool.peak
            && let Some((block, layout)) = pool.take_largest()
        {
            // SAFETY: it came from the system with this layout, and nobody has it.
            unsafe { System.dealloc(block, layout) };
        }
        drop(pool);
        // SAFETY: the size is not 0.
        let block = unsafe { System.alloc(layout) };
        if block.is_null() {
            self.pool().used -= layout.size();
        } else {
            prefer_huge_pages(block, layout.size());
        }
        block
    }
}

impl Default for Caching {
    fn default() -> Self {
        Self::new()
    }
}

impl Pool {
    fn take(&mut self, class: Class) -> Option<*mut u8> {
        let block = self.free[class.0];
        if block.is_null() {
            return None;
        }
        // SAFETY: a free block begins with the next one's address, as `put` wrote it; its alignment is that of a line.
        self.free[class.0] = unsafe { block.cast::<*mut u8>().read() };
        self.kept -= class.layout().size();
        Some(block)
    }

    fn take_largest(&mut self) -> Option<(*mut u8, Layout)> {
        let class = Class(self.free.iter().rposition(|first| !first.is_null())?);
        self.take(class).map(|block| (block, class.layout()))
    }

    /// # Safety
    /// The block is of that class, and nobody else has it.
    unsafe fn put(&mut self, block: *mut u8, class: Class) {
        // SAFETY: the caller's.
        unsafe { block.cast::<*mut u8>().write(self.free[class.0]) };
        self.free[class.0] = block;
        self.used -= class.layout().size();
        self.kept += class.layout().size();
    }
}

// SAFETY: see this file's head. Requests without a class go to the system, at both ends.
unsafe impl GlobalAlloc for Caching {
    unsafe fn alloc(&self, request: Layout) -> *mut u8 {
        match Class::of(request) {
            Some(class) => self.block(class),
            // SAFETY: the caller's.
            None => unsafe { System.alloc(request) },
        }
    }

    unsafe fn alloc_zeroed(&self, request: Layout) -> *mut u8 {
        let Some(class) = Class::of(request) else {
            // SAFETY: the caller's.
            return unsafe { System.alloc_zeroed(request) };
        };
        let block = self.block(class);
        if !block.is_null() {
            // SAFETY: a block holds what its class was asked for.
            unsafe { block.write_bytes(0, request.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, request: Layout) {
        match Class::of(request) {
            // SAFETY: it was allocated with this request, and the caller gives it up.
            Some(class) => unsafe { self.pool().put(block, class) },
            // SAFETY: the caller's.
            None => unsafe { System.dealloc(block, request) },
        }
    }

    unsafe fn realloc(&self, block: *mut u8, request: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's.
        let next = unsafe { Layout::from_size_align_unchecked(size, request.align()) };
        match (Class::of(request), Class::of(next)) {
            // SAFETY: the caller's.
            (None, None) => unsafe { System.realloc(block, request, size) },
            (from, to) if from == to => block,
            // SAFETY: two blocks, each of at least the smaller size; the caller gives the first one up.
            _ => unsafe {
                let moved = self.alloc(next);
                if !moved.is_null() {
                    ptr::copy_nonoverlapping(block, moved, request.size().min(size));
                    self.dealloc(block, request);
                }
                moved
            },
        }
    }
}

/// For a process a global allocator lives as long as it; another one leaves nothing behind.
impl Drop for Pool {
    fn drop(&mut self) {
        while let Some((block, layout)) = self.take_largest() {
            // SAFETY: it came from the system with this layout, and nobody has it.
            unsafe { System.dealloc(block, layout) };
        }
    }
}

/// Tells Linux that a block may have pages of two megabytes: fewer faults, and fewer misses of the address cache.
#[cfg(all(target_os = "linux", not(miri)))]
fn prefer_huge_pages(block: *mut u8, size: usize) {
    if size >= class::HUGE_PAGE {
        // SAFETY: the block is there; the advice changes no contents. A kernel that has no such pages refuses it.
        unsafe { libc::madvise(block.cast(), size, libc::MADV_HUGEPAGE) };
    }
}

#[cfg(not(all(target_os = "linux", not(miri))))]
fn prefer_huge_pages(_: *mut u8, _: usize) {}

#[cfg(test)]
mod tests;
