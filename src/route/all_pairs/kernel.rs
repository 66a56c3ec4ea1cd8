//! The kernel: best paths between every two of its vertices, in numbers as small as they can be.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::chains::{Chains, KernelAt};
use super::elimination::Elimination;
use super::entries::Entries;
use super::graph::{FAR, Graph, Key, Packing, Vertex};
use super::lanes::{Number, Width};
use super::tiles::Tiles;

/// Keys of a kernel in 32 bits: costs divided by what divides them all, and only as many bits for hops as paths there need.
#[derive(Clone, Copy, Debug)]
struct Scale {
    packing: Packing,
    cost: u64,
    hops: u64,
    hop_bits: u32,
    /// No best path is longer, or `u32::FAR` less one.
    longest: Key,
}

impl Scale {
    /// `None` when best paths may not fit. O(entries log entries).
    fn new(packing: Packing, entries: &Entries) -> Option<Scale> {
        let parts = |key: Key| packing.parts(key);
        let every = || (0..entries.size()).flat_map(|at| entries.into(at));
        let (cost, hops) = every()
            .map(|entry| parts(entry.key))
            .fold((0, 0), |(cost, hops), (more, steps)| {
                (gcd(cost, more), gcd(hops, steps))
            });
        let (cost, hops) = (cost.max(1), hops.max(1));
        // What a path costs at least for each of its hops bounds the hops of all that are no dearer than a known path.
        let per_hop = every()
            .map(|entry| parts(entry.key))
            .map(|(cost, hops)| cost / hops)
            .min()
            .unwrap_or(1)
            .max(1);
        let dearest = 2 * farthest(packing, entries);
        let steps = dearest / per_hop / hops;
        let hop_bits = u64::BITS - steps.leading_zeros();
        let longest = (dearest / cost)
            .checked_shl(hop_bits)
            .filter(|longest| longest >> hop_bits == dearest / cost)?;
        let longest = longest.checked_add((1 << hop_bits) - 1)?;
        (longest < Key::from(u32::FAR)).then_some(Scale {
            packing,
            cost,
            hops,
            hop_bits,
            longest,
        })
    }

    /// A key of a way between two vertices. One that no best path is as long as is far.
    fn narrow(self, key: Key) -> u32 {
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

    fn widen(self, key: u32) -> Key {
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

/// The greatest cost between the lowest vertex of a part of the kernel and another of it, among all parts.
fn farthest(packing: Packing, entries: &Entries) -> u64 {
    let mut keys = vec![FAR; entries.size()];
    let mut queue = BinaryHeap::new();
    let mut farthest = 0;
    for start in 0..entries.size() {
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
            for entry in entries.into(at) {
                let (to, through) = (entry.from as usize, key + entry.key);
                if through < keys[to] {
                    keys[to] = through;
                    queue.push(Reverse((through, to)));
                }
            }
        }
    }
    farthest
}

/// Distances and last steps between all vertices of the kernel.
#[derive(Debug)]
pub(super) struct Kernel {
    tables: Tables,
}

#[derive(Debug)]
enum Tables {
    Narrow(Scale, Tiles<u32>),
    Wide(Tiles<u64>),
}

impl Kernel {
    /// Numbers the vertices of the kernel anew, for their order of elimination.
    pub(super) fn new(graph: &Graph, packing: Packing, chains: &mut Chains, width: Width) -> Kernel {
        let entries = Entries::new(graph, chains);
        let tables = match Scale::new(packing, &entries) {
            Some(scale) => {
                let (tiles, position) = tiles(&entries, |key| scale.narrow(key), width);
                chains.renumber(&position);
                Tables::Narrow(scale, tiles)
            }
            None => {
                let (tiles, position) = tiles(&entries, |key| key, width);
                chains.renumber(&position);
                Tables::Wide(tiles)
            }
        };
        Kernel { tables }
    }

    pub(super) fn key(&self, from: KernelAt, to: KernelAt) -> Key {
        match &self.tables {
            Tables::Narrow(scale, tiles) => scale.widen(tiles.key(from, to)),
            Tables::Wide(tiles) => tiles.key(from, to),
        }
    }

    /// The site before `to`; [`BEYOND`]: what is before `from`.
    pub(super) fn before(&self, from: KernelAt, to: KernelAt) -> Vertex {
        self.step(from, to).0
    }

    /// The site behind `from` on the way to another vertex; [`BEYOND`]: what is behind `to`; `None` when two are as good.
    pub(super) fn behind(&self, from: KernelAt, to: KernelAt) -> Option<Vertex> {
        // The way back is as long: what is on a best path there is on one here.
        let (site, is_tied) = self.step(to, from);
        (!is_tied).then_some(site)
    }

    fn step(&self, from: KernelAt, to: KernelAt) -> (Vertex, bool) {
        match &self.tables {
            Tables::Narrow(_, tiles) => tiles.before(from, to),
            Tables::Wide(tiles) => tiles.before(from, to),
        }
    }

    /// Bytes that are held.
    pub(super) fn memory(&self) -> usize {
        match &self.tables {
            Tables::Narrow(_, tiles) => tiles.memory(),
            Tables::Wide(tiles) => tiles.memory(),
        }
    }
}

/// The tables, and the position of every vertex in them.
fn tiles<K: Number>(entries: &Entries, keys: impl Fn(Key) -> K, width: Width) -> (Tiles<K>, Vec<u32>) {
    let neighbours = (0..entries.size()).map(|at| {
        let mut own: Vec<(u32, K)> = entries.into(at).iter().map(|way| (way.from, keys(way.key))).collect();
        // Of several ways the shortest.
        own.sort_unstable();
        own.dedup_by_key(|(from, _)| *from);
        own
    });
    let elimination = Elimination::new(neighbours.collect(), width);
    let tiles = Tiles::new(entries, &elimination, keys, width);
    (tiles, elimination.position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::CompactSites;
    use crate::load::resolve;
    use crate::model::NameOrder;
    use crate::route::all_pairs::trees::Trees;
    use crate::synth::{self, Shape};

    /// The kernel of a generated organization, before it is numbered anew.
    fn entries(shape: Shape, sites: u32, seed: u64) -> (Packing, Entries) {
        let document = synth::generate(synth::Options { shape, sites, seed }).expect("within the limits");
        let org = resolve(&document, NameOrder::default()).expect("generated organizations have no problems");
        let (graph, packing) = Graph::new(&CompactSites::new(&org)).expect("ordinary costs");
        let chains = Chains::new(&graph, &Trees::new(&graph));
        (packing, Entries::new(&graph, &chains))
    }

    fn samples() -> impl Iterator<Item = (Packing, Entries)> {
        let shapes = Shape::ALL
            .into_iter()
            .flat_map(|shape| (0..4).map(move |seed| (shape, seed)));
        shapes.map(|(shape, seed)| entries(shape, 150 + 37 * u32::try_from(seed).expect("small"), seed))
    }

    #[test]
    fn every_width_of_vectors_says_the_same() {
        for (packing, entries) in samples() {
            let scale = Scale::new(packing, &entries).expect("ordinary costs");
            let portable = tiles(&entries, |key| scale.narrow(key), Width::Portable);
            let portable_wide = tiles(&entries, |key| key, Width::Portable);
            for width in Width::all() {
                assert_eq!(tiles(&entries, |key| scale.narrow(key), width), portable, "{width:?}");
                assert_eq!(tiles(&entries, |key| key, width), portable_wide, "{width:?}");
            }
        }
    }

    #[test]
    fn keys_of_32_bits_say_what_keys_of_64_bits_say() {
        for (packing, entries) in samples() {
            let scale = Scale::new(packing, &entries).expect("ordinary costs");
            let (narrow, position) = tiles(&entries, |key| scale.narrow(key), Width::best());
            let (wide, other) = tiles(&entries, |key| key, Width::best());
            assert_eq!(position, other);
            let every = || 0..u32::try_from(entries.size()).expect("few");
            for (from, to) in every().flat_map(|from| every().map(move |to| (from, to))) {
                assert_eq!(scale.widen(narrow.key(from, to)), wide.key(from, to));
                assert_eq!(narrow.before(from, to), wide.before(from, to));
            }
        }
    }

    #[test]
    fn a_kernel_that_32_bits_do_not_hold_has_no_scale() {
        let (packing, entries) = entries(Shape::Ring, 3, 0);
        assert!(
            Scale::new(packing, &entries).is_some(),
            "a ring has an end and nothing else"
        );
        let dear = Entries::of(&[(0, 1, packing.pack(1 << 31, 2)), (1, 2, packing.pack(2, 2))]);
        assert!(Scale::new(packing, &dear).is_none());
        // What divides all costs is left out of the keys.
        let even = Entries::of(&[(0, 1, packing.pack(1 << 31, 2)), (1, 2, packing.pack(1 << 30, 2))]);
        let scale = Scale::new(packing, &even).expect("three times what divides both");
        for key in [packing.pack(1 << 31, 2), packing.pack(3 << 30, 4)] {
            assert_eq!(scale.widen(scale.narrow(key)), key);
        }
        assert_eq!(
            scale.widen(scale.narrow(packing.pack(1 << 40, 4))),
            FAR,
            "no best path is so dear"
        );
    }
}
