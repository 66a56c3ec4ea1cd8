//! Timers, one tick before, at, and after.

use std::time::Duration;

use bridgehead::model::ClientKind;

use super::dag::PAIR;
use super::scenarios::{LINE, two_hubs};
use super::scene::*;

fn line(topology: &str) -> Scene {
    Scene::new(topology).mail(0, "ann@x.example", &["bob@x.example"])
}

/// A54, T1: taken at 0:00:01, verified by the answer of a 2007 server after so many milliseconds.
#[test]
fn t1_an_acknowledgement_waits_for_30_seconds() {
    let old = r#"(
        sites: [(name: "A"), (name: "B")],
        site_links: [(name: "AB", sites: ["A", "B"], cost: 10)],
        servers: [(name: "HA", version: Exchange2010Sp2, site: "A"), (name: "HL", version: Exchange2007Sp1, site: "B")],
        mailboxes: [(address: "lou@x.example", server: "HL")],
        accepted_domains: [(domain: "x.example", kind: Authoritative)],
    )"#;
    for (way, expect) in [
        (29_999, "0:00:30.999 ACKDUE HA c0 verified"),
        (30_000, "0:00:31 ACKDUE HA c0 verified"),
        (30_001, "0:00:31 ACKDUE HA c0 time up"),
    ] {
        let scene = Scene::new(old).delay("HA", "HL", way);
        let played = scene.client(0, ClientKind::Smtp, "HA", None, &["lou@x.example"]).play();
        assert_eq!(played.only(&["ACKDUE"]), [expect]);
    }
}

/// A59, A60, T1: HB tells of the delivery when it is asked, each second; an answer at the very deadline counts.
#[test]
fn a59_what_is_verified_at_the_deadline_is_verified() {
    for (way, expect) in [
        (27_999, "0:00:30 ACKDUE HA c0 verified"),
        (28_001, "0:00:31 ACKDUE HA c0 verified"),
        (29_000, "0:00:31 ACKDUE HA c0 verified"),
        (29_001, "0:00:31 ACKDUE HA c0 time up"),
    ] {
        let scene = Scene::new(LINE).delay("HB", "MB", way);
        let played = scene.client(0, ClientKind::Smtp, "HA", None, &["bob@x.example"]).play();
        assert_eq!(played.only(&["ACKDUE"]), [expect], "{way}");
    }
}

/// X2, T2: the first heartbeat is 15 minutes after the session at 0:00:01, and brings what is prepared by then.
#[test]
fn t2_heartbeats_are_15_minutes_apart() {
    for (way, released) in [
        (15 * MINUTE - 1, "0:15:01 HADISCARD HA c0 by HB"),
        (15 * MINUTE, "0:15:01 HADISCARD HA c0 by HB"),
        (15 * MINUTE + 1, "0:30:01 HADISCARD HA c0 by HB"),
    ] {
        let played = line(LINE).delay("HB", "MB", way).play();
        assert_eq!(played.only(&["HADISCARD"]), [released]);
    }
}

/// X1, T2, T3, T4: the twelfth heartbeat from SP1 on, at 3:00:01, the third one of RTM, at 0:15:01. HB comes back in time, or not.
#[test]
fn t4_a_server_is_lost_after_the_last_heartbeat() {
    let rtm = two_hubs().replace("2010Sp2", "2010Rtm");
    for (topology, detection, retries) in [(two_hubs(), 3 * HOUR + SECOND, 12), (rtm, 15 * MINUTE + SECOND, 3)] {
        for (back, taken_over) in [(detection - 1, false), (detection, false), (detection + 1, true)] {
            let played = line(&topology).down(1500, "HB").up(back, "HB").play();
            let promoted = played.only(&["PROMOTE"]);
            assert_eq!(promoted.len(), usize::from(taken_over), "{promoted:?}");
            let missed = played.only(&["MISSED"]).len();
            assert_eq!(missed, if taken_over { retries } else { retries - 1 });
            if taken_over {
                let at = if retries == 12 { "3:00:01" } else { "0:15:01" };
                assert_eq!(promoted, [format!("{at} PROMOTE HA c0 lost HB: silence")]);
            }
        }
    }
}

/// T2, T3: the organization's own values count for every version.
#[test]
fn t3_interval_and_count_can_be_set() {
    let topology = two_hubs().replace(
        "accepted_domains",
        r#"transport_config: (shadow_heartbeat_timeout_interval: "1min", shadow_heartbeat_retry_count: 2), accepted_domains"#,
    );
    let played = line(&topology).destroy(1500, "HB").play();
    assert_eq!(
        played.only(&["MISSED", "PROMOTE"]),
        [
            "0:01:01 MISSED HA>HB 1",
            "0:02:01 MISSED HA>HB 2",
            "0:02:01 PROMOTE HA c0 lost HB: silence",
        ]
    );
}

/// A37, T5: prepared at 0:00:02, dropped two days later. HA comes back so that its first heartbeat is just before, at, or after;
/// a shadow that nobody tells of lives for four days (N22).
#[test]
fn t5_notifications_wait_for_two_days() {
    let dropped = 2 * DAY + 2 * SECOND;
    for (beat, in_time) in [(dropped - 1, true), (dropped, false), (dropped + 1, false)] {
        let played = line(LINE).down(1500, "HA").up(beat - 15 * MINUTE, "HA").play();
        let lines = played.only(&["NOTICEDROPPED", "HADISCARD", "EXPIRED", "PROMOTE"]);
        if in_time {
            assert_eq!(lines, ["48:00:01.999 HADISCARD HA c0 by HB"]);
        } else {
            assert_eq!(lines, ["48:00:02 NOTICEDROPPED HB c1 for HA", "96:00:00 EXPIRED HA c0"]);
        }
    }
}

/// M6: HB has delivered, and restarts before HA asks. Notifications in memory are gone, those on disk wait for their two days.
#[test]
fn m6_notifications_survive_a_restart_where_they_are_on_disk() {
    let kinds = ["NOTICEDROPPED", "HADISCARD", "EXPIRED"];
    for (on_disk, expected) in [
        (false, "96:00:00 EXPIRED HA c0"),
        (true, "0:15:01 HADISCARD HA c0 by HB"),
    ] {
        let scene = line(LINE).set(|settings| settings.discards_survive_restart = on_disk);
        let played = scene.down(MINUTE, "HB").up(2 * MINUTE, "HB").play();
        assert_eq!(played.only(&kinds), [expected]);
    }
    // T5 counts on: dropped two days after it was prepared, or when the server is there again.
    for (up, dropped) in [(2 * MINUTE, "48:00:02"), (3 * DAY, "72:00:00")] {
        let scene = line(LINE).set(|settings| settings.discards_survive_restart = true);
        let scene = scene.down(1500, "HA").down(MINUTE, "HB").up(up, "HB");
        let played = scene.play();
        assert_eq!(played.only(&kinds), [format!("{dropped} NOTICEDROPPED HB c1 for HA")]);
    }
}

/// M12, T12: a shadow whose primary is lost, and that has no other way, is returned to its sender in the end (N22).
#[test]
fn a_shadow_without_a_primary_is_returned() {
    let played = line(LINE).destroy(1500, "HB").play();
    assert_eq!(
        played.only(&["PROMOTE", "FAIL"]),
        ["96:00:00 PROMOTE HA c0 lost HB: silence", "96:00:00 FAIL HA c0 4.4.7"]
    );
    assert_eq!(played.fates(), ["m1 bob expired 96:00:00 x0"]);
    assert!(played.run.over || played.run.ended_at.ms() >= 4 * DAY);
}

/// X8, T6: 18 MB for each database and hub, the oldest go first.
#[test]
fn t6_the_dumpster_is_limited_by_size() {
    let half = 9 << 20;
    for (sizes, dropped) in [
        ([half, half, 0], None),
        ([half, half, 1], Some("0:00:02.200 DROPPED S2 c0")),
        ([half + 1, half, 0], Some("0:00:02.100 DROPPED S2 c0")),
    ] {
        let mut scene = Scene::new(PAIR);
        for (at, size) in (0..).zip(sizes) {
            scene = scene.large(at * 100, "ann@x.example", &["amy@x.example"], size);
        }
        let lines = scene.play().only(&["KEPT", "DROPPED"]);
        let before: Vec<&String> = lines.iter().filter(|line| line.contains("DROPPED")).collect();
        assert_eq!(before.first().map(|line| line.as_str()), dropped, "{lines:?}");
    }
}

/// X8, T7: while a copy of the database does not have the log, the message is kept, for seven days at most.
#[test]
fn t7_the_dumpster_is_limited_by_age() {
    let topology = PAIR
        .replace(
            "servers: [",
            r#"servers: [(name: "S3", version: Exchange2010Sp2, site: "A", dag: "D", roles: [Mailbox]), "#,
        )
        .replace(
            r#"active_on: "S1", copies: ["#,
            r#"active_on: "S1", copies: [(server: "S3"), "#,
        );
    for (time, expect) in [
        ("", "168:00:02 DROPPED S2 c0"),
        (r#"max_dumpster_time: "1h""#, "1:00:02 DROPPED S2 c0"),
    ] {
        let topology = topology.replace(
            "accepted_domains",
            &format!("transport_config: ({time}), accepted_domains"),
        );
        let scene = Scene::new(&topology)
            .down(0, "S3")
            .mail(0, "ann@x.example", &["amy@x.example"]);
        let played = scene.mail(8 * DAY, "ann@x.example", &["amy@x.example"]).play();
        let lines = played.only(&["KEPT", "DROPPED"]);
        assert_eq!(lines[..2], ["0:00:02 KEPT S2 c0 amy".to_owned(), expect.to_owned()]);
    }
}

/// X8: the copy that lacked the log is back: the dumpster learns of it at the next look, a quarter of an hour apart.
#[test]
fn x8_the_dumpster_lets_go_when_every_copy_has_the_log() {
    let topology = PAIR
        .replace(
            "servers: [",
            r#"servers: [(name: "S3", version: Exchange2010Sp2, site: "A", dag: "D", roles: [Mailbox]), "#,
        )
        .replace(
            r#"active_on: "S1", copies: ["#,
            r#"active_on: "S1", copies: [(server: "S3"), "#,
        );
    let scene = Scene::new(&topology).down(0, "S3").up(20 * MINUTE, "S3");
    let scene = scene.mail(0, "ann@x.example", &["amy@x.example"]);
    let played = scene.mail(HOUR, "ann@x.example", &["amy@x.example"]).play();
    assert_eq!(
        played.only(&["KEPT", "DROPPED"])[..2],
        ["0:00:02 KEPT S2 c0 amy", "0:30:12 DROPPED S2 c0"]
    );
}

/// A60: the poll can be set.
#[test]
fn a60_the_poll_can_be_set() {
    let scene = Scene::new(LINE).set(|settings| settings.delayed_ack_poll = Duration::from_secs(7));
    let played = scene.client(0, ClientKind::Smtp, "HA", None, &["bob@x.example"]).play();
    assert_eq!(
        played.only(&["BEAT", "ACKDUE"]),
        [
            "0:00:02 BEAT HA>HB 0",
            "0:00:09 BEAT HA>HB 1",
            "0:00:09 ACKDUE HA c0 verified"
        ]
    );
}
