//! Get-ExchangeServer and Get-EdgeSubscription.

use super::fields::Fields;
use super::{Export, PsValue};
use crate::load::import::draft::{Drafts, EdgeSubscription, Server};
use crate::load::import::scalar;
use crate::model::{Role, Version};

/// Get-ExchangeServer. It does not show the routing group of a legacy server.
pub(super) fn server(fields: &mut Fields<'_>, drafts: &mut Drafts) {
    let version = version(fields);
    let network = fields.list("NetworkAddress", &mut drafts.ledger, Export::text);
    let fqdn = fields.text("Fqdn").or_else(|| {
        network.into_iter().find_map(|text| {
            let (protocol, host) = text.split_once(':')?;
            protocol
                .eq_ignore_ascii_case("ncacn_ip_tcp")
                .then(|| host.trim().to_owned())
        })
    });
    let roles = roles(fields, version, drafts);
    let site = fields.reference("Site", &mut drafts.ledger);
    // Derived from what was read above.
    fields.attributes.ignore(&[
        "Domain",
        "IsE14OrLater",
        "IsE15OrLater",
        "IsExchange2007OrLater",
        "IsFrontendTransportServer",
    ]);
    let Some(roles) = roles else {
        fields
            .head
            .left_out(&mut drafts.ledger, "no role is installed: the server is left out");
        return;
    };
    drafts.servers.push(fields.head.object(Server {
        fqdn,
        version,
        site,
        routing_group: None,
        roles,
        dag: None,
    }));
}

/// `AdminDisplayVersion`, as text or with its parts.
fn version(fields: &mut Fields<'_>) -> Option<Version> {
    let export = fields.export;
    let value = fields.value("AdminDisplayVersion")?;
    let part = |name| export.part(value, name)?.parse::<u32>().ok();
    match (part("Major"), part("Minor"), part("Build")) {
        (Some(major), Some(minor), build) => scalar::version(major, minor, build.unwrap_or(0)),
        _ => scalar::version_text(&export.text(value)?),
    }
}

/// The roles from the flags, or from `ServerRole` when there are no flags; none for legacy servers. `None` if nothing is
/// installed. `ServerRole` is the weaker source: from 2016 on it shows one role only.
fn roles(fields: &mut Fields<'_>, version: Option<Version>, drafts: &mut Drafts) -> Option<Vec<Role>> {
    let ledger = &mut drafts.ledger;
    let provisioned = fields.boolean("IsProvisionedServer", ledger) == Some(true);
    let (mut bits, mut any_flag) = (0, false);
    for (name, bit) in [
        ("IsHubTransportServer", 32),
        ("IsMailboxServer", 2),
        ("IsEdgeServer", 64),
        ("IsClientAccessServer", 4),
        ("IsUnifiedMessagingServer", 16),
    ] {
        let flag = fields.boolean(name, ledger);
        any_flag |= flag.is_some();
        bits |= if flag == Some(true) { bit } else { 0 };
    }
    let role = fields.value("ServerRole");
    if version.is_none_or(Version::is_legacy) {
        return Some(Vec::new());
    }
    if bits == 0 {
        let Some(role) = role else {
            if any_flag || provisioned {
                return None;
            }
            fields
                .head
                .assume(ledger, "no file tells its roles: the usual ones of its version");
            return Some(Vec::new());
        };
        bits = role_bits(fields, role);
    }
    scalar::roles(bits, version)
}

/// `Mailbox, HubTransport`, or the number.
fn role_bits(fields: &Fields<'_>, role: &PsValue) -> i64 {
    let text = fields.export.text(role).unwrap_or_default();
    if let Ok(bits) = text.parse() {
        return bits;
    }
    let bit = |name: &str| match name.trim().to_ascii_lowercase().as_str() {
        "mailbox" => 2,
        "clientaccess" => 4,
        "unifiedmessaging" => 16,
        "hubtransport" => 32,
        "edge" => 64,
        "frontendtransport" => 16_384,
        "cafe" => 1,
        _ => 0,
    };
    text.split(',').map(bit).fold(0, |bits, bit| bits | bit)
}

/// Get-EdgeSubscription; it is called after the Edge server.
pub(super) fn edge_subscription(fields: &mut Fields<'_>, drafts: &mut Drafts) {
    let site = fields.reference("Site", &mut drafts.ledger);
    drafts
        .edge_subscriptions
        .push(fields.head.object(EdgeSubscription { site }));
}
