//! From `site:NAME`, `KIND:NAME` and addresses to what they mean in an organization.

use bridgehead::delivery::Recipient;
use bridgehead::diagnostic::nearest;
use bridgehead::model::{
    ConnectorIdx, EXCHANGE_2007_GROUP, EXCHANGE_2007_GROUP_SHORT, FailureSet, Name, Node, NodeKind, Organization,
    RoutingGroupConnectorIdx, ServerIdx, SiteIdx, SiteLinkIdx, UnknownNode,
};
use bridgehead::route::Sender;

use super::failure::Failure;

/// The node that `text` names.
pub(super) fn node(org: &Organization, text: &str) -> Result<NodeKind, Failure> {
    org.find(text).map_err(|why| unknown_node(text, why))
}

fn unknown_node(text: &str, why: UnknownNode) -> Failure {
    match why {
        UnknownNode::NotFound { .. } if is_2007_group(text) => Failure::usage(format!(
            "`{text}` is the routing group of all 2007 and later servers, and no one place"
        ))
        .help("name a site or a server of it"),
        UnknownNode::NotFound { suggestion } => {
            let failure = Failure::usage(format!("there is no site, routing group or server called `{text}`"));
            did_you_mean(failure, suggestion.as_deref())
        }
        UnknownNode::Ambiguous(clear) => {
            Failure::usage(format!("`{text}` names several nodes")).help(format!("write {}", clear.join(" or ")))
        }
    }
}

/// Connectors may name that group, but within it mail goes from site to site.
fn is_2007_group(text: &str) -> bool {
    let name = match text.split_once(':') {
        Some((kind, name)) if kind.eq_ignore_ascii_case("rg") => name,
        _ => text,
    };
    [EXCHANGE_2007_GROUP, EXCHANGE_2007_GROUP_SHORT]
        .iter()
        .any(|group| Name::new(*group) == Name::new(name))
}

/// Who sends from the node that `text` names.
pub(super) fn sender(org: &Organization, text: &str) -> Result<Sender, Failure> {
    let sender = match node(org, text)? {
        NodeKind::Site(site) => Sender::node(org, Node::Site(site)),
        NodeKind::RoutingGroup(group) => Sender::node(org, Node::RoutingGroup(group)),
        NodeKind::Server(server) => Sender::server(org, server),
    };
    sender.ok_or_else(|| no_stop(org, text))
}

/// The server that `text` names.
pub(super) fn server(org: &Organization, text: &str) -> Option<ServerIdx> {
    match org.find(text) {
        Ok(NodeKind::Server(server)) => Some(server),
        _ => None,
    }
}

/// The server called `name`, which nothing else needs to be.
pub(super) fn server_called(org: &Organization, name: &str) -> Result<ServerIdx, Failure> {
    let server = org.server_by_name(&Name::new(name));
    server.ok_or_else(|| unknown("server", name, org.servers().iter().map(|server| &server.name)))
}

/// The router that `text` names, or where the server that it names is.
pub(super) fn router(org: &Organization, text: &str) -> Result<Node, Failure> {
    let node = match node(org, text)? {
        NodeKind::Site(site) => Some(Node::Site(site)),
        NodeKind::RoutingGroup(group) => Some(Node::RoutingGroup(group)),
        NodeKind::Server(server) => Sender::server(org, server).map(|sender| sender.node),
    };
    node.filter(|node| org.is_router(*node))
        .ok_or_else(|| no_stop(org, text))
}

fn no_stop(org: &Organization, text: &str) -> Failure {
    let is_edge = |node| matches!(node, NodeKind::Server(server) if org.servers()[server].is_edge());
    Failure::usage(format!("mail cannot stop at `{text}`")).help(if org.find(text).is_ok_and(is_edge) {
        "an Edge server routes mail when it is subscribed to a site that has a transport server: add it to edge_subscriptions"
    } else {
        "a site routes mail when it has a transport server, a routing group when it has a server"
    })
}

/// Whom `text` stands for: anything with `@` or a type prefix is an address, everything else a node.
pub(super) fn recipient(org: &Organization, text: &str) -> Result<Recipient, Failure> {
    match Recipient::parse(org, text).map_err(|why| unknown_node(text, why))? {
        Recipient::Address(address) if address.value().as_str().trim().is_empty() => {
            let failure = Failure::usage(format!("`{text}` is an address without a value"));
            Err(failure.help(format!("write `{}:` and what follows it", address.kind())))
        }
        recipient => Ok(recipient),
    }
}

/// What the `KIND:NAME` of several `--down` name.
pub(super) fn failures(org: &Organization, down: &[String]) -> Result<FailureSet, Failure> {
    let mut set = FailureSet::default();
    for text in down {
        let (kind, name) = text.split_once(':').ok_or_else(|| unknown_kind(text))?;
        let wanted = Name::new(name);
        match kind.to_ascii_lowercase().as_str() {
            "server" => set.servers.push(server_called(org, name)?),
            "site" => {
                let names = org.sites().iter().map(|site| &site.name);
                let at = position(&wanted, names.clone()).ok_or_else(|| unknown("site", name, names))?;
                set.sites.push(SiteIdx::from_usize(at));
            }
            "link" => {
                let names = org.site_links().iter().map(|link| &link.name);
                let at = position(&wanted, names.clone()).ok_or_else(|| unknown("site link", name, names))?;
                set.site_links.push(SiteLinkIdx::from_usize(at));
            }
            "connector" => {
                let between = org.routing_group_connectors().iter().map(|connector| &connector.name);
                let outside = org.connectors().iter().map(|connector| &connector.name);
                if let Some(at) = position(&wanted, between.clone()) {
                    set.routing_group_connectors
                        .push(RoutingGroupConnectorIdx::from_usize(at));
                } else {
                    let at = position(&wanted, outside.clone())
                        .ok_or_else(|| unknown("connector", name, between.chain(outside)))?;
                    set.connectors.push(ConnectorIdx::from_usize(at));
                }
            }
            _ => return Err(unknown_kind(text)),
        }
    }
    Ok(set)
}

fn position<'a>(wanted: &Name, mut names: impl Iterator<Item = &'a Name>) -> Option<usize> {
    names.position(|name| name == wanted)
}

fn unknown_kind(text: &str) -> Failure {
    Failure::usage(format!("`{text}` does not say what is down"))
        .help("write server:NAME, site:NAME, link:NAME or connector:NAME")
}

fn unknown<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a Name>) -> Failure {
    let failure = Failure::usage(format!("there is no {kind} called `{name}`"));
    did_you_mean(failure, nearest(name, known.map(Name::as_str)))
}

fn did_you_mean(failure: Failure, suggestion: Option<&str>) -> Failure {
    match suggestion {
        Some(name) => failure.help(format!("did you mean `{name}`?")),
        None => failure,
    }
}
