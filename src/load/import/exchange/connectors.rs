//! Get-RoutingGroupConnector, Get-SendConnector, Get-ForeignConnector, Get-DeliveryAgentConnector.

use super::fields::Fields;
use super::{Export, PsValue};
use crate::load::import::draft::{Connected, Connector, Drafts, Ref, RoutingGroupConnector, is_exchange_2007_group};
use crate::load::import::report::Ledger;
use crate::load::import::spaces;
use crate::model::{ConnectorKind, RoutingGroupConnectorKind};

/// The published output of the cmdlets has none of the restrictions that the directory has for 2000 and 2003.
const UNRESTRICTED: &str = "the cmdlet does not show whom a connector of 2000 or 2003 refuses, nor when it is open: nobody, and always; \
     an LDIF file of the directory shows whether there is such a restriction";

fn is_legacy(group: &Ref) -> bool {
    !is_exchange_2007_group(&group.name)
}

/// Get-RoutingGroupConnector. It is one-way; a two-way connector is two objects.
pub(super) fn routing_group_connector(fields: &mut Fields<'_>, drafts: &mut Drafts) {
    let ledger = &mut drafts.ledger;
    let from = source_group(fields, ledger);
    if from.as_ref().is_some_and(is_legacy) {
        fields.head.assume(ledger, UNRESTRICTED);
    }
    let says = RoutingGroupConnector {
        from,
        to: fields.reference("TargetRoutingGroup", ledger),
        cost: fields.cost("Cost", u32::MAX, "the default of 1 holds", ledger),
        kind: Some(RoutingGroupConnectorKind::RoutingGroup),
        source_servers: fields.references("SourceTransportServers", ledger),
        target_servers: fields.references("TargetTransportServers", ledger),
        max_message_size: fields.size(ledger),
        public_folder_referrals: fields.boolean("PublicFolderReferralsEnabled", ledger),
    };
    drafts.routing_group_connectors.push(fields.head.object(says));
}

/// The routing group that a connector stands in: as said, else from its distinguished name, else from the middle of its
/// identity `AdminGroup\RoutingGroup\Name`.
fn source_group(fields: &mut Fields<'_>, ledger: &mut Ledger) -> Option<Ref> {
    let of_dn = fields.dn.as_ref().and_then(|dn| dn.child_of("Routing Groups"));
    let said = fields.reference("SourceRoutingGroup", ledger);
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
    let ledger = &mut drafts.ledger;
    let group = source_group(fields, ledger);
    let kind = if group.as_ref().is_some_and(is_legacy) {
        fields.head.assume(ledger, UNRESTRICTED);
        ConnectorKind::LegacySmtp
    } else {
        ConnectorKind::Send
    };
    let mut smart_hosts = fields.list("SmartHosts", ledger, smart_host).concat();
    let text = fields.text("SmartHostsString");
    if smart_hosts.is_empty() {
        smart_hosts = text.iter().flat_map(|text| spaces::smart_hosts(text)).collect();
    }
    let mut connected = Vec::new();
    for text in fields.list("ConnectedDomains", ledger, Export::text) {
        let (group, cost) = spaces::connected_domain(&text, &fields.head, ledger);
        connected.push(Connected {
            group: Ref::named(group),
            cost,
        });
    }
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

/// `relay.contoso.example`, several of them, or an object whose parts say so.
fn smart_host(export: &Export, host: &PsValue) -> Option<Vec<String>> {
    let text = export.text(host);
    let text = text.or_else(|| export.part(host, "Domain"));
    Some(spaces::smart_hosts(&text.or_else(|| export.part(host, "Address"))?))
}

/// Get-ForeignConnector; a limit of 0 disables it (the page of Set-ForeignConnector).
pub(super) fn foreign(fields: &mut Fields<'_>, drafts: &mut Drafts) {
    let group = source_group(fields, &mut drafts.ledger);
    let says = Connector {
        max_message_size: fields.any_size(&mut drafts.ledger),
        ..common(fields, ConnectorKind::Foreign, group, drafts)
    };
    drafts.connectors.push(fields.head.object(says));
}

/// Get-DeliveryAgentConnector
pub(super) fn delivery_agent(fields: &mut Fields<'_>, drafts: &mut Drafts) {
    let group = source_group(fields, &mut drafts.ledger);
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
        .list("AddressSpaces", ledger, address_space)
        .into_iter()
        .map(|space| (space, place))
        .collect();
    let spaces = spaces::read(entries, &fields.head.subject(), ledger);
    let scoped = fields.boolean("IsScopedConnector", ledger);
    fields
        .attributes
        .ignore(&["IsSmtpConnector", "HomeMTA", "HomeMtaServerId"]);
    Connector {
        kind: Some(kind),
        source_servers: fields.references("SourceTransportServers", ledger),
        routing_group: group,
        address_spaces: spaces.texts.into_iter().collect(),
        enabled: fields.boolean("Enabled", ledger),
        scoped: if spaces.local { Some(true) } else { scoped },
        ..Connector::default()
    }
}

/// `SMTP:*;1`, or an object whose parts say so.
fn address_space(export: &Export, space: &PsValue) -> Option<String> {
    let part = |name| export.part(space, name);
    export.text(space).or_else(|| {
        let address = part("Address").or_else(|| part("Domain"))?;
        let kind = part("Type").unwrap_or_else(|| "SMTP".to_owned());
        let cost = part("Cost").unwrap_or_else(|| "1".to_owned());
        Some(format!("{kind}:{address};{cost}"))
    })
}
