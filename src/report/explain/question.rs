//! What was asked, and who the parties are.

use std::io;

use super::ExplainQuery;
use crate::delivery::Recipient;
use crate::model::{
    Address, FailureSet, MailboxHome, MessageType, NodeKind, Organization, Priority, ServerIdx, SizeLimit,
};
use crate::report::escape::escaped;
use crate::report::record::recipient_text;
use crate::report::text::{Page, enumeration, node_phrase, server_text};
use crate::route::Sender;

pub(super) fn write(query: &ExplainQuery<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let org = query.view.org;
    page.paragraph(page.palette.strong, 0, &question(query))?;
    if let Some(server) = query.sender.server {
        let node = node_phrase(org, query.sender.node);
        let server = server_text(org, server);
        let text = match query.sender.itself(org) {
            Some(_) => format!("{server} in {node} sends it."),
            None => format!("{} routes as {server}.", capitalized(&node)),
        };
        page.paragraph(page.palette.dim, 0, &text)?;
    }
    for recipient in query.asked {
        if let Some(text) = party(org, query.sender, recipient) {
            page.paragraph(page.palette.dim, 0, &text)?;
        }
    }
    Ok(())
}

fn question(query: &ExplainQuery<'_>) -> String {
    let org = query.view.org;
    let message = query.view.message;
    let mut kind = Vec::new();
    match message.priority {
        Priority::Normal => {}
        Priority::High => kind.push("urgent"),
        Priority::Low => kind.push("unhurried"),
    }
    if message.message_type == MessageType::System {
        kind.push("system");
    }
    let size = message.size.map(|size| SizeLimit::Bytes(size).to_string());
    kind.extend(size.as_deref());
    let what = match kind.as_slice() {
        [] => "mail".to_owned(),
        kind => format!("a message ({})", kind.join(", ")),
    };
    let sender = message.sender.as_ref();
    let by = sender.map_or_else(String::new, |sender| format!(" by {}", escaped(&sender.to_string())));
    let sent = message.at.map_or_else(String::new, |at| format!(" sent {at}"));
    let recipients: Vec<String> = query
        .asked
        .iter()
        .map(|recipient| recipient_phrase(org, recipient))
        .collect();
    let down = down(org, query.view.down);
    let meanwhile = match down.as_slice() {
        [] => String::new(),
        [one] => format!(" while {one} is down"),
        several => format!(" while {} are down", enumeration(several)),
    };
    let from = node_phrase(org, query.sender.node);
    format!(
        "What becomes of {what}{by}{sent} from {from} to {}{meanwhile}?",
        enumeration(&recipients)
    )
}

/// A recipient in a sentence.
pub(super) fn recipient_phrase(org: &Organization, recipient: &Recipient) -> String {
    match recipient {
        Recipient::Node(NodeKind::Site(site)) => format!("site {}", escaped(org.sites()[*site].name.as_str())),
        Recipient::Node(NodeKind::RoutingGroup(group)) => {
            format!("routing group {}", escaped(org.routing_groups()[*group].name.as_str()))
        }
        Recipient::Node(NodeKind::Server(server)) => {
            format!("server {}", escaped(org.servers()[*server].name.as_str()))
        }
        Recipient::Address(_) => escaped(&recipient_text(org, recipient)).into_owned(),
    }
}

/// Everything that is down, each with its kind.
fn down(org: &Organization, down: &FailureSet) -> Vec<String> {
    let servers = down.servers.iter().map(|at| ("server", &org.servers()[*at].name));
    let sites = down.sites.iter().map(|at| ("site", &org.sites()[*at].name));
    let links = down.site_links.iter().map(|at| ("link", &org.site_links()[*at].name));
    let between = down.routing_group_connectors.iter();
    let between = between.map(|at| ("connector", &org.routing_group_connectors()[*at].name));
    let outside = down
        .connectors
        .iter()
        .map(|at| ("connector", &org.connectors()[*at].name));
    let all = servers.chain(sites).chain(links).chain(between).chain(outside);
    all.map(|(kind, name)| format!("{kind} {}", escaped(name.as_str())))
        .collect()
}

/// Who a recipient is, unless that is plain.
fn party(org: &Organization, sender: Sender, recipient: &Recipient) -> Option<String> {
    // An address stays as it was written, even at the beginning of a sentence.
    let name = match recipient {
        Recipient::Node(_) => capitalized(&recipient_phrase(org, recipient)),
        Recipient::Address(_) => recipient_phrase(org, recipient),
    };
    let text = match recipient {
        Recipient::Node(NodeKind::Server(server)) => format!("is {}", place(org, *server)),
        Recipient::Node(_) => return None,
        Recipient::Address(_) if sender.is_edge(org) => {
            "is an address like any other: an Edge server knows only its connectors".to_owned()
        }
        Recipient::Address(address) => address_text(org, address),
    };
    Some(format!("{name} {text}."))
}

fn address_text(org: &Organization, address: &Address) -> String {
    if let Some(mailbox) = org.mailbox(address) {
        return match org.mailboxes()[mailbox].home {
            MailboxHome::Server(server) => format!("is a mailbox on {}", place(org, server)),
            MailboxHome::Database(database) => {
                let database = &org.databases()[database];
                let name = escaped(database.name.as_str());
                match database.active_on {
                    Some(server) => format!("is a mailbox on database {name}, active on {}", place(org, server)),
                    None => format!("is a mailbox on database {name}"),
                }
            }
        };
    }
    if let Some(group) = org.group(address) {
        let group = &org.groups()[group];
        return match group.expansion_server {
            Some(server) => format!("is a group that only {} expands", place(org, server)),
            None => format!("is a group of {}", group.members.len()),
        };
    }
    "is outside: neither a mailbox nor a group here".to_owned()
}

fn place(org: &Organization, server: ServerIdx) -> String {
    use crate::model::{Home, Node};
    let at = match org.servers()[server].home {
        Home::Site(site) => format!(", {}", node_phrase(org, Node::Site(site))),
        Home::RoutingGroup(group) => format!(", {}", node_phrase(org, Node::RoutingGroup(group))),
        Home::Exchange2007Group | Home::None => String::new(),
    };
    format!("{}{at}", server_text(org, server))
}

/// The text with its first letter in upper case.
pub(super) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
