//! Connectors between routing groups and to the outside.

use super::directory::{Directory, Entry, routing_group_of, server_of};
use crate::load::import::draft::{Connected, Connector, Drafts, Ref, RoutingGroupConnector, is_exchange_2007_group};
use crate::load::import::spaces;
use crate::model::{ConnectorKind, RoutingGroupConnectorKind};

/// What connectors have in the schema of 2003 and what may keep a message from them, besides its size: senders, priority
/// and time (R45, R46). A topology could hold it, but no public document says which values mean what, and the senders are
/// names of recipients, whose addresses stand in another partition of the directory.
const RESTRICTIONS: &[&str] = &[
    "activationSchedule",
    "activationStyle",
    "authOrig",
    "msExchRoutingDisallowPriority",
    "unauthOrig",
];

/// `msExchRoutingGroupConnector`; it stands in the routing group that sends.
pub(super) fn routing_group_connector(entry: &mut Entry<'_>, directory: &Directory, drafts: &mut Drafts) {
    drafts.organization_of(&entry.dn);
    let ledger = &mut drafts.ledger;
    let no_referrals = entry.boolean("msExchNoPFConnection", ledger);
    let says = RoutingGroupConnector {
        from: routing_group_of(&entry.dn),
        to: entry
            .dn("msExchDestinationRGDN", directory, ledger)
            .as_ref()
            .map(Ref::at),
        cost: entry.cost("cost", u32::MAX, "the default of 1 holds", ledger),
        kind: Some(RoutingGroupConnectorKind::RoutingGroup),
        source_servers: servers(entry, "msExchSourceBridgeheadServersDN", directory, drafts),
        target_servers: servers(entry, "msExchTargetBridgeheadServersDN", directory, drafts),
        max_message_size: entry.size(&mut drafts.ledger),
        public_folder_referrals: no_referrals.map(|no| !no),
    };
    list_restrictions(entry, drafts);
    drafts.routing_group_connectors.push(entry.head.object(says));
}

/// `msExchRoutingSMTPConnector` and `mailGateway`: a Send or Foreign connector in the routing group of 2007 and later, a
/// legacy connector in any other.
pub(super) fn smtp(entry: &mut Entry<'_>, directory: &Directory, drafts: &mut Drafts) {
    let is_gateway = entry.head.class.eq_ignore_ascii_case("mailGateway");
    let group = routing_group_of(&entry.dn);
    let is_2007 = match &group {
        Some(group) => is_exchange_2007_group(&group.name),
        // Outside every routing group only 2007 and later would say whether it may send.
        None => entry.attributes.has("msExchSmtpSendEnabled"),
    };
    let mut about = entry.head.about(&mut drafts.ledger);
    let kind = match (is_2007, is_gateway) {
        (true, false) => ConnectorKind::Send,
        (true, true) => {
            about.assume("a mailGateway of 2007 and later is a Foreign connector");
            ConnectorKind::Foreign
        }
        (false, gateway) => {
            if gateway {
                about.assume("a legacy gateway serves its address spaces as a legacy SMTP connector does");
            }
            ConnectorKind::LegacySmtp
        }
    };
    connector(entry, kind, group, directory, drafts);
}

/// `x400Link` and what derives from it.
pub(super) fn x400(entry: &mut Entry<'_>, directory: &Directory, drafts: &mut Drafts) {
    let group = routing_group_of(&entry.dn);
    connector(entry, ConnectorKind::LegacyX400, group, directory, drafts);
}

fn connector(
    entry: &mut Entry<'_>,
    kind: ConnectorKind,
    group: Option<Ref>,
    directory: &Directory,
    drafts: &mut Drafts,
) {
    drafts.organization_of(&entry.dn);
    let mut source_servers = servers(entry, "msExchSourceBridgeheadServersDN", directory, drafts);
    let home = servers(entry, "homeMTA", directory, drafts);
    if source_servers.is_empty() && !home.is_empty() {
        let text = "no source bridgeheads: the server of homeMTA sends";
        entry.head.assume(&mut drafts.ledger, text);
        source_servers = home;
    }
    let ledger = &mut drafts.ledger;
    let spaces = spaces::read(entry.texts("routingList", ledger), &entry.head.subject(), ledger);
    if !spaces.local {
        let text = "whether it is scoped is not documented in the directory: it is not, unless an address space begins with `Local:`";
        entry.head.assume(ledger, text);
    }
    let connected = connected(entry, directory, drafts);
    let ledger = &mut drafts.ledger;
    let smart_hosts = entry
        .texts("msExchSmtpSmartHost", ledger)
        .iter()
        .flat_map(|(hosts, _)| spaces::smart_hosts(hosts))
        .collect();
    let says = Connector {
        kind: Some(kind),
        source_servers,
        routing_group: group,
        address_spaces: spaces.texts.into_iter().collect(),
        connected,
        enabled: entry.boolean("msExchSmtpSendEnabled", ledger),
        scoped: spaces.local.then_some(true),
        max_message_size: entry.size(ledger),
        smart_hosts,
        dns_routing: None,
        connection_inactivity_timeout: None,
    };
    list_restrictions(entry, drafts);
    drafts.connectors.push(entry.head.object(says));
}

/// The routing groups that the connector leads to: `connectedDomains`, each with a cost after its last `;`, and
/// `msExchDestinationRGDN`.
fn connected(entry: &mut Entry<'_>, directory: &Directory, drafts: &mut Drafts) -> Vec<Connected> {
    let mut connected: Vec<Connected> = Vec::new();
    for dn in entry.dns("msExchDestinationRGDN", directory, &mut drafts.ledger) {
        connected.push(Connected {
            group: Ref::at(&dn),
            cost: None,
        });
    }
    let ledger = &mut drafts.ledger;
    for (text, _) in entry.texts("connectedDomains", ledger) {
        let (group, cost) = spaces::connected_domain(&text, &entry.head, ledger);
        connected.push(Connected {
            group: directory.group(group),
            cost,
        });
    }
    connected
}

/// Lists what keeps messages from the connector and is not modelled.
fn list_restrictions(entry: &mut Entry<'_>, drafts: &mut Drafts) {
    for name in RESTRICTIONS {
        if entry.attributes.has(name) {
            drafts.ledger.restriction(entry.head.subject(), name);
        }
    }
    entry.attributes.ignore(RESTRICTIONS);
}

fn servers(entry: &mut Entry<'_>, name: &str, directory: &Directory, drafts: &mut Drafts) -> Vec<Ref> {
    let dns = entry.dns(name, directory, &mut drafts.ledger);
    dns.iter().map(server_of).collect()
}
