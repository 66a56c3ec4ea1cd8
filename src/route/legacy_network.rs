//! All equally good ways of a 2000/2003 server, under any set of connectors that it believes down (LS-2.1).
//!
//! [`super::group_search`] ranks paths to the last name, for tables. Whether mail can circle must not hang on how a server
//! breaks a tie, since sources differ on it (Q8): here every connector that starts a path of least cost counts. Thousands
//! of failure sets are tried on one network, so it is flat arrays, and what may be crossed is an argument.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use smallvec::SmallVec;

use super::{Plan, Standing, View};
use crate::graph::CombinedGraph;
use crate::model::{
    Address, ConnectorIdx, ConnectorRef, Cost, GroupRef, Node, Organization, RoutingGroupConnectorIdx, RoutingGroupIdx,
};

/// Usable routing-group connectors among all groups, the 2007 group being one of them.
#[derive(Clone, Debug)]
pub struct LegacyNetwork {
    /// By group, the 2007 one last: what starts there, ascending by name.
    out_of: Vec<SmallVec<[Crossing; 4]>>,
    /// By group, the 2007 one last: what ends there.
    into: Vec<SmallVec<[Crossing; 4]>>,
}

/// A connector as seen from one of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// Which connector.
    pub connector: RoutingGroupConnectorIdx,
    /// Its other end.
    pub other: GroupRef,
    cost: u32,
}

/// A connector to the outside that a legacy group would let serve an address if all were up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LegacyExit {
    /// Which connector.
    pub connector: ConnectorIdx,
    /// The group it is in.
    pub group: GroupRef,
    /// Cost of its address space.
    pub cost: Cost,
}

/// Least costs from every group to the nearest of some targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyDistances {
    /// By group, the 2007 one last.
    cost: Vec<Option<Cost>>,
}

impl LegacyNetwork {
    /// The network of an organization. O(connectors).
    pub fn new(org: &Organization, graph: &CombinedGraph) -> LegacyNetwork {
        let slots = org.routing_groups().len() + 1;
        let mut network = LegacyNetwork {
            out_of: vec![SmallVec::new(); slots],
            into: vec![SmallVec::new(); slots],
        };
        for (index, _) in org.routing_group_connectors().iter_enumerated() {
            let Some(connector) = graph.connector(index) else {
                continue;
            };
            let seen = |other| Crossing {
                connector: index,
                other,
                cost: connector.cost,
            };
            let (from, to) = (network.slot(connector.from), network.slot(connector.to));
            network.out_of[from].push(seen(connector.to));
            network.into[to].push(seen(connector.from));
        }
        network
    }

    fn slot(&self, group: GroupRef) -> usize {
        match group {
            GroupRef::Legacy(group) => group.index(),
            GroupRef::Exchange2007 => self.out_of.len() - 1,
        }
    }

    fn group(&self, slot: usize) -> GroupRef {
        if slot + 1 == self.out_of.len() {
            GroupRef::Exchange2007
        } else {
            GroupRef::Legacy(RoutingGroupIdx::from_usize(slot))
        }
    }

    /// Least costs to the nearest of `targets`, each with what it costs to be there, over admitted connectors.
    /// O(connectors log groups).
    pub fn distances(
        &self,
        targets: impl IntoIterator<Item = (GroupRef, Cost)>,
        admits: impl Fn(RoutingGroupConnectorIdx) -> bool,
    ) -> LegacyDistances {
        let mut cost = vec![None; self.out_of.len()];
        let queued = targets
            .into_iter()
            .map(|(group, cost)| Reverse((cost, self.slot(group))));
        let mut queue: BinaryHeap<Reverse<(Cost, usize)>> = queued.collect();
        while let Some(Reverse((least, at))) = queue.pop() {
            if cost[at].is_some() {
                continue;
            }
            cost[at] = Some(least);
            for crossing in self.into[at].iter().filter(|crossing| admits(crossing.connector)) {
                let from = self.slot(crossing.other);
                if cost[from].is_none() {
                    queue.push(Reverse((least + Cost::from(crossing.cost), from)));
                }
            }
        }
        LegacyDistances { cost }
    }

    /// Connectors of `group` with which a path of least cost begins, ascending by name. `admits` is that of `distances`.
    pub fn best_first<'n>(
        &'n self,
        group: GroupRef,
        distances: &'n LegacyDistances,
        admits: impl Fn(RoutingGroupConnectorIdx) -> bool + 'n,
    ) -> impl Iterator<Item = Crossing> + 'n {
        let slot = self.slot(group);
        let here = distances.cost[slot];
        self.out_of[slot].iter().copied().filter(move |crossing| {
            let ahead = distances.cost[self.slot(crossing.other)];
            ahead
                .zip(here)
                .is_some_and(|(ahead, here)| ahead + Cost::from(crossing.cost) == here)
                && admits(crossing.connector)
        })
    }

    /// Every group, the 2007 one last.
    pub fn groups(&self) -> impl Iterator<Item = GroupRef> {
        (0..self.out_of.len()).map(|slot| self.group(slot))
    }

    /// What `distances` says of a group; `None`: no target can be reached.
    pub fn cost(&self, distances: &LegacyDistances, group: GroupRef) -> Option<Cost> {
        distances.cost[self.slot(group)]
    }

    /// What starts at a group, ascending by name.
    pub fn starting_at(&self, group: GroupRef) -> &[Crossing] {
        &self.out_of[self.slot(group)]
    }

    /// What ends at a group, ascending by name.
    pub fn ending_at(&self, group: GroupRef) -> &[Crossing] {
        &self.into[self.slot(group)]
    }
}

impl Crossing {
    /// What crossing it costs.
    pub fn cost(&self) -> Cost {
        Cost::from(self.cost)
    }
}

impl View<'_> {
    /// Whether legacy servers let the message through a routing-group connector: restrictions and size (D19, D20).
    pub fn legacy_admits(&self, connector: RoutingGroupConnectorIdx) -> bool {
        let connector = &self.org.routing_group_connectors()[connector];
        self.message.passes(&connector.restrictions)
            && self
                .message
                .size
                .is_none_or(|size| connector.max_message_size.passes(size))
    }

    /// Whether a legacy group takes the way of `plan` since other connectors refuse the message (LS-2.1): if none did, a way would cost
    /// less, or a more specific connector to the outside would serve the address. `outside` is that address, with how the selected connector
    /// stands. What is down stays down. `false` for plans of sites. O(connectors log groups).
    pub fn legacy_goes_around_refusal(&self, plan: &Plan, outside: Option<(&Address, &Standing)>) -> bool {
        let Node::RoutingGroup(from) = plan.from else {
            return false;
        };
        let (ends, cost) = match (outside, plan.to) {
            (Some((address, standing)), _) => {
                let exits = self.legacy_exits_unrefused(from, address);
                if exits.iter().any(|(specificity, _)| *specificity > standing.specificity) {
                    return true;
                }
                let equals = exits.into_iter().map(|(_, exit)| exit).filter(|exit| {
                    let connector = ConnectorRef::External(exit.connector);
                    !self.legacy_takes_as_down(connector)
                });
                (equals.map(|exit| (exit.group, exit.cost)).collect(), standing.cost.0)
            }
            (None, Node::Site(_)) => (vec![(GroupRef::Exchange2007, 0)], plan.routing_group_cost),
            (None, Node::RoutingGroup(to)) => (vec![(GroupRef::Legacy(to), 0)], plan.routing_group_cost),
        };
        let network = LegacyNetwork::new(self.org, &self.graphs.combined);
        let distances = network.distances(ends, |index| {
            !self.legacy_takes_as_down(ConnectorRef::RoutingGroup(index))
        });
        let least = network.cost(&distances, GroupRef::Legacy(from));
        least.is_some_and(|least| least < cost)
    }
}
