//! A hub is lost, with its queue database or without.

use super::*;

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
