//! Least-cost paths over routing-group connectors, from one group to every other.
//!
//! Paths are sequences of connectors, ranked by cost, then by what it takes to come to the first one, then by their number,
//! then by names with the first connector first. Both 2000/2003's own selection (RT-2.8, D14) and the legacy half of
//! 2007's (RT-2.7, D13) read their answer off this tree; they differ in which connectors they admit, and 2007 alone has a
//! way to go to the first one.
//!
//! Names never enter the queue. All but names grows along every path, so a best path consists of *tight* connectors, over
//! which the best path to their near end leads to their far end at its best key. A walk that goes deep first, the
//! lowest-named tight connector before the others, comes to paths in the order of their names: it arrives at every group
//! for the first time over its best path. It need not go on from a group where it was before, since from there it has
//! been everywhere already.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::Clause;
use super::site_search::PathCost;
use crate::graph::{CombinedGraph, UsableConnector};
use crate::model::{Cost, GroupRef, RoutingGroupConnectorIdx};

/// What a path over connectors costs, compared in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupCost {
    /// Sum of connector costs.
    pub cost: Cost,
    /// Site cost of coming to the first connector.
    pub site_cost: Cost,
    /// Site hops to the first connector, or 0 when the search does not count hops.
    pub site_hops: u32,
    /// Connectors crossed, or 0 when the search does not count hops.
    pub connectors: u32,
}

/// Best paths from one group to every other.
#[derive(Clone, Debug)]
pub struct GroupTree {
    /// By group; the 2007 group is last.
    best: Vec<Option<Best>>,
}

/// What is best to one group.
#[derive(Clone, Copy, Debug)]
pub struct Best {
    /// What the best path costs.
    pub key: GroupCost,
    /// Its last connector, and the position of the group before it; `None` at the source.
    last: Option<(RoutingGroupConnectorIdx, usize)>,
    /// Paths of that cost: 1, or 2 for "several".
    of_cost: u8,
    /// Paths of that cost and site cost, counted likewise.
    of_site_cost: u8,
    /// Paths of that key, counted likewise.
    of_key: u8,
}

/// A connector that a path may begin with.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// A usable connector of the source.
    pub connector: RoutingGroupConnectorIdx,
    /// What it takes to come to it.
    pub distance: PathCost,
}

/// What a search admits, and whether it counts hops.
pub struct Admission<'a> {
    /// Whether a connector may be crossed after the first.
    pub connector: &'a dyn Fn(&UsableConnector) -> bool,
    /// Whether fewer hops win before names do (`--legacy-tie hops`).
    pub count_hops: bool,
}

/// A connector that leaves a group which can be reached.
struct Crossing {
    /// Positions of the groups at its ends.
    from: usize,
    to: usize,
    connector: RoutingGroupConnectorIdx,
    /// The best path to `from`, and over it.
    key: GroupCost,
}

/// Searches from `source`, each path beginning with one of `starts`, which ascend. O(groups + connectors log connectors).
pub fn search(graph: &CombinedGraph, source: GroupRef, starts: &[Start], admission: &Admission<'_>) -> GroupTree {
    let mut search = Search {
        graph,
        count_hops: admission.count_hops,
        best: vec![None; graph.groups() + 1],
        crossings: Vec::new(),
        leaving: vec![0..0; graph.groups() + 1],
        queue: BinaryHeap::new(),
    };
    let source = graph.position(source);
    search.best[source] = Some(Best {
        of_cost: 1,
        of_site_cost: 1,
        of_key: 1,
        ..Best::at(GroupCost::default())
    });
    let starts = starts.iter().filter_map(|start| {
        let connector = graph.connector(start.connector)?;
        let so_far = GroupCost {
            site_cost: start.distance.cost,
            site_hops: if admission.count_hops { start.distance.hops } else { 0 },
            ..GroupCost::default()
        };
        Some((connector, so_far))
    });
    search.leave(source, starts);
    while let Some(Reverse((key, at))) = search.queue.pop() {
        if search.best[at].is_none() {
            search.best[at] = Some(Best::at(key));
            let connectors = graph.connectors_at(at).filter(|c| (admission.connector)(c));
            search.leave(at, connectors.map(|connector| (connector, key)));
        }
    }
    search.count_ties();
    search.choose_by_name(source);
    GroupTree { best: search.best }
}

struct Search<'g> {
    graph: &'g CombinedGraph,
    count_hops: bool,
    best: Vec<Option<Best>>,
    /// In order of the best keys of the groups that they leave.
    crossings: Vec<Crossing>,
    /// By group: which crossings leave it, lowest name first.
    leaving: Vec<Range<usize>>,
    queue: BinaryHeap<Reverse<(GroupCost, usize)>>,
}

impl<'g> Search<'g> {
    /// Offers the far ends of connectors at the group `at`, each with what it takes to come to the connector.
    fn leave(&mut self, at: usize, connectors: impl Iterator<Item = (&'g UsableConnector, GroupCost)>) {
        let first = self.crossings.len();
        for (connector, so_far) in connectors {
            let key = GroupCost {
                cost: so_far.cost + Cost::from(connector.cost),
                connectors: so_far.connectors + u32::from(self.count_hops),
                ..so_far
            };
            let to = self.graph.position(connector.to);
            self.queue.push(Reverse((key, to)));
            self.crossings.push(Crossing {
                from: at,
                to,
                connector: connector.index,
                key,
            });
        }
        self.leaving[at] = first..self.crossings.len();
    }

    /// Crossings come in the order of what lies before them, and no connector is free: what is before is counted already.
    fn count_ties(&mut self) {
        let more = |count: &mut u8, by: u8| *count = (*count + by).min(2);
        for crossing in &self.crossings {
            let Some(before) = self.best[crossing.from] else {
                continue;
            };
            let Some(best) = &mut self.best[crossing.to] else {
                continue;
            };
            if crossing.key.cost == best.key.cost {
                more(&mut best.of_cost, before.of_cost);
                if crossing.key.site_cost == best.key.site_cost {
                    more(&mut best.of_site_cost, before.of_site_cost);
                }
            }
            if crossing.key == best.key {
                more(&mut best.of_key, before.of_key);
            }
        }
    }

    /// The walk over tight connectors, lowest name first.
    fn choose_by_name(&mut self, source: usize) {
        let mut ahead: Vec<usize> = self.leaving[source].clone().rev().collect();
        while let Some(next) = ahead.pop() {
            let crossing = &self.crossings[next];
            let Some(best) = &mut self.best[crossing.to] else {
                continue;
            };
            if crossing.key == best.key && best.last.is_none() {
                best.last = Some((crossing.connector, crossing.from));
                ahead.extend(self.leaving[crossing.to].clone().rev());
            }
        }
    }
}

impl Best {
    /// Nothing but the key is known.
    fn at(key: GroupCost) -> Best {
        Best {
            key,
            last: None,
            of_cost: 0,
            of_site_cost: 0,
            of_key: 0,
        }
    }

    /// Whether another path over connectors costs as little. O(1).
    pub fn is_tied(&self) -> bool {
        self.of_cost > 1
    }

    /// What singled out the path (D13, D14). O(1).
    pub fn decided_by(&self) -> Clause {
        match (self.of_cost, self.of_site_cost, self.of_key) {
            (..=1, _, _) => Clause::RoutingGroupCost,
            (_, ..=1, _) => Clause::SiteCost,
            (_, _, ..=1) => Clause::Hops,
            _ => Clause::Name,
        }
    }
}

impl GroupTree {
    /// What is best to a group; `None` when there is no path. O(1).
    pub fn best(&self, to: GroupRef) -> Option<&Best> {
        let at = match to {
            GroupRef::Legacy(group) => group.index(),
            GroupRef::Exchange2007 => self.best.len() - 1,
        };
        self.best[at].as_ref()
    }

    /// The connectors of the best path, in order; `None` when there is no path. O(length).
    pub fn path(&self, to: GroupRef) -> Option<Vec<RoutingGroupConnectorIdx>> {
        let mut path = Vec::new();
        let mut at = self.best(to)?;
        while let Some((last, before)) = at.last {
            path.push(last);
            at = self.best[before].as_ref()?;
        }
        path.reverse();
        Some(path)
    }
}
