//! Whole rows of the table, as quick as memory takes them.
//!
//! Sources that hang on one vertex of the core see the rest of the organization alike: one row is worked out for all of them, and
//! each differs from it by the way up. So rows are made quickest in the order of the columns.

use std::fmt::Debug;
use std::ops::Range;

use super::base::Base;
use super::columns::{Columns, site_above};
use super::graph::{FAR, Key, NONE, Vertex};
use super::lanes::{Number, Width};
use super::scale::Scale;
use super::{AllPairs, PathCost};
use crate::model::SiteIdx;

/// What keys of rows are: `u32` or `u64`.
pub trait RowKey: sealed::RowKey {}
/// What sites of rows are: `u16`, for up to 65,535 sites, or `u32`.
pub trait RowSite: sealed::RowSite {}

impl RowKey for u32 {}
impl RowKey for u64 {}
impl RowSite for u16 {}
impl RowSite for u32 {}

mod sealed {
    use super::{Key, NONE, Number, Scale, Vertex};

    pub trait RowKey: Number {
        /// `None`: it may not fit.
        fn narrow(key: Key, scale: Option<&Scale>) -> Option<Self>;
        fn widen(self, scale: Option<&Scale>) -> Key;
    }

    impl RowKey for u32 {
        fn narrow(key: Key, scale: Option<&Scale>) -> Option<u32> {
            scale.map(|scale| scale.narrow(key))
        }

        fn widen(self, scale: Option<&Scale>) -> Key {
            scale.expect("rows of 32 bits have one").widen(self)
        }
    }

    impl RowKey for u64 {
        fn narrow(key: Key, _: Option<&Scale>) -> Option<u64> {
            Some(key)
        }

        fn widen(self, _: Option<&Scale>) -> Key {
            self
        }
    }

    pub trait RowSite: Copy + Eq + std::fmt::Debug + Send + Sync {
        const NONE: Self;
        /// Of the index of a site or [`NONE`]. There are fewer sites than fit.
        fn narrow(site: Vertex) -> Self;
        fn widen(self) -> Option<Vertex>;
        fn fits(sites: usize) -> bool;
    }

    impl RowSite for u16 {
        const NONE: u16 = u16::MAX;
        #[expect(clippy::cast_possible_truncation, reason = "no site is cut, and NONE stays NONE")]
        #[inline(always)]
        fn narrow(site: Vertex) -> u16 {
            site as u16
        }
        fn widen(self) -> Option<Vertex> {
            (self != u16::MAX).then_some(Vertex::from(self))
        }
        fn fits(sites: usize) -> bool {
            sites <= usize::from(u16::MAX)
        }
    }

    impl RowSite for u32 {
        const NONE: u32 = NONE;
        #[inline(always)]
        fn narrow(site: Vertex) -> u32 {
            site
        }
        fn widen(self) -> Option<Vertex> {
            (self != NONE).then_some(self)
        }
        fn fits(_: usize) -> bool {
            true
        }
    }
}

/// What is best from one site to all sites, in the order of [`Rows::columns`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<K, S> {
    keys: Vec<K>,
    next_hops: Vec<S>,
    predecessors: Vec<S>,
}

/// Makes rows, one after the other, into buffers of the caller.
#[derive(Debug)]
pub struct Rows<'a, K, S> {
    all: &'a AllPairs,
    columns: Columns,
    width: Width,
    scale: Option<Scale>,
    /// The vertex of the core for which `shared` is worked out.
    root: Vertex,
    base: Base,
    /// What all sites see that hang on the root, but for what hangs on it as well.
    shared: Row<K, S>,
    /// Columns that the root does not reach.
    apart: Vec<Range<usize>>,
    /// Columns before which the first site is the one that the source hangs on.
    beside: Vec<u32>,
    depth: Vec<K>,
    above: Vec<S>,
    top: Vec<S>,
}

impl<'a, K: RowKey, S: RowSite> Rows<'a, K, S> {
    /// `None` when sites or keys may not fit.
    pub(super) fn new(all: &'a AllPairs, width: Width) -> Option<Rows<'a, K, S>> {
        let columns = Columns::new(&all.graph, &all.trees);
        let scale = Scale::new(all.packing, all.graph.vertices() as usize, |at| {
            let arcs = all
                .graph
                .arcs(u32::try_from(at).expect("vertices are counted in 32 bits"));
            arcs.iter().map(|arc| (arc.to as usize, arc.key))
        });
        let depth = columns.depth.iter().map(|key| K::narrow(*key, scale.as_ref()));
        let depth = depth.collect::<Option<Vec<K>>>()?;
        let sites = |sites: &[Vertex]| sites.iter().map(|site| S::narrow(*site)).collect::<Vec<S>>();
        S::fits(columns.sites.len()).then(|| Rows {
            all,
            width,
            scale,
            root: NONE,
            base: Base::new(all),
            shared: Row::new(columns.sites.len()),
            apart: Vec::new(),
            beside: Vec::new(),
            depth,
            above: sites(&columns.above),
            top: sites(&columns.top),
            columns,
        })
    }

    /// The site of every column. Rows are made quickest from sites in this order.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = SiteIdx> + '_ {
        self.columns.sites.iter().map(|site| SiteIdx::from_raw(*site))
    }

    /// Cost and hops of a key of a row; `None`: there is no path. O(1).
    pub fn cost(&self, key: K) -> Option<PathCost> {
        let key = key.widen(self.scale.as_ref());
        (key < FAR).then(|| self.all.packing.unpack(key))
    }

    /// A buffer for a row, in which nothing can be reached.
    pub fn buffer(&self) -> Row<K, S> {
        Row::new(self.columns.sites.len())
    }

    /// Fills a row. O(sites), in vectors; several times as much when the row before was of a site that hangs on another vertex of the core.
    pub fn fill(&mut self, from: SiteIdx, row: &mut Row<K, S>) {
        let from = from.raw();
        row.resize(self.columns.sites.len());
        let root = self.all.trees.root(from);
        let width = self.width;
        width.run(
            #[inline(always)]
            || {
                if self.root != root {
                    self.share(root);
                }
                self.rest(from, row);
                self.own(from, row);
            },
        );
    }

    /// Works out what the sites that hang on a root share.
    #[inline(always)]
    fn share(&mut self, root: Vertex) {
        let all = self.all;
        self.root = root;
        self.base.fill(all, &self.columns.roots, root);
        self.apart.clear();
        self.beside.clear();
        for other in self.columns.roots.iter().filter(|other| **other != root) {
            let at = *other as usize;
            let (key, before, first) = (self.base.key[at], self.base.before[at], self.base.first[at]);
            let columns = self.columns.below(&all.trees, *other);
            if key >= FAR {
                self.shared.clear(columns.clone());
                self.apart.push(columns);
                continue;
            }
            let key = K::narrow(key, self.scale.as_ref()).expect("depths fit");
            let keys = &mut self.shared.keys[columns.clone()];
            for (known, depth) in keys.iter_mut().zip(&self.depth[columns.clone()]) {
                *known = key + *depth;
            }
            let next_hops = &mut self.shared.next_hops[columns.clone()];
            match first {
                NONE => next_hops.copy_from_slice(&self.top[columns.clone()]),
                first => next_hops.fill(S::narrow(first)),
            }
            self.shared.predecessors[columns.clone()].copy_from_slice(&self.above[columns.clone()]);
            let mut set = |column: usize| {
                self.shared.predecessors[column] = S::narrow(before);
                if before == NONE {
                    self.beside
                        .push(u32::try_from(column).expect("sites are counted in 32 bits"));
                }
            };
            if all.graph.is_site(*other) {
                set(columns.start);
            } else {
                let hanging = all.trees.children(*other);
                hanging
                    .iter()
                    .for_each(|child| set(self.columns.below(&all.trees, *child).start));
            }
        }
    }

    /// The columns that do not hang on the root of the source.
    #[inline(always)]
    fn rest(&self, from: Vertex, row: &mut Row<K, S>) {
        let all = self.all;
        let own = self.columns.below(&all.trees, self.root);
        let depth = K::narrow(all.trees.depth(from), self.scale.as_ref()).expect("depths fit");
        // The site above; or on a wide link that is a root, the first site behind it.
        let above = site_above(&all.graph, &all.trees, from).map(S::narrow);
        for columns in [0..own.start, own.end..row.keys.len()] {
            let keys = &mut row.keys[columns.clone()];
            for (key, shared) in keys.iter_mut().zip(&self.shared.keys[columns.clone()]) {
                *key = K::FAR.min(*shared + depth);
            }
            row.predecessors[columns.clone()].copy_from_slice(&self.shared.predecessors[columns.clone()]);
            let next_hops = &mut row.next_hops[columns.clone()];
            match above {
                Some(above) => next_hops.fill(above),
                None => next_hops.copy_from_slice(&self.shared.next_hops[columns]),
            }
        }
        for columns in &self.apart {
            row.next_hops[columns.clone()].fill(S::NONE);
        }
        if from != self.root {
            let top = S::narrow(self.columns.top[self.columns.below(&all.trees, from).start]);
            for column in &self.beside {
                row.predecessors[*column as usize] = top;
            }
        }
    }

    /// The columns that hang on the root of the source: those below it, and from every vertex on the way up those elsewhere.
    #[inline(always)]
    fn own(&self, from: Vertex, row: &mut Row<K, S>) {
        let all = self.all;
        let above = site_above(&all.graph, &all.trees, from).map_or(S::NONE, S::narrow);
        let (mut at, mut before) = (from, NONE);
        loop {
            let up = self.narrow(all.trees.depth(from) - all.trees.depth(at));
            let own = self.columns.below(&all.trees, at);
            let done = match before {
                NONE => own.start..own.start,
                before => self.columns.below(&all.trees, before),
            };
            let is_beside = !all.graph.is_site(at) && Some(at) == all.trees.parent(from);
            for columns in [own.start..done.start, done.end..own.end] {
                self.turn(at, up, before, columns.clone(), row);
                if at != from && !is_beside {
                    row.next_hops[columns].fill(above);
                } else if at == self.root {
                    row.next_hops[columns.clone()].copy_from_slice(&self.top[columns]);
                }
            }
            if at != self.root && (at == from || is_beside) {
                for child in all.trees.children(at).iter().filter(|child| **child != before) {
                    self.first_below(*child, row);
                }
            }
            if all.graph.is_site(at) {
                row.predecessors[own.start] = match before {
                    NONE => S::NONE,
                    _ => S::narrow(all.site_below(at, from)),
                };
            }
            let Some(parent) = all.trees.parent(at) else { break };
            (at, before) = (parent, at);
        }
        let column = self.columns.below(&all.trees, from).start;
        row.next_hops[column] = S::NONE;
    }

    /// Keys and last steps of columns that the way reaches by going up so far, and down again.
    #[inline(always)]
    fn turn(&self, at: Vertex, up: K, before: Vertex, columns: Range<usize>, row: &mut Row<K, S>) {
        let all = self.all;
        let turn = self.narrow(all.trees.depth(at));
        let keys = &mut row.keys[columns.clone()];
        for (key, depth) in keys.iter_mut().zip(&self.depth[columns.clone()]) {
            *key = up + (*depth - turn);
        }
        let predecessors = &mut row.predecessors[columns.clone()];
        if all.graph.is_site(at) {
            return predecessors.copy_from_slice(&self.above[columns]);
        }
        // Two that hang on one wide link are beside each other: what is above that is not in between.
        let skipped = S::narrow(all.trees.parent(at).unwrap_or(NONE));
        for (predecessor, above) in predecessors.iter_mut().zip(&self.above[columns]) {
            *predecessor = if *above == skipped { S::narrow(before) } else { *above };
        }
    }

    /// The first sites on ways down over something that hangs on the source, or on a wide link beside it.
    #[inline(always)]
    fn first_below(&self, child: Vertex, row: &mut Row<K, S>) {
        let all = self.all;
        let mut fill = |site: Vertex| {
            let columns = self.columns.below(&all.trees, site);
            row.next_hops[columns].fill(S::narrow(site));
        };
        match all.graph.is_site(child) {
            true => fill(child),
            false => all.trees.children(child).iter().for_each(|site| fill(*site)),
        }
    }

    #[inline(always)]
    fn narrow(&self, key: Key) -> K {
        K::narrow(key, self.scale.as_ref()).expect("depths fit")
    }
}

impl<K: RowKey, S: RowSite> Row<K, S> {
    fn new(sites: usize) -> Row<K, S> {
        Row {
            keys: vec![K::FAR; sites],
            next_hops: vec![S::NONE; sites],
            predecessors: vec![S::NONE; sites],
        }
    }

    /// Has no effect on a row of this many sites.
    fn resize(&mut self, sites: usize) {
        self.keys.resize(sites, K::FAR);
        self.next_hops.resize(sites, S::NONE);
        self.predecessors.resize(sites, S::NONE);
    }

    /// Nothing there can be reached.
    #[inline(always)]
    fn clear(&mut self, columns: Range<usize>) {
        self.keys[columns.clone()].fill(K::FAR);
        self.next_hops[columns.clone()].fill(S::NONE);
        self.predecessors[columns].fill(S::NONE);
    }

    /// By column, keys that [`Rows::cost`] reads; they compare as cost and hops do.
    pub fn keys(&self) -> &[K] {
        &self.keys
    }

    /// By column, the first site on the best path. O(1).
    pub fn next_hop(&self, column: usize) -> Option<SiteIdx> {
        self.next_hops[column].widen().map(SiteIdx::from_raw)
    }

    /// By column, the last site before it. O(1).
    pub fn predecessor(&self, column: usize) -> Option<SiteIdx> {
        self.predecessors[column].widen().map(SiteIdx::from_raw)
    }
}
