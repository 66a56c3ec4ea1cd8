//! Get-AcceptedDomain, Get-DatabaseAvailabilityGroup, Get-MailboxDatabase.

use super::fields::Fields;
use super::value::period_text;
use crate::load::import::draft::{AcceptedDomain, Dag, Database, DatabaseCopy, Drafts, Ref};
use crate::model::{AcceptedDomainKind, Name};

/// Get-AcceptedDomain; the name of the object need not be the domain.
pub(super) fn accepted_domain(fields: &mut Fields<'_>, drafts: &mut Drafts) {
    let export = fields.export;
    let Some(value) = fields.value("DomainName") else {
        fields.head.left_out(&mut drafts.ledger, "it has no DomainName");
        return;
    };
    let of_parts = || {
        let domain = export.part(value, "Domain")?;
        let subdomains = export
            .part(value, "IncludeSubDomains")
            .is_some_and(|flag| flag == "true");
        Some(if subdomains && domain != "*" {
            format!("*.{domain}")
        } else {
            domain
        })
    };
    let kind = fields.text("DomainType").unwrap_or_default();
    let kind = match kind.to_ascii_lowercase().as_str() {
        "authoritative" | "0" => Some(AcceptedDomainKind::Authoritative),
        "internalrelay" => Some(AcceptedDomainKind::InternalRelay),
        "externalrelay" => Some(AcceptedDomainKind::ExternalRelay),
        // Which number is which kind of relay is not documented.
        _ => None,
    };
    let mut object = fields.head.object(AcceptedDomain { kind });
    object.name = export.text(value).or_else(of_parts).unwrap_or_default();
    drafts.accepted_domains.push(object);
}

/// Get-DatabaseAvailabilityGroup
pub(super) fn dag(fields: &mut Fields<'_>, drafts: &mut Drafts) {
    let servers = fields.references("Servers", &mut drafts.ledger);
    drafts.dags.push(fields.head.object(Dag { servers }));
}

/// Get-MailboxDatabase. Copies come in the order of their activation preference where it is there.
pub(super) fn database(fields: &mut Fields<'_>, drafts: &mut Drafts) {
    let ledger = &mut drafts.ledger;
    let server = fields.reference("Server", ledger);
    let home = fields.reference("MasterServerOrAvailabilityGroup", ledger).or(server);
    let lags = fields.list("ReplayLagTimes", ledger, |export, pair| {
        let (server, text) = export.pair(pair)?;
        Some((server, period_text(&text)?))
    });
    let mut preferences: Vec<(Ref, i64)> = fields.list("ActivationPreference", ledger, |export, pair| {
        let (server, text) = export.pair(pair)?;
        Some((server, text.parse().ok()?))
    });
    preferences.sort_by_key(|(_, preference)| *preference);
    let mut servers: Vec<Ref> = preferences.into_iter().map(|(server, _)| server).collect();
    let listed = fields.references("Servers", ledger);
    if servers.is_empty() {
        servers = listed;
    }
    let lag_of = |server: &Ref| {
        let of_server = lags
            .iter()
            .find(|(other, _)| Name::fold(&other.name) == Name::fold(&server.name));
        of_server.map(|(_, lag)| *lag)
    };
    let copies = servers
        .into_iter()
        .map(|server| DatabaseCopy {
            replay_lag: lag_of(&server),
            server,
        })
        .collect();
    drafts.databases.push(fields.head.object(Database { home, copies }));
}
