//! What each group acts on once the news has settled.

use oxc_index::IndexVec;

use super::always_up::source_group;
use super::{Believable, Islands, Options};
use crate::graph::CombinedGraph;
use crate::model::{ConnectorRef, Organization, RoutingGroupIdx, Version};

/// Groups that act on the same failures, whichever fail: the lowest group of their island. `None`: they act on none.
///
/// Two groups of one audience see the same network. Mail that circles among legacy groups alone passes at least two.
pub type Audience = Option<RoutingGroupIdx>;

/// For every legacy group and connector, whether the group acts on its failure when beliefs have settled.
///
/// A group does when the connector starts in its island, unless either group is stale (contract, section 3): a stale group
/// neither hears nor tells. A group of nothing but 5.5 servers, one of which is set to least cost routes only, never looks
/// at failures (LC9).
#[derive(Clone, Debug)]
pub struct Beliefs {
    audience: IndexVec<RoutingGroupIdx, Audience>,
    /// By position in [`Believable::all`]: who hears of it. `None`: nobody.
    heard_by: Vec<Audience>,
    believable: Believable,
}

impl Beliefs {
    /// Who acts on what. O(connectors × bridgeheads).
    pub fn new(org: &Organization, graph: &CombinedGraph, options: Options) -> Beliefs {
        let islands = Islands::new(org, graph);
        let audience: IndexVec<RoutingGroupIdx, Audience> = org
            .routing_groups()
            .iter_enumerated()
            .map(|(group, _)| {
                (!org.routing_groups()[group].is_stale() && !ignores_failures(org, group)).then(|| islands.of(group))
            })
            .collect();
        let believable = Believable::new(org, graph, options);
        let heard_by = believable
            .all()
            .iter()
            .map(|(connector, always_up)| {
                let group = source_group(org, *connector).filter(|_| always_up.is_none())?;
                let island = (!org.routing_groups()[group].is_stale()).then(|| islands.of(group));
                // An island may hold nobody who listens.
                island.filter(|_| audience.contains(&island))
            })
            .collect();
        Beliefs {
            audience,
            heard_by,
            believable,
        }
    }

    /// Connectors in name order, and which of them can be believed down at all.
    pub fn believable(&self) -> &Believable {
        &self.believable
    }

    /// Whom a group shares its view with.
    pub fn audience(&self, group: RoutingGroupIdx) -> Audience {
        self.audience[group]
    }

    /// Whether `audience` acts on the failure of the connector at `position`.
    pub fn acts_on(&self, audience: Audience, position: u32) -> bool {
        audience.is_some() && audience == self.heard_by[position as usize]
    }

    /// Whether anybody acts on the failure of the connector at `position`.
    pub fn is_heard(&self, position: u32) -> bool {
        self.heard_by[position as usize].is_some()
    }

    /// Whether anybody acts on the failure of any connector. O(connectors).
    pub fn is_any_heard(&self) -> bool {
        self.heard_by.iter().any(Option::is_some)
    }

    /// Whether a group acts on the failure of a connector.
    pub fn group_acts_on(&self, group: RoutingGroupIdx, connector: ConnectorRef) -> bool {
        self.acts_on(self.audience[group], self.believable.position(connector))
    }
}

/// LC9, V14: nothing but 5.5 servers, one of which takes the cheapest way whatever fails.
fn ignores_failures(org: &Organization, group: RoutingGroupIdx) -> bool {
    let servers = || org.group_servers(group).iter().map(|server| &org.servers()[*server]);
    servers().all(|server| server.version == Version::Exchange55) && servers().any(|server| server.least_cost_only)
}
