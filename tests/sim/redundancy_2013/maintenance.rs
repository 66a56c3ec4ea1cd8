//! While both servers are there: shadow queues, heartbeats, discard notifications, forks.

use std::time::Duration;

use super::*;

const HEARTBEATS: [&str; 5] = ["HEARTBEAT", "MISSED", "HADISCARD", "DISCARDQUEUED", "PROMOTE"];

#[test]
fn s10_a_shadow_is_in_one_queue_for_each_next_hop() {
    let ran = play(SITE, "")
        .far_sends(0, "P", &["bob@x.example", "tom@x.example", "zoe@far.example"], None)
        .runs();
    assert_eq!(
        ran.only(&["SHADOWQUEUE"]),
        [
            "0:00:02 SHADOWQUEUE S 1 for bob",
            "0:00:02 SHADOWQUEUE S 1 for tom",
            "0:00:02 SHADOWQUEUE S 1 for zoe",
        ]
    );
    // Two in one database wait for one hop.
    let ran = play(DAG, "")
        .far_sends(0, "P", &["bob@x.example", "cat@x.example"], None)
        .runs();
    assert_eq!(ran.only(&["SHADOWQUEUE"]), ["0:00:02 SHADOWQUEUE S 1 for bob+cat"]);
}

#[test]
fn s55_s56_s68_s69_s71_a_shadow_stays_until_every_fork_is_done() {
    // Tom's server comes back after ten minutes.
    let ran = play(SITE, "")
        .down(0, "T")
        .far_sends(0, "P", &["bob@x.example", "tom@x.example"], None)
        .up(10 * MINUTE, "T")
        .runs();
    assert_eq!(
        ran.only(&["DELIVER", "DISCARDQUEUED", "HEARTBEAT", "HADISCARD"]),
        [
            "0:00:03 DELIVER P 0 bob",
            "0:02:02 HEARTBEAT S P 0",
            "0:04:02 HEARTBEAT S P 0",
            "0:06:02 HEARTBEAT S P 0",
            "0:08:02 HEARTBEAT S P 0",
            "0:10:02 HEARTBEAT S P 0",
            // The queue is tried again every five minutes, 0:00:02 being the first time.
            "0:10:03 DELIVER P 0 tom",
            "0:10:03 DISCARDQUEUED P 0 for S",
            "0:12:02 HEARTBEAT S P 1",
            "0:12:02 HADISCARD S 1",
        ]
    );
}

#[test]
fn s71_a_shadow_stays_until_the_journal_report_is_handed_on() {
    // Everything takes ten seconds, but what P hands to S and T takes one.
    let mut play = play(SITE, "")
        .far_sends(0, "P", &["bob@x.example", "tom@x.example"], None)
        .journaled()
        .delay("P", "S", SECOND)
        .delay("P", "T", SECOND);
    play.scenario.settings.transmission_time = Duration::from_secs(10);
    assert_eq!(
        play.runs()
            .only(&["SIDE", "DELIVER", "SIDEDONE", "DISCARDQUEUED", "HADISCARD"]),
        [
            "0:00:10 SIDE P 0 Journal",
            "0:00:12 DELIVER P 0 bob",
            "0:00:12 DELIVER P 0 tom",
            "0:00:20 SIDEDONE P 0 Journal",
            "0:00:20 DISCARDQUEUED P 0 for S",
            "0:02:11 HADISCARD S 1",
        ]
    );
}

#[test]
fn s71_a_shadow_stays_until_the_report_to_the_sender_is_handed_on() {
    let ran = play(SITE, "")
        .far_sends(0, "P", &["ann@x.example", "nobody@x.example"], None)
        .runs();
    assert_eq!(
        ran.only(&["FAIL", "SIDE", "DELIVER", "SIDEDONE", "DISCARDQUEUED"]),
        [
            "0:00:02 FAIL P 0 5.1.1",
            "0:00:02 SIDE P 0 Report",
            "0:00:02 DELIVER P 0 ann",
            "0:00:03 SIDEDONE P 0 Report",
            "0:00:03 DISCARDQUEUED P 0 for S",
        ]
    );
    // It is on disk: a restart does not release the shadow early, nor never.
    let ran = play(SITE, "")
        .far_sends(0, "P", &["ann@x.example", "nobody@x.example"], None)
        .down(2500, "P")
        .up(60 * SECOND, "P")
        .runs();
    assert_eq!(
        ran.only(&["SIDEDONE", "DISCARDQUEUED", "HADISCARD"]),
        [
            "0:01:01 SIDEDONE P 0 Report",
            "0:01:01 DISCARDQUEUED P 0 for S",
            "0:02:02 HADISCARD S 1"
        ]
    );
}

#[test]
fn s57_s58_s61_sessions_of_the_shadow_server_ask_and_set_the_clock_back() {
    // Tom's server is down for long; at one minute S gets other mail and makes P hold its shadow.
    let ran = play(SITE, "")
        .down(0, "T")
        .far_sends(0, "P", &["tom@x.example"], None)
        .smtp(60 * SECOND, "S", &["bob@x.example"])
        .up(5 * MINUTE, "T")
        .runs();
    assert_eq!(
        ran.only(&["HEARTBEAT", "HADISCARD"]),
        [
            // The session in which P receives the shadow of the second message, 60 s + 1 s + 1 s.
            "0:01:02 HEARTBEAT S P 0",
            // Two minutes after that one; P, which has had the session a little earlier, asks first.
            "0:03:02 HEARTBEAT P S 1",
            "0:03:02 HADISCARD P 3",
            "0:03:02 HEARTBEAT S P 0",
            "0:05:02 HEARTBEAT S P 0",
            "0:07:02 HEARTBEAT S P 1",
            "0:07:02 HADISCARD S 1",
        ]
    );
    // What is done already is told in that session.
    let ran = play(SITE, "")
        .far_sends(0, "P", &["tom@x.example"], None)
        .smtp(60 * SECOND, "S", &["bob@x.example"])
        .runs();
    assert_eq!(
        ran.only(&["HEARTBEAT", "HADISCARD"]),
        [
            "0:01:02 HEARTBEAT S P 1",
            "0:01:02 HADISCARD S 1",
            "0:03:02 HEARTBEAT P S 1",
            "0:03:02 HADISCARD P 3",
        ]
    );
}

/// S57: in the sessions in which P makes shadows S asks nothing, and so they do not put off what it asks every two minutes.
#[test]
fn s57_s58_sessions_of_the_primary_server_do_not_put_the_question_off() {
    let mut scene = play(SITE, "").down(0, "T").far_sends(0, "P", &["tom@x.example"], None);
    for tens in [5, 10, 15, 20] {
        scene = scene.far_sends(tens * 10 * SECOND, "P", &["ann@x.example"], None);
    }
    let ran = scene.up(5 * MINUTE, "T").runs();
    assert_eq!(
        ran.only(&["HEARTBEAT", "DISCARDQUEUED"]),
        [
            "0:00:52 DISCARDQUEUED P 2 for S",
            "0:01:42 DISCARDQUEUED P 4 for S",
            "0:02:02 HEARTBEAT S P 2",
            "0:02:32 DISCARDQUEUED P 6 for S",
            "0:03:22 DISCARDQUEUED P 8 for S",
            "0:04:02 HEARTBEAT S P 2",
            "0:05:03 DISCARDQUEUED P 0 for S",
            "0:06:02 HEARTBEAT S P 1",
        ]
    );
}

/// S62: that P lives is seen in its own sessions, too. The last one is that of 0:01:02, and the first question after three hours
/// from then is that of 3:02:02.
#[test]
fn s62_silence_counts_from_any_session() {
    let ran = play(SITE, "")
        .down(0, "T")
        .far_sends(0, "P", &["tom@x.example"], None)
        .far_sends(60 * SECOND, "P", &["tom@x.example"], None)
        .down(70 * SECOND, "P")
        .up(4 * HOUR, "T")
        .runs();
    assert_eq!(
        ran.only(&["PROMOTE"]),
        ["3:02:02 PROMOTE S 1 Silence", "3:02:02 PROMOTE S 3 Silence"]
    );
}

#[test]
fn s9_s11_s59_s65_to_s67_each_server_is_told_of_its_own_shadows() {
    let ran = play(SITE, "")
        .far_sends(0, "P", &["ann@x.example"], None)
        .far_sends(10 * SECOND, "P", &["ann@x.example"], None)
        .far_sends(20 * SECOND, "P", &["ann@x.example"], None)
        .smtp(30 * SECOND, "T", &["tom@x.example"])
        .runs();
    assert_eq!(
        ran.only(&HEARTBEATS),
        [
            "0:00:02 DISCARDQUEUED P 0 for S",
            "0:00:12 DISCARDQUEUED P 2 for T",
            "0:00:22 DISCARDQUEUED P 4 for S",
            // P holds a shadow for T, which holds one for P; T asks P in the session that makes it.
            "0:00:32 HEARTBEAT T P 1",
            "0:00:32 HADISCARD T 3",
            "0:00:32 DISCARDQUEUED T 6 for P",
            // In the session in which P made the third shadow S has not asked: two minutes after the first one.
            "0:02:02 HEARTBEAT S P 2",
            "0:02:02 HADISCARD S 1",
            "0:02:02 HADISCARD S 5",
            "0:02:32 HEARTBEAT P T 1",
            "0:02:32 HADISCARD P 7",
        ]
    );
}

#[test]
fn s60_discard_notifications_survive_a_restart() {
    let ran = play(SITE, "")
        .far_sends(0, "P", &["bob@x.example"], None)
        .down(10 * SECOND, "P")
        .up(20 * SECOND, "P")
        .runs();
    assert_eq!(
        ran.only(&HEARTBEATS),
        [
            "0:00:03 DISCARDQUEUED P 0 for S",
            "0:02:02 HEARTBEAT S P 1",
            "0:02:02 HADISCARD S 1"
        ]
    );
}

#[test]
fn m5_notifications_that_have_arrived_are_not_told_again() {
    // S holds another shadow for P all the while, so that it asks again.
    let ran = play(SITE, "")
        .down(0, "T")
        .far_sends(0, "P", &["tom@x.example"], None)
        .far_sends(3 * SECOND, "P", &["ann@x.example"], None)
        .up(5 * MINUTE, "T")
        .runs();
    // T being down, S has both.
    assert_eq!(
        ran.only(&["HEARTBEAT"]),
        [
            "0:02:02 HEARTBEAT S P 1",
            "0:04:02 HEARTBEAT S P 0",
            // The queue for T was tried again at 0:05:02.
            "0:06:02 HEARTBEAT S P 1",
        ]
    );
}

#[test]
fn a_shadow_server_that_starts_asks_at_once() {
    let ran = play(SITE, "")
        .far_sends(0, "P", &["ann@x.example"], None)
        .down(10 * SECOND, "S")
        .up(5 * HOUR, "S")
        .runs();
    // It has heard nothing for five hours, and takes over nothing.
    assert_eq!(
        ran.only(&HEARTBEATS),
        [
            "0:00:02 DISCARDQUEUED P 0 for S",
            "5:00:00 HEARTBEAT S P 1",
            "5:00:00 HADISCARD S 1"
        ]
    );
}

#[test]
fn s25_s31_a_pair_ends_at_the_boundary_and_another_one_begins() {
    let ran = play(DAG, "").far_sends(0, "E", &["bob@x.example"], None).runs();
    assert_eq!(
        ran.only(&["HARECEIVE", "SEND", "DISCARDQUEUED", "KEPT", "DELIVER", "HADISCARD"]),
        [
            "0:00:02 HARECEIVE F 1 of E 0",
            // S receives it at 0:00:03, and its partner in the other site has it a second later.
            "0:00:04 HARECEIVE P 3 of S 2",
            "0:00:04 SEND E 0 to S",
            "0:00:04 KEPT E 0 PrimarySafetyNet",
            "0:00:04 DISCARDQUEUED E 0 for F",
            "0:00:04 DELIVER S 2 bob",
            "0:00:04 DISCARDQUEUED S 2 for P",
            "0:00:04 KEPT S 2 PrimarySafetyNet",
            "0:02:02 HADISCARD F 1",
            "0:02:02 KEPT F 1 ShadowSafetyNet",
            "0:02:04 HADISCARD P 3",
            "0:02:04 KEPT P 3 ShadowSafetyNet",
        ]
    );
}
