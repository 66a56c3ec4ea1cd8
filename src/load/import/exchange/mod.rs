//! What Exchange cmdlets return, as Export-Clixml or ConvertTo-Json writes it.
//!
//! Both formats are read into one kind of value ([`value`]); which cmdlet an object came from is seen from its type, or, in
//! JSON, from the fields it has; each cmdlet has one mapping for both formats.

mod clixml;
mod connectors;
mod fields;
mod json;
mod servers;
mod sites;
mod stores;
mod value;

use fields::Fields;
use value::{Export, PsObject, PsValue};

use super::draft::Drafts;
use crate::diagnostic::{Problem, Source, Span};

/// What every object has and routing has no use for.
const HOUSEKEEPING: &[&str] = &[
    "AdminDisplayName",
    "DistinguishedName",
    "ExchangeObjectId",
    "ExchangeVersion",
    "Guid",
    "Id",
    "Identity",
    "IsValid",
    "Name",
    "ObjectCategory",
    "ObjectClass",
    "ObjectGUID",
    "ObjectState",
    "OrganizationId",
    "OrganizationalUnitRoot",
    "OriginatingServer",
    "PSComputerName",
    "PSShowComputerName",
    "RunspaceId",
    "SerializationData",
    "WhenChanged",
    "WhenChangedUTC",
    "WhenCreated",
    "WhenCreatedUTC",
];

/// Whether a text begins as Export-Clixml or ConvertTo-Json begins; neither can begin LDIF.
pub(super) fn looks_like_export(text: &str) -> bool {
    text.trim_start().starts_with(['<', '{', '['])
}

/// Reads all sources, each with its position among those of the import.
pub(super) fn read(sources: &[(usize, &Source)], drafts: &mut Drafts) -> Result<(), Vec<Problem>> {
    let (mut exports, mut problems) = (Vec::new(), Vec::new());
    for &(index, source) in sources {
        match read_source(source) {
            Ok(export) => exports.push((index, export)),
            Err(problem) => problems.push(problem.in_source(index)),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    for &(index, ref export) in &exports {
        for object in export.roots.iter().filter_map(|root| export.objects.get(*root)) {
            describe(export, object, index, drafts);
        }
    }
    Ok(())
}

/// Reads one source; an empty one is what ConvertTo-Json makes of nothing.
fn read_source(source: &Source) -> Result<Export, Problem> {
    let start = source.text.len() - source.text.trim_start().len();
    match source.text[start..].chars().next() {
        None => Ok(Export::default()),
        Some('<') => clixml::read(source),
        Some('{' | '[') => json::read(source),
        Some(_) => Err(Problem::new(
            Span::new(start, start + 1),
            "",
            "this is neither what Export-Clixml nor what ConvertTo-Json writes",
        )
        .help("`bridgehead import exchange --script` prints a script that exports everything")),
    }
}

/// Where an object came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cmdlet {
    AdSite,
    AdSiteLink,
    ExchangeServer,
    RoutingGroupConnector,
    SendConnector,
    ForeignConnector,
    DeliveryAgentConnector,
    AcceptedDomain,
    EdgeSubscription,
    MailboxDatabase,
    DatabaseAvailabilityGroup,
}

/// Type names, the class that reports use, and fields each of which gives an object of unknown type away.
const CMDLETS: &[(Cmdlet, &str, &[&str], &[&str])] = {
    use Cmdlet as C;
    &[
        (
            C::AdSite,
            "ADSite",
            &["ADReplicationSite", "ActiveDirectorySite"],
            &["HubSiteEnabled", "InboundMailEnabled"],
        ),
        (
            C::AdSiteLink,
            "ADSiteLink",
            &["ADReplicationSiteLink", "ActiveDirectorySiteLink"],
            &[
                "ADCost",
                "ExchangeCost",
                "SitesIncluded",
                "siteList",
                "ReplicationInterval",
            ],
        ),
        (
            C::ExchangeServer,
            "ExchangeServer",
            &[],
            &["AdminDisplayVersion", "ServerRole"],
        ),
        (
            C::RoutingGroupConnector,
            "RoutingGroupConnector",
            &[],
            &["TargetTransportServers", "TargetRoutingGroup"],
        ),
        (C::ForeignConnector, "ForeignConnector", &[], &["DropDirectory"]),
        (
            C::DeliveryAgentConnector,
            "DeliveryAgentConnector",
            &[],
            &["DeliveryProtocol"],
        ),
        (C::SendConnector, "SmtpSendConnectorConfig", &[], &["AddressSpaces"]),
        (C::AcceptedDomain, "AcceptedDomain", &[], &["DomainType"]),
        (
            C::MailboxDatabase,
            "MailboxDatabase",
            &[],
            &["MasterServerOrAvailabilityGroup", "ActivationPreference"],
        ),
        (
            C::DatabaseAvailabilityGroup,
            "DatabaseAvailabilityGroup",
            &[],
            &["WitnessServer", "DatacenterActivationMode"],
        ),
        (C::EdgeSubscription, "EdgeSubscription", &[], &["Site"]),
    ]
};

/// Recognizes the cmdlet by type, else by the directory class, else by fields.
fn recognize(export: &Export, object: &PsObject) -> Option<(Cmdlet, &'static str)> {
    let is = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    for name in export.type_names(object) {
        for (cmdlet, class, others, _) in CMDLETS {
            if is(name, class) || others.iter().any(|other| is(name, other)) {
                return Some((*cmdlet, class));
            }
        }
    }
    let has = |field: &str| object.properties.iter().any(|(name, _)| is(name, field));
    let classes = object.properties.iter().find(|(name, _)| is(name, "ObjectClass"));
    let class = classes.and_then(|(_, value)| export.text(export.elements(value).last()?));
    match class.as_deref() {
        Some(class) if is(class, "site") => return Some((Cmdlet::AdSite, "ADSite")),
        Some(class) if is(class, "siteLink") => return Some((Cmdlet::AdSiteLink, "ADSiteLink")),
        _ => {}
    }
    let known = CMDLETS
        .iter()
        .find(|(.., fields)| fields.iter().any(|field| has(field)));
    known.map(|(cmdlet, class, ..)| (*cmdlet, *class))
}

/// Adds what `object` says to `drafts`.
fn describe(export: &Export, object: &PsObject, source: usize, drafts: &mut Drafts) {
    let Some((cmdlet, class)) = recognize(export, object) else {
        let class = export.type_names(object).next().unwrap_or("(unknown type)");
        drafts.ledger.read(class, false);
        return;
    };
    drafts.ledger.read(class, true);
    let mut fields = Fields::new(export, object, class, source);
    match &fields.dn {
        Some(dn) => drafts.organization_of(dn),
        None => {
            if let Some(text) = fields.text("DistinguishedName") {
                let text = format!("DistinguishedName: `{text}` cannot be read");
                fields.head.left_out(&mut drafts.ledger, text);
            }
        }
    }
    for name in fields.attributes.repeated() {
        let text = format!("{name}: it is given more than once; the first value counts");
        fields.head.left_out(&mut drafts.ledger, text);
    }
    match cmdlet {
        Cmdlet::AdSite => sites::site(&mut fields, drafts),
        Cmdlet::AdSiteLink => sites::site_link(&mut fields, drafts),
        Cmdlet::ExchangeServer => servers::server(&mut fields, drafts),
        Cmdlet::EdgeSubscription => servers::edge_subscription(&mut fields, drafts),
        Cmdlet::RoutingGroupConnector => connectors::routing_group_connector(&mut fields, drafts),
        Cmdlet::SendConnector => connectors::send(&mut fields, drafts),
        Cmdlet::ForeignConnector => connectors::foreign(&mut fields, drafts),
        Cmdlet::DeliveryAgentConnector => connectors::delivery_agent(&mut fields, drafts),
        Cmdlet::AcceptedDomain => stores::accepted_domain(&mut fields, drafts),
        Cmdlet::MailboxDatabase => stores::database(&mut fields, drafts),
        Cmdlet::DatabaseAvailabilityGroup => stores::dag(&mut fields, drafts),
    }
    fields
        .head
        .count_unused(&mut fields.attributes, HOUSEKEEPING, &mut drafts.ledger);
}
