//! Best paths between all sites at once, without writing them down.
//!
//! A table of 10,000 sites has 10⁸ entries, and most of them say the same: mail of a branch goes to its hub first. So this
//! keeps what is different. Three things are taken off the graph of sites and links, one after the other:
//!
//! * a link of three or more sites is a vertex of its own, half a link away from each of them (`graph`);
//! * what hangs on the rest by one edge, and what hangs on that: trees (`trees`);
//! * sites and links with two neighbours: chains between those that are left (`chains`).
//!
//! For what is left, the kernel, there are tables (`kernel`), found by an order of elimination (`elimination`) sixteen sources at a
//! time (`tiles`) with the widest vectors that the processor has (`lanes`), in large pages (`pages`). An answer about two sites is put together from the table and
//! from where each of them hangs: at most two ends of a chain, so at most four entries.
//!
//! What is best is local (RT-2.2). `(cost, hops)` adds along paths and every link costs something, so the site before a
//! destination is the lowest-named of those beside it that lie on paths of the least cost and hops; the path to that site is
//! best itself. Where a site's own two ways are equally good, the next hop is found by going back from the destination until
//! they are not.
//!
//! Whole rows (`rows`) are made without asking about every pair: sources that hang on one vertex see the rest alike.
//!
//! This layer must not know servers, hub sites or connectors: those are the business of who asks.

mod base;
mod chains;
mod columns;
mod elimination;
mod entries;
mod graph;
mod kernel;
mod lanes;
mod pages;
mod rows;
mod scale;
mod tiles;
mod trees;

use smallvec::SmallVec;

use self::chains::{Chains, KernelAt, Spot};
use self::entries::BEYOND;
use self::graph::{FAR, Graph, Key, NONE, Packing, Vertex};
use self::kernel::Kernel;
use self::lanes::Width;
pub use self::rows::{Row, RowKey, RowSite, Rows};
use self::trees::Trees;
use super::site_search::PathCost;
use crate::graph::CompactSites;
use crate::model::SiteIdx;

/// Best paths between all sites: cost, hops, first and last steps by the rules of RT-2.2, as [`site_search`] finds them
/// from one site.
///
/// [`site_search`]: super::site_search
#[derive(Debug)]
pub struct AllPairs {
    graph: Graph,
    packing: Packing,
    trees: Trees,
    chains: Chains,
    kernel: Kernel,
}

/// A way from a vertex into the kernel.
#[derive(Clone, Copy, Debug)]
struct Way {
    to: KernelAt,
    key: Key,
    /// The last site on it before its end; [`NONE`] when it begins there.
    last: Vertex,
}

impl AllPairs {
    /// The tables of an organization. `None` when the costs of its links are so great that a path over all sites at the dearest cost
    /// does not fit into 62 bits beside its hops: 50,000 sites have room for costs below 2²⁷. Then there is [`site_search`].
    ///
    /// O(k² (w + m/k) + memberships), where the kernel has k vertices, m ways between them, and w neighbours of each when it is eliminated; memory
    /// O(k² + memberships).
    ///
    /// [`site_search`]: super::site_search
    pub fn new(sites: &CompactSites) -> Option<AllPairs> {
        let (graph, packing) = Graph::new(sites)?;
        let trees = Trees::new(&graph);
        let mut chains = Chains::new(&graph, &trees);
        let kernel = Kernel::new(&graph, packing, &mut chains, Width::best());
        Some(AllPairs {
            graph,
            packing,
            trees,
            chains,
            kernel,
        })
    }

    /// How many sites and wide links are left in the kernel: the work and the memory are about its square.
    pub fn kernel_size(&self) -> usize {
        self.chains.kernel.len()
    }

    /// What makes whole rows, with keys of 32 or 64 bits and sites of 16 or 32. `None` when costs and hops may be too great for the
    /// keys, or there are too many sites. O(edges log edges).
    pub fn rows<K: RowKey, S: RowSite>(&self) -> Option<Rows<'_, K, S>> {
        Rows::new(self, Width::best())
    }

    /// Cost and hops of the best path; `None` when there is none. O(1).
    pub fn cost(&self, from: SiteIdx, to: SiteIdx) -> Option<PathCost> {
        let key = self.key(from.raw(), to.raw());
        (key < FAR).then(|| self.packing.unpack(key))
    }

    /// The site just before `to` on the best path; `None` when there is no path, or none is needed. O(log of the links of one
    /// site).
    pub fn predecessor(&self, from: SiteIdx, to: SiteIdx) -> Option<SiteIdx> {
        (from != to && self.key(from.raw(), to.raw()) < FAR)
            .then(|| SiteIdx::from_raw(self.before(from.raw(), to.raw())))
    }

    /// The first site behind `from` on the best path; `None` when there is no path, or none is needed. As
    /// [`AllPairs::predecessor`], but where `from` has two links and both are as good: then O(hops of that).
    pub fn next_hop(&self, from: SiteIdx, to: SiteIdx) -> Option<SiteIdx> {
        if from == to || self.key(from.raw(), to.raw()) >= FAR {
            return None;
        }
        let (from, mut to) = (from.raw(), to.raw());
        loop {
            if let Some(first) = self.behind(from, from, to) {
                return Some(SiteIdx::from_raw(first));
            }
            let before = self.before(from, to);
            if before == from {
                return Some(SiteIdx::from_raw(to));
            }
            to = before;
        }
    }

    /// All sites of the best path, both ends among them; `None` when there is none. O(hops) predecessors.
    pub fn path(&self, from: SiteIdx, to: SiteIdx) -> Option<Vec<SiteIdx>> {
        self.cost(from, to)?;
        let mut path = vec![to];
        while let Some(before) = self.predecessor(from, path[path.len() - 1]) {
            path.push(before);
        }
        path.reverse();
        Some(path)
    }

    /// The key of the best path between two vertices, [`FAR`] or more when there is none.
    fn key(&self, from: Vertex, to: Vertex) -> Key {
        let (root, other) = (self.trees.root(from), self.trees.root(to));
        let up = self.trees.depth(from) + self.trees.depth(to);
        if root == other {
            return up - 2 * self.trees.depth(self.trees.common(from, to));
        }
        let direct = match (self.chains.spot(root), self.chains.spot(other)) {
            (
                Spot::Chain { chain, from_first, .. },
                Spot::Chain {
                    chain: beside,
                    from_first: onward,
                    ..
                },
            ) if chain == beside => up + from_first.abs_diff(onward),
            _ => FAR,
        };
        let ways = self.ways(to);
        let over = self
            .ways(from)
            .into_iter()
            .map(|way| self.arrival(way.to, &ways) + way.key);
        over.fold(direct, Key::min)
    }

    /// The key of the best path from a vertex of the kernel by one of these ways out of it.
    fn arrival(&self, from: KernelAt, ways: &[Way]) -> Key {
        let keys = ways.iter().map(|way| self.kernel.key(from, way.to) + way.key);
        keys.fold(FAR, Key::min)
    }

    /// The ways from a vertex into the kernel: one, or two from a chain.
    fn ways(&self, vertex: Vertex) -> SmallVec<[Way; 2]> {
        let root = self.trees.root(vertex);
        let depth = self.trees.depth(vertex);
        let own = || match vertex == root {
            true => NONE,
            false => self.site_below(root, vertex),
        };
        match self.chains.spot(root) {
            Spot::Kernel(to) => SmallVec::from_iter([Way {
                to,
                key: depth,
                last: own(),
            }]),
            Spot::Chain { chain, from_first, .. } => {
                let entry = &self.chains.chains[chain as usize];
                // From each end back: its first vertex if that is a site, the second, or what hangs on the root before that.
                let last = |side: usize| {
                    let mut inner = self.chains.seen_from(chain, side).take(2);
                    let next = inner.next().expect("the root is in it");
                    match self.graph.is_site(next) {
                        true => next,
                        false if next == root => own(),
                        false => inner.next().expect("the root is behind it"),
                    }
                };
                SmallVec::from_iter([
                    Way {
                        to: entry.ends[0],
                        key: depth + from_first,
                        last: last(0),
                    },
                    Way {
                        to: entry.ends[1],
                        key: depth + entry.length - from_first,
                        last: last(1),
                    },
                ])
            }
            Spot::Tree => unreachable!("roots hang on nothing"),
        }
    }

    /// The first site on the way from a vertex down to `low`, which hangs below it.
    fn site_below(&self, high: Vertex, low: Vertex) -> Vertex {
        let child = self.trees.child_towards(high, low);
        match self.graph.is_site(child) || child == low {
            true => child,
            false => self.trees.child_towards(child, low),
        }
    }

    /// The site before `to` on the best path from another vertex. There is one.
    fn before(&self, from: Vertex, to: Vertex) -> Vertex {
        if self.trees.is_below(from, to) {
            return self.site_below(to, from);
        }
        if let Some(above) = self.trees.parent(to) {
            return self.or_before(from, above);
        }
        match self.chains.spot(to) {
            Spot::Kernel(at) => self.before_kernel(from, at),
            Spot::Chain { .. } => {
                let [first, second] = self.sides(from, to);
                first
                    .into_iter()
                    .chain(second)
                    .min()
                    .expect("there is a path, and it comes from a side")
            }
            Spot::Tree => unreachable!("it hangs on nothing"),
        }
    }

    /// A vertex beside a destination, or if that is a wide link, the site before it.
    fn or_before(&self, from: Vertex, beside: Vertex) -> Vertex {
        match self.graph.is_site(beside) {
            true => beside,
            false => self.before(from, beside),
        }
    }

    fn before_kernel(&self, from: Vertex, at: KernelAt) -> Vertex {
        let ways = self.ways(from);
        let keys = ways.iter().map(|way| way.key + self.kernel.key(way.to, at));
        let best = keys.clone().min().expect("there is a way");
        let tied = ways.iter().zip(keys).filter(|(_, key)| *key == best);
        let last = tied.map(|(way, _)| match self.kernel.before(way.to, at) {
            _ if way.to == at => way.last,
            BEYOND => way.last,
            last => last,
        });
        last.min().expect("one of them is best")
    }

    /// For a vertex of a chain: the site before it, coming from its first and from its second neighbour, where the best path from
    /// another vertex, which hangs elsewhere, may come from there.
    fn sides(&self, from: Vertex, to: Vertex) -> [Option<Vertex>; 2] {
        let Spot::Chain { chain, at, .. } = self.chains.spot(to) else {
            unreachable!("it is a vertex of a chain")
        };
        let are_best = self.are_best(to, from);
        let neighbours = self.chains.beside(chain, at);
        [0, 1].map(|side| are_best[side].then(|| self.or_before(from, neighbours[side])))
    }

    /// Whether best paths between a vertex of a chain and another one, which hangs elsewhere, go over its first and over its
    /// second neighbour.
    fn are_best(&self, inner: Vertex, other: Vertex) -> [bool; 2] {
        let Spot::Chain { chain, from_first, .. } = self.chains.spot(inner) else {
            unreachable!("it is a vertex of a chain")
        };
        let entry = &self.chains.chains[chain as usize];
        let ways = self.ways(other);
        let mut keys = [
            self.arrival(entry.ends[0], &ways) + from_first,
            self.arrival(entry.ends[1], &ways) + entry.length - from_first,
        ];
        if let Spot::Chain {
            chain: beside,
            from_first: there,
            ..
        } = self.chains.spot(self.trees.root(other))
            && beside == chain
        {
            let side = usize::from(there > from_first);
            keys[side] = keys[side].min(self.trees.depth(other) + there.abs_diff(from_first));
        }
        let best = keys[0].min(keys[1]);
        keys.map(|key| key == best)
    }

    /// The first site behind `from` on the best path from a source, which goes over `from`, to another site; `None`: two ways are
    /// as good, and the destination does not tell which it is.
    fn behind(&self, source: Vertex, from: Vertex, to: Vertex) -> Option<Vertex> {
        if self.trees.is_below(to, from) {
            return Some(self.site_below(from, to));
        }
        match self.trees.parent(from) {
            Some(above) => self.or_behind(source, above, to),
            None => self.behind_root(source, from, to),
        }
    }

    /// A vertex beside one on the path, or if that is a wide link, the site behind it.
    fn or_behind(&self, source: Vertex, beside: Vertex, to: Vertex) -> Option<Vertex> {
        match self.graph.is_site(beside) {
            true => Some(beside),
            false => self.behind(source, beside, to),
        }
    }

    /// The same for what hangs on nothing, and a destination that does not hang on it.
    fn behind_root(&self, source: Vertex, from: Vertex, to: Vertex) -> Option<Vertex> {
        let at = match self.chains.spot(from) {
            Spot::Kernel(at) => at,
            Spot::Chain { chain, at, .. } => {
                let [first, second] = self.are_best(from, to);
                let neighbours = self.chains.beside(chain, at);
                return (first != second).then(|| self.or_behind(source, neighbours[usize::from(second)], to))?;
            }
            Spot::Tree => unreachable!("it hangs on nothing"),
        };
        let root = self.trees.root(to);
        match self.chains.spot(root) {
            Spot::Kernel(end) => Some(match self.kernel.behind(at, end)? {
                // The root is a wide link beside the source.
                BEYOND => self.site_below(root, to),
                first => first,
            }),
            Spot::Chain { chain, .. } => {
                // The lower of the two sites before the root tells from which end it is reached.
                let side = match self.sides(source, root) {
                    [Some(first), Some(second)] => usize::from(second < first),
                    [first, _] => usize::from(first.is_none()),
                };
                let end = self.chains.chains[chain as usize].ends[side];
                let first = match end == at {
                    true => BEYOND,
                    false => self.kernel.behind(at, end)?,
                };
                Some(match first {
                    // The end is the source, or a wide link beside it: what is behind the end comes first.
                    BEYOND => self.entered_at(chain, side, root, to),
                    first => first,
                })
            }
            Spot::Tree => unreachable!("roots hang on nothing"),
        }
    }

    /// The first site behind an end of a chain on the way to a vertex that hangs on a root in it.
    fn entered_at(&self, chain: u32, side: usize, root: Vertex, to: Vertex) -> Vertex {
        let mut inner = self.chains.seen_from(chain, side);
        let next = inner.next().expect("the root is in it");
        if self.graph.is_site(next) {
            next
        } else if next == root {
            self.site_below(root, to)
        } else {
            inner.next().expect("the root is behind it")
        }
    }
}
