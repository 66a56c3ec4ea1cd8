//! A primary server that does not answer, and what happens when it is back.

use super::*;

const OUTAGE: [&str; 10] = [
    "HEARTBEAT",
    "PROMOTE",
    "HADISCARD",
    "DISCARDQUEUED",
    "DELIVER",
    "DUPLICATE",
    "OUTSIDE",
    "DISCARDDROPPED",
    "FAIL",
    "QUEUESLOST",
];

/// P has a message for Tom, and stops before it has handed it on; S has the shadow.
fn p_stops() -> Scene {
    play(SITE, "")
        .far_sends(0, "P", &["tom@x.example"], None)
        .down(2500, "P")
}

#[test]
fn s62_s70_s73_silence_for_three_hours_makes_the_shadow_the_message() {
    let ran = p_stops().runs();
    let missed = ran.only(&["MISSED"]);
    assert_eq!(missed.len(), 90);
    assert_eq!(
        (missed[0].as_str(), missed[89].as_str()),
        ("0:02:02 MISSED S P 1", "3:00:02 MISSED S P 90")
    );
    assert_eq!(
        ran.only(&OUTAGE),
        ["3:00:02 PROMOTE S 1 Silence", "3:00:03 DELIVER S 1 tom"]
    );
    assert_eq!(
        ran.fates(),
        [("tom".to_owned(), FateKind::Delivered, "3:00:03".to_owned(), 1)]
    );
}

#[test]
fn s63_s66_s78_s80_s81_another_queue_database_is_taken_for_a_loss_at_once() {
    let ran = p_stops().up_new(10 * MINUTE, "P").runs();
    // It is back between two heartbeats: two minutes at most.
    assert_eq!(
        ran.only(&OUTAGE),
        [
            "0:10:00 QUEUESLOST P",
            "0:10:02 HEARTBEAT S P 0",
            "0:10:02 PROMOTE S 1 NewDatabase",
            "0:10:03 DELIVER S 1 tom",
        ]
    );
    // A replacement counts too.
    let ran = play(SITE, "")
        .far_sends(0, "P", &["tom@x.example"], None)
        .destroy(2500, "P")
        .up(10 * MINUTE, "P")
        .runs();
    assert_eq!(ran.only(&["PROMOTE"]), ["0:10:02 PROMOTE S 1 NewDatabase"]);
    assert_eq!(ran.fates()[0].1, FateKind::Delivered);
}

#[test]
fn s63_s81_the_next_session_is_enough_to_see_another_queue_database() {
    // P is back just after a heartbeat, and makes S hold the shadow of other mail before the next one.
    let ran = p_stops()
        .up_new(10 * MINUTE + 2500, "P")
        .smtp(10 * MINUTE + 30_500, "P", &["ann@x.example"])
        .runs();
    assert_eq!(ran.only(&["PROMOTE"]), ["0:10:32.500 PROMOTE S 1 NewDatabase"]);
}

#[test]
fn s79_s82_s83_a_server_that_was_merely_away_delivers_too() {
    let ran = p_stops().up(4 * HOUR, "P").runs();
    assert_eq!(
        ran.only(&OUTAGE),
        [
            "3:00:02 PROMOTE S 1 Silence",
            "3:00:03 DELIVER S 1 tom",
            "4:00:01 DUPLICATE P 0 tom",
            "4:00:01 DISCARDQUEUED P 0 for S",
        ]
    );
    assert_eq!(
        ran.fates(),
        [("tom".to_owned(), FateKind::SuppressedDuplicate, "4:00:01".to_owned(), 1)]
    );
    // Somebody outside sees two.
    let ran = play(SITE, "")
        .far_sends(0, "P", &["zoe@far.example"], None)
        .down(2500, "P")
        .up(4 * HOUR, "P")
        .runs();
    assert_eq!(
        ran.only(&["PROMOTE", "OUTSIDE"]),
        [
            "3:00:02 PROMOTE S 1 Silence",
            "3:00:03 OUTSIDE Peer(PeerIdx(0)) 1",
            "4:00:01 OUTSIDE Peer(PeerIdx(0)) 0",
        ]
    );
    assert_eq!(
        ran.fates(),
        [("zoe".to_owned(), FateKind::Duplicate, "4:00:01".to_owned(), 2)]
    );
    // Inside three hours there is one.
    let ran = play(SITE, "")
        .far_sends(0, "P", &["zoe@far.example"], None)
        .down(2500, "P")
        .up(2 * HOUR, "P")
        .runs();
    assert_eq!(
        ran.fates(),
        [("zoe".to_owned(), FateKind::DeliveredOutside, "2:00:01".to_owned(), 1)]
    );
}

#[test]
fn m10_a_partition_delivers_twice_and_nobody_makes_it_good_later() {
    let ran = play(SITE, "")
        .far_sends(0, "P", &["zoe@far.example"], None)
        .cut(2500, "P", "S")
        .mend(5 * HOUR, "P", "S")
        .wait(3 * DAY)
        .runs();
    assert_eq!(
        ran.only(&OUTAGE),
        [
            "0:00:03 OUTSIDE Peer(PeerIdx(0)) 0",
            "0:00:03 DISCARDQUEUED P 0 for S",
            "3:00:02 PROMOTE S 1 Silence",
            "3:00:03 OUTSIDE Peer(PeerIdx(0)) 1",
            // S does not ask any more.
            "48:00:03 DISCARDDROPPED P 0 for S",
        ]
    );
}

#[test]
fn m2_a_shadow_that_becomes_the_message_has_none_unless_asked_for() {
    let both = |again: bool| {
        let mut play = p_stops().down(2500, "T").destroy(4 * HOUR, "S").up(5 * HOUR, "T");
        play.scenario.settings.reshadow_on_promotion = again;
        play
    };
    // As documented: S promotes, is lost, and the message with it.
    let ran = both(false).runs();
    assert_eq!(ran.only(&["PROMOTE"]), ["3:00:02 PROMOTE S 1 Silence"]);
    assert_eq!(
        ran.fates(),
        [("tom".to_owned(), FateKind::Queued, "0:00:02".to_owned(), 0)]
    );
    let lost = both(false).destroy(6 * HOUR, "P").runs();
    assert_eq!(
        lost.fates(),
        [("tom".to_owned(), FateKind::Lost, "6:00:00".to_owned(), 0)]
    );
    // With Q there it would have been saved.
    let four = SITE.replace(
        r#"(name: "S", version"#,
        r#"(name: "Q", version: Exchange2013, site: "A"), (name: "S", version"#,
    );
    let saved = |again: bool| {
        let mut play = play(&four, "")
            .down(0, "Q")
            .far_sends(1000, "P", &["tom@x.example"], None)
            .down(3500, "T")
            .destroy(3500, "P")
            .up(HOUR, "Q")
            .destroy(4 * HOUR, "S")
            .up(8 * HOUR, "T");
        play.scenario.settings.reshadow_on_promotion = again;
        play.runs()
    };
    let ran = saved(true);
    assert_eq!(
        ran.only(&["HARECEIVE", "PROMOTE", "DELIVER"]),
        [
            "0:00:03 HARECEIVE S 1 of P 0",
            "3:00:03 PROMOTE S 1 Silence",
            "3:00:04 HARECEIVE Q 2 of S 1",
            // Three hours after its last session with S, at 3:58:04, in steps of two minutes.
            "6:58:04 PROMOTE Q 2 Silence",
            // Tried again every five minutes.
            "8:03:05 DELIVER Q 2 tom",
        ]
    );
    assert_eq!(saved(false).fates()[0].1, FateKind::Lost);
}

#[test]
fn s5_s18_two_failures_at_once_lose_mail_and_one_does_not() {
    let ran = play(SITE, "")
        .far_sends(0, "P", &["tom@x.example"], None)
        .destroy(2500, "P")
        .destroy(2500, "S")
        .runs();
    assert_eq!(
        ran.fates(),
        [("tom".to_owned(), FateKind::Lost, "0:00:02.500".to_owned(), 0)]
    );
    let ran = play(SITE, "")
        .far_sends(0, "P", &["tom@x.example"], None)
        .destroy(2500, "S")
        .wait(3 * DAY)
        .runs();
    assert_eq!(
        ran.only(&OUTAGE),
        [
            "0:00:02.500 QUEUESLOST S",
            "0:00:03 DELIVER P 0 tom",
            "0:00:03 DISCARDQUEUED P 0 for S",
            "48:00:03 DISCARDDROPPED P 0 for S",
        ]
    );
}

#[test]
fn s3_s7_s8_the_shadow_is_delivered_instead_of_the_message() {
    let ran = play(SITE, "")
        .far_sends(0, "P", &["ann@x.example", "tom@x.example"], None)
        .destroy(2500, "P")
        .runs();
    // Ann's mailbox was on P: her mail is there at once, and Tom's only when S takes over; what is for Ann waits for P.
    assert_eq!(
        ran.only(&["DELIVER", "PROMOTE", "FAIL"]),
        [
            "0:00:02 DELIVER P 0 ann",
            "3:00:02 PROMOTE S 1 Silence",
            "3:00:03 DELIVER S 1 tom",
            "48:00:01 FAIL S 1 4.4.7",
        ]
    );
}
