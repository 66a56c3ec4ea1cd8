//! Least-cost paths between sites (RT-2.2), from one site to all others.
//!
//! Two things make it quick on links with thousands of members. A site link is popped from the queue once, not once a
//! pair: the first of its sites to be reached offers the link to all others at one cost. And the name rule never enters
//! the queue: `(cost, hops)` grows strictly along every path, so the path that compares lowest backwards from the
//! destination is found by taking, at every site, the lowest-named predecessor among those that are equally good. The
//! path to that predecessor is best itself.
//!
//! Besides the path the search tells whether another path of the same cost, or of the same cost and hops, exists. That
//! is what `decided_by` needs, and counting it here is cheaper than asking again.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use fixedbitset::FixedBitSet;
use oxc_index::IndexVec;
use smallvec::SmallVec;

use crate::graph::CompactSites;
use crate::model::{Cost, SiteIdx, SiteLinkIdx};

/// Cost and hops of a path, compared in this order. Both grow along every path, since no cost is below 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathCost {
    /// Sum of effective link costs.
    pub cost: Cost,
    /// Site links crossed.
    pub hops: u32,
}

/// Which criterion singled out a path between sites (contract, `decided_by`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteClause {
    /// No other path costs as little.
    Cost,
    /// No other path of that cost is as short.
    Hops,
    /// The names, compared backwards from the destination.
    Name,
}

/// Best paths from one site to every other.
#[derive(Clone, Debug)]
pub struct SiteTree {
    source: SiteIdx,
    reached: IndexVec<SiteIdx, Reached>,
    /// Reached sites in order of (cost, hops), the source first.
    order: Vec<SiteIdx>,
}

#[derive(Clone, Copy, Debug)]
struct Reached {
    key: PathCost,
    /// The site before this one on the best path, and the link between: the lowest name, then the lowest link.
    before: SiteIdx,
    via: SiteLinkIdx,
    settled: bool,
    /// Another path has the same cost.
    cost_tied: bool,
    /// Another path has the same cost and hops.
    hops_tied: bool,
}

/// A site link while the search runs.
#[derive(Clone, Copy, Debug)]
struct Offered {
    /// The lowest-named site among those that reach the link at the lowest key, and that key.
    by: SiteIdx,
    key: PathCost,
    open: bool,
    /// Several sites reach it at that cost.
    cost_tied: bool,
    /// Several sites reach it at that cost and those hops.
    hops_tied: bool,
}

/// Searches from `source`; sites in `closed` are not entered, if it is given.
///
/// Source: RT-2.2. O(memberships + links log links).
pub fn search(sites: &CompactSites, source: SiteIdx, closed: Option<&FixedBitSet>) -> SiteTree {
    // Links wait in the queue as one number. It fits in 64 bits for every organization of ordinary costs.
    let layout = Layout::new(sites);
    if layout.bits() <= u64::BITS {
        run::<u64>(sites, source, closed, layout)
    } else {
        run::<u128>(sites, source, closed, layout)
    }
}

/// Where cost, hops and link stand in a number that orders by the three in turn.
#[derive(Clone, Copy)]
struct Layout {
    cost_bits: u32,
    hop_bits: u32,
    link_bits: u32,
}

impl Layout {
    /// No path that is queued has more hops than there are sites, nor costs more than as many of the dearest links.
    fn new(sites: &CompactSites) -> Layout {
        let bits = |n: u64| u64::BITS - n.leading_zeros();
        let hops = sites.sites() as u64;
        Layout {
            cost_bits: bits(hops.saturating_mul(u64::from(sites.dearest()))),
            hop_bits: bits(hops),
            link_bits: bits(sites.links() as u64),
        }
    }

    fn bits(self) -> u32 {
        self.cost_bits + self.hop_bits + self.link_bits
    }
}

/// A number wide enough for a [`Layout`].
trait Queued: Copy + Ord {
    fn pack(layout: Layout, key: PathCost, link: SiteLinkIdx) -> Self;
    fn unpack(self, layout: Layout) -> (PathCost, SiteLinkIdx);
}

macro_rules! queued {
    ($($number:ty),*) => {$(
        impl Queued for $number {
            fn pack(layout: Layout, key: PathCost, link: SiteLinkIdx) -> Self {
                let upper = (<$number>::from(key.cost) << layout.hop_bits) | <$number>::from(key.hops);
                (upper << layout.link_bits) | <$number>::from(link.raw())
            }

            #[expect(clippy::cast_possible_truncation, reason = "each part is masked to the bits it was given")]
            fn unpack(self, layout: Layout) -> (PathCost, SiteLinkIdx) {
                let part = |number: $number, bits: u32| number & ((1 << bits) - 1);
                let link = part(self, layout.link_bits) as u32;
                let upper = self >> layout.link_bits;
                let key = PathCost {
                    cost: (upper >> layout.hop_bits) as Cost,
                    hops: part(upper, layout.hop_bits) as u32,
                };
                (key, SiteLinkIdx::from_raw(link))
            }
        }
    )*};
}

queued!(u64, u128);

fn run<Q: Queued>(sites: &CompactSites, source: SiteIdx, closed: Option<&FixedBitSet>, layout: Layout) -> SiteTree {
    let nobody = Reached {
        key: PathCost::default(),
        before: source,
        via: SiteLinkIdx::from_usize(0),
        settled: false,
        cost_tied: false,
        hops_tied: false,
    };
    let unopened = Offered {
        by: source,
        key: PathCost::default(),
        open: false,
        cost_tied: false,
        hops_tied: false,
    };
    let mut search = Search::<Q> {
        sites,
        layout,
        reached: IndexVec::from_vec(vec![nobody; sites.sites()]),
        offered: IndexVec::from_vec(vec![unopened; sites.links()]),
        queue: BinaryHeap::with_capacity(sites.links()),
        order: Vec::with_capacity(sites.sites()),
    };
    search.settle(source, PathCost::default());
    while let Some(Reverse(next)) = search.queue.pop() {
        let (key, link) = next.unpack(layout);
        search.cross(link, key, closed);
    }
    let Search { mut reached, order, .. } = search;
    // A path is tied if its last step is, or the path to its last step. `order` ascends, so predecessors come first.
    for site in order.iter().skip(1) {
        let before = reached[reached[*site].before];
        reached[*site].cost_tied |= before.cost_tied;
        reached[*site].hops_tied |= before.hops_tied;
    }
    SiteTree { source, reached, order }
}

struct Search<'a, Q> {
    sites: &'a CompactSites,
    layout: Layout,
    reached: IndexVec<SiteIdx, Reached>,
    offered: IndexVec<SiteLinkIdx, Offered>,
    /// Links by the cost and hops of what lies behind them.
    queue: BinaryHeap<Reverse<Q>>,
    order: Vec<SiteIdx>,
}

impl<Q: Queued> Search<'_, Q> {
    /// `site` is reached at `key`, and offers its links to their other sites.
    fn settle(&mut self, site: SiteIdx, key: PathCost) {
        self.reached[site].key = key;
        self.reached[site].settled = true;
        self.order.push(site);
        for link in self.sites.links_of(site) {
            let offered = &mut self.offered[*link];
            if !offered.open {
                *offered = Offered {
                    by: site,
                    key,
                    open: true,
                    cost_tied: false,
                    hops_tied: false,
                };
                let behind = PathCost {
                    cost: key.cost + Cost::from(self.sites.cost(*link)),
                    hops: key.hops + 1,
                };
                self.queue.push(Reverse(Q::pack(self.layout, behind, *link)));
            } else if key.cost == offered.key.cost {
                // The first offer had the least hops, since sites settle in that order.
                offered.cost_tied = true;
                if key.hops == offered.key.hops {
                    offered.hops_tied = true;
                    offered.by = offered.by.min(site);
                }
            }
        }
    }

    /// Everything that reaches `link` at its lowest cost has done so: its sites can be reached over it at `key`.
    fn cross(&mut self, link: SiteLinkIdx, key: PathCost, closed: Option<&FixedBitSet>) {
        let offer = self.offered[link];
        for site in self.sites.members(link) {
            if closed.is_some_and(|closed| closed.contains(site.index())) {
                continue;
            }
            let reached = &mut self.reached[*site];
            if !reached.settled {
                reached.before = offer.by;
                reached.via = link;
                reached.cost_tied = offer.cost_tied;
                reached.hops_tied = offer.hops_tied;
                self.settle(*site, key);
            } else if reached.key.cost == key.cost {
                // Parallel links from one predecessor are one path (D7).
                let other_site = offer.by != reached.before;
                reached.cost_tied |= offer.cost_tied || other_site;
                if reached.key.hops == key.hops {
                    reached.hops_tied |= offer.hops_tied || other_site;
                    // RT-2.2 step 3, then the lowest name among parallel links.
                    if (offer.by, link) < (reached.before, reached.via) {
                        reached.before = offer.by;
                        reached.via = link;
                    }
                }
            }
        }
    }
}

impl SiteTree {
    /// Where the search started.
    pub fn source(&self) -> SiteIdx {
        self.source
    }

    /// Cost and hops of the best path; `None` when there is no path. O(1).
    pub fn cost(&self, site: SiteIdx) -> Option<PathCost> {
        let reached = &self.reached[site];
        reached.settled.then_some(reached.key)
    }

    /// Reached sites in order of (cost, hops), the source first.
    pub fn order(&self) -> &[SiteIdx] {
        &self.order
    }

    /// The step before `site` on its best path; `None` at the source and where there is no path. O(1).
    pub fn before(&self, site: SiteIdx) -> Option<(SiteIdx, SiteLinkIdx)> {
        let reached = &self.reached[site];
        (reached.settled && site != self.source).then_some((reached.before, reached.via))
    }

    /// What singled out the best path. Meaningful where there is one. O(1).
    pub fn decided_by(&self, site: SiteIdx) -> SiteClause {
        let reached = &self.reached[site];
        match (reached.cost_tied, reached.hops_tied) {
            (_, true) => SiteClause::Name,
            (true, false) => SiteClause::Hops,
            (false, false) => SiteClause::Cost,
        }
    }

    /// The best path, both ends included, and the links it crosses; `None` when there is none. O(length).
    pub fn path(&self, site: SiteIdx) -> Option<SitePath> {
        self.cost(site)?;
        let mut path = SitePath {
            sites: SmallVec::from_slice(&[site]),
            links: SmallVec::new(),
        };
        let mut at = site;
        while let Some((before, via)) = self.before(at) {
            path.sites.push(before);
            path.links.push(via);
            at = before;
        }
        path.sites.reverse();
        path.links.reverse();
        Some(path)
    }
}

/// A path between sites: `links[i]` joins `sites[i]` and `sites[i + 1]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SitePath {
    /// From the source to the destination; at least one.
    pub sites: SmallVec<[SiteIdx; 8]>,
    /// One less than there are sites.
    pub links: SmallVec<[SiteLinkIdx; 8]>,
}

impl SitePath {
    /// Where it ends.
    pub fn destination(&self) -> SiteIdx {
        self.sites[self.sites.len() - 1]
    }
}
