//! Which sites are joined: numbers only.

use indexmap::IndexSet;

use super::Shape;
use super::random::Stream;

/// Costs that administrators choose.
const COSTS: [u32; 8] = [5, 10, 15, 20, 25, 50, 75, 100];
/// The same where there are thousands of links. All are multiples of 5, so that many paths are as cheap as each other.
const MANY_COSTS: [u32; 15] = [5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 80, 100, 120, 150, 200];
/// Costs of links that are cheap beside [`DEFAULT_LINK_COST`]: two of them cost less than one step over it.
const CHEAP_COSTS: [u32; 4] = [5, 10, 20, 30];
/// What `DEFAULTIPSITELINK` costs unless somebody changes it.
pub(super) const DEFAULT_LINK_COST: u32 = 100;
/// Sites of a region of a mesh, about.
const REGION: u32 = 50;

/// Sites by number, and the links between them.
pub(super) struct Plan {
    /// Whether each site is a hub site. The first site always has servers.
    pub(super) hub_sites: Vec<bool>,
    /// Whether one link, `DEFAULTIPSITELINK`, has all sites.
    pub(super) default_link: bool,
    /// Pairs, the lower number first, each once, with a cost.
    pub(super) pairs: Vec<(u32, u32, u32)>,
    pub(super) exchange_costs: ExchangeCosts,
}

/// What one in twenty links costs Exchange, instead of what it costs the directory.
#[derive(Clone, Copy)]
pub(super) enum ExchangeCosts {
    /// None does.
    Absent,
    /// One of these.
    Of(&'static [u32]),
    /// 1 to 100.
    UpTo100,
}

/// The plan for a shape with `sites` sites, of which there is at least one.
pub(super) fn plan(shape: Shape, sites: u32, seed: u64) -> Plan {
    let (costs, exchange_costs) = match shape {
        Shape::HubAndSpoke | Shape::Mesh => (&MANY_COSTS[..], ExchangeCosts::Of(&MANY_COSTS)),
        Shape::BigLink => (&CHEAP_COSTS[..], ExchangeCosts::Of(&CHEAP_COSTS)),
        // Equal costs have to stay equal.
        Shape::DualHub => (&MANY_COSTS[..], ExchangeCosts::Absent),
        _ => (&COSTS[..], ExchangeCosts::UpTo100),
    };
    let mut pairs = Pairs::new(seed, costs);
    let mut hubs = 0;
    match shape {
        Shape::Chain => pairs.chain(0, sites),
        Shape::Ring => pairs.ring(0, sites),
        Shape::Star | Shape::LegacyMesh => {
            hubs = 1;
            (1..sites).for_each(|site| pairs.join(0, site));
        }
        Shape::HubAndSpoke => hubs = pairs.hub_and_spoke(sites),
        Shape::MultiTier | Shape::Coexistence => hubs = pairs.multi_tier(sites),
        Shape::DualHub => hubs = pairs.dual_hub(sites),
        Shape::Mesh => pairs.regions(sites),
        Shape::Sparse => pairs.sparse(sites, 4),
        Shape::Clique => {}
        Shape::BigLink => (0..sites / 5).for_each(|_| pairs.join_any_two(0, sites, 0, sites)),
    }
    Plan {
        hub_sites: (0..sites).map(|site| site < hubs).collect(),
        default_link: matches!(shape, Shape::Clique | Shape::BigLink),
        pairs: pairs.costs(),
        exchange_costs,
    }
}

/// Pairs that are joined, each once; the first cost stays.
struct Pairs {
    stream: Stream,
    /// Costs to choose from.
    choice: &'static [u32],
    joined: IndexSet<(u32, u32)>,
    costs: Vec<u32>,
}

impl Pairs {
    fn new(seed: u64, choice: &'static [u32]) -> Pairs {
        Pairs {
            stream: Stream::new(seed, "links"),
            choice,
            joined: IndexSet::new(),
            costs: Vec::new(),
        }
    }

    /// Joins two sites at a random cost, unless they are joined already or are one.
    fn join(&mut self, a: u32, b: u32) {
        let cost = *self.stream.pick(self.choice);
        self.join_at(a, b, cost);
    }

    fn join_at(&mut self, a: u32, b: u32, cost: u32) {
        if a != b && self.joined.insert((a.min(b), a.max(b))) {
            self.costs.push(cost);
        }
    }

    fn chain(&mut self, start: u32, end: u32) {
        (start + 1..end).for_each(|site| self.join(site - 1, site));
    }

    fn ring(&mut self, start: u32, end: u32) {
        self.chain(start, end);
        self.join(start, end - 1);
    }

    /// Joins a random site of one range to one of another.
    fn join_any_two(&mut self, start: u32, end: u32, other_start: u32, other_end: u32) {
        let a = start + self.stream.below(end - start);
        let b = other_start + self.stream.below(other_end - other_start);
        self.join(a, b);
    }

    /// A ring, so that all are joined, and chords until each of the first `sites` sites has `degree` neighbours on average.
    fn sparse(&mut self, sites: u32, degree: u32) {
        self.ring(0, sites);
        // A ring makes two neighbours each. A chord that is there already is not drawn again: that ends always.
        (0..sites * (degree - 2) / 2).for_each(|_| self.join_any_two(0, sites, 0, sites));
    }

    /// Regions in which each two sites are joined with probability 1/2, and in which all are; a ring of the regions, and
    /// half as many chords.
    fn regions(&mut self, sites: u32) {
        let regions = (sites / REGION).max(1);
        let start = |region: u32| {
            let start = u64::from(sites) * u64::from(region) / u64::from(regions);
            u32::try_from(start).expect("at most the number of sites")
        };
        for region in 0..regions {
            let (start, end) = (start(region), start(region + 1));
            self.chain(start, end);
            for a in start..end {
                for b in a + 1..end {
                    if self.stream.one_in(2) {
                        self.join(a, b);
                    }
                }
            }
        }
        let chords = (0..regions / 2).map(|_| [self.stream.below(regions), self.stream.below(regions)]);
        let chords: Vec<[u32; 2]> = chords.collect();
        let ring = (0..regions).map(|region| [region, (region + 1) % regions]);
        for [a, b] in ring.chain(chords).filter(|[a, b]| a != b) {
            self.join_any_two(start(a), start(a + 1), start(b), start(b + 1));
        }
    }

    /// Numbers the two hubs first, which are joined; the others are as far from the one as from the other.
    fn dual_hub(&mut self, sites: u32) -> u32 {
        self.join_at(0, 1.min(sites - 1), 5);
        for site in 2..sites {
            let cost = *self.stream.pick(self.choice);
            self.join_at(0, site, cost);
            self.join_at(1, site, cost);
        }
        2
    }

    /// Numbers the backbone first, then regional hubs, then leaves; returns how many sites are hub sites.
    fn hub_and_spoke(&mut self, sites: u32) -> u32 {
        let backbone = (sites * 2 / 100).max(1);
        let regional = sites * 8 / 100;
        let hubs = backbone + regional;
        self.sparse(backbone, 5);
        for site in backbone..hubs {
            let near = self.stream.below(backbone);
            self.join(near, site);
            if self.stream.one_in(2) {
                let far = self.stream.below(backbone);
                self.join(far, site);
            }
        }
        // Without regional hubs, leaves hang on the backbone.
        let start = if regional > 0 { backbone } else { 0 };
        for site in hubs..sites {
            let hub = start + self.stream.below(hubs - start);
            self.join(hub, site);
        }
        hubs
    }

    /// Numbers the core first, then regional hubs, then leaves; returns how many sites are hub sites.
    fn multi_tier(&mut self, sites: u32) -> u32 {
        let core = (sites * 6 / 100).max(1);
        let regional = sites * 14 / 100;
        self.sparse(core, 6);
        for site in core..core + regional {
            let (near, far) = (self.stream.below(core), self.stream.below(core));
            self.join(near, site);
            self.join_at(far, site, 100);
        }
        for site in core + regional..sites {
            // Without regional hubs, leaves hang on the core.
            let (start, count) = if regional > 0 { (core, regional) } else { (0, core) };
            let near = start + self.stream.below(count);
            self.join(near, site);
            if self.stream.one_in(5) {
                let far = start + self.stream.below(count);
                self.join_at(far, site, 100);
            }
        }
        core + regional
    }

    fn costs(self) -> Vec<(u32, u32, u32)> {
        let pairs = self.joined.into_iter().zip(self.costs);
        pairs.map(|((a, b), cost)| (a, b, cost)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITES: u32 = 2_000;

    /// How many neighbours each site has, but for those in the default link.
    fn degrees(plan: &Plan) -> Vec<u32> {
        let mut degrees = vec![0; plan.hub_sites.len()];
        for (a, b, _) in &plan.pairs {
            degrees[*a as usize] += 1;
            degrees[*b as usize] += 1;
        }
        degrees
    }

    fn many(found: usize, expected: usize) {
        assert!(
            found.abs_diff(expected) * 10 < expected,
            "{found}, not about {expected}"
        );
    }

    #[test]
    fn nine_of_ten_sites_of_hub_and_spoke_are_leaves_and_half_the_regional_hubs_have_two_ways() {
        let plan = plan(Shape::HubAndSpoke, SITES, 1);
        let hubs = plan.hub_sites.iter().filter(|hub| **hub).count();
        assert_eq!(hubs, 200);
        let (backbone, regional) = (0..40, 40..200);
        let degrees = degrees(&plan);
        assert!(degrees[200..].iter().all(|degree| *degree == 1));
        let up = plan
            .pairs
            .iter()
            .filter(|(a, b, _)| backbone.contains(a) && regional.contains(b));
        many(up.count(), 240);
        let among = plan.pairs.iter().filter(|(_, b, _)| backbone.contains(b));
        many(among.count(), 100);
    }

    #[test]
    fn every_leaf_of_dual_hub_is_as_far_from_the_one_hub_as_from_the_other() {
        let plan = plan(Shape::DualHub, SITES, 1);
        assert_eq!(plan.pairs.len(), 3_997);
        for pair in plan.pairs[1..].chunks_exact(2) {
            let ((first, leaf, near), (second, same, far)) = (pair[0], pair[1]);
            assert_eq!((first, second, leaf, near), (0, 1, same, far));
        }
        assert!(matches!(plan.exchange_costs, ExchangeCosts::Absent));
    }

    #[test]
    fn regions_of_a_mesh_are_dense_and_few_links_lead_from_the_one_to_the_other() {
        let plan = plan(Shape::Mesh, SITES, 1);
        let region = |site: u32| site / REGION;
        let within = plan.pairs.iter().filter(|(a, b, _)| region(*a) == region(*b)).count();
        many(within, 40 * (50 * 49 / 4));
        many(plan.pairs.len() - within, 60);
    }

    #[test]
    fn a_big_link_has_cheap_ones_beside_it() {
        let plan = plan(Shape::BigLink, SITES, 1);
        assert!(plan.default_link);
        many(plan.pairs.len(), 400);
        assert!(plan.pairs.iter().all(|(_, _, cost)| *cost < DEFAULT_LINK_COST / 2));
    }

    #[test]
    fn sparse_has_four_neighbours() {
        let plan = plan(Shape::Sparse, SITES, 1);
        many(plan.pairs.len(), 4_000);
        assert!(degrees(&plan).iter().all(|degree| *degree >= 2));
    }
}
