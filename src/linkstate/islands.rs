//! Which legacy groups hear from each other.

use oxc_index::IndexVec;
use petgraph::unionfind::UnionFind;

use super::has_table;
use crate::graph::{CombinedGraph, UsableConnector};
use crate::model::{GroupRef, Organization, RoutingGroupIdx, ServerIdx};

/// Components of legacy groups joined by legacy-to-legacy connectors (LS-1.6, V12).
///
/// Failures do not split them: link state flows over whatever is left, and settles when the rest is back. Groups joined
/// only through the 2007 group never hear of each other's connectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Islands {
    /// For each group, the lowest group of its island.
    of: IndexVec<RoutingGroupIdx, RoutingGroupIdx>,
}

impl Islands {
    /// The islands of an organization. A connector joins only when each end has a 2000 or 2003 bridgehead that can be
    /// talked to (`link_state_blocked` is false): 5.5 does not speak the verb, and a closed port breaks the chain. Either
    /// direction will do (Q11, Q18). O(connectors × bridgeheads).
    pub fn new(org: &Organization, graph: &CombinedGraph) -> Islands {
        let groups = org.routing_groups().len();
        let mut sets = UnionFind::<usize>::new(groups);
        for (index, _) in org.routing_group_connectors().iter_enumerated() {
            if let Some((from, to)) = graph.connector(index).and_then(|connector| joins(org, connector)) {
                sets.union(from.index(), to.index());
            }
        }
        let mut lowest = vec![None; groups];
        let of = (0..groups).map(|group| *lowest[sets.find(group)].get_or_insert(RoutingGroupIdx::from_usize(group)));
        Islands { of: of.collect() }
    }

    /// The lowest group of the island that `group` is in: the same for exactly those that hear from each other.
    pub fn of(&self, group: RoutingGroupIdx) -> RoutingGroupIdx {
        self.of[group]
    }
}

/// Whether news of link state comes with the mail over a connector: tables are compared at the start of a session, before the
/// mail on it is routed (m3, LS-1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Carries {
    /// Never: it does not join two legacy groups, or no bridgehead at one of its ends can be talked to.
    Never,
    /// With some sessions: bridgeheads that can be talked to stand beside others that can't.
    Perhaps,
    /// With every session.
    Always,
}

impl Carries {
    /// What a connector carries that can carry mail. O(bridgeheads).
    pub fn new(org: &Organization, connector: &UsableConnector) -> Carries {
        let mut both = connector.sources.iter().chain(&connector.targets);
        match joins(org, connector) {
            None => Carries::Never,
            Some(_) if both.all(|server| may_talk(org, *server)) => Carries::Always,
            Some(_) => Carries::Perhaps,
        }
    }
}

/// The two groups between which link state flows over this connector, if it does.
pub(super) fn joins(org: &Organization, connector: &UsableConnector) -> Option<(RoutingGroupIdx, RoutingGroupIdx)> {
    let (GroupRef::Legacy(from), GroupRef::Legacy(to)) = (connector.from, connector.to) else {
        return None;
    };
    let talks = |server: &ServerIdx| may_talk(org, *server);
    (connector.sources.iter().any(talks) && connector.targets.iter().any(talks)).then_some((from, to))
}

/// Whether a server can exchange link state with other groups: one of 2000 or 2003 that can be talked to.
pub(super) fn may_talk(org: &Organization, server: ServerIdx) -> bool {
    has_table(org, server) && !org.servers()[server].link_state_blocked
}
