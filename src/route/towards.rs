//! Best paths from all sites to one (RT-2.2): what many senders plan for the same destination, from one search.
//!
//! Links lead both ways, so one search from the destination knows what every site is away from it, and by how many paths: a
//! path and the same path backwards cost as much. Names do not read the same backwards, but they are compared from the
//! destination on, which is how this search goes. Equally good paths of one site have the same number of hops. So sites are
//! taken by their hops: the lowest path of a site goes on by the one beside it whose own path is lowest, and whose path is
//! lower among sites of the same hops is known when all of them have one.

use oxc_index::IndexVec;

use super::site_search::{self, PathCost, SiteClause, SitePath, SiteTree};
use crate::graph::CompactSites;
use crate::model::{Cost, SiteIdx, SiteLinkIdx};

/// Best paths to one site from every other: those that [`site_search`] finds from each of them.
#[derive(Clone, Debug)]
pub struct Towards {
    /// From the destination. Its costs and what decided are those of the way there, its steps are not.
    tree: SiteTree,
    /// The next site on the way of each, and the link there; meaningless at the destination and where there is no path.
    onward: IndexVec<SiteIdx, (SiteIdx, SiteLinkIdx)>,
}

impl Towards {
    /// O(memberships log memberships).
    pub fn new(sites: &CompactSites, to: SiteIdx) -> Towards {
        let tree = site_search::search(sites, to, None);
        let mut search = Search::new(sites, &tree);
        let mut by_hops: Vec<SiteIdx> = tree.order()[1..].to_vec();
        by_hops.sort_by_key(|site| search.hops(*site));
        let mut rest = &by_hops[..];
        while let Some(first) = rest.first() {
            let hops = search.hops(*first);
            let (level, after) = rest.split_at(rest.partition_point(|site| search.hops(*site) == hops));
            search.settle(level);
            rest = after;
        }
        let onward = search.onward;
        Towards { tree, onward }
    }

    /// The destination.
    pub fn to(&self) -> SiteIdx {
        self.tree.source()
    }

    /// Cost and hops of the best path from a site; `None` when there is none. O(1).
    pub fn cost(&self, from: SiteIdx) -> Option<PathCost> {
        self.tree.cost(from)
    }

    /// What singled out the best path. Meaningful where there is one. O(1).
    pub fn decided_by(&self, from: SiteIdx) -> SiteClause {
        self.tree.decided_by(from)
    }

    /// The best path, both ends included, and the links it crosses; `None` when there is none. O(length).
    pub fn path(&self, from: SiteIdx) -> Option<SitePath> {
        self.cost(from)?;
        let mut path = SitePath {
            sites: [from].into_iter().collect(),
            links: std::iter::empty().collect(),
        };
        let mut at = from;
        while at != self.to() {
            let (next, link) = self.onward[at];
            path.sites.push(next);
            path.links.push(link);
            at = next;
        }
        Some(path)
    }
}

/// What a wide link offers those of its sites that are not nearest to the destination.
#[derive(Clone, Copy)]
struct Wide {
    /// The least cost and hops among its sites; `None` when none of them has a path.
    least: Option<PathCost>,
    /// The one among those whose path is lowest, once asked for.
    by: Option<SiteIdx>,
}

struct Search<'a> {
    sites: &'a CompactSites,
    tree: &'a SiteTree,
    wide: Vec<Wide>,
    onward: IndexVec<SiteIdx, (SiteIdx, SiteLinkIdx)>,
    /// Among sites of the same hops: whose path is lower. Known for all that have fewer hops than those that are looked at.
    rank: IndexVec<SiteIdx, u32>,
}

impl<'a> Search<'a> {
    fn new(sites: &'a CompactSites, tree: &'a SiteTree) -> Search<'a> {
        let least = |link: &SiteLinkIdx| Wide {
            least: sites.members(*link).iter().filter_map(|site| tree.cost(*site)).min(),
            by: None,
        };
        let nowhere = (tree.source(), SiteLinkIdx::from_usize(0));
        Search {
            sites,
            tree,
            wide: sites.wide().iter().map(least).collect(),
            onward: IndexVec::from_vec(vec![nowhere; sites.sites()]),
            rank: IndexVec::from_vec(vec![0; sites.sites()]),
        }
    }

    fn hops(&self, site: SiteIdx) -> u32 {
        self.tree.cost(site).map_or(u32::MAX, |key| key.hops)
    }

    /// Finds the steps of all sites of the same hops, and ranks them.
    fn settle(&mut self, level: &[SiteIdx]) {
        for site in level {
            self.onward[*site] = self.step(*site);
        }
        let mut ranked: Vec<(u32, SiteIdx)> = level
            .iter()
            .map(|site| (self.rank[self.onward[*site].0], *site))
            .collect();
        ranked.sort_unstable();
        for (rank, (_, site)) in (0..).zip(ranked) {
            self.rank[site] = rank;
        }
    }

    /// RT-2.2 step 3: among those as near by cost and hops, on by the one whose path has the lowest name first. Of parallel
    /// links there, the lowest (D7).
    fn step(&mut self, site: SiteIdx) -> (SiteIdx, SiteLinkIdx) {
        let key = self.tree.cost(site).expect("it is reached");
        let leads_here =
            |from: PathCost, cost: u32| from.cost + Cost::from(cost) == key.cost && from.hops + 1 == key.hops;
        let (sites, tree) = (self.sites, self.tree);
        let steps = sites.steps_from(site).iter();
        let steps = steps
            .filter(|step| tree.cost(step.to).is_some_and(|from| leads_here(from, step.cost)))
            .map(|step| (step.to, step.link));
        let mut best = steps.map(|(to, link)| (self.rank[to], link, to)).min();
        for at in sites.wide_links_of(site) {
            let link = sites.wide()[*at as usize];
            let least = self.wide[*at as usize].least.expect("one of its sites is this one");
            if leads_here(least, sites.cost(link)) {
                let to = self.nearest(*at as usize, link, least);
                let found = (self.rank[to], link, to);
                best = Some(best.map_or(found, |best| best.min(found)));
            }
        }
        let (_, link, to) = best.expect("what is reached is reached from somewhere");
        (to, link)
    }

    /// Among the sites of a wide link that are nearest to the destination, the one whose path is lowest.
    fn nearest(&mut self, at: usize, link: SiteLinkIdx, least: PathCost) -> SiteIdx {
        let found = self.wide[at].by.unwrap_or_else(|| {
            let members = self.sites.members(link).iter().copied();
            let nearest = members.filter(|site| self.tree.cost(*site) == Some(least));
            nearest
                .min_by_key(|site| self.rank[*site])
                .expect("the least is one of theirs")
        });
        self.wide[at].by = Some(found);
        found
    }
}
