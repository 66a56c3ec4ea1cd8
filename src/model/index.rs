//! One index type for each arena; ascending index is ascending name.

macro_rules! indices {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        oxc_index::define_index_type! {
            $(#[$doc])*
            pub struct $name = u32;
            DEBUG_FORMAT = concat!(stringify!($name), "({})");
        }
    )*};
}

indices! {
    /// Position in [`super::Organization::sites`]; ascending index is ascending name.
    SiteIdx,
    /// Position in [`super::Organization::site_links`]; ascending index is ascending name.
    SiteLinkIdx,
    /// Position in [`super::Organization::servers`]; ascending index is ascending name.
    ServerIdx,
    /// Position in [`super::Organization::routing_groups`] (legacy ones); ascending index is ascending name.
    RoutingGroupIdx,
    /// Position in [`super::Organization::routing_group_connectors`]; ascending index is ascending name.
    RoutingGroupConnectorIdx,
    /// Position in [`super::Organization::connectors`]; ascending index is ascending name.
    ConnectorIdx,
    /// Position in [`super::Organization::dags`]; ascending index is ascending name.
    DagIdx,
    /// Position in [`super::Organization::databases`]; ascending index is ascending name.
    DatabaseIdx,
    /// Position in [`super::Organization::mailboxes`]; ascending index is ascending address.
    MailboxIdx,
    /// Position in [`super::Organization::groups`]; ascending index is ascending address.
    GroupIdx,
    /// Position in [`super::Organization::receive_connectors`], by server and name.
    ReceiveConnectorIdx,
    /// Position in [`super::Scenario::peers`]; ascending index is ascending name.
    PeerIdx,
    /// Position in [`super::Scenario::messages`]; ascending index is ascending instant, then ascending id.
    MessageIdx,
}
