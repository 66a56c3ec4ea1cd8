//! Seeded chance.

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// A generator for one part of a scenario.
pub(super) struct Dice(Pcg64);

impl Dice {
    /// Every part has a generator of its own, so that a change to one leaves what the others make.
    pub(super) fn of(seed: u64, part: &str) -> Dice {
        let hash = part.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Dice(Pcg64::seed_from_u64(seed ^ hash))
    }

    pub(super) fn percent(&mut self, chance: u32) -> bool {
        self.0.random_ratio(chance, 100)
    }

    pub(super) fn between(&mut self, least: u64, most: u64) -> u64 {
        self.0.random_range(least..=most)
    }

    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from.choose(&mut self.0).expect("something to pick from").clone()
    }

    /// At least `least` and at most `most` different ones, in any order.
    pub(super) fn some<T: Clone>(&mut self, from: &[T], least: u64, most: u64) -> Vec<T> {
        let mut all = from.to_vec();
        all.shuffle(&mut self.0);
        let count = self.between(least, most);
        all.truncate(usize::try_from(count).expect("a small number"));
        all
    }
}
