//! Connectors between routing groups, and connectors to the outside. The two share one namespace.

use indexmap::IndexSet;

use super::homes::Group;
use super::sites::limit;
use super::{Joined, Known};
use crate::load::At;
use crate::load::document::{ConnectorEntry, Period, RoutingGroupConnectorEntry};
use crate::load::import::draft::{Connected, Connector, Object, RoutingGroupConnector};
use crate::model::{ConnectorKind, Name, RoutingGroupConnectorKind};

/// The names that connectors have taken.
#[derive(Default)]
pub(super) struct Names {
    taken: IndexSet<String>,
    /// Whether any file describes a connector to the outside.
    pub(super) any_connector: bool,
}

impl Names {
    /// Takes `name`; `false` if another connector has it.
    fn take(&mut self, name: &str) -> bool {
        self.taken.insert(Name::fold(name))
    }
}

/// The routing-group connectors.
pub(super) fn between_groups(
    connectors: Joined<RoutingGroupConnector>,
    names: &mut Names,
    known: &mut Known,
) -> Vec<RoutingGroupConnectorEntry> {
    let mut entries = Vec::new();
    for connector in connectors.sorted() {
        match ends(&connector, known) {
            Ok((from, to)) => {
                names.take(&connector.name);
                known.modelled(&connector);
                entries.push(group_connector(&connector, &from, &to, known));
            }
            Err(why) => known.ledger.left_out(connector.place, connector.subject(), why),
        }
    }
    entries
}

/// Where a connector begins and ends: it stands in the group that sends, and the target servers tell the other one.
fn ends(connector: &Object<RoutingGroupConnector>, known: &mut Known) -> Result<(String, String), &'static str> {
    let says = &connector.says;
    let of_servers = |servers: &[super::Ref]| servers.iter().find_map(|server| known.group_of_server(server));
    let from = says.from.as_ref().and_then(|group| known.group(group));
    let from = from.or_else(|| of_servers(&says.source_servers));
    let named = says.to.as_ref().and_then(|group| known.group(group));
    let served = of_servers(&says.target_servers);
    if named.is_some() && served.is_some() && named != served {
        let text = "its target servers are in another group than the one it names; theirs counts";
        known.ledger.conflict(connector.place, connector.subject(), text);
    }
    let name = |group: Option<Group>| group.and_then(|group| known.group_name(&group));
    let from = name(from).ok_or("the routing group where it begins is not known")?;
    let to = name(served.or(named)).ok_or("the routing group where it ends is not known")?;
    Ok((from, to))
}

fn group_connector(
    connector: &Object<RoutingGroupConnector>,
    from: &str,
    to: &str,
    known: &mut Known,
) -> RoutingGroupConnectorEntry {
    let says = &connector.says;
    RoutingGroupConnectorEntry {
        name: Some(connector.name.as_str().into()),
        from: Some(from.into()),
        to: Some(to.into()),
        cost: says.cost.map(At::from),
        kind: says
            .kind
            .filter(|kind| *kind != RoutingGroupConnectorKind::RoutingGroup)
            .map(At::from),
        source_servers: known.server_names(&says.source_servers, connector, "source_servers"),
        target_servers: known.server_names(&says.target_servers, connector, "target_servers"),
        max_message_size: limit(says.max_message_size),
        public_folder_referrals: says.public_folder_referrals.filter(|referred| !referred).map(At::from),
        ..RoutingGroupConnectorEntry::default()
    }
}

/// The connectors to the outside. Those with connected routing groups become routing-group connectors as well, or instead
/// when they serve no address space.
pub(super) fn to_the_outside(
    connectors: Joined<Connector>,
    names: &mut Names,
    group_connectors: &mut Vec<RoutingGroupConnectorEntry>,
    known: &mut Known,
) -> Vec<ConnectorEntry> {
    names.any_connector = !connectors.is_empty();
    let mut kept = Vec::new();
    for connector in connectors.sorted() {
        if connector.says.kind.is_none() {
            known.ledger.left_out(
                connector.place,
                connector.subject(),
                "what kind of connector it is is not known",
            );
        } else if names.take(&connector.name) {
            kept.push(connector);
        } else {
            let why = "another connector has the same name";
            known.ledger.left_out(connector.place, connector.subject(), why);
        }
    }
    let mut entries = Vec::new();
    for connector in kept {
        known.modelled(&connector);
        let joined = joins(&connector, known);
        // Its own name is free when nothing but the connection remains.
        let mut own_name = !joined.is_empty() && connector.says.address_spaces.is_empty();
        if !own_name {
            entries.push(to_outside(&connector, known));
        }
        for (connected, from, to) in joined {
            let name = if std::mem::take(&mut own_name) {
                connector.name.clone()
            } else {
                let name = format!("{} ({to})", connector.name);
                known.ledger.assume(
                    connector.subject(),
                    "it connects routing groups besides: that is a connector of its own, named after both",
                );
                if !names.take(&name) {
                    let why = format!("the connection to {to}: another connector is called \"{name}\"");
                    known.ledger.left_out(connector.place, connector.subject(), why);
                    continue;
                }
                name
            };
            group_connectors.push(joining(&connector, connected, name, from, to, known));
        }
    }
    group_connectors.sort_by_cached_key(|entry| entry.name.as_ref().map(|name| Name::fold(&name.value)));
    entries
}

/// The groups that the connector leads to, with the names of both ends.
fn joins(connector: &Object<Connector>, known: &mut Known) -> Vec<(Connected, String, String)> {
    let says = &connector.says;
    let mut joins: Vec<(Connected, String, String)> = Vec::new();
    let from = says.routing_group.as_ref().and_then(|group| known.group(group));
    let from = from.and_then(|group| known.group_name(&group));
    for connected in &says.connected {
        let to = known.group(&connected.group).and_then(|group| known.group_name(&group));
        match (from.clone(), to) {
            (Some(from), Some(to)) => {
                if !joins.iter().any(|(_, _, other)| *other == to) {
                    joins.push((connected.clone(), from, to));
                }
            }
            _ => {
                let text = format!(
                    "connected routing group \"{}\", which no file describes",
                    connected.group.name
                );
                known.ledger.left_out(connector.place, connector.subject(), text);
            }
        }
    }
    joins
}

fn joining(
    connector: &Object<Connector>,
    connected: Connected,
    name: String,
    from: String,
    to: String,
    known: &mut Known,
) -> RoutingGroupConnectorEntry {
    let says = &connector.says;
    let kind = match says.kind {
        Some(ConnectorKind::LegacyX400) => RoutingGroupConnectorKind::X400,
        _ => RoutingGroupConnectorKind::Smtp,
    };
    RoutingGroupConnectorEntry {
        name: Some(name.into()),
        from: Some(from.into()),
        to: Some(to.into()),
        cost: connected.cost.map(At::from),
        kind: Some(kind.into()),
        source_servers: known.server_names(&says.source_servers, connector, "source_servers"),
        max_message_size: limit(says.max_message_size),
        ..RoutingGroupConnectorEntry::default()
    }
}

fn to_outside(connector: &Object<Connector>, known: &mut Known) -> ConnectorEntry {
    let says = &connector.says;
    let legacy = says.kind.is_some_and(ConnectorKind::is_legacy);
    let group = says.routing_group.as_ref().filter(|_| legacy);
    let routing_group = match group.and_then(|group| known.group(group)) {
        Some(group @ Group::Legacy(_)) => known.group_name(&group),
        _ => {
            if let Some(group) = group {
                let text = format!(
                    "routing_group: \"{}\" is no legacy routing group of any file",
                    group.name
                );
                known.ledger.left_out(connector.place, connector.subject(), text);
            }
            None
        }
    };
    let list = |texts: &[String]| texts.iter().map(|text| At::from(text.as_str())).collect();
    ConnectorEntry {
        name: Some(connector.name.as_str().into()),
        kind: says.kind.map(At::from),
        source_servers: known.server_names(&says.source_servers, connector, "source_servers"),
        routing_group: routing_group.map(At::from),
        address_spaces: list(&says.address_spaces),
        // Legacy servers do not see the switch.
        enabled: says.enabled.filter(|enabled| !enabled && !legacy).map(At::from),
        scoped: says.scoped.filter(|scoped| *scoped).map(At::from),
        max_message_size: limit(says.max_message_size),
        smart_hosts: list(&says.smart_hosts),
        // Without smart hosts a connector asks DNS, with them it does not: only the contrary is worth writing.
        dns_routing: says
            .dns_routing
            .filter(|dns| *dns != says.smart_hosts.is_empty())
            .map(At::from),
        connection_inactivity_timeout: says
            .connection_inactivity_timeout
            .filter(|period| period.as_secs() != 600)
            .map(|period| At::from(Period(period))),
        ..ConnectorEntry::default()
    }
}
