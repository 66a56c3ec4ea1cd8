//! Names and numbers of the model as text reports write them. Names are escaped here and nowhere else.

use crate::linkstate::AlwaysUp;
use crate::model::{Cost, Node, Organization, ServerIdx, SiteIdx};
use crate::report::escape::escaped;
use crate::route::{Clause, Sender};

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

/// What a cost means where connectors are crossed ([`cost_text`]).
pub(in crate::report) const COSTS_LEGEND: &str = "Cost a + b: routing-group connectors, then site links.";

/// Sites of a list that are named; the others are counted.
pub(in crate::report) const SITES_SHOWN: usize = 8;

/// The names of `sites`, at most [`SITES_SHOWN`] of them.
pub(in crate::report) fn some_sites(org: &Organization, sites: &[SiteIdx]) -> Vec<String> {
    let shown = sites.iter().take(SITES_SHOWN);
    let mut names: Vec<String> = shown.map(|site| node_text(org, Node::Site(*site))).collect();
    if sites.len() > SITES_SHOWN {
        names.push(format!("{} more", sites.len() - SITES_SHOWN));
    }
    names
}

/// Nodes of a long path that are shown at its beginning and at its end.
const PATH_SHOWN: (usize, usize) = (10, 5);

/// Whether [`path_text`] leaves out the middle of `path`.
pub(in crate::report) fn is_cut(path: &[Node]) -> bool {
    // Something is only left out when that makes the text shorter.
    path.len() > PATH_SHOWN.0 + PATH_SHOWN.1 + 1
}

/// Nodes in the order of a path. Of a path over a whole chain of sites nobody reads the middle.
pub(in crate::report) fn path_text(org: &Organization, path: &[Node]) -> String {
    let text = |path: &[Node]| -> String {
        let names: Vec<String> = path.iter().map(|node| node_text(org, *node)).collect();
        names.join(" → ")
    };
    if !is_cut(path) {
        return text(path);
    }
    let (first, last) = (PATH_SHOWN.0, path.len() - PATH_SHOWN.1);
    format!(
        "{} → … {} more … → {}",
        text(&path[..first]),
        last - first,
        text(&path[last..])
    )
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

/// Why nobody ever takes a connector to be down, as a sentence.
pub(in crate::report) fn always_up_text(always_up: AlwaysUp) -> &'static str {
    match always_up {
        AlwaysUp::SourceIn2007 => "It starts in the 2007 group, which reports nothing (R34).",
        AlwaysUp::Leaf(_) => "It leads to or from a leaf group, whose connectors stay up (event 994).",
        AlwaysUp::Suppressed(_) => "A source server suppresses state changes (R39).",
        AlwaysUp::NoSmartHost => "It has no smart host whose silence would mean anything.",
        AlwaysUp::NoAlternative => "No other way leads from its source to its end.",
    }
}
