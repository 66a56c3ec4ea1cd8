//! How often, how long and where else: the limits of the two rules.

use super::*;

/// D13: DB2 moves to S1 while the message is on its way there, and back while S1 hands it on in turn: it is handed on twice, and
/// then delivered where it is.
#[test]
fn d13_a_message_is_rerouted_at_most_once_more() {
    let scene = row_2().set(|settings| settings.database_failover_time = Duration::from_millis(300));
    let scene = scene.failover(61_200, "DB2", "S1", 0).failover(62_200, "DB2", "S2", 0);
    let played = scene.play();
    is(
        played.only(&["MOUNTED", "QUEUE", "COLOCATED", "MAILBOX"]),
        &[
            "0:01:01 QUEUE S2 c0 bob sibling",
            "0:01:01.500 MOUNTED DB2 S1",
            "0:01:02 QUEUE S1 c1 bob sibling",
            "0:01:02.500 MOUNTED DB2 S2",
            "0:01:03 COLOCATED S2 m1 DB2",
            "0:01:03 QUEUE S2 c2 bob DB2",
            "0:01:03 MAILBOX DB2 c2 bob",
        ],
    );
}

/// D13, M11: how often is a setting, and never means that the first hub delivers.
#[test]
fn m11_how_often_a_message_is_rerouted_can_be_set() {
    let counted = |reroutes: u32| {
        let scene = row_2().set(|settings| {
            settings.database_failover_time = Duration::from_millis(300);
            settings.hub_reroutes = reroutes;
        });
        let scene = scene.failover(61_200, "DB2", "S1", 0).failover(62_200, "DB2", "S2", 0);
        let played = scene.play();
        let queued = played.only(&["QUEUE"]);
        queued.iter().filter(|line| line.ends_with("sibling")).count()
    };
    // The third time it comes to S2, the database is on S2 again.
    assert_eq!([0, 1, 2, 9].map(counted), [0, 1, 2, 3]);
}

/// D13, N26: without shadows no session has XSHADOW, and a message says all the same how often it was handed on.
#[test]
fn d13_a_message_is_rerouted_as_often_without_shadows() {
    let off = r#"(transport_config: (shadow_redundancy_enabled: false),"#;
    let scene = Scene::new(&PAIR.replacen('(', off, 1)).mail(START, "ann@x.example", &["bob@x.example"]);
    let scene = scene.set(|settings| settings.database_failover_time = Duration::from_millis(300));
    let scene = scene.failover(61_200, "DB2", "S1", 0).failover(62_200, "DB2", "S2", 0);
    is(
        scene.play().only(&["QUEUE"]),
        &[
            "0:01:01 QUEUE S2 c0 bob sibling",
            "0:01:02 QUEUE S1 c1 bob sibling",
            "0:01:03 QUEUE S2 c2 bob DB2",
        ],
    );
}

/// D8, D11: a mailbox that has only a server is on no database of the DAG of that server: its own hub takes its mail and delivers to it.
#[test]
fn d11_a_mailbox_that_is_on_no_database_is_delivered_to_at_once() {
    let mailboxes = r#"mailboxes: [(address: "eve@x.example", server: "S1"), "#;
    let scene = Scene::new(&PAIR.replacen("mailboxes: [", mailboxes, 1));
    let played = scene.mail(START, "eve@x.example", &["eve@x.example"]).play();
    is(
        played.only(&["NOTIFY", "QUEUE", "COLOCATED", "MAILBOX"]),
        &[
            "0:01:00 NOTIFY S1>S1 m1",
            "0:01:00 QUEUE S1 c0 eve mailboxes-of-S1",
            "0:01:00 MAILBOX mailboxes-of-S1 c0 eve",
        ],
    );
}

/// D35: in a larger site hubs that are no members of the DAG are taken for both rules.
#[test]
fn d35_dedicated_hubs_are_candidates() {
    let topology = PAIR.replace(
        "servers: [",
        r#"servers: [(name: "H3", version: Exchange2010Sp2, site: "A", roles: [HubTransport]), "#,
    );
    let scene = Scene::new(&topology).down(0, "S2");
    let played = scene.mail(START, "ann@x.example", &["amy@x.example"]).play();
    is(
        played.only(&["NOTIFY", "QUEUE", "COLOCATED", "KEPT"]),
        &[
            "0:01:00 NOTIFY S1>H3 m1",
            "0:01:01 QUEUE H3 c0 amy DB1",
            "0:01:02 KEPT H3 c0 amy",
        ],
    );
    let scene = Scene::new(&topology).down(0, "S2").peer("Edge1", true, None);
    let played = scene.external(START, "Edge1", "S1", &["amy@x.example"]).play();
    is(
        played.only(&["QUEUE", "COLOCATED", "KEPT"]),
        &[
            "0:01:01 QUEUE S1 c0 amy sibling",
            "0:01:02 QUEUE H3 c1 amy DB1",
            "0:01:03 KEPT H3 c1 amy",
        ],
    );
}

/// D5, D37: while another hub answers, mailbox and dumpster are on two servers, whatever the row.
#[test]
fn d37_copies_are_on_two_servers_while_there_are_two() {
    for (scene, kept) in [(row_1(), "S2"), (row_2(), "S1"), (row_3(), "S2"), (row_4(), "S1")] {
        let played = scene.play();
        assert_eq!(played.only(&["COLOCATED"]), [""; 0]);
        let line = &played.only(&["KEPT"])[0];
        assert_eq!(line.split(' ').nth(2), Some(kept), "{line}");
    }
}

/// D38: after D17 mailbox and dumpster are both on S2. S2 is destroyed before S1 is back: the message is lost.
#[test]
fn d38_a_second_failure_after_local_delivery_may_lose_a_message() {
    let scene = row_1().down(61_500, "S1").destroy(95_000, "S2").up(200_000, "S1");
    let played = scene.play();
    is(
        played.only(&["COLOCATED", "MAILBOX", "KEPT", "QUEUESLOST", "REPLAY"]),
        &[
            "0:01:31.500 COLOCATED S2 m1 DB1",
            "0:01:31.500 MAILBOX DB1 c0 amy",
            "0:01:31.500 KEPT S2 c0 amy",
            "0:01:35 QUEUESLOST S2",
        ],
    );
    is(played.fates(), &["m1 amy lost 0:03:50 x0"]);
}

/// D41: a minute is enough where that is set: S2 took the item at 0:01:01.
#[test]
fn d41_the_patience_of_the_submission_service_can_be_set() {
    let minute = Some(Duration::from_secs(60));
    let scene = row_1().set(|settings| settings.submission_owner_timeout = minute);
    let played = scene.down(61_500, "S2").play();
    assert_eq!(played.only(&["AGAIN"]), ["0:02:01 AGAIN S1 m1 lost S2: silence"]);
    is(played.fates(), &["m1 amy delivered 0:02:01 x1"]);
}

/// X2, N25: S2 says that it owns the item, and a cut swallows that. What it pulls every minute afterwards asks nobody about it: after
/// T2 the submission service does.
#[test]
fn n25_what_a_hub_pulls_does_not_put_the_question_off() {
    let mut scene = row_1().cut(62_500, "S1", "S2").mend(63_500, "S1", "S2");
    for minute in 2..40 {
        scene = scene.mail(minute * MINUTE, "ann@x.example", &["amy@x.example"]);
    }
    let played = scene.play();
    let mut lines = played.only(&["BEAT", "SUBMIT", "AGAIN"]);
    lines.retain(|line| line.ends_with(" m1") || line.contains("BEAT S1>S2"));
    assert_eq!(lines[..2], ["0:16:01 BEAT S1>S2 0", "0:16:04 SUBMIT m1"], "{lines:?}");
}

/// D42: S1 fails after delivery to DB2. The mailbox is safe, the dumpster is gone; when DB2 then loses its log, so is the message.
#[test]
fn d42_without_the_dumpster_a_lossy_failover_is_a_second_failure() {
    let played = row_4().destroy(65_000, "S1").play();
    assert_eq!(played.only(&["MAILBOX"]), ["0:01:02 MAILBOX DB2 c0 bob"]);
    let scene = row_4().destroy(17 * MINUTE, "S1").up_new(18 * MINUTE, "S1");
    let played = scene
        .failover(18 * MINUTE + 30 * SECOND, "DB2", "S1", 20 * MINUTE)
        .play();
    is(
        played.only(&["MAILBOX", "KEPT", "DROPPED", "REPLAY", "AGAIN", "QUEUESLOST", "LOGLOST"]),
        &[
            "0:01:02 MAILBOX DB2 c0 bob",
            "0:01:02 KEPT S1 c0 bob",
            "0:17:00 QUEUESLOST S1",
            "0:17:30 LOGLOST DB1 0:16:50.001",
            "0:19:00 LOGLOST DB2 0:00:00.001",
        ],
    );
    is(played.fates(), &["m1 bob lost 0:19:00 x0"]);
}

/// X8, A19: Amy's mailbox has the message and its database goes down before Bob's has it, so that the dumpster has it only then.
/// What the database has lost when it comes up on S2 is delivered again.
#[test]
fn x8_what_comes_into_the_dumpster_after_its_database_went_down_is_delivered_again() {
    let hub = r#"(name: "H", version: Exchange2010Sp2, site: "A", roles: [HubTransport]), (name: "S1","#;
    let topology = PAIR.replace(r#"(name: "S1","#, hub);
    let scene = Scene::new(&topology)
        .peer("Edge1", true, None)
        .delay("H", "S2", 5 * SECOND);
    let scene = scene.external(START, "Edge1", "H", &["amy@x.example", "bob@x.example"]);
    let played = scene.down(63 * SECOND, "S1").play();
    is(
        played.only(&["MAILBOX", "KEPT", "LOGLOST", "REPLAY"]),
        &[
            "0:01:02 MAILBOX DB1 c0 amy",
            "0:01:06 MAILBOX DB2 c0 bob",
            "0:01:06 KEPT H c0 amy",
            "0:01:06 KEPT H c0 bob",
            "0:01:33 LOGLOST DB1 0:00:53.001",
            "0:01:33 REPLAY H c0 DB1",
            "0:01:38 MAILBOX DB1 c1 amy",
            "0:01:38 KEPT H c1 amy",
        ],
    );
}

/// A hub that is no mailbox server, and DB1 on S1, whose log takes an hour to arrive at S2.
fn late_log() -> Scene {
    let hub = r#"(name: "H", version: Exchange2010Sp2, site: "A", roles: [HubTransport]), (name: "S1","#;
    let topology = PAIR.replace(r#"(name: "S1","#, hub).replace("\"10s\"", "\"1h\"");
    let scene = Scene::new(&topology).peer("Edge1", true, None);
    scene.external(START, "Edge1", "H", &["amy@x.example"])
}

/// X8, N90: H restarts while the log is on its way. It still has the message when the database loses the end of that log, and has it
/// no longer when the log has arrived.
#[test]
fn n90_a_hub_that_starts_keeps_what_it_has_delivered_until_its_log_has_arrived() {
    let restarted = || late_log().down(2 * MINUTE, "H").up(3 * MINUTE, "H");
    let played = restarted().failover(30 * MINUTE, "DB1", "S2", 0).play();
    is(
        played.only(&["MAILBOX", "KEPT", "DROPPED", "LOGLOST", "REPLAY"]),
        &[
            "0:01:02 MAILBOX DB1 c0 amy",
            "0:01:02 KEPT H c0 amy",
            "0:30:30 LOGLOST DB1 0:00:00.001",
            "0:30:30 REPLAY H c0 DB1",
            "0:30:31 MAILBOX DB1 c1 amy",
            "0:30:31 KEPT H c1 amy",
            "1:30:31 DROPPED H c1",
        ],
    );
    let played = restarted().mail(2 * HOUR, "ann@x.example", &["bob@x.example"]).play();
    assert_eq!(played.only(&["DROPPED"])[0], "1:01:02 DROPPED H c0");
}

/// N90, T7: S2 is down, so that H looks again every hour for a week. However often H restarts, it looks as often.
#[test]
fn n90_a_hub_that_starts_again_and_again_looks_no_more_often() {
    let events = |restarts: u64| {
        let mut scene = late_log().down(2 * MINUTE, "S2");
        for at in 0..restarts {
            scene = scene.down((3 + 2 * at) * MINUTE, "H").up((4 + 2 * at) * MINUTE, "H");
        }
        let scene = scene
            .set(|settings| settings.until = Duration::from_secs(30 * 86_400))
            .mail(10 * DAY, "ann@x.example", &["amy@x.example"]);
        let played = scene.play();
        assert_eq!(played.only(&["DROPPED"])[0], "168:01:02 DROPPED H c0");
        played.run.events
    };
    let (few, many) = (events(1), events(41));
    // A restart is two events, and a few that have to do with Edge1.
    assert!(many <= few + 40 * 4, "{few} events with one restart, {many} with 41");
}
