//! Names and numbers of the model as text reports write them. Names are escaped here and nowhere else.

use crate::model::{Cost, Node, Organization, ServerIdx};
use crate::report::escape::escaped;
use crate::route::{Clause, Sender};

/// A node as the command line takes it: `site:NAME`, `rg:NAME`.
pub(in crate::report) fn node_argument(org: &Organization, node: Node) -> String {
    match node {
        Node::Site(_) => format!("site:{}", org.node_name(node)),
        Node::RoutingGroup(_) => format!("rg:{}", org.node_name(node)),
    }
}

/// A node in a table: a site by its bare name, `rg:NAME`.
pub(in crate::report) fn node_text(org: &Organization, node: Node) -> String {
    let name = escaped(org.node_name(node).as_str());
    match node {
        Node::Site(_) => name.into_owned(),
        Node::RoutingGroup(_) => format!("rg:{name}"),
    }
}

/// A node in a sentence.
pub(in crate::report) fn node_phrase(org: &Organization, node: Node) -> String {
    let name = escaped(org.node_name(node).as_str());
    match node {
        Node::Site(_) => format!("site {name}"),
        Node::RoutingGroup(_) => format!("routing group {name}"),
    }
}

/// Nodes in the order of a path.
pub(in crate::report) fn path_text(org: &Organization, path: &[Node]) -> String {
    let names: Vec<String> = path.iter().map(|node| node_text(org, *node)).collect();
    names.join(" → ")
}

/// Who sends, and by which rules.
pub(in crate::report) fn sender_text(org: &Organization, sender: Sender) -> String {
    let node = node_phrase(org, sender.node);
    match sender.server {
        Some(server) => format!("{node}, as {}", server_text(org, server)),
        None => node,
    }
}

/// A server and its version.
pub(in crate::report) fn server_text(org: &Organization, server: ServerIdx) -> String {
    let server = &org.servers()[server];
    format!("{} ({})", escaped(server.name.as_str()), server.version.name())
}

/// What a path costs; both costs where connectors are crossed.
pub(in crate::report) fn cost_text(routing_group_cost: Cost, site_cost: Cost, connectors: bool) -> String {
    if connectors {
        format!("{routing_group_cost} + {site_cost}")
    } else {
        site_cost.to_string()
    }
}

/// What decided between paths, in words.
pub(in crate::report) fn clause_text(clause: Clause) -> &'static str {
    match clause {
        Clause::RoutingGroupCost => "group cost",
        Clause::Cost => "cost",
        Clause::SiteCost => "site cost",
        Clause::Hops => "hops",
        Clause::Name => "name",
    }
}
