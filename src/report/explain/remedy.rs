//! Why a message fails, and what would help.

use std::io;

use super::lines::Lines;
use super::{ExplainQuery, message_size, write_rule};
use crate::delivery::{Explanation, Reason, Recipient, Refusal};
use crate::model::{
    Address, Connector, DatabaseHome, GroupRef, MailboxHome, Node, NodeKind, Organization, RoutingGroupConnector,
    ServerIdx, SizeLimit,
};
use crate::report::escape::escaped;
use crate::report::record::leg_name;
use crate::report::rules;
use crate::report::text::{Page, node_phrase};
use crate::route::{Exclusion, Leg, Verdict};

pub(super) fn write(
    query: &ExplainQuery<'_>,
    recipient: &Recipient,
    explanation: &Explanation,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let Some(reason) = explanation.reason else {
        return Ok(());
    };
    let rule = match reason {
        Reason::PathSize { .. } => rules::PATH_SIZE,
        Reason::ConnectorSize => rules::CONNECTOR_SIZE,
        Reason::NoConnector => rules::NO_CONNECTOR,
        Reason::NoWay => rules::NO_WAY_TO_CONNECTOR,
        Reason::Refused(Refusal::UnknownRecipient) => rules::UNKNOWN_RECIPIENT,
        Reason::Refused(Refusal::NoHome) if edge(query.view.org, recipient).is_some() => rules::EDGE,
        Reason::Refused(_) | Reason::NoPath(_) | Reason::NoStop(_) => rules::UNREACHABLE,
    };
    page.section("Why, and what would help")?;
    write_rule(&rule, page)?;
    page.blank()?;
    page.paragraph(Default::default(), 2, &advice(query, recipient, explanation, reason))
}

/// What would help.
fn advice(query: &ExplainQuery<'_>, recipient: &Recipient, explanation: &Explanation, reason: Reason) -> String {
    let org = query.view.org;
    match reason {
        Reason::PathSize { leg, .. } => larger_leg(query, leg),
        Reason::ConnectorSize => larger_connector(query, explanation),
        Reason::NoConnector => {
            let space = match recipient {
                Recipient::Address(address) => space_for(address),
                Recipient::Node(_) => "*".to_owned(),
            };
            format!(
                "A connector with the address space {} within reach of {} would serve it.",
                escaped(&space),
                node_phrase(org, query.sender.node)
            )
        }
        Reason::NoWay => format!(
            "Connectors that lead from {} to it and let the message through would help; a less specific address space would not \
             be taken.",
            node_phrase(org, query.sender.node)
        ),
        Reason::Refused(refusal) => for_refused(org, recipient, refusal),
        Reason::NoPath(node) => another_path(query, node),
        Reason::NoStop(node) => format!("A transport server in {} would help.", node_phrase(org, node)),
    }
}

/// A link or connector on the path that lets the message through.
fn larger_leg(query: &ExplainQuery<'_>, leg: Leg) -> String {
    let name = escaped(leg_name(query.view.org, leg));
    let command = match leg {
        Leg::SiteLink(_) => "Set-AdSiteLink",
        Leg::Connector(_) => "Set-RoutingGroupConnector",
    };
    format!(
        "Raise max_message_size of {name} to {} ({command} -MaxMessageSize), or its cost, so that another path becomes the \
         cheapest (R71).",
        message_size(query)
    )
}

/// The largest of the connectors that are too small, made larger.
fn larger_connector(query: &ExplainQuery<'_>, explanation: &Explanation) -> String {
    let considered = explanation.selection.iter().flat_map(|selection| &selection.considered);
    let name = considered
        .filter(|candidate| candidate.verdict == Verdict::Excluded(Exclusion::Size))
        .map(|candidate| &query.view.org.connectors()[candidate.connector])
        .max_by_key(|connector| match connector.max_message_size {
            Some(SizeLimit::Bytes(limit)) => limit,
            _ => 0,
        })
        .map_or_else(String::new, |connector| escaped(connector.name.as_str()).into_owned());
    format!("Raise max_message_size of {name} to {}.", message_size(query))
}

/// A recipient that has a destination.
fn for_refused(org: &Organization, recipient: &Recipient, refusal: Refusal) -> String {
    match refusal {
        Refusal::UnknownRecipient => {
            let accepted = match recipient {
                Recipient::Address(address) => org.accepted_domain(address),
                Recipient::Node(_) => None,
            };
            let domain = accepted.map_or("*", |accepted| accepted.domain.as_str());
            format!(
                "Add the recipient, or make the accepted domain {} an InternalRelay domain if others have mailboxes there.",
                escaped(domain)
            )
        }
        Refusal::NoTransport => {
            "Put a transport server of the mailbox server's generation into its site (events 5006, 5008).".to_owned()
        }
        Refusal::NoHome => match edge(org, recipient) {
            Some(server) => through_edge(org, server),
            None => "Assign the server to a site (event 5005).".to_owned(),
        },
        Refusal::NoExpansion => {
            "Name a transport server as expansion server, or none, so that the sender expands the group.".to_owned()
        }
    }
}

/// How mail gets to an Edge server.
fn through_edge(org: &Organization, edge: ServerIdx) -> String {
    let name = escaped(org.servers()[edge].name.as_str());
    let Some(site) = org.subscribed_site(edge) else {
        return format!(
            "Subscribe {name} to a site (New-EdgeSubscription; edge_subscriptions in the file), and ask for an address that \
             one of its connectors serves."
        );
    };
    let of_edge = |connector: &&Connector| connector.source_servers.contains(&edge);
    let names = org.connectors().iter().filter(of_edge);
    let names: Vec<String> = names
        .map(|connector| escaped(connector.name.as_str()).into_owned())
        .collect();
    let site = node_phrase(org, Node::Site(site));
    match names.as_slice() {
        [] => format!("Ask for {site}, to which {name} is subscribed: no connector has {name} as source."),
        names => format!(
            "Ask for an address that {} serves, or for {site}, to which {name} is subscribed.",
            names.join(" or ")
        ),
    }
}

/// A path to where there is none.
fn another_path(query: &ExplainQuery<'_>, node: Node) -> String {
    let to = node_phrase(query.view.org, node);
    match (node, query.sender.node) {
        (Node::RoutingGroup(_), _) => {
            format!("A usable routing-group connector into {to} would help (New-RoutingGroupConnector).")
        }
        (_, Node::Site(_)) => format!("An IP site link that joins {to} to the others would help."),
        (_, Node::RoutingGroup(_)) => {
            "A usable routing-group connector into the 2007 group would help, or a site link behind it.".to_owned()
        }
    }
}

/// The Edge server that a recipient is.
pub(super) fn edge(org: &Organization, recipient: &Recipient) -> Option<ServerIdx> {
    match recipient {
        Recipient::Node(NodeKind::Server(server)) if org.servers()[*server].is_edge() => Some(*server),
        _ => None,
    }
}

/// An address space that serves an address.
fn space_for(address: &Address) -> String {
    if address.is_smtp() {
        format!("SMTP:{}", address.value().as_str().rsplit('@').next().unwrap_or("*"))
    } else {
        format!("{}:*", address.kind())
    }
}

/// Notes the lines that the failure is about.
pub(super) fn note_lines(
    query: &ExplainQuery<'_>,
    recipient: &Recipient,
    explanation: &Explanation,
    lines: &mut Lines<'_>,
) {
    let org = query.view.org;
    match explanation.reason {
        Some(Reason::PathSize { leg, limit }) => {
            let span = match leg {
                Leg::SiteLink(link) => org.site_links()[link].span,
                Leg::Connector(connector) => org.routing_group_connectors()[connector].span,
            };
            let name = escaped(leg_name(org, leg));
            lines.note(span, Some("max_message_size"), format!("{name} lets {limit} through"));
        }
        Some(Reason::Refused(Refusal::UnknownRecipient)) => {
            if let Recipient::Address(address) = recipient
                && let Some(accepted) = org.accepted_domain(address)
            {
                lines.note(accepted.span, None, "the domain is authoritative");
            }
        }
        Some(Reason::Refused(_)) => {
            if let Some(server) = server_of(org, recipient) {
                let role = if edge(org, recipient).is_some() {
                    "the Edge server"
                } else {
                    "the server"
                };
                lines.note(org.servers()[server].span, None, role);
            }
        }
        Some(Reason::NoStop(Node::Site(site))) => {
            lines.note(org.sites()[site].span, None, "no transport server is here")
        }
        Some(Reason::NoPath(Node::RoutingGroup(group))) => {
            let into = |connector: &&RoutingGroupConnector| connector.to == GroupRef::Legacy(group);
            for connector in org.routing_group_connectors().iter().filter(into) {
                lines.note(connector.span, None, "leads there, but not from here");
            }
        }
        _ => {}
    }
}

/// The server that a recipient is on.
fn server_of(org: &Organization, recipient: &Recipient) -> Option<ServerIdx> {
    match recipient {
        Recipient::Node(NodeKind::Server(server)) => Some(*server),
        Recipient::Node(_) => None,
        Recipient::Address(address) => {
            let Some(mailbox) = org.mailbox(address) else {
                return org.groups()[org.group(address)?].expansion_server;
            };
            match org.mailboxes()[mailbox].home {
                MailboxHome::Server(server) => Some(server),
                MailboxHome::Database(database) => match org.databases()[database].home {
                    DatabaseHome::Server(server) => Some(server),
                    DatabaseHome::Dag(_) => org.databases()[database].active_on,
                },
            }
        }
    }
}
