//! Scenarios A to F, and the outages of the 2010 documentation. A hand-over takes a second, to oneself none.

mod loss_of_a_hub;
mod outside;
mod submission;

use std::time::Duration;

use bridgehead::model::ClientKind;

use super::PAIR;
use super::scene::*;

/// HA (hub and mailbox server of ann) in A; hub HB and mailbox servers MB (bob), MB2 (bea) in B.
pub(crate) const LINE: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"], cost: 10)],
    servers: [
        (name: "HA", version: Exchange2010Sp2, site: "A"),
        (name: "HB", version: Exchange2010Sp2, site: "B", roles: [HubTransport]),
        (name: "MB", version: Exchange2010Sp2, site: "B", roles: [Mailbox]),
        (name: "MB2", version: Exchange2010Sp2, site: "B", roles: [Mailbox]),
    ],
    mailboxes: [(address: "ann@x.example", server: "HA"), (address: "bob@x.example", server: "MB"), (address: "bea@x.example", server: "MB2")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

/// The same with a second hub in B.
pub(crate) fn two_hubs() -> String {
    LINE.replace(
        r#"(name: "MB", "#,
        r#"(name: "HB2", version: Exchange2010Sp2, site: "B", roles: [HubTransport]), (name: "MB", "#,
    )
}

/// M (mailboxes of ann), H1 and H2 in A; HB with bob in B; HC with cid in C.
pub(crate) const STAR: &str = r#"(
    sites: [(name: "A"), (name: "B"), (name: "C")],
    site_links: [(name: "AB", sites: ["A", "B"], cost: 10), (name: "AC", sites: ["A", "C"], cost: 10)],
    servers: [
        (name: "M", version: Exchange2010Sp2, site: "A", roles: [Mailbox]),
        (name: "H1", version: Exchange2010Sp2, site: "A", roles: [HubTransport]),
        (name: "H2", version: Exchange2010Sp2, site: "A", roles: [HubTransport]),
        (name: "HB", version: Exchange2010Sp2, site: "B"),
        (name: "HC", version: Exchange2010Sp2, site: "C"),
    ],
    mailboxes: [(address: "ann@x.example", server: "M"), (address: "bob@x.example", server: "HB"), (address: "cid@x.example", server: "HC")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

/// Hub HA and mailbox server MA (amy) in A, Edge01 before it, which sends to the Internet.
pub(crate) const EDGE: &str = r#"(
    sites: [(name: "A")],
    servers: [
        (name: "HA", version: Exchange2010Sp2, site: "A", roles: [HubTransport]),
        (name: "MA", version: Exchange2010Sp2, site: "A", roles: [Mailbox]),
        (name: "Edge01", version: Exchange2010Sp2, roles: [EdgeTransport]),
    ],
    edge_subscriptions: [(edge: "Edge01", site: "A", create_inbound_connector: true, create_internet_connector: false)],
    connectors: [(name: "Internet", kind: Send, source_servers: ["Edge01"], address_spaces: ["*"], smart_hosts: ["Internet01"])],
    mailboxes: [(address: "amy@x.example", server: "MA")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

/// HA (2010, ann) in A; HL (2007) and mailbox server ML (lou) in B.
pub(crate) const OLD: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"], cost: 10)],
    servers: [
        (name: "HA", version: Exchange2010Sp2, site: "A"),
        (name: "HL", version: Exchange2007Sp1, site: "B", roles: [HubTransport]),
        (name: "ML", version: Exchange2007Sp1, site: "B", roles: [Mailbox]),
    ],
    mailboxes: [(address: "ann@x.example", server: "HA"), (address: "lou@x.example", server: "ML")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

fn is(lines: Vec<String>, expect: &[&str]) {
    assert_eq!(lines, expect, "{}", lines.join("\n"));
}

fn line(topology: &str) -> Scene {
    Scene::new(topology).mail(0, "ann@x.example", &["bob@x.example"])
}

/// What concerns shadows.
const SHADOWS: [&str; 7] = [
    "SHADOW",
    "NOTICE",
    "BEAT",
    "MISSED",
    "HADISCARD",
    "PROMOTE",
    "QUEUESLOST",
];

/// What concerns mailboxes.
const ARRIVES: [&str; 3] = ["MAILBOX", "DUPLICATE", "OUTSIDE"];
