//! Scenarios A to F, and the outages of the 2010 documentation. A hand-over takes a second, to oneself none.

use std::time::Duration;

use bridgehead::model::ClientKind;

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

/// A8, A10, A11, A13, A18, A20, A21, A24–A34: from the Outbox over two hubs, with every step of the shadows.
#[test]
fn a25_a_message_over_two_hubs() {
    let played = line(LINE).play();
    is(
        played.lines(),
        &[
            "0:00:00 STORED m1 mailboxes-of-HA",
            "0:00:00 NOTIFY HA>HA m1",
            "0:00:00 RECEIVE HA c0 m1 from HA",
            "0:00:00 QUEUE HA c0 bob site",
            "0:00:01 RECEIVE HB c1 m1 from HA",
            "0:00:01 QUEUE HB c1 bob mailboxes-of-MB",
            "0:00:01 SEND HA>HB c0 bob",
            "0:00:01 SHADOW HA c0 of HB",
            "0:00:01 OWN HA m1",
            "0:00:01 SUBMIT m1",
            "0:00:01 BEAT HA>HB 0",
            "0:00:02 MAILBOX mailboxes-of-MB c1 bob",
            "0:00:02 DELIVER HB c1 bob",
            "0:00:02 NOTICE HB c1 for HA",
            "0:15:01 BEAT HA>HB 1",
            "0:15:01 HADISCARD HA c0 by HB",
        ],
    );
    is(played.fates(), &["m1 bob delivered 0:00:02 x1"]);
}

/// A3: Client Access servers are no actors.
#[test]
fn a3_client_access_servers_change_nothing() {
    let with = LINE.replace(
        "servers: [",
        r#"servers: [(name: "CAS", version: Exchange2010Sp2, site: "B", roles: [ClientAccess]),"#,
    );
    assert_eq!(line(&with).play().lines(), line(LINE).play().lines());
}

/// A4: while its mailbox database is dismounted a client cannot store its item; nobody but the client tries again.
#[test]
fn a4_only_the_client_tries_again() {
    let topology = super::dag::PAIR;
    let scene = Scene::new(topology).dismount(0, "DB1").mount(90_000, "DB1");
    let played = scene.mail(1000, "ann@x.example", &["bob@x.example"]).play();
    is(
        played.only(&["WAITS", "STORED", "NOTIFY"]),
        &[
            "0:00:01 WAITS client m1 0:01:01",
            "0:01:01 WAITS client m1 0:02:01",
            "0:02:01 STORED m1 DB1",
            "0:02:01 NOTIFY S1>S2 m1",
        ],
    );
}

/// A5: once it is stored, replication decides whether an item is there after a failure: one that is older than the lag is.
#[test]
fn a5_stored_items_are_as_safe_as_their_log() {
    let hubless = super::dag::PAIR.replace(
        r#"(name: "S1", version: Exchange2010Sp2, site: "A", dag: "D"), (name: "S2", version: Exchange2010Sp2, site: "A", dag: "D")"#,
        r#"(name: "S1", version: Exchange2010Sp2, site: "A", dag: "D", roles: [Mailbox]), (name: "S2", version: Exchange2010Sp2, site: "A", dag: "D", roles: [Mailbox]), (name: "H", version: Exchange2010Sp2, site: "A", roles: [HubTransport])"#,
    );
    for (failure, fate) in [
        (69_999, "m1 bob lost 0:01:39.999 x0"),
        (70_000, "m1 bob delivered 0:05:42 x1"),
    ] {
        let scene = Scene::new(&hubless).down(0, "H").up(300_000, "H");
        let played = scene
            .mail(60_000, "ann@x.example", &["bob@x.example"])
            .down(failure, "S1")
            .play();
        is(played.fates(), &[fate]);
    }
}

/// A6: with no 2010 hub the item stays in the Outbox, whatever else is there.
#[test]
fn a6_items_wait_for_a_hub_of_their_version() {
    let topology = OLD
        .replace(r#"(name: "HA", version: Exchange2010Sp2, site: "A")"#, r#"(name: "HA", version: Exchange2010Sp2, site: "A", roles: [Mailbox]), (name: "HX", version: Exchange2010Sp2, site: "A", roles: [HubTransport]), (name: "H7", version: Exchange2007Sp1, site: "A", roles: [HubTransport])"#);
    let scene = Scene::new(&topology).down(0, "HX").up(90_000, "HX");
    let played = scene.mail(1000, "ann@x.example", &["lou@x.example"]).play();
    is(
        played.only(&["NOTIFY", "SUBMITDEFER"]),
        &[
            "0:00:01 SUBMITDEFER m1 0:01:01",
            "0:01:01 SUBMITDEFER m1 0:02:01",
            "0:02:01 NOTIFY HA>HX m1",
        ],
    );
}

/// A7, A8: the notification alone makes no copy: a hub that fails before it has pulled the item leaves nothing.
#[test]
fn a7_a_notification_is_no_copy() {
    let scene = Scene::new(STAR).destroy(500, "H1");
    let played = scene.mail(0, "ann@x.example", &["bob@x.example"]).play();
    is(
        played.only(&["NOTIFY", "RECEIVE"])[..3].to_vec(),
        &[
            "0:00:00 NOTIFY M>H1 m1",
            "0:00:00.500 NOTIFY M>H2 m1",
            "0:00:01.500 RECEIVE H2 c0 m1 from M",
        ],
    );
}

/// A9, A10, A11, A14, A31: with two next hops there are two shadows, and the Outbox is told when both have the message: HC is down
/// until 0:02:30. Each shadow goes by its own notification.
#[test]
fn a14_one_shadow_for_each_next_hop() {
    let scene = Scene::new(STAR).down(0, "HC").up(150_000, "HC");
    let played = scene
        .mail(0, "ann@x.example", &["bob@x.example", "cid@x.example"])
        .play();
    is(
        played.only(&["SEND", "SHADOW", "OWN", "SUBMIT", "HADISCARD"]),
        &[
            "0:00:02 SEND H1>HB c0 bob",
            "0:00:02 SHADOW H1 c0 of HB",
            "0:00:02 HADISCARD H1 c0 by HB",
            "0:03:02 SEND H1>HC c0 cid",
            "0:03:02 SHADOW H1 c0 of HC",
            "0:03:02 OWN H1 m1",
            "0:03:02 HADISCARD H1 c0 by HC",
            "0:03:03 SUBMIT m1",
        ],
    );
}

/// A12, A39–A43, S35: to a system without shadows nothing is kept, and whoever came before is told at once.
#[test]
fn a42_nothing_is_kept_for_a_system_without_shadows() {
    for version in ["2007Sp1", "2013"] {
        let topology = OLD.replace("2007Sp1", version);
        let topology = match version {
            "2013" => topology
                .replace(r#", roles: [HubTransport]"#, "")
                .replace(r#"server: "ML""#, r#"server: "HL""#),
            _ => topology,
        };
        // A 2013 server makes a shadow, here on ML, before it answers (S28, S29).
        let answered = if version == "2013" { 3 } else { 2 };
        let scene = Scene::new(&topology).peer("Edge1", true, None);
        let played = scene.external(0, "Edge1", "HA", &["lou@x.example"]).play();
        is(
            played.only(&["ACK", "SEND", "SHADOW", "NOTICE", "OWN"])[..3].to_vec(),
            &[
                "0:00:01 ACK HA>Edge1 m1",
                &format!("0:00:0{answered} SEND HA>HL c0 lou"),
                &format!("0:00:0{answered} NOTICE HA c0 for Edge1"),
            ],
        );
    }
    let played = Scene::new(OLD).mail(0, "ann@x.example", &["lou@x.example"]).play();
    is(
        played.only(&["SEND", "SHADOW", "OWN", "SUBMIT"]),
        &["0:00:01 SEND HA>HL c0 lou", "0:00:01 OWN HA m1", "0:00:01 SUBMIT m1"],
    );
}

/// A40: from an Edge server to a system of somebody else.
#[test]
fn a40_nothing_is_kept_for_a_system_outside() {
    let scene = Scene::new(EDGE).peer("Internet01", false, None);
    let played = scene
        .client(0, ClientKind::Smtp, "HA", None, &["zoe@far.example"])
        .play();
    is(
        played.only(&["SEND", "SHADOW", "NOTICE", "HADISCARD", "ACKDUE"]),
        &[
            "0:00:02 SEND HA>Edge01 c0 zoe",
            "0:00:02 SHADOW HA c0 of Edge01",
            "0:00:03 SEND Edge01>Internet01 c1 zoe",
            "0:00:03 NOTICE Edge01 c1 for HA",
            "0:00:03 ACKDUE HA c0 verified",
            "0:00:03 HADISCARD HA c0 by Edge01",
        ],
    );
    is(played.fates(), &["m1 zoe delivered_outside 0:00:03 x1"]);
}

/// A44: what a system without shadows loses after its 250 is lost.
#[test]
fn a44_what_a_2007_server_loses_is_lost() {
    let scene = Scene::new(OLD).mail(0, "ann@x.example", &["lou@x.example"]);
    let played = scene.destroy(1500, "HL").play();
    is(played.fates(), &["m1 lou lost 0:00:01.500 x0"]);
}

/// A45: the way is cut before the 250: the message is queued, and Edge1 is told nothing.
#[test]
fn a45_what_was_not_taken_stays() {
    let scene = Scene::new(OLD).peer("Edge1", true, None).cut(1500, "HA", "HL");
    let scene = scene.mend(130_000, "HA", "HL");
    let played = scene.external(0, "Edge1", "HA", &["lou@x.example"]).play();
    is(
        played.only(&["DEFER", "SEND", "NOTICE"])[..5].to_vec(),
        &[
            "0:00:01.500 DEFER HA 1 0:01:01.500",
            "0:01:01.500 DEFER HA 2 0:02:01.500",
            "0:02:01.500 DEFER HA 3 0:03:01.500",
            "0:03:02.500 SEND HA>HL c0 lou",
            "0:03:02.500 NOTICE HA c0 for Edge1",
        ],
    );
}

/// A15: the hub is lost when one branch is done: the item goes to another hub, and bob's second copy is recognized.
#[test]
fn a15_the_item_is_offered_to_another_hub() {
    let scene = Scene::new(STAR).down(0, "HC").destroy(10_000, "H1").up(4 * HOUR, "HC");
    let played = scene
        .mail(0, "ann@x.example", &["bob@x.example", "cid@x.example"])
        .play();
    is(
        played.only(&["AGAIN", "NOTIFY", "MAILBOX", "DUPLICATE"])[..5].to_vec(),
        &[
            "0:00:00 NOTIFY M>H1 m1",
            "0:00:02 MAILBOX mailboxes-of-HB c1 bob",
            "3:00:01 AGAIN M m1 lost H1: silence",
            "3:00:01 NOTIFY M>H2 m1",
            "3:00:03 DUPLICATE HB c3 bob",
        ],
    );
    let fates = played.fates();
    assert_eq!(fates[0], "m1 bob suppressed_duplicate 3:00:03 x1");
    assert!(fates[1].starts_with("m1 cid delivered 4:"), "{fates:?}");
}

/// A16: the hub owns the item at 0:00:02, and the mailbox server, which fails before it hears that, submits it again.
#[test]
fn a16_an_item_may_be_submitted_twice() {
    let scene = Scene::new(STAR).mail(0, "ann@x.example", &["bob@x.example"]);
    let played = scene.down(2500, "M").up(60_000, "M").play();
    is(
        played.only(&["OWN", "SUBMIT", "AGAIN", "NOTIFY", "MAILBOX", "DUPLICATE"]),
        &[
            "0:00:00 NOTIFY M>H1 m1",
            "0:00:02 OWN H1 m1",
            "0:00:02 MAILBOX mailboxes-of-HB c1 bob",
            "0:16:00 AGAIN M m1 lost H1: new database",
            "0:16:00 NOTIFY M>H2 m1",
            "0:16:02 OWN H2 m1",
            "0:16:02 DUPLICATE HB c3 bob",
            "0:16:03 SUBMIT m1",
        ],
    );
}

/// A17: a 2010 hub gives mail for 2007 mailboxes to a 2007 hub.
#[test]
fn a17_mailboxes_of_2007_are_delivered_to_by_2007() {
    let topology = OLD.replace(
        r#"(name: "HL","#,
        r#"(name: "H10", version: Exchange2010Sp2, site: "B", roles: [HubTransport]), (name: "HL","#,
    );
    let scene = Scene::new(&topology).client(0, ClientKind::Smtp, "H10", None, &["lou@x.example"]);
    let played = scene.play();
    is(
        played.only(&["SEND", "DELIVER"]),
        &["0:00:02 SEND H10>HL c0 lou", "0:00:03 DELIVER HL c1 lou"],
    );
}

/// A19, A20: amy's database is mounted, bob's is not: the dumpster is empty and nothing is prepared until bob has it too.
#[test]
fn a19_the_dumpster_waits_for_the_last_mailbox() {
    let topology = super::dag::PAIR.replace(
        "servers: [",
        r#"servers: [(name: "H3", version: Exchange2010Sp2, site: "A", roles: [HubTransport]), "#,
    );
    let scene = Scene::new(&topology).peer("Edge1", true, None);
    let scene = scene.dismount(0, "DB2").mount(60_000, "DB2");
    let played = scene
        .external(0, "Edge1", "H3", &["amy@x.example", "bob@x.example"])
        .play();
    is(
        played.only(&["MAILBOX", "KEPT", "NOTICE"]),
        &[
            "0:00:02 MAILBOX DB1 c0 amy",
            "0:05:02 MAILBOX DB2 c0 bob",
            "0:05:02 KEPT H3 c0 amy",
            "0:05:02 KEPT H3 c0 bob",
            "0:05:02 NOTICE H3 c0 for Edge1",
        ],
    );
}

/// A22: delivered, and the hub lost before it was asked: the second delivery is recognized.
#[test]
fn a22_a_second_delivery_is_recognized() {
    let played = line(&two_hubs()).destroy(2500, "HB").play();
    is(
        played.only(&["PROMOTE", "RECEIVE", "MAILBOX", "DUPLICATE"]),
        &[
            "0:00:00 RECEIVE HA c0 m1 from HA",
            "0:00:01 RECEIVE HB c1 m1 from HA",
            "0:00:02 MAILBOX mailboxes-of-MB c1 bob",
            "3:00:01 PROMOTE HA c0 lost HB: silence",
            "3:00:02 RECEIVE HB2 c2 m1 from HA",
            "3:00:03 DUPLICATE HB2 c2 bob",
        ],
    );
    is(played.fates(), &["m1 bob suppressed_duplicate 3:00:03 x1"]);
}

/// A23: one mailbox delivered, one not, the hub lost: the resubmission reaches both.
#[test]
fn a23_a_resubmission_reaches_everybody() {
    let scene = Scene::new(&two_hubs()).down(0, "MB2").up(60_000, "MB2");
    let scene = scene.mail(0, "ann@x.example", &["bob@x.example", "bea@x.example"]);
    let played = scene.destroy(10_000, "HB").play();
    is(
        played.fates(),
        &["m1 bea delivered 3:00:03 x1", "m1 bob suppressed_duplicate 3:00:03 x1"],
    );
}

/// A26b, A27, S20: switched off, no hop has shadows, and no acknowledgement waits.
#[test]
fn a27_without_xshadow_nothing_is_tagged() {
    let off = LINE.replace(
        "accepted_domains",
        "transport_config: (shadow_redundancy_enabled: false), accepted_domains",
    );
    let played = line(&off).play();
    assert_eq!(played.only(&SHADOWS), [""; 0]);
    let played = Scene::new(&off)
        .client(0, ClientKind::Smtp, "HA", None, &["bob@x.example"])
        .play();
    is(played.only(&["DELAYED", "ACK"]), &["0:00:01 ACK HA>client m1"]);
}

/// A32–A34: the answer is everything for who asks, of this session and earlier ones, and nothing for others: HB has two
/// notifications for HA and one for HX. Heartbeats after that bring nothing.
#[test]
fn a33_the_answer_is_the_whole_backlog_of_who_asks() {
    let topology = LINE.replace(
        r#"(name: "HB","#,
        r#"(name: "HX", version: Exchange2010Sp2, site: "X"), (name: "HB","#,
    );
    let topology = topology.replace(r#"sites: [(name: "A"),"#, r#"sites: [(name: "X"), (name: "A"),"#);
    let topology = topology.replace(
        r#"site_links: ["#,
        r#"site_links: [(name: "XB", sites: ["X", "B"], cost: 10), "#,
    );
    let topology = topology.replace(
        r#"mailboxes: ["#,
        r#"mailboxes: [(address: "xen@x.example", server: "HX"), "#,
    );
    let scene = Scene::new(&topology)
        .mail(0, "ann@x.example", &["bob@x.example"])
        .mail(0, "xen@x.example", &["bob@x.example"])
        .mail(500, "ann@x.example", &["bob@x.example"])
        .mail(60_000, "ann@x.example", &["bob@x.example"]);
    let played = scene.play();
    is(
        played.only(&["BEAT", "HADISCARD"]),
        &[
            "0:00:01 BEAT HA>HB 0",
            "0:00:01 BEAT HX>HB 0",
            "0:00:01.500 BEAT HA>HB 0",
            "0:01:01 BEAT HA>HB 2",
            "0:01:01 HADISCARD HA c0 by HB",
            "0:01:01 HADISCARD HA c2 by HB",
            "0:15:01 BEAT HX>HB 1",
            "0:15:01 HADISCARD HX c1 by HB",
            "0:16:01 BEAT HA>HB 1",
            "0:16:01 HADISCARD HA c6 by HB",
        ],
    );
}

/// A35, X3: new database, no other way: the shadow waits, and is resubmitted to the server that comes back, at the first
/// heartbeat after that.
#[test]
fn a35_without_another_way_the_shadow_waits_for_the_new_database() {
    let played = line(LINE).destroy(1500, "HB").up_new(4 * HOUR, "HB").play();
    let shadows = played.only(&SHADOWS);
    assert_eq!(shadows.iter().filter(|line| line.contains("MISSED")).count(), 15);
    is(
        played.only(&["PROMOTE", "RECEIVE", "MAILBOX"]),
        &[
            "0:00:00 RECEIVE HA c0 m1 from HA",
            "0:00:01 RECEIVE HB c1 m1 from HA",
            "4:00:01 PROMOTE HA c0 lost HB: new database",
            "4:00:02 RECEIVE HB c2 m1 from HA",
            "4:00:03 MAILBOX mailboxes-of-MB c2 bob",
        ],
    );
    is(played.fates(), &["m1 bob delivered 4:00:03 x1"]);
}

/// A35, X3: new database, another way: delay = interval × retry count.
#[test]
fn x3_new_database_with_another_way() {
    let played = line(&two_hubs()).destroy(1500, "HB").up_new(4 * HOUR, "HB").play();
    is(played.fates(), &["m1 bob delivered 3:00:03 x1"]);
}

/// X3: same database, another way: HB delivers too when it is back, and the mailbox hides it.
#[test]
fn x3_same_database_with_another_way() {
    let played = line(&two_hubs()).down(1500, "HB").up(4 * HOUR, "HB").play();
    is(
        played.only(&ARRIVES),
        &["3:00:03 MAILBOX mailboxes-of-MB c2 bob", "4:00:01 DUPLICATE HB c1 bob"],
    );
}

/// X3: the same, with a recipient outside, who sees both.
#[test]
fn x3_same_database_with_another_way_is_seen_outside() {
    let topology = EDGE
        .replace(r#"edge_subscriptions: ["#, r#"edge_subscriptions: [(edge: "Edge02", site: "A", create_inbound_connector: true, create_internet_connector: false), "#)
        .replace(r#"(name: "Edge01", v"#, r#"(name: "Edge02", version: Exchange2010Sp2, roles: [EdgeTransport]), (name: "Edge01", v"#)
        .replace(r#"source_servers: ["Edge01"]"#, r#"source_servers: ["Edge01", "Edge02"]"#);
    let scene = Scene::new(&topology)
        .peer("Internet01", false, None)
        .down(2500, "Edge01")
        .up(4 * HOUR, "Edge01");
    let played = scene
        .client(0, ClientKind::Smtp, "HA", None, &["zoe@far.example"])
        .play();
    is(
        played.only(&["PROMOTE", "OUTSIDE"]),
        &[
            "3:00:02 PROMOTE HA c0 lost Edge01: silence",
            "3:00:04 OUTSIDE Internet01 c2 zoe",
            "4:00:01 OUTSIDE Internet01 c1 zoe",
        ],
    );
    is(played.fates(), &["m1 zoe duplicate 4:00:01 x2"]);
}

/// X3: same database, no other way: HB delivers when it is back and tells so, and nothing comes twice.
#[test]
fn x3_same_database_without_another_way() {
    let played = line(LINE).down(1500, "HB").up(4 * HOUR, "HB").play();
    is(played.only(&ARRIVES), &["4:00:01 MAILBOX mailboxes-of-MB c1 bob"]);
    is(
        played.only(&["PROMOTE", "NOTICE", "HADISCARD"]),
        &["4:00:01 NOTICE HB c1 for HA", "4:00:01 HADISCARD HA c0 by HB"],
    );
}

/// A36: the way is cut between the hand-over and the question: the shadow stays, and a later heartbeat brings the notification.
#[test]
fn a36_notifications_wait_for_the_next_session() {
    let played = line(LINE).cut(1500, "HA", "HB").mend(16 * MINUTE, "HA", "HB").play();
    is(
        played.only(&SHADOWS),
        &[
            "0:00:01 SHADOW HA c0 of HB",
            "0:00:01 BEAT HA>HB 0",
            "0:00:02 NOTICE HB c1 for HA",
            "0:15:01 MISSED HA>HB 1",
            "0:30:01 BEAT HA>HB 1",
            "0:30:01 HADISCARD HA c0 by HB",
        ],
    );
    let played = line(LINE).cut_sessions(1500, "HA", "HB").play();
    assert_eq!(played.only(&["HADISCARD"]), ["0:15:01 HADISCARD HA c0 by HB"]);
}

/// A37: the holder of the shadow fails. Back with its database it asks and releases; with a new one it has nothing to release, and
/// the notification is dropped after two days.
#[test]
fn a37_the_notification_waits_for_the_holder() {
    let played = line(LINE).down(1500, "HA").up(10 * MINUTE, "HA").play();
    is(
        played.only(&SHADOWS),
        &[
            "0:00:01 SHADOW HA c0 of HB",
            "0:00:01 BEAT HA>HB 0",
            "0:00:02 NOTICE HB c1 for HA",
            "0:25:00 BEAT HA>HB 1",
            "0:25:00 HADISCARD HA c0 by HB",
        ],
    );
    let scene = line(LINE).down(1500, "HA").up_new(10 * MINUTE, "HA");
    let played = scene.mail(3 * DAY, "ann@x.example", &["ann@x.example"]).play();
    is(
        played.only(&["QUEUESLOST", "NOTICEDROPPED", "HADISCARD", "PROMOTE"]),
        &["0:10:00 QUEUESLOST HA", "48:00:02 NOTICEDROPPED HB c1 for HA"],
    );
}

/// A38: HB has the message, and HA fails before it knows: it sends again when it is back. A copy too many, none too few.
#[test]
fn a38_what_is_not_known_to_be_taken_is_sent_again() {
    let played = line(LINE).pause(500, "HA").down(1200, "HA").up(60_000, "HA").play();
    is(
        played.only(&["RECEIVE", "MAILBOX", "DUPLICATE"]),
        &[
            "0:00:00 RECEIVE HA c0 m1 from HA",
            "0:00:01 RECEIVE HB c1 m1 from HA",
            "0:00:02 MAILBOX mailboxes-of-MB c1 bob",
            "0:01:01 RECEIVE HB c2 m1 from HA",
            "0:01:02 DUPLICATE HB c2 bob",
        ],
    );
}

fn from_internet() -> Scene {
    let scene = Scene::new(EDGE).peer("Internet01", false, None);
    scene.external(0, "Internet01", "Edge01", &["amy@x.example"])
}

/// A47–A53, A60: the sender waits until Edge01 has asked HA and heard that amy has the message, one second after it was handed on.
#[test]
fn a47_the_acknowledgement_waits_for_delivery() {
    let played = from_internet().play();
    let mut lines = played.lines();
    lines.retain(|line| !line.contains("QUEUE"));
    is(
        lines,
        &[
            "0:00:01 RECEIVE Edge01 c0 m1 from Internet01",
            "0:00:01 DELAYED Edge01 c0 0:00:31",
            "0:00:02 RECEIVE HA c1 m1 from Edge01",
            "0:00:02 SEND Edge01>HA c0 amy",
            "0:00:02 SHADOW Edge01 c0 of HA",
            "0:00:02 BEAT Edge01>HA 0",
            "0:00:03 MAILBOX mailboxes-of-MA c1 amy",
            "0:00:03 DELIVER HA c1 amy",
            "0:00:03 NOTICE HA c1 for Edge01",
            "0:00:03 BEAT Edge01>HA 1",
            "0:00:03 ACKDUE Edge01 c0 verified",
            "0:00:03 HADISCARD Edge01 c0 by HA",
            "0:00:03 ACK Edge01>Internet01 m1",
        ],
    );
}

/// A46: UM servers, servers of 2007, systems outside and programs all wait.
#[test]
fn a46_every_sender_without_shadows_waits() {
    for kind in [ClientKind::Um, ClientKind::Smtp] {
        let played = Scene::new(LINE).client(0, kind, "HA", None, &["bob@x.example"]).play();
        assert_eq!(played.only(&["DELAYED"]), ["0:00:01 DELAYED HA c0 0:00:31"]);
    }
    let played = from_internet().play();
    assert_eq!(played.only(&["DELAYED"]), ["0:00:01 DELAYED Edge01 c0 0:00:31"]);
    let played = Scene::new(OLD)
        .client(0, ClientKind::Smtp, "HL", None, &["ann@x.example"])
        .play();
    is(
        played.only(&["ACK", "DELAYED", "ACKDUE", "SEND"]),
        &[
            "0:00:01 ACK HL>client m1",
            "0:00:02 DELAYED HA c1 0:00:32",
            "0:00:02 ACKDUE HA c1 verified",
            "0:00:02 SEND HL>HA c0 ann",
        ],
    );
}

/// A54: each Receive connector has its own delay; 0 is none (L10-4).
#[test]
fn a54_the_delay_is_that_of_the_receive_connector() {
    let topology = LINE.replace(
        "accepted_domains",
        r#"receive_connectors: [
            (name: "Short", server: "HA", max_acknowledgement_delay: "10s"),
            (name: "Long", server: "HA", max_acknowledgement_delay: "40s"),
            (name: "None", server: "HA", max_acknowledgement_delay: "0s"),
        ], accepted_domains"#,
    );
    let scene = |connector| {
        let scene = Scene::new(&topology).down(0, "HB");
        let scene = scene.client(0, ClientKind::Smtp, "HA", connector, &["bob@x.example"]);
        scene.set(|settings| settings.until = Duration::from_secs(60)).play()
    };
    // Connectors ascend by name.
    let of = |connector| scene(connector).only(&["ACKDUE", "ACK"]);
    assert_eq!(
        of(Some(2)),
        ["0:00:11 ACKDUE HA c0 time up", "0:00:11 ACK HA>client m1"]
    );
    assert_eq!(
        of(Some(0)),
        ["0:00:41 ACKDUE HA c0 time up", "0:00:41 ACK HA>client m1"]
    );
    assert_eq!(of(Some(1)), ["0:00:01 ACK HA>client m1"]);
    assert_eq!(of(None), ["0:00:31 ACKDUE HA c0 time up", "0:00:31 ACK HA>client m1"]);
}

/// A55: delivered at 0:00:03, but not known to be so in time.
#[test]
fn a55_delivery_has_to_be_verified() {
    let minute = Duration::from_secs(60);
    let played = from_internet()
        .set(|settings| settings.delayed_ack_poll = minute)
        .play();
    is(
        played.only(&["MAILBOX", "NOTICE", "ACKDUE", "HADISCARD"])[..3].to_vec(),
        &[
            "0:00:03 MAILBOX mailboxes-of-MA c1 amy",
            "0:00:03 NOTICE HA c1 for Edge01",
            "0:00:31 ACKDUE Edge01 c0 time up",
        ],
    );
}

/// A56: Edge01 is lost before it has acknowledged: the sender sends again, and amy sees one.
#[test]
fn a56_without_an_acknowledgement_the_sender_keeps_the_message() {
    let played = from_internet().destroy(2500, "Edge01").up_new(10_000, "Edge01").play();
    let fates = played.fates();
    is(
        played.only(&["ACK", "WAITS", "MAILBOX", "DUPLICATE"]),
        &[
            "0:00:02.500 WAITS Internet01 m1 0:01:02.500",
            "0:00:03 MAILBOX mailboxes-of-MA c1 amy",
            "0:01:05.500 DUPLICATE HA c3 amy",
            "0:01:05.500 ACK Edge01>Internet01 m1",
        ],
    );
    is(fates, &["m1 amy suppressed_duplicate 0:01:05.500 x1"]);
}

/// A57: acknowledged since the time was up, with no second copy, and lost (L10-3).
#[test]
fn a57_an_unverified_acknowledgement_may_lose_a_message() {
    let played = from_internet().down(0, "HA").destroy(40_000, "Edge01").play();
    is(
        played.only(&["ACKDUE", "ACK", "QUEUESLOST"]),
        &[
            "0:00:31 ACKDUE Edge01 c0 time up",
            "0:00:31 ACK Edge01>Internet01 m1",
            "0:00:40 QUEUESLOST Edge01",
        ],
    );
    is(played.fates(), &["m1 amy lost 0:00:40 x0"]);
}

/// A58: one of two branches is verified when the time is up: the other one goes on.
#[test]
fn a58_what_is_not_verified_stays() {
    let scene = Scene::new(STAR).down(0, "HC").up(150_000, "HC");
    let played = scene
        .client(0, ClientKind::Smtp, "H1", None, &["bob@x.example", "cid@x.example"])
        .play();
    is(
        played.only(&["HADISCARD", "ACKDUE", "MAILBOX"]),
        &[
            "0:00:02 MAILBOX mailboxes-of-HB c1 bob",
            "0:00:02 HADISCARD H1 c0 by HB",
            "0:00:31 ACKDUE H1 c0 time up",
            "0:03:02 MAILBOX mailboxes-of-HC c2 cid",
            "0:03:02 HADISCARD H1 c0 by HC",
        ],
    );
}

/// X4: a message for nobody that can be found is verified when it is returned.
#[test]
fn x4_returned_mail_is_verified() {
    let played = Scene::new(LINE)
        .client(0, ClientKind::Smtp, "HA", None, &["nobody@x.example"])
        .play();
    is(
        played.only(&["DELAYED", "FAIL", "ACKDUE", "ACK"]),
        &[
            "0:00:01 DELAYED HA c0 0:00:31",
            "0:00:01 FAIL HA c0 5.1.1",
            "0:00:01 ACKDUE HA c0 verified",
            "0:00:01 ACK HA>client m1",
        ],
    );
}

/// X5: with promotion on, H1 hands what it cannot deliver to H2 before it acknowledges, so that there is a shadow.
#[test]
fn x5_a_message_is_promoted_before_it_is_acknowledged() {
    let scene = Scene::new(STAR).down(0, "HC").up(150_000, "HC");
    let scene = scene.set(|settings| settings.shadow_redundancy_promotion = true);
    let played = scene.client(0, ClientKind::Smtp, "H1", None, &["cid@x.example"]).play();
    is(
        played.only(&["SEND", "SHADOW", "ACKDUE", "ACK", "MAILBOX"]),
        &[
            "0:00:32 SEND H1>H2 c0 cid",
            "0:00:32 SHADOW H1 c0 of H2",
            "0:00:32 ACKDUE H1 c0 time up",
            "0:00:32 ACK H1>client m1",
            "0:02:33 SEND H2>HC c1 cid",
            "0:02:33 SHADOW H2 c1 of HC",
            "0:02:33 MAILBOX mailboxes-of-HC c2 cid",
        ],
    );
}

/// K3: a sender that waits ten seconds alone sends again, and amy sees one.
#[test]
fn k3_an_impatient_sender_makes_duplicates() {
    let scene = Scene::new(EDGE)
        .peer("Internet01", false, Some(10 * SECOND))
        .down(0, "MA")
        .up(15 * SECOND, "MA");
    let played = scene.external(0, "Internet01", "Edge01", &["amy@x.example"]).play();
    let fates = played.fates();
    assert!(fates[0].starts_with("m1 amy suppressed_duplicate"), "{fates:?}");
    assert!(fates[0].ends_with("x1"), "{fates:?}");
}

/// X8: databases that are not replicated leave nothing in the dumpster, of which A19 says the rest.
#[test]
fn x8_only_replicated_databases_have_a_dumpster() {
    let played = line(LINE).play();
    assert_eq!(played.only(&["KEPT"]), [""; 0]);
    let topology = super::dag::PAIR.replace(", dag: \"D\", active_on: \"S1\", copies: [(server: \"S1\", replication_lag: \"10s\"), (server: \"S2\", replication_lag: \"10s\")]", ", server: \"S1\"");
    let played = Scene::new(&topology)
        .mail(0, "bob@x.example", &["amy@x.example"])
        .play();
    assert_eq!(played.only(&["KEPT"]), [""; 0]);
    assert_eq!(played.only(&["MAILBOX"]).len(), 1);
}

/// A system outside that speaks XSHADOW is done with what it takes at once (N23).
#[test]
fn a26_systems_outside_may_speak_xshadow() {
    let scene = Scene::new(EDGE).peer("Internet01", true, None);
    let played = scene
        .client(0, ClientKind::Smtp, "HA", None, &["zoe@far.example"])
        .play();
    is(
        played.only(&SHADOWS),
        &[
            "0:00:02 SHADOW HA c0 of Edge01",
            "0:00:02 BEAT HA>Edge01 0",
            "0:00:03 SHADOW Edge01 c1 of Internet01",
            "0:00:03 NOTICE Edge01 c1 for HA",
            "0:00:03 BEAT Edge01>Internet01 1",
            "0:00:03 HADISCARD Edge01 c1 by Internet01",
            "0:00:03 BEAT HA>Edge01 1",
            "0:00:03 HADISCARD HA c0 by Edge01",
        ],
    );
}

/// M6: HB has delivered and forgets in a crash that it has to tell so. Much later it is lost, and HA resubmits what was done: the
/// last session was at 0:45:01.
#[test]
fn a20_notifications_are_in_memory() {
    let scene = line(&two_hubs()).down(3000, "HB").up(10_000, "HB");
    let played = scene.destroy(50 * MINUTE, "HB").play();
    is(
        played.only(&["NOTICE", "BEAT", "HADISCARD", "PROMOTE", "DUPLICATE"])[..7].to_vec(),
        &[
            "0:00:01 BEAT HA>HB 0",
            "0:00:02 NOTICE HB c1 for HA",
            "0:15:01 BEAT HA>HB 0",
            "0:30:01 BEAT HA>HB 0",
            "0:45:01 BEAT HA>HB 0",
            "3:45:01 PROMOTE HA c0 lost HB: silence",
            "3:45:02 BEAT HA>HB2 0",
        ],
    );
    is(played.fates(), &["m1 bob suppressed_duplicate 3:45:03 x1"]);
}

/// M9: a 2010 hub keeps a 2013 server waiting like every sender without shadows of its kind.
#[test]
fn a46_servers_of_2013_wait_too() {
    // HL has its own shadow on ML at 0:02 and hands on then; HA has it at 0:03.
    let topology = OLD
        .replace("2007Sp1", "2013")
        .replace(", roles: [HubTransport]", "")
        .replace(r#"server: "ML""#, r#"server: "HL""#);
    let played = Scene::new(&topology)
        .client(0, ClientKind::Smtp, "HL", None, &["ann@x.example"])
        .play();
    is(
        played.only(&["DELAYED", "ACKDUE"]),
        &["0:00:03 DELAYED HA c2 0:00:33", "0:00:03 ACKDUE HA c2 verified"],
    );
}

/// A11: a paused mailbox server hears of the ownership when it goes on.
#[test]
fn a11_a_paused_mailbox_server_forgets_nothing() {
    let scene = Scene::new(STAR).mail(0, "ann@x.example", &["bob@x.example"]);
    let played = scene.pause(2500, "M").up(HOUR, "M").play();
    is(
        played.only(&["OWN", "SUBMIT", "AGAIN"]),
        &["0:00:02 OWN H1 m1", "1:00:00 SUBMIT m1"],
    );
}
