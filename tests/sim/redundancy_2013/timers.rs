//! Each timer a millisecond before its time, at its time, and a millisecond after.

use std::time::Duration;

use super::*;

/// What happens in each of three runs that differ by a millisecond.
fn around(ms: u64, run: impl Fn(u64) -> Vec<String>) -> [Vec<String>; 3] {
    [ms - 1, ms, ms + 1].map(run)
}

/// P has a message for Tom, whose server is down, and S has the shadow since 0:00:02.
fn held(config: &str) -> Scene {
    play(SITE, config)
        .down(0, "T")
        .far_sends(0, "P", &["tom@x.example"], None)
}

#[test]
fn t8_s58_s72_a_shadow_server_asks_after_two_minutes() {
    let [before, at, after] = around(2 * MINUTE + 2 * SECOND, |ms| {
        let ran = held("")
            .cut(3 * SECOND, "P", "S")
            .mend(ms, "P", "S")
            .up(5 * MINUTE, "T")
            .runs();
        ran.only(&["HEARTBEAT", "MISSED"])
    });
    let in_time = [
        "0:02:02 HEARTBEAT S P 0",
        "0:04:02 HEARTBEAT S P 0",
        "0:06:02 HEARTBEAT S P 1",
    ];
    assert_eq!(before, in_time);
    // The way is open at the same instant, and the deadline comes last (A59).
    assert_eq!(at, in_time);
    assert_eq!(
        after,
        [
            "0:02:02 MISSED S P 1",
            "0:04:02 HEARTBEAT S P 0",
            "0:06:02 HEARTBEAT S P 1"
        ]
    );
    let ran = held(r#"shadow_heartbeat_frequency: "90s""#).up(2 * MINUTE, "T").runs();
    assert_eq!(
        ran.only(&["HEARTBEAT"]),
        [
            "0:01:32 HEARTBEAT S P 0",
            "0:03:02 HEARTBEAT S P 0",
            "0:04:32 HEARTBEAT S P 0",
            "0:06:02 HEARTBEAT S P 1"
        ]
    );
}

#[test]
fn t9_s62_s73_s83_m4_a_primary_server_is_taken_to_be_lost_after_three_hours() {
    let [before, at, after] = around(3 * HOUR + 2 * SECOND, |ms| {
        let ran = held("").down(3 * SECOND, "P").up(ms, "P").up(4 * HOUR, "T").runs();
        ran.only(&["PROMOTE"])
    });
    assert!(before.is_empty());
    assert!(at.is_empty());
    assert_eq!(after, ["3:00:02 PROMOTE S 1 Silence"]);
    // Silence is looked at when a heartbeat is due: five minutes are up at the third one.
    let ran = held(r#"shadow_resubmit_time_span: "5min""#)
        .down(3 * SECOND, "P")
        .runs();
    assert_eq!(ran.only(&["PROMOTE"]), ["0:06:02 PROMOTE S 1 Silence"]);
    // It counts from the last session that worked, at 0:04:02.
    let ran = held(r#"shadow_resubmit_time_span: "4min""#)
        .down(5 * MINUTE, "P")
        .runs();
    assert_eq!(ran.only(&["PROMOTE"]), ["0:08:02 PROMOTE S 1 Silence"]);
}

#[test]
fn t5_s74_a_notification_waits_two_days_for_who_holds_the_shadow() {
    let done = 3 * SECOND;
    let [before, at, after] = around(2 * DAY + done, |ms| {
        let ran = play(SITE, "")
            .far_sends(0, "P", &["bob@x.example"], None)
            .down(done, "S")
            .up(ms, "S")
            .runs();
        ran.only(&["DISCARDDROPPED", "HEARTBEAT", "HADISCARD"])[..2].to_vec()
    });
    assert_eq!(before, ["48:00:02.999 HEARTBEAT S P 1", "48:00:02.999 HADISCARD S 1"]);
    assert_eq!(at, ["48:00:03 DISCARDDROPPED P 0 for S", "48:00:03 HEARTBEAT S P 0"]);
    assert_eq!(
        after,
        ["48:00:03 DISCARDDROPPED P 0 for S", "48:00:03.001 HEARTBEAT S P 0"]
    );
    let ran = play(SITE, r#"shadow_message_auto_discard_interval: "1h""#)
        .far_sends(0, "P", &["bob@x.example"], None)
        .destroy(done, "S")
        .wait(2 * HOUR)
        .runs();
    assert_eq!(ran.only(&["DISCARDDROPPED"]), ["1:00:03 DISCARDDROPPED P 0 for S"]);
    // A server that was down at the time drops it when it starts.
    let ran = play(SITE, r#"shadow_message_auto_discard_interval: "1h""#)
        .far_sends(0, "P", &["bob@x.example"], None)
        .destroy(done, "S")
        .down(10 * SECOND, "P")
        .up(2 * HOUR, "P")
        .runs();
    assert_eq!(ran.only(&["DISCARDDROPPED"]), ["2:00:00 DISCARDDROPPED P 0 for S"]);
}

#[test]
fn t11_s75_x12_the_safety_net_keeps_for_two_days() {
    let keeps = |config: &str, until: u64| {
        let ran = play(SITE, config)
            .far_sends(0, "P", &["bob@x.example"], None)
            .wait(until)
            .runs();
        ran.only(&["DROPPED"])
    };
    // P has it since 0:00:03, S since 0:02:02.
    let end = 2 * DAY + 3 * SECOND;
    assert!(keeps("", end - 1).is_empty());
    // A run that ends at the instant does not see its deadlines.
    assert!(keeps("", end).is_empty());
    assert_eq!(keeps("", end + 1), ["48:00:03 DROPPED P 0 PrimarySafetyNet"]);
    assert_eq!(
        keeps("", 3 * DAY),
        [
            "48:00:03 DROPPED P 0 PrimarySafetyNet",
            "48:02:02 DROPPED S 1 ShadowSafetyNet"
        ]
    );
    // X22: as good as none.
    assert_eq!(
        keeps(r#"safety_net_hold_time: "15s""#, DAY),
        [
            "0:00:18 DROPPED P 0 PrimarySafetyNet",
            "0:02:17 DROPPED S 1 ShadowSafetyNet"
        ]
    );
}

#[test]
fn t12_s77_m12_the_two_days_of_a_message_go_on_when_its_shadow_becomes_the_message() {
    let fail = |restarts: bool| {
        let mut play = held("").down(3 * SECOND, "P");
        play.scenario.settings.expiry_restarts_at_promotion = restarts;
        play.runs().only(&["PROMOTE", "FAIL"])
    };
    // P took it at 0:00:01.
    assert_eq!(fail(false), ["3:00:02 PROMOTE S 1 Silence", "48:00:01 FAIL S 1 4.4.7"]);
    assert_eq!(fail(true), ["3:00:02 PROMOTE S 1 Silence", "51:00:02 FAIL S 1 4.4.7"]);
    // P tries again a millisecond before the end, at the end, and after.
    let [before, at, after] = around(2 * DAY + SECOND, |ms| {
        let mut play = held("").up(HOUR, "T");
        play.scenario.settings.mailbox_delivery_queue_retry_interval = Duration::from_millis(ms - 2 * SECOND);
        play.scenario.settings.max_idle_time_before_resubmit = Duration::from_millis(3 * DAY);
        play.runs().only(&["FAIL", "DELIVER"])
    });
    assert_eq!(before, ["48:00:01.999 DELIVER P 0 tom"]);
    assert_eq!(at, ["48:00:01 FAIL P 0 4.4.7"]);
    assert_eq!(after, ["48:00:01 FAIL P 0 4.4.7"]);
}

#[test]
fn t13_s76_a_shadow_that_nobody_releases_lives_for_four_days() {
    // P may hold mail for ten days, S for two: two and two are four.
    let patient = SITE.replace(
        r#"(name: "P", version: Exchange2013"#,
        r#"(name: "P", message_expiration_timeout: "10d", version: Exchange2013"#,
    );
    let end = 4 * DAY + 2 * SECOND;
    let ends = |ms: u64| {
        let ran = play(&patient, "")
            .down(0, "T")
            .far_sends(0, "P", &["tom@x.example"], None)
            .up(ms, "T")
            .runs();
        ran.only(&["SHADOWEXPIRED", "HADISCARD"])
    };
    // P tries again every five minutes. At 95:55:02 it is in time: S is told a minute later.
    assert_eq!(ends(end - 5 * MINUTE - 1), ["95:56:02 HADISCARD S 1"]);
    // At 96:00:02 the shadow is gone first.
    assert_eq!(ends(end - 5 * MINUTE + 1), ["96:00:02 SHADOWEXPIRED S 1"]);
    assert_eq!(ends(end - 1), ["96:00:02 SHADOWEXPIRED S 1"]);
    let short = |config: &str| {
        let ran = play(&patient, config)
            .down(0, "T")
            .far_sends(0, "P", &["tom@x.example"], None)
            .runs();
        ran.only(&["SHADOWEXPIRED"])
    };
    assert_eq!(short(r#"safety_net_hold_time: "1h""#), ["49:00:02 SHADOWEXPIRED S 1"]);
    // A server that was down at the time drops it when it starts, and takes over nothing.
    let ran = play(&patient, r#"safety_net_hold_time: "1h""#)
        .down(0, "T")
        .far_sends(0, "P", &["tom@x.example"], None)
        .down(DAY, "S")
        .up(3 * DAY, "S")
        .runs();
    assert_eq!(ran.only(&["SHADOWEXPIRED", "PROMOTE"]), ["72:00:00 SHADOWEXPIRED S 1"]);
}

#[test]
fn t16_s52_the_receive_connector_is_patient_for_five_minutes() {
    // S takes so long to have its shadow: it begins at 0:00:01.
    let [before, at, after] = around(5 * MINUTE, |ms| {
        let ran = play(SITE, "")
            .far_sends(0, "P", &["tom@x.example"], None)
            .delay("P", "S", ms)
            .runs();
        ran.only(&["HAREDIRECT", "HAREDIRECTFAIL"])[..1].to_vec()
    });
    assert_eq!(before, ["0:05:00.999 HAREDIRECT P 0 to S 1"]);
    assert_eq!(at, ["0:05:01 HAREDIRECT P 0 to S 1"]);
    assert_eq!(after, ["0:05:01 HAREDIRECTFAIL P 0 1"]);
}

#[test]
fn t17_s53_a_session_with_a_partner_lasts_ten_minutes_too() {
    let patient = SITE.replace(
        r#""2min", connection_timeout: "10min""#,
        r#""30min", connection_timeout: "1h""#,
    );
    let [before, at, after] = around(10 * MINUTE, |ms| {
        let play = play(&patient, "")
            .far_sends(0, "P", &["tom@x.example"], None)
            .through_receive_connector();
        play.delay("P", "S", ms).runs().only(&["HARECEIVE"])
    });
    assert_eq!(before, ["0:10:00.999 HARECEIVE S 1 of P 0"]);
    assert_eq!(at, ["0:10:01 HARECEIVE S 1 of P 0"]);
    // Then T is tried.
    assert_eq!(after, ["0:10:02 HARECEIVE T 1 of P 0"]);
}

#[test]
fn t18_s54_the_session_with_a_partner_that_does_nothing_ends_after_ten_minutes() {
    let patient = SITE.replace(
        r#""2min", connection_timeout: "10min""#,
        r#""30min", connection_timeout: "1h""#,
    );
    // S does nothing from 0:00:01.500 on; it wakes up around ten minutes later.
    let [before, at, after] = around(10 * MINUTE + 1500, |ms| {
        let play = play(&patient, "")
            .far_sends(0, "P", &["tom@x.example"], None)
            .through_receive_connector();
        play.pause(1500, "S").up(ms, "S").runs().only(&["HARECEIVE"])
    });
    assert_eq!(before, ["0:10:01.499 HARECEIVE S 1 of P 0"]);
    assert_eq!(at, ["0:10:01.500 HARECEIVE S 1 of P 0"]);
    assert_eq!(after, ["0:10:02.500 HARECEIVE T 1 of P 0"]);
}

#[test]
fn t19_x28_m8_a_mailbox_recognizes_a_message_for_seven_days() {
    // S delivers at 3:00:03 and P, which is back after a week, again: it keeps mail for longer than others.
    let patient = SITE.replace(
        r#"(name: "P", version: Exchange2013, site: "A")"#,
        r#"(name: "P", version: Exchange2013, site: "A", message_expiration_timeout: "30d")"#,
    );
    let [before, at, after] = around(7 * DAY + 3 * HOUR + 2 * SECOND, |ms| {
        let ran = play(&patient, "")
            .far_sends(0, "P", &["tom@x.example"], None)
            .down(2500, "P")
            .up(ms, "P")
            .runs();
        ran.fates()
            .into_iter()
            .map(|fate| format!("{:?} {} {}", fate.1, fate.2, fate.3))
            .collect()
    });
    assert_eq!(before, ["SuppressedDuplicate 171:00:02.999 1"]);
    assert_eq!(at, ["Duplicate 171:00:03 2"]);
    assert_eq!(after, ["Duplicate 171:00:03.001 2"]);
}
