//! Edge subscriptions, and the connectors that come with them.

use indexmap::IndexMap;

use super::place::{Place, Problems, value_or};
use super::{Directory, connectors, span_of};
use crate::load::document::{Document, EdgeSubscriptionEntry};
use crate::model::{AddressSpace, Connector, ConnectorKind, EdgeSubscription, Name, Restrictions, Server, ServerIdx};

/// The subscriptions by Edge server, each with its position in the file. `servers` in the order of the file.
pub(super) fn subscriptions(
    document: &Document,
    directory: &Directory,
    servers: &[Option<Server>],
    problems: &mut Problems,
) -> Vec<(usize, EdgeSubscription)> {
    let list = Place::top("edge_subscriptions");
    let mut found: IndexMap<ServerIdx, (usize, EdgeSubscription)> = IndexMap::new();
    for (position, entry) in document.edge_subscriptions.iter().enumerate() {
        let record = list.item(position, entry.span);
        let site = directory.sites.required(&entry.site, &record, "site", problems);
        let Some(edge) = directory.servers.required(&entry.edge, &record, "edge", problems) else {
            continue;
        };
        let here = record.field("edge", span_of(&entry.edge));
        let name = directory.servers.get(edge);
        let at = directory.servers.position(edge);
        if servers[at].as_ref().is_some_and(|server| !server.is_edge()) {
            problems.push(
                here.problem(format!("server \"{name}\" is no Edge server"))
                    .label(document.servers[at].span, "described here")
                    .help("an Edge server is a 2007 or later one with `roles: [EdgeTransport]`"),
            );
        }
        if let Some((_, first)) = found.get(&edge) {
            problems.push(
                here.problem(format!("Edge server \"{name}\" is subscribed twice"))
                    .label(first.span, "first subscribed here")
                    .help("an Edge server belongs to one site"),
            );
            continue;
        }
        if let Some(site) = site {
            let span = entry.span;
            found.insert(edge, (position, EdgeSubscription { edge, site, span }));
        }
    }
    found.sort_unstable_keys();
    found.into_values().collect()
}

/// The two connectors that a subscription creates, as far as the file does not name them itself (RT-2.14).
///
/// One pair a site: the Edge servers of a site are source servers of the same connectors.
pub(super) fn implied_connectors(
    document: &Document,
    directory: &Directory,
    subscriptions: &[(usize, EdgeSubscription)],
    problems: &mut Problems,
) -> Vec<Connector> {
    let mut implied: IndexMap<Box<str>, Connector> = IndexMap::new();
    for (position, subscription) in subscriptions {
        let entry = &document.edge_subscriptions[*position];
        for kind in [Implied::Inbound, Implied::Internet] {
            let name = kind.name(directory.sites.get(subscription.site));
            if !kind.is_wanted(entry) || directory.connectors.find(name.as_str()).is_some() {
                continue;
            }
            if let Some(other) = directory.routing_group_connectors.span_of(&name) {
                let list = Place::top("edge_subscriptions");
                problems.push(
                    list.item(*position, entry.span)
                        .problem(format!("this implies a connector \"{name}\", and the name is taken"))
                        .label(other, "a routing-group connector has it here"),
                );
                continue;
            }
            let connector = implied
                .entry(name.folded().into())
                .or_insert_with(|| kind.connector(name, subscription));
            connector.source_servers.push(subscription.edge);
        }
    }
    implied.into_values().collect()
}

/// Which of the two.
#[derive(Clone, Copy)]
enum Implied {
    Inbound,
    Internet,
}

impl Implied {
    fn name(self, site: &Name) -> Name {
        Name::new(match self {
            Implied::Inbound => format!("EdgeSync - Inbound to {site}"),
            Implied::Internet => format!("EdgeSync - {site} to Internet"),
        })
    }

    fn is_wanted(self, entry: &EdgeSubscriptionEntry) -> bool {
        match self {
            Implied::Inbound => value_or(&entry.create_inbound_connector, true),
            Implied::Internet => value_or(&entry.create_internet_connector, true),
        }
    }

    /// The connector, without source servers.
    fn connector(self, name: Name, subscription: &EdgeSubscription) -> Connector {
        let (space, smart_hosts, dns_routing) = match self {
            // `--` stands for the accepted domains, and as a smart host for all transport servers of the site.
            Implied::Inbound => ("SMTP:--;1", vec!["--".to_owned()], None),
            Implied::Internet => ("SMTP:*;100", Vec::new(), Some(true)),
        };
        Connector {
            name,
            kind: ConnectorKind::Send,
            source_servers: Vec::new(),
            routing_group: None,
            address_spaces: vec![AddressSpace::parse(space).expect("a literal of the right form")],
            enabled: true,
            scoped: false,
            max_message_size: None,
            smart_hosts,
            dns_routing,
            restrictions: Restrictions::default(),
            connection_inactivity_timeout: connectors::INACTIVITY_TIMEOUT,
            span: subscription.span,
        }
    }
}
