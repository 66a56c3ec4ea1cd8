//! Many legacy routing groups, and 2007 between some of them: what has to be searched for loops.

use super::coexistence::{Group, connect};
use super::names::code;
use super::random::Stream;
use crate::load::document::{ConnectorEntry, Document, RoutingGroupConnectorEntry, RoutingGroupEntry, ServerEntry};
use crate::model::{ConnectorKind, EXCHANGE_2007_GROUP_SHORT, Version};

/// One site in so many has a 2007 server, which is connected to the group beside the site.
const SITES_PER_HUB: usize = 25;
/// What connectors cost, at most.
const COST_MAX: u32 = 100;

/// Adds a routing group beside every site, joined to about four others at random costs, with connectors to 2007 beside every
/// 25th site. All mail is of one class: size limits go.
pub(super) fn add_legacy(document: &mut Document, seed: u64) {
    let mut stream = Stream::new(seed, "legacy mesh");
    document
        .site_links
        .iter_mut()
        .for_each(|link| link.max_message_size = None);
    document
        .connectors
        .iter_mut()
        .for_each(|connector| connector.max_message_size = None);
    let names: Vec<String> = document
        .sites
        .iter()
        .map(|site| site.name.as_ref().map_or(String::new(), |name| name.value.clone()))
        .collect();
    let mut groups: Vec<Group> = Vec::with_capacity(names.len());
    for (number, site) in names.iter().enumerate() {
        let name = code(site, number);
        let group = Group {
            servers: vec![format!("{name}-BH1")],
            name,
        };
        document.servers.push(ServerEntry {
            name: Some(group.servers[0].as_str().into()),
            version: Some(Version::Exchange2003.into()),
            routing_group: Some(group.name.as_str().into()),
            ..ServerEntry::default()
        });
        document.routing_groups.push(RoutingGroupEntry {
            name: Some(group.name.as_str().into()),
            ..RoutingGroupEntry::default()
        });
        // Two pairs for each group make four neighbours on average; the first keeps all of them together.
        let mut joined = None;
        for _ in 0..2.min(number) {
            let other = stream.below(u32::try_from(number).expect("the number of sites is limited"));
            let cost = 1 + stream.below(COST_MAX);
            if joined != Some(other) {
                connect(
                    &mut document.routing_group_connectors,
                    &groups[other as usize],
                    &group,
                    cost,
                );
            }
            joined = Some(other);
        }
        if has_hub(number) {
            attach(document, &group, site, 1 + stream.below(COST_MAX / 2));
        }
        groups.push(group);
    }
    document.connectors.push(ConnectorEntry {
        name: Some("Legacy partner".into()),
        kind: Some(ConnectorKind::LegacySmtp.into()),
        routing_group: Some(groups[0].name.as_str().into()),
        source_servers: vec![groups[0].servers[0].as_str().into()],
        smart_hosts: vec!["relay.legacy.example".into()],
        address_spaces: vec!["SMTP:legacy.example;5".into()],
        ..ConnectorEntry::default()
    });
}

/// Whether the site of that number has a 2007 server.
pub(super) fn has_hub(number: usize) -> bool {
    number.is_multiple_of(SITES_PER_HUB)
}

/// A connector pair between the 2007 server of a site and the group beside it.
fn attach(document: &mut Document, group: &Group, site: &str, cost: u32) {
    let here = |server: &&ServerEntry| server.site.as_ref().is_some_and(|name| name.value == site);
    let hub = document
        .servers
        .iter()
        .find(here)
        .and_then(|server| server.name.clone());
    let hub = vec![hub.expect("a site with a hub has a server")];
    let bridgehead = vec![group.servers[0].as_str().into()];
    document.routing_group_connectors.extend([
        RoutingGroupConnectorEntry {
            name: Some(format!("E2007 to {}", group.name).into()),
            from: Some(EXCHANGE_2007_GROUP_SHORT.into()),
            to: Some(group.name.as_str().into()),
            cost: Some(cost.into()),
            source_servers: hub.clone(),
            target_servers: bridgehead.clone(),
            ..RoutingGroupConnectorEntry::default()
        },
        RoutingGroupConnectorEntry {
            name: Some(format!("{} to E2007", group.name).into()),
            from: Some(group.name.as_str().into()),
            to: Some(EXCHANGE_2007_GROUP_SHORT.into()),
            cost: Some(cost.into()),
            source_servers: bridgehead,
            target_servers: hub,
            ..RoutingGroupConnectorEntry::default()
        },
    ]);
}
