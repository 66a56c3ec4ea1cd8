//! Sites and wide links as the vertices of one simple graph with packed keys.

use crate::graph::CompactSites;
use crate::model::SiteIdx;
use crate::route::site_search::PathCost;

/// A site, by its index, or behind all sites a wide link, by its position among those.
pub(super) type Vertex = u32;

/// No vertex.
pub(super) const NONE: Vertex = Vertex::MAX;

/// Cost and hops of half a path between sites in one number, so that a step from a site into a wide link is one, and out of
/// it another: it adds along paths and compares as (cost, hops) does.
pub(super) type Key = u64;

/// No path. Two of them can be added.
pub(super) const FAR: Key = Key::MAX / 4;

/// How keys are packed: hops are in the lower bits, doubled; costs above, doubled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packing {
    hop_bits: u32,
}

impl Packing {
    /// Room for the hops and the costs of a path over every site; `None` when the costs are too great for that.
    fn new(sites: u64, dearest: u32) -> Option<Packing> {
        let hop_bits = u64::BITS - (2 * sites).leading_zeros();
        // No path is as dear as one over every site and the dearest link each time.
        let dearest = sites.checked_mul(2 * u64::from(dearest))?;
        let room = u64::BITS - (FAR - 1).leading_zeros();
        let bits = u64::BITS - dearest.leading_zeros() + hop_bits;
        (bits < room).then_some(Packing { hop_bits })
    }

    /// The key of half a link.
    fn half(self, cost: u32) -> Key {
        (Key::from(cost) << self.hop_bits) | 1
    }

    /// Twice the cost and twice the hops.
    pub(super) fn parts(self, key: Key) -> (u64, u64) {
        (key >> self.hop_bits, key & ((1 << self.hop_bits) - 1))
    }

    /// The key of twice a cost and twice as many hops.
    pub(super) fn pack(self, cost: u64, hops: u64) -> Key {
        cost << self.hop_bits | hops
    }

    /// Of a path between sites.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "hops are masked to bits that hold no more than 2 * sites"
    )]
    pub(super) fn unpack(self, key: Key) -> PathCost {
        let (cost, hops) = self.parts(key);
        PathCost {
            cost: cost / 2,
            hops: (hops / 2) as u32,
        }
    }
}

/// An edge as one of its ends sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arc {
    pub(super) to: Vertex,
    pub(super) key: Key,
}

/// Every vertex with its neighbours, each once, ascending.
#[derive(Debug)]
pub(super) struct Graph {
    sites: u32,
    start: Vec<u32>,
    arcs: Vec<Arc>,
}

impl Graph {
    /// Of links between the same two sites the cheapest is left; `None` when keys are too small for the costs.
    /// O(memberships log degree).
    pub(super) fn new(compact: &CompactSites) -> Option<(Graph, Packing)> {
        let packing = Packing::new(compact.sites() as u64, compact.dearest())?;
        let sites = u32::try_from(compact.sites()).expect("sites are counted in 32 bits");
        let mut graph = Graph {
            sites,
            start: vec![0],
            arcs: Vec::new(),
        };
        let mut own: Vec<Arc> = Vec::new();
        for site in (0..compact.sites()).map(SiteIdx::from_usize) {
            own.clear();
            own.extend(compact.steps_from(site).iter().map(|step| Arc {
                to: step.to.raw(),
                key: 2 * packing.half(step.cost),
            }));
            own.extend(compact.wide_links_of(site).iter().map(|at| Arc {
                to: sites + at,
                key: packing.half(compact.cost(compact.wide()[*at as usize])),
            }));
            own.sort_unstable_by_key(|arc| (arc.to, arc.key));
            own.dedup_by_key(|arc| arc.to);
            graph.close(&own);
        }
        for link in compact.wide() {
            own.clear();
            let key = packing.half(compact.cost(*link));
            own.extend(compact.members(*link).iter().map(|site| Arc { to: site.raw(), key }));
            graph.close(&own);
        }
        Some((graph, packing))
    }

    fn close(&mut self, own: &[Arc]) {
        self.arcs.extend_from_slice(own);
        self.start
            .push(u32::try_from(self.arcs.len()).expect("memberships are counted in 32 bits"));
    }

    /// Sites and wide links.
    pub(super) fn vertices(&self) -> u32 {
        u32::try_from(self.start.len() - 1).expect("vertices are counted in 32 bits")
    }

    pub(super) fn is_site(&self, vertex: Vertex) -> bool {
        vertex < self.sites
    }

    /// The neighbours of a vertex.
    pub(super) fn arcs(&self, vertex: Vertex) -> &[Arc] {
        let at = vertex as usize;
        &self.arcs[self.start[at] as usize..self.start[at + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_hold_what_a_path_over_every_site_costs() {
        for (sites, dearest) in [
            (0, 0),
            (1, 1),
            (2, u32::MAX),
            (1_000, u32::MAX),
            (50_000, (1 << 27) - 1),
        ] {
            let packing = Packing::new(sites, dearest).expect("it fits");
            let hops = sites.saturating_sub(1);
            let key = hops * 2 * packing.half(dearest);
            assert!(key < FAR && FAR.checked_mul(2).is_some());
            let expected = PathCost {
                cost: hops * u64::from(dearest),
                hops: u32::try_from(hops).expect("few"),
            };
            assert_eq!(packing.unpack(key), expected);
        }
        assert_eq!(Packing::new(50_000, 1 << 31), None);
        assert_eq!(Packing::new(u64::MAX / 4, 1 << 31), None);
    }
}
