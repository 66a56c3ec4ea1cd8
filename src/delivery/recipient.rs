//! From a recipient to the place its mail has to reach.

use std::collections::HashSet;

use indexmap::IndexSet;

use crate::model::{
    AcceptedDomainKind, Address, ConnectorIdx, DagIdx, DatabaseHome, Generation, Home, MailboxHome, MailboxIdx, Node,
    NodeKind, Organization, ServerIdx, SiteIdx, UnknownNode, split_kind,
};
use crate::route::{Selection, Sender, View, usable_sources};

/// Whom a message is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// Somebody at a site, a routing group or a server.
    Node(NodeKind),
    /// An address.
    Address(Address),
}

impl Recipient {
    /// Reads `N` or ADDRESS of the command line (contract, section 2): an address is anything with `@` or a type prefix.
    pub fn parse(org: &Organization, text: &str) -> Result<Recipient, UnknownNode> {
        let has_type = |(kind, _): (&str, &str)| !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphanumeric());
        if split_kind(text).is_none() && (text.contains('@') || text.split_once(':').is_some_and(has_type)) {
            return Ok(Recipient::Address(Address::parse(text)));
        }
        org.find(text).map(Recipient::Node)
    }
}

/// What mail is queued for; 2013+ sends recipients of different ones apart (RT-2.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryGroup {
    /// Somebody at a router, or a router itself.
    Node(Node),
    /// Mailboxes of one generation in one site.
    Mailboxes(Node, Generation),
    /// The databases of a DAG.
    Dag(DagIdx),
    /// The expansion of distribution groups.
    ExpansionServer(ServerIdx),
    /// A connector.
    Connector(ConnectorIdx),
}

/// Where mail for a recipient has to go, before any path is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To a router, which may be the sender.
    Node(Node, DeliveryGroup),
    /// The sender hands it to the mailbox server itself, wherever that is (RT-2.13, routable DAG).
    Here(DeliveryGroup),
    /// Through a connector, chosen among these.
    Connector(Selection),
    /// Nowhere.
    Refused(Refusal),
}

/// Why a recipient has no destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Authoritative domain, no such recipient: NDR 5.1.1 (D21).
    UnknownRecipient,
    /// No transport server of the mailbox's own generation where it would be needed (RT-2.12, D5; events 5006, 5008).
    NoTransport,
    /// A server that is in no site and in no routing group that counts (event 5005, D2).
    NoHome,
    /// The expansion server routes nothing (D33).
    NoExpansion,
}

/// The recipients that are left when groups without an expansion server are expanded, each once, in order (D33).
///
/// Addresses are compared without case. O(members log addresses).
pub fn expand(org: &Organization, recipients: &[Recipient]) -> Vec<Recipient> {
    let mut found = IndexSet::new();
    let mut expanded = HashSet::new();
    // A stack instead of recursion: groups may be nested as deeply as a file likes.
    let mut pending: Vec<Recipient> = recipients.iter().rev().cloned().collect();
    while let Some(recipient) = pending.pop() {
        let group = match &recipient {
            Recipient::Address(address) if org.mailbox(address).is_none() => org.group(address),
            _ => None,
        };
        match group.filter(|group| org.groups()[*group].expansion_server.is_none()) {
            Some(group) if expanded.insert(group) => {
                pending.extend(
                    org.groups()[group]
                        .members
                        .iter()
                        .rev()
                        .cloned()
                        .map(Recipient::Address),
                );
            }
            Some(_) => {}
            None => {
                found.insert(recipient);
            }
        }
    }
    found.into_iter().collect()
}

/// Where mail for `recipient` has to go (D21, D32, D33).
pub(super) fn destination(view: &View<'_>, sender: Sender, recipient: &Recipient) -> Destination {
    let org = view.org;
    let address = match recipient {
        Recipient::Node(NodeKind::Site(site)) => return at_node(Node::Site(*site)),
        Recipient::Node(NodeKind::RoutingGroup(group)) => return at_node(Node::RoutingGroup(*group)),
        Recipient::Node(NodeKind::Server(server)) => {
            return node_of(org, *server).map_or(Destination::Refused(Refusal::NoHome), at_node);
        }
        Recipient::Address(address) => address,
    };
    if sender.is_edge(org) {
        // An Edge server knows no recipients, only its connectors (RT-2.14).
        return Destination::Connector(view.select(sender, address));
    }
    if let Some(mailbox) = org.mailbox(address) {
        return mailbox_destination(view, sender, mailbox);
    }
    if let Some(group) = org.group(address) {
        let server = org.groups()[group].expansion_server;
        let expands = server.and_then(|server| {
            let group = org.legacy_group(server).map(Node::RoutingGroup);
            let router = group.or_else(|| org.transport_site(server).map(Node::Site))?;
            Some(Destination::Node(router, DeliveryGroup::ExpansionServer(server)))
        });
        return expands.unwrap_or(Destination::Refused(Refusal::NoExpansion));
    }
    let accepted = org.accepted_domain(address).map(|accepted| accepted.kind);
    if accepted == Some(AcceptedDomainKind::Authoritative) {
        return Destination::Refused(Refusal::UnknownRecipient);
    }
    Destination::Connector(view.select(sender, address))
}

fn at_node(node: Node) -> Destination {
    Destination::Node(node, DeliveryGroup::Node(node))
}

/// The site of a 2007+ server, the routing group of a legacy one; `None` where it does not count (D2).
fn node_of(org: &Organization, server: ServerIdx) -> Option<Node> {
    if let Some(group) = org.legacy_group(server) {
        return Some(Node::RoutingGroup(group));
    }
    match org.servers()[server].home {
        // RT-2.14: an Edge server belongs to a site by subscription only, whatever is written of it.
        Home::Site(site) if !org.servers()[server].version.is_legacy() && !org.servers()[server].is_edge() => {
            Some(Node::Site(site))
        }
        _ => None,
    }
}

fn mailbox_destination(view: &View<'_>, sender: Sender, mailbox: MailboxIdx) -> Destination {
    let org = view.org;
    let in_dag = |dag: DagIdx, active: ServerIdx| match org.servers()[active].version.generation() {
        Generation::Exchange2013 => dag_destination(view, sender, dag),
        // 2010 routes to where the database is active; its DAGs mean nothing to routing (RT-2.1).
        _ => server_destination(org, active),
    };
    let on_server = |server: ServerIdx| match org.servers()[server].dag {
        Some(dag) => in_dag(dag, server),
        None => server_destination(org, server),
    };
    match org.mailboxes()[mailbox].home {
        MailboxHome::Server(server) => on_server(server),
        MailboxHome::Database(database) => {
            let active = org.mounted_on(database);
            match org.databases()[database].home {
                DatabaseHome::Server(server) => on_server(server),
                DatabaseHome::Dag(dag) => {
                    active.map_or(Destination::Refused(Refusal::NoHome), |active| in_dag(dag, active))
                }
            }
        }
    }
}

/// A mailbox that one server holds: that server's group, or its site if a server there can deliver to it (D5, D32).
fn server_destination(org: &Organization, server: ServerIdx) -> Destination {
    match node_of(org, server) {
        None => Destination::Refused(Refusal::NoHome),
        Some(Node::Site(site)) => {
            let delivery = |server: ServerIdx| org.servers()[server].version.generation().delivery();
            let wanted = delivery(server);
            let serves = |transport: &ServerIdx| delivery(*transport) == wanted;
            if org.transport_servers(site).iter().any(serves) {
                let node = Node::Site(site);
                Destination::Node(node, DeliveryGroup::Mailboxes(node, wanted))
            } else {
                Destination::Refused(Refusal::NoTransport)
            }
        }
        Some(group) => at_node(group),
    }
}

/// The transport servers that can deliver to the databases of a 2013+ DAG, ascending (D5, D32).
pub(super) fn dag_transport(org: &Organization, dag: DagIdx) -> impl Iterator<Item = ServerIdx> + '_ {
    let delivers = |server: &ServerIdx| {
        let here = &org.servers()[*server];
        here.version.generation() == Generation::Exchange2013 && org.transport_site(*server).is_some()
    };
    org.dags()[dag].servers.iter().copied().filter(delivers)
}

/// The sites in which mail for a delivery group can end; none for groups that are in one place (RT-2.13).
pub(super) fn end_sites(org: &Organization, group: DeliveryGroup) -> Vec<SiteIdx> {
    let mut sites: Vec<SiteIdx> = match group {
        DeliveryGroup::Dag(dag) => dag_transport(org, dag)
            .filter_map(|server| org.transport_site(server))
            .collect(),
        DeliveryGroup::Connector(connector) => usable_sources(org, &org.connectors()[connector])
            .filter_map(|(_, site)| site)
            .collect(),
        DeliveryGroup::Node(_) | DeliveryGroup::Mailboxes(..) | DeliveryGroup::ExpansionServer(_) => Vec::new(),
    };
    sites.sort_unstable();
    sites.dedup();
    sites
}

/// A 2013+ database in a DAG: every transport server of the DAG hands mail to the active copy (RT-2.13, D32).
fn dag_destination(view: &View<'_>, sender: Sender, dag: DagIdx) -> Destination {
    let org = view.org;
    let members = || dag_transport(org, dag);
    if sender
        .server
        .is_some_and(|server| members().any(|member| member == server))
    {
        return Destination::Here(DeliveryGroup::Dag(dag));
    }
    let sites = || members().filter_map(|server| org.transport_site(server));
    let chosen: Option<SiteIdx> = match sender.node {
        Node::Site(from) => view.closest_site(from, sites()),
        // Legacy servers do not see sites: the one closest to where their mail comes in.
        Node::RoutingGroup(group) => view
            .entry_site(group)
            .and_then(|entry| view.closest_site(entry, sites())),
    };
    match chosen {
        Some(site) => Destination::Node(Node::Site(site), DeliveryGroup::Dag(dag)),
        None => Destination::Refused(Refusal::NoTransport),
    }
}
