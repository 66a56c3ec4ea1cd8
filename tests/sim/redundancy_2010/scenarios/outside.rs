//! Senders outside the organization, and when they are answered.

use super::*;

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
    let topology = PAIR.replace(", dag: \"D\", active_on: \"S1\", copies: [(server: \"S1\", replication_lag: \"10s\"), (server: \"S2\", replication_lag: \"10s\")]", ", server: \"S1\"");
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
