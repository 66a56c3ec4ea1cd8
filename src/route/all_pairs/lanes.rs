//! Numbers side by side, as many as the processor's vectors take.
//!
//! Loops over [`LANES`] numbers are written once, in plain code; `pulp` has them compiled for several widths of vectors, and the
//! widest that the processor has is chosen when the program runs. Results are integers, so they are the same for all.

use std::fmt::Debug;
use std::ops::{Add, Sub};

/// How many sources are swept together: a line of cache of 32-bit keys.
pub(super) const LANES: usize = 16;

/// A key that vectors can hold.
pub trait Number: Copy + Ord + Add<Output = Self> + Sub<Output = Self> + Debug + Send + Sync + bytemuck::Pod {
    /// Of a way from a vertex to itself.
    const ZERO: Self;
    /// No way. Two of them can be added.
    const FAR: Self;
}

impl Number for u32 {
    const ZERO: u32 = 0;
    const FAR: u32 = u32::MAX / 2;
}

impl Number for u64 {
    const ZERO: u64 = 0;
    const FAR: u64 = super::graph::FAR;
}

/// Instructions that the processor may have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Width {
    /// What the program was compiled for.
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
    #[cfg(target_arch = "x86_64")]
    Avx512(pulp::x86::V4),
}

impl Width {
    /// Every one that this processor has, the widest last.
    pub(super) fn all() -> Vec<Width> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "there is no other"))]
        let mut all = vec![Width::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(pulp::x86::V3::try_new().map(Width::Avx2));
            all.extend(pulp::x86::V4::try_new().map(Width::Avx512));
        }
        all
    }

    /// The widest.
    pub(super) fn best() -> Width {
        *Width::all().last().expect("one is portable")
    }

    /// Runs `work`, which has to be inlined for that, with these instructions.
    pub(super) fn run<R>(self, work: impl FnOnce() -> R) -> R {
        match self {
            Width::Portable => work(),
            #[cfg(target_arch = "x86_64")]
            Width::Avx2(simd) => simd.vectorize(work),
            #[cfg(target_arch = "x86_64")]
            Width::Avx512(simd) => simd.vectorize(work),
        }
    }
}
