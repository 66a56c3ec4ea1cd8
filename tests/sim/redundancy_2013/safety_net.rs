//! What is kept, who asks for it, and who gives it.

use std::time::Duration;

use bridgehead::model::Address;

use super::*;

const NET: [&str; 14] = [
    "MOUNTED",
    "LOGLOST",
    "RESUBMIT",
    "RESUBMITDEFER",
    "RESUBMITFAIL",
    "BROADCAST",
    "DELIVER",
    "DUPLICATE",
    "SILENT",
    "LATE",
    "FAIL",
    "RECEIVE",
    "QUEUESLOST",
    "PROMOTE",
];

/// Without those that are about the way in.
fn after(ran: &Ran, words: &[&str], from: &str) -> Vec<String> {
    let all = ran.only(words);
    let first = all
        .iter()
        .position(|line| line.starts_with(from))
        .expect("such an event");
    all[first..].to_vec()
}

#[test]
fn x10_x13_m13_what_a_database_has_lost_is_delivered_again() {
    let ran = play(DAG, "")
        .far_sends(0, "P", &["bob@x.example"], None)
        .failover(10 * SECOND, "DB", "P", 8 * SECOND)
        .runs();
    assert_eq!(
        ran.only(&["DELIVER", "MOUNTED", "LOGLOST", "RESUBMIT", "RECEIVE"]),
        [
            "0:00:01 RECEIVE P 0 from Peer(PeerIdx(0)) for bob",
            "0:00:03 DELIVER P 0 bob",
            // The log ends at 0:00:02; the database is there half a minute after the failure.
            "0:00:40 LOGLOST DB 0:00:02.001",
            "0:00:40 MOUNTED DB P",
            "0:00:40 RESUBMIT P 0 PrimarySafetyNet for bob",
            "0:00:40 RECEIVE P 2 from P for bob",
            "0:00:40 DELIVER P 2 bob",
        ]
    );
    assert_eq!(
        ran.fates(),
        [("bob".to_owned(), FateKind::Delivered, "0:00:40".to_owned(), 1)]
    );
}

#[test]
fn m13_the_interval_begins_a_minute_before_the_last_log() {
    // Delivered at 0:00:03; nothing is lost in the failover around 0:01:03.
    let asked = |ms: u64, lead: u64| {
        let mut play = play(DAG, "")
            .far_sends(0, "P", &["bob@x.example"], None)
            .failover(ms, "DB", "P", 0);
        play.scenario.settings.safety_net_lead = Duration::from_secs(lead);
        play.runs().only(&["RESUBMIT", "DUPLICATE"])
    };
    let again = [
        "0:01:32.999 RESUBMIT P 0 PrimarySafetyNet for bob",
        "0:01:32.999 DUPLICATE P 2 bob",
    ];
    // X21: who has it does not see it twice.
    assert_eq!(asked(63 * SECOND - 1, 60), again);
    assert_eq!(
        asked(63 * SECOND, 60),
        again.map(|line| line.replace("0:01:32.999", "0:01:33"))
    );
    assert!(asked(63 * SECOND + 1, 60).is_empty());
    assert!(asked(63 * SECOND, 59).is_empty());
}

#[test]
fn x11_x25_without_a_dag_mail_is_kept_on_other_servers_of_the_site() {
    let ran = play(SITE, "").far_sends(0, "P", &["bob@x.example"], None).runs();
    assert_eq!(
        ran.only(&["DISCARDQUEUED", "KEPT"]),
        [
            "0:00:03 DISCARDQUEUED P 0 for S",
            "0:00:03 KEPT P 0 PrimarySafetyNet",
            "0:02:02 KEPT S 1 ShadowSafetyNet"
        ]
    );
}

/// P has delivered at 0:00:03, S keeps its shadow since 0:02:02; then the database comes up on T, which lags by a day, at
/// 0:10:30.
fn lagged(config: &str) -> Scene {
    play(DAG, config)
        .far_sends(0, "P", &["bob@x.example"], None)
        .failover(10 * MINUTE, "DB", "T", 0)
}

#[test]
fn t14_t15_x13_x15_x16_a_primary_safety_net_that_is_gone_is_replaced_by_the_shadow_after_twelve_hours() {
    let ran = lagged("").destroy(5 * MINUTE, "P").runs();
    let told = after(&ran, &NET, "0:10:30 LOGLOST");
    assert_eq!(
        told[..3],
        [
            "0:10:30 LOGLOST DB 0:00:00.001",
            "0:10:30 MOUNTED DB T",
            "0:10:30 RESUBMITDEFER P 0:25:30"
        ]
    );
    // Every quarter of an hour, for 12 hours, and then for as long as anything can be kept (N85).
    assert_eq!(
        ran.only(&["RESUBMITDEFER"])
            .iter()
            .filter(|line| line.contains(" P "))
            .count(),
        4 * 48
    );
    let told = after(&ran, &["BROADCAST", "RESUBMIT", "RECEIVE", "DELIVER"], "12:10:30");
    assert_eq!(
        told,
        [
            "12:10:30 BROADCAST P 0:00:00 0:10:30",
            "12:10:30 RESUBMIT S 1 ShadowSafetyNet for bob",
            "12:10:30 RECEIVE S 2 from S for bob",
            "12:10:31 DELIVER S 2 bob",
        ]
    );
    assert_eq!(
        ran.fates(),
        [("bob".to_owned(), FateKind::Delivered, "12:10:31".to_owned(), 1)]
    );
    // Back in time, P gives its own: at the next try.
    let back = |ms: u64| {
        let ran = lagged("").down(5 * MINUTE, "P").up(ms, "P").runs();
        ran.only(&["BROADCAST", "RESUBMIT"])
    };
    let end = 12 * HOUR + 10 * MINUTE + 30 * SECOND;
    let own = ["12:10:30 RESUBMIT P 0 PrimarySafetyNet for bob"];
    assert_eq!(back(end - 1), own);
    assert_eq!(back(end), own);
    assert_eq!(
        back(end + 1),
        [
            "12:10:30 BROADCAST P 0:00:00 0:10:30",
            "12:10:30 RESUBMIT S 1 ShadowSafetyNet for bob",
            "12:25:30 RESUBMIT P 0 PrimarySafetyNet for bob"
        ]
    );
    assert_eq!(back(HOUR), ["1:10:30 RESUBMIT P 0 PrimarySafetyNet for bob"]);
}

#[test]
fn x14_a_safety_net_that_is_shorter_than_the_lag_loses_mail() {
    let ran = lagged(r#"safety_net_hold_time: "5min""#).runs();
    assert!(ran.only(&["RESUBMIT"]).is_empty());
    assert_eq!(
        ran.fates(),
        [("bob".to_owned(), FateKind::Lost, "0:10:30".to_owned(), 0)]
    );
}

#[test]
fn x17_a_new_queue_database_gives_what_it_has_and_asks_the_others_for_the_rest() {
    let ran = play(DAG, "")
        .far_sends(2 * HOUR, "P", &["bob@x.example"], None)
        .down(7 * HOUR - MINUTE, "P")
        .up_new(7 * HOUR, "P")
        .far_sends(8 * HOUR, "P", &["cat@x.example"], None)
        // The log ends at 1:00.
        .failover(9 * HOUR, "DB", "P", 8 * HOUR)
        .runs();
    let told = after(
        &ran,
        &["LOGLOST", "BROADCAST", "RESUBMIT", "DELIVER"],
        "9:00:30 LOGLOST",
    );
    assert_eq!(
        told,
        [
            "9:00:30 LOGLOST DB 1:00:00.001",
            "9:00:30 BROADCAST P 0:59:00 7:00:00",
            "9:00:30 RESUBMIT P 2 PrimarySafetyNet for cat",
            "9:00:30 DELIVER P 4 cat",
            "9:00:30 RESUBMIT S 1 ShadowSafetyNet for bob",
            "9:00:31 DELIVER S 5 bob",
        ]
    );
}

#[test]
fn x18_x20_shadows_know_groups_as_they_are_today() {
    let drift = |play: Scene| {
        let group = play.group("all@x.example");
        let change = Kind::GroupChange {
            group,
            add: vec![Address::parse("cat@x.example")],
            remove: vec![Address::parse("bob@x.example")],
        };
        play.at(6 * MINUTE, change).failover(10 * MINUTE, "DB", "T", 0).runs()
    };
    let sent = || play(DAG, "").far_sends(0, "P", &["all@x.example"], None);
    // The primary Safety Net has those who got it.
    assert_eq!(
        drift(sent()).only(&["RESUBMIT"]),
        ["0:10:30 RESUBMIT P 0 PrimarySafetyNet for bob"]
    );
    // The shadow has the group: Cat gets old mail, and Bob nothing.
    let ran = drift(sent().destroy(5 * MINUTE, "P"));
    assert_eq!(
        ran.only(&["RESUBMIT"]),
        ["12:10:30 RESUBMIT S 1 ShadowSafetyNet for cat"]
    );
    let fates = ran.fates();
    assert_eq!((fates[0].0.as_str(), fates[0].1), ("bob", FateKind::Lost));
    assert_eq!((fates[1].0.as_str(), fates[1].1), ("cat", FateKind::Delivered));
}

#[test]
fn x19_nobody_is_told_of_mail_from_a_safety_net_that_is_late_or_returned() {
    let play = lagged("");
    let db = play.database("DB");
    // The database is dismounted while what P delivers again is under way.
    let ran = play.at(10 * MINUTE + 30_500, Kind::Dismount(db)).runs();
    let told = after(&ran, &["RESUBMIT", "DELIVER", "LATE", "FAIL", "SILENT"], "0:10:30");
    assert_eq!(
        told,
        [
            "0:10:30 RESUBMIT P 0 PrimarySafetyNet for bob",
            "48:10:30 SILENT P 2 4.4.7"
        ]
    );
    assert_eq!(
        ran.fates(),
        [("bob".to_owned(), FateKind::Lost, "48:10:30".to_owned(), 0)]
    );
}

#[test]
fn s12_s31_s32_what_has_left_the_boundary_is_never_delivered_again() {
    // E, in another boundary, has handed it to S: E and F keep it, and S and P.
    let ran = play(DAG, "")
        .far_sends(0, "E", &["bob@x.example"], None)
        .failover(10 * MINUTE, "DB", "T", 0)
        .runs();
    assert_eq!(
        ran.only(&["KEPT"]),
        [
            "0:00:04 KEPT E 0 PrimarySafetyNet",
            "0:00:04 KEPT S 2 PrimarySafetyNet",
            "0:02:02 KEPT F 1 ShadowSafetyNet",
            "0:02:04 KEPT P 3 ShadowSafetyNet",
            "0:10:31 KEPT S 4 PrimarySafetyNet",
        ]
    );
    assert_eq!(
        ran.only(&["RESUBMIT"]),
        ["0:10:30 RESUBMIT S 2 PrimarySafetyNet for bob"]
    );
    // S gone, P gives its shadow; E and F still do not.
    let ran = play(DAG, "")
        .far_sends(0, "E", &["bob@x.example"], None)
        .failover(10 * MINUTE, "DB", "T", 0)
        .destroy(5 * MINUTE, "S")
        .runs();
    assert_eq!(
        ran.only(&["RESUBMIT"]),
        ["12:10:30 RESUBMIT P 3 ShadowSafetyNet for bob"]
    );
}

#[test]
fn x30_of_what_was_asked_for_after_twelve_hours_only_thirty_six_are_left() {
    // The log of 40 hours is lost at 40:00; P and its Safety Net are gone since 39:00.
    let ran = play(DAG, "")
        .far_sends(3 * HOUR, "P", &["bob@x.example"], None)
        .far_sends(5 * HOUR, "P", &["cat@x.example"], None)
        .destroy(39 * HOUR, "P")
        .failover(40 * HOUR, "DB", "T", 16 * HOUR)
        .runs();
    // What S has kept since 3:02 is dropped at 51:02, what T has kept since 5:02 is there at 52:00:30.
    assert_eq!(
        ran.only(&["BROADCAST", "RESUBMIT"])[..],
        [
            "52:00:30 BROADCAST P 0:00:00 40:00:30",
            "52:00:30 RESUBMIT T 3 ShadowSafetyNet for cat"
        ]
    );
    let fates = ran.fates();
    assert_eq!((fates[0].0.as_str(), fates[0].1), ("bob", FateKind::Lost));
    assert_eq!((fates[1].0.as_str(), fates[1].1), ("cat", FateKind::Delivered));
}

#[test]
fn x15_a_shadow_safety_net_that_does_not_answer_is_asked_until_nothing_is_kept_any_more() {
    let at = |ms: u64| {
        let ran = lagged("")
            .destroy(5 * MINUTE, "P")
            .down(5 * MINUTE, "S")
            .up(ms, "S")
            .runs();
        ran.only(&["RESUBMIT", "RESUBMITFAIL"])
    };
    // The database, which was on S, is on T half a minute later. S is back at 20:00, asked every quarter of an hour since
    // 12:05:30; P, which could have had shadows of S, is asked in vain.
    assert_eq!(
        at(20 * HOUR),
        [
            "20:05:30 RESUBMIT S 1 ShadowSafetyNet for bob",
            "48:05:30 RESUBMITFAIL P",
            "60:05:30 RESUBMITFAIL P"
        ]
    );
    let ran = lagged("").destroy(5 * MINUTE, "P").destroy(5 * MINUTE, "S").runs();
    assert_eq!(
        ran.only(&["RESUBMIT", "RESUBMITFAIL"]),
        [
            "48:05:30 RESUBMITFAIL P",
            "48:05:30 RESUBMITFAIL S",
            "60:05:30 RESUBMITFAIL S",
            "60:05:30 RESUBMITFAIL P"
        ]
    );
    assert_eq!(ran.fates()[0].1, FateKind::Lost);
}

#[test]
fn s63_then_x13_a_shadow_that_was_not_released_is_delivered_when_it_is_taken_over() {
    // P is gone before S has asked: S takes over the message, and delivers it to the database where it is now.
    let ran = play(DAG, "")
        .far_sends(0, "P", &["bob@x.example"], None)
        .destroy(10 * SECOND, "P")
        .failover(10 * SECOND, "DB", "T", 0)
        .runs();
    let told = ran.only(&["PROMOTE", "DELIVER", "DUPLICATE"]);
    assert_eq!(
        told,
        [
            "0:00:03 DELIVER P 0 bob",
            "3:00:02 PROMOTE S 1 Silence",
            "3:00:03 DELIVER S 1 bob"
        ]
    );
}
