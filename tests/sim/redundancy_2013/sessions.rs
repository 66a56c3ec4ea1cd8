//! Two sessions can time out: that of the sender, and that with the partner (S38).

use std::time::Duration;

use super::*;

#[test]
fn s38_s39_s52_t16_the_session_of_the_sender_is_idle_for_too_long() {
    let ran = play(SITE, "")
        .far_sends(0, "P", &["tom@x.example"], None)
        .pause(1500, "S")
        .runs();
    assert_eq!(
        made(&ran),
        [
            "0:00:01 RECEIVE P 0 from Peer(PeerIdx(0)) for tom",
            // Five minutes after the last byte. N76: the sender, which waits for longer (S54), hears that the message was taken.
            "0:05:01 HAREDIRECTFAIL P 0 1",
            "0:05:01 250 P",
        ]
    );
    assert_eq!(
        ran.fates(),
        [("tom".to_owned(), FateKind::Delivered, "0:05:02".to_owned(), 1)]
    );
    // The Receive connector says two minutes.
    let ran = play(SITE, "")
        .far_sends(0, "P", &["tom@x.example"], None)
        .through_receive_connector()
        .pause(1500, "S")
        .runs();
    assert_eq!(ran.only(&["HAREDIRECTFAIL"]), ["0:02:01 HAREDIRECTFAIL P 0 1"]);
}

#[test]
fn s40_a_session_that_is_idle_for_too_long_is_rejected_where_shadows_are_asked_for() {
    let ran = play(SITE, REJECT)
        .far_sends(0, "P", &["tom@x.example"], None)
        .pause(1500, "S")
        .runs();
    assert_eq!(
        made(&ran),
        [
            "0:00:01 RECEIVE P 0 from Peer(PeerIdx(0)) for tom",
            "0:05:01 HAREDIRECTFAIL P 0 1",
            "0:05:01 ABANDON P 0",
            "0:05:01 451 P",
            "0:05:01 SENDER WAITS 0:06:01",
            "0:06:02 RECEIVE P 1 from Peer(PeerIdx(0)) for tom",
            "0:06:03 HARECEIVE T 2 of P 1",
            "0:06:03 HAREDIRECT P 1 to T 2",
            "0:06:03 250 P",
        ]
    );
    assert_eq!(
        ran.fates(),
        [("tom".to_owned(), FateKind::Delivered, "0:06:04".to_owned(), 1)]
    );
}

fn slow_sender(ms: u64) -> Scene {
    play(SITE, "")
        .far_sends(0, "P", &["tom@x.example"], None)
        .delay("far", "P", ms)
}

#[test]
fn s38_s53_t17_a_session_lasts_ten_minutes_and_no_longer() {
    // Seven minutes of data leave three for the shadow.
    let ran = slow_sender(7 * MINUTE).pause(7 * MINUTE + 500, "S").runs();
    assert_eq!(ran.only(&["HAREDIRECTFAIL"])[0], "0:10:00 HAREDIRECTFAIL P 0 1");
    // Ten minutes of data are received; a millisecond more is not.
    assert_eq!(
        made(&slow_sender(10 * MINUTE).runs())[0],
        "0:10:00 RECEIVE P 0 from Peer(PeerIdx(0)) for tom"
    );
    let mut endless = slow_sender(10 * MINUTE + 1);
    endless.scenario.settings.until = Duration::from_secs(25 * 60);
    assert_eq!(
        made(&endless.runs()),
        ["0:10:00 SENDER WAITS 0:11:00", "0:21:00 SENDER WAITS 0:22:00"]
    );
}

#[test]
fn s38_s54_t18_the_session_with_the_partner_is_idle_for_too_long() {
    let patient = SITE.replace(
        r#""2min", connection_timeout: "10min""#,
        r#""30min", connection_timeout: "1h""#,
    );
    let ran = play(&patient, "")
        .far_sends(0, "P", &["tom@x.example"], None)
        .through_receive_connector()
        .pause(1500, "S")
        .runs();
    assert_eq!(
        made(&ran),
        [
            "0:00:01 RECEIVE P 0 from Peer(PeerIdx(0)) for tom",
            // Ten minutes of silence, and T is tried.
            "0:10:02.500 HARECEIVE T 1 of P 0",
            "0:10:02.500 HAREDIRECT P 0 to T 1",
            "0:10:02.500 250 P",
        ]
    );
}

#[test]
fn s39_a_sender_that_gives_up_before_the_shadow_is_there() {
    let ran = play(SITE, "")
        .far_sends(0, "P", &["tom@x.example"], Some(5))
        .delay("P", "S", 10 * SECOND)
        .runs();
    assert_eq!(
        made(&ran),
        [
            "0:00:01 RECEIVE P 0 from Peer(PeerIdx(0)) for tom",
            // The sender tries again after its own interval.
            "0:00:05 SENDER WAITS 0:01:05",
            "0:00:05 HAREDIRECTFAIL P 0 1",
            "0:01:06 RECEIVE P 1 from Peer(PeerIdx(0)) for tom",
            "0:01:07 HARECEIVE T 2 of P 1",
            "0:01:07 HAREDIRECT P 1 to T 2",
            "0:01:07 250 P",
        ]
    );
    assert_eq!(ran.fates()[0].1, FateKind::SuppressedDuplicate);
    let ran = play(SITE, REJECT)
        .far_sends(0, "P", &["tom@x.example"], Some(5))
        .delay("P", "S", 10 * SECOND)
        .runs();
    // Nobody is there to be told 451, and the copy goes all the same.
    assert_eq!(
        made(&ran)[2..4],
        ["0:00:05 HAREDIRECTFAIL P 0 1", "0:00:05 ABANDON P 0"]
    );
    assert_eq!(ran.fates()[0].1, FateKind::Delivered);
}

#[test]
fn s41_s42_s43_the_sender_is_gone_when_the_shadow_is_there() {
    let ran = play(SITE, "")
        .far_sends(0, "P", &["tom@x.example"], Some(5))
        // S has the shadow at 0:00:02, but P does nothing for two minutes.
        .pause(1500, "P")
        .up(120 * SECOND, "P")
        .runs();
    assert_eq!(
        ran.told(),
        [
            "0:00:01 RECEIVE P 0 from Peer(PeerIdx(0)) for tom",
            "0:00:02 HARECEIVE S 1 of P 0",
            "0:00:02 SHADOWQUEUE S 1 for tom",
            "0:00:05 SENDER WAITS 0:01:05",
            // Then the sender turns to S, which finds only T.
            "0:01:06 RECEIVE S 2 from Peer(PeerIdx(0)) for tom",
            "0:01:07 HARECEIVE T 3 of S 2",
            "0:01:07 SHADOWQUEUE T 3 for tom",
            "0:01:07 HAREDIRECT S 2 to T 3",
            "0:01:07 250 S",
            "0:01:08 DELIVER S 2 tom",
            "0:01:08 DISCARDQUEUED S 2 for T",
            "0:01:08 KEPT S 2 PrimarySafetyNet",
            "0:02:00 HAREDIRECT P 0 to S 1",
            "0:02:01 DUPLICATE P 0 tom",
            "0:02:01 DISCARDQUEUED P 0 for S",
            "0:02:01 KEPT P 0 PrimarySafetyNet",
            // Two shadows that know nothing of each other.
            "0:02:02 HEARTBEAT S P 1",
            "0:02:02 HADISCARD S 1",
            "0:02:02 KEPT S 1 ShadowSafetyNet",
            "0:03:07 HEARTBEAT T S 1",
            "0:03:07 HADISCARD T 3",
            "0:03:07 KEPT T 3 ShadowSafetyNet",
        ]
    );
}

const REMOTE: &str = r#"(
    sites: [(name: "A"), (name: "B")],
    site_links: [(name: "AB", sites: ["A", "B"])],
    servers: [
        (name: "P", version: Exchange2013, site: "A"),
        (name: "Q", version: Exchange2013, site: "B"), (name: "R", version: Exchange2013, site: "B"),
    ],
    mailboxes: [(address: "bob@x.example", server: "Q")],
    accepted_domains: [(domain: "x.example", kind: Authoritative)],
)"#;

/// N76: Q and R take longer to hand each other a shadow than P's session with them may be idle (S52). P hears that its mail was
/// taken, and does not send it again and again.
#[test]
fn s39_who_sends_to_a_server_whose_partner_is_slow_is_answered_without_a_shadow() {
    let scene = Scene::new(REMOTE)
        .delay("Q", "R", 310 * SECOND)
        .delay("R", "Q", 310 * SECOND);
    let ran = scene.smtp(0, "P", &["bob@x.example"]).runs();
    let [(_, FateKind::Delivered, at, 1)] = &ran.fates()[..] else {
        panic!("{:?}", ran.fates());
    };
    assert_eq!(at, "0:05:02");
    assert_eq!(ran.only(&["DELAYED"]), Vec::<String>::new());
}

/// T20, N68: whoever is tried again at once, whenever a session has broken off, hears all the same that it is late.
#[test]
fn t20_mail_whose_sessions_break_off_for_ever_is_told_late() {
    let scene = Scene::new(REMOTE)
        .delay("P", "Q", 300 * SECOND)
        .delay("P", "R", 300 * SECOND);
    let place = scene.place("P");
    let cut = Kind::SessionCut { place, other: None };
    let scene = (1..80).fold(scene, |scene, cuts| scene.at(cuts * 200 * SECOND, cut.clone()));
    let Scene(play) = scene.smtp(0, "P", &["bob@x.example"]);
    let played = play.until(6).run();
    assert_eq!(played.lines(&["DELAYED"]), ["4:03:20 DELAYED P bob"]);
}
