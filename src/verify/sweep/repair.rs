//! Lengths of best paths without what failed, looked for again only where they crossed it.
//!
//! A path that does not cross what failed stays as it is: taking links away makes no other path better. So only what lies
//! behind the break in the tree of the source is searched, from what lies before it (Ramalingam and Reps).
//!
//! Nothing is searched in both directions: the way back is as long. Sources with little behind the break come first, and what
//! they found is known to the others; where the best path back does not cross what failed, its old length is the new one of both. So a site
//! whose only good link failed, which has everything behind it, searches nothing: everything else has looked for that one site.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

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

    /// The sources whose tree may cross it, ascending.
    fn sources(&self, core: &Core) -> Vec<At> {
        if self.site.is_some() {
            return (0..core.len()).filter(|source| Some(*source) != self.site).collect();
        }
        let steps = self.steps.iter();
        let mut sources: Vec<At> = steps.flat_map(|(to, link)| core.coming_over(*to, *link)).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
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

/// Room for one failure after another.
#[derive(Debug, Default)]
pub(super) struct Repair {
    /// Counts sources of all failures; what is marked with it is behind the break for the source that is looked at.
    search: u32,
    marked: Vec<u32>,
    /// What of that is still looked for.
    open: Vec<u32>,
    new: Vec<(Cost, u32)>,
    queue: BinaryHeap<Reverse<(Cost, u32, At)>>,
    /// Of a wide link: the best key with which it is reached from what is not looked for.
    offered: Vec<(Cost, u32)>,
    /// The search for which that is so, and the one in which it was crossed from what is looked for.
    offered_in: Vec<u32>,
    crossed_in: Vec<u32>,
    /// Whether so few sites are looked for that going through them is quicker than a queue.
    is_few: bool,
    /// What is behind the break, source by source.
    behind: Vec<Behind>,
    /// Sources with something behind the break, each with its part of that.
    sources: Vec<(At, Range<usize>)>,
    /// Of each site: whether it is a source that is still to be searched.
    waits: Vec<bool>,
    /// New lengths that others have found to each site: a list that begins here, and goes on where each says.
    found: Vec<u32>,
    lengths: Vec<Length>,
}

/// The new length from another site.
#[derive(Clone, Copy, Debug)]
struct Length {
    from: At,
    key: (Cost, u32),
    next: u32,
}

const NOWHERE: (Cost, u32) = (Cost::MAX, 0);

/// The end of a list.
const END: u32 = u32::MAX;

/// Most sites that are gone through without a queue.
const FEW: usize = 16;

impl Repair {
    pub(super) fn new(core: &Core) -> Repair {
        let (sites, wides) = (core.len() as usize, core.wides().len());
        Repair {
            marked: vec![0; sites],
            open: vec![0; sites],
            new: vec![NOWHERE; sites],
            offered: vec![NOWHERE; wides],
            offered_in: vec![0; wides],
            crossed_in: vec![0; wides],
            waits: vec![false; sites],
            found: vec![END; sites],
            ..Repair::default()
        }
    }

    /// Tells for every source what is behind the break, in an order that hangs on the failure alone. O(log k) for each site behind the break
    /// of a source, and each of its links.
    pub(super) fn run(&mut self, core: &Core, broken: &Broken, mut tell: impl FnMut(At, &[Behind])) {
        self.behind.clear();
        self.sources.clear();
        for source in broken.sources(core) {
            let first = self.behind.len();
            self.look(core, source, broken);
            if self.behind.len() > first {
                self.sources.push((source, first..self.behind.len()));
                self.waits[source as usize] = true;
            }
        }
        self.sources
            .sort_unstable_by_key(|(source, part)| (part.len(), *source));
        for at in 0..self.sources.len() {
            let (source, part) = self.sources[at].clone();
            self.search(core, source, broken, part.clone());
            self.waits[source as usize] = false;
            tell(source, &self.behind[part]);
        }
        self.lengths.clear();
        self.found.fill(END);
    }

    /// Lists what is behind the break for a source.
    fn look(&mut self, core: &Core, source: At, broken: &Broken) {
        let row = core.row(source);
        let mut tops: SmallVec<[(Option<PathCost>, At, At); 4]> = SmallVec::new();
        for (to, link) in &broken.steps {
            if core.comes_over(source, *to, *link) {
                tops.push((row.key(*to), *to, row.before(*to).expect("a step starts somewhere")));
            }
        }
        if let Some((site, last)) = broken.site.and_then(|site| Some((site, row.before(site)?))) {
            tops.push((row.key(site), site, last));
        }
        // What is behind two breaks waits at the first of them.
        tops.sort_unstable();
        for (position, (_, top, last)) in tops.iter().enumerate() {
            if tops[..position]
                .iter()
                .any(|(_, earlier, _)| row.is_over(*top, *earlier))
            {
                continue;
            }
            let behind = row.over(*top).iter();
            self.behind.extend(behind.map(|at| Behind {
                at: *at,
                last: *last,
                after: None,
            }));
        }
    }

    fn count_search(&mut self) {
        if self.search == u32::MAX {
            for marks in [
                &mut self.marked,
                &mut self.open,
                &mut self.offered_in,
                &mut self.crossed_in,
            ] {
                marks.fill(0);
            }
            self.search = 0;
        }
        self.search += 1;
    }

    /// Finds the new lengths from a source to what is behind the break.
    fn search(&mut self, core: &Core, source: At, broken: &Broken, part: Range<usize>) {
        let row = core.row(source);
        self.count_search();
        for behind in &self.behind[part.clone()] {
            let at = behind.at as usize;
            self.marked[at] = self.search;
            // Who has nothing behind the break, or not this source, comes back here as before, and so can be reached that way.
            self.new[at] = match self.waits[at] || Some(behind.at) == broken.site {
                true => NOWHERE,
                false => row.key(behind.at).map_or(NOWHERE, |key| (key.cost, key.hops)),
            };
        }
        let mut next = self.found[source as usize];
        while let Some(length) = self.lengths.get(next as usize) {
            self.new[length.from as usize] = length.key;
            next = length.next;
        }
        let mut open: SmallVec<[At; FEW]> = SmallVec::new();
        for behind in &self.behind[part.clone()] {
            if self.waits[behind.at as usize] && Some(behind.at) != broken.site {
                self.open[behind.at as usize] = self.search;
                open.push(behind.at);
            }
        }
        self.is_few = open.len() <= FEW;
        for at in &open {
            self.offer_from_known(core, row, broken, *at);
        }
        match self.is_few {
            true => self.settle_few(core, row, broken, &mut open),
            false => self.settle(core, row, broken),
        }
        for at in part {
            let behind = &mut self.behind[at];
            let (cost, hops) = self.new[behind.at as usize];
            behind.after = (cost != Cost::MAX).then_some(PathCost { cost, hops });
            if self.waits[behind.at as usize] {
                let found = &mut self.found[behind.at as usize];
                self.lengths.push(Length {
                    from: source,
                    key: (cost, hops),
                    next: *found,
                });
                *found = u32::try_from(self.lengths.len() - 1).expect("pairs of a core that fits in memory");
            }
        }
    }

    fn is_behind(&self, at: At) -> bool {
        self.marked[at as usize] == self.search
    }

    fn is_open(&self, at: At) -> bool {
        self.open[at as usize] == self.search
    }

    /// The length to a site that is not looked for.
    fn known(&self, row: &Row, at: At) -> (Cost, u32) {
        match self.is_behind(at) {
            true => self.new[at as usize],
            false => row.key(at).map_or(NOWHERE, |key| (key.cost, key.hops)),
        }
    }

    fn offer(&mut self, to: At, cost: Cost, hops: u32) {
        let held = &mut self.new[to as usize];
        if (cost, hops) < *held {
            *held = (cost, hops);
            if !self.is_few {
                self.queue.push(Reverse((cost, hops, to)));
            }
        }
    }

    /// The best way to a site that is looked for whose last step alone leads to such a one.
    fn offer_from_known(&mut self, core: &Core, row: &Row, broken: &Broken, at: At) {
        for step in core.steps(at) {
            if self.is_open(step.to) || broken.has(step.link) {
                continue;
            }
            let (cost, hops) = self.known(row, step.to);
            if cost != Cost::MAX {
                self.offer(at, cost + step.cost, hops + 1);
            }
        }
        for wide in core.wides_of(at) {
            let entry = &core.wides()[*wide as usize];
            let (cost, hops) = self.reached_from_known(core, row, *wide);
            if cost != Cost::MAX && !broken.has(entry.link) {
                self.offer(at, cost + entry.cost, hops + 1);
            }
        }
    }

    /// The best key of a wide link's sites that are not looked for.
    fn reached_from_known(&mut self, core: &Core, row: &Row, wide: u32) -> (Cost, u32) {
        let position = wide as usize;
        if self.offered_in[position] != self.search {
            self.offered_in[position] = self.search;
            self.offered[position] = match row.entry(wide) {
                // What is behind the break comes no nearer.
                Some(entry) if !self.is_behind(entry) => self.known(row, entry),
                _ => {
                    let members = core.wides()[position].members.iter();
                    let known = members.filter(|at| !self.is_open(**at));
                    known.map(|at| self.known(row, *at)).min().unwrap_or(NOWHERE)
                }
            };
        }
        self.offered[position]
    }

    /// Dijkstra's search behind the break.
    fn settle(&mut self, core: &Core, row: &Row, broken: &Broken) {
        while let Some(Reverse((cost, hops, at))) = self.queue.pop() {
            if self.new[at as usize] == (cost, hops) {
                self.go_on(core, row, broken, at);
            }
        }
    }

    /// The same, where the nearest is found by looking at all that are left.
    fn settle_few(&mut self, core: &Core, row: &Row, broken: &Broken, left: &mut SmallVec<[At; FEW]>) {
        // The last one has nobody to offer anything to.
        while left.len() > 1 {
            let nearest = (0..left.len()).min_by_key(|position| self.new[left[*position] as usize]);
            let at = left.swap_remove(nearest.expect("some are left"));
            if self.new[at as usize] == NOWHERE {
                break;
            }
            self.go_on(core, row, broken, at);
        }
    }

    /// Offers what is behind a site whose way is known.
    fn go_on(&mut self, core: &Core, row: &Row, broken: &Broken, at: At) {
        let (cost, hops) = self.new[at as usize];
        for step in core.steps(at) {
            if self.is_open(step.to) && !broken.has(step.link) {
                self.offer(step.to, cost + step.cost, hops + 1);
            }
        }
        for wide in core.wides_of(at) {
            let entry = &core.wides()[*wide as usize];
            // The first to come offers the link to all others, unless one from before the break has.
            let first = self.crossed_in[*wide as usize] != self.search;
            if !first || broken.has(entry.link) || self.reached_from_known(core, row, *wide) <= (cost, hops) {
                continue;
            }
            self.crossed_in[*wide as usize] = self.search;
            for to in &entry.members {
                if self.is_open(*to) {
                    self.offer(*to, cost + entry.cost, hops + 1);
                }
            }
        }
    }
}
