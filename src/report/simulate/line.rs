//! Events as lines that a person can follow, made from their records.

use anstyle::Style;

use super::event::instant;
use super::record::{ActorRecord, EventRecord, QueueRecord, StoreRecord, WaitsRecord};
use crate::diagnostic::{counted_as, some_names};
use crate::report::text::{Palette, counted};

/// Where an event happens, for the second column: a server, or a database; empty where it is neither.
pub(super) fn place<'a>(record: &EventRecord<'a>) -> &'a str {
    match (record.server, record.store) {
        (Some(server), _) => server,
        (None, Some(store)) => store_name(store),
        (None, None) => "",
    }
}

/// Its name and everything else about it: `RECEIVE m1#2 from HA for bob@x.example, header 2`.
pub(super) fn sentence(record: &EventRecord<'_>) -> String {
    let mut words = vec![record.event.to_owned()];
    words.extend(record.detail.clone());
    words.extend(label(record));
    words.extend(record.routing_group.map(|group| format!("rg:{group}")));
    words.extend(record.from.map(|from| format!("from {}", actor_name(from))));
    let to = record
        .to
        .filter(|_| record.event != "OUTSIDE" || record.to != Some(ActorRecord::Outside));
    words.extend(to.map(|to| format!("to {}", actor_name(to))));
    let store = record.store.filter(|_| record.server.is_some());
    words.extend(store.map(store_text));
    if !record.recipients.is_empty() {
        words.push(format!("for {}", some_names(&record.recipients)));
    }
    words.extend(queue_text(record));
    words.extend(record.connector.map(|connector| format!("through {connector}")));
    let mut text = words.join(" ");
    for (at, more) in details(record).iter().enumerate() {
        text.push_str(if at == 0 && words.len() == 1 { " " } else { ", " });
        text.push_str(more);
    }
    text
}

/// `m1#2`: copy 2 of message m1.
fn label(record: &EventRecord<'_>) -> Option<String> {
    let copy = record.copy.map_or(String::new(), |copy| format!("#{copy}"));
    let message = record.message.unwrap_or_default();
    let label = format!("{message}{copy}");
    (!label.is_empty()).then_some(label)
}

fn details(record: &EventRecord<'_>) -> Vec<String> {
    let mut all = Vec::new();
    let mut add = |text: Option<String>| all.extend(text);
    add(record.of.map(|of| format!("from copy #{of}")));
    add(record.primary.map(|primary| format!("primary {}", actor_name(primary))));
    add(record.holder.map(|holder| format!("holder {}", actor_name(holder))));
    add(record.shadow.map(|shadow| format!("shadow #{shadow}")));
    add(record.kept_in.map(|safe| safe.replace('_', " ")));
    add(record.why.map(|why| why.replace('_', " ")));
    add(record.code.clone());
    add(record.headers.map(|headers| format!("header {headers}")));
    add(record
        .failures
        .map(|failures| format!("{} failed", counted_as(failures, "try", "tries"))));
    add(record.notifications.map(|many| counted(many, "notification")));
    add(record.verified.map(|verified| match verified {
        true => "verified".to_owned(),
        false => "time is up".to_owned(),
    }));
    add(record.since.map(|since| format!("all since {}", instant(since))));
    add(record.down.as_ref().map(|down| match down.is_empty() {
        true => "down: nothing".to_owned(),
        false => format!("down: {}", some_names(down)),
    }));
    add(record.until.map(|until| format!("until {}", instant(until))));
    all
}

fn actor_name<'a>(actor: ActorRecord<'a>) -> &'a str {
    match actor {
        ActorRecord::Server(name) | ActorRecord::Peer(name) => name,
        ActorRecord::Client => "client",
        ActorRecord::Outside => "outside",
    }
}

fn store_name<'a>(store: StoreRecord<'a>) -> &'a str {
    match store {
        StoreRecord::Database(name) | StoreRecord::Server(name) => name,
    }
}

fn store_text(store: StoreRecord<'_>) -> String {
    match store {
        StoreRecord::Database(name) => format!("database {name}"),
        StoreRecord::Server(name) => format!("mailboxes of {name}"),
    }
}

/// `into queue to site B`, `queue to site B`; what is routed anew without a queue is all that a server has.
fn queue_text(record: &EventRecord<'_>) -> Option<String> {
    let queue = record.queue.as_ref().map(queue_name);
    match (record.event, queue) {
        ("TRANSFER", queue) => queue.map(|queue| format!("into {queue}")),
        ("RESUBMIT", None) if record.of.is_none() => Some("everything".to_owned()),
        (_, queue) => queue,
    }
}

fn queue_name(queue: &QueueRecord<'_>) -> String {
    let name = queue.next_hop.unwrap_or_default();
    match (queue.kind, &queue.delivery_group) {
        ("unreachable", _) => "the Unreachable queue".to_owned(),
        ("within", Some(group)) => format!("queue to others here for {group}"),
        ("within", None) => "queue to others here".to_owned(),
        ("connector_source", _) => format!("queue to where {name} begins"),
        ("database", _) => format!("queue to database {name}"),
        ("mailboxes", _) => format!("queue to mailboxes of {name}"),
        ("site", Some(group)) if !queue.is_plain => format!("queue to site {name} for {group}"),
        ("site", _) => format!("queue to site {name}"),
        ("routing_group", _) => format!("queue to rg:{name}"),
        ("routing_group_connector", _) => format!("queue over {name}"),
        _ => format!("queue out through {name}"),
    }
}

/// Where a message waits, as a fragment.
pub(super) fn waits_text(waits: &WaitsRecord<'_>) -> String {
    let server = waits.server.unwrap_or_default();
    match (waits.place, &waits.queue, waits.store) {
        (_, Some(queue), _) => format!("{server}, {}", queue_name(queue)),
        ("outbox", _, Some(store)) => format!("Outbox in {}", store_text(store)),
        ("sender", ..) => "with its sender".to_owned(),
        ("shadow", ..) => format!("as a shadow with {server}"),
        _ => format!("on its way from {server}"),
    }
}

/// The colour of an event.
pub(super) fn style(record: &EventRecord<'_>, palette: &Palette) -> Style {
    if record.detail.is_some() {
        return palette.strong;
    }
    match record.event {
        "DELIVER" | "OUTSIDE" => palette.good,
        "DEFER" | "SUBMITDEFER" | "SENDERWAITS" | "DSN" | "DUPLICATEDELIVER" | "HEARTBEATMISSED" | "PROMOTE"
        | "RESUBMIT" | "HAREDIRECTFAIL" | "DISCARDDROPPED" => palette.warn,
        "FAIL" | "REFUSE" | "QUEUESLOST" | "LOGLOST" => palette.bad,
        "NOTIFYMAPI" | "HEARTBEAT" | "ACKNOWLEDGE" | "INMAILBOX" => palette.dim,
        _ => Style::new(),
    }
}
