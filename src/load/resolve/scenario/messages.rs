//! The messages of a scenario, and how each enters.

use indexmap::IndexMap;

use super::super::connectors::address;
use super::super::names::Names;
use super::super::place::{Place, Problems, value_or};
use super::super::span_of;
use super::Clock;
use super::known::{Kind, Known, Taker, Thing};
use crate::diagnostic::Span;
use crate::load::document::{ClientWord, EntryEntry, Leaf, Leaves, MessageEntry, ScenarioDocument};
use crate::model::{Address, ClientKind, Entry, MessageIdx, ReceiveConnectorIdx, ServerIdx, SizeLimit, Submission};

/// The messages in the order of the file, without those that are wrong.
pub(super) fn messages(
    document: &ScenarioDocument,
    ids: &Names<MessageIdx>,
    known: &Known<'_>,
    clock: Clock,
    problems: &mut Problems,
) -> Vec<Submission> {
    let list = Place::top("messages");
    let messages = document.messages.iter().enumerate().filter_map(|(position, message)| {
        let record = list.item(position, message.span);
        let at = clock.required(&message.at, &record, "at", problems);
        let from = problems.required(&message.from, &record, "from");
        let from = from.and_then(|leaf| address(leaf, &record.field("from", leaf.span), problems));
        let to = recipients(message, &record, problems);
        let size = size(&message.size, &record, problems);
        let entry = match &message.entry {
            Some(entry) => given_entry(entry, from.as_ref(), &record, known, problems),
            None => outbox(from.as_ref(), message, &record, known, problems),
        };
        Some(Submission {
            id: ids.of_record(position),
            at: at?,
            from: from?,
            to,
            size,
            priority: value_or(&message.priority, Default::default()),
            message_type: value_or(&message.message_type, Default::default()),
            journal: value_or(&message.journal, false),
            entry: entry?,
            span: message.span,
        })
    });
    messages.collect()
}

fn recipients(message: &MessageEntry, record: &Place<'_>, problems: &mut Problems) -> Vec<Address> {
    if message.to.is_empty() {
        let here = record.field("to", message.span);
        problems.push(here.problem("missing required field `to`"));
    }
    distinct(&message.to, record, "to", problems)
}

/// A list of addresses each of which stands there once.
pub(super) fn distinct(
    leaves: &Leaves<String>,
    record: &Place<'_>,
    field: &'static str,
    problems: &mut Problems,
) -> Vec<Address> {
    let list = record.field(field, Span::NONE);
    let mut found: IndexMap<Address, Span> = IndexMap::new();
    for (position, leaf) in leaves.iter().enumerate() {
        let here = list.item(position, leaf.span);
        let Some(address) = address(leaf, &here, problems) else {
            continue;
        };
        match found.get(&address) {
            Some(first) => problems.push(
                here.problem(format!("\"{address}\" is listed twice"))
                    .label(*first, "first listed here")
                    .help("remove one of the two"),
            ),
            None => {
                found.insert(address, leaf.span);
            }
        }
    }
    found.into_keys().collect()
}

fn size(leaf: &Leaf<SizeLimit>, record: &Place<'_>, problems: &mut Problems) -> Option<u64> {
    match leaf.as_ref()?.value {
        SizeLimit::Bytes(bytes) => Some(bytes),
        SizeLimit::Unlimited => {
            let here = record.field("size", span_of(leaf));
            problems.push(
                here.problem("the size of a message can't be unlimited")
                    .help("leave it out for a message that is smaller than every limit"),
            );
            None
        }
    }
}

/// The entry of a message that does not say how it enters.
fn outbox(
    from: Option<&Address>,
    message: &MessageEntry,
    record: &Place<'_>,
    known: &Known<'_>,
    problems: &mut Problems,
) -> Option<Entry> {
    let from = from?;
    let mailbox = known.mailbox(from);
    if mailbox.is_none() && !known.blind {
        let here = record.field("from", span_of(&message.from));
        problems.push(here.problem(format!("\"{from}\" has no mailbox in the topology")).help(
            "say how the message enters: `entry: (peer: NAME, server: NAME)` from outside, `entry: (client: Smtp, server: NAME)` \
             from a program",
        ));
    }
    Some(Entry::Mapi { mailbox: mailbox? })
}

/// The entry that a message has a record for.
fn given_entry(
    entry: &EntryEntry,
    from: Option<&Address>,
    message: &Place<'_>,
    known: &Known<'_>,
    problems: &mut Problems,
) -> Option<Entry> {
    let record = message.field("entry", entry.span);
    match (&entry.client, &entry.peer) {
        (None, None) => {
            let problem = record.problem("either `client` or `peer` is required");
            problems.push(problem.help("write `client: Mapi`, `client: Smtp`, `client: Um` or `peer: NAME`"));
            None
        }
        (Some(client), Some(peer)) => {
            let here = record.field("peer", peer.span);
            problems.push(
                here.problem("`client` and `peer` exclude each other")
                    .label(client.span, "`client` is given here")
                    .help("leave out one of the two"),
            );
            None
        }
        (Some(client), None) => match client.value {
            ClientWord::Mapi => mapi(entry, from, &record, known, problems),
            ClientWord::Smtp => {
                let (server, receive_connector) = taken_by(entry, Sender::Smtp, &record, known, problems)?;
                Some(Entry::Client {
                    kind: ClientKind::Smtp,
                    server,
                    receive_connector,
                })
            }
            ClientWord::Um => {
                let (server, receive_connector) = taken_by(entry, Sender::Um, &record, known, problems)?;
                Some(Entry::Client {
                    kind: ClientKind::Um,
                    server,
                    receive_connector,
                })
            }
        },
        (None, Some(_)) => {
            let peer = known.optional(&entry.peer, &[Kind::Peer], &record, "peer", problems);
            let (server, receive_connector) = taken_by(entry, Sender::Peer, &record, known, problems)?;
            match peer? {
                Thing::Peer(peer) => Some(Entry::Peer {
                    peer,
                    server,
                    receive_connector,
                }),
                _ => None,
            }
        }
    }
}

fn mapi(
    entry: &EntryEntry,
    from: Option<&Address>,
    record: &Place<'_>,
    known: &Known<'_>,
    problems: &mut Problems,
) -> Option<Entry> {
    for (field, leaf) in [
        ("server", &entry.server),
        ("receive_connector", &entry.receive_connector),
    ] {
        if let Some(leaf) = leaf {
            let here = record.field(field, leaf.span);
            problems.push(
                here.problem(format!("`{field}` does not belong to Mapi"))
                    .help("such mail leaves the Outbox of the sender's mailbox: leave it out"),
            );
        }
    }
    let from = from?;
    let mailbox = known.mailbox(from);
    if mailbox.is_none() && !known.blind {
        let here = record.field("client", span_of(&entry.client));
        problems.push(
            here.problem(format!("\"{from}\" has no mailbox in the topology"))
                .help("write `client: Smtp` and `server`, or add the mailbox"),
        );
    }
    Some(Entry::Mapi { mailbox: mailbox? })
}

/// Who hands a message to a server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sender {
    Smtp,
    Um,
    Peer,
}

/// The server and the Receive connector that take a message by SMTP.
fn taken_by(
    entry: &EntryEntry,
    sender: Sender,
    record: &Place<'_>,
    known: &Known<'_>,
    problems: &mut Problems,
) -> Option<(ServerIdx, Option<ReceiveConnectorIdx>)> {
    let connector = entry.receive_connector.as_ref();
    problems.required(&entry.server, record, "server")?;
    let server = known.server(&entry.server, record, "server", problems)?;
    let allowed = match sender {
        Sender::Smtp => "a transport server or a legacy one",
        Sender::Um => "a transport server",
        Sender::Peer => "a transport server, an Edge server or a legacy one",
    };
    let takes = known.taker(server).is_none_or(|taker| match taker {
        Taker::Transport => true,
        Taker::Legacy => sender != Sender::Um,
        Taker::Edge => sender == Sender::Peer,
        Taker::Nothing => false,
    });
    if !takes {
        let here = record.field("server", span_of(&entry.server));
        let name = known.servers.get(server);
        problems.push(
            here.problem(format!("server \"{name}\" does not take such mail"))
                .help(format!("it has to be {allowed}")),
        );
    }
    let Some(leaf) = connector else {
        return Some((server, None));
    };
    let found = known.receive_connector(server, &leaf.value);
    if found.is_none()
        && let Some(org) = known.organization
    {
        let here = record.field("receive_connector", leaf.span);
        let name = known.servers.get(server);
        let all = org.receive_connectors();
        let there = &all[all.partition_point(|connector| connector.server < server)..];
        let there = there.iter().take_while(|connector| connector.server == server);
        let help = problems.suggest(&leaf.value, there.map(|connector| connector.name.as_str()));
        let problem = here.problem(format!("server \"{name}\" has no Receive connector \"{}\"", leaf.value));
        problems.push(problem.help(help.unwrap_or_else(|| "leave it out for the defaults of the server".to_owned())));
    }
    Some((server, Some(found?)))
}
