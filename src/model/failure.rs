//! What is down.

use super::{ConnectorIdx, RoutingGroupConnectorIdx, ServerIdx, SiteIdx, SiteLinkIdx};

/// A set of things that are down. Routers differ in what they make of it: 2007 and later only find out when they try to
/// deliver, legacy servers route around (R6, R34, R35).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailureSet {
    /// Servers.
    pub servers: Vec<ServerIdx>,
    /// Sites: every server there.
    pub sites: Vec<SiteIdx>,
    /// Site links: nothing passes.
    pub site_links: Vec<SiteLinkIdx>,
    /// Routing-group connectors.
    pub routing_group_connectors: Vec<RoutingGroupConnectorIdx>,
    /// Connectors to the outside.
    pub connectors: Vec<ConnectorIdx>,
}

impl FailureSet {
    /// Whether nothing is down.
    pub fn is_empty(&self) -> bool {
        *self == FailureSet::default()
    }
}
