//! Least-cost paths between sites (RT-2.2), from one site to all others.
//!
//! Two things make it quick on links with thousands of members. Such a link is popped from the queue once, not once a
//! pair: the first of its sites to be reached offers the link to all others at one cost. (A link of two sites is a step
//! from the one to the other: the other waits in the queue, and only when it has not been offered anything as good.) And
//! the name rule never enters the queue: `(cost, hops)` grows strictly along every path, so the path that compares lowest
//! backwards from the destination is found by taking, at every site, the lowest-named predecessor among those that are
//! equally good. The path to that predecessor is best itself.
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

/// The best that a site has been offered. The parts of its key stand apart, which saves a quarter of the size.
#[derive(Clone, Copy, Debug)]
struct Reached {
    /// [`NOT_REACHED`] before the first offer.
    cost: Cost,
    hops: u32,
    /// The site before this one on the best path, and the link between: the lowest name, then the lowest link.
    before: SiteIdx,
    via: SiteLinkIdx,
    /// Another path has the same cost.
    cost_tied: bool,
    /// Another path has the same cost and hops.
    hops_tied: bool,
}

/// More than any path costs.
const NOT_REACHED: Cost = Cost::MAX;

/// What the sites that can be reached over a link are offered.
#[derive(Clone, Copy, Debug)]
struct Offer {
    /// The lowest-named site among those that offer it at the lowest key, and that key with the link behind it.
    by: SiteIdx,
    key: PathCost,
    /// Several sites offer it at that cost.
    cost_tied: bool,
    /// Several sites offer it at that cost and those hops.
    hops_tied: bool,
}

/// Searches from `source`; sites in `closed` are not entered, if it is given.
///
/// Source: RT-2.2. O(memberships log memberships).
pub fn search(sites: &CompactSites, source: SiteIdx, closed: Option<&FixedBitSet>) -> SiteTree {
    // What waits in the queue is one number. It fits in 64 bits for every organization of ordinary costs.
    let layout = Layout::new(sites);
    if layout.bits() <= u64::BITS {
        run::<u64>(sites, source, closed, layout)
    } else {
        run::<u128>(sites, source, closed, layout)
    }
}

/// Where cost, hops and what waits stand in a number that orders by the three in turn.
#[derive(Clone, Copy)]
struct Layout {
    cost_bits: u32,
    hop_bits: u32,
    waiting_bits: u32,
}

impl Layout {
    /// No path that is queued has more hops than there are sites, nor costs more than as many of the dearest links.
    fn new(sites: &CompactSites) -> Layout {
        let bits = |n: u64| u64::BITS - n.leading_zeros();
        let hops = sites.sites() as u64;
        Layout {
            cost_bits: bits(hops.saturating_mul(u64::from(sites.dearest()))),
            hop_bits: bits(hops),
            waiting_bits: bits((sites.sites() + sites.wide().len()) as u64),
        }
    }

    fn bits(self) -> u32 {
        self.cost_bits + self.hop_bits + self.waiting_bits
    }
}

/// A number wide enough for a [`Layout`]. What waits is a site, or behind all sites the position of a wide link.
trait Queued: Copy + Ord {
    fn pack(layout: Layout, key: PathCost, waiting: u32) -> Self;
    fn unpack(self, layout: Layout) -> (PathCost, u32);
}

macro_rules! queued {
    ($($number:ty),*) => {$(
        impl Queued for $number {
            fn pack(layout: Layout, key: PathCost, waiting: u32) -> Self {
                let upper = (<$number>::from(key.cost) << layout.hop_bits) | <$number>::from(key.hops);
                (upper << layout.waiting_bits) | <$number>::from(waiting)
            }

            #[expect(clippy::cast_possible_truncation, reason = "each part is masked to the bits it was given")]
            fn unpack(self, layout: Layout) -> (PathCost, u32) {
                let part = |number: $number, bits: u32| number & ((1 << bits) - 1);
                let waiting = part(self, layout.waiting_bits) as u32;
                let upper = self >> layout.waiting_bits;
                let key = PathCost {
                    cost: (upper >> layout.hop_bits) as Cost,
                    hops: part(upper, layout.hop_bits) as u32,
                };
                (key, waiting)
            }
        }
    )*};
}

queued!(u64, u128);

fn run<Q: Queued>(sites: &CompactSites, source: SiteIdx, closed: Option<&FixedBitSet>, layout: Layout) -> SiteTree {
    let nobody = Reached {
        cost: NOT_REACHED,
        hops: 0,
        before: source,
        via: SiteLinkIdx::from_usize(0),
        cost_tied: false,
        hops_tied: false,
    };
    let mut search = Search::<Q> {
        sites,
        first_wide: u32::try_from(sites.sites()).expect("sites are counted in 32 bits"),
        closed,
        layout,
        reached: IndexVec::from_vec(vec![nobody; sites.sites()]),
        wide: vec![None; sites.wide().len()],
        queue: BinaryHeap::with_capacity(sites.sites()),
        order: Vec::with_capacity(sites.sites()),
    };
    search.reached[source].cost = 0;
    search.settle(source, PathCost::default());
    while let Some(Reverse(next)) = search.queue.pop() {
        let (key, waiting) = next.unpack(layout);
        if let Some(wide) = waiting.checked_sub(search.first_wide) {
            search.cross(wide, key);
        } else {
            let site = SiteIdx::from_raw(waiting);
            // Otherwise it was offered something better since, and has settled.
            if search.reached[site].key() == key {
                search.settle(site, key);
            }
        }
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
    /// Sites are numbered from 0 in the queue, wide links from where sites end.
    first_wide: u32,
    closed: Option<&'a FixedBitSet>,
    layout: Layout,
    reached: IndexVec<SiteIdx, Reached>,
    /// What each wide link offers, once one of its sites is reached.
    wide: Vec<Option<Offer>>,
    /// Sites and wide links by cost and hops: of the site, or of what lies behind the link.
    queue: BinaryHeap<Reverse<Q>>,
    order: Vec<SiteIdx>,
}

impl<Q: Queued> Search<'_, Q> {
    /// `site` is reached at `key`, and offers its links to their other sites.
    fn settle(&mut self, site: SiteIdx, key: PathCost) {
        self.order.push(site);
        let sites = self.sites;
        for step in sites.steps_from(site) {
            let offer = Offer::by(site, key, step.cost);
            if self.offer(step.to, step.link, offer) {
                self.queue.push(Reverse(Q::pack(self.layout, offer.key, step.to.raw())));
            }
        }
        for at in sites.wide_links_of(site) {
            let offer = Offer::by(site, key, sites.cost(sites.wide()[*at as usize]));
            match &mut self.wide[*at as usize] {
                None => {
                    self.wide[*at as usize] = Some(offer);
                    self.queue
                        .push(Reverse(Q::pack(self.layout, offer.key, self.first_wide + at)));
                }
                // The first offer had the least hops, since sites settle in that order.
                Some(held) if held.key.cost == offer.key.cost => {
                    held.cost_tied = true;
                    if held.key.hops == offer.key.hops {
                        held.hops_tied = true;
                        held.by = held.by.min(site);
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// Everything that reaches a wide link at its lowest cost has done so: its sites can be reached over it at `key`.
    fn cross(&mut self, wide: u32, key: PathCost) {
        let link = self.sites.wide()[wide as usize];
        let Some(offer) = self.wide[wide as usize] else { return };
        for site in self.sites.members(link) {
            // Nothing that waits is better, so it need not wait.
            if self.offer(*site, link, offer) {
                self.settle(*site, key);
            }
        }
    }

    /// Whether the offer is better than all that `site` had. If it is as good, names decide.
    fn offer(&mut self, site: SiteIdx, via: SiteLinkIdx, offer: Offer) -> bool {
        let reached = &mut self.reached[site];
        if offer.key.cost > reached.cost || self.closed.is_some_and(|closed| closed.contains(site.index())) {
            return false;
        }
        let as_cheap = offer.key.cost == reached.cost;
        if !as_cheap || offer.key.hops < reached.hops {
            *reached = Reached {
                cost: offer.key.cost,
                hops: offer.key.hops,
                before: offer.by,
                via,
                cost_tied: offer.cost_tied || as_cheap,
                hops_tied: offer.hops_tied,
            };
            return true;
        }
        // Parallel links from one predecessor are one path (D7).
        let other_site = offer.by != reached.before;
        reached.cost_tied |= offer.cost_tied || other_site;
        if offer.key.hops == reached.hops {
            reached.hops_tied |= offer.hops_tied || other_site;
            // RT-2.2 step 3, then the lowest name among parallel links.
            if (offer.by, via) < (reached.before, reached.via) {
                reached.before = offer.by;
                reached.via = via;
            }
        }
        false
    }
}

impl Offer {
    fn by(site: SiteIdx, key: PathCost, cost: u32) -> Offer {
        Offer {
            by: site,
            key: PathCost {
                cost: key.cost + Cost::from(cost),
                hops: key.hops + 1,
            },
            cost_tied: false,
            hops_tied: false,
        }
    }
}

impl Reached {
    fn key(&self) -> PathCost {
        PathCost {
            cost: self.cost,
            hops: self.hops,
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
        (reached.cost != NOT_REACHED).then(|| reached.key())
    }

    /// Reached sites in order of (cost, hops), the source first.
    pub fn order(&self) -> &[SiteIdx] {
        &self.order
    }

    /// The step before `site` on its best path; `None` at the source and where there is no path. O(1).
    pub fn before(&self, site: SiteIdx) -> Option<(SiteIdx, SiteLinkIdx)> {
        let reached = &self.reached[site];
        (reached.cost != NOT_REACHED && site != self.source).then_some((reached.before, reached.via))
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
