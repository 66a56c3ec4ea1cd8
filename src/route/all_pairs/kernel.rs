//! The kernel: best paths between every two of its vertices, in numbers as small as they can be.

use super::chains::{Chains, KernelAt};
use super::elimination::Elimination;
use super::entries::Entries;
use super::graph::{Graph, Key, Packing, Vertex};
use super::lanes::{Number, Width};
use super::scale::Scale;
use super::tiles::Tiles;

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
        let tables = match scale(packing, &entries) {
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
}

/// How keys of the kernel are packed into 32 bits, if they fit.
fn scale(packing: Packing, entries: &Entries) -> Option<Scale> {
    Scale::new(packing, entries.size(), |at| {
        entries.into(at).iter().map(|entry| (entry.from as usize, entry.key))
    })
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
    use super::super::graph::FAR;
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
            let scale = scale(packing, &entries).expect("ordinary costs");
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
            let scale = scale(packing, &entries).expect("ordinary costs");
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
        assert!(scale(packing, &entries).is_some(), "a ring has an end and nothing else");
        let dear = Entries::of(&[(0, 1, packing.pack(1 << 31, 2)), (1, 2, packing.pack(2, 2))]);
        assert!(scale(packing, &dear).is_none());
        // What divides all costs is left out of the keys.
        let even = Entries::of(&[(0, 1, packing.pack(1 << 31, 2)), (1, 2, packing.pack(1 << 30, 2))]);
        let scale = scale(packing, &even).expect("three times what divides both");
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
