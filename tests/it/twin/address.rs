//! Nodes and addresses of a query: who sends, and where a recipient lives (D5, D21, D32, D33).

use super::file::{DomainKind, Generation};
use super::names::{Name, upper};
use super::org::{Org, Place, without_smtp};
use super::route::Sender;
use super::spaces::{Address, domain_specificity};

/// Where mail for a recipient has to go.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Place(Place),
    /// Any of the sites in which the availability group has a transport server (D32).
    AnySite(Vec<usize>),
    External(Address),
    /// An address of a domain that is ours alone, and that nobody has.
    NoSuchMailbox,
    Nowhere,
}

/// What 2013 and later queues for (RT-2.13): recipients of different delivery groups travel apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeliveryGroup {
    Mailboxes(Place, Generation),
    Dag(usize),
    ExpansionServer(usize),
    Connector(usize),
    Place(Place),
}

#[derive(Debug, Clone)]
pub(super) struct Recipient {
    /// As answers show it.
    pub(super) text: String,
    pub(super) target: Target,
    pub(super) delivery_group: Option<DeliveryGroup>,
}

/// `None` for a node that cannot send, or that is not known.
pub(super) fn sender(org: &Org, node: &str) -> Option<Sender> {
    match find(org, node)? {
        Found::Place(place) => Sender::of_place(org, place),
        Found::Server(server) => {
            let place = org.servers[server].place?;
            // D3: a transport server sends as itself, and so does a server of a legacy group; another one as its site.
            if org.servers[server].transport || matches!(place, Place::Group(_)) {
                Some(Sender {
                    place,
                    server: Some(server),
                })
            } else {
                Sender::of_place(org, place)
            }
        }
    }
}

enum Found {
    Place(Place),
    Server(usize),
}

/// Contract, section 2: `site:NAME`, `rg:NAME`, `server:NAME`, or a bare name that only one of them has.
fn find(org: &Org, node: &str) -> Option<Found> {
    let site = |name: &str| {
        org.sites
            .iter()
            .position(|site| site.name.is(name))
            .map(|at| Found::Place(Place::Site(at)))
    };
    let group = |name: &str| {
        org.groups
            .iter()
            .position(|group| group.name.is(name))
            .map(|at| Found::Place(Place::Group(at)))
    };
    let server = |name: &str| {
        org.servers
            .iter()
            .position(|server| server.name.is(name))
            .map(Found::Server)
    };
    match node.split_once(':') {
        Some(("site", name)) => site(name),
        Some(("rg", name)) => group(name),
        Some(("server", name)) => server(name),
        _ => site(node).or_else(|| group(node)).or_else(|| server(node)),
    }
}

/// The recipients that `to` stands for: groups without an expansion server are replaced by their members, and
/// whoever is named twice gets one copy.
pub(super) fn recipients(org: &Org, to: &[String]) -> Vec<Recipient> {
    let mut found = Vec::new();
    let mut seen = Vec::new();
    for text in to {
        expand(org, text, &mut seen, &mut found);
    }
    found
}

fn expand(org: &Org, text: &str, seen: &mut Vec<String>, found: &mut Vec<Recipient>) {
    let key = upper(without_smtp(text));
    if seen.contains(&key) {
        return;
    }
    seen.push(key);
    let address = without_smtp(text);
    let is_mailbox = org.mailboxes.iter().any(|mailbox| mailbox.address.is(address));
    let group = org.distribution_groups.iter().find(|group| group.address.is(address));
    match group {
        Some(group) if !is_mailbox && group.expansion_server.is_none() => {
            for member in &group.members {
                expand(org, member, seen, found);
            }
        }
        _ => {
            let (target, delivery_group) = resolve(org, text);
            found.push(Recipient {
                text: as_shown(org, text),
                target,
                delivery_group,
            });
        }
    }
}

/// D37: an SMTP address without its type, a node with its kind and as the file writes it.
fn as_shown(org: &Org, text: &str) -> String {
    if text.contains('@') || find(org, text).is_none() {
        return without_smtp(text).to_owned();
    }
    match find(org, text) {
        Some(Found::Place(Place::Site(site))) => format!("site:{}", org.sites[site].name.written),
        Some(Found::Place(Place::Group(group))) => format!("rg:{}", org.groups[group].name.written),
        Some(Found::Server(server)) => format!("server:{}", org.servers[server].name.written),
        None => text.to_owned(),
    }
}

fn resolve(org: &Org, text: &str) -> (Target, Option<DeliveryGroup>) {
    let is_node = ["site:", "rg:", "server:"]
        .iter()
        .any(|prefix| text.starts_with(prefix));
    if is_node || !text.contains(['@', ':']) {
        let place = match find(org, text) {
            Some(Found::Place(place)) => Some(place),
            Some(Found::Server(server)) => org.servers[server].place,
            None => None,
        };
        return at_place(place, DeliveryGroup::Place);
    }
    let name = Name::new(without_smtp(text));
    if let Some(mailbox) = org.mailboxes.iter().find(|mailbox| mailbox.address == name) {
        return match (mailbox.database, mailbox.server) {
            (Some(database), _) => in_database(org, database),
            (None, Some(server)) => on_server(org, server),
            (None, None) => (Target::Nowhere, None),
        };
    }
    if let Some(group) = org.distribution_groups.iter().find(|group| group.address == name) {
        // D33: expanded by its server, which has to be one that takes mail.
        let server = group.expansion_server.expect("a group without one has been expanded");
        let place = org.servers[server].place.filter(|place| match place {
            Place::Site(_) => org.servers[server].transport,
            Place::Group(_) => true,
        });
        return at_place(place, |_| DeliveryGroup::ExpansionServer(server));
    }
    let address = Address::parse(text);
    if address.kind == "SMTP" && is_authoritative(org, address.domain()) {
        (Target::NoSuchMailbox, None)
    } else {
        (Target::External(address), None)
    }
}

fn at_place(place: Option<Place>, group: impl Fn(Place) -> DeliveryGroup) -> (Target, Option<DeliveryGroup>) {
    match place {
        Some(place) => (Target::Place(place), Some(group(place))),
        None => (Target::Nowhere, None),
    }
}

/// D21: the longest match decides, an exact one being the longest.
fn is_authoritative(org: &Org, domain: &str) -> bool {
    let matching = org
        .accepted_domains
        .iter()
        .filter_map(|(accepted, kind)| Some((domain_specificity(accepted, domain)?, *kind)));
    matching
        .max_by_key(|(specificity, _)| *specificity)
        .is_some_and(|(_, kind)| kind == DomainKind::Authoritative)
}

/// D32.
fn in_database(org: &Org, database: usize) -> (Target, Option<DeliveryGroup>) {
    let database = &org.databases[database];
    let Some(dag) = database.dag else {
        return database
            .server
            .map_or((Target::Nowhere, None), |server| on_server(org, server));
    };
    let members = (0..org.servers.len()).filter(|&server| org.servers[server].dag == Some(dag));
    let lowest = || members.min_by_key(|&server| &org.servers[server].name);
    match database.active_on.or_else(lowest) {
        Some(server) if org.servers[server].version.generation() == Generation::E2013AndLater => in_dag(org, dag),
        Some(server) => in_site_of(org, server),
        None => (Target::Nowhere, None),
    }
}

fn on_server(org: &Org, server: usize) -> (Target, Option<DeliveryGroup>) {
    match org.servers[server].dag {
        Some(dag) if org.servers[server].version.generation() == Generation::E2013AndLater => in_dag(org, dag),
        _ => in_site_of(org, server),
    }
}

/// From 2013 on every transport server of the availability group can deliver to all of its databases.
fn in_dag(org: &Org, dag: usize) -> (Target, Option<DeliveryGroup>) {
    let members = (0..org.servers.len()).filter(|&server| org.servers[server].dag == Some(dag));
    // D5: of its own generation.
    let delivers = |server: &usize| {
        org.servers[*server].transport && org.servers[*server].version.generation() == Generation::E2013AndLater
    };
    let transport: Vec<usize> = members.filter(delivers).collect();
    if transport.is_empty() {
        return (Target::Nowhere, None);
    }
    (Target::AnySite(org.sites_of(&transport)), Some(DeliveryGroup::Dag(dag)))
}

/// D5: only a transport server of the same generation can deliver to a mailbox (RT-2.12).
fn in_site_of(org: &Org, server: usize) -> (Target, Option<DeliveryGroup>) {
    let Some(place) = org.servers[server].place else {
        return (Target::Nowhere, None);
    };
    let generation = org.servers[server].version.generation();
    let delivers = |other: &super::org::Server| {
        other.transport && other.place == Some(place) && other.version.generation() == generation
    };
    if matches!(place, Place::Site(_)) && !org.servers.iter().any(delivers) {
        return (Target::Nowhere, None);
    }
    (Target::Place(place), Some(DeliveryGroup::Mailboxes(place, generation)))
}
