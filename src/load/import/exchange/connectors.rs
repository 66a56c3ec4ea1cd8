//! Get-RoutingGroupConnector, Get-SendConnector, Get-ForeignConnector, Get-DeliveryAgentConnector.

use super::fields::Fields;
use crate::load::import::draft::{Connected, Connector, Drafts, Ref, RoutingGroupConnector, is_exchange_2007_group};
use crate::load::import::spaces;
use crate::model::{ConnectorKind, RoutingGroupConnectorKind};

/// Get-RoutingGroupConnector. It is one-way; a two-way connector is two objects.
pub(super) fn routing_group_connector(fields: &mut Fields<'_>, drafts: &mut Drafts) {
    let ledger = &mut drafts.ledger;
    let says = RoutingGroupConnector {
        from: source_group(fields),
        to: fields.reference("TargetRoutingGroup"),
        cost: fields.cost("Cost", u32::MAX, "the default of 1 holds", ledger),
        kind: Some(RoutingGroupConnectorKind::RoutingGroup),
        source_servers: fields.references("SourceTransportServers"),
        target_servers: fields.references("TargetTransportServers"),
        max_message_size: fields.size(ledger),
        public_folder_referrals: fields.boolean("PublicFolderReferralsEnabled", ledger),
    };
    drafts.routing_group_connectors.push(fields.head.object(says));
}

/// The routing group that a connector stands in: as said, else from its distinguished name, else from the middle of its
/// identity `AdminGroup\RoutingGroup\Name`.
fn source_group(fields: &mut Fields<'_>) -> Option<Ref> {
    let of_dn = fields.dn.as_ref().and_then(|dn| dn.child_of("Routing Groups"));
    let said = fields.reference("SourceRoutingGroup");
    said.or_else(|| of_dn.as_ref().map(Ref::at)).or_else(|| {
        let identity = fields.text("Identity")?;
        let mut parts = identity.rsplit('\\').skip(1);
        let group = parts.next()?;
        // With two parts only the first is the administrative group.
        parts.next().map(|_| Ref::named(group))
    })
}

/// Get-SendConnector. It shows the SMTP connectors of 2003, too: they stand in their own routing group.
pub(super) fn send(fields: &mut Fields<'_>, drafts: &mut Drafts) {
    let group = source_group(fields);
    let kind = match &group {
        Some(group) if !is_exchange_2007_group(&group.name) => ConnectorKind::LegacySmtp,
        _ => ConnectorKind::Send,
    };
    let ledger = &mut drafts.ledger;
    let hosts = fields.elements("SmartHosts");
    let mut smart_hosts: Vec<String> = hosts.into_iter().filter_map(|host| smart_host(fields, host)).collect();
    let text = fields.text("SmartHostsString");
    if smart_hosts.is_empty() {
        smart_hosts = text.iter().flat_map(|text| spaces::smart_hosts(text)).collect();
    }
    let connected = fields
        .elements("ConnectedDomains")
        .into_iter()
        .filter_map(|domain| fields.export.text(domain))
        .map(|text| {
            let (group, cost) = spaces::connected_domain(&text);
            Connected {
                group: Ref::named(group),
                cost,
            }
        })
        .collect();
    let max_message_size = fields.size(ledger);
    let says = Connector {
        connected,
        smart_hosts,
        max_message_size,
        dns_routing: fields.boolean("DNSRoutingEnabled", ledger),
        connection_inactivity_timeout: fields.period("ConnectionInactivityTimeOut", ledger),
        ..common(fields, kind, group, drafts)
    };
    drafts.connectors.push(fields.head.object(says));
}

fn smart_host(fields: &Fields<'_>, host: &super::PsValue) -> Option<String> {
    let text = fields.export.text(host);
    let text = text.or_else(|| fields.export.part(host, "Domain"));
    spaces::smart_hosts(&text.or_else(|| fields.export.part(host, "Address"))?)
        .into_iter()
        .next()
}

/// Get-ForeignConnector; a limit of 0 disables it (the page of Set-ForeignConnector).
pub(super) fn foreign(fields: &mut Fields<'_>, drafts: &mut Drafts) {
    let group = source_group(fields);
    let says = Connector {
        max_message_size: fields.any_size(&mut drafts.ledger),
        ..common(fields, ConnectorKind::Foreign, group, drafts)
    };
    drafts.connectors.push(fields.head.object(says));
}

/// Get-DeliveryAgentConnector
pub(super) fn delivery_agent(fields: &mut Fields<'_>, drafts: &mut Drafts) {
    let group = source_group(fields);
    let says = Connector {
        max_message_size: fields.size(&mut drafts.ledger),
        ..common(fields, ConnectorKind::DeliveryAgent, group, drafts)
    };
    drafts.connectors.push(fields.head.object(says));
}

/// What all connectors to the outside have.
fn common(fields: &mut Fields<'_>, kind: ConnectorKind, group: Option<Ref>, drafts: &mut Drafts) -> Connector {
    let ledger = &mut drafts.ledger;
    let place = fields.head.place;
    let entries = fields
        .elements("AddressSpaces")
        .into_iter()
        .filter_map(|space| Some((address_space(fields, space)?, place)))
        .collect();
    let spaces = spaces::read(entries, &fields.head.subject(), ledger);
    let scoped = fields.boolean("IsScopedConnector", ledger);
    fields
        .attributes
        .ignore(&["IsSmtpConnector", "HomeMTA", "HomeMtaServerId"]);
    Connector {
        kind: Some(kind),
        source_servers: fields.references("SourceTransportServers"),
        routing_group: group,
        address_spaces: spaces.texts,
        enabled: fields.boolean("Enabled", ledger),
        scoped: if spaces.local { Some(true) } else { scoped },
        ..Connector::default()
    }
}

/// `SMTP:*;1`, or an object whose parts say so.
fn address_space(fields: &Fields<'_>, space: &super::PsValue) -> Option<String> {
    let part = |name| fields.export.part(space, name);
    fields.export.text(space).or_else(|| {
        let address = part("Address").or_else(|| part("Domain"))?;
        let kind = part("Type").unwrap_or_else(|| "SMTP".to_owned());
        let cost = part("Cost").unwrap_or_else(|| "1".to_owned());
        Some(format!("{kind}:{address};{cost}"))
    })
}
