//! What is left when trees are taken off, and best paths between all of it.
//!
//! Sites of the core stand for all that hangs on them. What hangs on a wide link of the core is as far from everything as any
//! other site that hangs there: one of them stands for all.

use rayon::prelude::*;

use super::forest::{Forest, NONE, Vertex};
use crate::graph::CompactSites;
use crate::model::{Cost, SiteIdx, SiteLinkIdx};
use crate::route::site_search::{self, PathCost};

/// Position among the sites of the core.
pub(super) type At = u32;

/// See the module.
#[derive(Debug)]
pub(super) struct Core {
    /// Ascending.
    sites: Vec<SiteIdx>,
    /// Where each site of the organization stands; [`NONE`] when it does not.
    at: Vec<At>,
    /// What each stands for: the vertex on which all of it hangs.
    stands_for: Vec<Vertex>,
    /// Who stands for what hangs on a vertex of the core.
    of_vertex: Vec<At>,
    steps: Vec<Vec<Step>>,
    wides: Vec<Wide>,
    /// Positions in `wides` of each site.
    wides_of: Vec<Vec<u32>>,
    /// Best paths from each site, row by row.
    rows: Vec<Row>,
}

/// To another site of the core.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) to: At,
    pub(super) link: SiteLinkIdx,
    pub(super) cost: Cost,
}

/// A wide link of the core.
#[derive(Debug)]
pub(super) struct Wide {
    pub(super) link: SiteLinkIdx,
    pub(super) cost: Cost,
    pub(super) members: Vec<At>,
}

/// Best paths from one site, by position of the other.
#[derive(Debug)]
pub(super) struct Row {
    /// [`Cost::MAX`] where there is none.
    cost: Vec<Cost>,
    hops: Vec<u32>,
    /// The site before it; [`NONE`] at the source and where there is no path.
    before: Vec<At>,
    /// The link between the two.
    via: Vec<u32>,
    /// Of every wide link: its first site to be reached, the lowest name among several; [`NONE`] when none is.
    entry: Vec<At>,
}

impl Row {
    pub(super) fn key(&self, at: At) -> Option<PathCost> {
        let cost = self.cost[at as usize];
        (cost != Cost::MAX).then(|| PathCost {
            cost,
            hops: self.hops[at as usize],
        })
    }

    pub(super) fn before(&self, at: At) -> Option<At> {
        Some(self.before[at as usize]).filter(|before| *before != NONE)
    }

    /// Whether the last step to `at` is over a link.
    pub(super) fn comes_over(&self, at: At, link: SiteLinkIdx) -> bool {
        self.before[at as usize] != NONE && self.via[at as usize] == link.raw()
    }

    pub(super) fn entry(&self, wide: u32) -> Option<At> {
        Some(self.entry[wide as usize]).filter(|entry| *entry != NONE)
    }
}

impl Core {
    /// O(k (k + memberships of the core) log k) for k sites in it; as many entries as k².
    pub(super) fn new(graph: &CompactSites, forest: &Forest) -> Core {
        let (sites, stands_for) = members(graph, forest);
        let mut at = vec![NONE; graph.sites()];
        let mut of_vertex = vec![NONE; forest.vertices().len()];
        for (position, site) in sites.iter().enumerate() {
            at[site.index()] = position_of(position);
            of_vertex[stands_for[position] as usize] = position_of(position);
        }
        let mut core = Core {
            steps: sites.iter().map(|site| steps(graph, &at, *site)).collect(),
            wides: Vec::new(),
            wides_of: vec![Vec::new(); sites.len()],
            rows: Vec::new(),
            sites,
            at,
            stands_for,
            of_vertex,
        };
        for link in graph.wide() {
            core.add_wide(graph, *link);
        }
        let mut closed = fixedbitset::FixedBitSet::with_capacity(graph.sites());
        closed.insert_range(..);
        core.sites.iter().for_each(|site| closed.set(site.index(), false));
        let row = |source: &SiteIdx| core.row_of(&site_search::search(graph, *source, Some(&closed)));
        core.rows = core.sites.par_iter().map(row).collect();
        core
    }

    fn add_wide(&mut self, graph: &CompactSites, link: SiteLinkIdx) {
        let all = graph.members(link).iter().map(|site| self.at[site.index()]);
        // One whose sites all hang on it, or on which it hangs, joins nothing in the core.
        let members: Vec<At> = all.filter(|at| *at != NONE).collect();
        if members.len() < 2 {
            return;
        }
        let position = position_of(self.wides.len());
        members.iter().for_each(|at| self.wides_of[*at as usize].push(position));
        self.wides.push(Wide {
            link,
            cost: Cost::from(graph.cost(link)),
            members,
        });
    }

    fn row_of(&self, tree: &site_search::SiteTree) -> Row {
        let mut row = Row {
            cost: Vec::with_capacity(self.sites.len()),
            hops: Vec::with_capacity(self.sites.len()),
            before: Vec::with_capacity(self.sites.len()),
            via: Vec::with_capacity(self.sites.len()),
            entry: Vec::with_capacity(self.wides.len()),
        };
        for site in &self.sites {
            let key = tree.cost(*site);
            row.cost.push(key.map_or(Cost::MAX, |key| key.cost));
            row.hops.push(key.map_or(0, |key| key.hops));
            let step = tree.before(*site);
            row.before
                .push(step.map_or(NONE, |(before, _)| self.at[before.index()]));
            row.via.push(step.map_or(NONE, |(_, via)| via.raw()));
        }
        for wide in &self.wides {
            let reached = wide.members.iter().filter_map(|at| Some((row.key(*at)?, *at)));
            row.entry.push(reached.min().map_or(NONE, |(_, at)| at));
        }
        row
    }

    pub(super) fn len(&self) -> u32 {
        position_of(self.sites.len())
    }

    pub(super) fn site(&self, at: At) -> SiteIdx {
        self.sites[at as usize]
    }

    /// The vertex on which all hangs that a site stands for.
    pub(super) fn stands_for(&self, at: At) -> Vertex {
        self.stands_for[at as usize]
    }

    /// Whether a site is not itself meant, but what hangs on a wide link.
    pub(super) fn is_stand_in(&self, at: At) -> bool {
        self.stands_for[at as usize] != self.sites[at as usize].raw()
    }

    /// Who stands for what hangs on a vertex of the core; `None` when nothing does.
    pub(super) fn who_stands_for(&self, v: Vertex) -> Option<At> {
        Some(self.of_vertex[v as usize]).filter(|at| *at != NONE)
    }

    /// Where a site stands, if it is itself in the core.
    pub(super) fn at(&self, site: SiteIdx) -> Option<At> {
        Some(self.at[site.index()]).filter(|at| *at != NONE && !self.is_stand_in(*at))
    }

    pub(super) fn steps(&self, at: At) -> &[Step] {
        &self.steps[at as usize]
    }

    pub(super) fn wides(&self) -> &[Wide] {
        &self.wides
    }

    pub(super) fn wides_of(&self, at: At) -> &[u32] {
        &self.wides_of[at as usize]
    }

    pub(super) fn row(&self, at: At) -> &Row {
        &self.rows[at as usize]
    }
}

/// The sites of the core with what each stands for: those that hang on nothing, and one for each wide link of the core on
/// which something hangs.
fn members(graph: &CompactSites, forest: &Forest) -> (Vec<SiteIdx>, Vec<Vertex>) {
    let in_core = forest.vertices().filter(|v| forest.parent(*v).is_none());
    let sites = u32::try_from(graph.sites()).expect("sites are counted in 32 bits");
    let mut members: Vec<(SiteIdx, Vertex)> = in_core
        .filter_map(|v| match v < sites {
            true => Some((SiteIdx::from_raw(v), v)),
            false => forest.children(v).next().map(|child| (SiteIdx::from_raw(child), v)),
        })
        .collect();
    members.sort_unstable();
    members.into_iter().unzip()
}

fn steps(graph: &CompactSites, at: &[At], site: SiteIdx) -> Vec<Step> {
    let steps = graph.steps_from(site).iter().filter(|step| at[step.to.index()] != NONE);
    steps
        .map(|step| Step {
            to: at[step.to.index()],
            link: step.link,
            cost: Cost::from(step.cost),
        })
        .collect()
}

fn position_of(n: usize) -> u32 {
    u32::try_from(n).expect("fewer than bytes of input, which is limited")
}
