//! Keys in 32 bits, where it is proved that they fit.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::graph::{FAR, Key, Packing};
use super::lanes::Number;

/// Keys of the paths of a graph in 32 bits: costs divided by what divides them all, and only as many bits for hops as best paths
/// there need.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    packing: Packing,
    cost: u64,
    hops: u64,
    hop_bits: u32,
    /// No best path is longer.
    longest: Key,
}

impl Scale {
    /// Of a graph of so many vertices with these edges, the same in both directions; `None` when best paths may not fit.
    ///
    /// No best path costs more than twice the greatest cost from one vertex, which one search finds. O(edges log edges).
    pub(super) fn new<I: Iterator<Item = (usize, Key)>>(
        packing: Packing,
        vertices: usize,
        edges: impl Fn(usize) -> I,
    ) -> Option<Scale> {
        let every = || (0..vertices).flat_map(&edges).map(|(_, key)| packing.parts(key));
        let (cost, hops) = every().fold((0, 0), |(cost, hops), (more, steps)| {
            (gcd(cost, more), gcd(hops, steps))
        });
        let (cost, hops) = (cost.max(1), hops.max(1));
        // What a path costs at least for each of its hops bounds the hops of all that are no dearer than a known path.
        let per_hop = every().map(|(cost, hops)| cost / hops).min().unwrap_or(1).max(1);
        let dearest = 2 * farthest(packing, vertices, edges);
        let steps = dearest / per_hop / hops;
        let hop_bits = u64::BITS - steps.leading_zeros();
        let most = (1 << hop_bits) - 1;
        let longest = (dearest / cost).checked_mul(most + 1)?.checked_add(most)?;
        (longest < Key::from(u32::FAR)).then_some(Scale {
            packing,
            cost,
            hops,
            hop_bits,
            longest,
        })
    }

    /// A key of a way between two vertices. One that no best path is as long as is far.
    pub(super) fn narrow(self, key: Key) -> u32 {
        let (cost, hops) = self.packing.parts(key);
        let (cost, hops) = (cost / self.cost, hops / self.hops);
        let fits = cost <= self.longest >> self.hop_bits && hops >> self.hop_bits == 0;
        let key = if fits {
            cost << self.hop_bits | hops
        } else {
            Key::from(u32::FAR)
        };
        u32::try_from(key).expect("it is no longer than the longest")
    }

    pub(super) fn widen(self, key: u32) -> Key {
        if key == u32::FAR {
            return FAR;
        }
        let key = Key::from(key);
        let (cost, hops) = (key >> self.hop_bits, key & ((1 << self.hop_bits) - 1));
        self.packing.pack(cost * self.cost, hops * self.hops)
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    match b {
        0 => a,
        _ => gcd(b, a % b),
    }
}

/// The greatest cost between the lowest vertex of a part of the graph and another of it, among all parts.
fn farthest<I: Iterator<Item = (usize, Key)>>(packing: Packing, vertices: usize, edges: impl Fn(usize) -> I) -> u64 {
    let mut keys = vec![FAR; vertices];
    let mut queue = BinaryHeap::new();
    let mut farthest = 0;
    for start in 0..vertices {
        if keys[start] < FAR {
            continue;
        }
        keys[start] = 0;
        queue.push(Reverse((0, start)));
        while let Some(Reverse((key, at))) = queue.pop() {
            if keys[at] < key {
                continue;
            }
            farthest = farthest.max(packing.parts(key).0);
            for (to, onward) in edges(at) {
                let through = key + onward;
                if through < keys[to] {
                    keys[to] = through;
                    queue.push(Reverse((through, to)));
                }
            }
        }
    }
    farthest
}
