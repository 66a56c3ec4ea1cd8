//! Seeded chance.

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// A generator for one part of an organization.
#[derive(Debug)]
pub(super) struct Dice(Pcg64);

impl Dice {
    /// Every part has a generator of its own, so that a change to one leaves what the others make.
    pub(super) fn of(seed: u64, part: &str) -> Self {
        // FNV-1a: any fixed function of the name will do.
        let hash = part.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(Pcg64::seed_from_u64(seed ^ hash))
    }

    pub(super) fn percent(&mut self, chance: u32) -> bool {
        self.0.random_ratio(chance, 100)
    }

    pub(super) fn between(&mut self, least: usize, most: usize) -> usize {
        self.0.random_range(least..=most)
    }

    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from.choose(&mut self.0).expect("something to pick from").clone()
    }

    /// Up to `most` different ones, in any order.
    pub(super) fn some<T: Clone>(&mut self, from: &[T], least: usize, most: usize) -> Vec<T> {
        let mut all = from.to_vec();
        all.shuffle(&mut self.0);
        all.truncate(self.between(least, most));
        all
    }

    /// Low costs, so that ties abound.
    pub(super) fn cost(&mut self) -> u64 {
        if self.percent(85) {
            self.pick(&[1, 1, 2, 2, 3])
        } else {
            self.pick(&[4, 6, 10, 100])
        }
    }

    /// The name as another object may write it: case does not count.
    pub(super) fn reference(&mut self, name: &str) -> String {
        match self.between(0, 9) {
            0 => name.to_ascii_lowercase(),
            1 => name.to_ascii_uppercase(),
            _ => name.to_owned(),
        }
    }

    /// A limit in one of the ways in which it can be written. Queries ask for sizes next to these.
    pub(super) fn size_limit(&mut self) -> serde_json::Value {
        let limits = ["1MB", "1024KB", "2mb", "3145728B", "5MB", "11MB", "unlimited"];
        if self.percent(10) {
            serde_json::json!(2_097_152)
        } else {
            serde_json::json!(self.pick(&limits))
        }
    }
}
