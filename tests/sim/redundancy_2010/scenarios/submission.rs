//! From the Outbox to the mailboxes, and what is kept on the way.

use super::*;

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
    let topology = PAIR;
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
    let hubless = PAIR.replace(
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
    let topology = PAIR.replace(
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
