//! Names, servers, connectors and domains for a plan.

use super::Shape;
use super::legacy_mesh;
use super::names::{code, site_names};
use super::plan::{DEFAULT_LINK_COST, ExchangeCosts, Plan};
use super::random::Stream;
use crate::load::document::{
    AcceptedDomainEntry, ConnectorEntry, Document, MailboxEntry, ServerEntry, SiteEntry, SiteLinkEntry, TOPOLOGY_FORMAT,
};
use crate::model::{AcceptedDomainKind, ConnectorKind, SizeLimit, Version};

const MEGABYTE: u64 = 1 << 20;

/// The organization without its legacy part. Its sites are in the order of the plan.
pub(super) fn document(shape: Shape, plan: &Plan, seed: u64) -> Document {
    let count = u32::try_from(plan.hub_sites.len()).expect("the number of sites is limited");
    let names = site_names(count, seed);
    let codes: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(number, name)| code(name, number))
        .collect();
    let servers = servers(shape, plan, &names, &codes, seed);
    Document {
        format: Some(TOPOLOGY_FORMAT.into()),
        organization: Some("Contoso".into()),
        site_links: site_links(plan, &names, &codes, seed),
        connectors: connectors(&servers, seed),
        accepted_domains: vec![AcceptedDomainEntry {
            domain: Some("contoso.example".into()),
            kind: Some(AcceptedDomainKind::Authoritative.into()),
            ..AcceptedDomainEntry::default()
        }],
        mailboxes: mailboxes(&servers),
        servers,
        sites: sites(plan, names),
        ..Document::default()
    }
}

fn sites(plan: &Plan, names: Vec<String>) -> Vec<SiteEntry> {
    let sites = names.into_iter().zip(&plan.hub_sites);
    sites
        .map(|(name, hub_site)| SiteEntry {
            name: Some(name.into()),
            hub_site: hub_site.then(|| true.into()),
            ..SiteEntry::default()
        })
        .collect()
}

/// The links: of two sites, one in twenty has a cost of its own for Exchange in most shapes, one in fifty a size limit.
fn site_links(plan: &Plan, names: &[String], codes: &[String], seed: u64) -> Vec<SiteLinkEntry> {
    let default_link = plan.default_link.then(|| SiteLinkEntry {
        name: Some("DEFAULTIPSITELINK".into()),
        sites: names.iter().map(|name| name.as_str().into()).collect(),
        cost: Some(DEFAULT_LINK_COST.into()),
        ..SiteLinkEntry::default()
    });
    let mut stream = Stream::new(seed, "link settings");
    let links = plan.pairs.iter().map(|&(a, b, cost)| {
        let (a, b) = (a as usize, b as usize);
        let exchange_cost = match plan.exchange_costs {
            ExchangeCosts::Absent => None,
            ExchangeCosts::Of(costs) => stream.one_in(20).then(|| *stream.pick(costs)),
            ExchangeCosts::UpTo100 => stream.one_in(20).then(|| 1 + stream.below(100)),
        };
        let max_message_size = stream.one_in(50).then(|| u64::from(1 + stream.below(20)) * MEGABYTE);
        SiteLinkEntry {
            name: Some(format!("{}-{}", codes[a], codes[b]).into()),
            sites: vec![names[a].as_str().into(), names[b].as_str().into()],
            cost: Some(cost.into()),
            exchange_cost: exchange_cost.map(Into::into),
            max_message_size: max_message_size.map(|bytes| SizeLimit::Bytes(bytes).into()),
            ..SiteLinkEntry::default()
        }
    });
    default_link.into_iter().chain(links).collect()
}

/// Servers by site: two in hub sites, one elsewhere. In coexistence some sites beside a routing group still have none.
fn servers(shape: Shape, plan: &Plan, names: &[String], codes: &[String], seed: u64) -> Vec<ServerEntry> {
    const MODERN: [Version; 5] = [
        Version::Exchange2007Sp3,
        Version::Exchange2010Sp3,
        Version::Exchange2010Sp3,
        Version::Exchange2010Sp3,
        Version::Exchange2016,
    ];
    const FIRST_2007: [Version; 2] = [Version::Exchange2007Sp1, Version::Exchange2007Sp3];
    let mut stream = Stream::new(seed, "servers");
    let mut servers = Vec::with_capacity(names.len());
    for (number, name) in names.iter().enumerate() {
        let coexists = matches!(shape, Shape::Coexistence | Shape::LegacyMesh);
        let versions: &[Version] = if coexists { &FIRST_2007 } else { &MODERN };
        let version = *stream.pick(versions);
        let not_yet = match shape {
            Shape::Coexistence => stream.one_in(6),
            Shape::LegacyMesh => !legacy_mesh::has_hub(number),
            _ => false,
        };
        // The first site has the first server.
        let count = match (number, plan.hub_sites[number]) {
            (1.., _) if not_yet => 0,
            (_, true) => 2,
            (_, false) => 1,
        };
        servers.extend((1..=count).map(|at| ServerEntry {
            name: Some(format!("{}-EX{at}", codes[number]).into()),
            version: Some(version.into()),
            site: Some(name.as_str().into()),
            ..ServerEntry::default()
        }));
    }
    servers
}

/// The way out at the first site, a dearer one and one to a partner at random servers.
fn connectors(servers: &[ServerEntry], seed: u64) -> Vec<ConnectorEntry> {
    let mut stream = Stream::new(seed, "connectors");
    let send = |name: &str, server: &ServerEntry, space: &str| ConnectorEntry {
        name: Some(name.into()),
        kind: Some(ConnectorKind::Send.into()),
        source_servers: server.name.iter().cloned().collect(),
        address_spaces: vec![space.into()],
        max_message_size: Some(SizeLimit::Bytes(25 * MEGABYTE).into()),
        ..ConnectorEntry::default()
    };
    vec![
        send("Internet", &servers[0], "SMTP:*;1"),
        send("Internet reserve", stream.pick(servers), "SMTP:*;50"),
        ConnectorEntry {
            smart_hosts: vec!["relay.partner.example".into()],
            ..send("Partner", stream.pick(servers), "SMTP:*.partner.example;5")
        },
    ]
}

/// Somebody on the first server, and somebody on the last.
fn mailboxes(servers: &[ServerEntry]) -> Vec<MailboxEntry> {
    let mailbox = |address: &str, server: Option<&ServerEntry>| MailboxEntry {
        address: Some(address.into()),
        server: server.and_then(|server| server.name.clone()),
        ..MailboxEntry::default()
    };
    vec![
        mailbox("ann@contoso.example", servers.first()),
        mailbox("zoe@contoso.example", servers.last()),
    ]
}
