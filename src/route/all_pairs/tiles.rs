//! Distances and last steps between all vertices of the kernel, [`LANES`] sources at a time.
//!
//! A tile is what [`LANES`] sources that follow each other in the order of elimination say of every vertex. The vertices at lower
//! positions have said it already, since distances are the same in both directions; the others follow one after the other from their
//! neighbours of when they were eliminated. While a tile is in the cache, the ways into each vertex are looked through for those that lie on
//! best paths.

use super::elimination::Elimination;
use super::entries::{BEYOND, Entries};
use super::graph::{NONE, Vertex};
use super::lanes::{LANES, Number, Width};
use super::pages::Table;

/// Set beside the lowest-named site before a vertex when another site there is as good.
const TIED: Vertex = 1 << 31;

/// Distances and last steps. Vertices are positions in the order of elimination.
#[derive(Debug, PartialEq)]
pub(super) struct Tiles<K: Number> {
    size: usize,
    /// Tile by tile, the distances of each vertex from the sources' first on.
    keys: Table<[K; LANES]>,
    /// Tile by tile, the site before each vertex on the best path from each source, with [`TIED`].
    last: Table<[Vertex; LANES]>,
}

/// What is before a vertex on best paths from the sources of a tile.
#[derive(Clone, Copy)]
struct Before {
    lowest: [Vertex; LANES],
    highest: [Vertex; LANES],
}

const NOWHERE: Before = Before {
    lowest: [NONE >> 1; LANES],
    highest: [0; LANES],
};

/// Ways into the vertices of the kernel, by position, with keys as they are swept.
struct Ways<K> {
    /// Wide links first.
    order: Vec<u32>,
    start: Vec<u32>,
    ways: Vec<(u32, Vertex, K)>,
    is_wide: Vec<bool>,
}

impl<K: Number> Ways<K> {
    fn new(entries: &Entries, position: &[u32], keys: impl Fn(u64) -> K) -> Ways<K> {
        let mut start = vec![0];
        let mut ways = Vec::new();
        for at in &entries.order {
            let own = entries.into(*at as usize);
            ways.extend(
                own.iter()
                    .map(|way| (position[way.from as usize], way.last, keys(way.key))),
            );
            start.push(u32::try_from(ways.len()).expect("edges are counted in 32 bits"));
        }
        let mut is_wide = vec![false; position.len()];
        for at in &entries.order[..entries.wide] {
            is_wide[position[*at as usize] as usize] = true;
        }
        Ways {
            order: entries.order.iter().map(|at| position[*at as usize]).collect(),
            start,
            ways,
            is_wide,
        }
    }
}

impl<K: Number> Tiles<K> {
    /// The tables of a kernel. `keys` packs a key of an entry. O(n² w) steps for each of which there are lanes, where a vertex has w neighbours when
    /// it is eliminated, and O(n m) for m entries.
    pub(super) fn new(
        entries: &Entries,
        elimination: &Elimination<K>,
        keys: impl Fn(u64) -> K,
        width: Width,
    ) -> Tiles<K> {
        let size = entries.size();
        let ways = Ways::new(entries, &elimination.position, keys);
        let tiles = size.div_ceil(LANES);
        let mut result = Tiles {
            size,
            keys: Table::with_capacity((0..tiles).map(|tile| size - tile * LANES).sum()),
            last: Table::with_capacity(tiles * size),
        };
        width.run(
            #[inline(always)]
            || {
                let mut distances = vec![[K::FAR; LANES]; size];
                let mut before = vec![NOWHERE; size];
                for tile in 0..tiles {
                    let first = tile * LANES;
                    result.mirror(tile, &mut distances);
                    sweep(elimination, first, &mut distances);
                    result.keys.extend(distances[first..].iter().copied());
                    choose(&ways, first, &distances, &mut before);
                    result.last.extend(before.iter().map(merged));
                }
            },
        );
        result
    }

    /// Where a tile begins among the keys.
    #[inline(always)]
    fn start(&self, tile: usize) -> usize {
        tile * self.size - LANES * (tile * tile.wrapping_sub(1) / 2)
    }

    /// Fills what vertices of tiles before this one have said of its sources.
    #[inline(always)]
    fn mirror(&self, tile: usize, distances: &mut [[K; LANES]]) {
        let sources = LANES.min(self.size - tile * LANES);
        for before in 0..tile {
            let start = self.start(before) + (tile - before) * LANES;
            let block = &self.keys[start..start + sources];
            let rows = &mut distances[before * LANES..(before + 1) * LANES];
            for (lane, said) in block.iter().enumerate() {
                for (row, key) in rows.iter_mut().zip(said) {
                    row[lane] = *key;
                }
            }
        }
    }

    /// The distance between two vertices.
    pub(super) fn key(&self, one: u32, other: u32) -> K {
        let (low, high) = (one.min(other) as usize, one.max(other) as usize);
        let tile = low / LANES;
        self.keys[self.start(tile) + high - tile * LANES][low % LANES]
    }

    /// The site before `to` on the best path from another vertex, [`BEYOND`] if that is what is before the source; and whether
    /// another is as good.
    pub(super) fn before(&self, from: u32, to: u32) -> (Vertex, bool) {
        let tile = from as usize / LANES;
        let last = self.last[tile * self.size + to as usize][from as usize % LANES];
        (last & !TIED, last & TIED != 0)
    }
}

/// What is stored of it.
#[inline(always)]
fn merged(before: &Before) -> [Vertex; LANES] {
    let mut last = before.lowest;
    for (last, highest) in last.iter_mut().zip(before.highest) {
        *last |= if *last < highest { TIED } else { 0 };
    }
    last
}

/// Fills the distances of a tile of what is not before it.
#[inline(always)]
fn sweep<K: Number>(elimination: &Elimination<K>, first: usize, distances: &mut [[K; LANES]]) {
    let size = distances.len();
    for at in first..size.min(first + LANES) {
        let lane = at - first;
        let mut row = nearest(elimination, at, distances);
        row[lane] = K::ZERO;
        for (other, key) in row[..lane].iter().enumerate() {
            distances[first + other][lane] = *key;
        }
        distances[at] = row;
    }
    for at in first + LANES..size {
        distances[at] = nearest(elimination, at, distances);
    }
}

/// The least over the neighbours of a vertex when it was eliminated.
#[inline(always)]
fn nearest<K: Number>(elimination: &Elimination<K>, at: usize, distances: &[[K; LANES]]) -> [K; LANES] {
    // Two rows, so that one sum need not wait for the other.
    let mut rows = [[K::FAR; LANES]; 2];
    let (pairs, rest) = elimination.up(at).as_chunks::<2>();
    for [(to, key), (other, beside)] in pairs {
        offer(&mut rows[0], *key, &distances[*to as usize]);
        offer(&mut rows[1], *beside, &distances[*other as usize]);
    }
    let [mut row, other] = rows;
    offer(&mut row, K::ZERO, &other);
    for (to, key) in rest {
        offer(&mut row, *key, &distances[*to as usize]);
    }
    row
}

#[inline(always)]
fn offer<K: Number>(row: &mut [K; LANES], key: K, there: &[K; LANES]) {
    for (known, onward) in row.iter_mut().zip(there) {
        *known = (*known).min(key + *onward);
    }
}

/// Finds the lowest- and the highest-named site before each vertex on best paths from the sources of a tile (RT-2.2 step 3).
#[inline(always)]
fn choose<K: Number>(ways: &Ways<K>, first: usize, distances: &[[K; LANES]], before: &mut [Before]) {
    for (at, bounds) in ways.order.iter().zip(ways.start.windows(2)) {
        let at = *at as usize;
        let mut own = NOWHERE;
        for (from, last, key) in &ways.ways[bounds[0] as usize..bounds[1] as usize] {
            let there = match *last {
                BEYOND => before[*from as usize],
                last => Before {
                    lowest: [last; LANES],
                    highest: [last; LANES],
                },
            };
            let (keys, onward) = (&distances[at], &distances[*from as usize]);
            for lane in 0..LANES {
                let is_best = *key + onward[lane] == keys[lane];
                let lowest = if is_best { there.lowest[lane] } else { NONE >> 1 };
                let highest = if is_best { there.highest[lane] } else { 0 };
                own.lowest[lane] = own.lowest[lane].min(lowest);
                own.highest[lane] = own.highest[lane].max(highest);
            }
        }
        if ways.is_wide[at] && (first..first + LANES).contains(&at) {
            own.lowest[at - first] = BEYOND;
            own.highest[at - first] = BEYOND;
        }
        before[at] = own;
    }
}
