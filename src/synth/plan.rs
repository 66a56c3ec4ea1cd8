//! Which sites are joined: numbers only.

use indexmap::IndexSet;

use super::Shape;
use super::random::Stream;

/// Costs that administrators choose.
const COSTS: [u32; 8] = [5, 10, 15, 20, 25, 50, 75, 100];

/// Sites by number, and the links between them.
pub(super) struct Plan {
    /// Whether each site is a hub site. The first site always has servers.
    pub(super) hub_sites: Vec<bool>,
    pub(super) links: Links,
}

/// What joins the sites.
pub(super) enum Links {
    /// One link with all sites.
    All,
    /// Pairs, the lower number first, each once, with a cost.
    Pairs(Vec<(u32, u32, u32)>),
}

/// The plan for a shape with `sites` sites, of which there is at least one.
pub(super) fn plan(shape: Shape, sites: u32, seed: u64) -> Plan {
    let mut pairs = Pairs::new(seed);
    let mut hubs = 0;
    match shape {
        Shape::Chain => pairs.chain(0, sites),
        Shape::Ring => pairs.ring(0, sites),
        Shape::Star | Shape::LegacyMesh => {
            hubs = 1;
            (1..sites).for_each(|site| pairs.join(0, site));
        }
        Shape::HubAndSpoke | Shape::Coexistence => hubs = pairs.hub_and_spoke(sites),
        Shape::Mesh => pairs.mesh(sites, 4),
        Shape::Clique => {}
        Shape::DualHub => {
            hubs = 2;
            pairs.join_at(0, 1.min(sites - 1), 5);
            for site in 2..sites {
                // One of the two is near.
                let near = pairs.stream.below(2);
                pairs.join_at(near, site, 10);
                pairs.join_at(1 - near, site, 25);
            }
        }
    }
    Plan {
        hub_sites: (0..sites).map(|site| site < hubs).collect(),
        links: match shape {
            Shape::Clique => Links::All,
            _ => Links::Pairs(pairs.costs()),
        },
    }
}

/// Pairs that are joined, each once; the first cost stays.
struct Pairs {
    stream: Stream,
    joined: IndexSet<(u32, u32)>,
    costs: Vec<u32>,
}

impl Pairs {
    fn new(seed: u64) -> Pairs {
        Pairs {
            stream: Stream::new(seed, "links"),
            joined: IndexSet::new(),
            costs: Vec::new(),
        }
    }

    /// Joins two sites at a random cost, unless they are joined already or are one.
    fn join(&mut self, a: u32, b: u32) {
        let cost = *self.stream.pick(&COSTS);
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

    /// A ring, so that all are joined, and chords until each of the first `sites` sites has `degree` neighbours on average.
    fn mesh(&mut self, sites: u32, degree: u32) {
        self.ring(0, sites);
        // A ring makes two neighbours each. A chord that is there already is not drawn again: that ends always.
        for _ in 0..sites * (degree - 2) / 2 {
            let (a, b) = (self.stream.below(sites), self.stream.below(sites));
            self.join(a, b);
        }
    }

    /// Numbers the core first, then regional hubs, then leaves; returns how many sites are hub sites.
    fn hub_and_spoke(&mut self, sites: u32) -> u32 {
        let core = (sites * 6 / 100).max(1);
        let regional = sites * 14 / 100;
        self.mesh(core, 6);
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
