//! Where two groups that hand mail to each other may act on different news, and what keeps news from arriving.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::unionfind::UnionFind;

use crate::linkstate::{Audience, Carries};
use crate::model::{ConnectorRef, GroupRef, RoutingGroupConnectorIdx, RoutingGroupIdx};
use crate::verify::World;
use crate::verify::scene::Failed;

/// Sets of joints that are looked at in search of those that keep news from arriving.
const CUTS_TRIED_MAX: u64 = 50_000;

/// See the module.
pub(super) struct Seams {
    /// By connector: whoever sends mail over it tells the next group all that he knows, and is told, before it is routed there.
    teaches: Vec<bool>,
    /// Groups that mail reaches from legacy groups over connectors that do not teach.
    unannounced: BTreeSet<RoutingGroupIdx>,
    /// Least sets of failures that keep news from some group that would act on it; the empty one when that needs no failure.
    pub(super) cuts: BTreeSet<Failed>,
    /// No other cuts are there.
    pub(super) complete: bool,
}

impl Seams {
    /// O(connectors), and for the cuts O(sets of up to `failures_max` failures that part two groups × connectors).
    pub(super) fn new(world: &World<'_>, failures_max: usize) -> Seams {
        let connectors = world.org.routing_group_connectors();
        let mut seams = Seams {
            teaches: vec![false; connectors.len()],
            unannounced: BTreeSet::new(),
            cuts: BTreeSet::new(),
            complete: true,
        };
        for (index, _) in connectors.iter_enumerated() {
            let Some(connector) = world.graphs.combined.connector(index) else {
                continue;
            };
            let (GroupRef::Legacy(from), GroupRef::Legacy(to)) = (connector.from, connector.to) else {
                continue;
            };
            let listens = world.beliefs.audience(from).is_some() && same_audience(world, from, to);
            seams.teaches[index.index()] = listens && Carries::new(world.org, connector) == Carries::Always;
            if !seams.teaches[index.index()] {
                seams.unannounced.insert(to);
            }
        }
        Joints::new(world).find_cuts(failures_max, &mut seams);
        seams
    }

    /// Whether mail over a connector makes the groups at its ends act on the same news.
    pub(super) fn teaches(&self, connector: RoutingGroupConnectorIdx) -> bool {
        self.teaches[connector.index()]
    }

    /// Of groups of one audience that mail enters over a seam, if they are two or more: every circle that some news only makes
    /// passes two of them (see the module above). `from_2007` are those that the 2007 side hands mail to.
    pub(super) fn anchors(
        &self,
        world: &World<'_>,
        from_2007: impl Iterator<Item = RoutingGroupIdx>,
    ) -> Vec<RoutingGroupIdx> {
        let mut entered: BTreeMap<Audience, BTreeSet<RoutingGroupIdx>> = BTreeMap::new();
        for group in self.unannounced.iter().copied().chain(from_2007) {
            entered.entry(world.beliefs.audience(group)).or_default().insert(group);
        }
        let several = entered
            .into_iter()
            .filter(|(audience, groups)| audience.is_some() && groups.len() > 1);
        several.flat_map(|(_, groups)| groups).collect()
    }
}

fn same_audience(world: &World<'_>, a: RoutingGroupIdx, b: RoutingGroupIdx) -> bool {
    world.beliefs.audience(a) == world.beliefs.audience(b)
}

/// Two groups between which news passes, with the connectors that carry it, by position, ascending. It passes while one works.
struct Joint {
    ends: (usize, usize),
    over: Failed,
    /// Whether sets of failures may hold all of them (V16).
    may_part: bool,
}

/// All joints between groups with a working master: whoever acts on nothing passes nothing on (LS-1.5).
struct Joints {
    all: Vec<Joint>,
    /// By group: the lowest group of its audience.
    audience: Vec<Option<usize>>,
}

impl Joints {
    fn new(world: &World<'_>) -> Joints {
        let mut all: BTreeMap<(usize, usize), Failed> = BTreeMap::new();
        for (index, _) in world.org.routing_group_connectors().iter_enumerated() {
            let Some(connector) = world.graphs.combined.connector(index) else {
                continue;
            };
            if let (GroupRef::Legacy(from), GroupRef::Legacy(to)) = (connector.from, connector.to)
                && Carries::new(world.org, connector) != Carries::Never
                && world.beliefs.audience(from).is_some()
                && world.beliefs.audience(to).is_some()
            {
                let ends = (from.index().min(to.index()), from.index().max(to.index()));
                let position = world.beliefs.believable().position(ConnectorRef::RoutingGroup(index));
                all.entry(ends).or_default().push(position);
            }
        }
        let joint = |(ends, mut over): ((usize, usize), Failed)| {
            over.sort_unstable();
            let may_part = over.iter().all(|position| world.beliefs.is_heard(*position));
            Joint { ends, over, may_part }
        };
        let groups = (0..world.org.routing_groups().len()).map(RoutingGroupIdx::from_usize);
        Joints {
            all: all.into_iter().map(joint).collect(),
            audience: groups
                .map(|group| world.beliefs.audience(group).map(RoutingGroupIdx::index))
                .collect(),
        }
    }

    /// Which groups news reaches from each group, without some joints: the lowest of them. Groups that act on nothing are by
    /// themselves.
    fn parts(&self, without: &[usize]) -> Vec<usize> {
        let mut sets = UnionFind::<usize>::new(self.audience.len());
        for (at, joint) in self.all.iter().enumerate() {
            if !without.contains(&at) {
                sets.union(joint.ends.0, joint.ends.1);
            }
        }
        let mut lowest: Vec<Option<usize>> = vec![None; self.audience.len()];
        let part = |group: usize| *lowest[sets.find(group)].get_or_insert(group);
        (0..self.audience.len()).map(part).collect()
    }

    /// Whether news from some group reaches all who would act on it.
    fn is_whole(&self, parts: &[usize]) -> bool {
        let mut part_of: Vec<Option<usize>> = vec![None; parts.len()];
        let mut groups = self.audience.iter().zip(parts);
        groups.all(|(audience, part)| audience.is_none_or(|audience| *part_of[audience].get_or_insert(*part) == *part))
    }

    /// Every set of joints that some failures can part, of which each parts groups that the others do not.
    fn find_cuts(&self, failures_max: usize, seams: &mut Seams) {
        let mut tries = CUTS_TRIED_MAX;
        let mut pending: Vec<Vec<usize>> = vec![Vec::new()];
        while let Some(cut) = pending.pop() {
            if tries == 0 {
                seams.complete = false;
                return;
            }
            tries -= 1;
            let failures: usize = cut.iter().map(|at| self.all[*at].over.len()).sum();
            let parts = self.parts(&cut);
            let without = |left_in: usize| cut.iter().copied().filter(move |at| *at != left_in).collect::<Vec<_>>();
            if !self.is_whole(&parts) && cut.iter().all(|at| self.parts(&without(*at)) != parts) {
                let mut failed: Failed = cut.iter().flat_map(|at| self.all[*at].over.iter().copied()).collect();
                failed.sort_unstable();
                seams.cuts.insert(failed);
            }
            let next = cut.last().map_or(0, |last| last + 1)..self.all.len();
            let affordable =
                next.filter(|at| self.all[*at].may_part && failures + self.all[*at].over.len() <= failures_max);
            pending.extend(affordable.map(|at| [&cut[..], &[at]].concat()));
        }
    }
}
