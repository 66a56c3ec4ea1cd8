//! Best paths of one source without what failed, looked for again only where they crossed it.
//!
//! A path that does not cross what failed stays as it is: taking links away makes no other path better. So only what lies
//! behind the break in the tree of the source is searched, from what lies before it (Ramalingam and Reps).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use smallvec::SmallVec;

use super::core::{At, Core, Row};
use crate::model::{Cost, SiteLinkIdx};
use crate::route::site_search::PathCost;

/// What failed in the core.
#[derive(Debug, Default)]
pub(super) struct Broken {
    pub(super) links: SmallVec<[SiteLinkIdx; 2]>,
    pub(super) site: Option<At>,
    /// Steps that may be gone from a tree: the ends of each link of two sites, and who may be behind a wide one.
    pub(super) steps: SmallVec<[(At, SiteLinkIdx); 4]>,
}

impl Broken {
    pub(super) fn is_nothing(&self) -> bool {
        self.links.is_empty() && self.site.is_none()
    }

    fn has(&self, link: SiteLinkIdx) -> bool {
        self.links.contains(&link)
    }
}

/// A site behind the break.
#[derive(Clone, Copy, Debug)]
pub(super) struct Behind {
    pub(super) at: At,
    /// The last site before the break on the old path.
    pub(super) last: At,
    /// Without what failed; `None`: no path, or it is the failed site.
    pub(super) after: Option<PathCost>,
}

/// Room for one search after another.
#[derive(Debug, Default)]
pub(super) struct Repair {
    /// Sites behind the break: the number of the search in which they were.
    marked: Vec<u32>,
    search: u32,
    new: Vec<(Cost, u32)>,
    queue: BinaryHeap<Reverse<(Cost, u32, At)>>,
    /// Of a wide link: the best key with which it is reached from before the break.
    offered: Vec<(Cost, u32)>,
    /// The search for which that is so, and the one in which it was crossed from behind the break.
    offered_in: Vec<u32>,
    crossed_in: Vec<u32>,
    stack: Vec<At>,
    pub(super) behind: Vec<Behind>,
}

const NOWHERE: (Cost, u32) = (Cost::MAX, 0);

impl Repair {
    pub(super) fn new(core: &Core) -> Repair {
        let (sites, wides) = (core.len() as usize, core.wides().len());
        Repair {
            marked: vec![0; sites],
            new: vec![NOWHERE; sites],
            offered: vec![NOWHERE; wides],
            offered_in: vec![0; wides],
            crossed_in: vec![0; wides],
            ..Repair::default()
        }
    }

    /// Fills [`Repair::behind`] for the source of `row`. O(log k) for each site behind the break and each of its links.
    pub(super) fn run(&mut self, core: &Core, row: &Row, broken: &Broken) {
        self.behind.clear();
        let mut tops: SmallVec<[(Option<PathCost>, At, At); 4]> = SmallVec::new();
        for (to, link) in &broken.steps {
            if row.comes_over(*to, *link) {
                tops.push((row.key(*to), *to, row.before(*to).expect("a step starts somewhere")));
            }
        }
        if let Some((site, last)) = broken.site.and_then(|site| Some((site, row.before(site)?))) {
            tops.push((row.key(site), site, last));
        }
        if tops.is_empty() {
            return;
        }
        self.search += 1;
        // What is behind two breaks waits at the first of them.
        tops.sort_unstable();
        for (_, top, last) in tops {
            self.mark(core, row, top, last);
        }
        self.offer_from_before(core, row, broken);
        self.settle(core, row, broken);
        for behind in &mut self.behind {
            let (cost, hops) = self.new[behind.at as usize];
            behind.after = (cost != Cost::MAX).then_some(PathCost { cost, hops });
        }
    }

    fn is_behind(&self, at: At) -> bool {
        self.marked[at as usize] == self.search
    }

    /// Marks a site and everything after it in the tree of the source.
    fn mark(&mut self, core: &Core, row: &Row, top: At, last: At) {
        self.stack.push(top);
        while let Some(at) = self.stack.pop() {
            if self.is_behind(at) {
                continue;
            }
            self.marked[at as usize] = self.search;
            self.new[at as usize] = NOWHERE;
            self.behind.push(Behind { at, last, after: None });
            let follows = |to: At| row.before(to) == Some(at);
            let steps = core.steps(at).iter().map(|step| step.to);
            self.stack.extend(steps.filter(|to| follows(*to)));
            for wide in core.wides_of(at) {
                if row.entry(*wide) == Some(at) {
                    let members = core.wides()[*wide as usize].members.iter().copied();
                    self.stack.extend(members.filter(|to| follows(*to)));
                }
            }
        }
    }

    fn offer(&mut self, to: At, cost: Cost, hops: u32) {
        let held = &mut self.new[to as usize];
        if (cost, hops) < *held {
            *held = (cost, hops);
            self.queue.push(Reverse((cost, hops, to)));
        }
    }

    /// The best way to each site behind the break whose last step alone is behind it.
    fn offer_from_before(&mut self, core: &Core, row: &Row, broken: &Broken) {
        for position in 0..self.behind.len() {
            let at = self.behind[position].at;
            if Some(at) == broken.site {
                continue;
            }
            for step in core.steps(at) {
                if self.is_behind(step.to) || broken.has(step.link) {
                    continue;
                }
                if let Some(key) = row.key(step.to) {
                    self.offer(at, key.cost + step.cost, key.hops + 1);
                }
            }
            for wide in core.wides_of(at) {
                let entry = &core.wides()[*wide as usize];
                let (cost, hops) = self.reached_from_before(core, row, *wide);
                if cost != Cost::MAX && !broken.has(entry.link) {
                    self.offer(at, cost + entry.cost, hops + 1);
                }
            }
        }
    }

    /// The best key of a wide link's sites that are not behind the break.
    fn reached_from_before(&mut self, core: &Core, row: &Row, wide: u32) -> (Cost, u32) {
        let position = wide as usize;
        if self.offered_in[position] != self.search {
            self.offered_in[position] = self.search;
            let key = |at: At| row.key(at).map_or(NOWHERE, |key| (key.cost, key.hops));
            self.offered[position] = match row.entry(wide) {
                Some(entry) if !self.is_behind(entry) => key(entry),
                _ => {
                    let members = core.wides()[position].members.iter();
                    let before = members.filter(|at| !self.is_behind(**at));
                    before.map(|at| key(*at)).min().unwrap_or(NOWHERE)
                }
            };
        }
        self.offered[position]
    }

    /// Dijkstra's search behind the break.
    fn settle(&mut self, core: &Core, row: &Row, broken: &Broken) {
        while let Some(Reverse((cost, hops, at))) = self.queue.pop() {
            if self.new[at as usize] != (cost, hops) {
                continue;
            }
            for step in core.steps(at) {
                if self.is_behind(step.to) && !broken.has(step.link) && Some(step.to) != broken.site {
                    self.offer(step.to, cost + step.cost, hops + 1);
                }
            }
            for wide in core.wides_of(at) {
                let entry = &core.wides()[*wide as usize];
                // The first to come offers the link to all others, unless one from before the break has.
                let first = self.crossed_in[*wide as usize] != self.search;
                if !first || broken.has(entry.link) || self.reached_from_before(core, row, *wide) <= (cost, hops) {
                    continue;
                }
                self.crossed_in[*wide as usize] = self.search;
                for to in &entry.members {
                    if self.is_behind(*to) && Some(*to) != broken.site {
                        self.offer(*to, cost + entry.cost, hops + 1);
                    }
                }
            }
        }
    }
}
