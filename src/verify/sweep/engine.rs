//! What each failure does, from tables that are computed once.

use rayon::prelude::*;
use smallvec::SmallVec;

use super::core::{At, Core, Row, members};
use super::cuts::{Cut, Cuts};
use super::failures::{Failure, Failures};
use super::forest::{Forest, Vertex};
use super::outcome::{Outcome, PairChange, Sweep, Swept};
use super::pairs;
use super::repair::{Broken, Repair};
use crate::graph::CompactSites;
use crate::model::{Node, Organization, SiteIdx, SiteLinkIdx};
use crate::route::{Backoff, Graphs, Options};

/// Answers about every failure of an organization.
pub struct Engine<'a> {
    org: &'a Organization,
    graph: &'a CompactSites,
    options: Options,
    failures: Failures,
    forest: Forest,
    core: Core,
    /// How many routers each site of the core stands for, and the first of them.
    stands_for: Vec<(u64, Option<u32>)>,
}

/// One site link or site.
#[derive(Clone, Copy)]
enum Part {
    Link(SiteLinkIdx),
    Site(SiteIdx),
}

/// Failures that are handed to the threads together: few enough that somebody who looks on sees them done.
const CHUNK: u64 = 256;

impl<'a> Engine<'a> {
    /// Bytes that the tables take for each pair of sites in the core.
    pub const BYTES_A_PAIR: u64 = 32;

    /// How many sites are left when trees are taken off: the tables grow with the square. O(memberships).
    pub fn core_sites(org: &Organization, graphs: &Graphs) -> usize {
        members(&graphs.sites, &forest(org, &graphs.sites)).0.len()
    }

    /// The tables: as many entries as the square of what is left when trees are taken off.
    pub fn new(org: &'a Organization, graphs: &'a Graphs, options: Options, failures: Failures) -> Engine<'a> {
        let graph = &graphs.sites;
        let router = org
            .sites()
            .iter_enumerated()
            .map(|(site, _)| org.is_router(Node::Site(site)));
        let forest = Forest::new(graph, router.collect());
        let core = Core::new(graph, &forest);
        let nothing = Cuts::new(&forest, SmallVec::new());
        let all = (0..core.len()).map(|at| core.stands_for(at));
        Engine {
            stands_for: all.map(|v| (forest.below(v), nothing.first_below(v))).collect(),
            org,
            graph,
            options,
            failures,
            forest,
            core,
        }
    }

    /// The list that numbers refer to.
    pub fn failures(&self) -> &Failures {
        &self.failures
    }

    /// Ordered pairs of routers that have a route while nothing fails. O(memberships).
    pub fn routes(org: &Organization, graphs: &Graphs) -> u64 {
        let forest = forest(org, &graphs.sites);
        forest
            .components()
            .map(|routers| routers * routers.saturating_sub(1))
            .sum()
    }

    /// What each failure of a range does, added up, with the `worst` worst of them. `told` is given every outcome in order, with
    /// every pair whose path crosses what failed if `with_pairs`, from time to time. The same for any number of threads.
    ///
    /// # Errors
    /// Those of `told`, which end the sweep.
    pub fn sweep<E>(
        &self,
        numbers: std::ops::Range<u64>,
        worst: usize,
        with_pairs: bool,
        mut told: impl FnMut(&Swept, &[PairChange]) -> Result<(), E>,
    ) -> Result<Sweep, E> {
        let mut sweep = Sweep::default();
        // Pairs of one failure may be as many as there are at all: few at a time.
        let chunk = if with_pairs { 16 } else { CHUNK };
        let mut next = numbers.start;
        while next < numbers.end {
            let end = numbers.end.min(next + chunk);
            let work = (next..end).into_par_iter();
            let done: Vec<(Swept, Vec<PairChange>)> = work
                .map_init(
                    || Repair::new(&self.core),
                    |repair, number| {
                        let outcome = self.outcome_in(number, repair);
                        let pairs = if with_pairs { self.pairs(number) } else { Vec::new() };
                        (Swept { number, outcome }, pairs)
                    },
                )
                .collect();
            for (swept, pairs) in done {
                told(&swept, &pairs)?;
                sweep.add(swept, worst);
            }
            next = end;
        }
        Ok(sweep)
    }

    /// What one failure does.
    ///
    /// O(k) for k sites in the core, and O(log k) for each pair of them whose path crosses it, times links of a site; with binary
    /// back-off a search from every site.
    pub fn outcome(&self, number: u64) -> Outcome {
        self.outcome_in(number, &mut Repair::new(&self.core))
    }

    /// Every ordered pair of routers whose path crosses what failed, in table order, with where its mail waits and the way that
    /// it takes instead. Two searches from every site.
    pub fn pairs(&self, number: u64) -> Vec<PairChange> {
        pairs::pairs(self.org, self.graph, self.options, self.failures.get(number))
    }

    fn outcome_in(&self, number: u64, repair: &mut Repair) -> Outcome {
        let failure = self.failures.get(number);
        if self.options.backoff == Backoff::Binary {
            // Where mail waits hangs on the length of the whole path then, and on what each site on it runs.
            return pairs::outcome(self.org, self.graph, self.options, failure);
        }
        match failure {
            Failure::Link(link) => self.together(&[Part::Link(link)], repair),
            Failure::Site(site) => self.together(&[Part::Site(site)], repair),
            Failure::Links(first, second) => {
                let [a, b] = [first, second].map(|link| self.forest.component(self.graph.members(link)[0].raw()).0);
                match a == b {
                    true => self.together(&[Part::Link(first), Part::Link(second)], repair),
                    false => self
                        .together(&[Part::Link(first)], repair)
                        .and(&self.together(&[Part::Link(second)], repair)),
                }
            }
        }
    }

    /// What parts of one component do when they fail together.
    fn together(&self, parts: &[Part], repair: &mut Repair) -> Outcome {
        let mut cuts: SmallVec<[Cut; 2]> = SmallVec::new();
        let mut broken = Broken::default();
        for part in parts {
            self.place(*part, &mut cuts, &mut broken);
        }
        let mut outcome = Outcome::default();
        let vertex = match parts[0] {
            Part::Link(link) => self.graph.members(link)[0].raw(),
            Part::Site(site) => site.raw(),
        };
        let mut routers = self.forest.component(vertex).1;
        if matches!(parts[0], Part::Site(_)) && self.forest.is_router(vertex) {
            routers -= 1;
            outcome.ends = 2 * routers;
        }
        let mut counting = Counting {
            forest: &self.forest,
            core: &self.core,
            cuts: Cuts::new(&self.forest, cuts),
            routers,
            lost: 0,
            waits: Vec::new(),
            sum_up_at: 1 << 16,
        };
        counting.up();
        let rest = self.rest(&counting.cuts);
        let mut heads = counting.heads(&rest);
        if !broken.is_nothing() {
            self.search(&broken, repair, &mut counting, &rest, &mut heads, &mut outcome);
        }
        for head in &heads {
            counting.down(head.root, &head.open);
        }
        outcome.lost += counting.lost;
        outcome.queues = counting.queues();
        outcome
    }

    /// Where a failure lies: among the trees, in the core, or both.
    fn place(&self, part: Part, cuts: &mut SmallVec<[Cut; 2]>, broken: &mut Broken) {
        match part {
            Part::Site(site) => {
                cuts.push(Cut::Whole(site.raw()));
                broken.site = self.core.at(site);
            }
            Part::Link(link) => match *self.graph.members(link) {
                [a, b] => match self.forest.hanging_by([a, b]) {
                    Some(hanging) => cuts.push(Cut::Above(hanging)),
                    None => {
                        broken.links.push(link);
                        let ends = [a, b].into_iter().filter_map(|site| self.core.at(site));
                        broken.steps.extend(ends.map(|at| (at, link)));
                    }
                },
                _ => {
                    let at = self.graph.wide().binary_search(&link).expect("it is a wide link");
                    let at = u32::try_from(at).expect("fewer than bytes of input");
                    cuts.push(Cut::Whole(self.forest.wide(at)));
                    if let Some(wide) = self.core.wides().iter().find(|wide| wide.link == link) {
                        broken.links.push(link);
                        broken.steps.extend(wide.members.iter().map(|at| (*at, link)));
                    }
                }
            },
        }
    }

    /// Routers that each site of the core still stands for, and the first of them.
    fn rest(&self, cuts: &Cuts<'_>) -> Vec<(u64, Option<u32>)> {
        let mut rest = self.stands_for.clone();
        for v in cuts.vertices() {
            let root = self.forest.root(v);
            if let Some(at) = self.core.who_stands_for(root) {
                rest[at as usize] = (cuts.rest_below(root), cuts.first_below(root));
            }
        }
        rest
    }

    /// The pairs whose path is broken in the core.
    fn search(
        &self,
        broken: &Broken,
        repair: &mut Repair,
        counting: &mut Counting<'_>,
        rest: &[(u64, Option<u32>)],
        heads: &mut [Head],
        outcome: &mut Outcome,
    ) {
        repair.run(&self.core, broken, |source, behind| {
            let (from, first) = rest[source as usize];
            let Some(first) = first else { return };
            let row = self.core.row(source);
            for behind in behind {
                let to = self.core.stands_for(behind.at);
                let ((there, first_there), all) = (rest[behind.at as usize], counting.cuts.alive_below(to));
                counting.wait_before(source, row, behind.last, from, all);
                match (behind.after, first_there) {
                    (Some(after), Some(first_there)) => {
                        let before = row.key(behind.at).expect("it was reached");
                        counting.lost += from * (all - there);
                        outcome.add_moved(from * there, before, after, (first, first_there));
                    }
                    _ => counting.lost += from * all,
                }
                for head in heads.iter_mut().filter(|head| head.at == Some(behind.at)) {
                    head.open[source as usize] = 0;
                }
            }
        });
    }
}

fn forest(org: &Organization, graph: &CompactSites) -> Forest {
    let sites = org.sites().iter_enumerated().map(|(site, _)| site);
    Forest::new(graph, sites.map(|site| org.is_router(Node::Site(site))).collect())
}

/// A piece that was cut off and that mail is sent down to.
struct Head {
    root: Vertex,
    /// The site of the core that what it hung on still hangs on.
    at: Option<At>,
    /// What each source of the core has on it, unless its path there is broken.
    open: Vec<u64>,
}

/// Pairs that are counted, and where their mail waits.
struct Counting<'e> {
    forest: &'e Forest,
    core: &'e Core,
    cuts: Cuts<'e>,
    /// Those of the component that did not fail.
    routers: u64,
    lost: u64,
    waits: Vec<(u32, u64)>,
    /// Queues of one site are brought together when there are so many.
    sum_up_at: usize,
}

impl Counting<'_> {
    fn wait(&mut self, site: Vertex, pairs: u64) {
        if pairs > 0 {
            self.waits.push((site, pairs));
        }
        if self.waits.len() >= self.sum_up_at {
            self.sum_up();
            self.sum_up_at = (2 * self.waits.len()).max(1 << 16);
        }
    }

    fn sum_up(&mut self) {
        self.waits.sort_unstable();
        self.waits.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            earlier.1 += if same { later.1 } else { 0 };
            same
        });
    }

    fn queues(mut self) -> Vec<(u32, u64)> {
        self.sum_up();
        self.waits
    }

    /// Mail that waits on its way up to `v`, for `to` destinations. How many senders it has.
    fn wait_below(&mut self, v: Vertex, to: u64) -> u64 {
        let mut found: SmallVec<[(Vertex, u64); 8]> = SmallVec::new();
        self.cuts.wait_below(v, &mut |site, from| found.push((site, from)));
        found.iter().for_each(|(site, from)| self.wait(*site, from * to));
        found.iter().map(|(_, from)| from).sum()
    }

    /// Mail out of pieces that were cut off.
    fn up(&mut self) {
        for root in self.cuts.roots.clone() {
            let to = self.routers - self.cuts.alive_below(root);
            if to > 0 {
                self.lost += self.wait_below(root, to) * to;
            }
        }
    }

    /// The pieces that mail is sent down to. `rest`: what each site of the core stands for.
    fn heads(&self, rest: &[(u64, Option<u32>)]) -> Vec<Head> {
        let mut heads = Vec::new();
        for root in &self.cuts.roots {
            let above = self.forest.parent(*root).expect("it hung on something");
            if self.cuts.has_failed(above) || self.cuts.alive_below(*root) == 0 {
                continue;
            }
            heads.push(Head {
                root: *root,
                at: match self.cuts.piece(above) {
                    Some(_) => None,
                    None => self.core.who_stands_for(self.forest.root(above)),
                },
                open: rest.iter().map(|(routers, _)| *routers).collect(),
            });
        }
        heads
    }

    /// Mail for a piece that was cut off at `root`, from all that still hangs together with what it hung on. `open`: how many that
    /// are, for each site of the core whose path there is not broken.
    fn down(&mut self, root: Vertex, open: &[u64]) {
        let to = self.cuts.alive_below(root);
        let above = self.forest.parent(root).expect("it hung on something");
        let mut left = match self.cuts.piece(above) {
            Some(piece) => self.cuts.rest_below(piece),
            None => self.in_component(above, open),
        };
        self.lost += left * to;
        let (mut v, mut from) = (above, root);
        loop {
            if self.forest.is_router(v) {
                return self.wait(v, left * to);
            }
            let beside: SmallVec<[Vertex; 8]> = self.forest.children(v).collect();
            for child in beside.into_iter().filter(|child| *child != from) {
                if !self.cuts.is_root(child) {
                    left -= self.wait_below(child, to);
                }
            }
            if self.cuts.is_root(v) {
                return;
            }
            match self.forest.parent(v) {
                Some(parent) => (v, from) = (parent, v),
                None => return self.down_from_core(v, open, to),
            }
        }
    }

    /// Routers of the component of `v` on sites of the core from which the way is open.
    fn in_component(&self, v: Vertex, open: &[u64]) -> u64 {
        let root = self.forest.root(v);
        if self.core.who_stands_for(root).is_none() {
            // A tree altogether.
            return self.cuts.rest_below(root);
        }
        let component = self.forest.component(v).0;
        let here = |at: &At| self.forest.component(self.core.stands_for(*at)).0 == component;
        let all = (0..self.core.len()).filter(here);
        all.map(|at| open[at as usize]).sum()
    }

    /// The same from the core: nobody between `v`, which is in it, and the piece takes mail.
    fn down_from_core(&mut self, v: Vertex, open: &[u64], to: u64) {
        let Some(here) = self.core.who_stands_for(v) else {
            return;
        };
        for source in (0..self.core.len()).filter(|source| *source != here) {
            let row = self.core.row(source);
            if let (Some(last), 1..) = (row.before(here), open[source as usize]) {
                self.wait_before(source, row, last, open[source as usize], to);
            }
        }
    }

    /// Mail of `from` routers that `source` stands for, to `to` destinations, which comes as far as `last`.
    fn wait_before(&mut self, source: At, row: &Row, last: At, from: u64, to: u64) {
        let mut at = last;
        while at != source {
            let site = self.core.site(at).raw();
            if self.forest.is_router(site) {
                return self.wait(site, from * to);
            }
            at = row.before(at).expect("the path begins at the source");
        }
        self.wait_below(self.core.stands_for(source), to);
    }
}
