//! What a sender has decided about mail to one destination.

use smallvec::SmallVec;

use super::site_search::SiteClause;
use crate::model::{Cost, Node, RoutingGroupConnectorIdx, SiteIdx, SiteLinkIdx};

/// The criterion that left one path (contract, `decided_by`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Clause {
    /// Sum of routing-group connector costs (R53).
    RoutingGroupCost,
    /// Between sites: sum of site link costs.
    Cost,
    /// Site cost to the first connector (R54).
    SiteCost,
    /// Hops.
    Hops,
    /// Names.
    Name,
}

impl From<SiteClause> for Clause {
    fn from(clause: SiteClause) -> Clause {
        match clause {
            SiteClause::Cost => Clause::Cost,
            SiteClause::Hops => Clause::Hops,
            SiteClause::Name => Clause::Name,
        }
    }
}

/// Why mail is handed to the next hop and not somewhere else; the first that fits (contract, `relay`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relay {
    /// A routing-group connector is crossed to reach it.
    RoutingGroup,
    /// It is the destination.
    Direct,
    /// It holds a source server of the first connector.
    ConnectorSource,
    /// It is a hub site on the path.
    HubSite,
}

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Leg {
    /// Over a site link.
    SiteLink(SiteLinkIdx),
    /// Over a routing-group connector.
    Connector(RoutingGroupConnectorIdx),
}

/// The route of mail from one router to another, as the sender plans it (contract, `routes`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The sender.
    pub from: Node,
    /// The destination.
    pub to: Node,
    /// Sum of the costs of all routing-group connectors on the path (D16).
    pub routing_group_cost: Cost,
    /// From a site to a routing group: cost of reaching the first connector. Otherwise the sum of all site links on the path.
    pub site_cost: Cost,
    /// From the sender to the destination.
    pub path: SmallVec<[Node; 8]>,
    /// `legs[i]` leads from `path[i]` to `path[i + 1]`.
    pub legs: SmallVec<[Leg; 8]>,
    /// Where mail is handed to when all is up.
    pub next_hop: Node,
    /// Why there.
    pub relay: Relay,
    /// Who takes the mail when the next hop does not answer, in the order in which they are tried.
    pub backoff: SmallVec<[SiteIdx; 4]>,
    /// What singled out this path.
    pub decided_by: Clause,
    /// 2000/2003 may spread mail over several ways.
    pub ambiguous: bool,
}

impl Plan {
    /// Links and connectors crossed.
    pub fn hops(&self) -> usize {
        self.legs.len()
    }

    /// The site links crossed, in order.
    pub fn site_links(&self) -> impl Iterator<Item = SiteLinkIdx> {
        self.legs.iter().filter_map(|leg| match leg {
            Leg::SiteLink(link) => Some(*link),
            Leg::Connector(_) => None,
        })
    }

    /// The routing-group connectors crossed, in order.
    pub fn connectors(&self) -> impl Iterator<Item = RoutingGroupConnectorIdx> {
        self.legs.iter().filter_map(|leg| match leg {
            Leg::Connector(connector) => Some(*connector),
            Leg::SiteLink(_) => None,
        })
    }
}
