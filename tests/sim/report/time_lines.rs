//! Time lines, expectations, and what can go wrong in printing them.

use super::*;
use crate::redundancy_2013::{DAG, play};
use crate::scene::{MINUTE, Scene};

#[test]
fn a_time_line_folds_what_is_tried_again_and_again() {
    let play = expecting(waiting(), None, |one| one.before = Some(SimTime::from_secs(60)));
    let expected = "\
1 message and 2 events through time
Hours, minutes and seconds; m#2 is copy 2 of message m.

  0:00:00      SERVERDOWN HB
  0:00:05  HA  STORED m1
  0:00:05  HA  NOTIFYMAPI m1 to HA
  0:00:05  HA  RECEIVE m1#1 from HA for bob@x.example, header 1
  0:00:05  HA  TRANSFER m1#1 for bob@x.example into queue to site B
  0:00:05  HA  DEFER queue to site B, 1 try failed, until 0:01:05
  0:00:05  HA  SUBMIT m1
  0:01:05  HA  DEFER queue to site B, 13 tries failed, until 1:04:05 (12 times,
               the last at 0:54:05)
  1:00:00      SERVERUP HB
  1:00:00  HB  MOUNTED mailboxes of HB
  1:04:06  HB  RECEIVE m1#2 from HA for bob@x.example, header 2
  1:04:06  HB  TRANSFER m1#2 for bob@x.example into queue to mailboxes of HB
  1:04:06  HA  SEND m1#1 to HB for bob@x.example
  1:04:06  HB  INMAILBOX m1#2 for bob@x.example
  1:04:06  HB  DELIVER m1#2 for bob@x.example

What became of the messages
    Message  Recipient      Fate            At  Copies  Detail
  ────────────────────────────────────────────────────────────
  ● m1       bob@x.example  delivered  1:04:06       1

What was expected
  - m1: expected before 0:01:00
    came for bob@x.example: delivered at 1:04:06
  Of 1 expectation: 1 failed.

It ended by itself at 1:04:06, after 23 events.
";
    assert_eq!(text(play), expected);
}

/// X15, N85: P, whose Safety Net has what the database lost, is gone. It is asked 48 times before the shadows are asked, once then,
/// and until its hold time ends.
#[test]
fn a_time_line_folds_what_a_safety_net_is_asked_in_vain() {
    let scene = play(DAG, "")
        .far_sends(0, "P", &["bob@x.example"], None)
        .failover(10 * MINUTE, "DB", "T", 0)
        .destroy(5 * MINUTE, "P");
    let Scene(mut play) = scene;
    play.scenario.events.sort_by_key(|event| event.at);
    let told = text(play);
    let asked: Vec<&str> = told.lines().filter(|line| line.contains("RESUBMITDEFER")).collect();
    assert_eq!(
        asked,
        [
            "  0:10:30  P   RESUBMITDEFER database DB, until 12:10:30 (48 times, the last at",
            " 12:10:30  P   RESUBMITDEFER database DB, until 12:25:30",
            " 12:25:30  P   RESUBMITDEFER database DB, until 48:10:30 (143 times, the last at",
        ]
    );
}

#[test]
fn it_ends_by_itself_at_until_or_at_a_bound() {
    let stays_down = || {
        Play::new(PAIR)
            .down(0, "HB")
            .mail(5, "ann@x.example", &["bob@x.example"])
    };
    let over = text(stays_down().until(1));
    assert!(
        over.contains("○ m1       bob@x.example  queued  0:00:05       0  HA, queue to site B"),
        "{over}"
    );
    assert!(
        over.ends_with(
            "\
The time of the scenario is over; something last happened at 0:54:05. 16 events
were handled.
"
        ),
        "{over}"
    );
    let play = expecting(waiting(), None, |one| one.fate = Some(FateKind::Delivered));
    let (bound, open, run) = told(&stage(play), SimulateFormat::Text, Bounds { events_max: 5 });
    assert!(run.limit_hit && open.len() == 1 && !open[0].has_failed(&run));
    assert!(bound.contains("Of 1 expectation: 1 not decided."), "{bound}");
    assert!(
        bound.ends_with(
            "\
A bound was reached at 0:01:05, after 5 events, and what would have come is not
known. Raise --max-events.
"
        ),
        "{bound}"
    );
}

#[test]
fn what_is_expected_is_held_against_what_came() {
    let (hour, hb) = (SimTime::from_secs(3600), Play::new(PAIR).server("HB"));
    let ha = Play::new(PAIR).server("HA");
    // Delivered to bob and cid at 1:04:06 each; the group is nobody's address any more.
    let base = || {
        Play::new(PAIR)
            .down(0, "HB")
            .mail(5, "ann@x.example", &["team@x.example"])
            .up(3600, "HB")
    };
    type Change = Box<dyn Fn(&mut Expectation)>;
    type Case = (&'static str, Option<&'static str>, Change, usize, Vec<Wanted>);
    let arrived = SimTime::from_secs(3846);
    let cases: Vec<Case> = vec![
        (
            "everybody got it",
            None,
            Box::new(|one| one.fate = Some(FateKind::Delivered)),
            0,
            vec![],
        ),
        (
            "nobody lost it",
            None,
            Box::new(|one| one.fate = Some(FateKind::Lost)),
            2,
            vec![Wanted::Fate(FateKind::Lost)],
        ),
        (
            "one of them",
            Some("BOB@x.example"),
            Box::new(|one| one.copies = Some(2)),
            1,
            vec![Wanted::Copies(2)],
        ),
        (
            "before is before",
            None,
            Box::new(move |one| one.before = Some(arrived)),
            2,
            vec![Wanted::Before(arrived)],
        ),
        (
            "and a millisecond later it is",
            None,
            Box::new(move |one| one.before = Some(SimTime::from_ms(arrived.ms() + 1))),
            0,
            vec![],
        ),
        (
            "after is at or after",
            None,
            Box::new(move |one| one.after = Some(arrived)),
            0,
            vec![],
        ),
        (
            "and not a millisecond earlier",
            None,
            Box::new(move |one| one.after = Some(SimTime::from_ms(arrived.ms() + 1))),
            2,
            vec![Wanted::After(SimTime::from_ms(3_846_001))],
        ),
        (
            "what arrived waits nowhere",
            None,
            Box::new(move |one| one.queued_at = Some(hb)),
            2,
            vec![Wanted::QueuedAt(hb)],
        ),
        (
            "no copy for a group",
            Some("team@x.example"),
            Box::new(|one| one.copies = Some(0)),
            0,
            vec![],
        ),
        (
            "a group gets nothing",
            Some("team@x.example"),
            Box::new(|one| one.fate = Some(FateKind::Delivered)),
            1,
            vec![Wanted::Fate(FateKind::Delivered)],
        ),
        (
            "all that is wrong",
            Some("cid@x.example"),
            Box::new(move |one| {
                one.fate = Some(FateKind::Queued);
                one.before = Some(hour);
                one.copies = Some(1);
            }),
            1,
            vec![Wanted::Fate(FateKind::Queued), Wanted::Before(SimTime::from_secs(3600))],
        ),
    ];
    for (why, recipient, change, many, wanted) in cases {
        let (_, unmet, run) = told(
            &stage(expecting(base(), recipient, change)),
            SimulateFormat::JsonLines,
            Bounds::default(),
        );
        assert_eq!(unmet.len(), many, "{why}: {unmet:?}");
        for one in &unmet {
            assert_eq!(one.wanted.as_slice(), wanted.as_slice(), "{why}");
            assert_eq!((one.expectation, one.has_failed(&run)), (0, true), "{why}");
        }
    }
    // What waits is decided only where just that is expected.
    for (fate, before, queued_at, met) in [
        (None, None, Some(ha), true),
        (None, None, Some(hb), false),
        (None, Some(hour), None, false),
        (Some(FateKind::Queued), Some(hour), None, true),
        (Some(FateKind::Queued), Some(SimTime::from_secs(5)), None, false),
    ] {
        let play = expecting(waiting().until(1), None, |one| {
            (one.fate, one.before, one.queued_at) = (fate, before, queued_at);
        });
        let mut play = play;
        play.scenario.events.pop();
        let (_, unmet, _) = told(&stage(play), SimulateFormat::JsonLines, Bounds::default());
        assert_eq!(unmet.is_empty(), met, "{fate:?} {before:?} {queued_at:?}: {unmet:?}");
    }
}
