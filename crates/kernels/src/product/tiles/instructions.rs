//! The processor's tiles: whether there are any, and the instructions that use them.

use super::{Part, SIDE};
use crate::product::TILES_SWITCH;
use std::arch::asm;
use std::arch::x86_64::*;
use std::sync::LazyLock;

/// Whether the processor has tiles, the system lends them, and they are not [switched off](TILES_SWITCH).
pub fn available() -> bool {
    static AVAILABLE: LazyLock<bool> = LazyLock::new(|| {
        let unwanted = std::env::var_os(TILES_SWITCH).is_some_and(|value| value == "off");
        !unwanted && processor_has_tiles() && system_lends_tiles()
    });
    *AVAILABLE
}

fn processor_has_tiles() -> bool {
    const OSXSAVE: u32 = 1 << 27;
    const TILES: u32 = 1 << 24 | 1 << 22;
    const TILE_STATE: u64 = 1 << 18 | 1 << 17;
    if !is_x86_feature_detected!("avx512f") {
        return false;
    }
    // SAFETY: a processor with AVX-512 has these leaves, and the register is readable where the system says so.
    unsafe {
        __cpuid(1).ecx & OSXSAVE != 0 && __cpuid_count(7, 0).edx & TILES == TILES && {
            let (low, high): (u64, u64);
            asm!("xgetbv", in("ecx") 0, out("rax") low, out("rdx") high, options(nomem, nostack));
            (high << 32 | low) & TILE_STATE == TILE_STATE
        }
    }
}

/// Linux keeps the tiles of a thread for processes that have asked.
fn system_lends_tiles() -> bool {
    const ARCH_REQ_XCOMP_PERM: libc::c_long = 0x1023;
    const XFEATURE_XTILEDATA: libc::c_long = 18;
    // SAFETY: the call takes two numbers and changes nothing but this process's right to use tiles.
    unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0 }
}

/// The tiles' sizes, as the processor reads them.
#[repr(C, align(64))]
struct Configuration {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

static CONFIGURATION: Configuration = Configuration {
    palette: 1,
    start_row: 0,
    reserved: [0; 14],
    row_bytes: [64, 64, 64, 64, 64, 64, 64, 64, 0, 0, 0, 0, 0, 0, 0, 0],
    rows: [16, 16, 16, 16, 16, 16, 16, 16, 0, 0, 0, 0, 0, 0, 0, 0],
};

/// The tiles of this thread, with their sizes set. While none are lent, the system need not keep them when threads change.
pub(crate) struct Lent;

impl Lent {
    /// # Safety
    /// Tiles are available.
    pub(crate) unsafe fn new() -> Self {
        // SAFETY: reads the sizes.
        unsafe { asm!("ldtilecfg [{sizes}]", sizes = in(reg) &raw const CONFIGURATION, options(nostack, readonly)) };
        Self
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        // SAFETY: what tiles hold is not needed any more.
        unsafe { asm!("tilerelease", options(nostack, nomem)) };
    }
}

// Tiles 0 to 3 are two by two tiles of results; 4 and 5 a part of the left side, 6 and 7 of the right. Nothing but the
// functions here changes them, as the compiler has no use for tiles.

/// Results of 0.
///
/// # Safety
/// This thread has [`Lent`] tiles.
#[inline]
pub(crate) unsafe fn clear() {
    // SAFETY: changes tiles alone.
    unsafe {
        asm!(
            "tilezero tmm0",
            "tilezero tmm1",
            "tilezero tmm2",
            "tilezero tmm3",
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            options(nostack, nomem),
        );
    }
}

/// Results from rows that are `stride` numbers apart.
///
/// # Safety
/// This thread has [`Lent`] tiles; the rows are there.
#[inline]
pub(crate) unsafe fn load(from: *const f32, stride: usize) {
    // SAFETY: reads the rows.
    unsafe {
        asm!(
            "tileloadd tmm0, [{from} + {stride}]",
            "tileloadd tmm1, [{from} + {stride} + 64]",
            "tileloadd tmm2, [{below} + {stride}]",
            "tileloadd tmm3, [{below} + {stride} + 64]",
            from = in(reg) from,
            below = in(reg) from.add(SIDE * stride),
            stride = in(reg) stride * size_of::<f32>(),
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            options(nostack, readonly),
        );
    }
}

/// Results into rows that are `stride` numbers apart.
///
/// # Safety
/// This thread has [`Lent`] tiles; there is room for the rows.
#[inline]
pub(crate) unsafe fn store(to: *mut f32, stride: usize) {
    // SAFETY: writes the rows.
    unsafe {
        asm!(
            "tilestored [{to} + {stride}], tmm0",
            "tilestored [{to} + {stride} + 64], tmm1",
            "tilestored [{below} + {stride}], tmm2",
            "tilestored [{below} + {stride} + 64], tmm3",
            to = in(reg) to,
            below = in(reg) to.add(SIDE * stride),
            stride = in(reg) stride * size_of::<f32>(),
            options(nostack),
        );
    }
}

/// Instructions on the two tiles of one part of a side, by its place in a step, and on both parts that are loaded.
macro_rules! load_left {
    ($at:literal) => {
        concat!("tileloadd tmm4, [{left} + {row} + ", $at, "]\ntileloadd tmm5, [{left} + {row} + ", $at, " + 1024]")
    };
}
macro_rules! load_right {
    ($at:literal) => {
        concat!("tileloadd tmm6, [{right} + {row} + ", $at, "]\ntileloadd tmm7, [{right} + {row} + ", $at, " + 1024]")
    };
}
macro_rules! add_products {
    () => {
        "tdpbf16ps tmm0, tmm4, tmm6\ntdpbf16ps tmm1, tmm4, tmm7\ntdpbf16ps tmm2, tmm5, tmm6\ntdpbf16ps tmm3, tmm5, tmm7"
    };
}

/// These instructions, for a step's parts of both sides, and a sum of zeros: where the processor has summed no vectors of
/// floating-point numbers for 2,048 cycles, it takes 800 more before it stores a tile.
macro_rules! on_step {
    ($left:ident, $right:ident, $($instructions:expr),*) => {
        asm!(
            "vxorps {zeros}, {zeros}, {zeros}",
            "vaddps {zeros}, {zeros}, {zeros}",
            $($instructions,)*
            zeros = out(xmm_reg) _,
            left = in(reg) $left.as_ptr(),
            right = in(reg) $right.as_ptr(),
            row = in(reg) size_of::<[u32; SIDE]>(),
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack, readonly),
        )
    };
}

/// Adds a step's products to the results: six of three parts of each number, the smallest first, or the one of one part.
///
/// # Safety
/// This thread has [`Lent`] tiles. Both sides have three parts, or both have one.
#[inline]
pub(crate) unsafe fn multiply(left: &[Part], right: &[Part]) {
    // SAFETY: reads the steps.
    unsafe {
        if left.len() == 1 {
            return on_step!(left, right, load_left!(0), load_right!(0), add_products!());
        }
        on_step!(
            left,
            right,
            // First and third,
            load_left!(0),
            load_right!(4096),
            add_products!(),
            // first and second,
            load_right!(2048),
            add_products!(),
            // second and second,
            load_left!(2048),
            add_products!(),
            // second and first,
            load_right!(0),
            add_products!(),
            // third and first,
            load_left!(4096),
            add_products!(),
            // first and first.
            load_left!(0),
            add_products!()
        );
    }
}
