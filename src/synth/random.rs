//! Random numbers that are the same for ever.

use rand::Rng as _;
use rand_pcg::Pcg64;

/// A sequence of random numbers, fixed by a seed and by what it is for.
///
/// PCG XSL RR 128/64 is fixed by its definition. How a number is brought into a range is written here, because the
/// distributions of the `rand` crate may change with its version. Each purpose has a sequence of its own, so that drawing
/// once more for one of them moves nothing else.
pub(crate) struct Stream(Pcg64);

impl Stream {
    /// The sequence of `seed` for `purpose`.
    pub(crate) fn new(seed: u64, purpose: &str) -> Stream {
        // FNV-1a, 64 bits.
        let stream = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Stream(Pcg64::new(u128::from(seed), u128::from(stream)))
    }

    /// A number below `limit`, which is not 0. Some are likelier than others, by less than `limit` in 2⁶⁴.
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        assert!(limit > 0, "there is no number below 0");
        let wide = u128::from(self.0.next_u64()) * u128::from(limit);
        u32::try_from(wide >> 64).expect("the upper half of the product is below the limit")
    }

    /// True once in `chances` times.
    pub(crate) fn one_in(&mut self, chances: u32) -> bool {
        self.below(chances) == 0
    }

    /// One of the items, which are not none.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let length = u32::try_from(items.len()).expect("lists are short");
        &items[self.below(length) as usize]
    }

    /// Puts the items in random order (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            let limit = u32::try_from(at + 1).expect("lists are short");
            items.swap(at, self.below(limit) as usize);
        }
    }
}
