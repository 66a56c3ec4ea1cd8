//! Least-cost paths over routing-group connectors, from every group towards one.
//!
//! Paths are sequences of connectors, ranked by cost, then by their number, then by names with the first connector first.
//! Searching backwards from the target makes the last clause local: at every group the lowest-named connector among the
//! equally good ones starts the best path. Both 2000/2003's own selection (RT-2.8, D14) and the legacy half of 2007's
//! (RT-2.7, D13) read their answer off this tree; they differ in which connectors they admit.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::graph::{CombinedGraph, UsableConnector};
use crate::model::{Cost, GroupRef, RoutingGroupConnectorIdx, RoutingGroupIdx};

/// Cost of a path over connectors, and how many it crosses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupCost {
    /// Sum of connector costs.
    pub cost: Cost,
    /// Connectors crossed, or 0 when the search does not look at it.
    pub connectors: u32,
}

/// Best paths from every group towards one target.
#[derive(Clone, Debug)]
pub struct GroupTree {
    /// By group; the 2007 group is last.
    best: Vec<Option<Best>>,
}

/// What is best from one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Best {
    /// Cost and length of the best path.
    pub key: GroupCost,
    /// Its first connector; `None` at the target.
    pub first: Option<RoutingGroupConnectorIdx>,
    /// Paths of that cost: 1, or 2 for "several".
    pub paths_of_cost: u8,
    /// Paths of that cost and length: 1, or 2 for "several".
    pub paths_of_key: u8,
}

/// What a search admits, and whether it counts connectors.
pub struct Admission<'a> {
    /// Whether a connector may be crossed.
    pub connector: &'a dyn Fn(&UsableConnector) -> bool,
    /// Whether a path may start at or pass the 2007 group when it is not the target.
    pub through_2007: bool,
    /// Whether fewer connectors win before names do (`--legacy-tie hops`).
    pub count_connectors: bool,
}

/// Searches backwards from `target`. O(connectors log connectors).
pub fn search(graph: &CombinedGraph, groups: usize, target: GroupRef, admission: &Admission<'_>) -> GroupTree {
    let slot = |group: GroupRef| match group {
        GroupRef::Legacy(group) => group.index(),
        GroupRef::Exchange2007 => groups,
    };
    let unslot = |at: usize| match at == groups {
        true => GroupRef::Exchange2007,
        false => GroupRef::Legacy(RoutingGroupIdx::from_usize(at)),
    };
    let step = |key: GroupCost, connector: &UsableConnector| GroupCost {
        cost: key.cost + Cost::from(connector.cost),
        connectors: key.connectors + u32::from(admission.count_connectors),
    };
    let admitted = |connector: &UsableConnector| {
        (admission.through_2007 || connector.from != GroupRef::Exchange2007) && (admission.connector)(connector)
    };

    let mut keys: Vec<Option<GroupCost>> = vec![None; groups + 1];
    let mut order = Vec::new();
    let mut queue = BinaryHeap::from([Reverse((GroupCost::default(), slot(target)))]);
    while let Some(Reverse((key, at))) = queue.pop() {
        if keys[at].is_some() {
            continue;
        }
        keys[at] = Some(key);
        order.push(at);
        for connector in graph.connectors_to(unslot(at)).filter(|c| admitted(c)) {
            queue.push(Reverse((step(key, connector), slot(connector.from))));
        }
    }

    // Every tight connector leads to a group of lower cost, so in this order its ways on are counted already.
    let mut best: Vec<Option<Best>> = vec![None; groups + 1];
    for at in order {
        let key = keys[at].expect("a group in the order was reached");
        if unslot(at) == target {
            best[at] = Some(Best {
                key,
                first: None,
                paths_of_cost: 1,
                paths_of_key: 1,
            });
            continue;
        }
        let mut here = Best {
            key,
            first: None,
            paths_of_cost: 0,
            paths_of_key: 0,
        };
        for connector in graph.connectors_from(unslot(at)).filter(|c| admitted(c)) {
            let Some(ahead) = best[slot(connector.to)] else {
                continue;
            };
            let over = step(ahead.key, connector);
            if over.cost == key.cost {
                here.paths_of_cost = (here.paths_of_cost + ahead.paths_of_cost).min(2);
            }
            if over == key {
                here.paths_of_key = (here.paths_of_key + ahead.paths_of_key).min(2);
                // Connectors ascend by name: the first tight one is the lowest.
                here.first = here.first.or(Some(connector.index));
            }
        }
        best[at] = Some(here);
    }
    GroupTree { best }
}

impl GroupTree {
    /// What is best from a group; `None` when there is no path. O(1).
    pub fn best(&self, from: GroupRef) -> Option<&Best> {
        let at = match from {
            GroupRef::Legacy(group) => group.index(),
            GroupRef::Exchange2007 => self.best.len() - 1,
        };
        self.best[at].as_ref()
    }

    /// The connectors of the best path, in order; `None` when there is no path. O(length).
    pub fn path(&self, graph: &CombinedGraph, from: GroupRef) -> Option<Vec<RoutingGroupConnectorIdx>> {
        let mut path = Vec::new();
        let mut at = self.best(from)?;
        while let Some(first) = at.first {
            path.push(first);
            let connector = graph.connector(first).expect("trees hold usable connectors");
            at = self.best(connector.to).expect("a tight connector leads on");
        }
        Some(path)
    }
}
