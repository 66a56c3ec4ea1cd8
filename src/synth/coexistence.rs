//! Legacy routing groups beside the sites of a generated organization.

use super::names::code;
use super::plan::Plan;
use super::random::Stream;
use super::setup::setup;
use crate::load::document::{
    ConnectorEntry, Document, MailboxEntry, RoutingGroupConnectorEntry, RoutingGroupEntry, ServerEntry,
};
use crate::model::{ConnectorKind, Version};

/// One site in so many has a routing group beside it.
const SITES_PER_GROUP: usize = 3;

/// Adds a routing group of 2000 and 2003 servers beside every third site, a tree of connectors between the groups with
/// some more across, and what setup of the first hub created with the first group's bridgehead.
pub(super) fn add_legacy(document: &mut Document, plan: &Plan, seed: u64) {
    let mut stream = Stream::new(seed, "routing groups");
    let mut groups: Vec<Group> = Vec::with_capacity(plan.hub_sites.len() / SITES_PER_GROUP + 1);
    for (number, site) in document.sites.iter().enumerate().step_by(SITES_PER_GROUP) {
        let name = code(site.name.as_ref().map_or("", |name| &name.value), number);
        let count = if stream.one_in(3) { 2 } else { 1 };
        let group = Group {
            servers: (1..=count).map(|at| format!("{name}-BH{at}")).collect(),
            name,
        };
        let version = if stream.one_in(4) {
            Version::Exchange2000
        } else {
            Version::Exchange2003
        };
        document.servers.extend(group.servers.iter().map(|server| ServerEntry {
            name: Some(server.as_str().into()),
            version: Some(version.into()),
            routing_group: Some(group.name.as_str().into()),
            ..ServerEntry::default()
        }));
        document.routing_groups.push(RoutingGroupEntry {
            name: Some(group.name.as_str().into()),
            ..RoutingGroupEntry::default()
        });
        if !groups.is_empty() {
            // Most groups hang on one of the first, and some on a second one.
            let hubs = u32::try_from(groups.len().min(4)).expect("at most 4");
            let parent = stream.below(hubs) as usize;
            let cost = 10 * (1 + stream.below(5));
            connect(&mut document.routing_group_connectors, &groups[parent], &group, cost);
            let other = stream.below(u32::try_from(groups.len()).expect("the number of sites is limited")) as usize;
            if other != parent && stream.one_in(6) {
                connect(&mut document.routing_group_connectors, &groups[other], &group, 60);
            }
        }
        groups.push(group);
    }

    let first = &groups[0];
    let hub = document.servers[0]
        .name
        .as_ref()
        .map_or("", |name| &name.value)
        .to_owned();
    setup(document, &first.servers[0], &[hub])
        .expect("the first server of the first site is a hub, the bridgehead is not");
    document.connectors.push(ConnectorEntry {
        name: Some("Legacy partner".into()),
        kind: Some(ConnectorKind::LegacySmtp.into()),
        routing_group: Some(first.name.as_str().into()),
        source_servers: vec![first.servers[0].as_str().into()],
        smart_hosts: vec!["relay.legacy.example".into()],
        address_spaces: vec!["SMTP:legacy.example;5".into()],
        ..ConnectorEntry::default()
    });
    document.mailboxes.push(MailboxEntry {
        address: Some("leo@contoso.example".into()),
        server: groups.last().map(|group| group.servers[0].as_str().into()),
        ..MailboxEntry::default()
    });
}

/// A routing group and its servers, by name.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) servers: Vec<String>,
}

/// A connector pair between two groups: "bidirectional" is two objects (RT-2.1).
pub(super) fn connect(connectors: &mut Vec<RoutingGroupConnectorEntry>, a: &Group, b: &Group, cost: u32) {
    for (from, to) in [(a, b), (b, a)] {
        connectors.push(RoutingGroupConnectorEntry {
            name: Some(format!("{} to {}", from.name, to.name).into()),
            from: Some(from.name.as_str().into()),
            to: Some(to.name.as_str().into()),
            cost: Some(cost.into()),
            source_servers: vec![from.servers[0].as_str().into()],
            target_servers: vec![to.servers[0].as_str().into()],
            ..RoutingGroupConnectorEntry::default()
        });
    }
}
