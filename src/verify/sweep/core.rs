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
    /// `steps[step_start[at] .. step_start[at + 1]]` lead from a site.
    steps: Vec<Step>,
    step_start: Vec<u32>,
    wides: Vec<Wide>,
    /// Positions in `wides` of each site.
    wides_of: Vec<Vec<u32>>,
    /// Best paths from each site, row by row.
    rows: Vec<Row>,
    /// The links before each site on the best paths from all: `via[to * sites + from]`, so that whose path comes over a link
    /// is read from one end to the other.
    via: Vec<u32>,
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
    steps: Vec<Last>,
    /// Everything that is reached, before what its paths go on to, and that directly after it.
    order: Vec<At>,
    /// Of every wide link: its first site to be reached, the lowest name among several; [`NONE`] when none is.
    entry: Vec<At>,
}

/// The end of a path: side by side, since most questions are about all of it.
#[derive(Clone, Copy, Debug)]
struct Last {
    /// [`Cost::MAX`] where there is no path.
    cost: Cost,
    hops: u32,
    /// The site before it; [`NONE`] at the source and where there is no path.
    before: At,
    /// Where it is in the order, and where what its path goes on to ends.
    place: u32,
    end: u32,
}

impl Row {
    pub(super) fn key(&self, at: At) -> Option<PathCost> {
        let Last { cost, hops, .. } = self.steps[at as usize];
        (cost != Cost::MAX).then_some(PathCost { cost, hops })
    }

    pub(super) fn before(&self, at: At) -> Option<At> {
        Some(self.steps[at as usize].before).filter(|before| *before != NONE)
    }

    /// A site that is reached, and everything that is reached over it.
    pub(super) fn over(&self, at: At) -> &[At] {
        let Last { place, end, .. } = self.steps[at as usize];
        &self.order[place as usize..end as usize]
    }

    /// Whether a site is reached over another, or is it. Both are reached.
    pub(super) fn is_over(&self, at: At, top: At) -> bool {
        let Last { place, end, .. } = self.steps[top as usize];
        (place..end).contains(&self.steps[at as usize].place)
    }

    /// Fills the order. O(sites).
    fn put_in_order(&mut self) {
        // By costs and hops, what is before a site comes before it.
        let mut reached: Vec<At> = (0..position_of(self.steps.len()))
            .filter(|at| self.key(*at).is_some())
            .collect();
        reached.sort_unstable_by_key(|at| self.key(*at));
        // First how many are reached over each, in `end`.
        for at in reached.iter().rev() {
            let own = &mut self.steps[*at as usize];
            own.end += 1;
            let (size, before) = (own.end, own.before);
            if before != NONE {
                self.steps[before as usize].end += size;
            }
        }
        self.order = vec![NONE; reached.len()];
        // The next free place below each; the source has the first.
        let mut free = vec![0; self.steps.len()];
        for at in &reached {
            let Last { before, end: size, .. } = self.steps[*at as usize];
            let place = match before {
                NONE => 0,
                before => free[before as usize],
            };
            if before != NONE {
                free[before as usize] += size;
            }
            free[*at as usize] = place + 1;
            let own = &mut self.steps[*at as usize];
            (own.place, own.end) = (place, place + size);
            self.order[place as usize] = *at;
        }
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
            steps: Vec::new(),
            step_start: vec![0],
            wides: Vec::new(),
            wides_of: vec![Vec::new(); sites.len()],
            rows: Vec::new(),
            via: Vec::new(),
            sites,
            at,
            stands_for,
            of_vertex,
        };
        for site in &core.sites {
            core.steps.extend(steps(graph, &core.at, *site));
            core.step_start.push(position_of(core.steps.len()));
        }
        for link in graph.wide() {
            core.add_wide(graph, *link);
        }
        let mut closed = fixedbitset::FixedBitSet::with_capacity(graph.sites());
        closed.insert_range(..);
        core.sites.iter().for_each(|site| closed.set(site.index(), false));
        let row = |source: &SiteIdx| core.row_of(&site_search::search(graph, *source, Some(&closed)));
        let rows: Vec<(Row, Vec<u32>)> = core.sites.par_iter().map(row).collect();
        core.via = vec![NONE; rows.len() * rows.len()];
        let size = rows.len().max(1);
        core.via.par_chunks_mut(size).enumerate().for_each(|(to, column)| {
            for (cell, (_, via)) in column.iter_mut().zip(&rows) {
                *cell = via[to];
            }
        });
        core.rows = rows.into_iter().map(|(row, _)| row).collect();
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

    /// A row, and the link before each site on its paths.
    fn row_of(&self, tree: &site_search::SiteTree) -> (Row, Vec<u32>) {
        let mut row = Row {
            steps: Vec::with_capacity(self.sites.len()),
            order: Vec::new(),
            entry: Vec::with_capacity(self.wides.len()),
        };
        let mut links = Vec::with_capacity(self.sites.len());
        for site in &self.sites {
            let key = tree.cost(*site);
            let step = tree.before(*site);
            row.steps.push(Last {
                cost: key.map_or(Cost::MAX, |key| key.cost),
                hops: key.map_or(0, |key| key.hops),
                before: step.map_or(NONE, |(before, _)| self.at[before.index()]),
                place: 0,
                end: 0,
            });
            links.push(step.map_or(NONE, |(_, via)| via.raw()));
        }
        for wide in &self.wides {
            let reached = wide.members.iter().filter_map(|at| Some((row.key(*at)?, *at)));
            row.entry.push(reached.min().map_or(NONE, |(_, at)| at));
        }
        row.put_in_order();
        (row, links)
    }

    /// The sources whose best path to a site comes over a link at last, ascending.
    pub(super) fn coming_over(&self, to: At, link: SiteLinkIdx) -> impl Iterator<Item = At> {
        let size = self.sites.len();
        let column = (0..).zip(&self.via[to as usize * size..][..size]);
        column
            .filter(move |(_, last)| **last == link.raw())
            .map(|(source, _)| source)
    }

    /// Whether the last step of the best path from `from` to `to` is over a link.
    pub(super) fn comes_over(&self, from: At, to: At, link: SiteLinkIdx) -> bool {
        self.via[to as usize * self.sites.len() + from as usize] == link.raw()
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
        let at = at as usize;
        &self.steps[self.step_start[at] as usize..self.step_start[at + 1] as usize]
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

/// The sites of the core with what each stands for: those that hang on nothing and are joined to such, and one for each wide link of the core on
/// which something hangs.
pub(super) fn members(graph: &CompactSites, forest: &Forest) -> (Vec<SiteIdx>, Vec<Vertex>) {
    let sites = u32::try_from(graph.sites()).expect("sites are counted in 32 bits");
    let is_left = |v: Vertex| forest.parent(v).is_none();
    // What is a tree altogether has a root and no core: nothing there is joined in two ways.
    let in_core = forest.vertices().filter(|v| {
        is_left(*v)
            && match v.checked_sub(sites) {
                None => {
                    let site = SiteIdx::from_raw(*v);
                    let mut wide = graph.wide_links_of(site).iter();
                    let mut steps = graph.steps_from(site).iter();
                    steps.any(|step| is_left(step.to.raw())) || wide.any(|at| is_left(forest.wide(*at)))
                }
                Some(at) => graph
                    .members(graph.wide()[at as usize])
                    .iter()
                    .any(|site| is_left(site.raw())),
            }
    });
    let mut members: Vec<(SiteIdx, Vertex)> = in_core
        .filter_map(|v| match v < sites {
            true => Some((SiteIdx::from_raw(v), v)),
            false => forest.children(v).next().map(|child| (SiteIdx::from_raw(child), v)),
        })
        .collect();
    members.sort_unstable();
    members.into_iter().unzip()
}

fn steps(graph: &CompactSites, at: &[At], site: SiteIdx) -> impl Iterator<Item = Step> {
    let steps = graph.steps_from(site).iter().filter(|step| at[step.to.index()] != NONE);
    steps.map(|step| Step {
        to: at[step.to.index()],
        link: step.link,
        cost: Cost::from(step.cost),
    })
}

fn position_of(n: usize) -> u32 {
    u32::try_from(n).expect("fewer than bytes of input, which is limited")
}
