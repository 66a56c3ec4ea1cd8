//! The connectors that an Edge subscription makes (RT-2.14).

use super::file::{Connector, ConnectorKind, EdgeSubscription, Restrictions, Topology};
use super::names::Name;

/// The EdgeSync connectors that the subscriptions imply and that the file does not name itself.
///
/// One pair for every subscribed site: several Edge servers of a site are source servers of the same connectors.
pub(super) fn implied_connectors(file: &Topology) -> Vec<Connector> {
    let mut implied = Vec::new();
    for site in &file.sites {
        let subscriptions = |wanted: fn(&EdgeSubscription) -> bool| -> Vec<String> {
            let here = file
                .edge_subscriptions
                .iter()
                .filter(|s| Name::new(&s.site).is(&site.name));
            here.filter(|s| wanted(s)).map(|s| s.edge.clone()).collect()
        };
        let inbound = subscriptions(|s| s.create_inbound_connector);
        let internet = subscriptions(|s| s.create_internet_connector);
        implied.push((format!("EdgeSync - Inbound to {}", site.name), "SMTP:--;1", inbound));
        implied.push((format!("EdgeSync - {} to Internet", site.name), "SMTP:*;100", internet));
    }
    let named = |name: &str| {
        file.connectors
            .iter()
            .any(|connector| Name::new(&connector.name).is(name))
    };
    implied
        .into_iter()
        .filter(|(name, _, edges)| !edges.is_empty() && !named(name))
        .map(|(name, space, source_servers)| Connector {
            name,
            kind: ConnectorKind::Send,
            source_servers,
            routing_group: None,
            address_spaces: vec![space.to_owned()],
            enabled: true,
            scoped: false,
            max_message_size: None,
            restrictions: Restrictions::default(),
        })
        .collect()
}
