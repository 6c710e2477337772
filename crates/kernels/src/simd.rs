//! Loops for the widest instruction set that the processor has.
//!
//! The one `unsafe` here calls a function that was compiled for an instruction set, right after the processor said that it
//! has it.

/// Declares functions whose loops are compiled for AVX-512, for AVX2 and for the base instruction set, and that pick one
/// at run time. Rust never fuses or reorders floating-point operations by itself, so all give the same bits.
///
/// The body may call functions that are `#[inline(always)]`; a closure in it need not be inlined, and would then be
/// compiled for the base instruction set.
macro_rules! simd {
    ($($(#[$meta:meta])* $visibility:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block)*) => {$(
        $(#[$meta])*
        $visibility fn $name($($argument: $type),*) $(-> $result)? {
            #[inline(always)]
            fn portable($($argument: $type),*) $(-> $result)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")]
                fn avx512($($argument: $type),*) $(-> $result)? {
                    portable($($argument),*)
                }

                #[target_feature(enable = "avx2,fma")]
                fn avx2($($argument: $type),*) $(-> $result)? {
                    portable($($argument),*)
                }

                #[expect(unsafe_code, reason = "a function for an instruction set is unsafe to call")]
                match $crate::simd::level() {
                    // SAFETY: the processor has the instruction set.
                    $crate::simd::Level::Avx512 => return unsafe { avx512($($argument),*) },
                    // SAFETY: the processor has the instruction set.
                    $crate::simd::Level::Avx2 => return unsafe { avx2($($argument),*) },
                    $crate::simd::Level::Base => {}
                }
            }
            portable($($argument),*)
        }
    )*};
}

pub(crate) use simd;

/// Instruction sets that loops are compiled for.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
pub(crate) enum Level {
    Avx512,
    Avx2,
    Base,
}

/// What the processor has.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn level() -> Level {
    // The standard library looks once and keeps the answer.
    if is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("fma")
    {
        Level::Avx512
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        Level::Avx2
    } else {
        Level::Base
    }
}

/// Numbers that a sum adds at once, whatever the instruction set.
const LANES: usize = 16;

/// Sum of numbers, in an order that follows from their count alone.
#[inline(always)]
pub(crate) fn sum(values: &[f32]) -> f32 {
    let mut lanes = [0.0; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().sum::<f32>()
}
